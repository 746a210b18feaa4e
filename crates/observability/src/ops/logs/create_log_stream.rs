//! CreateLogStream: makes a stream in a log group.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html>
//! Done: logGroupName logStreamName
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::GroupAddress;
use mesh_models::logs::{CreateLogStreamError, CreateLogStreamInput, CreateLogStreamOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: CreateLogStreamInput,
) -> Result<CreateLogStreamOutput, CreateLogStreamError> {
    let CreateLogStreamInput { log_group_name, log_stream_name } = input;
    let group = GroupAddress::of_name(cx, log_group_name.unwrap_or_default());
    let name = log_stream_name.unwrap_or_default();
    cx.write(&group.key, |state, tx| state.create_stream::<CreateLogStreamError>(&name, tx))?;
    Ok(CreateLogStreamOutput {})
}
