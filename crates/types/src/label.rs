//! Labels: the syntax that names of Regions and of universes share.

/// Whether a text is lower-case letters, digits and hyphens, begins with a letter, and is no longer than `longest`
/// bytes.
pub fn is_label(text: &str, longest: usize) -> bool {
    let bytes = text.as_bytes();
    let is_part = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
    bytes.first().is_some_and(u8::is_ascii_lowercase) && bytes.len() <= longest && bytes.iter().all(is_part)
}
