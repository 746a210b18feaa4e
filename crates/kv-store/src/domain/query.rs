//! A query: which rows of a table or index it walks, and what a page of them shows.
//!
//! [`Query::plan`] runs under the table's lock and takes what is there, without a copy; [`Walk::page`] walks it outside.

use super::capacity::{Consumed, read_units};
use super::expression::{Condition, KeyConditions, KeyRange, Path, Projection, RangeFailure};
use super::failure::{Invalid, KeyFailure, NoSuchTable};
use super::key::{ItemKey, KeySchema};
use super::settings::{IndexProjection, IndexSettings, Scope, TableSettings};
use super::value::Item;
use crate::limits::PAGE_SIZE;
use crate::state::table::{EntryKey, Place, TableState};
use mesh_store::Snapshot;
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;

/// What is asked. What can be checked without the table has been.
#[derive(Debug, Clone)]
pub struct Query {
    /// The index to walk; else it is the table.
    pub index: Option<String>,
    /// The conditions on the key.
    pub conditions: KeyConditions,
    /// What an item must satisfy to be shown.
    pub filter: Option<Condition>,
    /// What is shown of it.
    pub projection: Option<Projection>,
    /// `Select`.
    pub select: Option<Select>,
    /// How many items are looked at, at most.
    pub limit: Option<usize>,
    /// Whether the walk goes from the least sort key to the greatest.
    pub is_forward: bool,
    /// Whether the read is to be consistent. All are; it decides the price.
    pub is_consistent: bool,
    /// The position behind which it begins.
    pub start: Option<Item>,
}

/// What is wanted of the items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Select {
    /// All of their attributes.
    AllAttributes,
    /// What the index has of them.
    AllProjected,
    /// What the projection names.
    Specific,
    /// Their number.
    Count,
}

/// The rows that a query walks, as they were at one moment.
pub struct Walk {
    query: Query,
    settings: Arc<TableSettings>,
    rows: Rows,
    /// The items, where the index does not show all that is asked.
    fetched: Option<Snapshot<ItemKey, Item>>,
}

enum Rows {
    Items(Snapshot<ItemKey, Item>, Range<ItemKey>),
    Entries(Snapshot<EntryKey, Item>, Range<EntryKey>),
}

type Range<K> = (Bound<K>, Bound<K>);

/// A row on its way: the item's key in the table where it is needed, and what the row has of the item.
type Row<'a> = (Option<&'a ItemKey>, &'a Arc<Item>);

/// A page of a query's answer.
#[derive(Debug, Clone)]
pub struct Page {
    /// The items, if they are asked for.
    pub items: Option<Vec<Arc<Item>>>,
    /// How many satisfy the filter.
    pub count: usize,
    /// How many were looked at.
    pub scanned: usize,
    /// Where the page ends, if there may be more.
    pub last: Option<Item>,
    /// What it costs.
    pub consumed: Consumed,
}

impl Query {
    /// Checks the query against the table, and takes the rows it walks.
    ///
    /// # Errors
    /// There is no such table or index; conditions, a start, a filter or a projection that do not fit its keys.
    pub fn plan<E>(self, table: &TableState) -> Result<Walk, E>
    where
        E: From<NoSuchTable> + From<Invalid> + From<RangeFailure> + From<KeyFailure>,
    {
        let settings = table.settings.get_shared().ok_or(NoSuchTable)?;
        let index = self.index.as_deref().map(|name| self.find_index(&settings, name)).transpose()?;
        let keys = index.map_or(&settings.keys, |index| &index.keys);
        if let Some(start) = &self.start {
            check_start::<E>(&settings, index, start)?;
        }
        let range = self.conditions.range(keys)?;
        let start =
            self.start.as_ref().map(|start| self.start_key(&settings, keys, &range, start)).transpose()?;
        self.check_expressions::<E>(&settings, index)?;
        let is_fetched = match index {
            Some(index) => self.needs_more_than(&settings, index)?,
            None => false,
        };
        let rows = match index {
            None => {
                let range = behind((range.lower, range.upper), start, self.is_forward);
                Rows::Items(table.items.snapshot(), range)
            }
            Some(index) => {
                let place = self.start.as_ref().map(|start| settings.keys.key_of_item(start)).transpose()?;
                let start = start.zip(place).map(|(key, place)| EntryKey {
                    index: index.number,
                    key,
                    place: Place::Item(place),
                });
                let range = behind(entries(index.number, range), start, self.is_forward);
                Rows::Entries(table.entries.snapshot(), range)
            }
        };
        let fetched = is_fetched.then(|| table.items.snapshot());
        Ok(Walk { query: self, settings, rows, fetched })
    }

