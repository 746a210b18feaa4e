//! Amazon SQS for mesh-local.
//!
//! **State.** One partition a queue ([`state::queue`]): its settings and its messages, which are indexed by the moment
//! at which they become visible, and in a FIFO queue by the moment at which their group can be received from. A FIFO queue
//! also remembers for five minutes what it was sent ([`state::sent`]). A directory for each account and Region
//! ([`state::directory`]) lists the queues, and where their dead letters go. Creating and deleting a queue changes both in
//! one transaction, and moving dead letters two queues; everything else touches the queue alone, so two busy queues share
//! no lock.
//!
//! **Reading order.** [`state`] (what is stored), [`domain`] (the rules, synchronous), [`ops`] (one file an operation),
//! `driver` (what goes on by itself: the tasks of [`state::moves`]), [`limits`] (AWS's numbers).
//!
//! **Invariants.**
//! - A message is visible exactly when its `visible_at` has passed; delay, visibility timeout and "received" are that one
//!   number. No timer is set for it: whoever waits for messages also waits for the earliest of these moments.
//! - A receipt handle names queue, message and receipt. An older receipt of a message does not delete it.
//! - Receiving and counting cost the same in a queue of ten and of ten million messages, and of as many groups.
//! - In a FIFO queue a message has a deduplication id, given or made of its body, and in a standard queue none. Nothing of
//!   a group is received while some of it is in flight.
//! - A message that goes to a dead-letter queue is in one of the two at any moment; one transaction moves a bounded number.
//!
//! **Deviations.** A deleted queue may be created again at once; AWS makes the caller wait for sixty seconds. A changed
//! delay of a FIFO queue holds for messages that are sent later; AWS applies it to those that are there too. A batch
//! without entries is refused in awsQuery as a missing parameter, since that protocol cannot tell it from one.

pub mod domain;
mod driver;
pub mod limits;
pub mod ops;
mod outgoing;
mod page;
mod peek;
pub mod state;

use mesh_models::sqs;
use mesh_router::{Registry, Service};

/// Amazon SQS.
#[derive(Debug, Default, Clone, Copy)]
pub struct Queues;

impl Service for Queues {
    fn register(self, registry: &mut Registry) {
        registry.site(peek::Peek);
        registry.partition::<state::directory::Directory>();
        registry.partition::<state::queue::QueueState>();
        registry.partition::<state::moves::MoveTasks>();
        registry.driver::<state::moves::MoveTasks, _>(driver::move_messages);
        registry.operation::<sqs::AddPermission>(ops::add_permission::run);
        registry.operation::<sqs::CancelMessageMoveTask>(ops::cancel_message_move_task::run);
        registry.operation::<sqs::ChangeMessageVisibility>(ops::change_message_visibility::run);
        registry.operation::<sqs::ChangeMessageVisibilityBatch>(ops::change_message_visibility_batch::run);
        registry.operation::<sqs::CreateQueue>(ops::create_queue::run);
        registry.operation::<sqs::DeleteMessage>(ops::delete_message::run);
        registry.operation::<sqs::DeleteMessageBatch>(ops::delete_message_batch::run);
        registry.operation::<sqs::DeleteQueue>(ops::delete_queue::run);
        registry.operation::<sqs::GetQueueAttributes>(ops::get_queue_attributes::run);
        registry.operation::<sqs::GetQueueUrl>(ops::get_queue_url::run);
        registry.operation::<sqs::ListDeadLetterSourceQueues>(ops::list_dead_letter_source_queues::run);
        registry.operation::<sqs::ListMessageMoveTasks>(ops::list_message_move_tasks::run);
        registry.operation::<sqs::ListQueueTags>(ops::list_queue_tags::run);
        registry.operation::<sqs::ListQueues>(ops::list_queues::run);
        registry.operation::<sqs::PurgeQueue>(ops::purge_queue::run);
        registry.operation::<sqs::ReceiveMessage>(ops::receive_message::run);
        registry.operation::<sqs::RemovePermission>(ops::remove_permission::run);
        registry.operation::<sqs::SendMessage>(ops::send_message::run);
        registry.operation::<sqs::SendMessageBatch>(ops::send_message_batch::run);
        registry.operation::<sqs::SetQueueAttributes>(ops::set_queue_attributes::run);
        registry.operation::<sqs::StartMessageMoveTask>(ops::start_message_move_task::run);
        registry.operation::<sqs::TagQueue>(ops::tag_queue::run);
        registry.operation::<sqs::UntagQueue>(ops::untag_queue::run);
    }
}
