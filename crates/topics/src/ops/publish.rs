//! Publish: sends a message to the subscriptions of a topic.
//! <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>
//! Done: TopicArn TargetArn PhoneNumber Message Subject MessageStructure MessageAttributes MessageDeduplicationId MessageGroupId
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::delivery::{directly, message_id, sequence_number};
use crate::domain::failure::{EndpointIsDisabled, InvalidParameter, NoSuchEndpoint};
use crate::domain::platform::DeviceAddress;
use crate::domain::{Draft, Place, Protocol, TopicAddress, texting};
use crate::outgoing::Outgoing;
use crate::state::notification::Notification;
use crate::state::sent::{self, Sent};
use mesh_models::sns::{PublishError, PublishInput, PublishOutput};
use mesh_router::Context;
use smol_str::SmolStr;

pub(crate) async fn run(cx: &Context, input: PublishInput) -> Result<PublishOutput, PublishError> {
    let PublishInput {
        topic_arn,
        target_arn,
        phone_number,
        message,
        subject,
        message_structure: structure,
        message_attributes: attributes,
        message_deduplication_id: deduplication_id,
        message_group_id: group_id,
    } = input;
    let outgoing = Outgoing { message, subject, structure, attributes, deduplication_id, group_id };
    let (parameter, arn) = match (topic_arn, target_arn, phone_number) {
        (Some(arn), None, None) => ("TopicArn", arn),
        (None, Some(arn), None) => ("TargetArn", arn),
        (None, None, Some(number)) => {
            let draft = outgoing.check::<PublishError>(cx)?;
            return text(cx, &number, &draft);
        }
        (None, None, None) => {
            let reason = "no value for required parameter";
            return Err(InvalidParameter::because("TopicArn or TargetArn", reason).into());
        }
        _ => {
            let reason = "only one of TopicArn, TargetArn and PhoneNumber can be given";
            return Err(InvalidParameter::because("TargetArn", reason).into());
        }
    };
    if arn.contains(":endpoint/") {
        let draft = outgoing.check::<PublishError>(cx)?;
        return push(cx, parameter, &arn, &draft);
    }
    let topic = TopicAddress::of_arn(cx, parameter, &arn)?;
    let draft = outgoing.check::<PublishError>(cx)?;
    let place = Place::of(&topic);
    let published = cx.write(&topic.key, |state, tx| state.publish::<PublishError>(&draft, place, tx))?;
    cx.concerns([published.id]);
    cx.decided(published.decided);
    Ok(PublishOutput {
        message_id: Some(message_id(published.id)),
        sequence_number: published.sequence.map(sequence_number),
    })
}

/// Sends a text message to a number.
fn text(cx: &Context, number: &str, draft: &Draft) -> Result<PublishOutput, PublishError> {
    let number = texting::check_number(number).map_err(|_| {
        InvalidParameter::because("PhoneNumber", format_args!("{number} is not valid to publish to"))
    })?;
    let wants_none =
        cx.read(&crate::state::texting::key(cx), |state, _| state.opted_out.get(&number).is_some())?;
    let body = draft.content.to(Protocol::Sms).to_owned();
    send(cx, draft, (!wants_none).then_some((Protocol::Sms, number, body)))
}

/// Sends a message to an app on a device.
fn push(cx: &Context, parameter: &str, arn: &str, draft: &Draft) -> Result<PublishOutput, PublishError> {
    let device = DeviceAddress::of_arn(cx, parameter, arn)?;
    let found =
        cx.read(&device.application.key, |state, _| state.device(&device).map(|it| it.is_enabled()))?;
    match found {
        Ok(true) => {}
        Ok(false) => return Err(EndpointIsDisabled.into()),
        // recordings/sns.json::test_publish_non_existent_target
        Err(NoSuchEndpoint) => {
            let reason = "No endpoint found for the target arn specified";
            return Err(InvalidParameter::because("TargetArn", reason).into());
        }
    }
    let body = draft.content.over(device.platform()).to_owned();
    send(cx, draft, Some((Protocol::Application, SmolStr::new(arn), body)))
}

/// Keeps a message where it is looked at; one that nobody wants is only answered.
fn send(
    cx: &Context,
    draft: &Draft,
    to: Option<(Protocol, SmolStr, String)>,
) -> Result<PublishOutput, PublishError> {
    let id = cx.write(&sent::key_of(cx.account(), cx.region()), |state: &mut Sent, tx| {
        let notification = Notification::of_draft(draft, tx);
        let id = notification.id;
        if let Some((protocol, to, body)) = to.clone() {
            state.keep(directly(protocol, to, notification, body));
        }
        Ok::<_, PublishError>(id)
    })?;
    cx.concerns([id]);
    Ok(PublishOutput { message_id: Some(message_id(id)), sequence_number: None })
}
