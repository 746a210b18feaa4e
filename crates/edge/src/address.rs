//! Which universe a request is for.

use http::header::{HeaderMap, HeaderName};
use http::uri::{PathAndQuery, Uri};
use mesh_store::UniverseName;
use mesh_types::AccountId;
use std::fmt;

/// The path prefix of a universe; its name and a slash follow.
pub(crate) const PREFIX: &str = "/_mesh/u/";

/// The header that names a universe.
static HEADER: HeaderName = HeaderName::from_static("x-mesh-universe");

/// What follows a universe's name in a host name.
const HOST_SUFFIX: &str = ".universe.localhost";

/// What follows a universe's name in an access key id.
const KEY_INFIX: &str = ".universe";

/// The universe a request names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// Its name.
    pub(crate) universe: UniverseName,
    /// Whether returned URLs need the prefix in order to lead back to it. The host name leads back by itself.
    pub(crate) needs_prefix: bool,
}

impl Address {
    /// Whether it is the universe of requests that name none.
    pub(crate) fn is_default(&self) -> bool {
        self.universe == UniverseName::DEFAULT
    }
}

/// Why a request's universe cannot be told.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BadAddress {
    /// A name that no universe can have.
    Name(String),
    /// Two places name two universes.
    Disagreement(UniverseName, UniverseName),
}

impl fmt::Display for BadAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => {
                write!(f, "{name:?} names no universe: {}", mesh_store::InvalidUniverseName)
            }
            Self::Disagreement(one, other) => {
                write!(f, "The request names two universes, {one} and {other}. Name one, in one place.")
            }
        }
    }
}

