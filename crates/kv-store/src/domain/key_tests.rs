//! Tests of keys. The sentences are those of AWS's answers to dynalite's tests and to dynamodb-conformance.

use super::*;
use crate::domain::expression::{Condition, ExpressionKind, Placeholders};
use crate::domain::literal::item;
use crate::domain::{Binary, Number};
use proptest::prelude::*;

fn schema(hash: KeyKind, range: Option<KeyKind>) -> KeySchema {
    let attribute = |name: &str, kind| KeyAttribute { name: name.into(), kind };
    KeySchema { hash: attribute("id", hash), range: range.map(|kind| attribute("sk", kind)) }
}

fn text(size: usize) -> AttributeValue {
    AttributeValue::S("x".repeat(size).into())
}

#[test]
fn an_item_must_have_its_keys() {
    let schema = schema(KeyKind::S, Some(KeyKind::N));
    let refusal = |text: &str| schema.key_of_item(&item(text)).expect_err("it is refused").to_string();
    let invalid = "One or more parameter values were invalid: ";
    assert_eq!(refusal("{a: 1}"), format!("{invalid}Missing the key id in the item"));
    assert_eq!(refusal("{id: 'a'}"), format!("{invalid}Missing the key sk in the item"));
    assert_eq!(refusal("{id: 1, sk: 1}"), format!("{invalid}Type mismatch for key id expected: S actual: N"));
    assert_eq!(
        refusal("{id: 'a', sk: null}"),
        format!("{invalid}Type mismatch for key sk expected: N actual: NULL")
    );
    assert!(schema.key_of_item(&item("{id: 'a', sk: 1, more: 2}")).is_ok());
}

#[test]
fn a_given_key_must_be_the_schemas_and_nothing_else() {
    let hash = schema(KeyKind::S, None);
    for key in ["{}", "{b: 'a'}", "{id: 'a', b: 'a'}", "{id: 1}", "{id: null}", "{id: <'a'>}", "{id: {}}"] {
        let failure = hash.key_of_given(&item(key)).expect_err("it is refused");
        assert_eq!(failure.to_string(), "The provided key element does not match the schema", "{key}");
    }
    let both = schema(KeyKind::S, Some(KeyKind::S));
    assert_eq!(both.key_of_given(&item("{id: 'a'}")), Err(KeyFailure::NotTheSchema));
    let key = item("{id: 'a', sk: 'b'}");
    assert_eq!(both.key_of_given(&key), both.key_of_item(&item("{id: 'a', sk: 'b', more: 1}")));
}

#[test]
fn key_values_are_neither_empty_nor_too_long() {
    let sentence = |result: Result<ItemKey, KeyFailure>| result.expect_err("it is refused").to_string();
    let not_valid = "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty";
    let strings = schema(KeyKind::S, Some(KeyKind::S));
    assert_eq!(
        sentence(strings.key_of_item(&item("{id: '', sk: 'b'}"))),
        format!("{not_valid} string value. Key: id")
    );
    assert_eq!(
        sentence(strings.key_of_given(&item("{id: 'a', sk: ''}"))),
        format!("{not_valid} string value. Key: sk")
    );
    let binary = schema(KeyKind::B, None);
    assert_eq!(
        sentence(binary.key_of_given(&item("{id: b''}"))),
        format!("{not_valid} binary value. Key: id")
    );

    let key = |hash: usize, range: usize| -> Item {
        [("id".into(), text(hash)), ("sk".into(), text(range))].into_iter().collect()
    };
    assert!(strings.key_of_item(&key(2048, 1024)).is_ok());
    assert_eq!(
        sentence(strings.key_of_item(&key(2049, 1))),
        "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes"
    );
    assert_eq!(
        sentence(strings.key_of_item(&key(1, 1025))),
        "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes"
    );
}

#[test]
fn an_item_is_in_an_index_when_it_has_all_of_its_keys() {
    let index = schema(KeyKind::S, Some(KeyKind::N));
    assert_eq!(index.key_in_index("i", &item("{id: 'a'}")), Ok(None));
    assert!(matches!(index.key_in_index("i", &item("{id: 'a', sk: 1}")), Ok(Some(_))));
    let refusal = |text: &str| index.key_in_index("i", &item(text)).expect_err("it is refused").to_string();
    assert_eq!(
        refusal("{id: 1}"),
        "One or more parameter values were invalid: Type mismatch for Index Key id Expected: S Actual: N IndexName: i"
    );
    assert_eq!(
        refusal("{id: ''}"),
        "One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: i, IndexKey: id"
    );
}

