//! Long polls end when their caller hangs up, wherever they wait.

use crate::rig::{FROZEN, context, default, router_of, sender, soon};
use mesh_models::sqs::{
    ReceiveMessage, ReceiveMessageError, ReceiveMessageInput, ReceiveMessageOutput, SendMessage,
    SendMessageInput,
};
use mesh_router::{Context, Tried};
use mesh_store::Signal;
use mesh_types::Need;
use std::time::Duration;

/// Waits an hour for nothing.
async fn wait(cx: &Context) -> Result<(), Need> {
    let look = || Ok(Tried { answer: (), found: false, look_again_at: None });
    cx.as_service("sns").long_poll(&sender("q"), Signal(1), Duration::from_secs(3_600), look).await
}

async fn receive(cx: &Context, _: ReceiveMessageInput) -> Result<ReceiveMessageOutput, ReceiveMessageError> {
    wait(cx).await?;
    Ok(ReceiveMessageOutput::default())
}

#[tokio::test]
async fn a_nested_long_poll_ends_when_the_client_hangs_up() {
    let router = router_of(FROZEN, |registry| registry.operation::<ReceiveMessage>(receive));
    let universe = default(&router);
    let cx = context(&router, &universe);
    let nested = tokio::spawn({
        let (cx, busy) = (cx.clone(), universe.clock().activity().begin());
        async move {
            let input = ReceiveMessageInput { queue_url: Some("q".into()), ..Default::default() };
            let called = cx.as_service("apigateway").call::<ReceiveMessage>(input).await;
            drop(busy);
            called.is_ok()
        }
    });
    soon(universe.clock().activity().quiet()).await;
    cx.hangup().happen();
    assert!(soon(nested).await.expect("it does not panic"));
}

#[tokio::test]
async fn long_polls_that_are_joined_all_end_when_the_client_hangs_up() {
    let router = router_of(FROZEN, |_| {});
    let universe = default(&router);
    let cx = context(&router, &universe);
    let joined = tokio::spawn({
        let (cx, busy) = (cx.clone(), universe.clock().activity().begin());
        async move {
            let second = async {
                let _busy = cx.universe().clock().activity().begin();
                wait(&cx).await
            };
            // The first looks once more when it is signalled, and waits again.
            let ended = tokio::join!(wait(&cx), second);
            drop(busy);
            ended
        }
    });
    soon(universe.clock().activity().quiet()).await;
    universe.signal(&sender("q"), Signal(1));
    soon(universe.clock().activity().quiet()).await;
    cx.hangup().happen();
    let (first, second) = soon(joined).await.expect("it does not panic");
    assert!(first.is_ok() && second.is_ok());
    assert_eq!((universe.clock().activity().running(), universe.waiting()), (0, 0));
}

#[tokio::test]
async fn detached_work_does_not_hear_of_the_hang_up() {
    let router = router_of(FROZEN, |_| {});
    let cx = context(&router, &default(&router));
    let detached = cx.as_service("lambda").detached();
    cx.caused_by(cx.cause()).hangup().happen();
    assert!(cx.hangup().has_happened() && cx.as_service("sns").hangup().has_happened());
    assert!(!detached.hangup().has_happened() && !detached.as_service("sns").hangup().has_happened());
    assert!(detached.call::<SendMessage>(SendMessageInput::default()).await.is_err(), "without a queue");
}
