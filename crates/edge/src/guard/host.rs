//! Host names: which are ours.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The longest name, and the longest label of one, that DNS has.
const MAX_NAME: usize = 253;
const MAX_LABEL: usize = 63;

/// Names that always mean the machine that asks: no one can have them point elsewhere, or they point nowhere else.
const THIS_MACHINE: &[&str] = &["localhost", "localhost.localstack.cloud"];

/// AWS's own domains: a client that was told to send AWS's names here uses them, and nobody can have them point here.
const AWS: &[&str] = &["amazonaws.com", "amazonaws.com.cn", "api.aws", "on.aws"];

/// Labels of AWS's domains under which machines of customers are named: they are not AWS's endpoints.
const AWS_CUSTOMERS: &[&str] = &["compute", "compute-1", "elb", "rds"];

/// What containers call the machine they run on, and what pods call one another: names that only the resolver of a
/// container or cluster has.
const CONTAINERS: &[&str] = &["host.docker.internal", "gateway.docker.internal", "host.containers.internal"];
const CLUSTER: &str = "svc.cluster.local";

/// A host, as `Host`, `:authority` and `Origin` name it; the port is checked and left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Host<'a> {
    /// An address.
    Address(IpAddr),
    /// A name, in any case, without the dot at its end.
    Name(&'a str),
}

impl<'a> Host<'a> {
    /// Reads `name`, `name:port`, `address`, `[address]:port`. `None` for everything else: user names, empty labels,
    /// escapes.
    pub(super) fn parse(authority: &'a str) -> Option<Self> {
        if let Some(rest) = authority.strip_prefix('[') {
            let (address, port) = rest.split_once(']')?;
            let address: Ipv6Addr =
                address.split_once('%').map_or(address, |(address, _zone)| address).parse().ok()?;
            return (port.is_empty() || is_port(port.strip_prefix(':')?))
                .then_some(Self::Address(address.into()));
        }
        let name = match authority.split_once(':') {
            Some((name, port)) => is_port(port).then_some(name)?,
            None => authority,
        };
        if let Ok(address) = name.parse::<Ipv4Addr>() {
            return Some(Self::Address(address.into()));
        }
        let name = name.strip_suffix('.').unwrap_or(name);
        (name.len() <= MAX_NAME && name.split('.').all(is_label)).then_some(Self::Name(name))
    }

    /// Whether nobody else can have a web page under this host that later points here.
    pub(super) fn is_ours(&self) -> bool {
        let Self::Name(name) = self else { return true };
        // A single label is a name of the local network or of a container's: the public DNS has no pages there.
        !name.contains('.')
            || self.is_this_machine()
            || (AWS.iter().any(|domain| is_within(name, domain)) && !is_of_aws_customer(name))
            || CONTAINERS.iter().any(|container| name.eq_ignore_ascii_case(container))
            || is_within(name, CLUSTER)
    }

    /// Whether this is the machine that asks.
    pub(super) fn is_this_machine(&self) -> bool {
        match self {
            Self::Address(IpAddr::V6(address)) => {
                address.to_ipv4_mapped().map_or(address.is_loopback(), |address| address.is_loopback())
            }
            Self::Address(address) => address.is_loopback(),
            Self::Name(name) => THIS_MACHINE.iter().any(|domain| is_within(name, domain)),
        }
    }

    /// Whether an entry of `--allow-host` means this host.
    pub(super) fn is_allowed_by(&self, allowed: &str) -> bool {
        let (Self::Name(name), allowed) = (self, allowed.trim_end_matches('.')) else { return false };
        match allowed.strip_prefix('.') {
            Some(domain) => !domain.is_empty() && is_within(name, domain),
            None => name.eq_ignore_ascii_case(allowed),
        }
    }
}

/// Whether this is how most clients name us, which is told without reading it in full.
pub(super) fn is_usual(authority: &[u8]) -> bool {
    let name = match authority.iter().rposition(|byte| *byte == b':') {
        Some(at) if authority[at + 1..].iter().all(u8::is_ascii_digit) && authority.len() - at <= 6 => {
            &authority[..at]
        }
        _ => authority,
    };
    matches!(name, b"localhost" | b"127.0.0.1")
}

fn is_port(text: &str) -> bool {
    text.len() <= 5 && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_label(text: &str) -> bool {
    let is_part = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    !text.is_empty() && text.len() <= MAX_LABEL && text.bytes().all(is_part)
}

/// Whether a name is the domain or under it.
fn is_within(name: &str, domain: &str) -> bool {
    let (name, domain) = (name.as_bytes(), domain.as_bytes());
    let Some(start) = name.len().checked_sub(domain.len()) else { return false };
    name[start..].eq_ignore_ascii_case(domain) && (start == 0 || name[start - 1] == b'.')
}

fn is_of_aws_customer(name: &str) -> bool {
    let is_theirs = |label: &str| AWS_CUSTOMERS.iter().any(|theirs| label.eq_ignore_ascii_case(theirs));
    name.split('.').skip(1).any(is_theirs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_hosts_are_ours() {
        for text in ["localhost", "localhost:4566", "127.0.0.1:1", "127.0.0.1", "localhost:"] {
            assert!(is_usual(text.as_bytes()), "{text}");
            assert!(Host::parse(text).is_some_and(|host| host.is_ours()), "{text}");
        }
        for text in
            ["", "localhost:123456", "localhost:1:2", "localhost:x", "evil.example", "127.0.0.1.example"]
        {
            assert!(!is_usual(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_is_no_host_is_not_read() {
        for text in [
            "",
            ".",
            ":4566",
            "a..b",
            ".localhost",
            "localhost..",
            "user@localhost",
            "localhost:45660x",
            "localhost:123456",
            "localhost:1:2",
            "::1",
            "[::1",
            "[::1]x",
            "[localhost]",
            "localhost/x",
            "local host",
            "l%6Fcalhost",
            "lücal",
            "localhost#",
            "localhost\\",
        ] {
            assert_eq!(Host::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn ports_zones_and_a_last_dot_do_not_matter() {
        assert_eq!(Host::parse("localhost.:4566"), Some(Host::Name("localhost")));
        assert_eq!(Host::parse("localhost:"), Some(Host::Name("localhost")));
        assert_eq!(Host::parse("127.0.0.1:4566"), Some(Host::Address(Ipv4Addr::LOCALHOST.into())));
        assert_eq!(Host::parse("[::1]:4566"), Some(Host::Address(Ipv6Addr::LOCALHOST.into())));
        assert!(Host::parse("[fe80::1%25eth0]:4566").is_some_and(|host| host.is_ours()));
    }

    #[test]
    fn an_allowed_host_is_one_name_or_with_a_dot_in_front_a_domain() {
        let allows = |allowed, name| Host::parse(name).is_some_and(|host| host.is_allowed_by(allowed));
        assert!(allows("mesh.example", "MESH.example:4566"));
        assert!(!allows("mesh.example", "a.mesh.example"));
        assert!(allows(".example", "a.b.EXAMPLE.") && allows(".example", "example"));
        assert!(!allows(".example", "badexample") && !allows(".", "a.b") && !allows("", "a"));
    }
}
