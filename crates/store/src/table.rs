//! Tables: typed ordered maps that can be undone, journaled, and shared by forks.

use crate::{Changes, Decoded, Indexes, Row, RowError, Rows, Stored};
use crate::{key_code, reclaim};
use imbl::OrdMap;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;
use std::ops::RangeBounds;
use std::sync::Arc;

/// What the key of a table must be: small and cheap to clone.
pub trait TableKey: Ord + Clone + Debug + Serialize + DeserializeOwned + Send + Sync + 'static {}
impl<K: Ord + Clone + Debug + Serialize + DeserializeOwned + Send + Sync + 'static> TableKey for K {}

/// The rows of a table at one moment, to be walked outside the lock.
pub type Snapshot<K, V> = OrdMap<K, Arc<V>>;

/// A typed ordered map in a partition.
///
/// Every change of the running transaction is noted with the former value: that is its undo log, and the list of what
/// its commit writes to the journal.
#[derive(Debug)]
pub struct Table<K: TableKey, V: Row, I: Indexes<K, V> = ()> {
    rows: Snapshot<K, V>,
    indexes: I,
    changes: Vec<Change<K, V, I>>,
}

#[derive(Debug)]
enum Change<K: TableKey, V: Row, I> {
    Row { key: K, former: Option<Arc<V>> },
    Cleared { rows: Snapshot<K, V>, indexes: I },
}

impl<K: TableKey, V: Row, I: Indexes<K, V>> Table<K, V, I> {
    /// The row under `key`.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.rows.get(key).map(|row| &**row)
    }

    /// The row under `key`, to be kept beyond the transaction without a copy.
    pub fn get_shared(&self, key: &K) -> Option<Arc<V>> {
        self.rows.get(key).cloned()
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The row with the greatest key.
    pub fn last(&self) -> Option<(&K, &V)> {
        self.rows.get_max().map(|(key, row)| (key, &**row))
    }

    /// The row with the least key.
    pub fn first(&self) -> Option<(&K, &V)> {
        self.rows.get_min().map(|(key, row)| (key, &**row))
    }

    /// The rows of this range, in order.
    pub fn range(&self, range: impl RangeBounds<K>) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.rows.range(range).map(|(key, row)| (key, &**row))
    }

    /// The indexes.
    pub fn by(&self) -> &I {
        &self.indexes
    }

    /// The rows as they are now, to be walked outside the lock.
    pub fn snapshot(&self) -> Snapshot<K, V> {
        self.rows.clone()
    }

    /// Puts a row, in place of a former one.
    pub fn insert(&mut self, key: K, row: V) {
        self.put(key, Arc::new(row));
    }

    /// [`Table::insert`] of a row that is shared.
    pub fn put(&mut self, key: K, row: Arc<V>) {
        let former = self.rows.insert(key.clone(), Arc::clone(&row));
        self.indexes.follow(&key, former.as_deref(), Some(&row));
        self.changes.push(Change::Row { key, former });
    }

    /// Changes a row, a copy of it where a fork or a reader shares it. `None` where there is none.
    pub fn update<R>(&mut self, key: &K, change: impl FnOnce(&mut V) -> R) -> Option<R>
    where
        V: Clone,
    {
        let mut row = V::clone(self.rows.get(key)?);
        let answer = change(&mut row);
        self.insert(key.clone(), row);
        Some(answer)
    }

    /// Takes a row away.
    pub fn remove(&mut self, key: &K) -> Option<Arc<V>> {
        let former = self.rows.remove(key)?;
        self.indexes.follow(key, Some(&former), None);
        self.changes.push(Change::Row { key: key.clone(), former: Some(Arc::clone(&former)) });
        Some(former)
    }

    /// Takes all rows away; the cost does not depend on how many there are.
    pub fn clear(&mut self) {
        if !self.rows.is_empty() {
            let (rows, indexes) = (std::mem::take(&mut self.rows), std::mem::take(&mut self.indexes));
            self.changes.push(Change::Cleared { rows, indexes });
        }
    }
}

impl<K: TableKey, V: Row, I: Indexes<K, V>> Default for Table<K, V, I> {
    fn default() -> Self {
        Self { rows: OrdMap::new(), indexes: I::default(), changes: Vec::new() }
    }
}

impl<K: TableKey, V: Row, I: Indexes<K, V>> Clone for Table<K, V, I> {
    fn clone(&self) -> Self {
        debug_assert!(self.changes.is_empty(), "a table is copied between transactions");
        Self { rows: self.rows.clone(), indexes: self.indexes.clone(), changes: Vec::new() }
    }
}

impl<K: TableKey, V: Row, I: Indexes<K, V>> Stored for Table<K, V, I> {
    fn commit(&mut self, table: u16, changes: Option<&mut Changes>) {
        if let Some(changes) = changes {
            for change in &self.changes {
                match change {
                    Change::Row { key, .. } => changes.row(table, key, self.rows.get(key)),
                    Change::Cleared { .. } => changes.cleared(table),
                }
            }
        }
        for change in self.changes.drain(..) {
            if let Change::Cleared { rows, indexes } = change {
                reclaim::later((rows, indexes));
            }
        }
    }

