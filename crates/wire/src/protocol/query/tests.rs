//! A probe operation with every kind of member, read and written in awsQuery.

use super::*;
use crate::rules::{ConstraintStyle, Rules};
use crate::schema::serde::{ShapeDeserializer, ShapeSerializer};
use crate::schema::{Schema, ShapeId, ShapeType, prelude, shape_id};
use crate::{Blob, DateTime, Http, Map, Protocol, Shape};
use proptest::prelude::*;

const ID: ShapeId<'static> = shape_id!("probe", "Probe");

static ELEMENT: Schema<'static> = Schema::new_member(ID, ShapeType::String, "member", 0);
static NAMED_ELEMENT: Schema<'static> =
    Schema::new_member(ID, ShapeType::String, "member", 0).with_xml_name("item");
static KEY: Schema<'static> = Schema::new_member(ID, ShapeType::String, "key", 0);
static VALUE: Schema<'static> = Schema::new_member(ID, ShapeType::String, "value", 1);
static NAMED_KEY: Schema<'static> = Schema::new_member(ID, ShapeType::String, "key", 0).with_xml_name("Name");
static NAMED_VALUE: Schema<'static> =
    Schema::new_member(ID, ShapeType::String, "value", 1).with_xml_name("Value");

static NAME: Schema<'static> = Schema::new_member(ID, ShapeType::String, "Name", 0);
static COUNT: Schema<'static> = Schema::new_member(ID, ShapeType::Integer, "Count", 1);
static PLAIN: Schema<'static> =
    Schema::new_member(ID, ShapeType::List, "Plain", 2).with_list_member(&ELEMENT);
static ITEMS: Schema<'static> =
    Schema::new_member(ID, ShapeType::List, "Items", 3).with_list_member(&NAMED_ELEMENT);
static FLAT: Schema<'static> = Schema::new_member(ID, ShapeType::List, "Flats", 4)
    .with_list_member(&ELEMENT)
    .with_xml_flattened()
    .with_xml_name("Flat");
static TAGS: Schema<'static> =
    Schema::new_member(ID, ShapeType::Map, "Tags", 5).with_map_members(&KEY, &VALUE);
static ATTRIBUTES: Schema<'static> = Schema::new_member(ID, ShapeType::Map, "Attributes", 6)
    .with_map_members(&NAMED_KEY, &NAMED_VALUE)
    .with_xml_flattened()
    .with_xml_name("Attribute");
static CHILD: Schema<'static> = Schema::new_member(ID, ShapeType::Structure, "Child", 7);
static AT: Schema<'static> = Schema::new_member(ID, ShapeType::Timestamp, "At", 8);
static DATA: Schema<'static> = Schema::new_member(ID, ShapeType::Blob, "Data", 9);
static KIND: Schema<'static> = Schema::new_member(ID, ShapeType::String, "Kind", 10).with_xml_attribute();
static PROBE: Schema<'static> = Schema::new_struct(
    ID,
    ShapeType::Structure,
    &[&NAME, &COUNT, &PLAIN, &ITEMS, &FLAT, &TAGS, &ATTRIBUTES, &CHILD, &AT, &DATA, &KIND],
);

#[derive(Debug, Default, Clone, PartialEq)]
struct Probe {
    name: Option<String>,
    count: Option<i32>,
    lists: [Option<Vec<String>>; 3],
    maps: [Option<Map<String>>; 2],
    child: Option<Box<Probe>>,
    at: Option<DateTime>,
    data: Option<Blob>,
    kind: Option<String>,
}

