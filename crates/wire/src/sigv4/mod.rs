//! Signatures of requests: who signs, for which service and region, and whether the signature is right.
//!
//! [`read`] takes what is there and demands little, because a mesh without `--verify-signatures` needs no more than a
//! credential's scope. [`verify`] demands everything. A read signature borrows from its request.

mod denial;
mod verify;

pub use denial::Denial;
pub use verify::{Refusal, SignedRequest, verify};

use crate::route::decode;
use crate::{ErrorMeta, Fault};
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use std::borrow::Cow;
use std::fmt;

/// How a request is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signed<'a> {
    /// Not at all, or with a scheme that is not AWS's (`Bearer`).
    Unsigned,
    /// Signature Version 4, or 4A.
    Version4(Signature<'a>),
    /// S3's signature version 2, which names no region and no service.
    Version2 {
        /// The access key id.
        access_key: Cow<'a, str>,
    },
    /// Meant to be Signature Version 4, and unreadable.
    Malformed(Malformed<'a>),
}

/// A signature of version 4. Members that reading does not need may be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature<'a> {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// Who signed, for what.
    pub credential: Credential<'a>,
    /// The names of the signed headers, parted by semicolons.
    pub signed_headers: Cow<'a, str>,
    /// The signature, in hexadecimal.
    pub signature: Cow<'a, str>,
    /// Whether the signature is in the query string.
    pub is_presigned: bool,
    /// When it was made: `20150830T123600Z`.
    pub date: Option<Cow<'a, str>>,
    /// For how many seconds a presigned request is valid.
    pub expires: Option<u64>,
    /// The session token.
    pub session_token: Option<Cow<'a, str>>,
}

/// How a signature is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// `AWS4-HMAC-SHA256`.
    HmacSha256,
    /// `AWS4-ECDSA-P256-SHA256`, of version 4A: for a set of regions.
    EcdsaP256Sha256,
}

impl Algorithm {
    fn of(name: &str) -> Option<Self> {
        match name {
            "AWS4-HMAC-SHA256" => Some(Self::HmacSha256),
            "AWS4-ECDSA-P256-SHA256" => Some(Self::EcdsaP256Sha256),
            _ => None,
        }
    }
}

/// The scope of a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential<'a> {
    /// The access key id.
    pub access_key: Cow<'a, str>,
    /// The day: `20150830`.
    pub date: Cow<'a, str>,
    /// The region; of version 4A the region set (`us-east-1,eu-*`), empty where that is absent.
    pub region: Cow<'a, str>,
    /// The signing name of the service.
    pub service: Cow<'a, str>,
}

/// Why a signature cannot be read. Its `Display` is AWS's sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Malformed<'a> {
    /// A part of the header is no `key=value`.
    NotAPair {
        /// That part.
        part: &'a str,
        /// The whole header.
        header: &'a str,
    },
    /// The header has no credential; of the three parts these are there.
    Missing {
        /// Whether the signature is there.
        has_signature: bool,
        /// Whether the names of the signed headers are there.
        has_signed_headers: bool,
        /// The whole header.
        header: &'a str,
    },
    /// The credential has not as many elements as it must.
    Elements(Cow<'a, str>),
    /// The algorithm is none of AWS's.
    Algorithm(Cow<'a, str>),
}

static INCOMPLETE: ErrorMeta = ErrorMeta {
    code: "IncompleteSignatureException",
    query_code: "IncompleteSignature",
    namespace: Some("com.amazon.coral.service"),
    status: 400,
    fault: Fault::Client,
    message_member: "message",
};

impl Malformed<'_> {
    /// The error it is answered as.
    pub fn meta(&self) -> &'static ErrorMeta {
        &INCOMPLETE
    }
}

impl fmt::Display for Malformed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAPair { part, header } => write!(
                f,
                "'{part}' not a valid key=value pair (missing equal-sign) in Authorization header: '{header}'."
            ),
            Self::Missing { has_signature, has_signed_headers, header } => {
                f.write_str("Authorization header requires 'Credential' parameter. ")?;
                if !has_signature {
                    f.write_str("Authorization header requires 'Signature' parameter. ")?;
                }
                if !has_signed_headers {
                    f.write_str("Authorization header requires 'SignedHeaders' parameter. ")?;
                }
                write!(f, "Authorization={}", header.split(' ').next().unwrap_or_default())
            }
            Self::Elements(credential) => write!(
                f,
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got \
                 '{credential}'"
            ),
            Self::Algorithm(name) => write!(f, "Unsupported AWS 'algorithm': '{name}'."),
        }
    }
}

