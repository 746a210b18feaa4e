//! Which messages a subscription wants.
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html>

use super::{AttributeValue, Attributes, Content, Protocol, SubscriptionAttributes};
use mesh_patterns::{Attribute, AttributeKind, Dialect, Document, FilterPolicy, Mismatch, PolicyError};
use mesh_router::Outcome;
use smol_str::{SmolStr, format_smolstr};

/// The longest that the record keeps of a value that was seen.
const LONGEST: usize = 256;

/// A filter policy that was read.
#[derive(Debug)]
pub struct Filter {
    /// Its text.
    text: SmolStr,
    policy: FilterPolicy,
    /// Whether it is about the message and not about its attributes.
    is_about_body: bool,
}

impl Filter {
    /// Reads the policy of a subscription, where it has one.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn of(attributes: &SubscriptionAttributes) -> Result<Option<Self>, PolicyError> {
        let Some(text) = attributes.filter_policy.clone() else { return Ok(None) };
        let is_about_body = attributes.filters_body;
        let dialect = if is_about_body { Dialect::SnsBody } else { Dialect::SnsAttributes };
        let policy = FilterPolicy::parse(&text, dialect)?;
        Ok(Some(Self { text, policy, is_about_body }))
    }

    /// Asks about a message, over the protocol of the subscription.
    ///
    /// # Errors
    /// That it is held back, on which key, and what was there.
    pub fn check<'a>(&self, message: &mut Candidate<'a>, protocol: Protocol) -> Result<(), Outcome> {
        let held_back = |mismatch: Mismatch<'_>| Outcome::Filtered {
            policy: self.text.clone(),
            key: SmolStr::new(mismatch.key),
            value: shortened(&mismatch.seen.to_string()),
        };
        if self.is_about_body {
            let document = message.document(protocol);
            return self.policy.matches_body(document).map_err(held_back);
        }
        let attributes = message.attributes;
        let asked = self.policy.matches_attributes(|name| {
            let attribute = attributes.get(name)?;
            let kind = AttributeKind::of_data_type(&attribute.data_type)?;
            match &attribute.value {
                AttributeValue::Text(value) => Some(Attribute { kind, value }),
                AttributeValue::Binary(_) => None,
            }
        });
        asked.map_err(held_back)
    }
}

/// A message that policies are asked about. It is read as JSON once, if at all.
#[derive(Debug)]
pub struct Candidate<'a> {
    attributes: &'a Attributes,
    content: &'a Content,
    /// What it says over a protocol, and what that is as JSON.
    documents: Vec<(&'a str, Option<Document>)>,
}

impl<'a> Candidate<'a> {
    /// A message of these.
    pub fn new(content: &'a Content, attributes: &'a Attributes) -> Self {
        Self { attributes, content, documents: Vec::new() }
    }

    fn document(&mut self, protocol: Protocol) -> Option<&Document> {
        let text = self.content.to(protocol);
        let known = self.documents.iter().position(|(of, _)| std::ptr::eq(*of, text));
        let at = known.unwrap_or_else(|| {
            self.documents.push((text, Document::parse(text)));
            self.documents.len() - 1
        });
        self.documents[at].1.as_ref()
    }
}

fn shortened(text: &str) -> SmolStr {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format_smolstr!("{}...", &text[..end]),
        None => SmolStr::new(text),
    }
}
