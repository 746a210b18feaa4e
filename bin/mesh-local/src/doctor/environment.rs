//! What the environment leads clients to.

use super::Finding;
use crate::environment::Variables;
use crate::shell::strays;

pub(super) fn look(variables: &Variables, endpoint: &str) -> Vec<Finding> {
    let mut findings = vec![endpoint_url(variables, endpoint)];
    // a session's token leads nowhere by itself
    let leading = strays(variables).filter(|name| *name != "AWS_SESSION_TOKEN");
    findings.extend(leading.map(|name| {
        Finding::warning(
            "AWS_*",
            format!("{name} is set and can lead an SDK elsewhere"),
            format!("unset {name}, or: mesh-local run -- CMD, which leaves it out"),
        )
    }));
    findings.extend(proxy(variables));
    findings
}

fn endpoint_url(variables: &Variables, endpoint: &str) -> Finding {
    let next = format!("eval \"$(mesh-local env --endpoint {endpoint})\"");
    match variables.get("AWS_ENDPOINT_URL") {
        Some(url) if is_same(url, endpoint) => {
            Finding::fine("AWS_*", format!("SDKs that are started here call {url}"))
        }
        Some(url) => {
            let found = format!("AWS_ENDPOINT_URL={url} leads SDKs elsewhere than to {endpoint}");
            Finding::warning("AWS_*", found, next)
        }
        None => {
            let found = "AWS_ENDPOINT_URL is not set: SDKs that are started here call AWS itself";
            Finding::fine("AWS_*", found).with(next)
        }
    }
}

/// Whether both mean this port of this machine, or are the same text. A path can follow: that of a universe.
fn is_same(url: &str, endpoint: &str) -> bool {
    let place = |url: &str| {
        let rest = url.strip_prefix("http://").unwrap_or(url);
        let authority = rest.split('/').next().unwrap_or_default();
        ["127.0.0.1", "[::1]", "localhost.localstack.cloud"]
            .iter()
            .find_map(|name| authority.strip_prefix(name))
            .map_or_else(|| authority.to_owned(), |port| format!("localhost{port}"))
    };
    place(url) == place(endpoint)
}

/// A proxy that would be asked for this machine's own name.
fn proxy(variables: &Variables) -> Option<Finding> {
    let get = |name: &str| {
        let value = variables.get(name).or_else(|| variables.get(&name.to_lowercase()));
        value.filter(|value| !value.is_empty())
    };
    let name = ["HTTP_PROXY", "ALL_PROXY"].into_iter().find(|name| get(name).is_some())?;
    let without: Vec<&str> =
        get("NO_PROXY").map(|list| list.split(',').map(str::trim).collect()).unwrap_or_default();
    let missing: Vec<&str> = if without.contains(&"*") {
        Vec::new()
    } else {
        ["localhost", "127.0.0.1"].into_iter().filter(|host| !without.contains(host)).collect()
    };
    Some(if missing.is_empty() {
        Finding::fine("proxy", format!("{name} is set, and NO_PROXY leaves this machine out"))
    } else {
        let missing = missing.join(",");
        Finding::warning(
            "proxy",
            format!(
                "{name} is set and NO_PROXY does not name {missing}: clients would ask the proxy for mesh-local"
            ),
            format!(
                "export NO_PROXY=\"${{NO_PROXY:+$NO_PROXY,}}{missing}\" no_proxy=\"${{no_proxy:+$no_proxy,}}{missing}\""
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Level;

    const ENDPOINT: &str = "http://localhost:4566";

    fn levels(variables: &[(&str, &str)]) -> Vec<(&'static str, Level)> {
        let variables = variables.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        look(&variables, ENDPOINT).iter().map(|finding| (finding.about, finding.level)).collect()
    }

    #[test]
    fn an_endpoint_that_leads_elsewhere_is_a_warning() {
        assert_eq!(levels(&[]), [("AWS_*", Level::Fine)]);
        assert_eq!(levels(&[("AWS_ENDPOINT_URL", ENDPOINT)]), [("AWS_*", Level::Fine)]);
        assert_eq!(
            levels(&[("AWS_ENDPOINT_URL", "http://127.0.0.1:4566/_mesh/u/pr-17")]),
            [("AWS_*", Level::Fine)]
        );
        assert_eq!(levels(&[("AWS_ENDPOINT_URL", "http://localhost:4567")]), [("AWS_*", Level::Warning)]);
        let one_service = levels(&[("AWS_ENDPOINT_URL", ENDPOINT), ("AWS_ENDPOINT_URL_SQS", "x")]);
        assert_eq!(one_service, [("AWS_*", Level::Fine), ("AWS_*", Level::Warning)]);
    }

    #[test]
    fn a_proxy_must_leave_this_machine_out() {
        let proxy = |more: &[(&str, &str)]| {
            let set: Vec<_> = [("http_proxy", "http://proxy:3128")].iter().chain(more).copied().collect();
            levels(&set)[1]
        };
        assert_eq!(proxy(&[]), ("proxy", Level::Warning));
        assert_eq!(proxy(&[("NO_PROXY", "localhost")]), ("proxy", Level::Warning));
        assert_eq!(proxy(&[("no_proxy", "localhost, 127.0.0.1")]), ("proxy", Level::Fine));
        assert_eq!(proxy(&[("NO_PROXY", "*")]), ("proxy", Level::Fine));
    }
}
