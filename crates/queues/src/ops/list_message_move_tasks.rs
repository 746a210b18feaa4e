//! ListMessageMoveTasks: lists the latest tasks of a dead-letter queue, the latest first.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListMessageMoveTasks.html>
//! Done: SourceArn MaxResults
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::QueueAddress;
use crate::domain::failure::{InvalidParameter, NoSuchResource};
use crate::domain::moves::{TaskHandle, tasks_of};
use crate::limits::MAX_MOVE_TASKS;
use crate::state::moves::{MoveStatus, MoveTask};
use mesh_models::sqs::{
    ListMessageMoveTasksError, ListMessageMoveTasksInput, ListMessageMoveTasksOutput,
    ListMessageMoveTasksResultEntry,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: ListMessageMoveTasksInput,
) -> Result<ListMessageMoveTasksOutput, ListMessageMoveTasksError> {
    let ListMessageMoveTasksInput { source_arn, max_results } = input;
    let limit = limit(max_results.unwrap_or(1))?;
    let gone = NoSuchResource { parameter: "SourceArn" };
    let source = QueueAddress::of_arn(cx, &source_arn.unwrap_or_default()).ok_or_else(|| gone.clone())?;
    cx.read(&source.key, |state, _| state.existing().map(|_| ()))?.map_err(|_| gone)?;
    let tasks = cx.read(&tasks_of(&source), |tasks, _| tasks.tasks.snapshot())?;
    let results = tasks.values().rev().take(limit).map(|task| show(task, &source)).collect();
    Ok(ListMessageMoveTasksOutput { results: Some(results) })
}

fn limit(value: i32) -> Result<usize, InvalidParameter> {
    usize::try_from(value).ok().filter(|limit| (1..=MAX_MOVE_TASKS).contains(limit)).ok_or_else(|| {
        InvalidParameter {
            sentence: format!(
                "Value {value} for parameter MaxResults is invalid. Reason: Must be between 1 and {MAX_MOVE_TASKS}, if \
                 provided."
            ),
        }
    })
}

fn show(task: &MoveTask, source: &QueueAddress) -> ListMessageMoveTasksResultEntry {
    let count = |count: u64| Some(i64::try_from(count).unwrap_or(i64::MAX));
    let is_running = task.status == MoveStatus::Running;
    ListMessageMoveTasksResultEntry {
        // Only what can be cancelled has a handle.
        task_handle: is_running.then(|| TaskHandle::of(task, source).text()),
        status: Some(task.status.text().to_owned()),
        source_arn: Some(source.arn().to_string()),
        destination_arn: task.destination.as_ref().map(ToString::to_string),
        max_number_of_messages_per_second: task.rate.and_then(|rate| i32::try_from(rate).ok()),
        approximate_number_of_messages_moved: count(task.moved),
        approximate_number_of_messages_to_move: count(task.to_move),
        failure_reason: task.status.failure_reason().map(str::to_owned),
        started_timestamp: Some(task.started_at.as_millis()),
    }
}
