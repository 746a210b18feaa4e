//! `ExpressionAttributeNames` and `ExpressionAttributeValues`, and which of them the expressions of a request used.

use super::super::value::AttributeValue;
use super::PlaceholderFailure;
use smol_str::SmolStr;

/// The placeholders of a request. All of its expressions are read with the same ones; [`Placeholders::finish`] then
/// refuses what none of them used.
#[derive(Debug, Default)]
pub struct Placeholders {
    names: Vec<Entry<SmolStr>>,
    values: Vec<Entry<AttributeValue>>,
}

#[derive(Debug)]
struct Entry<T> {
    key: SmolStr,
    meaning: T,
    used: bool,
}

impl Placeholders {
    /// Takes the names, keys with their `#`, if the request has any.
    pub fn names<K: Into<SmolStr>>(
        &mut self,
        names: impl IntoIterator<Item = (K, SmolStr)>,
    ) -> Result<(), PlaceholderFailure> {
        take(&mut self.names, names, b'#', PlaceholderFailure::NameKey)?;
        if self.names.is_empty() { Err(PlaceholderFailure::NoNames) } else { Ok(()) }
    }

    /// Takes the values, keys with their `:`, if the request has any. Keys are checked with
    /// [`Placeholders::check_value_keys`] before the values are made, for AWS refuses a bad key first.
    pub fn values<K: Into<SmolStr>>(
        &mut self,
        values: impl IntoIterator<Item = (K, AttributeValue)>,
    ) -> Result<(), PlaceholderFailure> {
        take(&mut self.values, values, b':', PlaceholderFailure::ValueKey)?;
        if self.values.is_empty() { Err(PlaceholderFailure::NoValues) } else { Ok(()) }
    }

    /// Refuses an empty map of values, and keys that are no placeholders.
    pub fn check_value_keys<'a>(keys: impl IntoIterator<Item = &'a str>) -> Result<(), PlaceholderFailure> {
        let mut any = false;
        for key in keys {
            any = true;
            if !is_key(key, b':') {
                return Err(PlaceholderFailure::ValueKey(key.to_owned()));
            }
        }
        if any { Ok(()) } else { Err(PlaceholderFailure::NoValues) }
    }

    /// The attribute name behind a `#name`.
    pub(super) fn name(&mut self, key: &str) -> Option<SmolStr> {
        find(&mut self.names, key)
    }

    /// The value behind a `:value`.
    pub(super) fn value(&mut self, key: &str) -> Option<AttributeValue> {
        find(&mut self.values, key)
    }

    /// Refuses placeholders that no expression used, names first.
    pub fn finish(self) -> Result<(), PlaceholderFailure> {
        let names = unused(&self.names);
        if !names.is_empty() {
            return Err(PlaceholderFailure::UnusedNames(names));
        }
        let values = unused(&self.values);
        if !values.is_empty() {
            return Err(PlaceholderFailure::UnusedValues(values));
        }
        Ok(())
    }
}

fn take<K: Into<SmolStr>, T>(
    into: &mut Vec<Entry<T>>,
    entries: impl IntoIterator<Item = (K, T)>,
    mark: u8,
    bad_key: impl Fn(String) -> PlaceholderFailure,
) -> Result<(), PlaceholderFailure> {
    for (key, meaning) in entries {
        let key = key.into();
        if !is_key(&key, mark) {
            return Err(bad_key(key.to_string()));
        }
        into.push(Entry { key, meaning, used: false });
    }
    into.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(())
}

fn is_key(key: &str, mark: u8) -> bool {
    match key.as_bytes() {
        [first, rest @ ..] => {
            *first == mark
                && !rest.is_empty()
                && rest.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        }
        [] => false,
    }
}

fn find<T: Clone>(entries: &mut [Entry<T>], key: &str) -> Option<T> {
    let at = entries.binary_search_by(|entry| entry.key.as_str().cmp(key)).ok()?;
    entries[at].used = true;
    Some(entries[at].meaning.clone())
}

fn unused<T>(entries: &[Entry<T>]) -> Vec<String> {
    entries.iter().filter(|entry| !entry.used).map(|entry| entry.key.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(result: Result<(), PlaceholderFailure>) -> String {
        result.expect_err("it is refused").to_string()
    }

    #[test]
    fn keys_are_checked() {
        let mut placeholders = Placeholders::default();
        let none: [(&str, SmolStr); 0] = [];
        assert_eq!(sentence(placeholders.names(none)), "ExpressionAttributeNames must not be empty");
        for key in ["a", "#", "#a-b", ":a", ""] {
            assert_eq!(
                sentence(placeholders.names([(key, "x".into())])),
                format!("ExpressionAttributeNames contains invalid key: Syntax error; key: \"{key}\"")
            );
        }
        assert_eq!(
            sentence(Placeholders::check_value_keys([])),
            "ExpressionAttributeValues must not be empty"
        );
        assert_eq!(
            sentence(Placeholders::check_value_keys([":b", "b"])),
            "ExpressionAttributeValues contains invalid key: Syntax error; key: \"b\""
        );
        let failure = super::super::super::failure::ValueFailure::NoDatatype;
        assert_eq!(
            sentence(Err(PlaceholderFailure::Value { key: ":b".to_owned(), failure })),
            "ExpressionAttributeValues contains invalid value: Supplied AttributeValue is empty, must contain exactly one of the supported datatypes for key :b"
        );
    }

    #[test]
    fn what_is_not_used_is_refused_names_first() {
        let given = || {
            let mut placeholders = Placeholders::default();
            placeholders.names([("#b", "b".into()), ("#a", "a".into())]).expect("good names");
            placeholders.values([(":a", AttributeValue::Null)]).expect("good values");
            placeholders
        };
        assert_eq!(
            sentence(given().finish()),
            "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a, #b}"
        );
        let mut used = given();
        assert_eq!(used.name("#a").zip(used.name("#b")), Some(("a".into(), "b".into())));
        assert_eq!(
            sentence(used.finish()),
            "Value provided in ExpressionAttributeValues unused in expressions: keys: {:a}"
        );
    }
}