/// Reads how a request is signed: by its `Authorization` header, else by its query string.
pub fn read<'a>(headers: &'a HeaderMap, query: &'a str) -> Signed<'a> {
    let Some(header) = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()) else {
        return read_query(query);
    };
    if header.starts_with("AWS4-") {
        return read_header(headers, header);
    }
    match header.strip_prefix("AWS ").and_then(|rest| rest.split_once(':')) {
        Some((access_key, _)) => Signed::Version2 { access_key: Cow::Borrowed(access_key.trim()) },
        None => read_query(query),
    }
}

/// Who signs a request, for what, and nothing else of its signature: what every request is asked. The header that SDKs
/// send is read no further than its credential.
pub fn signer<'a>(headers: &'a HeaderMap, query: &'a str) -> Signer<'a> {
    let header = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
    let usual = header.and_then(|header| header.strip_prefix(b"AWS4-HMAC-SHA256 Credential="));
    if let Some(credential) = usual.and_then(Credential::plain) {
        return Signer::Scoped(credential);
    }
    match read(headers, query) {
        Signed::Version4(signature) => Signer::Scoped(signature.credential),
        Signed::Version2 { access_key } => Signer::Key(access_key),
        Signed::Unsigned | Signed::Malformed(_) => Signer::Nobody,
    }
}

/// Who signs a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signer<'a> {
    /// The owner of a key, for a service and Region.
    Scoped(Credential<'a>),
    /// The owner of a key.
    Key(Cow<'a, str>),
    /// Nobody, or nobody who can be read.
    Nobody,
}

fn read_header<'a>(headers: &'a HeaderMap, header: &'a str) -> Signed<'a> {
    let (name, parts) = header.split_once(' ').unwrap_or((header, ""));
    let Some(algorithm) = Algorithm::of(name) else {
        return Signed::Malformed(Malformed::Algorithm(Cow::Borrowed(name)));
    };
    let (mut credential, mut signed_headers, mut signature) = (None, None, None);
    for part in parts.split([',', ' ']).filter(|part| !part.is_empty()) {
        let Some((key, value)) = part.split_once('=') else {
            return Signed::Malformed(Malformed::NotAPair { part, header });
        };
        match key {
            "Credential" => credential = Some(value).filter(|value| !value.is_empty()),
            "SignedHeaders" => signed_headers = Some(value),
            "Signature" => signature = Some(value),
            _ => {}
        }
    }
    let Some(credential) = credential else {
        return Signed::Malformed(Malformed::Missing {
            has_signature: signature.is_some(),
            has_signed_headers: signed_headers.is_some(),
            header,
        });
    };
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(Cow::Borrowed);
    let Some(credential) = Credential::read(credential, algorithm, || text("x-amz-region-set")) else {
        return Signed::Malformed(Malformed::Elements(Cow::Borrowed(credential)));
    };
    Signed::Version4(Signature {
        algorithm,
        credential,
        signed_headers: Cow::Borrowed(signed_headers.unwrap_or_default()),
        signature: Cow::Borrowed(signature.unwrap_or_default()),
        is_presigned: false,
        date: text("x-amz-date"),
        expires: None,
        session_token: text("x-amz-security-token"),
    })
}

/// What a presigned query string says, still encoded.
#[derive(Default)]
struct Presigned<'a> {
    algorithm: &'a str,
    credential: Option<&'a str>,
    date: Option<&'a str>,
    expires: Option<&'a str>,
    signed_headers: &'a str,
    signature: &'a str,
    session_token: Option<&'a str>,
    region_set: Option<&'a str>,
    version2_key: Option<&'a str>,
    has_version2_signature: bool,
}