impl SerializableStruct for Probe {
    fn schema(&self) -> &Schema<'_> {
        &PROBE
    }

    fn serialize_members(&self, to: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        if let Some(name) = &self.name {
            to.write_string(&NAME, name)?;
        }
        if let Some(count) = self.count {
            to.write_integer(&COUNT, count)?;
        }
        for (schema, list) in [&PLAIN, &ITEMS, &FLAT].into_iter().zip(&self.lists) {
            if let Some(list) = list {
                to.write_string_list(schema, list)?;
            }
        }
        for (schema, map) in [&TAGS, &ATTRIBUTES].into_iter().zip(&self.maps) {
            if let Some(map) = map {
                to.write_map(schema, &|to| {
                    map.iter().try_for_each(|(key, value)| {
                        to.write_string(&prelude::STRING, key)?;
                        to.write_string(&prelude::STRING, value)
                    })
                })?;
            }
        }
        if let Some(child) = &self.child {
            to.write_struct(&CHILD, child)?;
        }
        if let Some(at) = &self.at {
            to.write_timestamp(&AT, at)?;
        }
        if let Some(data) = &self.data {
            to.write_blob(&DATA, data.clone())?;
        }
        if let Some(kind) = &self.kind {
            to.write_string(&KIND, kind)?;
        }
        Ok(())
    }
}

fn read_map(from: &mut dyn ShapeDeserializer, schema: &Schema<'_>) -> Result<Map<String>, SerdeError> {
    let mut map = Map::new();
    from.read_map(schema, &mut |key, from| {
        map.insert(key, from.read_string(&VALUE)?);
        Ok(())
    })?;
    Ok(map)
}

impl Shape for Probe {
    fn static_schema() -> &'static Schema<'static> {
        &PROBE
    }

    fn read(from: &mut dyn ShapeDeserializer) -> Result<Self, SerdeError> {
        let mut read = Self::default();
        from.read_struct(&PROBE, &mut |member, from| {
            match member.member_index() {
                Some(0) => read.name = Some(from.read_string(member)?),
                Some(1) => read.count = Some(from.read_integer(member)?),
                Some(index @ 2..=4) => read.lists[index - 2] = Some(from.read_string_list(member)?),
                Some(index @ 5..=6) => read.maps[index - 5] = Some(read_map(from, member)?),
                Some(7) => read.child = Some(Box::new(Self::read(from)?)),
                Some(8) => read.at = Some(from.read_timestamp(member)?),
                Some(9) => read.data = Some(from.read_blob(member)?),
                Some(10) => read.kind = Some(from.read_string(member)?),
                _ => {}
            }
            Ok(())
        })?;
        Ok(read)
    }
}

static SERVICE: ServiceMeta = ServiceMeta {
    name: "probe",
    signing_name: "probe",
    endpoint_prefix: "probe",
    api_version: "2020-01-08",
    target_prefix: "",
    error_namespace: "probe",
    xml_namespace: "https://probe.example/",
    protocols: &[Protocol::AwsQuery],
    query_compatible: false,
    query_error_detail: false,
    constraint_style: ConstraintStyle::CoralQuery,
    routes: &[],
};

static OPERATION: OperationMeta = OperationMeta {
    service: &SERVICE,
    name: "DoProbe",
    http: Http { method: "POST", path: "/", success: 200 },
    input: &PROBE,
    output: &PROBE,
    rules: &Rules { members: &[] },
    result_wrapper: Some("DoProbeResult"),
    idempotency_token: None,
    paginator: None,
};

fn read(query: &str, body: &[u8]) -> Result<Probe, ApiError> {
    let uri = http::Uri::builder().path_and_query(format!("/?{query}")).build().expect("a target");
    let (parts, ()) = http::Request::builder().uri(uri).body(()).expect("a request").into_parts();
    let mut probe = Probe::default();
    decode(&OPERATION, &parts, &Bytes::copy_from_slice(body), &mut |from| {
        probe = Probe::read(from)?;
        Ok(())
    })?;
    Ok(probe)
}

fn form(body: &str) -> Probe {
    read("", body.as_bytes()).expect(body)
}

fn refusal(body: &str) -> String {
    read("", body.as_bytes()).expect_err(body).to_string()
}

fn strings(list: &[&str]) -> Option<Vec<String>> {
    Some(list.iter().map(|text| (*text).to_owned()).collect())
}

fn map(pairs: &[(&str, &str)]) -> Option<Map<String>> {
    Some(pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect())
}

