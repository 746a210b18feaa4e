//! The scenarios of this crate; and what a scenario cannot show.

use mesh_kv_store::KvStore;
use mesh_router::faults::Draft;
use mesh_router::{Registry, Service};
use mesh_testkit::{TestBed, scenario};
use std::time::Duration;

fn register(registry: &mut Registry) {
    KvStore.register(registry);
}

mesh_testkit::scenarios!("tests/scenarios", "dynamodb", register);

#[test]
fn the_same_script_gives_the_same_bytes() {
    let script = r#"
        > CreateTable {"TableName": "tab", "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"}
        > PutItem {"TableName": "tab", "Item": {"id": {"S": "a"}, "l": {"L": [{"N": "1.50"}, {"SS": ["b", "a"]}]}}}
        > GetItem {"TableName": "tab", "Key": {"id": {"S": "a"}}}
        > DescribeTable {"TableName": "tab"}
    "#;
    let run = || {
        let bed = TestBed::new(register);
        scenario::transcript_with(&bed, "dynamodb", None, scenario::Detail::Bytes, script)
            .unwrap_or_else(|error| panic!("{error}"))
    };
    let first = run();
    assert!(first.contains("x-amz-crc32"), "{first}");
    assert_eq!(first, run());
}

#[test]
fn a_fault_rule_makes_reads_stale_that_need_not_be_consistent() {
    let bed = TestBed::new(register);
    let create = |name: &str| {
        let key = r#""AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]"#;
        let input = format!(r#"{{"TableName": "{name}", {key}, "BillingMode": "PAY_PER_REQUEST"}}"#);
        assert_eq!(bed.call("dynamodb", "CreateTable", &input).status, 200);
    };
    let put = |table: &str, value: &str| {
        let input =
            format!(r#"{{"TableName": "{table}", "Item": {{"id": {{"S": "a"}}, "v": {{"S": "{value}"}}}}}}"#);
        assert_eq!(bed.call("dynamodb", "PutItem", &input).status, 200);
    };
    let get = |is_consistent: bool| {
        let input = format!(
            r#"{{"TableName": "tab", "Key": {{"id": {{"S": "a"}}}}, "ConsistentRead": {is_consistent}}}"#
        );
        bed.call("dynamodb", "GetItem", &input).body.to_string()
    };
    let query = |is_consistent: bool| {
        let input = format!(
            r#"{{"TableName": "tab", "KeyConditionExpression": "id = :i", "ExpressionAttributeValues": {{":i": {{"S": "a"}}}}, "ConsistentRead": {is_consistent}}}"#
        );
        bed.call("dynamodb", "Query", &input).body.to_string()
    };
    create("tab");
    create("other");
    let stale =
        Draft { stale_read: Some(Duration::from_secs(1)), resource: Some("tab".into()), ..Draft::default() };
    let rule = bed.router().faults().check(stale).expect("a rule");
    bed.router().faults().add(&bed.universe(), &[rule]).expect("the universe is there");
    put("tab", "first");
    put("tab", "second");
    put("other", "first");
    for read in [&get as &dyn Fn(bool) -> String, &query] {
        assert!(read(false).contains("first") && read(true).contains("second"));
    }
    bed.advance(Duration::from_secs(2));
    assert!(get(false).contains("second"), "the write is old by now");
    bed.call("dynamodb", "DeleteTable", r#"{"TableName": "tab"}"#);
    assert!(!get(false).contains("second"), "a deleted table has no former state");
    create("tab");
    assert!(!get(false).contains("second"), "a new table has no former state");
}
