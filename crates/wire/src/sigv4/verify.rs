//! Whether a signature is right: the canonical request, the signing key, the dates.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use super::{Algorithm, INCOMPLETE, Signature};
use crate::route::decode;
use crate::{DateTime, ErrorMeta, Fault};
use aws_smithy_types::date_time::Format;
use hmac::{Hmac, Mac};
use http::HeaderMap;
use mesh_types::{Timestamp, hexadecimal};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// How far a client's clock may be off.
const TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// What a signature leaves as it is.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The same in a path, whose slashes stay.
const UNRESERVED_IN_PATH: &AsciiSet = &UNRESERVED.remove(b'/');

/// The parts of a request that a signature covers, as the client sent them.
#[derive(Debug, Clone, Copy)]
pub struct SignedRequest<'a> {
    /// `GET`, `POST`, ...
    pub method: &'a str,
    /// The path as sent, a universe's prefix included.
    pub path: &'a str,
    /// The query string without its `?`.
    pub query: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The host of an HTTP/2 request that has no `host` header.
    pub authority: Option<&'a str>,
    /// The body.
    pub body: &'a [u8],
}

/// Why a signature is not accepted. Its `Display` is AWS's sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A part is missing: this one.
    Incomplete(&'static str),
    /// The day of the credential is not the day of the signature.
    OtherDay {
        /// The credential's day.
        scope: String,
        /// When the request was signed.
        date: String,
    },
    /// The signature is too old.
    Expired {
        /// When it was made, or when it ended.
        date: String,
        /// The oldest moment that is accepted.
        bound: String,
        /// The moment of the check.
        now: String,
    },
    /// The signature is of the future.
    NotYetCurrent {
        /// When it was made.
        date: String,
        /// The latest moment that is accepted.
        bound: String,
        /// The moment of the check.
        now: String,
    },
    /// The body is not the one that was signed.
    OtherBody,
    /// The signature is another than ours.
    Mismatch,
    /// Version 4A, which is read and not verified.
    Unverifiable,
}

static INVALID: ErrorMeta = ErrorMeta {
    code: "InvalidSignatureException",
    query_code: "SignatureDoesNotMatch",
    namespace: Some("com.amazon.coral.service"),
    status: 403,
    fault: Fault::Client,
    message_member: "message",
};

impl Refusal {
    /// The error it is answered as.
    pub fn meta(&self) -> &'static ErrorMeta {
        match self {
            Self::Incomplete(_) => &INCOMPLETE,
            _ => &INVALID,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incomplete("X-Amz-Date") => f.write_str(
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
            ),
            Self::Incomplete(part) => write!(f, "Authorization header requires '{part}' parameter."),
            Self::OtherDay { scope, date } => write!(
                f,
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
                 '{scope}' != '{}', from '{date}'.",
                date.get(..8).unwrap_or(date)
            ),
            Self::Expired { date, bound, now } => {
                write!(f, "Signature expired: {date} is now earlier than {bound} ({now} - 5 min.)")
            }
            Self::NotYetCurrent { date, bound, now } => {
                write!(f, "Signature not yet current: {date} is still later than {bound} ({now} + 5 min.)")
            }
            Self::OtherBody => {
                f.write_str("The provided 'x-amz-content-sha256' header does not match what was computed.")
            }
            Self::Mismatch => f.write_str(
                "The request signature we calculated does not match the signature you provided. Check your AWS \
                 Secret Access Key and signing method. Consult the service documentation for details.",
            ),
            Self::Unverifiable => f.write_str("The signature algorithm AWS4-ECDSA-P256-SHA256 is not verified here."),
        }
    }
}

