//! Numbers of JSON: what the grammar allows, and what a number is as a whole one, as one of any kind, as a moment.

use aws_smithy_types::{DateTime, Number};
use serde::de::IgnoredAny;

/// Whether this is a number by JSON's grammar.
pub(super) fn is_number(text: &[u8]) -> bool {
    match text.strip_prefix(b"-").unwrap_or(text) {
        [b'0'] => true,
        [b'1'..=b'9', rest @ ..] if rest.iter().all(u8::is_ascii_digit) => true,
        [] => false,
        _ => serde_json::from_slice::<serde_json::Number>(text).is_ok() || is_vast(text),
    }
}

/// Whether this is a number that no double holds.
fn is_vast(text: &[u8]) -> bool {
    let mut values = serde_json::Deserializer::from_slice(text).into_iter::<IgnoredAny>();
    matches!(values.next(), Some(Ok(_))) && values.byte_offset() == text.len()
}

/// A whole number that is written with a fraction or an exponent.
#[expect(clippy::cast_possible_truncation, reason = "what does not fit has been refused")]
pub(super) fn whole_of(text: &str) -> Option<i64> {
    let value: f64 = text.parse().ok()?;
    (value.fract() == 0.0 && value.abs() < 9e15).then_some(value as i64)
}

/// A number of any kind.
pub(super) fn number(text: &[u8]) -> Option<Number> {
    let text = std::str::from_utf8(text).ok()?;
    let whole = text.parse().map(Number::PosInt).or_else(|_| text.parse().map(Number::NegInt));
    whole.ok().or_else(|| text.parse().ok().map(Number::Float))
}

/// A moment in seconds. Beyond these there is no such day, and no double that could tell milliseconds.
pub(super) fn moment(text: &[u8]) -> Option<DateTime> {
    let text = std::str::from_utf8(text).ok()?;
    match text.parse::<i64>() {
        Ok(seconds) => Some(DateTime::from_secs(seconds)),
        Err(_) => text.parse().ok().filter(|seconds: &f64| seconds.abs() < 1e12).map(DateTime::from_secs_f64),
    }
}