fn written(output: &Probe) -> String {
    let answer = encode(&OPERATION, output, RequestId::from_random(0)).expect("it can be written");
    assert_eq!(answer.headers()["content-type"], "text/xml");
    assert_eq!(answer.headers()["x-amzn-requestid"], "00000000-0000-4000-8000-000000000000");
    let body = String::from_utf8(answer.into_body().to_vec()).expect("text");
    let start = "<DoProbeResponse xmlns=\"https://probe.example/\"><DoProbeResult";
    let end = "<ResponseMetadata><RequestId>00000000-0000-4000-8000-000000000000</RequestId></ResponseMetadata>\
               </DoProbeResponse>";
    let inner = body.strip_prefix(start).and_then(|body| body.strip_suffix(end)).expect(&body);
    inner.strip_prefix('>').and_then(|body| body.strip_suffix("</DoProbeResult>")).unwrap_or(inner).to_owned()
}

#[test]
fn scalars_are_read_from_body_and_query_string() {
    let probe = read(
        "Action=DoProbe&Version=2020-01-08&Name=a+b%26c",
        b"Count=-7&At=2015-01-25T08%3A00%3A00Z&Data=dmFsdWU%3D",
    )
    .expect("well formed");
    assert_eq!(probe.name.as_deref(), Some("a b&c"));
    assert_eq!(probe.count, Some(-7));
    assert_eq!(probe.at, Some(DateTime::from_secs(1_422_172_800)));
    assert_eq!(probe.data.as_ref().map(AsRef::as_ref), Some(&b"value"[..]));
}

#[test]
fn list_elements_stand_in_the_order_of_their_numbers_gaps_or_not() {
    let probe = form("Plain.member.10=c&Plain.member.2=b&Plain.member.1=a&Plain.member.x=no");
    assert_eq!(probe.lists[0], strings(&["a", "b", "c"]));
    assert_eq!(form("Items.item.1=a").lists[1], strings(&["a"]));
    assert_eq!(form("Flat.3=a&Flat.7=b&Flat-x=no&Flat.3-x=no").lists[2], strings(&["a", "b"]));
}

#[test]
fn an_empty_value_is_an_empty_list_and_an_absent_one_is_absent() {
    assert_eq!(form("Plain=").lists[0], strings(&[]));
    assert_eq!(form("Other=1").lists[0], None);
    assert_eq!(form("Name=").name.as_deref(), Some(""));
}

#[test]
fn maps_are_read_entry_by_entry() {
    let probe = form("Tags.entry.1.key=a&Tags.entry.1.value=1&Tags.entry.2.key=b&Tags.entry.2.value=2");
    assert_eq!(probe.maps[0], map(&[("a", "1"), ("b", "2")]));
    let probe = form("Attribute.1.Name=a&Attribute.1.Value=1&Attribute.2.Value=2&Attribute.2.Name=b");
    assert_eq!(probe.maps[1], map(&[("a", "1"), ("b", "2")]));
}

#[test]
fn a_single_element_or_entry_may_go_without_its_number() {
    assert_eq!(form("Flat=All").lists[2], strings(&["All"]));
    assert_eq!(form("Attribute.Name=a&Attribute.Value=1").maps[1], map(&[("a", "1")]));
}

#[test]
fn structures_are_read_at_any_depth_but_not_at_every() {
    let probe = form("Child.Child.Name=deep&Child.Count=1");
    let child = probe.child.expect("a child");
    assert_eq!((child.count, child.child.and_then(|child| child.name)), (Some(1), Some("deep".to_owned())));
    let deep = format!("{}Name=x", "Child.".repeat(50_000));
    assert_eq!(refusal(&deep), "MalformedInput: Members are nested too deeply");
}

#[test]
fn what_does_not_fit_its_member_is_malformed_input() {
    for (body, sentence) in [
        ("Count=many", "STRING_VALUE can not be converted to an Integer"),
        ("At=yesterday", "timestamp must follow ISO8601"),
        ("Name.member.1=a", "Start of list found where not expected"),
        ("Plain.1=a", "Top level element may not be treated as a list"),
        ("Plain=a", "Unexpected list element termination"),
        ("Child=a", "Unexpected complex element termination"),
    ] {
        assert_eq!(refusal(body), format!("MalformedInput: {sentence}"), "{body}");
    }
}

