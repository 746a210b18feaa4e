//! Tests of [`Number`], against decimals done by hand on strings of digits.

use super::*;
use proptest::prelude::*;

fn number(text: &str) -> Number {
    Number::parse(text).unwrap_or_else(|failure| panic!("{text}: {failure}"))
}

fn failure(text: &str) -> String {
    Number::parse(text).map(|n| n.to_string()).expect_err("it is refused").to_string()
}

#[test]
fn a_number_comes_back_in_plain_digits() {
    for (sent, returned) in [
        ("0042.1200", "42.12"),
        ("-0", "0"),
        ("0e1000", "0"),
        ("+3", "3"),
        (".123", "0.123"),
        ("5.", "5"),
        ("1e+5", "100000"),
        ("-17.4E37", "-174000000000000000000000000000000000000"),
        ("1e-3", "0.001"),
        ("100.50", "100.5"),
    ] {
        assert_eq!(number(sent).to_string(), returned, "{sent}");
    }
    assert_eq!(number("1E125").to_string(), format!("1{}", "0".repeat(125)));
    assert_eq!(number("1E-130").to_string(), format!("0.{}1", "0".repeat(129)));
}

#[test]
fn what_is_no_number_is_refused_in_awss_words() {
    assert_eq!(failure(""), "The parameter cannot be converted to a numeric value: ");
    for text in ["abc", "NaN", "Infinity", " 1", "1 ", "-", ".", "1e", "1e+", "--1", "1.2.3", "e5", "0x1"] {
        assert_eq!(failure(text), format!("The parameter cannot be converted to a numeric value: {text}"));
    }
}

#[test]
fn digits_and_range_are_bounded() {
    let many = "Attempting to store more than 38 significant digits in a Number";
    let over = "Number overflow. Attempting to store a number with magnitude larger than supported range";
    let under = "Number underflow. Attempting to store a number with magnitude smaller than supported range";
    for (text, sentence) in [
        ("123456789012345678901234567890123456789", many),
        ("-1.23456789012345678901234567890123456789", many),
        ("314159265358979323846264338327950288419e30", many),
        ("1e126", over),
        ("-11e125", over),
        ("1e99999999999999999999", over),
        ("1e-131", under),
        ("0.9e-130", under),
        ("-1e-99999999999999999999", under),
    ] {
        assert_eq!(failure(text), sentence, "{text}");
    }
    let widest = format!("{}e88", "9".repeat(38));
    assert_eq!(number(&widest).to_string(), format!("{}{}", "9".repeat(38), "0".repeat(88)));
    assert_eq!(number(&"10".repeat(19)).to_string(), "10".repeat(19));
}

#[test]
fn sums_are_exact_or_refused() {
    let sum = |a: &str, b: &str| number(a).plus(number(b)).map(|n| n.to_string());
    assert_eq!(sum("1", "10000000000000000000000").as_deref(), Ok("10000000000000000000001"));
    assert_eq!(sum("0.1", "0.2").as_deref(), Ok("0.3"));
    assert_eq!(sum("1e38", "-1"), Ok("9".repeat(38)));
    assert_eq!(sum("5", "-5").as_deref(), Ok("0"));
    for (a, b) in [("9e125", "9e125"), ("1e50", "1"), ("1e125", "1e-130"), ("1e39", "-1")] {
        assert_eq!(sum(a, b), Err(NumberFailure::Overflow), "{a} + {b}");
    }
    let tiny = number("1.1e-130").minus(number("1e-130"));
    assert_eq!(tiny, Err(NumberFailure::Underflow));
}

#[test]
fn a_number_counts_by_its_pairs_of_digits() {
    // figures measured on AWS by others: 1E125 and 1 cost the same, 3.14159 one more than 123456
    for (text, size) in [
        ("0", 1),
        ("1", 2),
        ("1E125", 2),
        ("123456", 4),
        ("3.14159", 5),
        ("-1", 3),
        ("0.001", 2),
        ("100.5", 4),
    ] {
        assert_eq!(number(text).size(), size, "{text}");
    }
    assert_eq!(number(&"9".repeat(38)).size(), 20);
}

#[test]
fn the_stored_layout_is_frozen() {
    let bytes = postcard::to_stdvec(&number("-12.5")).expect("it encodes");
    assert_eq!(bytes, [1, 249, 1]);
    assert_eq!(postcard::from_bytes::<Number>(&bytes).ok(), Some(number("-12.5")));
}

/// A decimal as sign and 300 digits with the point fixed behind the 150th.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Naive {
    negative: bool,
    digits: Vec<u8>,
}

const WHOLE: usize = 150;

impl Naive {
    fn of(negative: bool, digits: &[u8], exponent: i32) -> Self {
        let mut all = vec![0u8; 2 * WHOLE];
        let end = WHOLE as i32 - exponent;
        for (at, digit) in digits.iter().rev().enumerate() {
            all[(end - 1 - at as i32) as usize] = *digit;
        }
        Self { negative, digits: all }
    }

