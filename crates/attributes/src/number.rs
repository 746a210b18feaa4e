//! DynamoDB's numbers: decimals of up to 38 significant digits between 1E-130 and 9.9...E+125 in magnitude, kept
//! exactly. No binary floating point takes part.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html#HowItWorks.DataTypes.Number>

use crate::failure::NumberFailure;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::cmp::Ordering;
use std::fmt;

/// The most significant digits a number has.
pub const MAX_DIGITS: u32 = 38;
/// The greatest power of ten of a leading digit.
pub const MAX_MAGNITUDE: i32 = 125;
/// The least power of ten of a leading digit.
pub const MIN_MAGNITUDE: i32 = -130;

/// A number: `coefficient * 10^exponent`, the coefficient without trailing zeros, so that equal numbers are equal bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Number {
    /// A signed coefficient of 38 digits at most, as bytes so that the type needs no alignment.
    coefficient: [u8; 16],
    exponent: i16,
}

impl Number {
    /// Nought.
    pub const ZERO: Self = Self { coefficient: [0; 16], exponent: 0 };

    /// Parses `-12.5`, `.5`, `1e3`: a sign, digits with a point among them, and a power of ten, the same as AWS takes.
    pub fn parse(text: &str) -> Result<Self, NumberFailure> {
        if text.is_empty() {
            return Err(NumberFailure::Empty);
        }
        let Some(scan) = Scan::of(text.as_bytes()) else {
            return Err(NumberFailure::NotNumeric { text: text.to_owned() });
        };
        scan.finish()
    }

    fn new(negative: bool, magnitude: u128, exponent: i32) -> Self {
        let signed = i128::try_from(magnitude).unwrap_or(i128::MAX);
        let signed = if negative { -signed } else { signed };
        Self { coefficient: signed.to_le_bytes(), exponent: i16::try_from(exponent).unwrap_or(i16::MAX) }
    }

    /// Takes off trailing zeros and checks digits and range. `digits` that do not fit are an overflow to AWS, too,
    /// when they come from arithmetic.
    fn normalized(negative: bool, mut magnitude: u128, mut exponent: i32) -> Result<Self, NumberFailure> {
        if magnitude == 0 {
            return Ok(Self::ZERO);
        }
        while magnitude.is_multiple_of(10) {
            magnitude /= 10;
            exponent += 1;
        }
        let digits = digit_count(magnitude);
        let leading = exponent + digits as i32 - 1;
        if digits > MAX_DIGITS || leading > MAX_MAGNITUDE {
            return Err(NumberFailure::Overflow);
        }
        if leading < MIN_MAGNITUDE {
            return Err(NumberFailure::Underflow);
        }
        Ok(Self::new(negative, magnitude, exponent))
    }

    fn signed(self) -> i128 {
        i128::from_le_bytes(self.coefficient)
    }

    fn magnitude(self) -> u128 {
        self.signed().unsigned_abs()
    }

    fn exponent(self) -> i32 {
        i32::from(self.exponent)
    }

    /// Whether it is below nought.
    pub fn is_negative(self) -> bool {
        self.signed() < 0
    }

    /// Whether it is nought.
    pub fn is_zero(self) -> bool {
        self.signed() == 0
    }

    /// The power of ten of the leading digit.
    fn leading(self) -> i32 {
        self.exponent() + digit_count(self.magnitude()) as i32 - 1
    }

    /// The coefficient with zeros behind it until it has 38 digits.
    fn aligned(self) -> u128 {
        let magnitude = self.magnitude();
        magnitude * 10u128.pow(MAX_DIGITS - digit_count(magnitude))
    }

    /// The exact sum. A sum that 38 digits cannot hold is refused, in the words of an overflow, as AWS does.
    pub fn plus(self, other: Self) -> Result<Self, NumberFailure> {
        if self.is_zero() {
            return Ok(other);
        }
        if other.is_zero() {
            return Ok(self);
        }
        // Where aligning needs more than 128 bits, the sum has a digit at both ends and cannot fit 38 digits.
        let low = self.exponent().min(other.exponent());
        let align = |n: Self| {
            10u128.checked_pow((n.exponent() - low).unsigned_abs()).and_then(|p| n.magnitude().checked_mul(p))
        };
        let (Some(left), Some(right)) = (align(self), align(other)) else {
            return Err(NumberFailure::Overflow);
        };
        if self.is_negative() == other.is_negative() {
            let sum = left.checked_add(right).ok_or(NumberFailure::Overflow)?;
            Self::normalized(self.is_negative(), sum, low)
        } else if left >= right {
            Self::normalized(self.is_negative(), left - right, low)
        } else {
            Self::normalized(other.is_negative(), right - left, low)
        }
    }

