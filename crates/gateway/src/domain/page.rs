//! Pages of lists. The token of a page is the id that the page before it ended with.

use mesh_store::Snapshot;
use smol_str::SmolStr;
use std::ops::Bound;
use std::sync::Arc;

/// A page of a list.
#[derive(Debug)]
pub struct Page<R> {
    /// The rows with their ids.
    pub rows: Vec<(SmolStr, Arc<R>)>,
    /// Leads to the next page.
    pub next: Option<String>,
}

/// The page after `position`, of `limit` rows at most.
pub fn page<R>(rows: &Snapshot<SmolStr, R>, position: Option<&str>, limit: usize) -> Page<R> {
    let start = position.map_or(Bound::Unbounded, |last| Bound::Excluded(SmolStr::new(last)));
    let mut rest = rows.range((start, Bound::Unbounded));
    let rows: Vec<_> = rest.by_ref().take(limit).map(|(id, row)| (id.clone(), Arc::clone(row))).collect();
    let is_cut = rest.next().is_some();
    let next = rows.last().filter(|_| is_cut).map(|(id, _)| id.to_string());
    Page { rows, next }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_one_another_without_gap_and_the_last_has_no_successor() {
        let ids = ["a", "b", "c", "d", "e"];
        let rows: Snapshot<SmolStr, ()> = ids.iter().map(|id| (SmolStr::new(id), Arc::new(()))).collect();
        let (mut seen, mut position) = (Vec::new(), None);
        loop {
            let page = page(&rows, position.as_deref(), 2);
            seen.extend(page.rows.into_iter().map(|(id, _)| id.to_string()));
            position = page.next;
            if position.is_none() {
                break;
            }
        }
        assert_eq!(seen, ids);
        assert!(page(&rows, Some("c"), 2).next.is_none());
    }
}
