//! Form-encoded names and values, as in a query string or in an awsQuery body.

use std::borrow::Cow;

/// One `name=value`, decoded; borrowed where nothing was encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::protocol) struct Pair<'b> {
    pub(in crate::protocol) name: Cow<'b, str>,
    pub(in crate::protocol) value: Cow<'b, str>,
}

/// The pairs of a form, in their order. A name without `=` has an empty value.
pub(in crate::protocol) fn pairs(form: &[u8]) -> impl Iterator<Item = Pair<'_>> {
    raw_pairs(form).map(|(name, value)| Pair { name: decode(name), value: decode(value) })
}

/// The value of the first pair of this name. Names that are spelled with escapes are found as well.
pub(in crate::protocol) fn find<'b>(form: &'b [u8], name: &str) -> Option<Cow<'b, str>> {
    raw_pairs(form)
        .find(|(raw, _)| *raw == name.as_bytes() || (raw.contains(&b'%') && decode(raw) == name))
        .map(|(_, value)| decode(value))
}

fn raw_pairs(form: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    form.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
        match pair.iter().position(|byte| *byte == b'=') {
            Some(at) => (&pair[..at], &pair[at + 1..]),
            None => (pair, &[][..]),
        }
    })
}

/// Undoes form encoding: `+` is a space, `%41` a byte. A broken escape stands for itself, and what is not UTF-8
/// becomes U+FFFD.
fn decode(raw: &[u8]) -> Cow<'_, str> {
    let Some(first) = raw.iter().position(|byte| matches!(byte, b'%' | b'+')) else {
        return String::from_utf8_lossy(raw);
    };
    let mut bytes = Vec::with_capacity(raw.len());
    bytes.extend_from_slice(&raw[..first]);
    let mut at = first;
    while let Some(&byte) = raw.get(at) {
        let escaped = match byte {
            b'%' => raw
                .get(at + 1)
                .zip(raw.get(at + 2))
                .and_then(|(high, low)| Some(hex(*high)? << 4 | hex(*low)?)),
            _ => None,
        };
        match (byte, escaped) {
            (_, Some(escaped)) => {
                bytes.push(escaped);
                at += 2;
            }
            (b'+', None) => bytes.push(b' '),
            (byte, None) => bytes.push(byte),
        }
        at += 1;
    }
    let text = String::from_utf8(bytes);
    Cow::Owned(text.unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_pairs_are_borrowed_and_escapes_are_undone() {
        let all: Vec<_> = pairs(b"a=1&&b=x+y%21%C3%A9&c&d=%zz%4&e=%ff&f==").collect();
        let read: Vec<_> = all.iter().map(|pair| (&*pair.name, &*pair.value)).collect();
        assert_eq!(
            read,
            [("a", "1"), ("b", "x y!é"), ("c", ""), ("d", "%zz%4"), ("e", "\u{fffd}"), ("f", "=")]
        );
        assert!(matches!(all[0].value, Cow::Borrowed(_)));
    }

    #[test]
    fn the_first_pair_of_a_name_is_found() {
        assert_eq!(find(b"Version=1&Action=Send&Action=Other", "Action").as_deref(), Some("Send"));
        assert_eq!(find(b"%41ction=Send", "Action").as_deref(), Some("Send"));
        assert_eq!(find(b"XAction=Send&Actio=n", "Action"), None);
    }
}
