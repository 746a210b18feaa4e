//! Tests of what callers give, as JSON.

use super::*;
use crate::schema::MEMBERS;
use crate::shown::Shown;
use aws_smithy_json::codec::{JsonCodec, JsonCodecSettings};
use mesh_wire::schema::codec::Codec;
use proptest::prelude::*;

/// The member of some input that is an item.
static ITEM: &Schema<'static> = &MEMBERS[datatype::M];

fn json() -> JsonCodec {
    JsonCodec::new(JsonCodecSettings::default())
}

fn given<T>(text: &str) -> Given<T>
where
    Given<T>: Value,
{
    Given::read(ITEM, &mut json().create_deserializer(text.as_bytes())).expect("it has the form")
}

fn written(value: &impl Value) -> String {
    struct Holder<'a, V>(&'a V);
    impl<V: Value> SerializableStruct for Holder<'_, V> {
        fn schema(&self) -> &Schema<'_> {
            &ATTRIBUTE_VALUE
        }

        fn serialize_members(&self, to: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
            self.0.write(ITEM, to)
        }
    }
    let mut to = json().create_serializer();
    to.write_struct(&ATTRIBUTE_VALUE, &Holder(value)).expect("it can be written");
    let text = String::from_utf8(to.finish()).expect("JSON is text");
    let inside = text.strip_prefix(r#"{"M":"#).and_then(|text| text.strip_suffix('}'));
    inside.expect("the member alone").to_owned()
}

fn sentence(text: &str) -> String {
    given::<AttributeValue>(text).accept().expect_err("it is refused").to_string()
}

#[test]
fn a_wrong_value_is_refused_in_awss_words() {
    assert_eq!(
        sentence("{}"),
        "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
    );
    assert_eq!(
        sentence(r#"{"S": "a", "N": "1"}"#),
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
    );
    let invalid = "One or more parameter values were invalid: ";
    for (text, expected) in [
        (r#"{"NULL": false}"#, "Null attribute value types must have the value of true"),
        (r#"{"SS": []}"#, "An string set  may not be empty"),
        (r#"{"NS": []}"#, "An number set  may not be empty"),
        (r#"{"BS": []}"#, "Binary sets should not be empty"),
        (r#"{"SS": ["a", "a"]}"#, "Input collection [\"a\", \"a\"] contains duplicates."),
        (
            r#"{"BS": ["Yg==", "Yg=="]}"#,
            "Input collection [\"Yg==\",\"Yg==\"]of type BS contains duplicates.",
        ),
        (
            r#"{"SS": ["b", "a", "b", "0"]}"#,
            "Input collection [\"a\", \"b\", \"b\", \"0\"] contains duplicates.",
        ),
        (r#"{"NS": ["1", "1.0"]}"#, "Input collection contains duplicates."),
    ] {
        assert_eq!(sentence(text), format!("{invalid}{expected}"));
    }
}

#[test]
fn a_wrong_datatype_is_told_before_their_number_and_in_their_order() {
    let not_numeric = |text: &str| format!("The parameter cannot be converted to a numeric value: {text}");
    assert_eq!(sentence(r#"{"S": "a", "N": "b"}"#), not_numeric("b"));
    assert_eq!(sentence(r#"{"NULL": false, "NS": ["c"], "N": "b"}"#), not_numeric("b"));
    assert_eq!(sentence(r#"{"NULL": false, "NS": ["c"]}"#), not_numeric("c"));
}

#[test]
fn of_wrong_attributes_the_first_by_name_is_told() {
    let sentence = |text: &str| given::<Attributes>(text).accept().expect_err("it is refused").to_string();
    let empty = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes";
    assert_eq!(sentence(r#"{"b": {"N": "x"}, "a": null}"#), empty);
    assert_eq!(sentence(r#"{"b": {"L": [{"S": "x"}, null, {"N": "x"}]}, "c": {"N": "x"}}"#), empty);
}

#[test]
fn of_two_attributes_with_one_name_the_later_counts() {
    let item = given::<Attributes>(r#"{"b": {"N": "x"}, "a": {"S": "1"}, "b": {"S": "2"}, "a": {"S": "3"}}"#);
    assert_eq!(written(&item), r#"{"a":{"S":"3"},"b":{"S":"2"}}"#);
    let item = given::<Attributes>(r#"{"a": {"S": "1"}, "a": {}}"#);
    assert_eq!(item.accept(), Err(ValueFailure::NoDatatype));
    assert_eq!(written(&given::<Attributes>(r#"{"a": {"S": "1", "S": "2"}}"#)), r#"{"a":{"S":"2"}}"#);
}

#[test]
fn values_nest_32_levels_and_no_more() {
    let nested = |levels: usize| {
        let text = format!("{}{{\"S\": \"a\"}}{}", r#"{"L": ["#.repeat(levels), "]}".repeat(levels));
        given::<AttributeValue>(&text).accept().map(|value| value.nesting())
    };
    assert_eq!(nested(32), Ok(32));
    assert_eq!(nested(33), Err(ValueFailure::NestedTooDeep));
}

// paritysuite/dynamodb-conformance issue 82: AWS takes them
#[test]
fn empty_strings_may_be_members_of_sets() {
    assert!(given::<AttributeValue>(r#"{"SS": ["", "a"]}"#).accept().is_ok());
}

#[test]
fn what_is_wrong_is_written_without_what_is_wrong() {
    assert_eq!(written(&given::<Attributes>(r#"{"a": {"N": "x"}}"#)), "{}");
    assert_eq!(written(&given::<AttributeValue>(r#"{"N": "x"}"#)), "{}");
}

#[test]
fn an_item_comes_back_as_it_was_sent() {
    let text = concat!(
        r#"{"b":{"B":"eHl6"},"bs":{"BS":["YQ==","Yg=="]},"f":{"BOOL":false},"l":{"L":[{"N":"1"},{"L":[{"S":"x"}]}]},"#,
        r#""m":{"M":{"a":{"M":{"b":{"NULL":true}}}}},"n":{"N":"-1.5"},"ns":{"NS":["1","2"]},"s":{"S":""},"#,
        r#""ss":{"SS":["x","y"]}}"#
    );
    let item = given::<Attributes>(text);
    assert_eq!(written(&item), text);
    assert_eq!(written(&Shown::from(item.accept().expect("it is right"))), text);
}

proptest! {
    #[test]
    fn an_item_is_what_a_map_would_be(names in proptest::collection::vec("[a-d]{1,2}", 0..30)) {
        let entries: Vec<_> = names.into_iter().enumerate().map(|(at, name)| (SmolStr::from(name), at)).collect();
        let number = |at: usize| AttributeValue::N(at.into());
        let given = entries.iter().map(|(name, at)| (name.clone(), number(*at))).collect();
        let map: BTreeMap<_, _> = entries.into_iter().collect();
        let attributes = Attributes::from_unordered(given);
        let wanted: Vec<_> = map.into_iter().map(|(name, at)| (name, number(at))).collect();
        prop_assert_eq!(attributes.into_iter().collect::<Vec<_>>(), wanted);
    }
}
