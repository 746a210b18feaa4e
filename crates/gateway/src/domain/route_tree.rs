//! Finding a route by path and method: the most specific one, whatever the order in which they were made.
//!
//! A path that is matched in full comes before one that a greedy variable ends; from the left, a literal segment comes before a
//! variable, and a variable before a greedy one; at the same path the method itself comes before `ANY`. A route is path
//! and method together: where a more specific path lacks the method, a less specific one may have it.

use std::collections::HashMap;

/// What slashes mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slashes {
    /// Those in front and at the end do not count: REST APIs.
    Ignored,
    /// Each counts: HTTP APIs.
    Counted,
}

/// Routes, to be found by path and method.
#[derive(Debug)]
pub struct Routes<T> {
    nodes: Vec<Node<T>>,
    slashes: Slashes,
    default: Option<T>,
}

/// A place in the tree of paths.
#[derive(Debug)]
struct Node<T> {
    literals: HashMap<Box<str>, usize>,
    variable: Option<usize>,
    /// Routes whose path ends here.
    ends: Vec<End<T>>,
    /// Routes whose path ends here with a greedy variable.
    greedy: Vec<End<T>>,
}

#[derive(Debug)]
struct End<T> {
    method: Box<str>,
    /// The names of the variables on the way.
    names: Box<[Box<str>]>,
    value: T,
}

/// A route that was found.
#[derive(Debug, PartialEq, Eq)]
pub struct Found<'r, T> {
    /// What was put in.
    pub value: &'r T,
    /// The values of its variables, by name, as they stand in the path.
    pub variables: Vec<(&'r str, &'r str)>,
}

impl<T> Default for Node<T> {
    fn default() -> Self {
        Self { literals: HashMap::new(), variable: None, ends: Vec::new(), greedy: Vec::new() }
    }
}

impl<T> Routes<T> {
    /// No routes.
    pub fn new(slashes: Slashes) -> Self {
        Self { nodes: vec![Node::default()], slashes, default: None }
    }

    /// Adds what answers when nothing else does.
    pub fn set_default(&mut self, value: T) {
        self.default = Some(value);
    }

    /// Adds a route. `method` may be `ANY`, segments of `path` may be `{name}`, the last one `{name+}`.
    pub fn insert(&mut self, method: &str, path: &str, value: T) {
        let (mut at, mut names, mut is_greedy) = (0, Vec::new(), false);
        let path = match self.slashes {
            Slashes::Ignored => path.trim_matches('/'),
            Slashes::Counted => path.strip_prefix('/').unwrap_or(path),
        };
        for segment in path.split('/').filter(|_| !path.is_empty()) {
            let variable = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            if let Some(name) = variable.and_then(|name| name.strip_suffix('+')) {
                names.push(name.into());
                is_greedy = true;
                break;
            }
            let next = self.nodes.len();
            let child = match variable {
                Some(name) => {
                    names.push(name.into());
                    *self.nodes[at].variable.get_or_insert(next)
                }
                None => *self.nodes[at].literals.entry(segment.into()).or_insert(next),
            };
            if child == next {
                self.nodes.push(Node::default());
            }
            at = child;
        }
        let end = End { method: method.into(), names: names.into(), value };
        let ends = if is_greedy { &mut self.nodes[at].greedy } else { &mut self.nodes[at].ends };
        ends.retain(|other| other.method != end.method);
        ends.push(end);
    }

    /// The most specific route for this method and path.
    pub fn find<'r>(&'r self, method: &str, path: &'r str) -> Option<Found<'r, T>> {
        let path = match self.slashes {
            Slashes::Ignored => path.trim_matches('/'),
            Slashes::Counted => path.strip_prefix('/').unwrap_or(path),
        };
        let mut segments = Vec::with_capacity(8);
        if !path.is_empty() {
            let mut start = 0;
            for segment in path.split('/') {
                segments.push((segment, &path[start..]));
                start += segment.len() + 1;
            }
        }
        let search = Search { nodes: &self.nodes, method, segments: &segments };
        let mut values = Vec::new();
        let end = search.in_full(0, 0, &mut values).or_else(|| {
            values.clear();
            search.by_greed(0, 0, &mut values)
        });
        match end {
            Some(end) => {
                let variables = end.names.iter().map(|name| &**name).zip(values).collect();
                Some(Found { value: &end.value, variables })
            }
            None => self.default.as_ref().map(|value| Found { value, variables: Vec::new() }),
        }
    }
}

