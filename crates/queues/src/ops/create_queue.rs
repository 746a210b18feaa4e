//! CreateQueue: makes a queue, or finds the one that is there with the same attributes.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html>
//! Done: QueueName Attributes tags
//! Stored: -
//! Refused: -
//! Deviates: a queue may be created again at once after it was deleted

use crate::domain::{QueueAddress, QueueAttributes, QueueName, tags};
use crate::state::directory::{self, Directory, Entry};
use mesh_models::sqs::{CreateQueueError, CreateQueueInput, CreateQueueOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: CreateQueueInput,
) -> Result<CreateQueueOutput, CreateQueueError> {
    let CreateQueueInput { queue_name, attributes: wanted, tags } = input;
    let (name, wanted) = (queue_name.unwrap_or_default(), wanted.unwrap_or_default());
    let (name, mut attributes) = match wanted.get("FifoQueue").map(String::as_str) {
        Some("true") => (QueueName::parse_fifo(&name)?, QueueAttributes::of_fifo()),
        _ => (QueueName::parse(&name)?, QueueAttributes::default()),
    };
    for (name, value) in wanted {
        attributes.set::<CreateQueueError>(&name, &value)?;
    }
    attributes.check()?;
    let tags = tags::check::<CreateQueueError>(tags.unwrap_or_default())?;
    tags::check_count(&tags, name.as_str())?;
    let queue = QueueAddress::of_name(cx, &name);
    cx.write(&queue.key, |state, tx| {
        if state.create(&attributes, &tags, tx)? {
            let entry = Entry { created_at: tx.now(), dead_letters: None };
            tx.on(&directory::key(cx), |directory: &mut Directory, _| {
                directory.queues.insert(name.clone(), entry)
            })?;
            state.note_dead_letters::<CreateQueueError>(&queue, tx)?;
        }
        Ok::<_, CreateQueueError>(())
    })?;
    Ok(CreateQueueOutput { queue_url: Some(queue.url(cx)) })
}
