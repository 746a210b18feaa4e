//! A request to a deployed API, as events tell of it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{HOST, HeaderMap, USER_AGENT};
use http::request::Parts;
use mesh_router::{Context, Peer};
use mesh_types::{RequestId, Timestamp};
use percent_encoding::percent_decode_str;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

/// A request to a deployed API.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) method: String,
    /// As the caller names it, with its port.
    pub(super) host: String,
    pub(super) query: Option<String>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) protocol: &'static str,
    pub(super) source_ip: String,
    pub(super) user_agent: Option<String>,
    pub(super) request_id: RequestId,
    /// The other id, which is shorter.
    pub(super) extended_id: String,
    /// `X-Amzn-Trace-Id`
    pub(super) trace: String,
    pub(super) now: Timestamp,
}

impl Incoming {
    pub(super) fn new(cx: &Context, head: &Parts, body: Bytes) -> Self {
        let authority = head.uri.authority().map(http::uri::Authority::as_str);
        let text =
            |name| head.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let peer = head.extensions.get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| peer.0);
        let (now, bits) = (cx.universe().clock().now(), cx.request_id().bits());
        let trace = text(http::HeaderName::from_static("x-amzn-trace-id"));
        Self {
            method: head.method.as_str().to_owned(),
            host: authority.map(str::to_owned).or_else(|| text(HOST)).unwrap_or_default(),
            query: head.uri.query().filter(|query| !query.is_empty()).map(str::to_owned),
            headers: head.headers.clone(),
            body,
            protocol: if head.version == http::Version::HTTP_2 { "HTTP/2.0" } else { "HTTP/1.1" },
            source_ip: peer.to_string(),
            user_agent: text(USER_AGENT),
            request_id: cx.request_id(),
            extended_id: STANDARD.encode(&bits.to_be_bytes()[5..]),
            trace: trace
                .unwrap_or_else(|| format!("Root=1-{:08x}-{:024x}", now.as_secs(), bits & ((1 << 96) - 1))),
            now,
        }
    }

    /// The first label of the host name.
    pub(super) fn domain_prefix(&self) -> &str {
        let name = self.host.split(':').next().unwrap_or_default();
        name.split('.').next().unwrap_or_default()
    }

    /// All headers by lower-case name, those that API Gateway adds too. `counts` is the length of the body.
    pub(super) fn headers(&self, counts: Length) -> BTreeMap<String, Vec<String>> {
        let mut all = BTreeMap::<String, Vec<String>>::new();
        for (name, value) in &self.headers {
            if !HOP_BY_HOP.contains(&name.as_str()) {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                all.entry(name.as_str().to_owned()).or_default().push(value);
            }
        }
        let port = self.host.rsplit_once(':').map_or("80", |(_, port)| port);
        let forwarded = match all.get("x-forwarded-for") {
            Some(before) => format!("{}, {}", before.join(", "), self.source_ip),
            None => self.source_ip.clone(),
        };
        let mut set = |name: &str, value: &str| all.insert(name.to_owned(), vec![value.to_owned()]);
        set("host", &self.host);
        set("x-amzn-trace-id", &self.trace);
        set("x-forwarded-for", &forwarded);
        set("x-forwarded-port", port);
        set("x-forwarded-proto", "http");
        if counts == Length::Told {
            set("content-length", &self.body.len().to_string());
        }
        all
    }

    /// The parameters of the query, decoded, in order.
    pub(super) fn parameters(&self) -> Vec<(String, String)> {
        let pairs = self.query.as_deref().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        pairs
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                (decoded(name), decoded(value))
            })
            .collect()
    }

    /// The media type of the body, without its parameters.
    pub(super) fn media_type(&self) -> Option<&str> {
        media_type(self.headers.get(http::header::CONTENT_TYPE)?)
    }

    /// Whether it carries a signature, in a header or in the query. The signature is not verified.
    pub(super) fn is_signed(&self) -> bool {
        let authorization = self.headers.get(http::header::AUTHORIZATION).map(http::HeaderValue::as_bytes);
        authorization.is_some_and(|value| value.starts_with(b"AWS4-HMAC-SHA256"))
            || self.query.as_deref().is_some_and(|query| query.contains("X-Amz-Signature="))
    }
}

/// Whether `content-length` is among the headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    /// It is.
    Told,
    /// It is not.
    Kept,
}

/// Headers that end at API Gateway.
pub(super) const HOP_BY_HOP: &[&str] = &[
    "connection",
    "content-length",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// A media type without its parameters.
pub(super) fn media_type(value: &http::HeaderValue) -> Option<&str> {
    value.to_str().ok()?.split([';', ',']).next().map(str::trim)
}

fn decoded(text: &str) -> String {
    let spaced: Cow<'_, str> = if text.contains('+') { text.replace('+', " ").into() } else { text.into() };
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

/// `12/Mar/2020:19:03:58 +0000`
pub(super) fn request_time(at: Timestamp) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (days, seconds) = (at.as_secs().div_euclid(86_400), at.as_secs().rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let month =
        usize::try_from(month - 1).ok().and_then(|index| MONTHS.get(index)).copied().unwrap_or_default();
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{day:02}/{month}/{year}:{hour:02}:{minute:02}:{second:02} +0000")
}

/// The Gregorian date of a day counted from 1970-01-01. Years are counted from March, so that a leap day is the last of one.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_web_servers_log_them() {
        let time = |seconds| request_time(Timestamp::from_secs(seconds));
        assert_eq!(time(0), "01/Jan/1970:00:00:00 +0000");
        assert_eq!(time(1_584_039_838), "12/Mar/2020:19:03:58 +0000");
        assert_eq!(time(1_709_164_799), "28/Feb/2024:23:59:59 +0000");
        assert_eq!(time(1_709_164_800), "29/Feb/2024:00:00:00 +0000");
        assert_eq!(time(1_735_689_599), "31/Dec/2024:23:59:59 +0000");
    }

    #[test]
    fn a_plus_in_a_query_is_a_space_and_an_escaped_one_a_plus() {
        assert_eq!(decoded("a+b%2Bc%20d"), "a b+c d");
    }
}