    /// The exact difference; see [`Number::plus`].
    pub fn minus(self, other: Self) -> Result<Self, NumberFailure> {
        self.plus(other.negated())
    }

    fn negated(self) -> Self {
        Self { coefficient: (-self.signed()).to_le_bytes(), exponent: self.exponent }
    }

    /// What the number counts for in an item's size: a byte, one for each two digits before the point and behind it,
    /// leading and trailing zeros not counted, and one for a minus sign.
    pub fn size(self) -> usize {
        if self.is_zero() {
            return 1;
        }
        let digits = digit_count(self.magnitude()) as i32;
        let before = (digits + self.exponent().min(0)).clamp(0, digits);
        let behind = digits - before;
        let pairs = (before + 1) / 2 + (behind + 1) / 2;
        1 + pairs.unsigned_abs() as usize + usize::from(self.is_negative())
    }

    /// The form in which DynamoDB returns it: plain digits, never an exponent.
    pub fn text(self) -> NumberText {
        let mut text = NumberText { bytes: [0; MAX_TEXT], length: 0 };
        let mut digits = [0; MAX_DIGITS as usize + 1];
        let first = write_digits(self.magnitude(), &mut digits);
        let digits = &digits[first..];
        let exponent = self.exponent();
        if self.is_negative() {
            text.push(b"-");
        }
        let distance = exponent.unsigned_abs() as usize;
        if exponent >= 0 {
            text.push(digits);
            text.push_zeros(distance);
        } else if let Some((whole, fraction)) = digits
            .len()
            .checked_sub(distance)
            .filter(|before| *before > 0)
            .map(|before| digits.split_at(before))
        {
            text.push(whole);
            text.push(b".");
            text.push(fraction);
        } else {
            text.push(b"0.");
            text.push_zeros(distance - digits.len());
            text.push(digits);
        }
        text
    }

    /// Appends bytes that compare as the numbers do: sign, power of ten, digits two by two.
    pub fn encode_key(self, into: &mut Vec<u8>) {
        if self.is_zero() {
            into.push(ZERO_MARK);
            return;
        }
        // -130..=125 moved to 0..=255
        let power = u8::try_from(self.leading() - MIN_MAGNITUDE).unwrap_or(u8::MAX);
        let pairs = digit_pairs(self.aligned());
        let used = pairs.iter().rposition(|pair| *pair != 0).map_or(0, |last| last + 1);
        if self.is_negative() {
            into.extend([NEGATIVE_MARK, !power]);
            into.extend(pairs[..used].iter().map(|pair| 100 - pair));
            // A negative number with fewer digits is the greater one.
            into.push(NEGATIVE_END);
        } else {
            into.extend([POSITIVE_MARK, power]);
            into.extend(&pairs[..used]);
        }
    }
}

const NEGATIVE_MARK: u8 = 1;
const ZERO_MARK: u8 = 2;
const POSITIVE_MARK: u8 = 3;
const NEGATIVE_END: u8 = 101;

impl From<usize> for Number {
    fn from(value: usize) -> Self {
        Self::normalized(false, value as u128, 0).unwrap_or(Self::ZERO)
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |n: &Self| n.signed().signum();
        let (mine, theirs) = (sign(self), sign(other));
        if mine != theirs || mine == 0 {
            return mine.cmp(&theirs);
        }
        let order = self.leading().cmp(&other.leading()).then_with(|| self.aligned().cmp(&other.aligned()));
        if mine < 0 { order.reverse() } else { order }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The form in which DynamoDB returns a number: plain digits, never an exponent.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_str())
    }
}

/// The longest text: a sign, a nought, a point, 129 noughts, 38 digits.
const MAX_TEXT: usize = 170;

/// A number as DynamoDB returns it, without an allocation.
#[derive(Debug, Clone)]
pub struct NumberText {
    bytes: [u8; MAX_TEXT],
    length: usize,
}

impl NumberText {
    fn push(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        if let Some(place) = self.bytes.get_mut(self.length..end) {
            place.copy_from_slice(bytes);
            self.length = end;
        }
    }

