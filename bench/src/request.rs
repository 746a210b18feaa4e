//! The bytes of a request as an AWS SDK sends it: the same headers, of the same lengths.

use std::net::SocketAddr;

/// An API: how its requests are addressed.
#[derive(Debug)]
pub(crate) struct Api {
    /// The service's name in a signature's scope.
    signing_name: &'static str,
    wire: Wire,
}

#[derive(Debug)]
enum Wire {
    /// The operation in `X-Amz-Target`, behind a prefix.
    Json { version: &'static str, prefix: &'static str },
    /// The operation in the body, as `Action`.
    Query,
    /// The operation in method and path.
    Rest,
    /// No API: a page's request, without a signature.
    Page,
}

/// Amazon SQS.
pub(crate) const SQS: Api =
    Api { signing_name: "sqs", wire: Wire::Json { version: "1.0", prefix: "AmazonSQS" } };
/// Amazon SNS.
pub(crate) const SNS: Api = Api { signing_name: "sns", wire: Wire::Query };
/// Amazon DynamoDB.
pub(crate) const DYNAMODB: Api =
    Api { signing_name: "dynamodb", wire: Wire::Json { version: "1.0", prefix: "DynamoDB_20120810" } };
/// Amazon Kinesis Data Streams.
pub(crate) const KINESIS: Api =
    Api { signing_name: "kinesis", wire: Wire::Json { version: "1.1", prefix: "Kinesis_20131202" } };

/// AWS Lambda.
pub(crate) const LAMBDA: Api = Api { signing_name: "lambda", wire: Wire::Rest };
/// Amazon API Gateway's REST APIs.
pub(crate) const APIGATEWAY: Api = Api { signing_name: "apigateway", wire: Wire::Rest };
/// What has been deployed.
const PAGE: Api = Api { signing_name: "", wire: Wire::Page };

/// One call of an operation.
#[derive(Debug)]
pub(crate) struct Call {
    api: &'static Api,
    operation: &'static str,
    method: &'static str,
    path: String,
    body: String,
    keeps: &'static [&'static str],
}

/// What answers brought that later calls name: a member's name, and its text.
pub(crate) type Kept = Vec<(&'static str, String)>;

impl Call {
    /// A call with its body in the API's own protocol.
    pub(crate) fn new(api: &'static Api, operation: &'static str, body: String) -> Self {
        Call { api, operation, method: "POST", path: "/".to_owned(), body, keeps: &[] }
    }

    /// A call of an operation that is named by its method and path.
    pub(crate) fn rest(
        api: &'static Api,
        operation: &'static str,
        method: &'static str,
        path: impl Into<String>,
        body: String,
    ) -> Self {
        Call { method, path: path.into(), ..Call::new(api, operation, body) }
    }

    /// A request for what has been deployed.
    pub(crate) fn page(path: impl Into<String>) -> Self {
        Call::rest(&PAGE, "GET", "GET", path, String::new())
    }

    /// The same with more behind its body.
    pub(crate) fn with_more(self, more: &str) -> Self {
        Call { body: self.body + more, ..self }
    }

    /// The same, and these members of its answer are kept. Later calls have `<name>` in their place.
    pub(crate) fn keeping(self, keeps: &'static [&'static str]) -> Self {
        Call { keeps, ..self }
    }

    /// The members of the answer that are kept.
    pub(crate) fn keeps(&self) -> &'static [&'static str] {
        self.keeps
    }

    /// The same with what was kept in its place.
    pub(crate) fn filled(self, kept: &Kept) -> Self {
        let fill = |text: String| {
            kept.iter().fold(text, |text, (name, value)| text.replace(&format!("<{name}>"), value))
        };
        Call { path: fill(self.path), body: fill(self.body), ..self }
    }

    /// The operation's name.
    pub(crate) fn operation(&self) -> &'static str {
        self.operation
    }
}

const USER_AGENT: &str = "Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1 os/linux#6.1.0 md/arch#x86_64 lang/python#3.11.7 \
                          md/pyimpl#CPython m/Z,b,e cfg/retry-mode#standard Botocore/1.44.5";
const SIGNATURE: &str = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";

/// The bytes of a call. The signature is one of the right length, not a valid one.
pub(crate) fn bytes(target: SocketAddr, call: &Call) -> Vec<u8> {
    let Call { api, operation, method, path, body, keeps: _ } = call;
    let (content_type, target_header) = match api.wire {
        Wire::Json { version, prefix } => {
            (format!("application/x-amz-json-{version}"), format!("X-Amz-Target: {prefix}.{operation}\r\n"))
        }
        Wire::Query => ("application/x-www-form-urlencoded; charset=utf-8".to_owned(), String::new()),
        Wire::Rest => ("application/json".to_owned(), String::new()),
        Wire::Page => return page(target, path),
    };
    let signed = if target_header.is_empty() {
        "content-type;host;x-amz-date"
    } else {
        "content-type;host;x-amz-date;x-amz-target"
    };
    let service = api.signing_name;
    format!(
        "{method} {path} HTTP/1.1\r\nHost: {target}\r\nAccept-Encoding: identity\r\n{target_header}\
         Content-Type: {content_type}\r\nUser-Agent: {USER_AGENT}\r\nX-Amz-Date: 20260102T030405Z\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential=test/20260102/us-east-1/{service}/aws4_request, \
         SignedHeaders={signed}, Signature={SIGNATURE}\r\n\
         amz-sdk-invocation-id: 7a2f6d2e-9d3b-4c58-8f5e-2b8e0d6c1a94\r\namz-sdk-request: attempt=1\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A page's request with the headers that a program's HTTP library sends.
fn page(target: SocketAddr, path: &str) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nHost: {target}\r\nAccept: application/json\r\nAccept-Encoding: gzip, deflate\r\n\
         Connection: keep-alive\r\nUser-Agent: python-requests/2.32.5\r\n\r\n"
    )
    .into_bytes()
}

/// The bytes of a call of the control plane.
pub(crate) fn control(target: SocketAddr, method: &str, path: &str, body: &str) -> Vec<u8> {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: {target}\r\nContent-Type: application/json\r\nx-mesh: 1\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_carries_what_an_sdk_sends() {
        let target = SocketAddr::from(([127, 0, 0, 1], 4566));
        let request = bytes(target, &Call::new(&SQS, "SendMessage", "{}".to_owned()));
        let request = String::from_utf8(request).expect("text");
        assert!(request.contains("\r\nX-Amz-Target: AmazonSQS.SendMessage\r\n"));
        assert!(request.contains(
            "/us-east-1/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target,"
        ));
        assert!(request.ends_with("\r\nContent-Length: 2\r\n\r\n{}"));
        let kept = vec![("id", "a1".to_owned())];
        let page = String::from_utf8(bytes(target, &Call::page("/x/<id>").filled(&kept))).expect("text");
        assert!(page.starts_with("GET /x/a1 HTTP/1.1\r\n") && !page.contains("Authorization"), "{page}");
        let request = bytes(target, &Call::new(&SNS, "Publish", "Action=Publish".to_owned()));
        assert!(!String::from_utf8(request).expect("text").contains("X-Amz-Target"));
    }
}
