//! Numbers as patterns compare them: decimals with a few digits behind the point, cut off below, and exact.

use crate::Dialect;

/// The value of a decimal text in units of the dialect's last digit, rounded down; nothing if it is beyond the dialect's
/// limits or no number.
pub(crate) fn units(text: &str, dialect: Dialect) -> Option<i64> {
    let decimal = Decimal::of(text)?;
    let digits = i64::from(dialect.number_digits());
    let limit = i128::from(dialect.number_limit()) * 10i128.pow(dialect.number_digits());
    // value = 0.DIGITS * 10^point, so this many of the digits are whole units
    let whole = decimal.point.saturating_add(digits);
    if decimal.significant().next().is_none() {
        return Some(0);
    }
    if whole > 20 {
        return None;
    }
    let (mut units, mut taken, mut rest) = (0i128, 0i64, false);
    for digit in decimal.significant() {
        if taken < whole {
            units = units * 10 + i128::from(digit);
            taken += 1;
        } else {
            rest |= digit != 0;
        }
    }
    for _ in taken..whole {
        units *= 10;
    }
    if units > limit || (units == limit && rest) {
        return None;
    }
    let signed = if decimal.negative { -units - i128::from(rest) } else { units };
    i64::try_from(signed).ok()
}

/// Which of two decimals is larger; nothing if one of them is no number.
pub(crate) fn is_less(left: &str, right: &str) -> Option<bool> {
    // only for texts that a JSON reader has accepted: these always parse
    Some(left.parse::<f64>().ok()? < right.parse::<f64>().ok()?)
}

struct Decimal<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
    /// Where the decimal point stands, counted from the first digit that is not nought.
    point: i64,
}

impl<'a> Decimal<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let negative = text.starts_with('-');
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent_of(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let are_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if !are_digits(whole) || !are_digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
            return None;
        }
        let leading = whole.bytes().chain(fraction.bytes()).take_while(|byte| *byte == b'0').count();
        let point = exponent.saturating_add(whole.len() as i64 - leading as i64);
        Some(Self { negative, whole, fraction, point })
    }

    /// The digits from the first that is not nought.
    fn significant(&self) -> impl Iterator<Item = u8> {
        self.whole
            .bytes()
            .chain(self.fraction.bytes())
            .map(|byte| byte - b'0')
            .skip_while(|digit| *digit == 0)
    }
}

/// An exponent, held at values that are beyond any limit.
fn exponent_of(text: &str) -> Option<i64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if unsigned.is_empty() || !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value = unsigned.parse::<i64>().unwrap_or(i64::MAX).min(1_000_000_000);
    Some(if text.starts_with('-') { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_counted_in_units_and_cut_off_below() {
        for (text, sns, eventbridge) in [
            ("0", Some(0), Some(0)),
            ("-0.0", Some(0), Some(0)),
            ("1", Some(100_000), Some(1_000_000)),
            ("301.8", Some(30_180_000), Some(301_800_000)),
            ("3.018e2", Some(30_180_000), Some(301_800_000)),
            ("0.000001", Some(0), Some(1)),
            ("0.0000019", Some(0), Some(1)),
            ("-0.0000019", Some(-1), Some(-2)),
            ("1e-400", Some(0), Some(0)),
            ("1000000000", Some(100_000_000_000_000), Some(1_000_000_000_000_000)),
            ("1000000000.000001", None, Some(1_000_000_000_000_001)),
            ("-1000000001", None, Some(-1_000_000_001_000_000)),
            ("5e9", None, Some(5_000_000_000_000_000)),
            ("5000000000.1", None, None),
            ("1e400", None, None),
            ("123456789012", None, None),
            ("00012", Some(1_200_000), Some(12_000_000)),
            ("", None, None),
            ("-", None, None),
            ("1e", None, None),
            ("0x10", None, None),
            ("ten", None, None),
        ] {
            assert_eq!(units(text, Dialect::SnsBody), sns, "{text}");
            assert_eq!(units(text, Dialect::EventBridge), eventbridge, "{text}");
        }
    }
}
