//! Which operation a restJson1 request means: method, path and constant query parameters against the paths of a model.
//!
//! The patterns become a tree of path segments, made once. At each segment a literal is tried before a label, and a
//! label before a greedy one, so the most specific pattern wins whatever the order of the model; a branch that ends
//! without an operation for the request's method is left for the next. Matching allocates nothing.

use crate::ServiceMeta;
use std::borrow::Cow;

/// The compiled routes of a service.
#[derive(Debug, Default)]
pub struct Routes(Node);

#[derive(Debug, Default)]
struct Node {
    literals: Vec<(&'static str, Node)>,
    label: Option<Box<Node>>,
    /// Patterns with a greedy label here, the one with the longest literal end first.
    greedy: Vec<Greedy>,
    /// Patterns that end here, the one with the most constant query parameters first.
    leaves: Vec<Leaf>,
}

#[derive(Debug)]
struct Leaf {
    operation: &'static str,
    method: &'static str,
    /// The constant query parameters, as in the pattern: `list-type=2&events`.
    query: &'static str,
}

#[derive(Debug)]
struct Greedy {
    /// What follows the greedy label.
    end: Vec<Segment<'static>>,
    leaf: Leaf,
}

/// One segment of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Segment<'a> {
    Literal(&'a str),
    Label(&'a str),
    Greedy(&'a str),
}

impl<'a> Segment<'a> {
    fn of(text: &'a str) -> Self {
        match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
            Some(name) => name.strip_suffix('+').map_or(Self::Label(name), Self::Greedy),
            None => Self::Literal(text),
        }
    }

    fn admits(self, segment: &str) -> bool {
        match self {
            Self::Literal(literal) => is_literal(segment, literal),
            Self::Label(_) | Self::Greedy(_) => !segment.is_empty(),
        }
    }
}

/// The segments of a path. Slashes at its ends count for nothing, those within it do.
fn segments(path: &str) -> impl DoubleEndedIterator<Item = &str> + Clone {
    let inner = path.trim_start_matches('/').trim_end_matches('/');
    // no segment at all for the root, where `split` would give an empty one
    let is_root = inner.is_empty();
    inner.split('/').filter(move |_| !is_root)
}

fn is_literal(segment: &str, literal: &str) -> bool {
    segment == literal || (segment.contains('%') && decode(segment) == literal)
}

/// A path segment with its escapes undone; what is not UTF-8 then becomes U+FFFD.
pub(crate) fn decode(segment: &str) -> Cow<'_, str> {
    // Most have no escapes, and that is soon seen.
    if segment.contains('%') {
        percent_encoding::percent_decode_str(segment).decode_utf8_lossy()
    } else {
        Cow::Borrowed(segment)
    }
}

/// The labels of a path that matches a pattern, still encoded, in the pattern's order.
pub(crate) fn labels<'t, 'p>(pattern: &'t str, path: &'p str) -> impl Iterator<Item = (&'t str, &'p str)> {
    let pattern = pattern.split('?').next().unwrap_or_default();
    let behind_greedy =
        segments(pattern).rev().position(|text| matches!(Segment::of(text), Segment::Greedy(_))).unwrap_or(0);
    let mut rest = path.trim_start_matches('/').trim_end_matches('/');
    segments(pattern).filter_map(move |text| match Segment::of(text) {
        Segment::Greedy(name) => {
            let mut taken = rest;
            for _ in 0..behind_greedy {
                taken = taken.rsplit_once('/')?.0;
            }
            rest = rest.get(taken.len() + 1..).unwrap_or_default();
            Some((name, taken))
        }
        segment => {
            let (first, behind) = rest.split_once('/').unwrap_or((rest, ""));
            rest = behind;
            match segment {
                Segment::Label(name) => Some((name, first)),
                _ => None,
            }
        }
    })
}

impl Routes {
    /// Compiles the routes of a service; done once per service.
    pub fn of(service: &'static ServiceMeta) -> Self {
        let mut root = Node::default();
        for route in service.routes {
            let (path, query) = route.path.split_once('?').unwrap_or((route.path, ""));
            let leaf = Leaf { operation: route.name, method: route.method, query };
            root.insert(segments(path).map(Segment::of), leaf);
        }
        root.sort();
        Self(root)
    }

