//! Policies, by example: what AWS documents and what its recorded answers show.

use crate::{Attribute, AttributeKind, Dialect, Document, FilterPolicy};

fn policy(text: &str, dialect: Dialect) -> FilterPolicy {
    FilterPolicy::parse(text, dialect).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refused(text: &str, dialect: Dialect) -> String {
    match FilterPolicy::parse(text, dialect) {
        Ok(_) => panic!("{text} is taken"),
        Err(error) => error.as_invalid_parameter(),
    }
}

fn matches_body(policy: &FilterPolicy, body: &str) -> bool {
    policy.matches_body(Document::parse(body).as_ref()).is_ok()
}

#[track_caller]
fn check(pattern: &str, matching: &[&str], others: &[&str]) {
    for dialect in [Dialect::SnsBody, Dialect::EventBridge] {
        let policy = policy(pattern, dialect);
        for body in matching {
            let seen = policy.matches_body(Document::parse(body).as_ref()).map_err(|why| why.to_string());
            assert_eq!(seen, Ok(()), "{pattern} should match {body}");
        }
        for body in others {
            assert!(!matches_body(&policy, body), "{pattern} should not match {body}");
        }
    }
}

#[test]
fn values_match_exactly_and_by_their_kind() {
    check(
        r#"{"a":["x"]}"#,
        &[r#"{"a":"x","b":1}"#, r#"{"a":["y","x"]}"#, r#"{"a":[["x"]]}"#],
        &[r#"{"a":"X"}"#, r#"{"b":"x"}"#, r#"{"a":{"x":"x"}}"#, r#"{"a":[]}"#, r#""x""#, "x", "[]"],
    );
    check(
        r#"{"a":[1]}"#,
        &[r#"{"a":1.0}"#, r#"{"a":1e0}"#, r#"{"a":1.0000001}"#],
        &[r#"{"a":"1"}"#, r#"{"a":1.1}"#, r#"{"a":true}"#],
    );
    check(
        r#"{"a":[123456789012345678]}"#,
        &[r#"{"a":123456789012345678}"#],
        &[r#"{"a":123456789012345679}"#],
    );
    check(
        r#"{"a":[null,true]}"#,
        &[r#"{"a":null}"#, r#"{"a":true}"#],
        &[r#"{"a":false}"#, r#"{"a":"null"}"#, r#"{"b":1}"#],
    );
    check(
        r#"{"a":["10.0.0.1","::1"]}"#,
        &[r#"{"a":"::ffff:10.0.0.1"}"#, r#"{"a":"0:0::1"}"#],
        &[r#"{"a":"10.0.0.2"}"#],
    );
    check(r#"{"a":[""]}"#, &[r#"{"a":""}"#], &[r#"{"a":" "}"#, r#"{"a":null}"#, r#"{"a":[]}"#]);
}

#[test]
fn operators_on_strings() {
    check(
        r#"{"a":[{"prefix":"us-"}]}"#,
        &[r#"{"a":"us-east-1"}"#, r#"{"a":["eu","us-"]}"#],
        &[r#"{"a":"US-east"}"#, r#"{"a":1}"#, r#"{"b":"us-"}"#],
    );
    check(r#"{"a":[{"suffix":".png"}]}"#, &[r#"{"a":"x.png"}"#], &[r#"{"a":"x.PNG"}"#]);
    check(r#"{"a":[{"equals-ignore-case":"Tennis"}]}"#, &[r#"{"a":"tENNIS"}"#], &[r#"{"a":"tennis "}"#]);
    check(r#"{"a":[{"wildcard":"a/*/c"}]}"#, &[r#"{"a":"a/b/c"}"#], &[r#"{"a":"a/c"}"#]);
    check(
        r#"{"a":[{"cidr":"10.0.0.0/24"}]}"#,
        &[r#"{"a":"10.0.0.255"}"#],
        &[r#"{"a":"10.0.1.255"}"#, r#"{"a":"x"}"#],
    );
    check(r#"{"a":[{"exactly":"x"}]}"#, &[r#"{"a":"x"}"#], &[r#"{"a":"y"}"#]);
}

#[test]
fn a_case_is_ignored_in_prefixes_where_the_dialect_allows_it() {
    let pattern =
        r#"{"a":[{"prefix":{"equals-ignore-case":"EVENT"}},{"suffix":{"equals-ignore-case":".Png"}}]}"#;
    let eventbridge = policy(pattern, Dialect::EventBridge);
    assert!(
        matches_body(&eventbridge, r#"{"a":"eventx"}"#) && matches_body(&eventbridge, r#"{"a":"x.PNG"}"#)
    );
    assert!(!matches_body(&eventbridge, r#"{"a":"x"}"#));
    assert!(refused(pattern, Dialect::SnsBody).contains("prefix match pattern must be a string"));
}

#[test]
fn anything_but_wants_a_value_that_is_none_of_these() {
    check(
        r#"{"a":[{"anything-but":"x"}]}"#,
        &[r#"{"a":"y"}"#, r#"{"a":1}"#, r#"{"a":null}"#, r#"{"a":["x","y"]}"#],
        &[r#"{"a":"x"}"#, r#"{"b":"y"}"#, r#"{"a":["x"]}"#, r#"{"a":[]}"#],
    );
    check(r#"{"a":[{"anything-but":["x","y"]}]}"#, &[r#"{"a":"z"}"#], &[r#"{"a":"y"}"#]);
    check(
        r#"{"a":[{"anything-but":[100,200.5]}]}"#,
        &[r#"{"a":101}"#, r#"{"a":"100"}"#],
        &[r#"{"a":100.0}"#, r#"{"a":2005e-1}"#],
    );
    check(
        r#"{"a":[{"anything-but":{"prefix":"order-"}}]}"#,
        &[r#"{"a":"data-1"}"#, r#"{"a":5}"#],
        &[r#"{"a":"order-1"}"#, r#"{}"#],
    );
    check(r#"{"a":[{"anything-but":{"wildcard":"*-x-*"}}]}"#, &[r#"{"a":"b"}"#], &[r#"{"a":"a-x-b"}"#]);
    let lists = policy(
        r#"{"a":[{"anything-but":{"suffix":[".a",".b"]}}],"b":[{"anything-but":{"equals-ignore-case":["Q"]}}]}"#,
        Dialect::EventBridge,
    );
    assert!(matches_body(&lists, r#"{"a":"x.c","b":"r"}"#));
    assert!(
        !matches_body(&lists, r#"{"a":"x.b","b":"r"}"#) && !matches_body(&lists, r#"{"a":"x.c","b":"q"}"#)
    );
}

#[test]
fn numbers_are_compared_as_numbers() {
    check(
        r#"{"a":[{"numeric":["=",301.5]}]}"#,
        &[r#"{"a":3.015e2}"#],
        &[r#"{"a":"301.5"}"#, r#"{"a":301.50001}"#],
    );
    check(
        r#"{"a":[{"numeric":[">",0,"<=",150]}]}"#,
        &[r#"{"a":150}"#, r#"{"a":0.00001}"#],
        &[r#"{"a":0}"#, r#"{"a":150.00001}"#],
    );
    check(
        r#"{"a":[{"numeric":["<",-1]}]}"#,
        &[r#"{"a":-1.5}"#, r#"{"a":-1000000000}"#],
        &[r#"{"a":-1}"#, r#"{"a":-6e9}"#],
    );
    check(
        r#"{"a":[{"numeric":[">=",5]}]}"#,
        &[r#"{"a":5}"#, r#"{"a":[1,9]}"#],
        &[r#"{"a":4.99999}"#, r#"{"a":null}"#],
    );
}

#[test]
fn existence_is_that_of_a_value() {
    check(
        r#"{"a":[{"exists":true}]}"#,
        &[r#"{"a":null}"#, r#"{"a":0}"#],
        &[r#"{"b":1}"#, r#"{"a":[]}"#, r#"{"a":{"b":1}}"#],
    );
    check(
        r#"{"a":[{"exists":false}]}"#,
        &[r#"{"b":1}"#, r#"{}"#, r#"{"a":[]}"#, r#"{"a":{"b":1}}"#],
        &[r#"{"a":null}"#, r#"{"a":[1]}"#],
    );
    check(
        r#"{"a":{"b":[{"exists":false}]}}"#,
        &[r#"{"a":1}"#, r#"{}"#, r#"{"a":[{"c":1},{}]}"#],
        &[r#"{"a":{"b":1}}"#, r#"{"a":[{"b":1},{"c":1}]}"#],
    );
    check(r#"{"a":["x",{"exists":false}]}"#, &[r#"{}"#, r#"{"a":"x"}"#], &[r#"{"a":"y"}"#]);
    // recordings/sns.json::test_filter_policy_on_message_body
    check(
        r#"{"object":{"key":[{"prefix":"auto-"},"hardcodedvalue"],"nested_key":[{"exists":false}]},"test":[{"exists":false}]}"#,
        &[r#"{"object":{"key":"auto-test"}}"#, r#"{"object":{"key":"hardcodedvalue"}}"#],
        &[
            r#"{"object":{"key":"test-auto"}}"#,
            r#"{"object":{"key":"auto-test"},"test":"just-exists"}"#,
            r#"{"object":{"key":"auto-test","nested_key":"just-exists"}}"#,
            r#"{"object":{"test":"auto-test"}}"#,
            r#"{"test":"auto-test"}"#,
            "Regular string message",
            r#""Regular string message""#,
        ],
    );
}

#[test]
fn a_dot_is_a_step() {
    // recordings/sns.json::test_filter_policy_on_message_body_dot_attribute
    let bodies = [
        r#"{"object":{"nested":{"test":"v"}}}"#,
        r#"{"object.nested.test":"v"}"#,
        r#"{"object.nested":{"test":"v"}}"#,
        r#"{"object":{"nested.test":"v"}}"#,
    ];
    for pattern in [
        r#"{"object.nested.test":["v"]}"#,
        r#"{"object":{"nested.test":["v"]}}"#,
        r#"{"object":{"nested":{"test":["v"]}}}"#,
    ] {
        check(pattern, &bodies, &[r#"{"object":{"nested":{"test":"w"}}}"#]);
    }
}

#[test]
fn keys_under_one_array_match_within_one_element() {
    // recordings/sns.json::test_filter_policy_on_message_body_array_of_object_attributes
    check(
        r#"{"Records":{"s3":{"object":{"key":[{"prefix":"auto-"}]}},"eventName":[{"prefix":"ObjectCreated:"}]}}"#,
        &[
            r#"{"Records":[{"eventName":"ObjectCreated:Put","s3":{"object":[[{"key":"auto-1.xml"}]]}},{"eventName":"ObjectRemoved:Delete","s3":{"object":{"key":"home-1.xml"}}}]}"#,
            r#"{"Records":[{"eventName":"ObjectCreated:Put","s3":{"object":{"key":"auto-1.xml"}}}]}"#,
        ],
        &[
            r#"{"Records":[{"eventName":"ObjectRemoved:Delete","s3":{"object":{"key":"auto-1.xml"}}}]}"#,
            r#"{"Records":[{"eventName":"ObjectCreated:Put","s3":{"object":{"key":"home-1.xml"}}},{"eventName":"ObjectRemoved:Delete","s3":{"object":{"key":"auto-1.xml"}}}]}"#,
        ],
    );
}

#[test]
fn alternatives_are_multiplied_out() {
    // recordings/sns.json::test_filter_policy_on_message_body_or_attribute
    check(
        r#"{"$or":[{"metricName":["CPUUtilization","ReadLatency"]},{"namespace":["AWS/EC2","AWS/ES"]}],"detail":{"scope":["Service"],"$or":[{"source":["aws.cloudwatch"]},{"type":["CloudWatch Alarm State Change"]}]}}"#,
        &[
            r#"{"metricName":"CPUUtilization","detail":{"scope":"Service","source":"aws.cloudwatch"}}"#,
            r#"{"namespace":"AWS/ES","detail":{"scope":"Service","source":"aws.cloudwatch"}}"#,
            r#"{"metricName":"CPUUtilization","detail":{"scope":"Service","type":"CloudWatch Alarm State Change"}}"#,
        ],
        &[
            r#"{"metricName":"CPUUtilization","detail":{"scope":"aws.cloudwatch","type":"CloudWatch Alarm State Change"}}"#,
            r#"{"metricName":"CPUUtilization","detail":{"scope":"Service","type":"CPUUtilization"}}"#,
            r#"{"metricName":"CPUUtilization","detail":{"type":"CloudWatch Alarm State Change"}}"#,
            r#"{"metricName":"CPUUtilization","detail":{"scope":"Service"}}"#,
            r#"{"metricName":"AWS/EC2","detail":{"scope":"Service","type":"CloudWatch Alarm State Change"}}"#,
        ],
    );
    check(
        r#"{"$or":[{"a":[1]},{"b":[2],"$or":[{"c":[3]},{"d":[4]}]}]}"#,
        &[r#"{"a":1}"#, r#"{"b":2,"d":4}"#],
        &[r#"{"b":2}"#, r#"{"c":3}"#],
    );
}

fn attribute<'a>(of: &[(&str, &str, &'a str)], name: &str) -> Option<Attribute<'a>> {
    let (_, data_type, value) = of.iter().find(|(other, _, _)| *other == name)?;
    Some(Attribute { kind: AttributeKind::of_data_type(data_type)?, value })
}

#[test]
fn attributes_are_seen_by_their_data_type() {
    for (text, attributes, is_match) in [
        (r#"{"store":["x"]}"#, &[("store", "String", "x")][..], true),
        (r#"{"store":["x"]}"#, &[("store", "String.label", "x")], true),
        (r#"{"store":["x"]}"#, &[("store", "Binary", "x")], false),
        (r#"{"store":[{"exists":false}]}"#, &[("store", "Binary", "x")], true),
        (r#"{"store":["99"]}"#, &[("store", "Number", "99")], false),
        (r#"{"store":[99]}"#, &[("store", "Number", "99.0")], true),
        (r#"{"store":[99]}"#, &[("store", "Number.int", "9.9e1")], true),
        (r#"{"store":[99]}"#, &[("store", "String", "99")], false),
        (r#"{"store":[{"numeric":["<",100]}]}"#, &[("store", "Number", "99")], true),
        (r#"{"store":[{"numeric":["<",100]}]}"#, &[("store", "String", "99")], false),
        (r#"{"store":[{"exists":true}]}"#, &[("store", "Number", "99")], true),
        (r#"{"store":[{"exists":true}]}"#, &[("other", "Number", "99")], false),
        // recordings/sns.json::test_exists_filter_policy_attributes_array
        (r#"{"store":["value1"]}"#, &[("store", "String.Array", r#"["value1","value2"]"#)], true),
        (r#"{"store":["value1"]}"#, &[("store", "String.Array", r#"["value2","value3"]"#)], false),
        (r#"{"store":[2,null]}"#, &[("store", "String.Array", r#"["a",2.0]"#)], true),
        (r#"{"store":[2,null]}"#, &[("store", "String.Array", "[null]")], true),
        (r#"{"store":["a\"b"]}"#, &[("store", "String.Array", r#"["a\"b"]"#)], true),
        (r#"{"store":[{"anything-but":"a"}]}"#, &[("store", "String.Array", r#"["a"]"#)], false),
        (r#"{"store":[{"anything-but":"a"}]}"#, &[("store", "String.Array", "no array")], false),
        (r#"{"store":[null,{"anything-but":"whatever"}]}"#, &[], false),
        (r#"{"a.b":["x"]}"#, &[("a.b", "String", "x")], true),
        (
            r#"{"$or":[{"a":["x"]},{"b":["y"]}],"c":["z"]}"#,
            &[("b", "String", "y"), ("c", "String", "z")],
            true,
        ),
        ("{}", &[], true),
    ] {
        let policy = policy(text, Dialect::SnsAttributes);
        assert_eq!(
            policy.matches_attributes(|name| attribute(attributes, name)).is_ok(),
            is_match,
            "{text} {attributes:?}"
        );
    }
}

#[test]
fn a_mismatch_tells_the_key_and_what_was_seen() {
    let attributes = policy(r#"{"a":["x"],"store":["y",{"prefix":"z"}]}"#, Dialect::SnsAttributes);
    let given = [("a", "String", "x"), ("store", "String", "w")];
    let seen = attributes.matches_attributes(|name| attribute(&given, name)).map_err(|why| why.to_string());
    assert_eq!(seen, Err(r#"key "store" has "w""#.to_owned()));
    let seen = attributes.matches_attributes(|_| None).map_err(|why| why.to_string());
    assert_eq!(seen, Err(r#"key "a" has no value"#.to_owned()));

    let body = policy(r#"{"detail":{"state":["ok"]}}"#, Dialect::SnsBody);
    for (text, told) in [
        (
            r#"{"detail":{"state":["bad",{"x":[1,null]}]}}"#,
            r#"key "detail.state" has ["bad",{"x":[1,null]}]"#,
        ),
        (r#"{"detail":{}}"#, r#"key "detail.state" has no value"#),
        ("plain", "no JSON object"),
    ] {
        let document = Document::parse(text);
        let seen = body.matches_body(document.as_ref()).map_err(|why| why.to_string());
        assert_eq!(seen, Err(told.to_owned()), "{text}");
    }
}

#[test]
fn wrong_policies_are_told_with_their_place() {
    // recordings/sns.json::TestSNSFilterPolicyConditions, and test_sub_filter_policy_nested_property_constraints
    for (text, sentence, column) in [
        (r#"{"key":[{"numeric":[]}]}"#, "Invalid member in numeric match: ]", 22),
        (r#"{"key":[{"numeric":[">",20,30]}]}"#, "Bad value in numeric range: 30", 30),
        (r#"{"key":[{"numeric":[">",20,"<="]}]}"#, "Value of <= must be numeric", 33),
        (r#"{"key":[{"numeric":[">="]}]}"#, "Value of >= must be numeric", 26),
        (r#"{"key":[{"numeric":[1,"<="]}]}"#, "Invalid member in numeric match: 1", 22),
        (r#"{"key":[{"numeric":[">",20,"<",30,"<",50]}]}"#, "Too many terms in numeric range expression", 36),
        (r#"{"key":[{"numeric":["=","000"]}]}"#, "Value of equals must be numeric", 26),
        (r#"{"key":[{"numeric":["operator"]}]}"#, "Unrecognized numeric range operator: operator", 32),
        (r#"{"key":[{"numeric":[">=",1,">",2]}]}"#, "Bad numeric range operator: >", 31),
        (r#"{"key":[{"numeric":["<",100,">",10]}]}"#, "Too many elements in numeric expression", 30),
        (r#"{"key":[{"numeric":[">","20","<","30"]}]}"#, "Value of > must be numeric", 26),
        (r#"{"key":[{"numeric":[">",20,"<","30"]}]}"#, "Value of < must be numeric", 33),
        (r#"{"key":[{"numeric":[">",20,"test"]}]}"#, "Bad numeric range operator: test", 34),
        (r#"{"key":[{"numeric":[">",3,"<",1]}]}"#, "Bottom must be less than top", 33),
        (r#"{"key":[{"cidr":["bad-filter"]}]}"#, "prefix match pattern must be a string", 18),
        (r#"{"key":[]}"#, "Empty arrays are not allowed", 10),
        (r#"{"key":[{"suffix":[]}]}"#, "suffix match pattern must be a string", 20),
        (r#"{"key":[{"suffix":null}]}"#, "suffix match pattern must be a string", 23),
        (r#"{"key":{"not-an-operator":"value"}}"#, "\"not-an-operator\" must be an object or an array", 28),
        (r#"{"key":{"suffix":"value","prefix":"value"}}"#, "\"suffix\" must be an object or an array", 19),
        (r#"{"key":[{"suffix":100}]}"#, "suffix match pattern must be a string", 22),
        (r#"{"key_a":"value_one"}"#, "\"key_a\" must be an object or an array", 11),
        // the same reader's places, by its rules
        (r#"{"key":[["value"]]}"#, "Match value must be String, number, true, false, or null", 10),
        (r#"{"key":[{"wrong-operator":true}]}"#, "Unrecognized match type wrong-operator", 31),
        (r#"{"key":[{"anything-but":{"suffix":"test"}}]}"#, "Unsupported anything-but pattern: suffix", 36),
        (r#"{"key":[{"exists":"no"}]}"#, "exists match pattern must be either true or false.", 20),
        (
            r#"{"key":[{"anything-but":["a",1]}]}"#,
            "Inside anything but list, either all values are number or string, mixed type is not supported",
            32,
        ),
        (
            r#"{"key":[{"anything-but":[null]}]}"#,
            "Inside anything but list, start|null|boolean is not supported.",
            30,
        ),
        (
            r#"{"key":[{"anything-but":null}]}"#,
            "Value of anything-but must be an array or single string/number value.",
            29,
        ),
        (r#"{"key":[{"numeric":["=",1e10]}]}"#, "Value must be between -1.0E9 and 1.0E9, inclusive", 30),
        (r#"["key"]"#, "Filter is not an object", 2),
    ] {
        let place = format!("\n at [Source: (String)\"{text}\"; line: 1, column: {column}]");
        assert_eq!(refused(text, Dialect::SnsBody), format!("FilterPolicy: {sentence}{place}"), "{text}");
    }
    for (text, sentence) in [
        (r#"{"key":[{"cidr":"bad-filter"}]}"#, "FilterPolicy: Malformed CIDR, one '/' required"),
        (r#"{"key":[{"cidr":"xx.11.xx/8"}]}"#, "FilterPolicy: Nonstandard IP address: xx.11.xx"),
    ] {
        assert_eq!(refused(text, Dialect::SnsBody), sentence);
    }
    assert!(
        refused("{invalid}", Dialect::SnsBody)
            .starts_with("FilterPolicy: failed to parse JSON. Unexpected character ('i'")
    );
    let long = format!("{{\"{}\":1}}", "k".repeat(600));
    assert!(refused(&long, Dialect::SnsBody).contains("\"[truncated 106 chars]; line: 1"));
}

#[test]
fn the_size_of_a_policy_is_limited() {
    let values = |count: usize| (0..count).map(|n| format!("\"v{n}\"")).collect::<Vec<_>>().join(",");
    let complex = "FilterPolicy: Filter policy is too complex";
    assert_eq!(refused(&format!("{{\"a\":[{}]}}", values(151)), Dialect::SnsAttributes), complex);
    policy(&format!("{{\"a\":[{}]}}", values(150)), Dialect::SnsAttributes);
    assert_eq!(
        refused(&format!("{{\"a\":[{}],\"b\":[{}]}}", values(100), values(51)), Dialect::SnsBody),
        complex
    );
    // 4 values three deep, 3 two deep, 3 at the top: 216
    let nested = format!(
        "{{\"a\":{{\"b\":{{\"c\":[{}]}}}},\"d\":{{\"e\":[{}]}},\"f\":[{}]}}",
        values(4),
        values(3),
        values(3)
    );
    assert_eq!(refused(&nested, Dialect::SnsBody), complex);
    policy(&nested, Dialect::EventBridge);
    let six = r#"{"a":["x"],"b":["x"],"c":["x"],"d":["x"],"e":["x"],"f":["x"]}"#;
    assert_eq!(refused(six, Dialect::SnsBody), "FilterPolicy: Filter policy can not have more than 5 keys");
    policy(six, Dialect::EventBridge);
    let nested = r#"{"object":{"key":[{"prefix":"auto-"}]}}"#;
    assert_eq!(
        refused(nested, Dialect::SnsAttributes),
        "Filter policy scope MessageAttributes does not support nested filter policy"
    );
    assert!(refused("{}", Dialect::EventBridge).starts_with("FilterPolicy: Empty objects are not allowed"));
    assert!(
        refused(r#"{"a":[{"wildcard":"*"}]}"#, Dialect::Lambda).contains("Unrecognized match type wildcard")
    );
    let or = (0..11).map(|n| format!("{{\"a{n}\":[1]}},")).collect::<String>();
    let or = format!("\"$or\":[{}]", or.trim_end_matches(','));
    let many = format!("{{{or},\"x\":{{{or},\"y\":{{{or}}}}}}}");
    assert_eq!(refused(&many, Dialect::EventBridge), complex);
}

#[test]
fn an_operator_with_two_names_and_a_lone_alternative_are_refused() {
    for (text, sentence) in [
        (r#"{"key":[{"suffix":"value","prefix":"value2"}]}"#, "Only one key allowed in match expression"),
        (r#"{"$or":[{"a":[1]}]}"#, "There must have at least 2 Objects in $or relationship."),
        (r#"{"$or":{"a":[1]}}"#, "It must be an Array followed with $or."),
        (r#"{"$or":["a","b"]}"#, "Only JSON object is allowed in array of $or relationship."),
        (
            r#"{"$or":[{"prefix":["a"]},{"b":[1]}]}"#,
            "prefix is Ruler reserved fieldName which cannot be used inside $or.",
        ),
        (r#"{"a":{}}"#, "Empty objects are not allowed"),
        (r#"{"a":[{}]}"#, "Match expression name not found"),
        (r#"{"a":[{"anything-but":{"prefix":""}}]}"#, "Null prefix/suffix not allowed"),
        (r#"{"a":[{"wildcard":"a**"}]}"#, "Consecutive wildcard characters at pos 2"),
    ] {
        assert!(refused(text, Dialect::EventBridge).contains(sentence), "{text}");
    }
}
