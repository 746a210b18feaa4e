//! Policies and documents at random, against a matcher that is as plain as can be: a document is the list of its values,
//! each with its path and the elements of arrays it lies in, and every choice of values is tried.

use crate::{Dialect, Document, FilterPolicy};
use proptest::prelude::*;

/// Which element of which array: an array is known by the elements that lead to it.
type Membership = Vec<(String, usize)>;

#[derive(Debug, Clone)]
enum Json {
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Array(elements) => {
                format!("[{}]", elements.iter().map(Self::text).collect::<Vec<_>>().join(","))
            }
            Self::Object(members) => {
                let members: Vec<_> =
                    members.iter().map(|(name, value)| format!("\"{name}\":{}", value.text())).collect();
                format!("{{{}}}", members.join(","))
            }
        }
    }

    /// All values: path, text, memberships.
    fn values(
        &self,
        path: &str,
        place: &str,
        within: &Membership,
        found: &mut Vec<(String, String, Membership)>,
    ) {
        match self {
            Self::Text(text) => found.push((path.to_owned(), text.clone(), within.clone())),
            Self::Array(elements) => {
                for (at, element) in elements.iter().enumerate() {
                    let mut within = within.clone();
                    within.push((place.to_owned(), at));
                    element.values(path, &format!("{place}[{at}]"), &within, found);
                }
            }
            Self::Object(members) => {
                for (name, value) in members {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    value.values(&path, &format!("{place}.{name}"), within, found);
                }
            }
        }
    }
}

fn agree(left: &Membership, right: &Membership) -> bool {
    left.iter().all(|(array, at)| right.iter().all(|(other, element)| array != other || at == element))
}

/// A policy's tree: keys with nested keys or a list of wanted texts.
#[derive(Debug, Clone)]
enum Wanted {
    Values(Vec<String>),
    Keys(Vec<(String, Wanted)>),
}

impl Wanted {
    fn text(&self) -> String {
        match self {
            Self::Values(values) => format!("[{}]", values.join(",")),
            Self::Keys(keys) => {
                let keys: Vec<_> =
                    keys.iter().map(|(name, wanted)| format!("\"{name}\":{}", wanted.text())).collect();
                format!("{{{}}}", keys.join(","))
            }
        }
    }

    fn leaves(&self, path: &str, found: &mut Vec<(String, Vec<String>)>) {
        match self {
            Self::Values(values) => found.push((path.to_owned(), values.clone())),
            Self::Keys(keys) => {
                for (name, wanted) in keys {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    wanted.leaves(&path, found);
                }
            }
        }
    }
}

fn matches(
    leaves: &[(String, Vec<String>)],
    values: &[(String, String, Membership)],
    so_far: &Membership,
) -> bool {
    let Some(((path, wanted), rest)) = leaves.split_first() else { return true };
    values.iter().any(|(at, text, within)| {
        at == path && wanted.contains(text) && agree(so_far, within) && {
            let mut so_far = so_far.clone();
            so_far.extend(within.iter().cloned());
            matches(rest, values, &so_far)
        }
    })
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "c"]).prop_map(str::to_owned)
}

fn scalar() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["1", "2", "\"x\"", "\"y\"", "true", "null"]).prop_map(str::to_owned)
}

fn distinct<T>(members: Vec<(String, T)>) -> Vec<(String, T)> {
    let mut seen = Vec::new();
    members
        .into_iter()
        .filter(|(name, _)| {
            !seen.contains(name) && {
                seen.push(name.clone());
                true
            }
        })
        .collect()
}

fn json() -> impl Strategy<Value = Json> {
    scalar().prop_map(Json::Text).prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Json::Array),
            prop::collection::vec((name(), inner), 0..3).prop_map(|members| Json::Object(distinct(members))),
        ]
    })
}

fn wanted() -> impl Strategy<Value = Wanted> {
    prop::collection::vec(scalar(), 1..3).prop_map(Wanted::Values).prop_recursive(3, 8, 3, |inner| {
        prop::collection::vec((name(), inner), 1..3).prop_map(|keys| Wanted::Keys(distinct(keys)))
    })
}

proptest! {
    #[test]
    fn a_policy_matches_as_the_plain_matcher_says(
        keys in prop::collection::vec((name(), wanted()), 1..3),
        members in prop::collection::vec((name(), json()), 0..4),
    ) {
        let wanted = Wanted::Keys(distinct(keys));
        let body = Json::Object(distinct(members));
        let policy = FilterPolicy::parse(&wanted.text(), Dialect::EventBridge).expect("a policy");
        let document = Document::parse(&body.text());
        let (mut leaves, mut values) = (Vec::new(), Vec::new());
        wanted.leaves("", &mut leaves);
        body.values("", "", &Vec::new(), &mut values);
        prop_assert_eq!(
            policy.matches_body(document.as_ref()).is_ok(),
            matches(&leaves, &values, &Vec::new()),
            "{} and {}", wanted.text(), body.text()
        );
    }

    #[test]
    fn no_text_makes_a_policy_panic(text in r#"[\[\]{}:,"$orprefixnumeric<>=.0-9eabtnul\- ]*"#) {
        let _ = FilterPolicy::parse(&text, Dialect::SnsBody);
        let _ = FilterPolicy::parse(&format!("{{\"a\":[{text}]}}"), Dialect::EventBridge);
        let _ = FilterPolicy::parse(&format!("{{\"a\":[{{{text}}}]}}"), Dialect::Lambda);
    }
}
