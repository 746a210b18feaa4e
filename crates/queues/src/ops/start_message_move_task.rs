//! StartMessageMoveTask: begins to move the messages of a dead-letter queue to another queue, or back.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html>
//! Done: SourceArn DestinationArn MaxNumberOfMessagesPerSecond
//! Stored: -
//! Refused: -
//! Deviates: without a rate all messages are moved at once

use crate::domain::QueueAddress;
use crate::domain::failure::NoSuchResource;
use crate::domain::moves::{Move, TaskHandle, check_rate, tasks_of};
use mesh_models::sqs::{StartMessageMoveTaskError, StartMessageMoveTaskInput, StartMessageMoveTaskOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: StartMessageMoveTaskInput,
) -> Result<StartMessageMoveTaskOutput, StartMessageMoveTaskError> {
    let StartMessageMoveTaskInput { source_arn, destination_arn, max_number_of_messages_per_second } = input;
    let rate = max_number_of_messages_per_second.map(check_rate).transpose()?;
    let find = |arn: &str, parameter| QueueAddress::of_arn(cx, arn).ok_or(NoSuchResource { parameter });
    let source = find(&source_arn.unwrap_or_default(), "SourceArn")?;
    let destination = destination_arn.map(|arn| find(&arn, "DestinationArn")).transpose()?;
    let wanted = Move { source, destination, rate };
    let task = cx.write(&tasks_of(&wanted.source), |tasks, tx| {
        tasks.start::<StartMessageMoveTaskError>(&wanted, tx)
    })?;
    let handle = TaskHandle::of(&task, &wanted.source).text();
    Ok(StartMessageMoveTaskOutput { task_handle: Some(handle) })
}
