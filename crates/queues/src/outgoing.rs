//! A message as senders hand it in, alone or in a batch.

use crate::domain::failure::{InvalidCharacters, InvalidParameter, InvalidValue, MissingParameter};
use crate::domain::{Attribute, AttributeValue, Attributes, Draft, attributes_digest};
use crate::state::queue::Extras;
use mesh_models::sqs::{MessageAttributeValue, MessageSystemAttributeValue};
use mesh_types::hexadecimal;
use mesh_wire::Map;
use smol_str::SmolStr;

/// The one attribute that a sender may set for AWS's own use.
const TRACE_HEADER: &str = "AWSTraceHeader";

/// A message as it was handed in.
pub(crate) struct Outgoing {
    pub(crate) body: Option<String>,
    pub(crate) delay_seconds: Option<i32>,
    pub(crate) attributes: Option<Map<MessageAttributeValue>>,
    pub(crate) system_attributes: Option<Map<MessageSystemAttributeValue>>,
    pub(crate) deduplication_id: Option<String>,
    pub(crate) group_id: Option<String>,
}

impl Outgoing {
    /// Checks it.
    pub(crate) fn check<E>(self) -> Result<Draft, E>
    where
        E: From<MissingParameter> + From<InvalidCharacters> + From<InvalidValue> + From<InvalidParameter>,
    {
        let Self { body, delay_seconds, attributes: own, system_attributes, deduplication_id, group_id } =
            self;
        let extras = Extras {
            attributes: own.map(attributes).transpose()?.unwrap_or_default(),
            trace_header: system_attributes.map(trace_header).transpose()?,
            group_id: group_id.map(SmolStr::new),
            deduplication_id: deduplication_id.map(SmolStr::new),
            source: None,
        };
        Draft::check(body, delay_seconds, extras)
    }
}

/// The digests of a message that its sender is answered.
pub(crate) struct Digests {
    pub(crate) body: String,
    pub(crate) attributes: Option<String>,
    pub(crate) system_attributes: Option<String>,
}

impl Digests {
    pub(crate) fn of(draft: &Draft) -> Self {
        let extras = draft.extras.as_deref();
        let of_attributes = extras
            .filter(|extras| !extras.attributes.is_empty())
            .map(|extras| attributes_digest(&extras.attributes));
        let of_trace_header = extras.and_then(|extras| extras.trace_header.as_ref()).map(|header| {
            let attribute =
                Attribute { data_type: "String".into(), value: AttributeValue::Text(header.as_str().into()) };
            attributes_digest([(&SmolStr::new_static(TRACE_HEADER), &attribute)])
        });
        Self {
            body: hexadecimal(&draft.body_digest),
            attributes: of_attributes.map(|digest| hexadecimal(&digest)),
            system_attributes: of_trace_header.map(|digest| hexadecimal(&digest)),
        }
    }
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
