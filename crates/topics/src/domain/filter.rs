//! Which messages a subscription wants.
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html>

use super::{AttributeValue, Attributes, Content, Protocol, SubscriptionAttributes};
use mesh_patterns::{Attribute, AttributeKind, Dialect, Document, FilterPolicy, Mismatch, PolicyError};
use mesh_router::Outcome;
use smol_str::{SmolStr, format_smolstr};
use std::fmt::{self, Display, Write};

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
            value: shortened(&mismatch.seen),
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

/// The beginning of what is shown, of which no more is written than is kept: it may be as long as a message.
fn shortened(shown: &impl Display) -> SmolStr {
    let mut beginning = Beginning { text: String::new(), room: LONGEST };
    match write!(beginning, "{shown}") {
        Ok(()) => SmolStr::new(beginning.text),
        Err(fmt::Error) => format_smolstr!("{}...", beginning.text),
    }
}

/// Takes so many characters and refuses more.
struct Beginning {
    text: String,
    room: usize,
}

impl Write for Beginning {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let Some((end, _)) = text.char_indices().nth(self.room) else {
            self.room -= text.chars().count();
            self.text.push_str(text);
            return Ok(());
        };
        self.room = 0;
        self.text.push_str(&text[..end]);
        Err(fmt::Error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    struct Long(Cell<usize>);

    impl Display for Long {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            (0..100_000).try_for_each(|_| {
                self.0.set(self.0.get() + 1);
                f.write_str("ä")
            })
        }
    }

    #[test]
    fn of_a_long_value_no_more_is_written_than_is_kept() {
        let long = Long(Cell::new(0));
        assert_eq!(shortened(&long), format!("{}...", "ä".repeat(LONGEST)));
        assert_eq!(long.0.get(), LONGEST + 1);
        assert_eq!(shortened(&"a".repeat(LONGEST)), "a".repeat(LONGEST));
        assert_eq!(shortened(&"a".repeat(LONGEST + 1)), format!("{}...", "a".repeat(LONGEST)));
    }
}
