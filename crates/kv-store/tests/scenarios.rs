//! The scenarios of this crate; and what a scenario cannot show.

use mesh_kv_store::KvStore;
use mesh_router::{Registry, Service};
use mesh_testkit::{TestBed, scenario};

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
