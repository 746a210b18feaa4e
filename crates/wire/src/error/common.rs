//! The errors that no model lists, because every operation of a protocol can answer them.
//!
//! Each is a static, because errors are told apart by its address. In awsJson 1.1 the namespace is not written.

use super::{ApiError, ErrorMeta, Fault};

/// The namespace of what AWS's framework answers in the place of a service.
const SERVICE: &str = "com.amazon.coral.service";

/// The namespace of what AWS's framework answers when a constraint is broken.
const VALIDATE: &str = "com.amazon.coral.validate";

const fn meta(code: &'static str, namespace: &'static str, status: u16) -> ErrorMeta {
    let fault = if status >= 500 { Fault::Server } else { Fault::Client };
    ErrorMeta { code, query_code: code, namespace: Some(namespace), status, fault, message_member: "message" }
}

/// As [`meta`], the sentence in `Message`.
const fn capital(code: &'static str, namespace: &'static str, status: u16) -> ErrorMeta {
    ErrorMeta { message_member: "Message", ..meta(code, namespace, status) }
}

/// awsJson: the body does not parse, or a member is of another type.
pub static SERIALIZATION: ErrorMeta = capital("SerializationException", SERVICE, 400);
/// The same of a service that was awsQuery once: its code there is `MalformedInput`.
pub static SERIALIZATION_QUERY: ErrorMeta =
    ErrorMeta { query_code: "MalformedInput", ..meta("SerializationException", SERVICE, 400) };
/// awsJson: `X-Amz-Target` names no operation. The sentence is empty.
pub static UNKNOWN_OPERATION: ErrorMeta = capital("UnknownOperationException", SERVICE, 400);
/// awsQuery: `Action` names no operation.
pub static INVALID_ACTION: ErrorMeta = meta("InvalidAction", SERVICE, 400);
/// awsQuery: no `Action`.
pub static MISSING_ACTION: ErrorMeta = meta("MissingAction", SERVICE, 400);
/// SQS and awsQuery: a required parameter is not there.
/// In JSON its name is another (recordings/sqs.json::test_send_empty_message).
pub static MISSING_PARAMETER: ErrorMeta =
    ErrorMeta { query_code: "MissingParameter", ..meta("MissingRequiredParameterException", SERVICE, 400) };
/// awsQuery: the form does not parse.
pub static MALFORMED_QUERY_STRING: ErrorMeta = meta("MalformedQueryString", SERVICE, 404);
/// awsQuery: a parameter's value is none of its type.
pub static MALFORMED_INPUT: ErrorMeta = meta("MalformedInput", SERVICE, 400);
/// awsQuery: a parameter's value is out of its bounds.
pub static INVALID_PARAMETER_VALUE: ErrorMeta = meta("InvalidParameterValue", SERVICE, 400);
/// JSON protocols: a constraint of the model is broken.
pub static VALIDATION_EXCEPTION: ErrorMeta = meta("ValidationException", VALIDATE, 400);
/// CloudWatch Logs: a constraint of the model is broken.
pub static INVALID_PARAMETER_EXCEPTION: ErrorMeta = meta("InvalidParameterException", "", 400);
/// awsQuery: a constraint of the model is broken.
pub static VALIDATION_ERROR: ErrorMeta = meta("ValidationError", VALIDATE, 400);
/// restJson1: a request that the service refuses.
pub static BAD_REQUEST: ErrorMeta = meta("BadRequestException", "", 400);
/// restJson1: nothing is at the path.
pub static NOT_FOUND: ErrorMeta = meta("NotFoundException", "", 404);
/// The caller may not do this.
pub static ACCESS_DENIED: ErrorMeta = capital("AccessDeniedException", SERVICE, 400);
/// awsQuery: the caller may not do this.
pub static ACCESS_DENIED_QUERY: ErrorMeta = meta("AccessDenied", SERVICE, 403);
/// The body is larger than the service takes.
pub static REQUEST_ENTITY_TOO_LARGE: ErrorMeta = meta("RequestEntityTooLargeException", SERVICE, 413);
/// Too many requests.
pub static THROTTLING: ErrorMeta = meta("ThrottlingException", SERVICE, 400);
/// awsQuery: too many requests.
pub static THROTTLING_QUERY: ErrorMeta = meta("Throttling", SERVICE, 400);
/// Ours: the operation is AWS's, and mesh-local does not have it.
pub static NOT_IMPLEMENTED: ErrorMeta = meta("NotImplemented", "mesh.local", 501);

/// The answer to an operation of a service that mesh-local does not have.
pub fn not_implemented(service: &str, operation: &str) -> ApiError {
    ApiError::new(&NOT_IMPLEMENTED, format!("mesh-local does not implement {service}:{operation}."))
}

/// The answer to an `X-Amz-Target` that names no operation.
pub fn unknown_operation() -> ApiError {
    ApiError::new(&UNKNOWN_OPERATION, "")
}

/// The answer to an `Action` that names no operation of this version of the API.
pub fn invalid_action(action: &str, version: &str) -> ApiError {
    let sentence = format!("The action {action} is not valid for this endpoint with version {version}.");
    ApiError::new(&INVALID_ACTION, sentence)
}

/// The answer to a form without an `Action`.
pub fn missing_action() -> ApiError {
    ApiError::new(&MISSING_ACTION, "Could not find operation to perform. Action parameter is missing.")
}

/// The answer to a request without a parameter that it must have.
pub fn missing_parameter(name: &str) -> ApiError {
    ApiError::new(&MISSING_PARAMETER, format!("The request must contain the parameter {name}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_that_is_not_there_names_itself() {
        let error = not_implemented("sqs", "ListMessageMoveTasks");
        assert_eq!(error.meta().status, 501);
        assert_eq!(error.meta().fault, Fault::Server);
        assert_eq!(
            error.to_string(),
            "NotImplemented: mesh-local does not implement sqs:ListMessageMoveTasks."
        );
    }

    #[test]
    fn what_the_caller_does_wrong_is_the_callers_fault() {
        for meta in [&SERIALIZATION, &VALIDATION_EXCEPTION, &REQUEST_ENTITY_TOO_LARGE, &ACCESS_DENIED_QUERY] {
            assert_eq!(meta.fault, Fault::Client, "{}", meta.code);
        }
        assert_eq!(
            missing_parameter("QueueUrl").message(),
            "The request must contain the parameter QueueUrl."
        );
    }
}
