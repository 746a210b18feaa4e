//! A message that has been checked and not yet been sent.

use super::failure::{InvalidCharacters, InvalidParameter, InvalidValue, MissingParameter};
use super::message_attributes::check_count;
use crate::limits::{DELAY, MESSAGE_ID_LENGTH};
use crate::state::queue::Extras;
use md5::{Digest, Md5};
use std::sync::Arc;
use std::time::Duration;

/// What a sender wants to put on a queue, checked as far as that can be done without the queue.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The body.
    pub body: Arc<str>,
    /// MD5 of the body.
    pub body_digest: [u8; 16],
    /// What most messages do not have.
    pub extras: Option<Arc<Extras>>,
    /// How long it is held back, if the sender says.
    pub delay: Option<Duration>,
    /// Body and attributes in bytes, as AWS counts them.
    pub size: usize,
}

impl Draft {
    /// Checks a message, in AWS's order.
    ///
    /// # Errors
    /// No body, or one with characters that XML 1.0 has not; a delay out of range; too many attributes; a group
    /// id or a deduplication id that is none.
    pub fn check<E>(body: Option<String>, delay_seconds: Option<i32>, extras: Extras) -> Result<Self, E>
    where
        E: From<MissingParameter> + From<InvalidCharacters> + From<InvalidValue> + From<InvalidParameter>,
    {
        let body =
            body.filter(|body| !body.is_empty()).ok_or(MissingParameter { parameter: "MessageBody" })?;
        if !is_xml_text(&body) {
            return Err(InvalidCharacters.into());
        }
        let delay = delay_seconds.map(check_delay).transpose()?;
        check_count(extras.attributes.len())?;
        if let Some(group_id) = &extras.group_id {
            check_id("MessageGroupId", group_id)?;
        }
        if let Some(id) = &extras.deduplication_id {
            check_id("MessageDeduplicationId", id)?;
        }
        let size = body.len() + extras.attributes.iter().map(|(name, value)| value.size(name)).sum::<usize>();
        let body_digest = Md5::digest(&body).into();
        let extras = (extras != Extras::default()).then(|| Arc::new(extras));
        Ok(Self { body: body.into(), body_digest, extras, delay, size })
    }
}

fn check_delay(value: i32) -> Result<Duration, InvalidValue> {
    let seconds = u32::try_from(value).ok().filter(|seconds| DELAY.contains(seconds));
    let refused = || InvalidValue {
        parameter: "DelaySeconds",
        value: value.to_string(),
        reason: "DelaySeconds must be >= 0 and <= 900.",
    };
    seconds.map(|seconds| Duration::from_secs(u64::from(seconds))).ok_or_else(refused)
}

/// Checks an id that a sender or a receiver made.
///
/// # Errors
/// A text that is none.
pub fn check_id(parameter: &'static str, id: &str) -> Result<(), InvalidValue> {
    if MESSAGE_ID_LENGTH.contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(());
    }
    let reason = match parameter {
        "MessageGroupId" => {
            "MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length."
        }
        "ReceiveRequestAttemptId" => {
            "ReceiveRequestAttemptId can only include alphanumeric and punctuation characters. 1 to 128 in length."
        }
        _ => {
            "MessageDeduplicationId can only include alphanumeric and punctuation characters. 1 to 128 in length."
        }
    };
    Err(InvalidValue { parameter, value: id.to_string(), reason })
}

/// Whether XML 1.0 allows every character: of those a `str` can hold, it forbids the control characters but tab, line
/// feed and carriage return, and the last two of the basic plane.
fn is_xml_text(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_control = |b: &u8| *b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r');
    // All of them, without stopping at the first: a loop that never stops looks at many bytes at once.
    !bytes.iter().fold(false, |found, b| found | is_control(b))
        && (text.is_ascii() || !bytes.windows(3).any(|three| matches!(three, [0xef, 0xbf, 0xbe | 0xbf])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_xml_allows() {
        for text in
            ["a", "\t\n\r", "\u{20}", "\u{d7ff}", "\u{e000}", "\u{fffd}", "\u{10000}", "\u{10ffff}", "\u{7f}"]
        {
            assert!(is_xml_text(text), "{text:?}");
        }
        for text in ["\0", "a\u{1}", "\u{b}", "\u{1f}", "\u{fffe}", "x\u{ffff}"] {
            assert!(!is_xml_text(text), "{text:?}");
        }
    }
}