struct Search<'r, 's, T> {
    nodes: &'r [Node<T>],
    method: &'s str,
    /// Each with all that follows it.
    segments: &'s [(&'r str, &'r str)],
}

impl<'r, T> Search<'r, '_, T> {
    fn in_full(&self, node: usize, depth: usize, values: &mut Vec<&'r str>) -> Option<&'r End<T>> {
        let node = &self.nodes[node];
        let Some((segment, _)) = self.segments.get(depth) else { return self.of_method(&node.ends) };
        self.below(node, segment, values, |child, values| self.in_full(child, depth + 1, values))
    }

    fn by_greed(&self, node: usize, depth: usize, values: &mut Vec<&'r str>) -> Option<&'r End<T>> {
        let node = &self.nodes[node];
        let (segment, rest) = self.segments.get(depth)?;
        let deeper =
            self.below(node, segment, values, |child, values| self.by_greed(child, depth + 1, values));
        deeper.or_else(|| {
            let end = self.of_method(&node.greedy).filter(|_| !rest.is_empty())?;
            values.push(rest);
            Some(end)
        })
    }

    fn below(
        &self,
        node: &'r Node<T>,
        segment: &'r str,
        values: &mut Vec<&'r str>,
        search: impl Fn(usize, &mut Vec<&'r str>) -> Option<&'r End<T>>,
    ) -> Option<&'r End<T>> {
        if let Some(end) = node.literals.get(segment).and_then(|child| search(*child, values)) {
            return Some(end);
        }
        let child = node.variable.filter(|_| !segment.is_empty())?;
        let known = values.len();
        values.push(segment);
        let end = search(child, values);
        if end.is_none() {
            values.truncate(known);
        }
        end
    }

    fn of_method(&self, ends: &'r [End<T>]) -> Option<&'r End<T>> {
        ends.iter()
            .find(|end| *end.method == *self.method)
            .or_else(|| ends.iter().find(|end| &*end.method == "ANY"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn routes<'k>(keys: impl IntoIterator<Item = &'k str>, slashes: Slashes) -> Routes<String> {
        let mut routes = Routes::new(slashes);
        for key in keys {
            match key.split_once(' ') {
                Some((method, path)) => routes.insert(method, path, key.to_owned()),
                None => routes.set_default(key.to_owned()),
            }
        }
        routes
    }

    fn found(routes: &Routes<String>, method: &str, path: &str) -> String {
        routes.find(method, path).map_or_else(String::new, |found| {
            let variables: Vec<_> =
                found.variables.iter().map(|(name, value)| format!(" {name}={value}")).collect();
            format!("{}{}", found.value, variables.concat())
        })
    }

    #[test]
    fn the_most_specific_route_is_found_whatever_the_order() {
        let keys =
            ["GET /pets/dog/1", "GET /pets/dog/{id}", "GET /pets/{proxy+}", "ANY /{proxy+}", "$default"];
        for turn in 0..keys.len() {
            let mut keys = keys;
            keys.rotate_left(turn);
            let routes = routes(keys, Slashes::Counted);
            assert_eq!(found(&routes, "GET", "/pets/dog/1"), "GET /pets/dog/1");
            assert_eq!(found(&routes, "GET", "/pets/dog/2"), "GET /pets/dog/{id} id=2");
            assert_eq!(found(&routes, "GET", "/pets/cat/1"), "GET /pets/{proxy+} proxy=cat/1");
            assert_eq!(found(&routes, "POST", "/test/5"), "ANY /{proxy+} proxy=test/5");
            assert_eq!(found(&routes, "POST", "/pets/dog/1"), "ANY /{proxy+} proxy=pets/dog/1");
            assert_eq!(found(&routes, "GET", "/"), "$default");
        }
    }

    #[test]
    fn a_method_comes_before_any_and_a_path_before_a_method() {
        let routes = routes(["ANY /a", "GET /a", "GET /{x}", "ANY /b"], Slashes::Counted);
        assert_eq!(found(&routes, "GET", "/a"), "GET /a");
        assert_eq!(found(&routes, "PUT", "/a"), "ANY /a");
        assert_eq!(found(&routes, "GET", "/b"), "ANY /b");
        assert_eq!(found(&routes, "PUT", "/c"), "");
    }

    #[test]
    fn slashes_count_for_http_apis_alone_and_a_greedy_variable_keeps_them() {
        let keys = ["GET /a", "GET /b/", "GET /g/{proxy+}", "GET /"];
        let (rest, http) = (routes(keys, Slashes::Ignored), routes(keys, Slashes::Counted));
        assert_eq!(
            (found(&rest, "GET", "//a/"), found(&http, "GET", "/a/")),
            ("GET /a".to_owned(), String::new())
        );
        assert_eq!(
            (found(&http, "GET", "/b/"), found(&http, "GET", "/b")),
            ("GET /b/".to_owned(), String::new())
        );
        assert_eq!(found(&rest, "GET", "/g/x//y/"), "GET /g/{proxy+} proxy=x//y");
        assert_eq!(found(&http, "GET", "/g/x//y/"), "GET /g/{proxy+} proxy=x//y/");
        assert_eq!((found(&http, "GET", "/g/"), found(&http, "GET", "/g")), (String::new(), String::new()));
        assert_eq!(
            (found(&rest, "GET", "/"), found(&http, "GET", "/")),
            ("GET /".to_owned(), "GET /".to_owned())
        );
    }

    /// What a route's key says of a path, or nothing: the order in which keys are preferred.
    fn rank(key: &str, method: &str, path: &str) -> Option<(bool, Vec<u8>, bool)> {
        let (wanted, pattern) = key.split_once(' ')?;
        if wanted != method && wanted != "ANY" {
            return None;
        }
        let segments: Vec<&str> = path.split('/').skip(1).filter(|_| path != "/").collect();
        let (mut at, mut kinds) = (0, Vec::new());
        for part in pattern.split('/').skip(1).filter(|_| pattern != "/") {
            if part.ends_with("+}") {
                kinds.push(2);
                return (at < segments.len() && !segments[at..].join("/").is_empty()).then_some((
                    true,
                    kinds,
                    wanted == "ANY",
                ));
            }
            let segment = segments.get(at)?;
            let is_variable = part.starts_with('{');
            if (is_variable && segment.is_empty()) || (!is_variable && part != *segment) {
                return None;
            }
            kinds.push(u8::from(is_variable));
            at += 1;
        }
        (at == segments.len()).then_some((false, kinds, wanted == "ANY"))
    }

    proptest! {
        #[test]
        fn the_tree_finds_what_comparing_all_routes_finds(
            keys in prop::collection::btree_set("(GET|ANY|PUT) (/|(/(a|b|\\{x\\})){1,3}|(/(a|b|\\{x\\})){0,2}/\\{p\\+\\})", 0..12),
            method in "(GET|PUT|DELETE)",
            path in "(/|(/(a|b|c|)){1,4})",
        ) {
            let routes = routes(keys.iter().map(String::as_str), Slashes::Counted);
            let best = keys.iter().filter_map(|key| Some((rank(key, &method, &path)?, key))).min();
            let found = routes.find(&method, &path).map(|found| found.value);
            prop_assert_eq!(found, best.map(|(_, key)| key));
        }
    }
}