fn read_query(query: &str) -> Signed<'_> {
    let mut sent = Presigned::default();
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        match name {
            "X-Amz-Algorithm" => sent.algorithm = value,
            "X-Amz-Credential" => sent.credential = Some(value),
            "X-Amz-Date" => sent.date = Some(value),
            "X-Amz-Expires" => sent.expires = Some(value),
            "X-Amz-SignedHeaders" => sent.signed_headers = value,
            "X-Amz-Signature" => sent.signature = value,
            "X-Amz-Security-Token" => sent.session_token = Some(value),
            "X-Amz-Region-Set" => sent.region_set = Some(value),
            "AWSAccessKeyId" => sent.version2_key = Some(value),
            "Signature" => sent.has_version2_signature = true,
            _ => {}
        }
    }
    let Some(raw_credential) = sent.credential else {
        return match sent.version2_key {
            Some(key) if sent.has_version2_signature => Signed::Version2 { access_key: decode(key) },
            _ => Signed::Unsigned,
        };
    };
    let algorithm = match Algorithm::of(sent.algorithm) {
        Some(algorithm) => algorithm,
        None if sent.algorithm.is_empty() => Algorithm::HmacSha256,
        None => return Signed::Malformed(Malformed::Algorithm(decode(sent.algorithm))),
    };
    let region_set = || sent.region_set.map(decode);
    let Some(credential) = Credential::read(raw_credential, algorithm, region_set) else {
        return Signed::Malformed(Malformed::Elements(decode(raw_credential)));
    };
    Signed::Version4(Signature {
        algorithm,
        credential,
        signed_headers: decode(sent.signed_headers),
        signature: decode(sent.signature),
        is_presigned: true,
        date: sent.date.map(decode),
        expires: sent.expires.and_then(|text| text.parse().ok()),
        session_token: sent.session_token.map(decode),
    })
}

impl<'a> Credential<'a> {
    /// Reads what stands before the first comma, if it is a credential in the form in which SDKs send it: without
    /// escapes.
    fn plain(header: &'a [u8]) -> Option<Self> {
        let end = header.iter().position(|byte| *byte == b',')?;
        if header[..end].contains(&b'%') {
            return None;
        }
        let mut elements = header[..end].rsplitn(5, |byte| *byte == b'/').map(std::str::from_utf8);
        let mut next = || elements.next()?.ok();
        let (term, service, region, date, access_key) = (next()?, next()?, next()?, next()?, next()?);
        (term == "aws4_request" && !access_key.is_empty()).then_some(Self {
            access_key: Cow::Borrowed(access_key),
            date: Cow::Borrowed(date),
            region: Cow::Borrowed(region),
            service: Cow::Borrowed(service),
        })
    }

    /// Reads `key/date/region/service/aws4_request`, its slashes perhaps encoded; version 4A has no region there. Read
    /// from the end, since an access key id may itself hold a slash where it is a selector.
    fn read(
        text: &'a str,
        algorithm: Algorithm,
        region_set: impl FnOnce() -> Option<Cow<'a, str>>,
    ) -> Option<Self> {
        let (rest, term) = split_last(text)?;
        let (rest, service) = split_last(rest)?;
        let (rest, region) = match algorithm {
            Algorithm::HmacSha256 => split_last(rest).map(|(rest, region)| (rest, decode(region)))?,
            Algorithm::EcdsaP256Sha256 => (rest, region_set().unwrap_or_default()),
        };
        let (access_key, date) = split_last(rest)?;
        let is_credential = term == "aws4_request" && !access_key.is_empty();
        is_credential.then(|| Self {
            access_key: decode(access_key),
            date: decode(date),
            region,
            service: decode(service),
        })
    }
}

