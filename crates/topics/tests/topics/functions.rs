//! A function is invoked for the topic, and its policy may refuse that.

use crate::register;
use mesh_models::lambda::{AccessDeniedException, Invoke, InvokeError, InvokeInput, InvokeOutput};
use mesh_router::{Caller, Context, Entry, Outcome, Registry};
use mesh_testkit::TestBed;
use mesh_wire::Failure;
use std::fmt;

const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:t";
const DEAD: &str = "arn:aws:sqs:us-east-1:000000000000:dead";

#[derive(Debug)]
struct NotLet;

impl fmt::Display for NotLet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the policy does not let you")
    }
}

impl Failure for NotLet {
    type Shape = AccessDeniedException;
}

/// A Lambda whose function `open` lets the topic invoke it; the others let nobody.
async fn invoke(cx: &Context, input: InvokeInput) -> Result<InvokeOutput, InvokeError> {
    let topic = Caller::Service { name: "sns".into(), source: Some(TOPIC.into()) };
    let is_open = input.function_name.is_some_and(|name| name.ends_with(":open"));
    if is_open && *cx.caller() == topic { Ok(InvokeOutput::default()) } else { Err(NotLet.into()) }
}

fn with_functions(registry: &mut Registry) {
    register(registry);
    registry.operation::<Invoke>(invoke);
}

fn function(name: &str) -> String {
    format!("arn:aws:lambda:us-east-1:000000000000:function:{name}")
}

fn subscribe(bed: &TestBed, name: &str, attributes: &str) {
    let endpoint = function(name);
    let input = format!(
        r#"{{"TopicArn": "{TOPIC}", "Protocol": "lambda", "Endpoint": "{endpoint}", "Attributes": {attributes}}}"#
    );
    assert_eq!(bed.call("sns", "Subscribe", &input).status, 200);
}

#[test]
fn a_refusal_by_the_policy_is_not_tried_again_and_goes_to_the_dead_letters() {
    let bed = TestBed::new(with_functions);
    bed.call("sns", "CreateTopic", r#"{"Name": "t"}"#);
    bed.call("sqs", "CreateQueue", r#"{"QueueName": "dead"}"#);
    subscribe(&bed, "closed", "{}");
    subscribe(&bed, "kept", &format!(r#"{{"RedrivePolicy": "{{\"deadLetterTargetArn\": \"{DEAD}\"}}"}}"#));
    subscribe(&bed, "open", "{}");
    bed.call("sns", "Publish", &format!(r#"{{"TopicArn": "{TOPIC}", "Message": "m"}}"#));
    bed.settle();
    let entries = bed.router().record().of(&bed.universe());
    let outcome = |name: &str| {
        let to = format!("sns lambda {}", function(name));
        entries.iter().find_map(|entry| match entry {
            Entry::Delivery(delivery) if delivery.to == to => Some(delivery.outcome.clone()),
            _ => None,
        })
    };
    let last_error = "AccessDeniedException: the policy does not let you".into();
    assert_eq!(outcome("closed"), Some(Outcome::Failed { after: 1, last_error }));
    assert_eq!(outcome("kept"), Some(Outcome::DeadLettered { queue: DEAD.into() }));
    assert_eq!(outcome("open"), Some(Outcome::Delivered));
}