/// Takes a universe's prefix off a path: its name, and the API's own URI.
pub(crate) fn split_prefix(uri: &Uri) -> Option<(&str, Uri)> {
    let rest = uri.path().strip_prefix(PREFIX)?;
    let (name, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let own = match uri.query() {
        Some(query) => PathAndQuery::try_from(format!("{path}?{query}")),
        None => PathAndQuery::try_from(path),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(own.ok()?);
    Some((name, Uri::from_parts(parts).ok()?))
}

/// The universe that prefix, header, host and access key id name, in this order.
pub(crate) fn universe(
    prefix: Option<&str>,
    headers: &HeaderMap,
    host: &str,
    access_key: Option<&str>,
) -> Result<Address, BadAddress> {
    let header = headers.get(&HEADER).map(|value| value.to_str().unwrap_or("?"));
    let host = by_host(host);
    let host = host.as_deref();
    // Most keys have no dot, which is sooner seen than that they lack the infix.
    let key = access_key.filter(|key| key.contains('.')).and_then(|key| key.split_once(KEY_INFIX));
    let key = key.filter(|(_, rest)| is_key_rest(rest));
    let named = [(prefix, true), (header, true), (host, false), (key.map(|(name, _)| name), true)];
    let mut found: Option<Address> = None;
    for (name, needs_prefix) in named {
        let Some(name) = name else { continue };
        let universe = UniverseName::parse(name).map_err(|_| BadAddress::Name(name.to_owned()))?;
        match &mut found {
            None => found = Some(Address { universe, needs_prefix }),
            Some(first) if first.universe == universe => first.needs_prefix &= needs_prefix,
            Some(first) => return Err(BadAddress::Disagreement(first.universe.clone(), universe)),
        }
    }
    Ok(found.unwrap_or(Address { universe: UniverseName::DEFAULT, needs_prefix: false }))
}

/// The universe that a host names, in whatever case and with or without the dot at its end.
fn by_host(host: &str) -> Option<String> {
    if host.len() <= HOST_SUFFIX.len() {
        return None;
    }
    let name = without_port(host);
    let name = name.strip_suffix('.').unwrap_or(name);
    let (name, suffix) = name.split_at_checked(name.len().checked_sub(HOST_SUFFIX.len())?)?;
    let last = || name.rsplit('.').next().map(str::to_ascii_lowercase);
    suffix.eq_ignore_ascii_case(HOST_SUFFIX).then(last)?
}

/// The account that an access key id names: twelve digits, alone or behind a universe's name.
pub(crate) fn account(access_key: &str) -> Option<AccountId> {
    if let Ok(account) = AccountId::parse(access_key) {
        return Some(account);
    }
    let (before, digits) = access_key.rsplit_once('.')?;
    before.ends_with(KEY_INFIX).then(|| AccountId::parse(digits).ok())?
}

/// Whether an access key id names a universe.
pub(crate) fn is_selector(access_key: &str) -> bool {
    access_key.split_once(KEY_INFIX).is_some_and(|(_, rest)| is_key_rest(rest))
}

fn is_key_rest(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with('.')
}

/// A host without its port. An IPv6 literal keeps its brackets.
pub(crate) fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(
        prefix: Option<&str>,
        header: Option<&str>,
        host: &str,
        key: Option<&str>,
    ) -> Result<(String, bool), String> {
        let mut headers = HeaderMap::new();
        if let Some(header) = header {
            headers.insert(&HEADER, header.parse().expect("a header value"));
        }
        let address = universe(prefix, &headers, host, key).map_err(|bad| bad.to_string())?;
        Ok((address.universe.to_string(), address.needs_prefix))
    }

    #[test]
    fn each_place_names_a_universe_and_none_means_the_default() {
        let local = "localhost:4566";
        let is = |name: &str, needs_prefix| Ok((name.to_owned(), needs_prefix));
        assert_eq!(named(None, None, local, Some("test")), is("default", false));
        assert_eq!(named(Some("a"), None, local, None), is("a", true));
        assert_eq!(named(None, Some("a"), local, None), is("a", true));
        assert_eq!(named(None, None, "a.universe.localhost:4566", None), is("a", false));
        assert_eq!(named(None, None, "sqs.a.universe.localhost", None), is("a", false));
        assert_eq!(named(None, None, "SQS.A.Universe.LOCALHOST.:4566", None), is("a", false));
        assert_eq!(named(None, None, local, Some("a.universe")), is("a", true));
        assert_eq!(named(None, None, local, Some("a.universe.111111111111")), is("a", true));
        assert_eq!(named(None, None, local, Some("a.universes")), is("default", false));
        assert_eq!(named(Some("a"), Some("a"), "a.universe.localhost", Some("a.universe")), is("a", false));
    }

    #[test]
    fn any_two_places_that_disagree_are_refused_and_named() {
        // A prefix, a header, a host and a key: all but two name nothing, or what the first of the two names.
        let names = |at: usize, one: usize, other: usize, rest: Option<&'static str>| match at {
            _ if at == one => Some("a"),
            _ if at == other => Some("b"),
            _ => rest,
        };
        for (one, other) in [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)] {
            for rest in [None, Some("a")] {
                let name = |at| names(at, one, other, rest);
                let host =
                    name(2).map_or("localhost".to_owned(), |name| format!("{name}.universe.localhost"));
                let key = name(3).map(|name| format!("{name}.universe"));
                let said = named(name(0), name(1), &host, key.as_deref()).expect_err("they disagree");
                assert!(said.contains("a and b"), "{one} {other} {rest:?}: {said}");
            }
        }
    }

    #[test]
    fn impossible_names_are_refused_wherever_they_stand() {
        assert!(named(Some("../x"), None, "localhost", None).is_err());
        assert!(named(None, Some("A"), "localhost", None).is_err());
        assert!(named(None, None, "a_b.universe.localhost", None).is_err());
        assert!(named(None, None, "localhost", Some("1.universe")).is_err());
        assert!(named(Some(""), None, "localhost", None).is_err());
    }

    #[test]
    fn the_prefix_is_taken_off_and_the_rest_kept_as_it_was() {
        let split = |text: &'static str| {
            let uri = Uri::from_static(text);
            split_prefix(&uri).map(|(name, own)| (name.to_owned(), own.to_string()))
        };
        let is = |name: &str, own: &str| Some((name.to_owned(), own.to_owned()));
        assert_eq!(split("/_mesh/u/a/x//y%2F?b=c"), is("a", "/x//y%2F?b=c"));
        assert_eq!(split("/_mesh/u/a"), is("a", "/"));
        assert_eq!(split("/_mesh/universes"), None);
        assert_eq!(split("http://localhost:1/_mesh/u/a/x"), is("a", "http://localhost:1/x"));
    }

    #[test]
    fn an_access_key_id_of_twelve_digits_is_an_account() {
        let account = |key| account(key).map(|account| account.to_string());
        assert_eq!(account("111111111111").as_deref(), Some("111111111111"));
        assert_eq!(account("a.universe.222222222222").as_deref(), Some("222222222222"));
        assert_eq!((account("test"), account("a.universe"), account("AKIA111111111111")), (None, None, None));
    }
}
