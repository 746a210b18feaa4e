//! However many messages are past their retention, none of them is in the way.

use crate::real::Real;
use mesh_models::sqs::CreateQueueError;
use mesh_queues::domain::QueueAttributes;
use mesh_queues::state::queue::Extras;
use mesh_wire::ApiError;

#[test]
fn a_group_whose_messages_in_flight_are_all_past_their_retention_can_be_received_from() {
    let mut attributes = QueueAttributes::of_fifo();
    let set = attributes.set::<CreateQueueError>("MessageRetentionPeriod", "60");
    set.map_err(ApiError::from).expect("it is in range");
    let mut real = Real::new(&attributes, ".fifo");
    let send = |real: &Real, body: &str| {
        let (group_id, deduplication_id) = (Some("g".into()), Some(body.into()));
        real.send(body, 0, Extras { group_id, deduplication_id, ..Extras::default() })
    };
    for number in 0..1_500 {
        send(&real, &number.to_string());
    }
    assert_eq!(real.receive(1_500, Some(600)).len(), 1_500);
    real.pass(60);
    send(&real, "later");
    let received: Vec<_> = real.receive(10, None).into_iter().map(|(body, _, _)| body).collect();
    assert_eq!(received, ["later"]);
}