    fn push_zeros(&mut self, count: usize) {
        let end = self.length + count;
        if let Some(place) = self.bytes.get_mut(self.length..end) {
            place.fill(b'0');
            self.length = end;
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

/// Writes digits at the end of a place. Answers where they begin.
fn write_digits(mut magnitude: u128, into: &mut [u8; MAX_DIGITS as usize + 1]) -> usize {
    let mut at = into.len();
    let mut push = |part: &mut u64| {
        at -= 1;
        into[at] = b'0' + (*part % 10) as u8;
        *part /= 10;
    };
    // 64 bits divide several times faster than 128
    while u64::try_from(magnitude).is_err() {
        let mut part = (magnitude % PART) as u64;
        magnitude /= PART;
        (0..PART_DIGITS).for_each(|_| push(&mut part));
    }
    let mut rest = magnitude as u64;
    push(&mut rest);
    while rest > 0 {
        push(&mut rest);
    }
    at
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Stored as exponent and signed coefficient. The layout must not change: rows on disk have it.
impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.exponent, self.signed()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (exponent, signed) = <(i16, i128)>::deserialize(deserializer)?;
        Self::normalized(signed < 0, signed.unsigned_abs(), i32::from(exponent))
            .map_err(|_| serde::de::Error::custom("a number out of range"))
    }
}

/// Digits are made in parts that 64 bits hold.
const PART_DIGITS: u32 = 18;
const PART: u128 = 10u128.pow(PART_DIGITS);

/// The digits of a coefficient of 38 digits, two by two.
fn digit_pairs(aligned: u128) -> [u8; MAX_DIGITS as usize / 2] {
    // 2 + 18 + 18 digits
    let (high, low) = (aligned / PART, (aligned % PART) as u64);
    let (first, middle) = ((high / PART) as u8, (high % PART) as u64);
    let mut pairs = [first; MAX_DIGITS as usize / 2];
    for (mut rest, part) in [middle, low].into_iter().zip(pairs[1..].chunks_exact_mut(9)) {
        for pair in part.iter_mut().rev() {
            *pair = (rest % 100) as u8;
            rest /= 100;
        }
    }
    pairs
}

fn digit_count(magnitude: u128) -> u32 {
    // most fit 64 bits, in which this is several times faster
    let log = match u64::try_from(magnitude) {
        Ok(magnitude) => magnitude.checked_ilog10(),
        Err(_) => magnitude.checked_ilog10(),
    };
    log.map_or(0, |log| log + 1)
}

/// What reading the text of a number has found.
#[derive(Default)]
struct Scan {
    negative: bool,
    /// The digits from the first that is not zero to the last that is not, as far as they fit.
    coefficient: u128,
    /// How many those are, whether they fit or not.
    significant: i64,
    /// Zeros read since the last digit that is not zero.
    pending_zeros: i64,
    /// Digits behind the point.
    fraction: i64,
    power: i64,
}

impl Scan {
    fn of(text: &[u8]) -> Option<Self> {
        let mut scan = Self::default();
        let mut rest = text;
        if let [sign @ (b'+' | b'-'), tail @ ..] = rest {
            scan.negative = *sign == b'-';
            rest = tail;
        }
        let (mut any, mut behind_point) = (false, false);
        while let [byte, tail @ ..] = rest {
            match byte {
                b'0'..=b'9' => {
                    any = true;
                    scan.digit(byte - b'0');
                    scan.fraction += i64::from(behind_point);
                }
                b'.' if !behind_point => behind_point = true,
                b'e' | b'E' if any => {
                    scan.power = power(tail)?;
                    return Some(scan);
                }
                _ => return None,
            }
            rest = tail;
        }
        any.then_some(scan)
    }

    fn digit(&mut self, digit: u8) {
        if digit == 0 {
            self.pending_zeros += i64::from(self.significant > 0);
            return;
        }
        self.significant += self.pending_zeros + 1;
        if self.significant <= i64::from(MAX_DIGITS) {
            // at most 37 zeros, for the sum is within 38
            self.coefficient *= 10u128.pow(self.pending_zeros as u32 + 1);
            self.coefficient += u128::from(digit);
        }
        self.pending_zeros = 0;
    }

    fn finish(self) -> Result<Number, NumberFailure> {
        if self.significant == 0 {
            return Ok(Number::ZERO);
        }
        let exponent = self.power.saturating_sub(self.fraction).saturating_add(self.pending_zeros);
        let leading = exponent.saturating_add(self.significant - 1);
        if leading > i64::from(MAX_MAGNITUDE) {
            return Err(NumberFailure::Overflow);
        }
        if leading < i64::from(MIN_MAGNITUDE) {
            return Err(NumberFailure::Underflow);
        }
        if self.significant > i64::from(MAX_DIGITS) {
            return Err(NumberFailure::TooManyDigits);
        }
        Ok(Number::new(self.negative, self.coefficient, i32::try_from(exponent).unwrap_or_default()))
    }
}

/// The power of ten behind an `e`; one that is beyond every bound stays so.
fn power(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] | digits => (false, digits),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let add = |sum: i64, digit: &u8| sum.saturating_mul(10).saturating_add(i64::from(digit - b'0'));
    let value = digits.iter().fold(0, add).min(i64::MAX / 4);
    Some(if negative { -value } else { value })
}

#[cfg(test)]
#[path = "number_tests.rs"]
mod tests;
