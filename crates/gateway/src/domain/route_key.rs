//! Route keys of HTTP APIs: `GET /pets/{id}`, or `$default`.

use super::failure::InvalidHttp;

/// A route key, read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteKey<'k> {
    /// `$default`
    Default,
    /// Method and path.
    Path {
        /// `GET`, ..., `ANY`
        method: &'k str,
        /// `/pets/{id}`
        path: &'k str,
    },
}

const METHODS: &[&str] = &["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

impl<'k> RouteKey<'k> {
    /// Reads a key.
    ///
    /// # Errors
    /// A text that is none.
    pub fn parse(text: &'k str) -> Result<Self, InvalidHttp> {
        if text == "$default" {
            return Ok(Self::Default);
        }
        let key = text.split_once(' ').filter(|(method, path)| METHODS.contains(method) && is_path(path));
        match key {
            Some((method, path)) => Ok(Self::Path { method, path }),
            None => {
                let sentence = "The provided route key is not formatted properly for HTTP protocol. Format should be \"<HTTP METHOD> /<RESOURCE PATH>\" or \"$default\"";
                Err(InvalidHttp::new(sentence))
            }
        }
    }

    /// Whether the other key has the same method and path but for the name of a variable.
    pub fn differs_in_names_alone(self, other: Self) -> bool {
        let (Self::Path { method, path }, Self::Path { method: other_method, path: other_path }) =
            (self, other)
        else {
            return false;
        };
        method == other_method && path != other_path && shape(path).eq(shape(other_path))
    }
}

/// The segments of a path, variables without their names.
fn shape(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').map(|segment| match segment.strip_prefix('{') {
        Some(name) if name.ends_with("+}") => "{+}",
        Some(_) => "{}",
        None => segment,
    })
}

fn is_path(path: &str) -> bool {
    let Some(rest) = path.strip_prefix('/') else { return false };
    let count = rest.split('/').count();
    rest.split('/').enumerate().all(|(index, segment)| match segment.strip_prefix('{') {
        Some(name) => {
            let Some(name) = name.strip_suffix('}') else { return false };
            let (name, is_greedy) = name.strip_suffix('+').map_or((name, false), |name| (name, true));
            !name.is_empty() && !name.contains(['{', '}', '+']) && (!is_greedy || index + 1 == count)
        }
        None => !segment.contains(['{', '}', ' ']),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_method_and_a_path_or_the_default() {
        for text in ["$default", "GET /", "ANY /{proxy+}", "POST /a/{b}/c", "GET /a/"] {
            assert!(RouteKey::parse(text).is_ok(), "{text}");
        }
        for text in ["", "GET", "get /a", "GET a", "LIST /a", "GET /{a", "GET /{p+}/a", "GET /x{a}", "$other"]
        {
            assert!(RouteKey::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn keys_that_differ_in_names_of_variables_alone_are_told() {
        let differ = |one, other| {
            let (Ok(one), Ok(other)) = (RouteKey::parse(one), RouteKey::parse(other)) else { return false };
            one.differs_in_names_alone(other)
        };
        assert!(differ("GET /a/{x}", "GET /a/{y}"));
        assert!(
            !differ("GET /a/{x}", "GET /a/{x}")
                && !differ("GET /a/{x}", "PUT /a/{y}")
                && !differ("GET /{x}", "GET /{x+}")
        );
    }
}