#[test]
fn the_operation_is_found_in_query_string_or_body() {
    assert_eq!(action("Action=Send&x=y", b"").as_deref(), Some("Send"));
    assert_eq!(action("", b"Version=2012-11-05&Action=Send").as_deref(), Some("Send"));
    assert_eq!(action("", b"{\"Action\": 1}"), None);
    assert_eq!(parameter("", b"Version=2012-11-05", "Version").as_deref(), Some("2012-11-05"));
}

#[test]
fn an_empty_output_is_an_empty_result() {
    assert_eq!(written(&Probe::default()), "/>");
}

#[test]
fn text_is_escaped_as_aws_does_it() {
    let output = Probe { name: Some("<a href=\"&\">'\r\n\u{1}é".to_owned()), ..Probe::default() };
    assert_eq!(written(&output), "<Name>&lt;a href=&quot;&amp;&quot;&gt;'&#xD;\n&#x1;é</Name>");
}

#[test]
fn containers_are_named_by_their_schemas() {
    let output = Probe {
        lists: [strings(&["a", "b"]), strings(&["c"]), strings(&["d", "e"])],
        maps: [map(&[("k", "v")]), map(&[("a", "1"), ("b", "")])],
        ..Probe::default()
    };
    assert_eq!(
        written(&output),
        "<Plain><member>a</member><member>b</member></Plain><Items><item>c</item></Items><Flat>d</Flat>\
         <Flat>e</Flat><Tags><entry><key>k</key><value>v</value></entry></Tags>\
         <Attribute><Name>a</Name><Value>1</Value></Attribute><Attribute><Name>b</Name><Value/></Attribute>"
    );
    assert_eq!(written(&Probe { lists: [strings(&[]), None, strings(&[])], ..Probe::default() }), "<Plain/>");
}

#[test]
fn structures_have_their_attributes_in_their_tag() {
    let child = Probe {
        kind: Some("\"x\"".to_owned()),
        at: Some(DateTime::from_secs_and_nanos(1_422_172_800, 5_000_000)),
        data: Some(Blob::new("value")),
        ..Probe::default()
    };
    let output = Probe { child: Some(Box::new(child)), ..Probe::default() };
    assert_eq!(
        written(&output),
        "<Child Kind=\"&quot;x&quot;\"><At>2015-01-25T08:00:00.005Z</At><Data>dmFsdWU=</Data></Child>"
    );
}

#[test]
fn errors_carry_fault_code_and_sentence() {
    static META: ErrorMeta = ErrorMeta {
        code: "QueueDoesNotExist",
        query_code: "AWS.SimpleQueueService.NonExistentQueue",
        namespace: None,
        status: 404,
        fault: Fault::Client,
        message_member: "message",
    };
    let error = ApiError::new(&META, "no <queue>");
    let answer = encode_error(&SERVICE, &error, RequestId::from_random(0));
    assert_eq!(answer.status(), 404);
    assert_eq!(
        std::str::from_utf8(answer.body()).expect("text"),
        "<ErrorResponse xmlns=\"https://probe.example/\"><Error><Type>Sender</Type>\
         <Code>AWS.SimpleQueueService.NonExistentQueue</Code><Message>no &lt;queue&gt;</Message></Error>\
         <RequestId>00000000-0000-4000-8000-000000000000</RequestId></ErrorResponse>"
    );
    let detailed = ServiceMeta { query_error_detail: true, protocols: &[], routes: &[], ..SERVICE };
    let answer = encode_error(&detailed, &error, RequestId::from_random(0));
    let text = std::str::from_utf8(answer.body()).expect("text");
    assert!(text.contains("</Message><Detail/></Error>"), "{text}");
}

proptest! {
    #[test]
    fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read("", &body);
    }

    #[test]
    fn no_names_panic(body in "((Name|Plain|Flat|Tags|Attribute|Child|member|entry|key|Value|1|22|-|é|%2E)[.=&]){0,12}") {
        let _ = read("", body.as_bytes());
    }
}
