//! Many at once: nothing is lost, nothing is received twice while it is hidden, and a fork under load is a moment.

use mesh_models::sqs;
use mesh_queues::Queues;
use mesh_router::Service;
use mesh_testkit::TestBed;
use std::collections::BTreeSet;

const SENDERS: usize = 8;
const EACH: usize = 50;

#[test]
fn what_many_send_many_receive_once_and_long_polls_lose_nothing() {
    let bed = TestBed::new(|registry: &mut mesh_router::Registry| Queues.register(registry));
    bed.call("sqs", "CreateQueue", r#"{"QueueName": "q"}"#);
    let cx = bed.context();
    let bodies: Vec<String> = bed.block_on("senders and receivers", async {
        let send = |sender: usize| {
            let cx = cx.clone();
            let busy = cx.universe().clock().activity().begin();
            tokio::spawn(async move {
                let _busy = busy;
                for number in 0..EACH {
                    let body = format!("{sender}-{number}");
                    let input = sqs::SendMessageInput {
                        queue_url: Some("q".to_owned()),
                        message_body: Some(body),
                        ..Default::default()
                    };
                    cx.call::<sqs::SendMessage>(input).await.expect("the queue is there");
                    tokio::task::yield_now().await;
                }
            })
        };
        let receive = || {
            let cx = cx.clone();
            let busy = cx.universe().clock().activity().begin();
            tokio::spawn(async move {
                let _busy = busy;
                let mut bodies = Vec::new();
                while bodies.len() < SENDERS * EACH / 4 {
                    let input = sqs::ReceiveMessageInput {
                        queue_url: Some("q".to_owned()),
                        wait_time_seconds: Some(20),
                        max_number_of_messages: Some(1),
                        ..Default::default()
                    };
                    let output = cx.call::<sqs::ReceiveMessage>(input).await.expect("the queue is there");
                    bodies.extend(output.messages.into_iter().flatten().filter_map(|message| message.body));
                }
                bodies
            })
        };
        let receivers: Vec<_> = (0..4).map(|_| receive()).collect();
        let senders: Vec<_> = (0..SENDERS).map(send).collect();
        for sender in senders {
            sender.await.expect("it does not panic");
        }
        let mut bodies = Vec::new();
        for receiver in receivers {
            bodies.extend(receiver.await.expect("it does not panic"));
        }
        bodies
    });
    let distinct: BTreeSet<&String> = bodies.iter().collect();
    assert_eq!((bodies.len(), distinct.len()), (SENDERS * EACH, SENDERS * EACH));
}