    /// The name of the operation that a request means. `path` is still percent-encoded, `query` is without its `?`.
    pub fn matches(&self, method: &str, path: &str, query: &str) -> Option<&'static str> {
        self.0.find(segments(path), method, query)
    }
}

impl Node {
    fn insert(&mut self, mut pattern: impl Iterator<Item = Segment<'static>>, leaf: Leaf) {
        match pattern.next() {
            None => self.leaves.push(leaf),
            Some(Segment::Greedy(_)) => self.greedy.push(Greedy { end: pattern.collect(), leaf }),
            Some(Segment::Label(_)) => self.label.get_or_insert_default().insert_boxed(pattern, leaf),
            Some(Segment::Literal(literal)) => {
                let known = self.literals.iter().position(|(text, _)| *text == literal);
                let index = known.unwrap_or_else(|| {
                    self.literals.push((literal, Self::default()));
                    self.literals.len() - 1
                });
                self.literals[index].1.insert_boxed(pattern, leaf);
            }
        }
    }

    /// As [`Node::insert`]; keeps the type of the iterator from growing with the depth of the pattern.
    fn insert_boxed(&mut self, pattern: impl Iterator<Item = Segment<'static>>, leaf: Leaf) {
        let rest: Vec<_> = pattern.collect();
        let rest: Box<dyn Iterator<Item = Segment<'static>>> = Box::new(rest.into_iter());
        self.insert(rest, leaf);
    }

    fn sort(&mut self) {
        self.leaves.sort_by_key(|leaf| {
            std::cmp::Reverse(leaf.query.split('&').filter(|part| !part.is_empty()).count())
        });
        self.greedy.sort_by_key(|greedy| std::cmp::Reverse(greedy.end.len()));
        self.literals.sort_by_key(|(literal, _)| *literal);
        self.literals.iter_mut().for_each(|(_, node)| node.sort());
        if let Some(label) = &mut self.label {
            label.sort();
        }
    }

    fn find<'p, S>(&self, mut path: S, method: &str, query: &str) -> Option<&'static str>
    where
        S: DoubleEndedIterator<Item = &'p str> + Clone,
    {
        let whole = path.clone();
        let Some(segment) = path.next() else {
            return self.leaves.iter().find(|leaf| leaf.admits(method, query)).map(|leaf| leaf.operation);
        };
        self.literal(segment)
            .and_then(|node| node.find(path.clone(), method, query))
            .or_else(|| {
                let label = self.label.as_deref().filter(|_| !segment.is_empty())?;
                label.find(path, method, query)
            })
            .or_else(|| {
                let greedy = self.greedy.iter().find(|greedy| greedy.admits(whole.clone(), method, query))?;
                Some(greedy.leaf.operation)
            })
    }

    fn literal(&self, segment: &str) -> Option<&Self> {
        let found = self.literals.binary_search_by(|(literal, _)| (*literal).cmp(segment)).ok();
        let found = found.or_else(|| {
            let encoded = segment.contains('%');
            if encoded {
                self.literals.iter().position(|(literal, _)| is_literal(segment, literal))
            } else {
                None
            }
        })?;
        self.literals.get(found).map(|(_, node)| node)
    }
}

impl Leaf {
    fn admits(&self, method: &str, query: &str) -> bool {
        self.method == method
            && self.query.split('&').filter(|part| !part.is_empty()).all(|wanted| {
                query.split('&').any(|sent| {
                    sent == wanted || (!wanted.contains('=') && sent.strip_suffix('=') == Some(wanted))
                })
            })
    }
}

