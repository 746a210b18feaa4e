//! Probes that break their rules.

use super::check_with;
use crate::probe::{self, Probe};
use crate::rules::ConstraintStyle;
use crate::{Blob, Map, OperationMeta};
use proptest::prelude::*;

fn operation(service: &'static str, style: ConstraintStyle) -> OperationMeta {
    probe::operation(probe::service(service, style))
}

/// The sentence for a probe that is otherwise fine.
fn refusal(service: &'static str, style: ConstraintStyle, probe: &Probe) -> String {
    check_with(&operation(service, style), probe).expect_err("it is refused").to_string()
}

fn coral(probe: &Probe) -> String {
    let sentence = refusal("probe", ConstraintStyle::Coral, probe);
    sentence.strip_prefix("ValidationException: ").expect("its code").to_owned()
}

/// The sentence for one broken constraint.
fn only(probe: &Probe) -> String {
    let sentence = coral(probe);
    sentence.strip_prefix("1 validation error detected: ").unwrap_or_else(|| panic!("{sentence}")).to_owned()
}

fn fine() -> Probe {
    Probe { name: Some("probe".to_owned()), ..Probe::default() }
}

fn texts(all: &[&str]) -> Vec<String> {
    all.iter().map(|&text| text.to_owned()).collect()
}

#[test]
fn what_keeps_the_rules_passes() {
    let inner = Some(Box::new(Probe { count: Some(1), ratio: Some(1.0), ..fine() }));
    let tags = Some(texts(&["a", "abcd", "größ"]));
    let labels = Some(Map::from([("key".to_owned(), "v".to_owned())]));
    let groups = Some(Map::from([("g".to_owned(), texts(&["NONE", "TOTAL"]))]));
    let things = Some(Map::from([("t".to_owned(), fine())]));
    let data = Some(Blob::new([1, 2, 3, 4]));
    let probe = Probe { inner, tags, labels, groups, things, data, items: Some(vec![fine()]), ..fine() };
    for style in [
        ConstraintStyle::Coral,
        ConstraintStyle::CoralQuery,
        ConstraintStyle::Presence,
        ConstraintStyle::Gateway,
    ] {
        assert!(check_with(&operation("probe", style), &probe).is_ok());
    }
}

#[test]
fn a_required_member_must_be_there() {
    let null = "Value null at 'name' failed to satisfy constraint: Member must not be null";
    assert_eq!(only(&Probe::default()), null);
    let inner = Probe { inner: Some(Box::default()), ..fine() };
    assert_eq!(only(&inner), null.replace("name", "inner.name"));
    let items = Probe { items: Some(vec![fine(), Probe::default()]), ..fine() };
    assert_eq!(only(&items), null.replace("name", "items.2.member.name"));
    let things = Probe { things: Some(Map::from([("k".to_owned(), Probe::default())])), ..fine() };
    assert_eq!(only(&things), null.replace("name", "things.k.member.name"));
}

#[test]
fn a_text_is_measured_and_matched() {
    let name = |name: &str| coral(&Probe { name: Some(name.to_owned()), ..Probe::default() });
    assert_eq!(
        name("a;"),
        "2 validation errors detected: Value 'a;' at 'name' failed to satisfy constraint: Member must satisfy \
         regular expression pattern: [a-zA-Z0-9_.-]+; Value 'a;' at 'name' failed to satisfy constraint: Member \
         must have length greater than or equal to 3"
    );
    assert!(name(&"x".repeat(256)).ends_with("Member must have length less than or equal to 255"));
}

#[test]
fn numbers_and_bytes_have_bounds() {
    assert_eq!(
        only(&Probe { count: Some(101), ..fine() }),
        "Value '101' at 'count' failed to satisfy constraint: Member must have value less than or equal to 100"
    );
    assert_eq!(
        only(&Probe { ratio: Some(-1.0), ..fine() }),
        "Value '-1.0' at 'ratio' failed to satisfy constraint: Member must have value greater than or equal to 0.0"
    );
    assert_eq!(
        only(&Probe { data: Some(Blob::new([0; 5])), ..fine() }),
        "Value 'java.nio.HeapByteBuffer[pos=0 lim=5 cap=5]' at 'data' failed to satisfy constraint: Member must \
         have length less than or equal to 4"
    );
}

#[test]
fn a_secret_is_not_shown() {
    assert_eq!(
        only(&Probe { secret: Some("hunter2".to_owned()), ..fine() }),
        "Value at 'secret' failed to satisfy constraint: Member must have length less than or equal to 4"
    );
}

