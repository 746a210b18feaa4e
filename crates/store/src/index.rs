//! Indexes: what a table keeps beside its rows, as a function of them.

use imbl::OrdMap;

/// One index: from a key that is computed from the row to the row's own key.
#[derive(Debug, Clone)]
pub struct Index<I: Ord + Clone, K: Clone> {
    entries: OrdMap<I, K>,
}

impl<I: Ord + Clone, K: Clone> Default for Index<I, K> {
    fn default() -> Self {
        Self { entries: OrdMap::new() }
    }
}

impl<I: Ord + Clone, K: Clone> Index<I, K> {
    /// The key of the row under `index`.
    pub fn get(&self, index: &I) -> Option<&K> {
        self.entries.get(index)
    }

    /// The least entry.
    pub fn first(&self) -> Option<(&I, &K)> {
        self.entries.get_min().map(|(index, key)| (index, key))
    }

    /// The entries in this range, in order.
    pub fn range(&self, range: impl std::ops::RangeBounds<I>) -> impl DoubleEndedIterator<Item = (&I, &K)> {
        self.entries.range(range)
    }

    /// How many rows it holds.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries as they are now, to be walked outside the lock.
    pub fn snapshot(&self) -> OrdMap<I, K> {
        self.entries.clone()
    }

    /// Follows a row from one value to another. For [`indexes!`](crate::indexes).
    #[doc(hidden)]
    pub fn follow(&mut self, key: &K, former: Option<I>, current: Option<I>) {
        if former == current {
            return;
        }
        if let Some(former) = former {
            self.entries.remove(&former);
        }
        if let Some(current) = current {
            self.entries.insert(current, key.clone());
        }
    }
}

/// All indexes of a table. Declared with [`indexes!`](crate::indexes); `()` for a table without any.
pub trait Indexes<K, V>: Default + Clone + Send + Sync + 'static {
    /// Follows a row: inserted (no former), replaced, or removed (no current).
    fn follow(&mut self, key: &K, former: Option<&V>, current: Option<&V>);
}

impl<K, V> Indexes<K, V> for () {
    fn follow(&mut self, _: &K, _: Option<&V>, _: Option<&V>) {}
}

/// Declares the indexes of a table, each as a function from a row to the key it is found by. Two rows must not have
/// the same one: where they could, end the key with the row's own.
///
/// ```
/// # use serde::{Serialize, Deserialize};
/// # #[derive(Serialize, Deserialize)] pub struct Parcel { weight: u32 }
/// mesh_store::indexes! {
///     /// Parcels by weight.
///     pub struct ParcelIndexes of Table<u64, Parcel> {
///         /// Those that were weighed.
///         by_weight: (u32, u64) = |number, parcel| (parcel.weight > 0).then_some((parcel.weight, *number)),
///     }
/// }
/// ```
#[macro_export]
macro_rules! indexes {
    ($(#[$doc:meta])* $vis:vis struct $name:ident of Table<$key:ty, $row:ty> {
        $($(#[$index_doc:meta])* $index:ident: $by:ty = |$k:pat_param, $v:pat_param| $function:expr),* $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Debug, Default, Clone)]
        $vis struct $name {
            $($(#[$index_doc])* pub $index: $crate::Index<$by, $key>),*
        }

        impl $crate::Indexes<$key, $row> for $name {
            fn follow(&mut self, key: &$key, former: Option<&$row>, current: Option<&$row>) {
                $({
                    fn function($k: &$key, $v: &$row) -> Option<$by> {
                        $function
                    }
                    let of = |row: Option<&$row>| row.and_then(|row| function(key, row));
                    self.$index.follow(key, of(former), of(current));
                })*
            }
        }
    };
}
