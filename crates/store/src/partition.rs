//! What a partition is to the store.

use crate::{PartitionKind, RowError};

/// The state of a partition: a struct of tables. Declared with [`partition!`](crate::partition).
pub trait Partition: Default + Clone + Send + Sync + 'static {
    /// What it is.
    const KIND: PartitionKind;

    /// Ends a transaction: its changes stand, and go to the journal.
    ///
    /// # Errors
    /// A row that cannot be encoded.
    fn commit(&mut self, journal: Option<&mut (dyn Journal + '_)>) -> Result<(), RowError>;

    /// Ends a transaction: its changes are undone.
    fn rollback(&mut self);

    /// Whether it has any row. A partition without is no more.
    fn holds_rows(&self) -> bool;

    /// Takes a row from the journal.
    ///
    /// # Errors
    /// A row that cannot be read, or of a table that this version does not know.
    fn load(&mut self, table: u16, key: &[u8], row: &[u8]) -> Result<(), RowError>;
}

/// Where commits write what they changed.
pub trait Journal {
    /// A row was put, or removed.
    fn row(&mut self, table: u16, key: &[u8], row: Option<&[u8]>);

    /// All rows of a table were removed.
    fn cleared(&mut self, table: u16);
}

/// A table or a single row, as [`partition!`](crate::partition) handles them.
pub trait Stored: Default + Clone + Send + Sync + 'static {
    /// See [`Partition::commit`].
    ///
    /// # Errors
    /// A row that cannot be encoded.
    fn commit(&mut self, table: u16, journal: Option<&mut dyn Journal>) -> Result<(), RowError>;

    /// See [`Partition::rollback`].
    fn rollback(&mut self);

    /// See [`Partition::holds_rows`].
    fn holds_rows(&self) -> bool;

    /// See [`Partition::load`].
    ///
    /// # Errors
    /// A row that cannot be read.
    fn load(&mut self, key: &[u8], row: &[u8]) -> Result<(), RowError>;
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

            fn commit(&mut self, mut journal: Option<&mut (dyn $crate::Journal + '_)>) -> Result<(), $crate::RowError> {
                $({
                    let journal: Option<&mut dyn $crate::Journal> = match &mut journal {
                        Some(journal) => Some(&mut **journal),
                        None => None,
                    };
                    $crate::Stored::commit(&mut self.$table, $number, journal)?;
                })*
                Ok(())
            }

            fn rollback(&mut self) {
                $($crate::Stored::rollback(&mut self.$table);)*
            }

            fn holds_rows(&self) -> bool {
                $($crate::Stored::holds_rows(&self.$table))||*
            }

            fn load(&mut self, table: u16, key: &[u8], row: &[u8]) -> Result<(), $crate::RowError> {
                match table {
                    $($number => $crate::Stored::load(&mut self.$table, key, row),)*
                    unknown => Err($crate::RowError::UnknownTable { kind: $label, table: unknown }),
                }
            }
        }
    };
}
