//! What a partition is to the store.

use crate::{Changes, PartitionKind, RowError};
use std::any::Any;

/// The state of a partition: a struct of tables. Declared with [`partition!`](crate::partition).
pub trait Partition: Default + Clone + Send + Sync + 'static {
    /// What it is.
    const KIND: PartitionKind;

    /// Ends a transaction: its changes stand, and are noted for the journal.
    fn commit(&mut self, changes: Option<&mut Changes>);

    /// Ends a transaction: its changes are undone.
    fn rollback(&mut self);

    /// Whether it has any row. A partition without is no more.
    fn holds_rows(&self) -> bool;

    /// Notes all of its rows, for an export.
    fn dump(&self, into: &mut Changes);

    /// Reads rows of one of its tables.
    ///
    /// # Errors
    /// A row that cannot be read, or of a table that this version does not know.
    fn decode(table: u16, rows: &Rows) -> Result<Decoded, RowError>;

    /// Takes all rows of a table away, outside any transaction.
    fn empty_table(&mut self, table: u16);

    /// Takes rows that [`Partition::decode`] has read, over those that are there.
    fn absorb(&mut self, table: u16, rows: Vec<Decoded>);
}

/// Encoded rows of one table, as they lie on disk: keys, and rows where they were not removed.
#[derive(Debug, Default)]
pub struct Rows {
    bytes: Vec<u8>,
    /// Where each key and each row end.
    ends: Vec<(usize, usize)>,
}

impl Rows {
    /// Adds a row; one without bytes was removed, since an encoded row has its layout byte at least.
    pub fn push(&mut self, key: &[u8], row: &[u8]) {
        self.bytes.extend_from_slice(key);
        let key_end = self.bytes.len();
        self.bytes.extend_from_slice(row);
        self.ends.push((key_end, self.bytes.len()));
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// How many bytes they have.
    pub(crate) fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Keys and rows.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|(_, end)| *end));
        starts.zip(&self.ends).map(|(start, &(key_end, end))| {
            let row = (end > key_end).then(|| &self.bytes[key_end..end]);
            (&self.bytes[start..key_end], row)
        })
    }
}

/// Rows that were read, whatever their types.
pub type Decoded = Box<dyn Any + Send>;

/// A table or a single row, as [`partition!`](crate::partition) handles them.
pub trait Stored: Default + Clone + Send + Sync + 'static {
    /// See [`Partition::commit`].
    fn commit(&mut self, table: u16, changes: Option<&mut Changes>);

    /// See [`Partition::rollback`].
    fn rollback(&mut self);

    /// See [`Partition::holds_rows`].
    fn holds_rows(&self) -> bool;

    /// See [`Partition::dump`].
    fn dump(&self, table: u16, into: &mut Changes);

    /// See [`Partition::decode`].
    ///
    /// # Errors
    /// A row that cannot be read.
    fn decode(rows: &Rows) -> Result<Decoded, RowError>;

    /// See [`Partition::absorb`].
    fn absorb(&mut self, rows: Vec<Decoded>);
}

/// Declares the state of a partition: its number, its name, and its tables with their numbers. Numbers are written to
/// disk and never change their meaning.
///
/// ```
/// # use mesh_store::{Row, Single, Table};
/// # #[derive(Debug, serde::Serialize, serde::Deserialize)] pub struct Address(String);
/// # impl Row for Address {}
/// # #[derive(Debug, serde::Serialize, serde::Deserialize)] pub struct Letter(String);
/// # impl Row for Letter {}
/// mesh_store::partition! {
///     /// A letter box.
///     pub struct LetterBox = 9_001 "letter box" {
///         /// Whose it is.
///         1 address: Single<Address>,
///         /// What lies in it.
///         2 letters: Table<u64, Letter>,
///     }
/// }
/// ```
#[macro_export]
macro_rules! partition {
    ($(#[$doc:meta])* $vis:vis struct $name:ident = $kind:literal $label:literal {
        $($(#[$table_doc:meta])* $number:literal $table:ident: $type:ty),* $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Debug, Default, Clone)]
        $vis struct $name {
            $($(#[$table_doc])* pub $table: $type),*
        }

        impl $crate::Partition for $name {
            const KIND: $crate::PartitionKind = $crate::PartitionKind::new($kind, $label);

            fn commit(&mut self, mut changes: Option<&mut $crate::Changes>) {
                $($crate::Stored::commit(&mut self.$table, $number, changes.as_deref_mut());)*
            }

            fn rollback(&mut self) {
                $($crate::Stored::rollback(&mut self.$table);)*
            }

            fn holds_rows(&self) -> bool {
                $($crate::Stored::holds_rows(&self.$table))||*
            }

            fn dump(&self, into: &mut $crate::Changes) {
                $($crate::Stored::dump(&self.$table, $number, into);)*
            }

            fn decode(table: u16, rows: &$crate::Rows) -> Result<$crate::Decoded, $crate::RowError> {
                match table {
                    $($number => <$type as $crate::Stored>::decode(rows),)*
                    unknown => Err($crate::RowError::UnknownTable { kind: $label, table: unknown }),
                }
            }

            fn empty_table(&mut self, table: u16) {
                match table {
                    $($number => self.$table = Default::default(),)*
                    _ => {}
                }
            }

            fn absorb(&mut self, table: u16, rows: Vec<$crate::Decoded>) {
                match table {
                    $($number => $crate::Stored::absorb(&mut self.$table, rows),)*
                    // Nothing was decoded of a table that is not known.
                    _ => {}
                }
            }
        }
    };
}