    fn find_index<'s>(&self, settings: &'s TableSettings, name: &str) -> Result<&'s IndexSettings, Invalid> {
        let index = settings.index(name);
        let index = index
            .ok_or_else(|| Invalid::new(format!("The table does not have the specified index: {name}")))?;
        if self.is_consistent && index.scope == Scope::Global {
            return Err(Invalid::new("Consistent reads are not supported on global secondary indexes"));
        }
        Ok(index)
    }

    /// The key behind which the walk begins, which must be one that it would come by.
    fn start_key(
        &self,
        settings: &TableSettings,
        keys: &KeySchema,
        range: &KeyRange,
        start: &Item,
    ) -> Result<ItemKey, Invalid> {
        let invalid =
            |failure: KeyFailure| Invalid::new(format!("The provided starting key is invalid: {failure}"));
        settings.keys.key_of_given(&settings.keys.attributes_of(start)).map_err(invalid)?;
        let key = keys.key_of_item(start).map_err(invalid)?;
        let (Bound::Included(first) | Bound::Excluded(first)) = &range.lower else { return Ok(key) };
        let has_range_condition = self.conditions.terms().len() > 1;
        let is_same_hash = key.hash_bytes() == first.hash_bytes();
        match (is_same_hash, has_range_condition) {
            (true, _) if (range.lower.clone(), range.upper.clone()).contains(&key) => Ok(key),
            (true, _) => {
                Err(Invalid::new("The provided starting key does not match the range key predicate"))
            }
            (false, true) => {
                Err(Invalid::new("The query can return at most one row and cannot be restarted"))
            }
            (false, false) => Err(Invalid::new(
                "The provided starting key is outside query boundaries based on provided conditions",
            )),
        }
    }

    /// Refuses expressions that look inside a key, and a filter that looks at the key that is walked.
    fn check_expressions<E>(&self, settings: &TableSettings, index: Option<&IndexSettings>) -> Result<(), E>
    where
        E: From<Invalid> + From<KeyFailure>,
    {
        let check = |paths: &[&Path]| {
            settings.keys.check_paths(paths)?;
            settings.indexes.iter().try_for_each(|index| index.keys.check_index_paths(paths))
        };
        check(&self.projection.iter().flat_map(Projection::paths).collect::<Vec<_>>())?;
        let filtered = self.filter.as_ref().map(Condition::paths).unwrap_or_default();
        index.map_or(&settings.keys, |index| &index.keys).check_filter(&filtered)?;
        check(&filtered)?;
        Ok(())
    }

    /// Whether more of the items is asked than the index shows. A local index fetches it from the table.
    fn needs_more_than(&self, settings: &TableSettings, index: &IndexSettings) -> Result<bool, Invalid> {
        let shows = |path: &&Path| index.shows(&settings.keys, path.root());
        let hidden = |paths: &mut dyn Iterator<Item = &Path>| {
            let hidden: Vec<_> = paths.filter(|path| !shows(path)).map(|path| path.root().as_str()).collect();
            hidden.join(", ")
        };
        let projected = hidden(&mut self.projection.iter().flat_map(Projection::paths));
        let (name, is_all) = (&index.name, self.select == Some(Select::AllAttributes));
        if index.scope == Scope::Local {
            let filtered = self.filter.iter().flat_map(Condition::paths).any(|path| !shows(&path));
            return Ok(is_all && index.projection != IndexProjection::All
                || !projected.is_empty()
                || filtered);
        }
        if is_all && index.projection != IndexProjection::All {
            return Err(Invalid::values(format!(
                "Select type ALL_ATTRIBUTES is not supported for global secondary index {name} because its projection type is not ALL"
            )));
        }
        if !projected.is_empty() {
            return Err(Invalid::values(format!(
                "Global secondary index {name} does not project [{projected}]"
            )));
        }
        Ok(false)
    }
}

/// Refuses a start that is not the attributes of both keys.
fn check_start<E>(settings: &TableSettings, index: Option<&IndexSettings>, start: &Item) -> Result<(), E>
where
    E: From<Invalid> + From<KeyFailure>,
{
    let keys = index.map_or(&settings.keys, |index| &index.keys);
    let position = settings.position(index, start);
    let is_whole = |keys: &KeySchema| keys.attributes().all(|attribute| start.get(&attribute.name).is_some());
    if position.len() != start.len() || !is_whole(&settings.keys) || !is_whole(keys) {
        return Err(Invalid::new("The provided starting key is invalid").into());
    }
    keys.key_of_given(&keys.attributes_of(start))?;
    Ok(())
}

