//! Tests of key conditions, with the answers that AWS gave to dynalite's tests against it (`test/query.js`)
//! and to paritysuite/dynamodb-conformance.

use super::*;
use crate::domain::expression::{ExpressionKind, Placeholders};
use crate::domain::key::{KeyAttribute, KeyKind};
use crate::domain::literal::item;
use std::ops::RangeBounds;

fn conditions(text: &str, values: &str) -> Result<KeyConditions, KeyConditionFailure> {
    let mut placeholders = Placeholders::default();
    let values: Vec<_> = item(values).into_iter().map(|(name, value)| (format!(":{name}"), value)).collect();
    if !values.is_empty() {
        placeholders.values(values).expect("good values");
    }
    let condition = Condition::parse(ExpressionKind::KeyCondition, text, &mut placeholders);
    KeyConditions::of(&condition.unwrap_or_else(|failure| panic!("{text}: {failure}")))
}

fn schema(range: Option<KeyKind>) -> KeySchema {
    let attribute = |name: &str, kind| KeyAttribute { name: name.into(), kind };
    KeySchema { hash: attribute("id", KeyKind::S), range: range.map(|kind| attribute("sk", kind)) }
}

#[test]
fn what_is_no_condition_on_a_key_is_refused_in_awss_words() {
    let operator = "Invalid operator used in KeyConditionExpression: ";
    let condition = "Invalid condition in KeyConditionExpression: ";
    let first = "operator must have the key attribute as its first operand";
    let values = "{a: 'N', b: '1'}";
    for (text, sentence) in [
        ("attribute_type(a, :a)", format!("{operator}attribute_type")),
        ("a > b and size(b) > c or a > c", format!("{operator}OR")),
        ("a in (b, size(c), d)", format!("{operator}IN")),
        ("attribute_exists(a)", format!("{operator}attribute_exists")),
        ("contains(a.d, b)", format!("{operator}contains")),
        ("not a > b", format!("{operator}NOT")),
        ("a <> b", format!("{operator}<>")),
        (":a between size(b) and size(a) and b > :b", format!("{condition}BETWEEN {first}")),
        ("begins_with(:a, b) and a > :b", format!("{condition}begins_with {first}")),
        (
            "size(b) > a AND a.b > b AND b > c",
            "KeyConditionExpressions cannot contain nested operations".to_owned(),
        ),
        ("a > size(b.d)", "KeyConditionExpressions cannot contain nested operations".to_owned()),
        (
            "a between size(b) and size(a)",
            "KeyConditionExpressions cannot contain nested operations".to_owned(),
        ),
        ("b > a.b", format!("{condition}Multiple attribute names used in one condition")),
        ("b between c[1] and d", format!("{condition}Multiple attribute names used in one condition")),
        ("begins_with(a, b)", format!("{condition}Multiple attribute names used in one condition")),
        (
            "b.d > a AND c.d > e.f",
            "KeyConditionExpressions cannot have conditions on nested attributes".to_owned(),
        ),
        ("b[0] > a", "KeyConditionExpressions cannot have conditions on nested attributes".to_owned()),
        (":b > :a AND a < :b", format!("{condition}No key attribute specified")),
        (
            "b > :a AND b < :a and c = :a and d = :a",
            "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key"
                .to_owned(),
        ),
    ] {
        let failure = conditions(text, values).expect_err("it is refused");
        assert_eq!(failure.to_string(), sentence, "{text}");
    }
}

