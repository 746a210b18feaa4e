//! A probe operation with every binding, read and written in restJson1.

use super::*;
use crate::rules::{ConstraintStyle, Rules};
use crate::schema::serde::{ShapeDeserializer, ShapeSerializer};
use crate::schema::{Schema, ShapeId, ShapeType, prelude, shape_id};
use crate::{Blob, DateTime, ErrorShape, Http, Map, Protocol, Shape};
use proptest::prelude::*;

const ID: ShapeId<'static> = shape_id!("probe", "Probe");

static ELEMENT: Schema<'static> = Schema::new_member(ID, ShapeType::String, "member", 0);
static DATE: Schema<'static> = Schema::new_member(ID, ShapeType::Timestamp, "member", 0);
static KEY: Schema<'static> = Schema::new_member(ID, ShapeType::String, "key", 0);
static VALUE: Schema<'static> = Schema::new_member(ID, ShapeType::String, "value", 1);

static LABEL: Schema<'static> =
    Schema::new_member(ID, ShapeType::String, "Label", 0).with_http_label().with_json_name("the_label");
static LIMIT: Schema<'static> =
    Schema::new_member(ID, ShapeType::Integer, "Limit", 1).with_http_query("limit");
static COLOURS: Schema<'static> = Schema::new_member(ID, ShapeType::List, "Colours", 2)
    .with_list_member(&ELEMENT)
    .with_http_query("colour");
static WORDS: Schema<'static> = Schema::new_member(ID, ShapeType::List, "Words", 3)
    .with_list_member(&ELEMENT)
    .with_http_header("x-words");
static DATES: Schema<'static> =
    Schema::new_member(ID, ShapeType::List, "Dates", 4).with_list_member(&DATE).with_http_header("x-dates");
static EXTRA: Schema<'static> = Schema::new_member(ID, ShapeType::Map, "Extra", 5)
    .with_map_members(&KEY, &VALUE)
    .with_http_prefix_headers("x-extra-");
static JSON: Schema<'static> = Schema::new_member(ID, ShapeType::String, "Json", 6)
    .with_http_header("x-json")
    .with_media_type("application/json");
static NAME: Schema<'static> = Schema::new_member(ID, ShapeType::String, "Name", 7).with_json_name("name");
static AT: Schema<'static> = Schema::new_member(ID, ShapeType::Timestamp, "At", 8);
static STATUS: Schema<'static> =
    Schema::new_member(ID, ShapeType::Integer, "Status", 9).with_http_response_code();
static PROBE: Schema<'static> = Schema::new_struct(
    ID,
    ShapeType::Structure,
    &[&LABEL, &LIMIT, &COLOURS, &WORDS, &DATES, &EXTRA, &JSON, &NAME, &AT, &STATUS],
);

#[derive(Debug, Default, Clone, PartialEq)]
struct Probe {
    label: Option<String>,
    limit: Option<i32>,
    lists: [Option<Vec<String>>; 2],
    dates: Option<Vec<DateTime>>,
    extra: Option<Map<String>>,
    json: Option<String>,
    name: Option<String>,
    at: Option<DateTime>,
    status: Option<i32>,
}

impl SerializableStruct for Probe {
    fn schema(&self) -> &Schema<'_> {
        &PROBE
    }

    fn serialize_members(&self, to: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        if let Some(words) = &self.lists[1] {
            to.write_string_list(&WORDS, words)?;
        }
        if let Some(dates) = &self.dates {
            to.write_list(&DATES, &|to| dates.iter().try_for_each(|date| to.write_timestamp(&DATE, date)))?;
        }
        if let Some(extra) = &self.extra {
            to.write_map(&EXTRA, &|to| {
                extra.iter().try_for_each(|(key, value)| {
                    to.write_string(&prelude::STRING, key)?;
                    to.write_string(&prelude::STRING, value)
                })
            })?;
        }
        if let Some(json) = &self.json {
            to.write_string(&JSON, json)?;
        }
        if let Some(name) = &self.name {
            to.write_string(&NAME, name)?;
        }
        if let Some(at) = &self.at {
            to.write_timestamp(&AT, at)?;
        }
        if let Some(status) = self.status {
            to.write_integer(&STATUS, status)?;
        }
        Ok(())
    }
}

