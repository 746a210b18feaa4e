//! Attribute values as callers send them: checked, and made into values.

use super::failure::{SetKind, ValueFailure};
use super::number::Number;
use super::value::{AttributeValue, Binary, MAX_NESTING};
use smol_str::SmolStr;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The level of lists and maps at which a value stands while it is read.
#[derive(Debug, Clone, Copy)]
pub struct Nesting(u8);

impl Nesting {
    /// An attribute of an item.
    pub const TOP: Self = Self(0);

    /// The level of the elements of a list or map at this level; the 33rd is refused.
    pub fn deeper(self) -> Result<Self, ValueFailure> {
        if self.0 >= MAX_NESTING { Err(ValueFailure::NestedTooDeep) } else { Ok(Self(self.0 + 1)) }
    }
}

/// Checks what a caller sent as one value, datatype by datatype: exactly one must be set, and each must be right in
/// itself before their number counts.
#[derive(Debug, Default)]
pub struct Draft {
    value: Option<AttributeValue>,
    many: bool,
}

impl Draft {
    /// Takes a datatype that cannot be wrong in itself: `S`, `B`, `BOOL`, `L` and `M` of values already checked.
    pub fn set(&mut self, value: AttributeValue) {
        self.many |= self.value.replace(value).is_some();
    }

    /// Takes `N`.
    pub fn number(&mut self, text: &str) -> Result<(), ValueFailure> {
        self.set(AttributeValue::N(Number::parse(text)?));
        Ok(())
    }

    /// Takes `NULL`, which must be true.
    pub fn null(&mut self, flag: bool) -> Result<(), ValueFailure> {
        self.set(AttributeValue::Null);
        if flag { Ok(()) } else { Err(ValueFailure::NullNotTrue) }
    }

    /// Takes `SS`. Empty strings may be members. DynamoDB returns the members of sets in their order.
    pub fn strings(&mut self, members: Vec<SmolStr>) -> Result<(), ValueFailure> {
        let members = distinct(members, SetKind::Strings, SmolStr::to_string)?;
        self.set(AttributeValue::Ss(Arc::new(members)));
        Ok(())
    }

    /// Takes `NS`. Numbers are the same when their values are, however they are written.
    pub fn numbers<'a>(&mut self, texts: impl Iterator<Item = &'a str>) -> Result<(), ValueFailure> {
        let members = texts.map(Number::parse).collect::<Result<Vec<_>, _>>()?;
        let members = distinct(members, SetKind::Numbers, Number::to_string)?;
        self.set(AttributeValue::Ns(Arc::new(members)));
        Ok(())
    }

    /// Takes `BS`.
    pub fn binaries(&mut self, members: Vec<Binary>) -> Result<(), ValueFailure> {
        let members = distinct(members, SetKind::Binaries, Binary::to_base64)?;
        self.set(AttributeValue::Bs(Arc::new(members)));
        Ok(())
    }

    /// The value, if exactly one datatype was set.
    pub fn finish(self) -> Result<AttributeValue, ValueFailure> {
        if self.many {
            return Err(ValueFailure::ManyDatatypes);
        }
        self.value.ok_or(ValueFailure::NoDatatype)
    }
}

/// The members in their order.
fn distinct<T: Ord + Clone>(
    members: Vec<T>,
    kind: SetKind,
    show: impl Fn(&T) -> String,
) -> Result<Vec<T>, ValueFailure> {
    if members.is_empty() {
        return Err(ValueFailure::EmptySet(kind));
    }
    let mut ordered = members.clone();
    ordered.sort_unstable();
    if ordered.windows(2).all(|pair| pair[0] != pair[1]) {
        return Ok(ordered);
    }
    // AWS shows the members in order as far as it has come, the repeated one, and the rest as it was sent
    let mut seen = BTreeSet::new();
    let repeated = members.iter().position(|member| !seen.insert(member)).unwrap_or(members.len());
    let shown = seen.into_iter().chain(&members[repeated..]);
    Err(ValueFailure::Duplicates(kind, shown.map(show).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(make: impl FnOnce(&mut Draft) -> Result<(), ValueFailure>) -> String {
        let mut draft = Draft::default();
        make(&mut draft).and_then(|()| draft.finish()).expect_err("it is refused").to_string()
    }

    #[test]
    fn a_wrong_value_is_refused_in_awss_words() {
        let invalid = "One or more parameter values were invalid: ";
        let text = |s: &str| AttributeValue::S(s.into());
        let bytes = || vec![Binary::from(b"b".as_slice()); 2];
        assert_eq!(
            sentence(|_| Ok(())),
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
        );
        assert_eq!(
            sentence(|d| {
                d.set(text("a"));
                d.number("1")
            }),
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
        );
        assert_eq!(
            sentence(|d| {
                d.set(text("a"));
                d.number("b")
            }),
            "The parameter cannot be converted to a numeric value: b"
        );
        let cases: [(String, &str); 8] = [
            (sentence(|d| d.null(false)), "Null attribute value types must have the value of true"),
            (sentence(|d| d.strings(vec![])), "An string set  may not be empty"),
            (sentence(|d| d.numbers([].into_iter())), "An number set  may not be empty"),
            (sentence(|d| d.binaries(vec![])), "Binary sets should not be empty"),
            (
                sentence(|d| d.strings(vec!["a".into(), "a".into()])),
                "Input collection [\"a\", \"a\"] contains duplicates.",
            ),
            (
                sentence(|d| d.binaries(bytes())),
                "Input collection [\"Yg==\",\"Yg==\"]of type BS contains duplicates.",
            ),
            (
                sentence(|d| d.strings(vec!["b".into(), "a".into(), "b".into(), "0".into()])),
                "Input collection [\"a\", \"b\", \"b\", \"0\"] contains duplicates.",
            ),
            (sentence(|d| d.numbers(["1", "1.0"].into_iter())), "Input collection contains duplicates."),
        ];
        for (sentence, expected) in cases {
            assert_eq!(sentence, format!("{invalid}{expected}"));
        }
    }

    #[test]
    fn values_nest_32_levels_and_no_more() {
        let mut nesting = Nesting::TOP;
        for _ in 0..32 {
            nesting = nesting.deeper().expect("32 levels are allowed");
        }
        assert_eq!(nesting.deeper().map(|_| ()), Err(ValueFailure::NestedTooDeep));
    }

    // paritysuite/dynamodb-conformance issue 82: AWS takes them
    #[test]
    fn empty_strings_may_be_members_of_sets() {
        let mut draft = Draft::default();
        assert_eq!(draft.strings(vec!["".into(), "a".into()]), Ok(()));
        assert!(draft.finish().is_ok());
    }
}
