//! Moments as text.

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use mesh_types::Timestamp;
use serde::{Deserialize, Deserializer, de};

/// The first moment that has no four-digit year.
const END: Timestamp = Timestamp::from_secs(253_402_300_800);

/// The first moment of the year 1.
const START: Timestamp = Timestamp::from_secs(-62_135_596_800);

/// Whether a moment can be written with a four-digit year.
pub(super) fn is_writable(at: Timestamp) -> bool {
    (START..END).contains(&at)
}

/// `2026-01-02T03:04:05.678901Z`.
pub fn text(at: Timestamp) -> String {
    let whole = DateTime::from_secs(at.as_secs()).fmt(Format::DateTime).unwrap_or_default();
    let micros = at.as_micros().rem_euclid(1_000_000);
    format!("{}.{micros:06}Z", whole.trim_end_matches('Z'))
}

/// A moment that a caller names: ISO 8601 with `Z` or an offset, or seconds since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment(pub(super) Timestamp);

impl Moment {
    fn parse(text: &str) -> Option<Self> {
        Self::of(DateTime::from_str(text, Format::DateTimeWithOffset).ok()?)
    }

    fn of(moment: DateTime) -> Option<Self> {
        let micros = i64::try_from(moment.as_nanos().div_euclid(1_000)).ok()?;
        Some(Timestamp::from_micros(micros)).filter(|at| is_writable(*at)).map(Self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Text(String),
            Seconds(f64),
        }
        let moment = match Form::deserialize(from) {
            Ok(Form::Text(text)) => Self::parse(&text),
            Ok(Form::Seconds(seconds)) if seconds.abs() < 1e12 => Self::of(DateTime::from_secs_f64(seconds)),
            _ => None,
        };
        moment.ok_or_else(|| {
            de::Error::custom(
                "a moment is written 2026-01-31T12:00:00Z, or as seconds since 1970, in the years 1 to 9999",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<i64> {
        serde_json::from_str(json).ok().map(|moment: Moment| moment.0.as_micros())
    }

    #[test]
    fn moments_are_written_with_six_digits_of_a_second() {
        assert_eq!(text(Timestamp::from_micros(1_767_323_045_678_901)), "2026-01-02T03:04:05.678901Z");
        assert_eq!(text(Timestamp::EPOCH), "1970-01-01T00:00:00.000000Z");
        assert_eq!(text(Timestamp::from_micros(-1)), "1969-12-31T23:59:59.999999Z");
    }

    #[test]
    fn moments_are_read_as_text_or_seconds() {
        assert_eq!(read(r#""2026-01-02T03:04:05.678901Z""#), Some(1_767_323_045_678_901));
        assert_eq!(read(r#""2026-01-02T04:04:05+01:00""#), Some(1_767_323_045_000_000));
        assert_eq!(read("1767323045"), Some(1_767_323_045_000_000));
        assert_eq!(read("1.5"), Some(1_500_000));
    }

    #[test]
    fn what_is_no_moment_is_not_read() {
        for json in [
            r#""""#,
            r#""tomorrow""#,
            r#""2026-13-01T00:00:00Z""#,
            "1e300",
            "253402300800",
            "-1e12",
            "null",
            "[]",
            "{}",
        ] {
            assert_eq!(read(json), None, "{json}");
        }
    }
}