impl Greedy {
    fn admits<'p>(&self, path: impl DoubleEndedIterator<Item = &'p str>, method: &str, query: &str) -> bool {
        let mut backwards = path.rev();
        let end_fits = self
            .end
            .iter()
            .rev()
            .all(|wanted| backwards.next().is_some_and(|segment| wanted.admits(segment)));
        // at least one segment is left for the label itself
        end_fits && backwards.next().is_some() && self.leaf.admits(method, query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::ConstraintStyle;
    use crate::{Protocol, Route};
    use proptest::prelude::*;

    const fn route(name: &'static str, method: &'static str, path: &'static str) -> Route {
        Route { name, method, path }
    }

    static SERVICE: ServiceMeta = ServiceMeta {
        name: "probe",
        signing_name: "probe",
        endpoint_prefix: "probe",
        api_version: "2020-01-01",
        target_prefix: "",
        error_namespace: "probe",
        xml_namespace: "",
        protocols: &[Protocol::RestJson1],
        query_compatible: false,
        query_error_detail: false,
        constraint_style: ConstraintStyle::Coral,
        routes: &[
            route("Catch", "GET", "/files/{path+}"),
            route("CatchMeta", "GET", "/files/{path+}/meta"),
            route("CreateThing", "POST", "/things"),
            route("GetThing", "GET", "/things/{id}"),
            route("GetThingEvents", "GET", "/things/{id}?events&kind=all"),
            route("ListSettings", "GET", "/things/settings"),
            route("ListThings", "GET", "/things/"),
            route("PutPart", "PUT", "/things/{id}/parts/{part}"),
            route("PutThing", "PUT", "/things/{id}"),
            route("Root", "GET", "/"),
        ],
    };

    fn find(method: &str, target: &str) -> Option<&'static str> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Routes::of(&SERVICE).matches(method, path, query)
    }

    #[test]
    fn the_most_specific_pattern_wins() {
        assert_eq!(find("GET", "/things/settings"), Some("ListSettings"));
        assert_eq!(find("GET", "/things/s%65ttings"), Some("ListSettings"));
        assert_eq!(find("GET", "/things/other"), Some("GetThing"));
        assert_eq!(find("GET", "/files/a/b/meta"), Some("CatchMeta"));
        assert_eq!(find("GET", "/files/a/b"), Some("Catch"));
        assert_eq!(find("GET", "/files/meta"), Some("Catch"));
    }

    #[test]
    fn a_literal_without_the_method_does_not_hide_a_label_that_has_it() {
        assert_eq!(find("PUT", "/things/settings"), Some("PutThing"));
        assert_eq!(find("DELETE", "/things/settings"), None);
    }

    #[test]
    fn constant_query_parameters_must_be_there() {
        assert_eq!(find("GET", "/things/7?kind=all&events"), Some("GetThingEvents"));
        assert_eq!(find("GET", "/things/7?events=&kind=all&x=y"), Some("GetThingEvents"));
        assert_eq!(find("GET", "/things/7?kind=all"), Some("GetThing"));
        assert_eq!(find("GET", "/things/7?eventsx&kind=all"), Some("GetThing"));
    }

    #[test]
    fn slashes_at_the_end_count_for_nothing_and_empty_labels_do_not_match() {
        assert_eq!(find("GET", "/things"), Some("ListThings"));
        assert_eq!(find("GET", "/things/"), Some("ListThings"));
        assert_eq!(find("POST", "/things/"), Some("CreateThing"));
        assert_eq!(find("PUT", "/things//parts/1"), None);
        assert_eq!(find("GET", "/"), Some("Root"));
        assert_eq!(find("GET", ""), Some("Root"));
        assert_eq!(find("GET", "/files/"), None);
    }

    #[test]
    fn labels_are_taken_as_they_were_sent() {
        let all = |pattern, path| labels(pattern, path).collect::<Vec<_>>();
        assert_eq!(
            all("/things/{id}/parts/{part}", "/things/a%2Fb/parts/1"),
            [("id", "a%2Fb"), ("part", "1")]
        );
        assert_eq!(all("/files/{path+}", "/files/a/b/c"), [("path", "a/b/c")]);
        assert_eq!(all("/{b}/{path+}/meta/{m}", "/x/a/b/meta/z"), [("b", "x"), ("path", "a/b"), ("m", "z")]);
        assert_eq!(all("/things?events", "/things"), []);
        assert_eq!(decode("a%2Fb+c"), "a/b+c");
    }

    proptest! {
        #[test]
        fn no_path_panics(method in "GET|PUT", path in "[/a-z{}%+é]{0,40}", query in "[a-z=&]{0,20}") {
            Routes::of(&SERVICE).matches(&method, &path, &query);
            for route in SERVICE.routes {
                labels(route.path, &path).for_each(|(_, value)| {
                    decode(value);
                });
            }
        }
    }
}