/// Splits at the last slash, plain or encoded.
fn split_last(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    let slash = |at: &usize| bytes[*at] == b'/' || matches!(bytes[*at..], [b'%', b'2', b'F' | b'f', ..]);
    let at = (0..bytes.len()).rev().find(slash)?;
    let length = if bytes[at] == b'/' { 1 } else { 3 };
    Some((&text[..at], &text[at + length..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signer_is_the_one_whom_reading_the_whole_signature_finds() {
        let headers = [
            "AWS4-HMAC-SHA256 Credential=a.universe/20150830/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0",
            "AWS4-HMAC-SHA256 Credential=a%2F20150830%2fus-east-1/sqs/aws4_request, SignedHeaders=host",
            "AWS4-HMAC-SHA256 SignedHeaders=host, Credential=a/20150830/us-east-1/sqs/aws4_request",
            "AWS4-HMAC-SHA256 Credential=a/b, Signature=0",
            "AWS key:signature",
            "Bearer token",
        ];
        for header in headers {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, header.parse().expect("a header value"))]);
            let whole = match read(&headers, "") {
                Signed::Version4(signature) => Signer::Scoped(signature.credential),
                Signed::Version2 { access_key } => Signer::Key(access_key),
                _ => Signer::Nobody,
            };
            assert_eq!(signer(&headers, ""), whole, "{header}");
        }
    }
    use http::HeaderValue;
    use proptest::prelude::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")))
            .collect()
    }

    fn sentence(header: &str) -> String {
        match read(&headers(&[("authorization", header)]), "") {
            Signed::Malformed(malformed) => malformed.to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_header_tells_who_signs_for_what_and_is_borrowed() {
        let headers = headers(&[
            (
                "authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/sqs/aws4_request,SignedHeaders=host,\
                 Signature=5fa0",
            ),
            ("x-amz-date", "20150830T123600Z"),
        ]);
        let Signed::Version4(signature) = read(&headers, "") else { panic!("it is signed") };
        let Credential { access_key, date, region, service } = signature.credential;
        assert_eq!(
            (&*access_key, &*date, &*region, &*service),
            ("AKIDEXAMPLE", "20150830", "us-east-1", "sqs")
        );
        assert!(matches!(access_key, Cow::Borrowed(_)));
        assert_eq!((&*signature.signed_headers, &*signature.signature), ("host", "5fa0"));
        assert_eq!(signature.date.as_deref(), Some("20150830T123600Z"));
    }

    #[test]
    fn a_presigned_query_is_read_with_its_slashes_encoded_or_plain() {
        for slash in ["%2F", "%2f", "/"] {
            let query = format!(
                "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400\
                 &X-Amz-SignedHeaders=host%3Bx-y&X-Amz-Signature=aeee&X-Amz-Security-Token=a%2Bb",
                ["KEY", "20130524", "us-east-1", "s3", "aws4_request"].join(slash)
            );
            let headers = HeaderMap::new();
            let Signed::Version4(signature) = read(&headers, &query) else { panic!("it is signed: {query}") };
            assert_eq!((&*signature.credential.access_key, &*signature.credential.service), ("KEY", "s3"));
            assert_eq!((&*signature.signed_headers, signature.expires), ("host;x-y", Some(86_400)));
            assert_eq!(signature.session_token.as_deref(), Some("a+b"));
        }
    }

    #[test]
    fn version_4a_has_its_regions_elsewhere() {
        let headers = headers(&[
            (
                "authorization",
                "AWS4-ECDSA-P256-SHA256 Credential=KEY/20150830/events/aws4_request, Signature=30",
            ),
            ("x-amz-region-set", "us-east-1,eu-west-1"),
        ]);
        let Signed::Version4(signature) = read(&headers, "") else { panic!("it is signed") };
        assert_eq!(signature.algorithm, Algorithm::EcdsaP256Sha256);
        assert_eq!(
            (&*signature.credential.region, &*signature.credential.service),
            ("us-east-1,eu-west-1", "events")
        );
    }

    #[test]
    fn version_2_is_recognised() {
        let version2 = Signed::Version2 { access_key: Cow::Borrowed("KEY") };
        assert_eq!(read(&headers(&[("authorization", "AWS KEY:c2ln")]), ""), version2);
        assert_eq!(read(&HeaderMap::new(), "AWSAccessKeyId=KEY&Expires=1&Signature=c2ln"), version2);
    }

    #[test]
    fn what_is_not_ours_is_unsigned() {
        for header in ["Bearer abc.def.ghi", "Basic dXNlcjpwYXNz", "allow", ""] {
            assert_eq!(read(&headers(&[("authorization", header)]), "a=b"), Signed::Unsigned, "{header}");
        }
    }

    #[test]
    fn unreadable_headers_are_answered_in_awss_words() {
        assert_eq!(
            sentence("AWS4-HMAC-SHA256 Credential= KEY/20181128/eu-central-1/iam/aws4_request, Signature=1"),
            "'KEY/20181128/eu-central-1/iam/aws4_request' not a valid key=value pair (missing equal-sign) in \
             Authorization header: 'AWS4-HMAC-SHA256 Credential= KEY/20181128/eu-central-1/iam/aws4_request, \
             Signature=1'."
        );
        assert_eq!(
            sentence("AWS4-HMAC-SHA256 Signature=1"),
            "Authorization header requires 'Credential' parameter. Authorization header requires 'SignedHeaders' \
             parameter. Authorization=AWS4-HMAC-SHA256"
        );
        assert_eq!(
            sentence("AWS4-HMAC-SHA256 Credential=KEY/x"),
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'KEY/x'"
        );
    }

    proptest! {
        #[test]
        fn no_header_or_query_panics(header in "(AWS4-HMAC-SHA256 )?[a-zA-Z=/, %é]{0,60}", query in ".{0,80}") {
            let mut headers = HeaderMap::new();
            if let Ok(value) = HeaderValue::from_str(&header) {
                headers.insert(AUTHORIZATION, value);
            }
            let _ = format!("{:?}", read(&headers, &query));
            let presigned = format!("X-Amz-Credential={query}");
            let _ = format!("{:?}", read(&HeaderMap::new(), &presigned));
        }
    }
}
