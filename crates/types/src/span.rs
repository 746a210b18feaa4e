//! Spans of time as text: `25h`, `1d2h3m`, `1.5s`, `90`.

use serde::{Deserialize, Deserializer, de};
use std::fmt;
use std::time::Duration;

/// Units and their microseconds, longest first.
const UNITS: [(&str, u64); 6] = [
    ("d", 86_400_000_000),
    ("h", 3_600_000_000),
    ("m", 60_000_000),
    ("s", 1_000_000),
    ("ms", 1_000),
    ("us", 1),
];

/// Digits behind the point that a microsecond of the longest unit can need; more are cut off.
const MAX_DECIMALS: usize = 12;

/// A span that a caller names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub Duration);

/// The text is no span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidSpan;

impl fmt::Display for InvalidSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a span is written 25h, 90s or 1d2h3m (units d, h, m, s, ms, us, longest first), or as a number of seconds")
    }
}

impl Span {
    /// Reads numbers with units, each unit at most once and the longest first; a number alone is seconds.
    ///
    /// # Errors
    /// The text is no span.
    pub fn parse(text: &str) -> Result<Self, InvalidSpan> {
        let mut rest = text.trim();
        if is_number(rest) {
            return micros(rest, 1_000_000).map(Self::of).ok_or(InvalidSpan);
        }
        let (mut total, mut units) = (0_u64, &UNITS[..]);
        while !rest.is_empty() {
            let number = &rest[..rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len())];
            rest = &rest[number.len()..];
            let unit = &rest[..rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len())];
            rest = rest[unit.len()..].trim_start();
            let at = units.iter().position(|(name, _)| *name == unit).ok_or(InvalidSpan)?;
            let value = micros(number, units[at].1).ok_or(InvalidSpan)?;
            total = total.checked_add(value).ok_or(InvalidSpan)?;
            units = &units[at + 1..];
        }
        if units.len() == UNITS.len() { Err(InvalidSpan) } else { Ok(Self::of(total)) }
    }

    fn of(micros: u64) -> Self {
        Self(Duration::from_micros(micros))
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

/// A decimal number of units, in microseconds.
fn micros(number: &str, unit: u64) -> Option<u64> {
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(decimals) {
        return None;
    }
    let decimals = &decimals[..decimals.len().min(MAX_DECIMALS)];
    let scale = 10_u128.pow(u32::try_from(decimals.len()).ok()?);
    let part = decimals.parse::<u128>().ok()? * u128::from(unit) / scale;
    whole.parse::<u64>().ok()?.checked_mul(unit)?.checked_add(u64::try_from(part).ok()?)
}

/// As [`Span::parse`] reads it: `1d2h`, `0s`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut micros = self.0.as_micros();
        if micros == 0 {
            return f.write_str("0s");
        }
        for (unit, factor) in UNITS.map(|(unit, factor)| (unit, u128::from(factor))) {
            if micros >= factor {
                write!(f, "{}{unit}", micros / factor)?;
                micros %= factor;
            }
        }
        Ok(())
    }
}

impl std::error::Error for InvalidSpan {}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Text(String),
            Seconds(f64),
        }
        match Form::deserialize(from) {
            Ok(Form::Text(text)) => Self::parse(&text).map_err(de::Error::custom),
            Ok(Form::Seconds(seconds)) => {
                Duration::try_from_secs_f64(seconds).map(Self).map_err(|_| de::Error::custom(InvalidSpan))
            }
            Err(_) => Err(de::Error::custom(InvalidSpan)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_sums_of_numbers_with_units() {
        let micros = |text| Span::parse(text).map(|span| span.0.as_micros());
        for (text, expected) in [
            ("25h", 90_000_000_000),
            ("90s", 90_000_000),
            ("90", 90_000_000),
            ("0", 0),
            ("0s", 0),
            ("1d2h3m", 93_780_000_000),
            ("1d 2h 3m ", 93_780_000_000),
            ("1.5h", 5_400_000_000),
            ("0.25", 250_000),
            ("1m500ms", 60_500_000),
            ("7us", 7),
            ("0.0000001s", 0),
            ("1.999999999999999999999d", 172_799_999_999),
        ] {
            assert_eq!(micros(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn spans_are_written_as_they_are_read() {
        for text in ["20s", "1d2h", "1m500ms7us", "0s", "26d"] {
            assert_eq!(Span::parse(text).map(|span| span.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn what_is_no_span_is_not_read() {
        for text in [
            "",
            " ",
            "h",
            "1x",
            "1 h",
            "-1h",
            "1h1h",
            "1m2h",
            "1.h",
            ".5h",
            "1..5",
            "1.2.3s",
            "1e3",
            "1H",
            "1h2",
            "PT1H",
            "1hm",
            "18446744073709551615h",
            "99999999999999999999",
            "１h",
            "1µs",
            "1h,2m",
        ] {
            assert_eq!(Span::parse(text), Err(InvalidSpan), "{text:?}");
        }
    }

    #[test]
    fn a_json_number_is_seconds() {
        let read = |json| serde_json::from_str(json).ok().map(|span: Span| span.0.as_millis());
        assert_eq!((read("90"), read("0.5"), read(r#""2m""#)), (Some(90_000), Some(500), Some(120_000)));
        assert_eq!((read("-1"), read("1e300"), read("null"), read(r#""""#)), (None, None, None, None));
    }
}