impl Shape for Probe {
    fn static_schema() -> &'static Schema<'static> {
        &PROBE
    }

    fn read(from: &mut dyn ShapeDeserializer) -> Result<Self, SerdeError> {
        let mut read = Self::default();
        from.read_struct(&PROBE, &mut |member, from| {
            match member.member_index() {
                Some(0) => read.label = Some(from.read_string(member)?),
                Some(1) => read.limit = Some(from.read_integer(member)?),
                Some(index @ 2..=3) => read.lists[index - 2] = Some(from.read_string_list(member)?),
                Some(4) => {
                    let dates = read.dates.insert(Vec::new());
                    from.read_list(member, &mut |from| {
                        dates.push(from.read_timestamp(&DATE)?);
                        Ok(())
                    })?;
                }
                Some(5) => {
                    let extra = read.extra.insert(Map::new());
                    from.read_map(member, &mut |key, from| {
                        extra.insert(key, from.read_string(&VALUE)?);
                        Ok(())
                    })?;
                }
                Some(6) => read.json = Some(from.read_string(member)?),
                Some(7) => read.name = Some(from.read_string(member)?),
                Some(8) => read.at = Some(from.read_timestamp(member)?),
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
    xml_namespace: "",
    protocols: &[Protocol::RestJson1],
    query_compatible: false,
    query_error_detail: false,
    constraint_style: ConstraintStyle::Coral,
    routes: &[],
};

const fn operation(path: &'static str, schema: &'static Schema<'static>) -> OperationMeta {
    OperationMeta {
        service: &SERVICE,
        name: "DoProbe",
        http: Http { method: "POST", path, success: 201 },
        input: schema,
        output: schema,
        rules: &Rules { members: &[] },
        result_wrapper: None,
        idempotency_token: None,
        paginator: None,
    }
}

static OPERATION: OperationMeta = operation("/probes/{the_label}", &PROBE);

fn read<S: Shape>(
    operation: &OperationMeta,
    target: &str,
    headers: &[(&str, &[u8])],
    body: &[u8],
) -> Result<S, ApiError> {
    let mut request = http::Request::builder().uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (parts, ()) = request.body(()).expect("a request").into_parts();
    let mut shape = S::default();
    decode(operation, &parts, &Bytes::copy_from_slice(body), &mut |from| {
        shape = S::read(from)?;
        Ok(())
    })?;
    Ok(shape)
}

fn strings(list: &[&str]) -> Option<Vec<String>> {
    Some(list.iter().map(|text| (*text).to_owned()).collect())
}

#[test]
fn members_come_from_path_query_headers_and_body() {
    let headers: &[(&str, &[u8])] = &[
        ("x-words", br#"a, "b, \"c\"" , d"#),
        ("x-words", b"e"),
        ("x-dates", b"Sun, 25 Jan 2015 08:00:00 GMT, Sun, 25 Jan 2015 08:00:01 GMT"),
        ("X-Extra-One", b"1"),
        ("x-json", b"eyJhIjoxfQ=="),
    ];
    let target = "/probes/a%2Fb%20c?limit=5&colour=red&colour=dark+blue&x=y";
    let probe: Probe =
        read(&OPERATION, target, headers, br#"{"name": "n", "At": 1422172800, "Label": "no", "u": []}"#)
            .expect("well formed");
    let moment = DateTime::from_secs(1_422_172_800);
    assert_eq!(
        probe,
        Probe {
            label: Some("a/b c".to_owned()),
            limit: Some(5),
            lists: [strings(&["red", "dark blue"]), strings(&["a", "b, \"c\"", "d", "e"])],
            dates: Some(vec![moment, DateTime::from_secs(1_422_172_801)]),
            extra: Some([("one".to_owned(), "1".to_owned())].into()),
            json: Some("{\"a\":1}".to_owned()),
            name: Some("n".to_owned()),
            at: Some(moment),
            status: None,
        }
    );
}

#[test]
fn an_empty_body_has_no_members() {
    let probe: Probe = read(&OPERATION, "/probes/x", &[], b"").expect("well formed");
    assert_eq!(probe, Probe { label: Some("x".to_owned()), ..Probe::default() });
}

#[test]
fn a_body_or_parameter_that_does_not_fit_is_a_serialization_exception() {
    let fails = |target: &str, body: &[u8]| {
        read::<Probe>(&OPERATION, target, &[], body).expect_err("it does not fit").to_string()
    };
    assert_eq!(
        fails("/probes/x?limit=many", b""),
        "SerializationException: STRING_VALUE can not be converted to an Integer"
    );
    for broken in [&b"{"[..], b"{} x", b"\xff", b"7"] {
        assert_eq!(fails("/probes/x", broken), "SerializationException: ", "{broken:?}");
    }
    for (body, sentence) in [
        (&b"[]"[..], "Start of list found where not expected"),
        (b"{\"name\": 1}", "NUMBER_VALUE can not be converted to a String"),
        (b"{\"name\": {}}", "Start of structure or map found where not expected."),
        (b"{\"At\": \"noon\"}", "STRING_VALUE can not be converted to milliseconds since epoch"),
    ] {
        assert_eq!(fails("/probes/x", body), format!("SerializationException: {sentence}"), "{body:?}");
    }
}

#[test]
fn outputs_are_spread_over_status_headers_and_body() {
    let output = Probe {
        lists: [None, strings(&["a", "b, \"c\""])],
        dates: Some(vec![DateTime::from_secs(1_422_172_800)]),
        extra: Some([("one".to_owned(), "1".to_owned())].into()),
        json: Some("{}".to_owned()),
        name: Some("n".to_owned()),
        at: Some(DateTime::from_secs(5)),
        status: Some(418),
        ..Probe::default()
    };
    let answer = encode(&OPERATION, &output, RequestId::from_random(0)).expect("it can be written");
    assert_eq!(answer.status(), 418);
    assert_eq!(answer.body(), &br#"{"name":"n","At":5}"#[..]);
    let header = |name: &str| answer.headers()[name].to_str().expect("text").to_owned();
    assert_eq!(header("x-words"), r#"a, "b, \"c\"""#);
    assert_eq!(header("x-dates"), "Sun, 25 Jan 2015 08:00:00 GMT");
    assert_eq!(header("x-extra-one"), "1");
    assert_eq!(header("x-json"), "e30=");
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(header("x-amzn-requestid"), "00000000-0000-4000-8000-000000000000");
}

static DATA: Schema<'static> = Schema::new_member(ID, ShapeType::Blob, "Data", 0).with_http_payload();
static UPLOAD: Schema<'static> = Schema::new_struct(ID, ShapeType::Structure, &[&DATA]);
static UPLOAD_OPERATION: OperationMeta = operation("/uploads", &UPLOAD);

#[derive(Debug, Default, Clone)]
struct Upload(Option<Blob>);

impl SerializableStruct for Upload {
    fn schema(&self) -> &Schema<'_> {
        &UPLOAD
    }

    fn serialize_members(&self, to: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        self.0.as_ref().map_or(Ok(()), |data| to.write_blob(&DATA, data.clone()))
    }
}

impl Shape for Upload {
    fn static_schema() -> &'static Schema<'static> {
        &UPLOAD
    }

    fn read(from: &mut dyn ShapeDeserializer) -> Result<Self, SerdeError> {
        let mut read = Self::default();
        from.read_struct(&UPLOAD, &mut |member, from| {
            read.0 = Some(from.read_blob(member)?);
            Ok(())
        })?;
        Ok(read)
    }
}

#[test]
fn a_payload_is_the_body_as_it_is() {
    let upload: Upload = read(&UPLOAD_OPERATION, "/uploads", &[], b"\xff\x00{").expect("well formed");
    assert_eq!(upload.0.as_ref().map(AsRef::as_ref), Some(&b"\xff\x00{"[..]));
    let answer = encode(&UPLOAD_OPERATION, &upload, RequestId::from_random(0)).expect("it can be written");
    assert_eq!(answer.body(), &b"\xff\x00{"[..]);
    assert_eq!(answer.headers()["content-type"], "application/octet-stream");
    let absent =
        encode(&UPLOAD_OPERATION, &Upload(None), RequestId::from_random(0)).expect("it can be written");
    assert!(absent.body().is_empty() && !absent.headers().contains_key("content-type"));
}

static MESSAGE: Schema<'static> = Schema::new_member(ID, ShapeType::String, "Message", 0);
static RETRY: Schema<'static> =
    Schema::new_member(ID, ShapeType::String, "retryAfterSeconds", 1).with_http_header("Retry-After");
static KIND: Schema<'static> = Schema::new_member(ID, ShapeType::String, "Type", 2);
static TOO_MANY: Schema<'static> = Schema::new_struct(ID, ShapeType::Structure, &[&MESSAGE, &RETRY, &KIND]);

#[derive(Debug, Default, Clone)]
struct TooMany {
    message: String,
    retry: Option<String>,
    kind: Option<String>,
}

impl SerializableStruct for TooMany {
    fn schema(&self) -> &Schema<'_> {
        &TOO_MANY
    }

    fn serialize_members(&self, to: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        if let Some(retry) = &self.retry {
            to.write_string(&RETRY, retry)?;
        }
        self.kind.as_ref().map_or(Ok(()), |kind| to.write_string(&KIND, kind))
    }
}

impl Shape for TooMany {
    fn static_schema() -> &'static Schema<'static> {
        &TOO_MANY
    }

    fn read(_: &mut dyn ShapeDeserializer) -> Result<Self, SerdeError> {
        Ok(Self::default())
    }
}

impl ErrorShape for TooMany {
    const META: &'static ErrorMeta = &ErrorMeta {
        code: "TooManyRequestsException",
        query_code: "TooManyRequestsException",
        namespace: None,
        status: 429,
        fault: Fault::Client,
        message_member: "Message",
    };
    const HAS_MEMBERS: bool = true;

    fn from_message(message: String) -> Self {
        Self { message, ..Self::default() }
    }

    fn message(&self) -> &str {
        &self.message
    }
}

#[test]
fn errors_have_their_code_in_a_header_and_their_members_where_they_belong() {
    let retry = Some("3".to_owned());
    let error = TooMany { message: "slow down".to_owned(), retry, kind: None }.into_api_error();
    let answer = encode_error(&SERVICE, &error, RequestId::from_random(0));
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.headers()["x-amzn-errortype"], "TooManyRequestsException");
    assert_eq!(answer.headers()["retry-after"], "3");
    assert_eq!(answer.body(), &br#"{"Message":"slow down","Type":"User"}"#[..]);

    let kind = Some("Own".to_owned());
    let error = TooMany { message: "slow down".to_owned(), retry: None, kind }.into_api_error();
    let answer = encode_error(&SERVICE, &error, RequestId::from_random(0));
    assert_eq!(answer.body(), &br#"{"Message":"slow down","Type":"Own"}"#[..]);
}

proptest! {
    #[test]
    fn no_request_panics(
        path in "/[a-z%/]{0,12}",
        query in "[a-z=&%+]{0,24}",
        words in "[a-z,\" \\\\é]{0,24}",
        body in proptest::collection::vec(any::<u8>(), 0..100),
    ) {
        let headers = [("x-words", words.as_bytes()), ("x-dates", words.as_bytes()), ("x-json", words.as_bytes())];
        let _ = read::<Probe>(&OPERATION, &format!("{path}?{query}"), &headers, &body);
    }

    #[test]
    fn no_json_panics(body in "[\\[\\]{}\",:a-z0-9\\\\ ]{0,60}") {
        let _ = read::<Probe>(&OPERATION, "/probes/x", &[], body.as_bytes());
    }
}
