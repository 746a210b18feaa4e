//! What a transaction changed, for the journal: taken under the lock, encoded elsewhere.

use crate::{Row, RowError, TableKey, key_code};
use std::ops::Range;
use std::sync::Arc;

/// The rows that a commit put or removed in one partition. Keys are small and are encoded at once; rows are shared, and
/// whoever writes them to disk encodes them.
#[derive(Default)]
pub struct Changes {
    keys: Vec<u8>,
    list: Vec<Change>,
    weight: usize,
    /// A key that cannot be encoded; none of ours is.
    failed: Option<RowError>,
}

/// One change.
pub(crate) enum Change {
    Row { table: u16, key: Range<usize>, row: Option<Arc<dyn Encode>> },
    Cleared { table: u16 },
}

/// A [`Row`] of whatever type.
pub(crate) trait Encode: Send + Sync {
    /// Appends the encoded row.
    fn append(&self, into: &mut Vec<u8>) -> Result<(), RowError>;
}

impl<V: Row> Encode for V {
    fn append(&self, into: &mut Vec<u8>) -> Result<(), RowError> {
        self.encode(into)
    }
}

/// What a change weighs beside its row.
const OVERHEAD: usize = 96;

impl Changes {
    /// Notes that a row was put, or removed.
    pub fn row<K: TableKey, V: Row>(&mut self, table: u16, key: &K, row: Option<&Arc<V>>) {
        let start = self.keys.len();
        match key_code::append(key, std::mem::take(&mut self.keys)) {
            Ok(keys) => self.keys = keys,
            Err(error) => self.failed = Some(RowError::Malformed(error)),
        }
        let row_weight = row.map_or(0, |row| row.weight());
        self.push(table, start, row_weight, row.map(|row| Arc::clone(row) as Arc<dyn Encode>));
    }

    /// Notes that the only row of a table was set, or removed.
    pub fn single<V: Row>(&mut self, table: u16, row: Option<&Arc<V>>) {
        let weight = row.map_or(0, |row| row.weight());
        self.push(table, self.keys.len(), weight, row.map(|row| Arc::clone(row) as Arc<dyn Encode>));
    }

    /// Notes that all rows of a table were removed.
    pub fn cleared(&mut self, table: u16) {
        self.weight += OVERHEAD;
        self.list.push(Change::Cleared { table });
    }

    fn push(&mut self, table: u16, key: usize, weight: usize, row: Option<Arc<dyn Encode>>) {
        let key = key..self.keys.len();
        self.weight += OVERHEAD + key.len() + weight;
        self.list.push(Change::Row { table, key, row });
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// About how many bytes it keeps.
    pub(crate) fn weight(&self) -> usize {
        self.weight
    }

    /// Hands the changes over, in their order, encoded: the table, then the key and the row where it is not all of the
    /// table that was cleared.
    ///
    /// # Errors
    /// A key or a row that cannot be encoded; what `take` answers.
    pub(crate) fn write<E: From<RowError>>(
        self,
        mut take: impl FnMut(Written<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if let Some(error) = self.failed {
            return Err(error.into());
        }
        let mut buffer = Vec::new();
        for change in self.list {
            match change {
                Change::Cleared { table } => take(Written::Cleared { table })?,
                Change::Row { table, key, row } => {
                    buffer.clear();
                    if let Some(row) = &row {
                        row.append(&mut buffer)?;
                    }
                    let row = row.is_some().then_some(&buffer[..]);
                    take(Written::Row { table, key: &self.keys[key], row })?;
                }
            }
        }
        Ok(())
    }
}

/// One change, encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written<'a> {
    Row { table: u16, key: &'a [u8], row: Option<&'a [u8]> },
    Cleared { table: u16 },
}