#[test]
fn expressions_leave_keys_alone() {
    let keys = schema(KeyKind::S, Some(KeyKind::S));
    let update = |text: &str| {
        let mut placeholders = Placeholders::default();
        placeholders.values([(":v", AttributeValue::N(Number::ZERO))]).expect("good values");
        UpdateExpression::parse(text, &mut placeholders).expect("it is an update")
    };
    let refusal = |result: Result<(), KeyFailure>| result.expect_err("it is refused").to_string();
    for text in ["set id = id.b + id[1]", "add id.b :v", "remove d, id set b = :v"] {
        assert_eq!(
            refusal(keys.check_update(&update(text))),
            "One or more parameter values were invalid: Cannot update attribute id. This attribute is part of the key",
            "{text}"
        );
    }
    assert_eq!(keys.check_update(&update("set b = id")), Ok(()));
    for text in ["add sk :v", "set e = sk[1], sk = a + :v"] {
        assert_eq!(
            refusal(keys.check_index_update("index1", &update(text))),
            "One or more parameter values were invalid: Type mismatch for Index Key sk Expected: S Actual: N IndexName: index1",
            "{text}"
        );
    }
    let condition = Condition::parse(
        ExpressionKind::Filter,
        "attribute_exists(id.b.c) and id = b",
        &mut Placeholders::default(),
    );
    let condition = condition.expect("it is a condition");
    let scalars =
        "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed:";
    assert_eq!(refusal(keys.check_paths(&condition.paths())), format!("{scalars} Key: id"));
    assert_eq!(
        refusal(keys.check_index_paths(&update("set e = sk[1]").paths())),
        format!("{scalars} IndexKey: sk")
    );
    assert_eq!(
        refusal(keys.check_filter(&condition.paths())),
        "Filter Expression can only contain non-primary key attributes: Primary key attribute: id"
    );
    assert_eq!(keys.check_paths(&update("set e = sk").paths()), Ok(()));
}

#[test]
fn the_stored_layout_is_frozen() {
    let key = schema(KeyKind::S, Some(KeyKind::N)).key_of_item(&item("{id: 'ab', sk: -1.5}")).expect("a key");
    let bytes = postcard::to_stdvec(&key).expect("it encodes");
    assert_eq!(bytes, [8, 0, 2, b'a', b'b', 1, !130, 100 - 15, 101]);
    assert_eq!(postcard::from_bytes::<ItemKey>(&bytes).ok(), Some(key));
}

#[test]
fn a_key_is_small() {
    assert!(size_of::<ItemKey>() <= 32, "{}", size_of::<ItemKey>());
}

fn values(kind: KeyKind) -> BoxedStrategy<AttributeValue> {
    match kind {
        KeyKind::S => {
            "[a-c\u{e9}\u{10348}\u{ffff}]{1,20}".prop_map(|text| AttributeValue::S(text.into())).boxed()
        }
        KeyKind::B => prop::collection::vec(prop_oneof![Just(0u8), Just(255), any::<u8>()], 1..40)
            .prop_map(|bytes| AttributeValue::B(Binary::from(bytes)))
            .boxed(),
        KeyKind::N => (-2000i64..2000, -4i32..4)
            .prop_map(|(n, e)| AttributeValue::N(Number::parse(&format!("{n}e{e}")).expect("a number")))
            .boxed(),
    }
}

fn order(a: &AttributeValue, b: &AttributeValue) -> Ordering {
    match (a, b) {
        (AttributeValue::S(a), AttributeValue::S(b)) => a.as_bytes().cmp(b.as_bytes()),
        (AttributeValue::B(a), AttributeValue::B(b)) => a.cmp(b),
        (AttributeValue::N(a), AttributeValue::N(b)) => a.cmp(b),
        _ => Ordering::Equal,
    }
}

proptest! {
    #[test]
    fn keys_sort_by_partition_then_as_their_values_do(
        (kind, pairs) in prop_oneof![Just(KeyKind::S), Just(KeyKind::N), Just(KeyKind::B)].prop_flat_map(|kind| {
            let pair = ("[ab]{1,3}", values(kind));
            (Just(kind), prop::collection::vec(pair, 2))
        })
    ) {
        let schema = schema(KeyKind::S, Some(kind));
        let keys: Vec<_> = pairs.iter().map(|(id, sk)| {
            let item = [("id".into(), AttributeValue::S(id.into())), ("sk".into(), sk.clone())];
            schema.key_of_item(&item.into_iter().collect()).expect("a key")
        }).collect();
        let expected = pairs[0].0.cmp(&pairs[1].0).then_with(|| order(&pairs[0].1, &pairs[1].1));
        prop_assert_eq!(keys[0].cmp(&keys[1]), expected);
        prop_assert_eq!(keys[0] == keys[1], expected.is_eq());
        let bytes = postcard::to_stdvec(&keys[0]).expect("it encodes");
        prop_assert_eq!(postcard::from_bytes::<ItemKey>(&bytes).ok(), Some(keys[0].clone()));
    }
}