/// What is left of a range behind a start, in the direction of the walk.
fn behind<K>(range: Range<K>, start: Option<K>, is_forward: bool) -> Range<K> {
    match (range, start) {
        (range, None) => range,
        ((_, upper), Some(start)) if is_forward => (Bound::Excluded(start), upper),
        ((lower, _), Some(start)) => (lower, Bound::Excluded(start)),
    }
}

/// The entries of an index whose keys are in a range.
fn entries(index: u16, range: KeyRange) -> Range<EntryKey> {
    let entry = |key: ItemKey, place| Bound::Included(EntryKey { index, key, place });
    let lower = match range.lower {
        Bound::Included(key) => entry(key, Place::Front),
        Bound::Excluded(key) => entry(key, Place::Back),
        Bound::Unbounded => Bound::Unbounded,
    };
    let upper = match range.upper {
        Bound::Included(key) => entry(key, Place::Back),
        Bound::Excluded(key) => entry(key, Place::Front),
        Bound::Unbounded => Bound::Unbounded,
    };
    (lower, upper)
}

/// Whether nothing can be in a range. Maps may not be asked for one that ends before it begins.
fn is_empty<K: Ord>(range: &Range<K>) -> bool {
    match range {
        (Bound::Included(lower), Bound::Included(upper)) => lower > upper,
        (
            Bound::Included(lower) | Bound::Excluded(lower),
            Bound::Included(upper) | Bound::Excluded(upper),
        ) => lower >= upper,
        _ => false,
    }
}

impl Walk {
    /// Walks the rows, as far as a page goes.
    pub fn page(&self) -> Page {
        match &self.rows {
            Rows::Items(rows, range) if !is_empty(range) => {
                let rows = rows.range(range.clone());
                if self.query.is_forward {
                    self.collect(rows.map(|(_, item)| (None, item)))
                } else {
                    self.collect(rows.rev().map(|(_, item)| (None, item)))
                }
            }
            Rows::Entries(rows, range) if !is_empty(range) => {
                let rows = rows.range(range.clone());
                if self.query.is_forward {
                    self.collect(rows.map(row))
                } else {
                    self.collect(rows.rev().map(row))
                }
            }
            _ => self.collect(std::iter::empty()),
        }
    }

    fn collect<'a>(&self, rows: impl Iterator<Item = Row<'a>>) -> Page {
        let Self { query, settings, .. } = self;
        let index = query.index.as_deref().and_then(|name| settings.index(name));
        let (mut items, mut count, mut scanned, mut last) = (Vec::new(), 0, 0, None);
        let (mut bytes, mut fetched) = (0, 0.0);
        for (place, row) in rows {
            scanned += 1;
            bytes += row.size();
            let whole = place.zip(self.fetched.as_ref()).and_then(|(place, items)| items.get(place));
            let item = whole.unwrap_or(row);
            if let Some(whole) = whole {
                fetched += read_units(whole.size(), query.is_consistent);
            }
            if query.filter.as_ref().is_none_or(|filter| filter.holds(item)) {
                count += 1;
                if query.select != Some(Select::Count) {
                    items.push(self.shown(item));
                }
            }
            if query.limit == Some(scanned) || bytes >= PAGE_SIZE {
                last = Some(settings.position(index, row));
                break;
            }
        }
        let units = read_units(bytes, query.is_consistent);
        let consumed = match index {
            None => Consumed::of_table(units),
            Some(index) => {
                Consumed { table: fetched, indexes: vec![(index.name.clone(), index.scope, units)] }
            }
        };
        let items = (query.select != Some(Select::Count)).then_some(items);
        Page { items, count, scanned, last, consumed }
    }

    /// What the query shows of an item.
    fn shown(&self, item: &Arc<Item>) -> Arc<Item> {
        match &self.query.projection {
            Some(projection) => Arc::new(projection.of(item)),
            None => Arc::clone(item),
        }
    }
}

fn row<'a>((key, item): (&'a EntryKey, &'a Arc<Item>)) -> Row<'a> {
    match &key.place {
        Place::Item(place) => (Some(place), item),
        Place::Front | Place::Back => (None, item),
    }
}

#[cfg(test)]
#[path = "query_tests.rs"]
mod tests;
