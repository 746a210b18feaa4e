//! A message as it comes over the wire, on its own or in a batch.

use crate::domain::failure::{InvalidAttribute, InvalidParameter};
use crate::domain::{Attribute, Attributes, Draft};
use mesh_models::sns::MessageAttributeValue;
use mesh_router::Context;
use mesh_wire::Map;
use smol_str::SmolStr;

/// What Publish and the entries of PublishBatch have in common.
pub(crate) struct Outgoing {
    pub(crate) message: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) structure: Option<String>,
    pub(crate) attributes: Option<Map<MessageAttributeValue>>,
    pub(crate) deduplication_id: Option<String>,
    pub(crate) group_id: Option<String>,
}

impl Outgoing {
    /// Checks it.
    pub(crate) fn check<E>(self, cx: &Context) -> Result<Draft, E>
    where
        E: From<InvalidParameter> + From<InvalidAttribute>,
    {
        let Self { message, subject, structure, attributes, deduplication_id, group_id } = self;
        let read = |(name, value): (String, MessageAttributeValue)| {
            let MessageAttributeValue { data_type, string_value, binary_value } = value;
            let binary = binary_value.as_ref().map(AsRef::as_ref);
            let attribute = Attribute::check(&name, &data_type.unwrap_or_default(), string_value, binary)?;
            Ok((SmolStr::new(name), attribute))
        };
        let attributes: Attributes =
            attributes.unwrap_or_default().into_iter().map(read).collect::<Result<_, E>>()?;
        let message = message.unwrap_or_default();
        let ids = (group_id, deduplication_id);
        let mut draft = Draft::check(&message, structure.as_deref(), subject.as_deref(), attributes, ids)?;
        draft.trace = cx.trace().cloned();
        Ok(draft)
    }
}
