//! Why a request may not come in.

use super::host::Host;
use super::{CONTROL_HEADER, TOKEN_HEADER};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use std::fmt;

/// Why a request may not come in. Its text says what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It calls us by a name that may be somebody else's.
    Host(String),
    /// It does not say by which name it calls us.
    NoHost,
    /// A page of this origin sent it.
    Origin(String),
    /// A page of another site had a browser send it.
    CrossSite,
    /// It is for the control plane and does not carry its header.
    NoControlHeader,
    /// It does not carry the token.
    NoToken,
    /// It carries another token.
    WrongToken,
}

impl Refusal {
    /// The answer: status 403 and the sentence in JSON, under the name that SDKs look for and under the control
    /// plane's own.
    pub fn answer(&self) -> Response<Bytes> {
        let sentence = self.to_string();
        let body = serde_json::json!({ "error": sentence, "message": sentence }).to_string();
        let mut answer = Response::new(Bytes::from(body));
        *answer.status_mut() = StatusCode::FORBIDDEN;
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        answer
    }
}

/// How an entry of `--allow-host` for this host reads.
fn option_for(authority: &str) -> String {
    match Host::parse(authority) {
        Some(Host::Name(name)) => format!("--allow-host {}", name.to_ascii_lowercase()),
        _ => "--allow-host NAME".to_owned(),
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(host) => write!(
                f,
                "mesh-local does not answer to the host {host:?}: a web page could have made that name point here. Call \
                 localhost or an IP address, or start mesh-local with {}.",
                option_for(host)
            ),
            Self::NoHost => f.write_str("The request names no host. Send a Host header, such as Host: localhost."),
            Self::Origin(origin) => {
                let host = origin.split_once("://").map_or("", |(_, host)| host);
                write!(
                    f,
                    "Pages of the origin {origin:?} may not call mesh-local. Serve the page from localhost, or start \
                     mesh-local with {}.",
                    option_for(host)
                )
            }
            Self::CrossSite => f.write_str(
                "A page of another site had the browser send this unsigned request. Sign it, or send it with fetch from a \
                 page that localhost serves.",
            ),
            Self::NoControlHeader => {
                write!(f, "Calls to the control plane carry the header {CONTROL_HEADER}. Add {CONTROL_HEADER}: 1.")
            }
            Self::NoToken => write!(
                f,
                "mesh-local was started with --token. Send the token as {TOKEN_HEADER}, as Authorization: Bearer, or, in \
                 API calls, as the session token of the credentials (AWS_SESSION_TOKEN)."
            ),
            Self::WrongToken => f.write_str("The token is not the one that mesh-local was started with (--token)."),
        }
    }
}

impl std::error::Error for Refusal {}
