//! What is answered to a request that is not signed as it must be.

use super::{Malformed, Refusal};
use crate::error::{ApiError, ErrorMeta, Fault};
use crate::operation::Protocol;
use std::fmt;

/// Why a request is denied where signatures are verified. Its `Display` is AWS's sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denial<'a> {
    /// It is not signed.
    Unsigned,
    /// Its signature cannot be read.
    Malformed(Malformed<'a>),
    /// There is no such access key, or its session token is missing.
    UnknownKey,
    /// The credentials have ended.
    Expired,
    /// Its signature is not accepted.
    Refused(Refusal),
}

/// One error as the awsJson protocols have it, and as the others do: AWS answers 400 there and 403 here.
type Pair = [ErrorMeta; 2];

const fn pair(code: &'static str, query_code: &'static str) -> Pair {
    const JSON: ErrorMeta = ErrorMeta {
        code: "",
        query_code: "",
        namespace: Some("com.amazon.coral.service"),
        status: 400,
        fault: Fault::Client,
        message_member: "message",
    };
    [ErrorMeta { code, query_code, ..JSON }, ErrorMeta { code, query_code, status: 403, ..JSON }]
}

static UNSIGNED: Pair = pair("MissingAuthenticationTokenException", "MissingAuthenticationToken");
static UNKNOWN_KEY: Pair = pair("UnrecognizedClientException", "InvalidClientTokenId");
static EXPIRED: Pair = pair("ExpiredTokenException", "ExpiredToken");
static INVALID: Pair = pair("InvalidSignatureException", "SignatureDoesNotMatch");
static INCOMPLETE: Pair = pair("IncompleteSignatureException", "IncompleteSignature");

impl Denial<'_> {
    /// The error that it is answered as.
    pub fn error(&self, protocol: Protocol) -> ApiError {
        let pair = match self {
            Self::Unsigned => &UNSIGNED,
            Self::UnknownKey => &UNKNOWN_KEY,
            Self::Expired => &EXPIRED,
            Self::Malformed(_) | Self::Refused(Refusal::Incomplete(_)) => &INCOMPLETE,
            Self::Refused(_) => &INVALID,
        };
        let is_json = matches!(protocol, Protocol::AwsJson10 | Protocol::AwsJson11);
        ApiError::new(&pair[usize::from(!is_json)], self.to_string())
    }
}

impl fmt::Display for Denial<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsigned => f.write_str("Request is missing Authentication Token"),
            Self::Malformed(malformed) => malformed.fmt(f),
            Self::UnknownKey => f.write_str("The security token included in the request is invalid."),
            Self::Expired => f.write_str("The security token included in the request is expired"),
            Self::Refused(refusal) => refusal.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_the_name_and_status_of_its_protocol() {
        let of = |denial: &Denial<'_>, protocol| {
            let error = denial.error(protocol);
            (error.meta().code, error.meta().query_code, error.meta().status)
        };
        let refused = Denial::Refused(Refusal::Mismatch);
        assert_eq!(
            of(&refused, Protocol::AwsJson10),
            ("InvalidSignatureException", "SignatureDoesNotMatch", 400)
        );
        assert_eq!(of(&refused, Protocol::AwsQuery).2, 403);
        assert_eq!(
            of(&Denial::UnknownKey, Protocol::RestJson1),
            ("UnrecognizedClientException", "InvalidClientTokenId", 403)
        );
        let incomplete = Denial::Refused(Refusal::Incomplete("Signature"));
        assert_eq!(of(&incomplete, Protocol::AwsQuery).1, "IncompleteSignature");
    }
}
