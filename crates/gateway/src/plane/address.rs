//! Which API a URL names.

/// Paths that name an API.
const EXECUTE_API: &str = "/_aws/execute-api/";
const REST_APIS: &str = "/restapis/";
const USER_REQUEST: &str = "_user_request_";

/// What a URL says of an API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// The API's id.
    pub(super) api: String,
    /// The stage, where it does not stand in the path.
    pub(super) stage: Option<String>,
    /// The path behind the API's own address: it begins with a slash, and with the stage where that is not named.
    pub(super) path: String,
    /// Whether the host names the API.
    pub(super) is_host: bool,
}

impl Address {
    /// Whether a URL names an API.
    pub(super) fn claims(host: &str, path: &str) -> bool {
        path.starts_with(EXECUTE_API)
            || (path.starts_with(REST_APIS) && user_request(path).is_some())
            || api_of_host(host).is_some()
    }

    /// What a URL says.
    pub(super) fn of(host: &str, path: &str) -> Option<Self> {
        if let Some(rest) = path.strip_prefix(EXECUTE_API) {
            let (api, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
            return Some(Self { api: api.to_owned(), stage: None, path: path.to_owned(), is_host: false });
        }
        if let Some((api, stage, path)) = user_request(path) {
            let (api, stage, path) = (api.to_owned(), Some(stage.to_owned()), format!("/{path}"));
            return Some(Self { api, stage, path, is_host: false });
        }
        let api = api_of_host(host)?.to_ascii_lowercase();
        Some(Self { api, stage: None, path: path.to_owned(), is_host: true })
    }

    /// The stage that the path names first, and the path behind it. Slashes in front do not count.
    pub(super) fn first_segment(&self) -> (&str, &str) {
        let path = self.path.trim_start_matches('/');
        path.find('/').map_or((path, ""), |at| path.split_at(at))
    }
}

/// `ID.execute-api.` and any domain.
fn api_of_host(host: &str) -> Option<&str> {
    let (api, domain) = host.split_once('.')?;
    let (label, _) = domain.split_once('.')?;
    label.eq_ignore_ascii_case("execute-api").then_some(api)
}

/// `/restapis/ID/STAGE/_user_request_/PATH`
fn user_request(path: &str) -> Option<(&str, &str, &str)> {
    let (api, rest) = path.strip_prefix(REST_APIS)?.split_once('/')?;
    let (stage, rest) = rest.split_once('/')?;
    let path = rest.strip_prefix(USER_REQUEST)?;
    match path.strip_prefix('/') {
        Some(path) => Some((api, stage, path)),
        None => path.is_empty().then_some((api, stage, "")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(host: &str, path: &str) -> Option<(String, Option<String>, String)> {
        assert_eq!(Address::claims(host, path), Address::of(host, path).is_some());
        Address::of(host, path).map(|address| (address.api, address.stage, address.path))
    }

    #[test]
    fn an_api_is_named_by_host_and_by_path() {
        let is = |stage: Option<&str>, path: &str| {
            Some(("a1".to_owned(), stage.map(str::to_owned), path.to_owned()))
        };
        assert_eq!(read("a1.execute-api.localhost:4566", "/dev/x"), is(None, "/dev/x"));
        assert_eq!(read("a1.Execute-API.eu-west-1.amazonaws.com", "/"), is(None, "/"));
        assert_eq!(read("localhost", "/_aws/execute-api/a1/dev/x//y/"), is(None, "/dev/x//y/"));
        assert_eq!(read("localhost", "/_aws/execute-api/a1"), is(None, "/"));
        assert_eq!(read("localhost", "/restapis/a1/dev/_user_request_/x"), is(Some("dev"), "/x"));
        assert_eq!(read("localhost", "/restapis/a1/dev/_user_request_"), is(Some("dev"), "/"));
        for (host, path) in [
            ("localhost", "/restapis"),
            ("localhost", "/restapis/a1/stages/dev"),
            ("localhost", "/restapis/a1/dev/_user_request_x"),
            ("execute-api.localhost", "/"),
            ("a1.execute-apis.localhost", "/"),
            ("sqs.localhost", "/"),
        ] {
            assert_eq!(read(host, path), None, "{host} {path}");
        }
    }
}