/// Verifies a signature of version 4. `now` is real time, because the client's clock made the date.
///
/// # Errors
/// The first of the reasons that AWS gives: a missing part, a date out of bounds, another body, another signature.
pub fn verify(
    signature: &Signature<'_>,
    request: SignedRequest<'_>,
    secret_key: &str,
    now: Timestamp,
) -> Result<(), Refusal> {
    if signature.algorithm == Algorithm::EcdsaP256Sha256 {
        return Err(Refusal::Unverifiable);
    }
    if signature.signature.is_empty() {
        return Err(Refusal::Incomplete("Signature"));
    }
    if signature.signed_headers.is_empty() {
        return Err(Refusal::Incomplete("SignedHeaders"));
    }
    let date = signed_at(signature, request.headers).ok_or(Refusal::Incomplete("X-Amz-Date"))?;
    check_dates(signature, &date, now)?;
    let canonical = canonical_request(signature, request)?;
    let given = unhex(&signature.signature).ok_or(Refusal::Mismatch)?;
    // `verify_slice` takes the same time wherever the first difference is
    string_to_sign_mac(signature, &date, &canonical, secret_key)
        .verify_slice(&given)
        .map_err(|_| Refusal::Mismatch)
}

/// When the request was signed: `20150830T123600Z`, from `X-Amz-Date`, else from `Date`.
fn signed_at<'a>(signature: &'a Signature<'_>, headers: &HeaderMap) -> Option<Cow<'a, str>> {
    if let Some(date) = &signature.date {
        return Some(Cow::Borrowed(date));
    }
    let header = headers.get(http::header::DATE)?.to_str().ok()?;
    match DateTime::from_str(header, Format::HttpDate) {
        Ok(date) => Some(Cow::Owned(basic(date.secs()))),
        Err(_) => Some(Cow::Owned(header.to_owned())),
    }
}

fn check_dates(signature: &Signature<'_>, date: &str, now: Timestamp) -> Result<(), Refusal> {
    let signed = seconds(date).ok_or(Refusal::Incomplete("X-Amz-Date"))?;
    if date.get(..8) != Some(&*signature.credential.date) {
        let scope = signature.credential.date.to_string();
        return Err(Refusal::OtherDay { scope, date: date.to_owned() });
    }
    let now = now.as_secs();
    let tolerance = i64::try_from(TOLERANCE.as_secs()).unwrap_or(i64::MAX);
    let ends = match signature.expires {
        Some(expires) => signed.saturating_add(i64::try_from(expires).unwrap_or(i64::MAX)),
        None => signed.saturating_add(tolerance),
    };
    if now > ends {
        let bound = basic(now.saturating_sub(tolerance));
        return Err(Refusal::Expired { date: date.to_owned(), bound, now: basic(now) });
    }
    if signed > now.saturating_add(tolerance) {
        let bound = basic(now.saturating_add(tolerance));
        return Err(Refusal::NotYetCurrent { date: date.to_owned(), bound, now: basic(now) });
    }
    Ok(())
}

/// Seconds since the epoch of `20150830T123600Z`.
fn seconds(basic: &str) -> Option<i64> {
    let bytes = basic.as_bytes();
    let is_basic = bytes.len() == 16
        && bytes[8] == b'T'
        && bytes[15] == b'Z'
        && bytes.iter().enumerate().all(|(at, byte)| matches!(at, 8 | 15) || byte.is_ascii_digit());
    if !is_basic {
        return None;
    }
    let extended = format!(
        "{}-{}-{}T{}:{}:{}Z",
        &basic[..4],
        &basic[4..6],
        &basic[6..8],
        &basic[9..11],
        &basic[11..13],
        &basic[13..15]
    );
    DateTime::from_str(&extended, Format::DateTime).ok().map(|date| date.secs())
}

/// `20150830T123600Z`, from seconds since the epoch.
fn basic(seconds: i64) -> String {
    let extended = DateTime::from_secs(seconds).fmt(Format::DateTime).unwrap_or_default();
    extended.replace(['-', ':'], "")
}

fn mac(key: &[u8], message: &[u8]) -> Hmac<Sha256> {
    // a key of any length will do for an HMAC; the block below is never the error's
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| Hmac::new(&Default::default()));
    mac.update(message);
    mac
}

