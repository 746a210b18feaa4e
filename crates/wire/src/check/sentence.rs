//! The sentences for broken constraints, and the order in which AWS's framework prints what it keeps in hash sets.
//!
//! Facts, from recorded answers (Lambda, KMS, API Gateway, EventBridge, Step Functions): of one value the pattern is told
//! before the length; of elements all constraints are told, lengths first; an enumeration's values are printed in the
//! order of 32 buckets by Java's hash, the latest of the model first within one, and those of a list's elements by the
//! buckets of a `java.util.HashSet`. Not explained: the order within a bucket of the latter, and KMS's `keyUsage`.

use super::pattern;
use super::walk::{Value, is_too_long};
use crate::rules::{Bounds, Rule};

/// A value as a sentence shows it.
pub(super) struct Shown {
    /// It is not shown then.
    pub(super) is_sensitive: bool,
    pub(super) printed: String,
}

/// `Value null at 'tableName' failed to satisfy constraint: Member must not be null`
pub(super) fn absent(path: &str) -> String {
    format!("Value null at '{path}' failed to satisfy constraint: {NOT_NULL}")
}

/// `Value 'x' at 'tableName' failed to satisfy constraint: ...`
pub(super) fn value(shown: &Shown, path: &str, constraint: &str) -> String {
    if shown.is_sensitive {
        return format!("Value at '{path}' failed to satisfy constraint: {constraint}");
    }
    format!("Value '{}' at '{path}' failed to satisfy constraint: {constraint}", shown.printed)
}

const NOT_NULL: &str = "Member must not be null";

fn longest(max: i64) -> String {
    format!("Member must have length less than or equal to {max}")
}

fn shortest(min: i64) -> String {
    format!("Member must have length greater than or equal to {min}")
}

fn matching(pattern: &str) -> String {
    format!("Member must satisfy regular expression pattern: {pattern}")
}

fn enumerated<'a>(values: impl IntoIterator<Item = &'a str>) -> String {
    let values: Vec<_> = values.into_iter().collect();
    format!("Member must satisfy enum value set: [{}]", values.join(", "))
}

/// The constraints that a value breaks.
pub(super) fn broken(rule: &'static Rule, value: Value<'_>) -> Vec<String> {
    let mut all = Vec::new();
    if let (Rule::Text { pattern, one_of, .. }, Value::Text(text)) = (rule, value) {
        if !one_of.is_empty() && !one_of.contains(&text) {
            all.push(enumerated(in_buckets(one_of)));
        }
        all.extend(pattern.filter(|pattern| !pattern::is_match(pattern, text)).map(matching));
    }
    if let Some(is_too_long) = is_too_long(rule, value) {
        let bounds = length_of(rule);
        all.extend(if is_too_long { bounds.max.map(longest) } else { bounds.min.map(shortest) });
    }
    match (rule, value) {
        (Rule::Number(bounds), Value::Whole(number)) => {
            let most = bounds.max.filter(|max| number > *max);
            all.extend(most.map(|max| format!("Member must have value less than or equal to {max}")));
            let least = bounds.min.filter(|min| number < *min);
            all.extend(least.map(|min| format!("Member must have value greater than or equal to {min}")));
        }
        #[expect(clippy::cast_precision_loss, reason = "bounds of models are small")]
        (Rule::Number(bounds), Value::Decimal(number)) => {
            let most = bounds.max.filter(|max| number > *max as f64);
            all.extend(most.map(|max| format!("Member must have value less than or equal to {max}.0")));
            let least = bounds.min.filter(|min| number < *min as f64);
            all.extend(least.map(|min| format!("Member must have value greater than or equal to {min}.0")));
        }
        _ => {}
    }
    all
}

fn length_of(rule: &Rule) -> Bounds {
    match rule {
        Rule::Text { length, .. } => *length,
        Rule::Blob(bounds) | Rule::List(bounds, _) | Rule::Map(bounds, ..) => *bounds,
        _ => Bounds::NONE,
    }
}

