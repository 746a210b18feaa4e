//! The tags of a topic.

use super::failure::{InvalidParameter, TooManyTags};
use crate::limits::{MAX_TAG_VALUE_LENGTH, MAX_TAGS, TAG_KEY_LENGTH};
use crate::state::topic::Tags;
use mesh_models::sns::Tag;
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// Checks tags as they were sent.
///
/// # Errors
/// A key or a value that no tag has; a key that comes twice.
pub fn check(sent: Vec<Tag>) -> Result<Tags, InvalidParameter> {
    let keys: BTreeSet<_> = sent.iter().map(|tag| tag.key.as_deref()).collect();
    if keys.len() < sent.len() {
        return Err(InvalidParameter::of("Duplicated keys are not allowed."));
    }
    let read = |Tag { key, value }: Tag| {
        let (key, value) = (key.unwrap_or_default(), value.unwrap_or_default());
        if !TAG_KEY_LENGTH.contains(&key.chars().count()) || key.starts_with("aws:") {
            return Err(InvalidParameter::because("Tags", format_args!("the key {key:?} is not valid")));
        }
        if value.chars().count() > MAX_TAG_VALUE_LENGTH {
            let reason = format!("the value of {key:?} is longer than {MAX_TAG_VALUE_LENGTH} characters");
            return Err(InvalidParameter::because("Tags", reason));
        }
        Ok((SmolStr::new(key), SmolStr::new(value)))
    };
    sent.into_iter().map(read).collect()
}

/// Counts the tags that a topic would have.
///
/// # Errors
/// More than [`MAX_TAGS`].
pub fn check_count(tags: &Tags) -> Result<(), TooManyTags> {
    if tags.len() <= MAX_TAGS { Ok(()) } else { Err(TooManyTags) }
}

/// Tags as they are answered.
pub fn shown(tags: &Tags) -> Vec<Tag> {
    let show = |(key, value): (&SmolStr, &SmolStr)| Tag {
        key: Some(key.to_string()),
        value: Some(value.to_string()),
    };
    tags.iter().map(show).collect()
}