    fn add(&self, other: &Self) -> Self {
        let (mut digits, mut carry) = (vec![0; 2 * WHOLE], 0i8);
        if self.negative == other.negative {
            for at in (0..2 * WHOLE).rev() {
                let sum = (self.digits[at] + other.digits[at]) as i8 + carry;
                digits[at] = (sum % 10) as u8;
                carry = sum / 10;
            }
            return Self { negative: self.negative, digits };
        }
        let (big, small) = if self.digits >= other.digits { (self, other) } else { (other, self) };
        for at in (0..2 * WHOLE).rev() {
            let mut rest = big.digits[at] as i8 - small.digits[at] as i8 + carry;
            carry = if rest < 0 { -1 } else { 0 };
            rest += if rest < 0 { 10 } else { 0 };
            digits[at] = rest as u8;
        }
        Self { negative: big.negative, digits }
    }

    fn cmp(&self, other: &Self) -> Ordering {
        let nought = |n: &Self| n.digits.iter().all(|d| *d == 0);
        match (self.negative && !nought(self), other.negative && !nought(other)) {
            (false, false) => self.digits.cmp(&other.digits),
            (true, true) => other.digits.cmp(&self.digits),
            (negative, _) => {
                if negative {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
        }
    }

    /// Plain text, and whether 38 digits within the range hold it.
    fn text(&self) -> (String, bool) {
        let Some(first) = self.digits.iter().position(|d| *d != 0) else { return ("0".to_owned(), true) };
        let last = self.digits.iter().rposition(|d| *d != 0).unwrap_or(first);
        let leading = WHOLE as i32 - 1 - first as i32;
        let fits = last - first < 38 && (MIN_MAGNITUDE..=MAX_MAGNITUDE).contains(&leading);
        let text = |digits: &[u8]| digits.iter().map(|d| char::from(b'0' + d)).collect::<String>();
        let mut out = String::from(if self.negative { "-" } else { "" });
        out += &if first < WHOLE { text(&self.digits[first..WHOLE]) } else { "0".to_owned() };
        if last >= WHOLE {
            out += ".";
            out += &text(&self.digits[WHOLE..=last]);
        }
        (out, fits)
    }
}

/// Digits, sign and exponent of a number, close to each other more often than not.
fn decimals() -> impl Strategy<Value = (bool, Vec<u8>, i32)> {
    let exponents = prop_oneof![4 => -20i32..20, 1 => -130i32..80];
    (any::<bool>(), prop::collection::vec(0u8..10, 1..=38), exponents).prop_filter(
        "in range",
        |(_, digits, exponent)| {
            digits.iter().all(|d| *d == 0) || *exponent + digits.len() as i32 <= 120 && *exponent >= -130
        },
    )
}

fn parsed((negative, digits, exponent): &(bool, Vec<u8>, i32)) -> Number {
    let digits: String = digits.iter().map(|d| char::from(b'0' + d)).collect();
    number(&format!("{}{digits}e{exponent}", if *negative { "-" } else { "" }))
}

fn naive((negative, digits, exponent): &(bool, Vec<u8>, i32)) -> Naive {
    Naive::of(*negative, digits, *exponent)
}

proptest! {
    #[test]
    fn text_agrees_with_the_naive_decimal(a in decimals()) {
        let (text, _) = naive(&a).text();
        prop_assert_eq!(parsed(&a).to_string(), text.clone());
        prop_assert_eq!(number(&text), parsed(&a));
    }

    #[test]
    fn sums_agree_with_the_naive_decimal(a in decimals(), b in decimals()) {
        let (text, fits) = naive(&a).add(&naive(&b)).text();
        match parsed(&a).plus(parsed(&b)) {
            Ok(sum) => prop_assert_eq!(sum.to_string(), text),
            Err(_) => prop_assert!(!fits, "{} would fit", text),
        }
        prop_assert_eq!(parsed(&a).minus(parsed(&a)), Ok(Number::ZERO));
    }

    #[test]
    fn order_and_key_bytes_agree_with_the_naive_decimal(a in decimals(), b in decimals()) {
        let expected = naive(&a).cmp(&naive(&b));
        prop_assert_eq!(parsed(&a).cmp(&parsed(&b)), expected);
        let key = |n: Number| { let mut bytes = Vec::new(); n.encode_key(&mut bytes); bytes };
        prop_assert_eq!(key(parsed(&a)).cmp(&key(parsed(&b))), expected);
    }

    #[test]
    fn any_text_is_taken_or_refused_without_panic(text in "[-+.eE0-9]{0,60}") {
        if let Ok(n) = Number::parse(&text) {
            prop_assert_eq!(number(&n.to_string()), n);
        }
    }

    #[test]
    fn a_stored_number_comes_back(a in decimals()) {
        let bytes = postcard::to_stdvec(&parsed(&a)).expect("it encodes");
        prop_assert_eq!(postcard::from_bytes::<Number>(&bytes).ok(), Some(parsed(&a)));
    }
}
