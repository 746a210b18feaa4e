//! A bed with API Gateway and a Lambda that answers what its functions' names say.

use bytes::Bytes;
use http::Response;
use mesh_gateway::Gateway;
use mesh_models::lambda::{
    AccessDeniedException, Invoke, InvokeError, InvokeInput, InvokeOutput, ResourceNotFoundException,
};
use mesh_router::{Caller, Context, Registry, Service};
use mesh_testkit::TestBed;
use mesh_wire::{Blob, Failure};
use serde_json::{Value, json};
use std::fmt;

/// API Gateway and the Lambda of tests.
pub(crate) fn register(registry: &mut Registry) {
    Gateway.register(registry);
    registry.operation::<Invoke>(invoke);
}

/// What a function is called.
pub(crate) fn arn(name: &str) -> String {
    format!("arn:aws:lambda:us-east-1:000000000000:function:{name}")
}

#[derive(Debug)]
struct NoFunction;

impl fmt::Display for NoFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("The resource you requested does not exist.")
    }
}

impl Failure for NoFunction {
    type Shape = ResourceNotFoundException;
}

#[derive(Debug)]
struct NotLet;

impl fmt::Display for NotLet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no resource-based policy allows the lambda:InvokeFunction action")
    }
}

impl Failure for NotLet {
    type Shape = AccessDeniedException;
}

fn name_of(function: Option<String>) -> String {
    function.unwrap_or_default().rsplit(':').next().unwrap_or_default().to_owned()
}

/// `echo` answers its event as the body, `raw` as it is, `fails` fails, `slow` never answers, `wrong` answers a list. All let
/// every API in, but for `locked`, which wants a role, and `picky`, which knows one route alone; both say so.
async fn invoke(cx: &Context, input: InvokeInput) -> Result<InvokeOutput, InvokeError> {
    let Caller::Service { name, source } = cx.caller() else { panic!("{:?}", cx.caller()) };
    assert_eq!(name, "apigateway");
    let event = input.payload.map(Blob::into_bytes).unwrap_or_default();
    let name = name_of(input.function_name);
    if let Some(source) = source {
        assert!(source.starts_with("arn:aws:execute-api:us-east-1:000000000000:"), "{source}");
        if name == "locked" || name == "picky" && !source.ends_with("/GET/open") {
            return Err(NotLet.into());
        }
    }
    let payload = match name.as_str() {
        "echo" => {
            json!({"statusCode": 200, "body": String::from_utf8_lossy(&event)}).to_string().into_bytes()
        }
        "qualified" => json!({"statusCode": 200, "body": input.qualifier}).to_string().into_bytes(),
        "locked" | "picky" => br#"{"statusCode": 200, "body": "let in"}"#.to_vec(),
        "raw" => event.to_vec(),
        "wrong" => b"[1]".to_vec(),
        "slow" => std::future::pending().await,
        "fails" => {
            let payload = Some(Blob::new(*b"{\"errorMessage\": \"no\"}"));
            return Ok(InvokeOutput {
                function_error: Some("Unhandled".to_owned()),
                payload,
                ..InvokeOutput::default()
            });
        }
        _ => return Err(NoFunction.into()),
    };
    Ok(InvokeOutput { status_code: Some(200), payload: Some(Blob::new(payload)), ..InvokeOutput::default() })
}

/// Calls an operation that must succeed.
pub(crate) fn call(bed: &TestBed, service: &str, operation: &str, input: &Value) -> Value {
    let reply = bed.call(service, operation, &input.to_string());
    assert!(reply.error.is_none(), "{operation} {input}: {} {}", reply.status, reply.body);
    serde_json::from_str(&reply.body.to_string()).expect("an answer is JSON")
}

/// A text member of an answer.
pub(crate) fn text(answer: &Value, member: &str) -> String {
    answer[member].as_str().unwrap_or_else(|| panic!("no {member} in {answer}")).to_owned()
}

/// What a caller of a deployed API sends.
pub(crate) struct Sent<'a> {
    pub(crate) method: &'a str,
    /// With scheme and host.
    pub(crate) url: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: &'a str,
}

/// Sends a GET.
pub(crate) fn get(bed: &TestBed, url: &str) -> Response<Bytes> {
    send(bed, Sent { method: "GET", url, headers: &[], body: "" })
}

/// Sends a request to the site that claims it.
pub(crate) fn send(bed: &TestBed, sent: Sent<'_>) -> Response<Bytes> {
    let (host, _) =
        sent.url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).expect("a URL with a path");
    let target = &sent.url["http://".len() + host.len()..];
    let mut request = http::Request::builder().method(sent.method).uri(target).header("host", host);
    for (name, value) in sent.headers {
        request = request.header(*name, *value);
    }
    let (head, ()) = request.body(()).expect("a request").into_parts();
    let site =
        bed.router().site_for(host, head.uri.path()).unwrap_or_else(|| panic!("nothing claims {}", sent.url));
    let body = Bytes::copy_from_slice(sent.body.as_bytes());
    bed.block_on(sent.url, site.serve(bed.context(), head, body))
}

/// An answer on one line: status, content type, body.
pub(crate) fn line(answer: &Response<Bytes>) -> String {
    let content_type =
        answer.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or("-");
    format!("{} {content_type} {}", answer.status().as_u16(), String::from_utf8_lossy(answer.body()))
}

/// A header of an answer.
pub(crate) fn header<'a>(answer: &'a Response<Bytes>, name: &str) -> &'a str {
    answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("-")
}

/// The event that a function was given, pretty; the API's own ids under names.
pub(crate) fn event(answer: &Response<Bytes>, api: &str) -> String {
    let event: Value = serde_json::from_slice(answer.body()).unwrap_or_else(|_| panic!("{}", line(answer)));
    serde_json::to_string_pretty(&event).unwrap_or_default().replace(api, "API")
}
