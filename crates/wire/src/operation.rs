//! What is known of an operation and of its service before any request arrives.

use crate::rules::{ConstraintStyle, Rules};
use crate::{Answers, ApiError, Shape};
use aws_smithy_schema::Schema;
use std::fmt::Debug;

/// Ties an operation's name to its input, output, errors and schemas. Implemented by the generated models.
pub trait Operation: Send + Sync + 'static {
    /// The members a caller sends.
    type Input: Shape;
    /// The members of a successful answer.
    type Output: Shape;
    /// The errors AWS lists for this operation, and no others.
    type Error: Answers + Into<ApiError> + Debug + Send + Sync + 'static;

    /// Name, bindings and rules.
    fn meta() -> &'static OperationMeta;

    /// The member that an SDK fills with a fresh token where the caller sent none; see
    /// [`OperationMeta::idempotency_token`].
    fn idempotency_token(_: &mut Self::Input) -> Option<&mut Option<String>> {
        None
    }
}

/// The static description of an operation.
#[derive(Debug)]
pub struct OperationMeta {
    /// The service it belongs to.
    pub service: &'static ServiceMeta,
    /// Its name: `SendMessage`.
    pub name: &'static str,
    /// Its HTTP binding; `POST /` where the protocol has none.
    pub http: Http,
    /// The schema of the input structure, members with their HTTP bindings.
    pub input: &'static Schema<'static>,
    /// The schema of the output structure.
    pub output: &'static Schema<'static>,
    /// What the model demands of the input's members.
    pub rules: &'static Rules,
    /// The element around an awsQuery result (`SendMessageResult`), where there is one.
    pub result_wrapper: Option<&'static str>,
    /// The input member that an SDK fills with a fresh token where the caller sent none.
    pub idempotency_token: Option<&'static str>,
    /// How its list is cut into pages.
    pub paginator: Option<Paginator>,
}

/// An operation's HTTP binding.
#[derive(Debug, Clone, Copy)]
pub struct Http {
    /// `GET`, `POST`, ...
    pub method: &'static str,
    /// Path pattern with `{label}` and `{label+}`, and with the constant query parameters, if any, behind `?`.
    pub path: &'static str,
    /// Status of a successful answer.
    pub success: u16,
}

/// How a list operation is cut into pages, as botocore's paginators say. Names are members; dots lead inward.
#[derive(Debug, Clone, Copy)]
pub struct Paginator {
    /// Input members that take the token, with the output members that give it.
    pub tokens: &'static [(&'static str, &'static str)],
    /// The input member that limits a page.
    pub limit: Option<&'static str>,
    /// The output members that hold the list.
    pub results: &'static [&'static str],
}

/// Name and binding of an operation, kept for every operation of a model, served or not, so that one that is not
/// served can be refused by its name.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// The operation's name.
    pub name: &'static str,
    /// `GET`, `POST`, ...
    pub method: &'static str,
    /// Path pattern.
    pub path: &'static str,
}

/// The static description of a service's API.
#[derive(Debug)]
pub struct ServiceMeta {
    /// Our name for it, as in ARNs and botocore: `sqs`, `dynamodb`, `apigatewayv2`.
    pub name: &'static str,
    /// The name in a SigV4 credential scope; several APIs may share one (`apigateway`).
    pub signing_name: &'static str,
    /// The first label of its host names (`sqs`, `monitoring`).
    pub endpoint_prefix: &'static str,
    /// The API's version: `2012-11-05`.
    pub api_version: &'static str,
    /// The part of `X-Amz-Target` before the dot, and the service name in rpcv2Cbor paths; empty where there is none.
    pub target_prefix: &'static str,
    /// The namespace in front of an error's code in JSON and CBOR bodies: `com.amazonaws.sqs`.
    pub error_namespace: &'static str,
    /// The XML namespace of awsQuery answers; empty where there is none.
    pub xml_namespace: &'static str,
    /// Every protocol AWS has listed for the API, the preferred one first.
    pub protocols: &'static [Protocol],
    /// JSON and CBOR errors carry `x-amzn-query-error`, and their codes are awsQuery's.
    pub query_compatible: bool,
    /// awsQuery errors end in an empty `<Detail/>`.
    pub query_error_detail: bool,
    /// How the service words a broken constraint, and with which error code.
    pub constraint_style: ConstraintStyle,
    /// Every operation of the API, in alphabetical order.
    pub routes: &'static [Route],
}

/// The protocols of AWS APIs that mesh-local speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// `application/x-amz-json-1.0`, operation in `X-Amz-Target`.
    AwsJson10,
    /// `application/x-amz-json-1.1`, operation in `X-Amz-Target`.
    AwsJson11,
    /// Form-encoded request with `Action=`, XML answer.
    AwsQuery,
    /// JSON bodies with HTTP bindings.
    RestJson1,
    /// `smithy-protocol: rpc-v2-cbor`, operation in the path.
    RpcV2Cbor,
    /// `application/x-amz-cbor-1.1`: awsJson 1.1 with CBOR in place of JSON, as Kinesis's older SDKs speak.
    AwsCbor11,
}
