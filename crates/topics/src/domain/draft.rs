//! A message that has been checked and not yet been published.

use super::failure::InvalidParameter;
use super::{Attributes, Content};
use crate::limits::{MAX_MESSAGE_SIZE, MAX_SUBJECT_LENGTH, MESSAGE_ID_LENGTH};
use smol_str::SmolStr;
use std::sync::Arc;

/// What a publisher wants to say, checked as far as that can be done without the topic.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Its subject.
    pub subject: Option<Arc<str>>,
    /// The message as it was sent.
    pub message: Arc<str>,
    /// What it says.
    pub content: Content,
    /// Its attributes.
    pub attributes: Attributes,
    /// `MessageGroupId`.
    pub group_id: Option<SmolStr>,
    /// `MessageDeduplicationId`.
    pub deduplication_id: Option<SmolStr>,
    /// The `X-Amzn-Trace-Id` of the request.
    pub trace: Option<SmolStr>,
    /// Message and attributes in bytes, as AWS counts them.
    pub size: usize,
}

impl Draft {
    /// Checks a message, in AWS's order.
    ///
    /// # Errors
    /// No message, or one that is too long; a subject or a structure that is none; ids that are none.
    pub fn check(
        message: &str,
        structure: Option<&str>,
        subject: Option<&str>,
        attributes: Attributes,
        (group_id, deduplication_id): (Option<String>, Option<String>),
    ) -> Result<Self, InvalidParameter> {
        if message.is_empty() {
            return Err(InvalidParameter::of("Empty message"));
        }
        if let Some(subject) = subject {
            check_subject(subject)?;
        }
        let size = message.len() + attributes.iter().map(|(name, value)| value.size(name)).sum::<usize>();
        if size > MAX_MESSAGE_SIZE {
            return Err(InvalidParameter::of("Message too long"));
        }
        let message: Arc<str> = message.into();
        let content = Content::parse(&message, structure)?;
        let group_id = group_id.map(|id| check_id("MessageGroupId", id)).transpose()?;
        let deduplication_id =
            deduplication_id.map(|id| check_id("MessageDeduplicationId", id)).transpose()?;
        let subject = subject.map(Arc::from);
        Ok(Self { subject, message, content, attributes, group_id, deduplication_id, trace: None, size })
    }
}

/// A line of text that begins with a letter, a digit or punctuation.
fn check_subject(subject: &str) -> Result<(), InvalidParameter> {
    let is_sound = (1..=MAX_SUBJECT_LENGTH).contains(&subject.chars().count())
        && !subject.chars().any(char::is_control)
        && !subject.starts_with(' ');
    if is_sound { Ok(()) } else { Err(InvalidParameter::of("Subject")) }
}

fn check_id(parameter: &str, id: String) -> Result<SmolStr, InvalidParameter> {
    if MESSAGE_ID_LENGTH.contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(SmolStr::new(id));
    }
    let reason =
        format!("{parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length");
    Err(InvalidParameter::because(parameter, reason))
}
