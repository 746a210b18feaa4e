//! DeleteLogGroup: takes a log group away with all that is in it.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html>
//! Done: logGroupName
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::GroupAddress;
use crate::state::directory::{self, Directory};
use mesh_models::logs::{DeleteLogGroupError, DeleteLogGroupInput, DeleteLogGroupOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: DeleteLogGroupInput,
) -> Result<DeleteLogGroupOutput, DeleteLogGroupError> {
    let DeleteLogGroupInput { log_group_name } = input;
    let group = GroupAddress::of_name(cx, log_group_name.unwrap_or_default());
    cx.write(&group.key, |state, tx| {
        state.delete::<DeleteLogGroupError>()?;
        tx.on(&directory::key(cx), |directory: &mut Directory, _| directory.groups.remove(group.name()))?;
        Ok::<_, DeleteLogGroupError>(())
    })?;
    Ok(DeleteLogGroupOutput {})
}
