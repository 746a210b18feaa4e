//! CancelMessageMoveTask: ends a task; what it has moved stays where it is.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CancelMessageMoveTask.html>
//! Done: TaskHandle
//! Stored: -
//! Refused: -
//! Deviates: at once; AWS may move some messages yet

use crate::domain::QueueAddress;
use crate::domain::failure::NoSuchResource;
use crate::domain::moves::{TaskHandle, tasks_of};
use mesh_models::sqs::{CancelMessageMoveTaskError, CancelMessageMoveTaskInput, CancelMessageMoveTaskOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: CancelMessageMoveTaskInput,
) -> Result<CancelMessageMoveTaskOutput, CancelMessageMoveTaskError> {
    let CancelMessageMoveTaskInput { task_handle } = input;
    let handle = TaskHandle::parse(&task_handle.unwrap_or_default())?;
    let gone = NoSuchResource { parameter: "SourceArn" };
    let source = QueueAddress::of_arn(cx, &handle.source).ok_or_else(|| gone.clone())?;
    cx.read(&source.key, |state, _| state.existing().map(|_| ()))?.map_err(|_| gone)?;
    let moved =
        cx.write(&tasks_of(&source), |tasks, _| tasks.cancel::<CancelMessageMoveTaskError>(&handle.id))?;
    let moved = Some(i64::try_from(moved).unwrap_or(i64::MAX));
    Ok(CancelMessageMoveTaskOutput { approximate_number_of_messages_moved: moved })
}