    fn rollback(&mut self) {
        while let Some(change) = self.changes.pop() {
            match change {
                Change::Row { key, former } => {
                    let current = match &former {
                        Some(former) => self.rows.insert(key.clone(), Arc::clone(former)),
                        None => self.rows.remove(&key),
                    };
                    self.indexes.follow(&key, current.as_deref(), former.as_deref());
                }
                Change::Cleared { rows, indexes } => (self.rows, self.indexes) = (rows, indexes),
            }
        }
    }

    fn holds_rows(&self) -> bool {
        !self.rows.is_empty()
    }

    fn dump(&self, table: u16, into: &mut Changes) {
        self.rows.iter().for_each(|(key, row)| into.row(table, key, Some(row)));
    }

    fn decode(rows: &Rows) -> Result<Decoded, RowError> {
        let mut decoded: Vec<Loaded<K, V>> = Vec::with_capacity(rows.len());
        for (key, row) in rows.iter() {
            let key = key_code::read(key).map_err(RowError::Malformed)?;
            decoded.push((key, row.map(V::decode).transpose()?.map(Arc::new)));
        }
        Ok(Box::new(decoded))
    }

    fn absorb(&mut self, rows: Vec<Decoded>) {
        let chunks = rows.into_iter().filter_map(|rows| rows.downcast::<Vec<Loaded<K, V>>>().ok());
        let mut rows: Vec<Loaded<K, V>> = chunks.flat_map(|rows| *rows).collect();
        // In their order, a map grows at its end.
        rows.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        if self.rows.is_empty() && rows.len() > LARGE {
            return self.fill(rows);
        }
        for (key, row) in rows {
            let former = match &row {
                Some(row) => self.rows.insert(key.clone(), Arc::clone(row)),
                None => self.rows.remove(&key),
            };
            self.indexes.follow(&key, former.as_deref(), row.as_deref());
        }
    }
}

/// A table of more rows is built on two threads.
const LARGE: usize = 10_000;

impl<K: TableKey, V: Row, I: Indexes<K, V>> Table<K, V, I> {
    /// Takes rows in the order of their keys into an empty table: its indexes are built beside it.
    fn fill(&mut self, rows: Vec<Loaded<K, V>>) {
        let rows: Vec<(K, Arc<V>)> = rows.into_iter().filter_map(|(key, row)| Some((key, row?))).collect();
        let indexes = &mut self.indexes;
        let table = std::thread::scope(|scope| {
            scope.spawn(|| rows.iter().for_each(|(key, row)| indexes.follow(key, None, Some(row))));
            rows.iter().cloned().collect()
        });
        self.rows = table;
    }
}

/// A row from disk; none where it was removed.
type Loaded<K, V> = (K, Option<Arc<V>>);

/// A table of at most one row: the settings of a resource.
#[derive(Debug)]
pub struct Single<V: Row> {
    row: Option<Arc<V>>,
    /// The value before the running transaction, once that has changed it.
    former: Option<Option<Arc<V>>>,
}

impl<V: Row> Single<V> {
    /// The row, if it was set.
    pub fn get(&self) -> Option<&V> {
        self.row.as_deref()
    }

    /// The row, to be kept beyond the transaction without a copy.
    pub fn get_shared(&self) -> Option<Arc<V>> {
        self.row.clone()
    }

    /// Sets the row.
    pub fn set(&mut self, row: V) {
        self.replace(Some(Arc::new(row)));
    }

    /// Takes the row away.
    pub fn clear(&mut self) {
        if self.row.is_some() {
            self.replace(None);
        }
    }

    fn replace(&mut self, row: Option<Arc<V>>) {
        let former = std::mem::replace(&mut self.row, row);
        self.former.get_or_insert(former);
    }
}

impl<V: Row> Default for Single<V> {
    fn default() -> Self {
        Self { row: None, former: None }
    }
}

impl<V: Row> Clone for Single<V> {
    fn clone(&self) -> Self {
        debug_assert!(self.former.is_none(), "a table is copied between transactions");
        Self { row: self.row.clone(), former: None }
    }
}

impl<V: Row> Stored for Single<V> {
    fn commit(&mut self, table: u16, changes: Option<&mut Changes>) {
        if self.former.take().is_some()
            && let Some(changes) = changes
        {
            changes.single(table, self.row.as_ref());
        }
    }

    fn rollback(&mut self) {
        if let Some(former) = self.former.take() {
            self.row = former;
        }
    }

    fn holds_rows(&self) -> bool {
        self.row.is_some()
    }

    fn dump(&self, table: u16, into: &mut Changes) {
        if self.row.is_some() {
            into.single(table, self.row.as_ref());
        }
    }

    fn decode(rows: &Rows) -> Result<Decoded, RowError> {
        // Large rows come in several lots: one with nothing in it says nothing of the row.
        let last = rows.iter().last().map(|(_, bytes)| bytes.map(V::decode).transpose());
        let row: Option<Option<Arc<V>>> = last.transpose()?.map(|row| row.map(Arc::new));
        Ok(Box::new(row))
    }

    fn absorb(&mut self, rows: Vec<Decoded>) {
        let rows = rows.into_iter().filter_map(|row| row.downcast::<Option<Option<Arc<V>>>>().ok());
        for row in rows.filter_map(|row| *row) {
            self.row = row;
        }
    }
}
