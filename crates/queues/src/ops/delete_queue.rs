//! DeleteQueue: takes a queue away with all that is in it, and ends the waits on it.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html>
//! Done: QueueUrl
//! Stored: -
//! Refused: -
//! Deviates: at once; AWS takes up to sixty seconds

use crate::domain::moves::tasks_of;
use crate::domain::{QueueAddress, QueueName};
use crate::state::directory::{self, Directory};
use mesh_models::sqs::{DeleteQueueError, DeleteQueueInput, DeleteQueueOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: DeleteQueueInput,
) -> Result<DeleteQueueOutput, DeleteQueueError> {
    let DeleteQueueInput { queue_url } = input;
    let queue = QueueAddress::of_url::<DeleteQueueError>(cx, &queue_url.unwrap_or_default())?;
    let name = QueueName::of_existing(queue.key.name());
    let directory = directory::key_of(queue.key.account(), queue.key.region());
    cx.write(&queue.key, |state, tx| {
        state.delete(tx)?;
        tx.on(&tasks_of(&queue), |tasks, _| tasks.tasks.clear())?;
        tx.on(&directory, |directory: &mut Directory, _| directory.queues.remove(&name))?;
        Ok::<_, DeleteQueueError>(())
    })?;
    Ok(DeleteQueueOutput {})
}
