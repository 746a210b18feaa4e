//! What a message says: the same to all, or something else over each protocol.

use super::Protocol;
use super::failure::InvalidParameter;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// The same to all.
    Same(Arc<str>),
    /// `MessageStructure` is `json`: by the name of the protocol, or `default`.
    ByProtocol(BTreeMap<SmolStr, Arc<str>>),
}

impl Content {
    /// Reads a message as it was sent.
    ///
    /// # Errors
    /// A structure that there is not; one that is not what the message has.
    pub fn parse(message: &Arc<str>, structure: Option<&str>) -> Result<Self, InvalidParameter> {
        match structure {
            None | Some("") => return Ok(Self::Same(Arc::clone(message))),
            Some("json") => {}
            Some(_) => return Err(InvalidParameter::of("MessageStructure")),
        }
        let Ok(read) = serde_json::from_str::<Map<String, Value>>(message) else {
            return Err(InvalidParameter::of("Message Structure - JSON message body failed to parse"));
        };
        // What is no text counts as not being there.
        let texts = read.into_iter().filter_map(|(name, value)| match value {
            Value::String(text) => Some((SmolStr::new(name), text.into())),
            _ => None,
        });
        let texts: BTreeMap<_, _> = texts.collect();
        if !texts.contains_key("default") {
            return Err(InvalidParameter::of("Message Structure - No default entry in JSON message body"));
        }
        Ok(Self::ByProtocol(texts))
    }

    /// What it says over a protocol, or to a platform of apps.
    pub fn over(&self, name: &str) -> &str {
        match self {
            Self::Same(text) => text,
            Self::ByProtocol(texts) => {
                texts.get(name).or_else(|| texts.get("default")).map_or("", |text| text)
            }
        }
    }

    /// [`Content::over`] a protocol of subscriptions.
    pub fn to(&self, protocol: Protocol) -> &str {
        self.over(protocol.name())
    }
}
