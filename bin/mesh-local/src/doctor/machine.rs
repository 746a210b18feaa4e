//! What the machine allows.

use super::Finding;
use rustix::process::{Resource, getrlimit};
use std::net::{SocketAddr, ToSocketAddrs};

/// Open files that a busy instance needs: one for each connection, and some for each function that runs.
const FILES: u64 = 1_024;

pub(super) fn look() -> Vec<Finding> {
    let names = ("localhost", 80).to_socket_addrs().map(Iterator::collect::<Vec<_>>);
    vec![files(getrlimit(Resource::Nofile).current), localhost(&names.unwrap_or_default())]
}

/// What functions see of the machine.
pub(super) fn places(has_views: bool) -> Finding {
    if has_views {
        return Finding::fine("functions", "see /var/task, /opt and /tmp of their own, as on AWS");
    }
    Finding::fine(
        "functions",
        "see this machine's /var/task, /opt and /tmp, because it allows no mount namespaces",
    )
    .with("have them ask LAMBDA_TASK_ROOT and TMPDIR for their places; nothing else needs to be done")
}

fn files(limit: Option<u64>) -> Finding {
    match limit {
        Some(limit) if limit < FILES => Finding::warning(
            "open files",
            format!("at most {limit}: clients beyond that are kept waiting"),
            format!("ulimit -n {}", FILES * 4),
        ),
        Some(limit) => Finding::fine("open files", format!("at most {limit}")),
        None => Finding::fine("open files", "as many as there is memory for"),
    }
}

fn localhost(addresses: &[SocketAddr]) -> Finding {
    let about = "localhost";
    let first = addresses.first().map(SocketAddr::ip);
    if !addresses.iter().any(|address| address.ip().to_string() == "127.0.0.1") {
        return Finding::warning(
            about,
            "is not 127.0.0.1, where mesh-local listens",
            "add the line \"127.0.0.1 localhost\" to /etc/hosts, or name http://127.0.0.1:4566 to clients",
        );
    }
    if first.is_some_and(|first| first.is_ipv6()) {
        return Finding::warning(
            about,
            "is ::1 before it is 127.0.0.1, and some clients try the first alone (Node.js 17 to 19)",
            "name http://127.0.0.1:4566 to them",
        );
    }
    Finding::fine(about, "is 127.0.0.1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Level;

    fn level(addresses: &[&str]) -> Level {
        let addresses: Vec<SocketAddr> =
            addresses.iter().map(|address| address.parse().expect("an address")).collect();
        localhost(&addresses).level
    }

    #[test]
    fn localhost_should_be_the_address_that_is_listened_on() {
        assert_eq!(level(&["127.0.0.1:80", "[::1]:80"]), Level::Fine);
        assert_eq!(level(&["[::1]:80", "127.0.0.1:80"]), Level::Warning);
        assert_eq!(level(&["[::1]:80"]), Level::Warning);
        assert_eq!(level(&[]), Level::Warning);
    }

    #[test]
    fn functions_without_places_of_their_own_are_told_where_they_are() {
        assert_eq!(places(true).next, None);
        let finding = places(false);
        assert_eq!(finding.level, Level::Fine);
        assert!(finding.next.is_some_and(|next| next.contains("TMPDIR")));
    }

    #[test]
    fn few_open_files_are_a_warning() {
        assert_eq!(files(Some(256)).level, Level::Warning);
        assert_eq!(files(Some(1_024)).level, Level::Fine);
        assert_eq!(files(None).level, Level::Fine);
    }
}