/// All constraints of an element.
fn of_element(rule: &Rule, forbids_null: bool) -> Vec<String> {
    let bounds = length_of(rule);
    let mut all: Vec<_> = bounds.max.map(longest).into_iter().chain(bounds.min.map(shortest)).collect();
    match rule {
        Rule::Text { pattern, one_of, .. } => {
            all.extend(pattern.map(matching));
            if !one_of.is_empty() {
                all.push(enumerated(in_hash_set(one_of)));
            }
        }
        Rule::Number(bounds) => {
            all.extend(bounds.max.map(|max| format!("Member must have value less than or equal to {max}.0")));
            all.extend(
                bounds.min.map(|min| format!("Member must have value greater than or equal to {min}.0")),
            );
        }
        _ => {}
    }
    if forbids_null {
        all.push(NOT_NULL.to_owned());
    }
    all
}

/// What is said of a list one of whose elements is wrong. A constraint that is alone needs no brackets.
pub(super) fn of_elements(rule: &Rule, forbids_null: bool) -> String {
    let all = of_element(rule, forbids_null);
    match all.as_slice() {
        [alone] => alone.clone(),
        _ => format!("Member must satisfy constraint: [{}]", all.join(", ")),
    }
}

/// What is said of a map one of whose keys is wrong.
pub(super) fn of_keys(rule: &Rule) -> String {
    format!("Map keys must satisfy constraint: [{}]", of_element(rule, false).join(", "))
}

/// What is said of a map one of whose values is wrong.
pub(super) fn of_values(rule: &Rule, forbids_null: bool) -> String {
    format!("Map value must satisfy constraint: [{}]", of_element(rule, forbids_null).join(", "))
}

/// `String.hashCode` of Java.
fn java_hash(text: &str) -> u32 {
    text.encode_utf16().fold(0, |hash, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)))
}

/// The values of an enumeration as the framework prints them: by bucket of 32, the last of the model first.
fn in_buckets<'a>(values: &[&'a str]) -> Vec<&'a str> {
    let mut all: Vec<_> = values.iter().rev().copied().collect();
    all.sort_by_key(|value| java_hash(value) & 31);
    all
}

/// The values in the order of a `java.util.HashSet` that they were put in, one after the other.
fn in_hash_set<'a>(values: &[&'a str]) -> Vec<&'a str> {
    let buckets = (values.len() * 4 / 3 + 1).next_power_of_two().max(16);
    let mask = u32::try_from(buckets - 1).unwrap_or(u32::MAX);
    let mut all = values.to_vec();
    all.sort_by_key(|value| {
        let hash = java_hash(value);
        (hash ^ (hash >> 16)) & mask
    });
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_of_an_enumeration_stand_in_the_order_that_was_recorded() {
        for (model, recorded) in [
            (
                "RUNNING SUCCEEDED FAILED TIMED_OUT ABORTED PENDING_REDRIVE",
                "SUCCEEDED TIMED_OUT PENDING_REDRIVE ABORTED FAILED RUNNING",
            ),
            ("add remove replace move copy test", "add remove move test replace copy"),
            ("OK ALARM INSUFFICIENT_DATA", "INSUFFICIENT_DATA ALARM OK"),
            ("HTTP AWS MOCK HTTP_PROXY AWS_PROXY", "HTTP MOCK AWS_PROXY HTTP_PROXY AWS"),
            (
                "API AUTHORIZER MODEL RESOURCE METHOD PATH_PARAMETER QUERY_PARAMETER REQUEST_HEADER \
                 REQUEST_BODY RESPONSE RESPONSE_HEADER RESPONSE_BODY",
                "RESPONSE_BODY RESPONSE METHOD MODEL AUTHORIZER RESPONSE_HEADER RESOURCE PATH_PARAMETER \
                 REQUEST_BODY QUERY_PARAMETER API REQUEST_HEADER",
            ),
        ] {
            let values: Vec<_> = model.split_whitespace().collect();
            assert_eq!(in_buckets(&values), recorded.split_whitespace().collect::<Vec<_>>());
        }
    }

    #[test]
    fn elements_stand_in_the_order_of_a_hash_set() {
        assert_eq!(in_hash_set(&["x86_64", "arm64"]), ["x86_64", "arm64"]);
        assert_eq!(in_hash_set(&["arm64", "x86_64"]), ["x86_64", "arm64"]);
    }
}