/// The HMAC of the string to sign, not finished yet.
fn string_to_sign_mac(
    signature: &Signature<'_>,
    date: &str,
    canonical_request: &str,
    secret_key: &str,
) -> Hmac<Sha256> {
    let scope = &signature.credential;
    let mut key = mac(format!("AWS4{secret_key}").as_bytes(), scope.date.as_bytes()).finalize().into_bytes();
    for part in [&*scope.region, &*scope.service, "aws4_request"] {
        key = mac(&key, part.as_bytes()).finalize().into_bytes();
    }
    let string_to_sign = format!(
        "AWS4-HMAC-SHA256\n{date}\n{}/{}/{}/aws4_request\n{}",
        scope.date,
        scope.region,
        scope.service,
        hexadecimal(&Sha256::digest(canonical_request))
    );
    mac(&key, string_to_sign.as_bytes())
}

fn canonical_request(signature: &Signature<'_>, request: SignedRequest<'_>) -> Result<String, Refusal> {
    let is_s3 =
        matches!(&*signature.credential.service, "s3" | "s3-object-lambda" | "s3-outposts" | "s3express");
    let path = if is_s3 {
        utf8_percent_encode(&decode(request.path), UNRESERVED_IN_PATH).to_string()
    } else {
        // the path as sent is encoded once more
        utf8_percent_encode(&normalized(request.path), UNRESERVED_IN_PATH).to_string()
    };
    let path = if path.is_empty() { "/" } else { &path };
    let mut canonical = format!("{}\n{path}\n{}\n", request.method, canonical_query(request.query));
    for name in signature.signed_headers.split(';') {
        canonical.push_str(name);
        canonical.push(':');
        canonical_header(&mut canonical, name, request);
        canonical.push('\n');
    }
    canonical.push('\n');
    canonical.push_str(&signature.signed_headers);
    canonical.push('\n');
    canonical.push_str(&payload_hash(signature, request, is_s3)?);
    Ok(canonical)
}

/// A path without empty segments, `.` and `..`.
fn normalized(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            other => segments.push(other),
        }
    }
    let is_folder = path.ends_with('/') && !segments.is_empty();
    format!("/{}{}", segments.join("/"), if is_folder { "/" } else { "" })
}

fn canonical_query(query: &str) -> String {
    let encode = |text: &str| utf8_percent_encode(&decode(&text.replace('+', "%20")), UNRESERVED).to_string();
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .filter(|(name, _)| *name != "X-Amz-Signature")
        .map(|(name, value)| (encode(name), encode(value)))
        .collect();
    pairs.sort();
    let pairs: Vec<_> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// The values of a header, each with its blanks drawn together.
fn canonical_header(out: &mut String, name: &str, request: SignedRequest<'_>) {
    let mut values = request.headers.get_all(name).iter().peekable();
    if values.peek().is_none() && name == "host" {
        out.push_str(request.authority.unwrap_or_default());
    }
    for (index, value) in values.enumerate() {
        if index > 0 {
            out.push(',');
        }
        let value = String::from_utf8_lossy(value.as_bytes());
        for (index, word) in value.split_ascii_whitespace().enumerate() {
            if index > 0 {
                out.push(' ');
            }
            out.push_str(word);
        }
    }
}

fn payload_hash<'a>(
    signature: &Signature<'_>,
    request: SignedRequest<'a>,
    is_s3: bool,
) -> Result<Cow<'a, str>, Refusal> {
    let named = request.headers.get("x-amz-content-sha256").and_then(|value| value.to_str().ok());
    match named {
        Some(named) => {
            let is_hash = unhex(named).is_some();
            if is_hash && *named != *hexadecimal(&Sha256::digest(request.body)) {
                return Err(Refusal::OtherBody);
            }
            Ok(Cow::Borrowed(named))
        }
        None if signature.is_presigned && is_s3 => Ok(Cow::Borrowed("UNSIGNED-PAYLOAD")),
        None => Ok(Cow::Owned(hexadecimal(&Sha256::digest(request.body)))),
    }
}

/// The 32 bytes of a hexadecimal SHA-256.
fn unhex(text: &str) -> Option<[u8; 32]> {
    let text = text.as_bytes();
    if text.len() != 64 {
        return None;
    }
    let digit = |at: usize| char::from(text[at]).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let mut bytes = [0; 32];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = digit(2 * at)? << 4 | digit(2 * at + 1)?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests;