#[test]
fn conditions_must_fit_the_keys() {
    let refusal = |text: &str, values: &str, schema: &KeySchema| {
        conditions(text, values)
            .expect("good conditions")
            .range(schema)
            .expect_err("it is refused")
            .to_string()
    };
    let (both, hash) = (schema(Some(KeyKind::N)), schema(None));
    let mismatch =
        "One or more parameter values were invalid: Condition parameter type does not match schema type";
    for (text, values, sentence) in [
        ("sk = :v", "{v: 1}", "Query condition missed key schema element: id"),
        ("z between :v and :v", "{v: 1}", "Query condition missed key schema element: id"),
        ("id = :v and z = :v", "{v: 'a'}", "Query condition missed key schema element: sk"),
        ("id > :v", "{v: 'a'}", "Query key condition not supported"),
        ("id = :v", "{v: 1}", mismatch),
        ("id = :v and sk = :v", "{v: 'a'}", mismatch),
        ("id = :v and begins_with(sk, :v)", "{v: 'a'}", mismatch),
        (
            "id = :v",
            "{v: ''}",
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: id",
        ),
    ] {
        assert_eq!(refusal(text, values, &both), sentence, "{text}");
    }
    assert_eq!(refusal("id = :v and sk = :v", "{v: 'a'}", &hash), "Query key condition not supported");
    // paritysuite/dynamodb-conformance, October 2026
    assert_eq!(
        refusal("id = :v and sk > :v and z = :v", "{v: 'a'}", &both),
        "The number of query conditions (3) exceeds the number of key attributes defined in the schema (2)"
    );
}

#[test]
fn a_range_holds_the_keys_that_satisfy_the_conditions() {
    let numbers = schema(Some(KeyKind::N));
    let keys: Vec<_> = (-3..7).map(|sk| item(&format!("{{id: 'p', sk: {sk}}}"))).collect();
    let others = ["{id: 'o', sk: 3}", "{id: 'pp', sk: 3}", "{id: 'q', sk: 3}"].map(item);
    let found = |text: &str, values: &str| -> Vec<String> {
        let range = conditions(text, values).expect("good conditions").range(&numbers).expect("it fits");
        let holds = |key: &&crate::domain::Item| {
            let key = numbers.key_of_item(key).expect("a key");
            (range.lower.clone(), range.upper.clone()).contains(&key)
        };
        let all = keys.iter().chain(&others).filter(holds);
        all.map(|key| format!("{:?}", key.get("sk").expect("a sort key"))).collect()
    };
    for (text, values, expected) in [
        ("id = :p", "{p: 'p'}", "-3 -2 -1 0 1 2 3 4 5 6"),
        (":p = id AND :v = sk", "{p: 'p', v: 3}", "3"),
        ("sk < :v and id = :p", "{p: 'p', v: 0}", "-3 -2 -1"),
        ("id = :p and :v < sk", "{p: 'p', v: 4}", "5 6"),
        ("id = :p and sk <= :v", "{p: 'p', v: -2}", "-3 -2"),
        ("((id = :p) and (sk >= :v))", "{p: 'p', v: 6}", "6"),
        ("id = :p aNd sk BeTwEeN :v aNd :w", "{p: 'p', v: -1, w: 1}", "-1 0 1"),
    ] {
        let expected: Vec<_> = expected.split(' ').map(|sk| format!("N({sk})")).collect();
        assert_eq!(found(text, values), expected, "{text}");
    }
}

#[test]
fn begins_with_holds_all_that_begins_so_and_nothing_else() {
    let binaries = schema(Some(KeyKind::B));
    let range_of = |start: &[u8]| {
        let term = |name: &str, test| KeyTerm { name: name.into(), test };
        let terms = vec![
            term("id", KeyTest::Equal(AttributeValue::S("p".into()))),
            term("sk", KeyTest::BeginsWith(AttributeValue::B(start.into()))),
        ];
        KeyConditions { terms }.range(&binaries).expect("it fits")
    };
    let key = |id: &str, sk: &[u8]| {
        let mut item = item(&format!("{{id: '{id}'}}"));
        item.insert("sk".into(), AttributeValue::B(sk.into()));
        binaries.key_of_item(&item).expect("a key")
    };
    for (start, sk, holds) in [
        (&[1, 255][..], &[1, 255, 255, 0][..], true),
        (&[1, 255], &[2], false),
        (&[1, 255], &[1, 254, 255], false),
        (&[255, 255], &[255, 255, 255], true),
        (&[255, 255], &[255, 254], false),
        (&[7], &[7], true),
        (&[7], &[8], false),
    ] {
        let range = range_of(start);
        assert_eq!((range.lower.clone(), range.upper.clone()).contains(&key("p", sk)), holds, "{sk:?}");
        assert!(!(range.lower, range.upper).contains(&key("q", start)));
    }
}
