//! A queue and its dead-letter queue in a store, for comparing them with a model.

use mesh_clock::{Mode, Seed};
use mesh_models::sqs::{
    ChangeMessageVisibilityError, CreateQueueError, DeleteMessageError, ReceiveMessageError, SendMessageError,
};
use mesh_queues::domain::{Counts, Draft, Order, QueueAddress, QueueAttributes, Receipt, Receive};
use mesh_queues::state::directory::Directory;
use mesh_queues::state::queue::{Extras, Message, QueueState};
use mesh_store::{Cause, Key, Kinds, Tx, Universe, UniverseName, Universes};
use mesh_types::{AccountId, Region, Timestamp};
use mesh_wire::ApiError;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// As often a message is received at most.
pub(crate) const MAX_RECEIVES: u32 = 3;

pub(crate) struct Real {
    universes: Universes,
    universe: Universe,
    queue: QueueAddress,
    dead: QueueAddress,
    now: i64,
    copies: usize,
}

/// The body of a message, how often it was received, and its receipt.
pub(crate) type Got = (String, u32, Receipt);

fn name(text: &str) -> UniverseName {
    UniverseName::parse(text).expect("it is a name")
}

impl Real {
    /// A queue with these attributes, whose dead letters go to another of its kind. `suffix` ends their names.
    pub(crate) fn new(attributes: &QueueAttributes, suffix: &str) -> Self {
        let mut kinds = Kinds::default();
        kinds.add::<QueueState>();
        kinds.add::<Directory>();
        let universes = Universes::of_kinds(kinds, Seed(1), Mode::Frozen { at: Timestamp::from_secs(0) });
        let universe = universes.get(&UniverseName::DEFAULT).expect("it is there from the beginning");
        let address = |stem: &str| QueueAddress {
            key: Key::new(AccountId::DEFAULT, Region::DEFAULT, format!("{stem}{suffix}")),
        };
        let real =
            Self { universes, universe, queue: address("q"), dead: address("dead"), now: 0, copies: 0 };
        real.create(&real.dead, attributes);
        let policy =
            format!(r#"{{"deadLetterTargetArn":"{}","maxReceiveCount":{MAX_RECEIVES}}}"#, real.dead.arn());
        let mut attributes = attributes.clone();
        let set = attributes.set::<CreateQueueError>("RedrivePolicy", &policy);
        set.map_err(ApiError::from).expect("it is a policy");
        real.create(&real.queue, &attributes);
        real
    }

    fn create(&self, queue: &QueueAddress, attributes: &QueueAttributes) {
        let create = |state: &mut QueueState, tx: &mut Tx<'_>| {
            state.create(attributes, &BTreeMap::new(), tx)?;
            Ok::<_, CreateQueueError>(())
        };
        self.universe.write(&queue.key, Cause::Deadline, create).map_err(ApiError::from).expect("it is new");
    }

    /// Goes on in a fork.
    pub(crate) fn fork(&mut self) {
        self.copies += 1;
        self.universe = self.universe.fork(name(&format!("fork-{}", self.copies)));
    }

    /// Goes on with what was written to a file and read from it: rows alone, in their stored form.
    pub(crate) fn reopen(&mut self) {
        self.copies += 1;
        let mut file = Vec::new();
        self.universe.export(&mut file).expect("memory takes it");
        let copy = name(&format!("read-{}", self.copies));
        self.universe = self.universes.import(copy, &file[..], false).expect("it can be read");
        self.pass(self.now);
    }

    /// Sends a message, and answers its id.
    pub(crate) fn send(&self, body: &str, delay: i64, extras: Extras) -> u128 {
        let delay = i32::try_from(delay).ok().filter(|delay| *delay > 0);
        let draft = Draft::check::<SendMessageError>(Some(body.to_owned()), delay, extras);
        let draft = draft.map_err(ApiError::from).expect("it is sound");
        let send = |state: &mut QueueState, tx: &mut Tx<'_>| {
            state.send::<SendMessageError>(&draft, AccountId::DEFAULT, tx)
        };
        let sent = self.universe.write(&self.queue.key, Cause::Deadline, send);
        sent.map_err(ApiError::from).expect("the queue is there").id
    }

    pub(crate) fn receive(&self, count: usize, timeout: Option<i64>) -> Vec<Got> {
        let visibility_timeout = timeout.map(|timeout| Duration::from_secs(timeout.unsigned_abs()));
        let request = Receive {
            count,
            visibility_timeout,
            order: Order::Usual,
            hides: true,
            limits_in_flight: false,
            attempt: None,
        };
        let receive = |state: &mut QueueState, tx: &mut Tx<'_>| {
            state.receive::<ReceiveMessageError>(&self.queue, &request, tx)
        };
        let received = loop {
            let received = self.universe.write(&self.queue.key, Cause::Deadline, receive);
            let received = received.map_err(ApiError::from).expect("the queue is there");
            if !received.goes_on {
                break received;
            }
        };
        let queue = self.queue.key.hash();
        let show = |(sequence, message): (u64, Arc<Message>)| {
            let receipt = Receipt { queue, sequence, receipt: message.receipt };
            (message.body.to_string(), message.receives, receipt)
        };
        received.messages.into_iter().map(show).collect()
    }

    /// Deletes by a receipt; false where it is refused.
    pub(crate) fn delete(&self, receipt: Receipt) -> bool {
        let delete =
            |state: &mut QueueState, tx: &mut Tx<'_>| state.delete_message::<DeleteMessageError>(receipt, tx);
        self.universe.write(&self.queue.key, Cause::Deadline, delete).is_ok()
    }

    pub(crate) fn hide(&self, receipt: Receipt, timeout: i64) -> bool {
        let timeout = Duration::from_secs(timeout.unsigned_abs());
        let hide = |state: &mut QueueState, tx: &mut Tx<'_>| {
            state.hide::<ChangeMessageVisibilityError>(receipt, timeout, tx)
        };
        self.universe.write(&self.queue.key, Cause::Deadline, hide).is_ok()
    }

    pub(crate) fn counts(&self) -> Counts {
        loop {
            let count = |state: &mut QueueState, tx: &mut Tx<'_>| {
                Ok::<_, DeleteMessageError>(state.counts(tx.now())?)
            };
            let counts = self.universe.write(&self.queue.key, Cause::Deadline, count).map_err(ApiError::from);
            if let Some(counts) = counts.expect("the queue is there") {
                return counts;
            }
        }
    }

    /// The bodies of the dead letters, in their order.
    pub(crate) fn dead_letters(&self) -> Vec<String> {
        let bodies = |state: &QueueState, _| -> Vec<String> {
            state.messages.range(..).map(|(_, message)| message.body.to_string()).collect()
        };
        self.universe.read(&self.dead.key, bodies).expect("the universe is there")
    }

    pub(crate) fn pass(&mut self, now: i64) {
        self.now = now;
        self.universe.clock().set_mode(Mode::Frozen { at: Timestamp::from_secs(now) });
    }
}
