//! Spans of time as scenarios write them: `20s`, `1d2h`, `500ms`.

use std::time::Duration;

/// Units, largest first, in microseconds.
const UNITS: [(&str, u128); 6] = [
    ("d", 86_400_000_000),
    ("h", 3_600_000_000),
    ("m", 60_000_000),
    ("s", 1_000_000),
    ("ms", 1_000),
    ("us", 1),
];

/// Reads a sum of whole numbers with units.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let (mut rest, mut micros) = (text.trim(), 0_u128);
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, behind) = rest.split_at(digits);
        let end = behind.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(end);
        let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit)?;
        micros = micros.checked_add(number.parse::<u128>().ok()?.checked_mul(*factor)?)?;
        rest = behind.trim_start();
    }
    u64::try_from(micros).ok().map(Duration::from_micros)
}

/// Writes a span as [`parse`] reads it.
pub(crate) fn print(span: Duration) -> String {
    let (mut micros, mut out) = (span.as_micros(), String::new());
    for (unit, factor) in UNITS {
        if micros >= factor {
            out.push_str(&format!("{}{unit}", micros / factor));
            micros %= factor;
        }
    }
    if out.is_empty() { "0s".to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_units_are_read_and_written() {
        for (text, micros) in
            [("20s", 20_000_000), ("1d2h", 93_600_000_000), ("1m500ms7us", 60_500_007), ("0s", 0)]
        {
            let span = Duration::from_micros(micros);
            assert_eq!(parse(text), Some(span), "{text}");
            assert_eq!(print(span), text);
        }
        for text in ["", "20", "s", "1y", "-1s", "99999999999999999999999999999999999999999d"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
