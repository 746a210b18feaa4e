//! Events that a function took: how often they are tried, and who is told how it ended.

use crate::rig::{Rig, has, run, text};
use mesh_models::{lambda, sqs};
use mesh_queues::Queues;
use mesh_router::Service;
use serde_json::{Value, json};
use std::time::Duration;

const CODE: &str = "
def handler(event, context):
    if event.get('bad'):
        raise ValueError('no good')
    return 'done'
";

async fn rig() -> Rig {
    #[expect(clippy::disallowed_methods, reason = "a test has no options from the command line")]
    let path = std::env::var("PATH").expect("PATH is set");
    let rig = Rig::with(path.into(), |registry| Queues.register(registry));
    rig.create("f", "python3.12", "index.handler", &[("index.py", CODE)]).await;
    for name in ["dead", "done", "failed"] {
        let input = sqs::CreateQueueInput { queue_name: text(name), ..Default::default() };
        rig.call::<sqs::CreateQueue>(input).await.expect("a queue");
    }
    rig.configure("f", |change| {
        change.dead_letter_config = Some(lambda::DeadLetterConfig { target_arn: Some(arn("dead")) });
    })
    .await;
    rig
}

fn arn(name: &str) -> String {
    format!("arn:aws:sqs:us-east-1:000000000000:{name}")
}

async fn set(rig: &Rig, retries: i32) {
    let input = lambda::PutFunctionEventInvokeConfigInput {
        function_name: text("f"),
        maximum_retry_attempts: Some(retries),
        destination_config: Some(lambda::DestinationConfig {
            on_success: Some(lambda::OnSuccess { destination: Some(arn("done")) }),
            on_failure: Some(lambda::OnFailure { destination: Some(arn("failed")) }),
        }),
        ..Default::default()
    };
    rig.call::<lambda::PutFunctionEventInvokeConfig>(input).await.expect("it is set");
}

async fn send(rig: &Rig, event: Value) {
    let input = lambda::InvokeInput {
        function_name: text("f"),
        invocation_type: text("Event"),
        payload: Some(mesh_wire::Blob::new(event.to_string())),
        ..Default::default()
    };
    rig.call::<lambda::Invoke>(input).await.expect("it is taken");
    rig.universe().clock().settle().await;
}

/// What is in a queue: bodies and the attributes' values.
async fn told(rig: &Rig, queue: &str) -> Vec<(Value, Vec<(String, String)>)> {
    let input = sqs::ReceiveMessageInput {
        queue_url: Some(format!("http://localhost:4566/000000000000/{queue}")),
        max_number_of_messages: Some(10),
        message_attribute_names: Some(vec!["All".to_owned()]),
        ..Default::default()
    };
    let messages = rig.call::<sqs::ReceiveMessage>(input).await.expect("an answer").messages;
    let read = |message: sqs::Message| {
        let body = serde_json::from_str(&message.body.expect("a body")).expect("JSON");
        let attributes = message.message_attributes.unwrap_or_default().into_iter();
        (body, attributes.map(|(name, value)| (name, value.string_value.expect("a text"))).collect())
    };
    messages.unwrap_or_default().into_iter().map(read).collect()
}

// recordings/lambda.json::TestLambdaDestinationSqs
#[test]
fn destinations_are_told_of_success_and_of_the_last_failure() {
    if !has("python3") {
        return;
    }
    run(async {
        let rig = rig().await;
        set(&rig, 1).await;
        send(&rig, json!({})).await;
        let done = told(&rig, "done").await;
        assert_eq!(done[0].0["requestContext"]["condition"], "Success");
        assert_eq!(done[0].0["requestContext"]["approximateInvokeCount"], 1);
        assert_eq!(done[0].0["responsePayload"], "done");
        assert_eq!(done[0].0["responseContext"], json!({ "statusCode": 200, "executedVersion": "$LATEST" }));
        send(&rig, json!({ "bad": true })).await;
        assert_eq!(told(&rig, "failed").await, []);
        rig.universe().clock().advance(Duration::from_secs(61)).await;
        let failed = told(&rig, "failed").await;
        let record = &failed[0].0;
        assert_eq!(record["requestContext"]["condition"], "RetriesExhausted");
        assert_eq!(record["requestContext"]["approximateInvokeCount"], 2);
        assert_eq!(record["requestPayload"], json!({ "bad": true }));
        assert_eq!(record["responseContext"]["functionError"], "Unhandled");
        assert_eq!(record["responsePayload"]["errorType"], "ValueError");
        let dead = told(&rig, "dead").await;
        assert_eq!(dead[0].0, json!({ "bad": true }));
        let attributes = &dead[0].1;
        assert_eq!(attributes[0], ("ErrorCode".to_owned(), "200".to_owned()));
        assert_eq!(attributes[1], ("ErrorMessage".to_owned(), "no good".to_owned()));
        assert_eq!(attributes[2].1, record["requestContext"]["requestId"].as_str().expect("an id"));
        // the one message of before, visible again
        assert_eq!(told(&rig, "done").await.len(), 1);
        rig.end().await;
    });
}

#[test]
fn an_event_that_is_too_old_is_given_up() {
    if !has("python3") {
        return;
    }
    run(async {
        let rig = rig().await;
        set(&rig, 2).await;
        let input = lambda::UpdateFunctionEventInvokeConfigInput {
            function_name: text("f"),
            maximum_event_age_in_seconds: Some(60),
            ..Default::default()
        };
        rig.call::<lambda::UpdateFunctionEventInvokeConfig>(input).await.expect("it is changed");
        send(&rig, json!({ "bad": true })).await;
        rig.universe().clock().advance(Duration::from_secs(300)).await;
        let failed = told(&rig, "failed").await;
        assert_eq!(failed[0].0["requestContext"]["condition"], "EventAgeExceeded");
        assert_eq!(failed.len(), 1);
        rig.end().await;
    });
}
