//! Cuts the wanted paths out of an item.
//!
//! Paths into the same map or list meet in one; the elements of a list move together, in their order; what is not
//! there leaves no trace.

use super::expression::{Path, Projection, Step};
use super::value::{AttributeValue, Item};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl Projection {
    /// What the projection shows of an item.
    pub fn of(&self, item: &Item) -> Item {
        project(self.paths().iter(), item)
    }
}

/// What the paths show of an item.
pub fn project<'p>(paths: impl Iterator<Item = &'p Path>, item: &Item) -> Item {
    let mut by_root: BTreeMap<&SmolStr, Vec<&[Step]>> = BTreeMap::new();
    for path in paths {
        by_root.entry(path.root()).or_default().push(path.steps());
    }
    by_root
        .into_iter()
        .filter_map(|(root, ways)| Some((root.clone(), cut(item.get(root)?, &ways)?)))
        .collect()
}

/// What these ways into a value show of it.
fn cut(value: &AttributeValue, ways: &[&[Step]]) -> Option<AttributeValue> {
    if ways.iter().any(|way| way.is_empty()) {
        return Some(value.clone());
    }
    let next: BTreeSet<&Step> = ways.iter().filter_map(|way| way.first()).collect();
    let mut shown = next.into_iter().filter_map(|step| {
        let further: Vec<&[Step]> =
            ways.iter().filter(|way| way.first() == Some(step)).map(|way| &way[1..]).collect();
        Some((step, cut(step.of(value)?, &further)?))
    });
    match value {
        AttributeValue::M(_) => {
            let entries: Item = shown
                .filter_map(|(step, value)| match step {
                    Step::Name(name) => Some((name.clone(), value)),
                    Step::Index(_) => None,
                })
                .collect();
            (!entries.is_empty()).then(|| AttributeValue::M(Arc::new(entries)))
        }
        AttributeValue::L(_) => {
            let first = shown.next()?;
            let elements = std::iter::once(first).chain(shown).map(|(_, value)| value).collect();
            Some(AttributeValue::L(Arc::new(elements)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::expression::Placeholders;
    use crate::domain::literal::item;

    fn shown(paths: &str) -> Item {
        let item = item("{a: {b: [2, 4, {x: 'hi', y: 'yo'}], c: 5}, b: 'hello'}");
        let mut placeholders = Placeholders::default();
        Projection::parse(paths, &mut placeholders).expect("it is a projection").of(&item)
    }

    #[test]
    fn a_path_shows_its_value_in_place() {
        for (paths, expected) in [
            ("a.b[0]", "{a: {b: [2]}}"),
            ("a.b[2].y", "{a: {b: [{y: 'yo'}]}}"),
            ("b", "{b: 'hello'}"),
            (" a.c ,\n b ", "{a: {c: 5}, b: 'hello'}"),
        ] {
            assert_eq!(shown(paths), item(expected), "{paths}");
        }
    }

    #[test]
    fn siblings_meet_and_elements_move_together_in_order() {
        assert_eq!(shown("a.b[2].y, a.b[0], a.b[2].x"), item("{a: {b: [2, {x: 'hi', y: 'yo'}]}}"));
        assert_eq!(shown("a.b[1], a.c"), item("{a: {b: [4], c: 5}}"));
    }

    #[test]
    fn what_is_not_there_leaves_no_trace() {
        for paths in ["x", "a.b[3]", "a.x", "a.x.y", "a.b[3].x", "a.b.x", "a[0]", "a.b[0].x", "a.b[0][0]"] {
            assert!(shown(paths).is_empty(), "{paths}");
        }
        assert_eq!(shown("a.x, a.b[0], x, a.b[3].x"), item("{a: {b: [2]}}"));
    }
}
