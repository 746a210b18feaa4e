//! Errors that are asked for by their codes, and what AWS says with them.

use mesh_wire::error::common;
use mesh_wire::sigv4::Denial;
use mesh_wire::{ErrorMeta, OperationMeta, Protocol, ServiceMeta};

/// The errors for too many calls, the one that a service prefers first.
const THROTTLES: [&str; 6] = [
    "ProvisionedThroughputExceededException",
    "RequestThrottled",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "Throttling",
];

/// Denials that every operation may answer.
const DENIALS: [Denial<'_>; 3] = [Denial::Unsigned, Denial::UnknownKey, Denial::Expired];

/// What AWS says with an error, where that does not depend on the request: service, or any, and code.
const SENTENCES: [(&str, &str, &str); 18] = [
    (
        "dynamodb",
        "ProvisionedThroughputExceededException",
        "The level of configured provisioned throughput for the table was exceeded. Consider increasing your \
         provisioning level with the UpdateTable API.",
    ),
    ("dynamodb", "RequestLimitExceeded", "Throughput exceeds the current throughput limit for your account."),
    ("dynamodb", "InternalServerError", "Internal server error"),
    ("dynamodb", "ConditionalCheckFailedException", "The conditional request failed"),
    ("dynamodb", "ResourceNotFoundException", "Requested resource not found"),
    ("dynamodb", "TransactionConflictException", "Transaction is ongoing for the item"),
    ("lambda", "TooManyRequestsException", "Rate Exceeded."),
    ("lambda", "ServiceException", "An error occurred and the request cannot be processed."),
    ("sqs", "RequestThrottled", "Request is throttled."),
    ("sqs", "QueueDoesNotExist", "The specified queue does not exist."),
    ("sqs", "OverLimit", "Too many messages in flight."),
    ("", "TooManyRequestsException", "Too Many Requests"),
    ("", "ThrottlingException", "Rate exceeded"),
    ("", "Throttling", "Rate exceeded"),
    ("", "ProvisionedThroughputExceededException", "Rate exceeded"),
    (
        "",
        "InternalFailure",
        "The request processing has failed because of an unknown error, exception or failure.",
    ),
    ("", "ServiceUnavailable", "The request has failed due to a temporary failure of the server."),
    ("", "ServiceUnavailableException", "The service is temporarily unavailable."),
];

/// The error of this code, if an operation that lists these may answer it.
pub(super) fn find(
    code: &str,
    service: &ServiceMeta,
    listed: &[&'static ErrorMeta],
) -> Option<&'static ErrorMeta> {
    all(service, listed).find(|meta| meta.code == code || meta.query_code == code)
}

/// The codes that an operation may answer.
pub(super) fn codes(service: &ServiceMeta, listed: &[&'static ErrorMeta]) -> Vec<&'static str> {
    let mut codes: Vec<_> = all(service, listed).map(|meta| meta.code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// The error with which an operation answers too many calls.
pub(super) fn throttle(service: &ServiceMeta, listed: &[&'static ErrorMeta]) -> &'static ErrorMeta {
    let preferred = THROTTLES.iter().find_map(|code| find(code, service, listed));
    preferred.unwrap_or(&common::THROTTLING)
}

/// What AWS says with an error of this operation.
pub(super) fn sentence(operation: &OperationMeta, error: &ErrorMeta) -> String {
    let (service, name) = (operation.service.name, operation.name);
    let is_it =
        |(of, code, _): &&(&str, &str, &str)| (of.is_empty() || *of == service) && *code == error.code;
    let denied =
        || DENIALS.iter().find(|denial| denial.error(preferred(operation.service)).meta().code == error.code);
    if let Some((_, _, sentence)) = SENTENCES.iter().find(is_it) {
        (*sentence).to_owned()
    } else if let Some(denial) = denied() {
        denial.to_string()
    } else if error.code.starts_with("AccessDenied") {
        format!("User is not authorized to perform: {service}:{name}")
    } else {
        format!("A fault rule answers {service}:{name} with {}.", error.code)
    }
}

/// What an operation that lists these may answer: those, and what operations of every such service may.
fn all<'a>(
    service: &ServiceMeta,
    listed: &'a [&'static ErrorMeta],
) -> impl Iterator<Item = &'static ErrorMeta> + use<'a> {
    let protocol = preferred(service);
    let common = match protocol {
        Protocol::AwsQuery => [&common::THROTTLING_QUERY, &common::ACCESS_DENIED_QUERY],
        _ => [&common::THROTTLING, &common::ACCESS_DENIED],
    };
    let denials = DENIALS.iter().map(move |denial| denial.error(protocol).meta());
    listed.iter().copied().chain(common).chain(denials)
}

fn preferred(service: &ServiceMeta) -> Protocol {
    service.protocols.first().copied().unwrap_or(Protocol::AwsJson11)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mesh_models::{dynamodb, iam, lambda, logs, sqs};
    use mesh_wire::{Answers, Operation};

    fn throttle_of<O: Operation>() -> &'static str {
        throttle(O::meta().service, O::Error::ERRORS).code
    }

    #[test]
    fn each_service_has_its_own_error_for_too_many_calls() {
        assert_eq!(throttle_of::<dynamodb::GetItem>(), "ProvisionedThroughputExceededException");
        assert_eq!(throttle_of::<sqs::SendMessage>(), "RequestThrottled");
        assert_eq!(throttle_of::<lambda::Invoke>(), "TooManyRequestsException");
        assert_eq!(throttle_of::<logs::PutLogEvents>(), "ThrottlingException");
        assert_eq!(throttle_of::<iam::GetRole>(), "Throttling");
    }

    #[test]
    fn an_error_is_found_by_either_code_and_only_where_it_may_be_answered() {
        let find = |code| find(code, sqs::SendMessage::meta().service, sqs::SendMessageError::ERRORS);
        let by_query_code = find("AWS.SimpleQueueService.NonExistentQueue");
        assert_eq!(by_query_code.map(|meta| meta.code), Some("QueueDoesNotExist"));
        assert!(find("InternalFailure").is_some() && find("ThrottlingException").is_some());
        assert!(find("ConditionalCheckFailedException").is_none() && find("").is_none());
    }
}
