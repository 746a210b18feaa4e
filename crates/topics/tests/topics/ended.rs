//! A subscription that someone who did not sign has ended.

use crate::register;
use mesh_models::sns;
use mesh_router::{Caller, Context, ContextParts};
use mesh_testkit::TestBed;
use mesh_topics::state::topic::TopicState;

const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:t";

/// The context of someone who does not sign.
fn anonymous(bed: &TestBed) -> Context {
    let cx = bed.context();
    let parts = ContextParts {
        universe: cx.universe().clone(),
        account: cx.account(),
        region: cx.region().clone(),
        caller: Caller::Anonymous,
        request_id: cx.request_id(),
        trace: None,
        cause: cx.cause(),
        arrived_at: cx.arrived_at(),
        endpoint: cx.endpoint().clone(),
    };
    Context::new(bed.router(), parts)
}

#[test]
fn an_endpoint_that_was_subscribed_anew_has_one_subscription_when_the_old_one_is_asked_back() {
    let bed = TestBed::new(register);
    let call = |operation: &str, input: &str| {
        let answer = bed.call("sns", operation, input);
        assert_eq!(answer.status, 200, "{operation}: {:?}", answer.body);
        answer.body.to_string()
    };
    call("CreateTopic", r#"{"Name": "t"}"#);
    let subscribe = format!(r#"{{"TopicArn": "{TOPIC}", "Protocol": "email", "Endpoint": "a@b.test"}}"#);
    call("Subscribe", &subscribe);
    let cx = anonymous(&bed);
    let first =
        cx.read(&cx.key::<TopicState>("t"), |state, _| state.subscriptions.first().map(|(_, it)| it.clone()));
    let first = first.expect("the universe is there").expect("the subscription is there");
    let token = first.token.expect("its endpoint was asked");
    let confirm = format!(r#"{{"TopicArn": "{TOPIC}", "Token": "{token:032x}"}}"#);
    call("ConfirmSubscription", &confirm);
    let input = sns::UnsubscribeInput { subscription_arn: Some(first.arn.to_string()) };
    bed.block_on("ending it", cx.call::<sns::Unsubscribe>(input)).expect("it can be ended");
    call("Subscribe", &subscribe);
    call("ConfirmSubscription", &confirm);
    let listed = call("ListSubscriptionsByTopic", &format!(r#"{{"TopicArn": "{TOPIC}"}}"#));
    assert_eq!(listed.matches("a@b.test").count(), 1, "{listed}");
    assert!(!listed.contains("PendingConfirmation"), "{listed}");
}