#[test]
fn lists_and_maps_are_shown_whole() {
    assert_eq!(
        only(&Probe { tags: Some(Vec::new()), ..fine() }),
        "Value '[]' at 'tags' failed to satisfy constraint: Member must have length greater than or equal to 1"
    );
    assert_eq!(
        only(&Probe { tags: Some(texts(&["ok", "too long"])), ..fine() }),
        "Value '[ok, too long]' at 'tags' failed to satisfy constraint: Member must satisfy constraint: [Member \
         must have length less than or equal to 4, Member must have length greater than or equal to 1, Member must \
         not be null]"
    );
    let labels = Map::from([("k".to_owned(), "v".to_owned())]);
    assert_eq!(
        only(&Probe { labels: Some(labels), ..fine() }),
        "Value '{k=v}' at 'labels' failed to satisfy constraint: Map keys must satisfy constraint: [Member must \
         have length less than or equal to 255, Member must have length greater than or equal to 3, Member must \
         satisfy regular expression pattern: [a-zA-Z0-9_.-]+]"
    );
    let labels = Map::from([("key".to_owned(), String::new()), ("other".to_owned(), "v".to_owned())]);
    assert_eq!(
        only(&Probe { labels: Some(labels), ..fine() }),
        "Value '{key=, other=v}' at 'labels' failed to satisfy constraint: Map value must satisfy constraint: \
         [Member must have length less than or equal to 4, Member must have length greater than or equal to 1, \
         Member must not be null]"
    );
}

#[test]
fn a_list_within_a_map_is_the_maps_affair_and_its_elements_are_its_own() {
    let groups = |values: &[&str]| Some(Map::from([("g".to_owned(), texts(values))]));
    let probe = Probe { groups: groups(&[]), ..fine() };
    assert_eq!(
        refusal("dynamodb", ConstraintStyle::Coral, &probe),
        "ValidationException: 1 validation error detected: Value '{g=[]}' at 'groups' failed to satisfy constraint: \
         Map value must satisfy constraint: [Member must have length less than or equal to 2, Member must have \
         length greater than or equal to 1]"
    );
    let probe = Probe { groups: groups(&["SOME"]), ..fine() };
    assert_eq!(
        refusal("dynamodb", ConstraintStyle::Coral, &probe),
        "ValidationException: 1 validation error detected: Value '[SOME]' at 'groups.g.member' failed to satisfy \
         constraint: Member must satisfy enum value set: [TOTAL, NONE, INDEXES]"
    );
}

#[test]
fn errors_stand_in_the_order_of_members_and_are_ten_at_most() {
    let probe = Probe {
        count: Some(0),
        inner: Some(Box::new(Probe { count: Some(0), ..Probe::default() })),
        ..Probe::default()
    };
    let sentence = coral(&probe);
    let paths: Vec<_> = sentence.split(" at '").skip(1).filter_map(|rest| rest.split('\'').next()).collect();
    assert_eq!(paths, ["name", "count", "inner.name", "inner.count"]);
    let probe = Probe { items: Some(vec![Probe::default(); 12]), ..fine() };
    assert!(coral(&probe).starts_with("10 validation errors detected: "));
}

#[test]
fn awsquery_has_another_code() {
    assert_eq!(
        refusal("sns", ConstraintStyle::CoralQuery, &Probe::default()),
        "ValidationError: 1 validation error detected: Value null at 'name' failed to satisfy constraint: Member \
         must not be null"
    );
}

#[test]
fn api_gateway_names_the_input() {
    let probe = Probe { count: Some(0), inner: Some(Box::new(Probe { count: Some(0), ..fine() })), ..fine() };
    let sentence = refusal("apigateway", ConstraintStyle::Gateway, &probe);
    assert!(sentence.contains("'putProbeInput.count'") && sentence.contains("'putProbeInput.inner.count'"));
}

#[test]
fn the_same_words_are_answered_as_the_error_of_each_style() {
    let sentence = "1 validation error detected: Value null at 'name' failed to satisfy constraint: \
                    Member must not be null";
    for (style, code) in [
        (ConstraintStyle::Coral, "ValidationException"),
        (ConstraintStyle::CoralParameter, "InvalidParameterException"),
        (ConstraintStyle::CoralQuery, "ValidationError"),
    ] {
        assert_eq!(refusal("probe", style, &Probe::default()), format!("{code}: {sentence}"));
    }
}

#[test]
fn sqs_asks_for_presence_alone() {
    let style = ConstraintStyle::Presence;
    assert_eq!(
        refusal("sqs", style, &Probe { count: Some(0), ..Probe::default() }),
        "MissingRequiredParameterException: The request must contain the parameter Name."
    );
    assert!(check_with(&operation("sqs", style), &Probe { count: Some(0), ..fine() }).is_ok());
    let probe = Probe { items: Some(vec![Probe::default()]), ..fine() };
    assert_eq!(
        refusal("sqs", style, &probe),
        "MissingRequiredParameterException: The request must contain the parameter Probe.1.Name."
    );
}

#[test]
fn structures_are_printed_with_all_their_members() {
    let mut printer = super::printed::Printer::default();
    printer.structure(&Probe { count: Some(1), tags: Some(texts(&["a"])), ..Probe::default() });
    assert_eq!(
        printer.into_text(),
        "Probe(name=null, count=1, size=null, ratio=null, isOpen=null, data=null, createdAt=null, tags=[a], \
         labels=null, items=null, things=null, inner=null, groups=null, secret=null)"
    );
}

proptest! {
    #[test]
    fn no_value_brings_it_down(name: Option<String>, tags: Option<Vec<String>>, key: String, ratio: Option<f64>) {
        let labels = Some(Map::from([(key.clone(), key)]));
        let probe = Probe { name, tags, labels, ratio, ..Probe::default() };
        for style in [ConstraintStyle::Coral, ConstraintStyle::Presence, ConstraintStyle::Gateway] {
            let _ = check_with(&operation("probe", style), &probe);
        }
    }
}
