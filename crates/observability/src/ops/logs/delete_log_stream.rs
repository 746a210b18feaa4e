//! DeleteLogStream: takes a stream away with its events.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogStream.html>
//! Done: logGroupName logStreamName
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::GroupAddress;
use mesh_models::logs::{DeleteLogStreamError, DeleteLogStreamInput, DeleteLogStreamOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: DeleteLogStreamInput,
) -> Result<DeleteLogStreamOutput, DeleteLogStreamError> {
    let DeleteLogStreamInput { log_group_name, log_stream_name } = input;
    let group = GroupAddress::of_name(cx, log_group_name.unwrap_or_default());
    let name = log_stream_name.unwrap_or_default();
    cx.write(&group.key, |state, _| state.delete_stream::<DeleteLogStreamError>(&name))?;
    Ok(DeleteLogStreamOutput {})
}
