//! SendMessage: puts one message on a queue.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>
//! Done: QueueUrl MessageBody DelaySeconds MessageAttributes MessageSystemAttributes MessageGroupId MessageDeduplicationId
//! Stored: -
//! Refused: -
//! Deviates: -

use super::{message_bits, message_id};
use crate::domain::failure::{InvalidParameter, InvalidValue};
use crate::domain::{Attribute, AttributeValue, Attributes, Draft, QueueAddress, attributes_digest};
use crate::state::queue::Extras;
use mesh_models::sqs::{
    MessageAttributeValue, MessageSystemAttributeValue, SendMessageError, SendMessageInput, SendMessageOutput,
};
use mesh_router::Context;
use mesh_types::hexadecimal;
use mesh_wire::Map;
use smol_str::SmolStr;

/// The one attribute that a sender may set for AWS's own use.
const TRACE_HEADER: &str = "AWSTraceHeader";

pub(crate) async fn run(
    cx: &Context,
    input: SendMessageInput,
) -> Result<SendMessageOutput, SendMessageError> {
    let SendMessageInput {
        queue_url,
        message_body,
        delay_seconds,
        message_attributes,
        message_system_attributes,
        message_deduplication_id,
        message_group_id,
    } = input;
    let queue = QueueAddress::of_url::<SendMessageError>(cx, &queue_url.unwrap_or_default())?;
    let extras = Extras {
        attributes: message_attributes.map(attributes).transpose()?.unwrap_or_default(),
        trace_header: message_system_attributes.map(trace_header).transpose()?,
        group_id: message_group_id.map(SmolStr::new),
    };
    let draft = Draft::check::<SendMessageError>(message_body, delay_seconds, extras)?;
    if let Some(value) = message_deduplication_id {
        let reason = "The request include parameter that is not valid for this queue type";
        return Err(InvalidValue { parameter: "MessageDeduplicationId", value, reason }.into());
    }
    let sent = cx.write(&queue.key, |state, tx| state.send::<SendMessageError>(&draft, cx.account(), tx))?;
    cx.concerns([message_bits(sent.id)]);
    let extras = draft.extras.as_deref();
    let of_attributes = extras
        .filter(|extras| !extras.attributes.is_empty())
        .map(|extras| attributes_digest(&extras.attributes));
    let of_trace_header = extras.and_then(|extras| extras.trace_header.as_ref()).map(|header| {
        let attribute =
            Attribute { data_type: "String".into(), value: AttributeValue::Text(header.as_str().into()) };
        attributes_digest([(&SmolStr::new_static(TRACE_HEADER), &attribute)])
    });
    Ok(SendMessageOutput {
        md5_of_message_body: Some(hexadecimal(&draft.body_digest)),
        md5_of_message_attributes: of_attributes.map(|digest| hexadecimal(&digest)),
        md5_of_message_system_attributes: of_trace_header.map(|digest| hexadecimal(&digest)),
        message_id: Some(message_id(sent.id)),
        sequence_number: None,
    })
}

fn attributes(sent: Map<MessageAttributeValue>) -> Result<Attributes, InvalidParameter> {
    sent.into_iter()
        .map(|(name, value)| {
            let MessageAttributeValue {
                string_value,
                binary_value,
                // AWS has reserved the lists and does nothing with them.
                string_list_values: _,
                binary_list_values: _,
                data_type,
            } = value;
            let binary = binary_value.as_ref().map(AsRef::as_ref);
            let attribute = Attribute::check(&name, data_type.as_deref(), string_value, binary)?;
            Ok((SmolStr::new(name), attribute))
        })
        .collect()
}

fn trace_header(sent: Map<MessageSystemAttributeValue>) -> Result<SmolStr, InvalidParameter> {
    let mut sent = sent.into_iter();
    let (Some((name, value)), None) = (sent.next(), sent.next()) else {
        let sentence = "Message system attribute name is invalid. Only AWSTraceHeader can be set.".to_owned();
        return Err(InvalidParameter { sentence });
    };
    let header = value.string_value.filter(|header| name == TRACE_HEADER && !header.is_empty());
    let is_string = value.data_type.as_deref() == Some("String");
    header.filter(|_| is_string).map(SmolStr::new).ok_or_else(|| InvalidParameter {
        sentence: format!(
            "The message system attribute '{name}' must be AWSTraceHeader, of type String, not empty."
        ),
    })
}
