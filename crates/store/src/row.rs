//! How a row is written: one layout byte, then postcard.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;

/// A row of a table. Its encoding begins with its layout's number, so that a later layout can still read it.
pub trait Row: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The number of the layout that is written. It grows with every change of the fields; numbers are not reused.
    const LAYOUT: u8 = 1;

    /// About how many bytes it keeps: bounds what waits for the disk. Asked under the lock of its partition, and only where
    /// the state is kept on disk.
    fn weight(&self) -> usize {
        postcard::experimental::serialized_size(self).unwrap_or(0)
    }

    /// Reads a layout older than [`Row::LAYOUT`].
    ///
    /// # Errors
    /// [`RowError::UnknownLayout`] where there never was such a layout.
    fn read_older(layout: u8, _bytes: &[u8]) -> Result<Self, RowError> {
        Err(RowError::UnknownLayout { layout, known: Self::LAYOUT })
    }

    /// Appends the encoded row.
    ///
    /// # Errors
    /// A value that postcard cannot write (a sequence of unknown length); none of ours is.
    fn encode(&self, into: &mut Vec<u8>) -> Result<(), RowError> {
        into.push(Self::LAYOUT);
        let whole = postcard::to_extend(self, std::mem::take(into)).map_err(RowError::Malformed)?;
        *into = whole;
        Ok(())
    }

    /// Reads an encoded row.
    ///
    /// # Errors
    /// Bytes that are no row of this type, or one of a layout from the future.
    fn decode(bytes: &[u8]) -> Result<Self, RowError> {
        match bytes.split_first() {
            Some((&layout, rest)) if layout == Self::LAYOUT => {
                postcard::from_bytes(rest).map_err(RowError::Malformed)
            }
            Some((&layout, rest)) if layout < Self::LAYOUT => Self::read_older(layout, rest),
            Some((&layout, _)) => Err(RowError::UnknownLayout { layout, known: Self::LAYOUT }),
            None => Err(RowError::UnknownLayout { layout: 0, known: Self::LAYOUT }),
        }
    }
}

/// Why bytes could not be read as a row.
#[derive(Debug)]
pub enum RowError {
    /// They are not what the layout says.
    Malformed(postcard::Error),
    /// They were written by a later version, or are no row at all.
    UnknownLayout {
        /// The number found.
        layout: u8,
        /// The latest number known here.
        known: u8,
    },
    /// They belong to a table that this version does not know.
    UnknownTable {
        /// The kind of the partition.
        kind: &'static str,
        /// The table's number.
        table: u16,
    },
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(_) => f.write_str("the row is damaged"),
            Self::UnknownLayout { layout, known } => {
                write!(
                    f,
                    "the row has layout {layout}, and this version reads up to {known}: use a newer mesh-local"
                )
            }
            Self::UnknownTable { kind, table } => {
                write!(f, "a {kind} has no table {table} in this version: use a newer mesh-local")
            }
        }
    }
}

impl std::error::Error for RowError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Malformed(error) => Some(error),
            Self::UnknownLayout { .. } | Self::UnknownTable { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Probe {
        name: String,
        size: u32,
    }

    impl Row for Probe {
        const LAYOUT: u8 = 2;

        fn read_older(layout: u8, bytes: &[u8]) -> Result<Self, RowError> {
            match layout {
                1 => Ok(Self { name: postcard::from_bytes(bytes).map_err(RowError::Malformed)?, size: 0 }),
                layout => Err(RowError::UnknownLayout { layout, known: Self::LAYOUT }),
            }
        }
    }

    #[test]
    fn a_row_is_a_layout_byte_and_postcard() {
        let (row, mut bytes) = (Probe { name: "ab".to_owned(), size: 300 }, Vec::new());
        row.encode(&mut bytes).expect("it can be written");
        assert_eq!(bytes, [2, 2, b'a', b'b', 0xac, 0x02]);
        assert_eq!(Probe::decode(&bytes).expect("it can be read"), row);
    }

    #[test]
    fn an_older_layout_is_read_and_a_newer_one_refused() {
        let older = Probe::decode(&[1, 2, b'a', b'b']).expect("it can be read");
        assert_eq!(older, Probe { name: "ab".to_owned(), size: 0 });
        for bytes in [&[3, 2, b'a', b'b'][..], &[0], &[]] {
            assert!(matches!(Probe::decode(bytes), Err(RowError::UnknownLayout { .. })), "{bytes:?}");
        }
        assert!(matches!(Probe::decode(&[2, 9, b'a']), Err(RowError::Malformed(_))));
    }
}
