//! Who may come in.
//!
//! Creating a function is running code, so a web page that the user happens to look at must reach nothing here:
//! - **Host.** A page can have its own name point at this machine after it was loaded (DNS rebinding); it then speaks
//!   under that name. So only names that nobody else can own are answered, and those of `--allow-host`.
//! - **Origin.** What a page of another origin sends is refused, `null` included; pages served from this machine, and
//!   from hosts of `--allow-host`, are let in.
//! - **Fetch metadata.** A page can also make a browser send a bare GET, as an image's source, without an Origin. Such
//!   a call is told by `Sec-Fetch-Site` and refused, unless it is signed: in the `Authorization` header, which such a
//!   page cannot set, or as a presigned URL that only reads.
//! - **The control plane** needs the header `x-mesh`, which a page of another origin cannot send without asking first.
//! - **The token** (`--token`), where there is one. The control plane takes it as `Authorization: Bearer TOKEN` or in
//!   `x-mesh-token`. API calls take these as well, and, because every SDK can send it and it names neither account nor
//!   universe, as the credentials' session token (`AWS_SESSION_TOKEN`, on the wire `X-Amz-Security-Token`).

mod cors;
mod host;
mod refusal;

pub use cors::Cors;
pub use refusal::Refusal;

use host::Host;
use http::header::{AUTHORIZATION, HOST, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, Method, Version};
use percent_encoding::percent_decode_str;

/// The header that every call to the control plane carries.
pub const CONTROL_HEADER: &str = "x-mesh";

/// The header that carries the token.
pub const TOKEN_HEADER: &str = "x-mesh-token";

/// The header, and the query parameter of a presigned URL, that carries a session token.
const SESSION_TOKEN: &str = "x-amz-security-token";

/// The header in which a browser says how the page that sends a request stands to its receiver.
const FETCH_SITE: &str = "sec-fetch-site";

/// What decides who may come in. The default lets in what is local, and knows no token.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    /// Further host names that are answered, and whose pages may call: `mesh.example`, or `.example` for the name and
    /// all names under it.
    pub allow_hosts: Vec<String>,
    /// The token that calls must carry.
    pub token: Option<String>,
    /// Whether calls of an API must be signed, and rightly.
    pub verify_signatures: bool,
}

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An operation of an API.
    Api {
        /// Whether it names an access key, in a header or presigned.
        is_signed: bool,
    },
    /// The control plane.
    Control,
    /// What tells everyone the same: the health of the process.
    Open,
    /// A deployed API or website, which answers to origins by its own rules. Only the host is looked at here; the
    /// answer must carry [`SANDBOX`] where it shares its origin with the APIs.
    Page,
}

/// The `Content-Security-Policy` of pages that share their origin with the APIs: a browser then gives them the origin
/// `null`.
pub const SANDBOX: &str = "sandbox allow-forms allow-modals allow-popups allow-scripts";

impl Guard {
    /// Whether a request may come in.
    ///
    /// # Errors
    /// Why it may not.
    pub fn check(&self, head: &Parts, kind: Kind) -> Result<(), Refusal> {
        self.check_host(head)?;
        if kind == Kind::Page {
            return Ok(());
        }
        match self.check_origin(head)? {
            Sender::Trusted => {}
            Sender::Unnamed => check_fetch_site(head, kind)?,
        }
        if kind == Kind::Control && !head.headers.contains_key(CONTROL_HEADER) {
            return Err(Refusal::NoControlHeader);
        }
        self.check_token(head, kind)
    }

    /// All names under which the request calls us must be ours: the target's of HTTP/2 and of the absolute form, and
    /// `Host`.
    fn check_host(&self, head: &Parts) -> Result<(), Refusal> {
        let mut is_named = false;
        let target = head.uri.authority().map(|authority| authority.as_str().as_bytes());
        for name in
            target.into_iter().chain(head.headers.get_all(HOST).iter().map(http::HeaderValue::as_bytes))
        {
            if host::is_usual(name) {
                is_named = true;
                continue;
            }
            let text = std::str::from_utf8(name).unwrap_or_default();
            match Host::parse(text) {
                Some(host) if host.is_ours() || self.allows(&host) => is_named = true,
                _ => return Err(Refusal::Host(String::from_utf8_lossy(name).into_owned())),
            }
        }
        // No browser speaks HTTP/1.0, and only there may a request leave its host out.
        if is_named || head.version < Version::HTTP_11 { Ok(()) } else { Err(Refusal::NoHost) }
    }

