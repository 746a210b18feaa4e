//! A standard queue gives out no more once as many messages are in flight as may be.

use mesh_clock::{Mode, Seed};
use mesh_models::sqs::{DeleteMessageError, ReceiveMessageError, SendMessageError};
use mesh_queues::domain::{Draft, Order, QueueAddress, QueueAttributes, Receipt, Receive, Received, Tags};
use mesh_queues::limits::MAX_IN_FLIGHT;
use mesh_queues::state::queue::{Extras, QueueState};
use mesh_store::{Cause, Key, Tx, Universe, UniverseName};
use mesh_types::{AccountId, Region, Timestamp};
use mesh_wire::ApiError;

#[test]
fn at_the_limit_nothing_is_received_until_a_message_is_deleted_or_visible_again() {
    let at = Timestamp::from_secs(0);
    let universe = Universe::new(UniverseName::DEFAULT, Seed(1), Mode::Frozen { at });
    let key = Key::new(AccountId::DEFAULT, Region::DEFAULT, "q");
    let queue = QueueAddress { key: key.clone() };
    let draft = Draft::check::<SendMessageError>(Some("x".to_owned()), None, Extras::default());
    let draft = draft.map_err(ApiError::from).expect("it is sound");
    let limit = usize::try_from(MAX_IN_FLIGHT).expect("it fits");
    let receive = |count: usize| {
        let request = Receive {
            count,
            visibility_timeout: None,
            order: Order::Usual,
            hides: true,
            limits_in_flight: true,
            attempt: None,
        };
        let work = |state: &mut QueueState, tx: &mut Tx<'_>| {
            state.receive::<ReceiveMessageError>(&queue, &request, tx)
        };
        let received: Result<Received, _> = universe.write(&key, Cause::Deadline, work);
        received.map_err(ApiError::from).expect("the queue is there")
    };
    let fill = |state: &mut QueueState, tx: &mut Tx<'_>| {
        let created = state.create(&QueueAttributes::default(), &Tags::new(), tx);
        assert_eq!(created, Ok(true));
        (0..limit + 15)
            .try_for_each(|_| state.send::<SendMessageError>(&draft, AccountId::DEFAULT, tx).map(drop))
    };
    universe.write(&key, Cause::Deadline, fill).map_err(ApiError::from).expect("it is new");
    assert_eq!(receive(limit - 5).messages.len(), limit - 5);
    let last = receive(10);
    assert_eq!((last.messages.len(), last.is_full), (5, false), "as many as there is room for");
    let none = receive(10);
    assert_eq!((none.messages.len(), none.is_full), (0, true));
    // Who waits looks again when the first of those in flight is back, and not at once for what is visible already.
    assert_eq!(none.next_visible_at, Some(Timestamp::from_secs(30)));
    let (sequence, message) = &last.messages[0];
    let receipt = Receipt { queue: key.hash(), sequence: *sequence, receipt: message.receipt };
    let delete =
        |state: &mut QueueState, tx: &mut Tx<'_>| state.delete_message::<DeleteMessageError>(receipt, tx);
    universe.write(&key, Cause::Deadline, delete).map_err(ApiError::from).expect("the queue is there");
    assert_eq!(receive(10).messages.len(), 1);
    assert!(receive(10).is_full);
    universe.clock().set_mode(Mode::Frozen { at: Timestamp::from_secs(30) });
    assert_eq!(receive(10).messages.len(), 10);
}
