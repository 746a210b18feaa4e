//! The tags of a queue.

use super::Tags;
use super::failure::InvalidParameter;
use crate::limits::{MAX_TAG_VALUE_LENGTH, MAX_TAGS, TAG_KEY_LENGTH};
use smol_str::SmolStr;

/// Checks tags as they were sent.
///
/// # Errors
/// A key or a value that no tag has.
pub fn check<E: From<InvalidParameter>>(sent: impl IntoIterator<Item = (String, String)>) -> Result<Tags, E> {
    let mut tags = Tags::new();
    for (key, value) in sent {
        check_key(&key)?;
        if value.chars().count() > MAX_TAG_VALUE_LENGTH {
            let sentence =
                format!("Tag values must be between 0 and {MAX_TAG_VALUE_LENGTH} characters in length.");
            return Err(InvalidParameter { sentence }.into());
        }
        tags.insert(SmolStr::new(key), SmolStr::new(value));
    }
    Ok(tags)
}

/// Checks the key of a tag.
///
/// # Errors
/// A text that is no key.
pub fn check_key(key: &str) -> Result<(), InvalidParameter> {
    if TAG_KEY_LENGTH.contains(&key.chars().count()) {
        return Ok(());
    }
    let (least, most) = (TAG_KEY_LENGTH.start(), TAG_KEY_LENGTH.end());
    Err(InvalidParameter {
        sentence: format!("Tag keys must be between {least} and {most} characters in length."),
    })
}

/// Counts the tags that a queue would have.
///
/// # Errors
/// More than [`MAX_TAGS`].
pub fn check_count(tags: &Tags, queue: &str) -> Result<(), InvalidParameter> {
    if tags.len() <= MAX_TAGS {
        return Ok(());
    }
    Err(InvalidParameter { sentence: format!("Too many tags added for queue {queue}.") })
}