    fn check_origin(&self, head: &Parts) -> Result<Sender, Refusal> {
        let mut sender = Sender::Unnamed;
        for origin in head.headers.get_all(ORIGIN) {
            if !self.trusts(origin.as_bytes(), head) {
                return Err(Refusal::Origin(String::from_utf8_lossy(origin.as_bytes()).into_owned()));
            }
            sender = Sender::Trusted;
        }
        Ok(sender)
    }

    /// Whether pages of this origin may call: those of this machine, of an allowed host, and our own.
    fn trusts(&self, origin: &[u8], head: &Parts) -> bool {
        let Ok(origin) = std::str::from_utf8(origin) else { return false };
        let Some(("http" | "https", authority)) = origin.split_once("://") else { return false };
        let is_own = own_authority(head).is_some_and(|own| own.eq_ignore_ascii_case(authority.as_bytes()));
        Host::parse(authority).is_some_and(|host| is_own || host.is_this_machine() || self.allows(&host))
    }

    fn allows(&self, host: &Host<'_>) -> bool {
        self.allow_hosts.iter().any(|allowed| host.is_allowed_by(allowed))
    }

    fn check_token(&self, head: &Parts, kind: Kind) -> Result<(), Refusal> {
        let Some(token) = self.token.as_deref().filter(|_| kind != Kind::Open) else { return Ok(()) };
        let mut shown = false;
        let headers = &head.headers;
        let bearer = headers.get(AUTHORIZATION).and_then(|value| strip_bearer(value.as_bytes()));
        let own = headers.get(TOKEN_HEADER).map(http::HeaderValue::as_bytes);
        let session = headers.get(SESSION_TOKEN).map(http::HeaderValue::as_bytes);
        let takes_session = matches!(kind, Kind::Api { .. });
        for one in [bearer, own, session.filter(|_| takes_session)].into_iter().flatten() {
            if is_same(one, token.as_bytes()) {
                return Ok(());
            }
            shown = true;
        }
        if takes_session && let Some(one) = parameter(head.uri.query().unwrap_or_default(), SESSION_TOKEN) {
            if is_same(&one, token.as_bytes()) {
                return Ok(());
            }
            shown = true;
        }
        Err(if shown { Refusal::WrongToken } else { Refusal::NoToken })
    }
}

/// Who sends a request, as far as it says.
enum Sender {
    /// A page that may.
    Trusted,
    /// No page, or one that does not say.
    Unnamed,
}

/// Refuses what a page of elsewhere makes a browser send without an Origin.
fn check_fetch_site(head: &Parts, kind: Kind) -> Result<(), Refusal> {
    let is_from_elsewhere = |site: &http::HeaderValue| !matches!(site.as_bytes(), b"same-origin" | b"none");
    if !head.headers.get_all(FETCH_SITE).iter().any(is_from_elsewhere) {
        return Ok(());
    }
    let is_signed = kind == Kind::Api { is_signed: true };
    if is_signed && (is_signed_in_header(&head.headers) || only_reads(head)) {
        return Ok(());
    }
    Err(Refusal::CrossSite)
}

fn is_signed_in_header(headers: &HeaderMap) -> bool {
    headers.get(AUTHORIZATION).is_some_and(|value| strip_bearer(value.as_bytes()).is_none())
}

/// Whether a presigned request only reads. Signatures need not be verified here, so anyone can write such a URL; one
/// that names an `Action` could do anything.
fn only_reads(head: &Parts) -> bool {
    matches!(head.method, Method::GET | Method::HEAD)
        && parameter(head.uri.query().unwrap_or_default(), "action").is_none()
}

/// The value of a query parameter, whatever the case of its name and however it is escaped.
fn parameter(query: &str, name: &str) -> Option<Vec<u8>> {
    let is_it = |raw: &str| percent_decode_str(raw).map(|byte| byte.to_ascii_lowercase()).eq(name.bytes());
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.filter(|(raw, _)| is_it(raw)).map(|(_, value)| percent_decode_str(value).collect()).next()
}

/// The authority under which the request calls us.
fn own_authority(head: &Parts) -> Option<&[u8]> {
    let target = head.uri.authority().map(|authority| authority.as_str().as_bytes());
    target.or_else(|| head.headers.get(HOST).map(http::HeaderValue::as_bytes))
}

fn strip_bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked("Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then_some(token.trim_ascii())
}

/// Compares without telling by its time how far two texts agree.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

#[cfg(test)]
mod tests;
