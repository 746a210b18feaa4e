//! How the keys of rows are written: postcard, but a number that is a whole key is big-endian.
//!
//! Rows whose keys grow then lie on disk in the order in which they come, and a commit writes few pages, each full of
//! them. Postcard's own numbers begin with their least bits: rows that come one after the other would lie far apart.

use crate::TableKey;
use std::any::Any;

/// Appends a key to `into`.
pub(crate) fn append<K: TableKey>(key: &K, into: Vec<u8>) -> postcard::Result<Vec<u8>> {
    macro_rules! number {
        ($($number:ty),*) => {
            $(if let Some(number) = (key as &dyn Any).downcast_ref::<$number>() {
                return postcard::to_extend(&number.to_be_bytes(), into);
            })*
        };
    }
    number!(u16, u32, u64, u128);
    postcard::to_extend(key, into)
}

/// Reads a key.
pub(crate) fn read<K: TableKey>(bytes: &[u8]) -> postcard::Result<K> {
    let mut key: Option<K> = None;
    macro_rules! number {
        ($($number:ty),*) => {
            $(if let Some(place) = (&mut key as &mut dyn Any).downcast_mut::<Option<$number>>() {
                *place = Some(<$number>::from_be_bytes(postcard::from_bytes(bytes)?));
            })*
        };
    }
    number!(u16, u32, u64, u128);
    key.map_or_else(|| postcard::from_bytes(bytes), Ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_big_endian_and_everything_else_postcard() {
        assert_eq!(append(&0x0102_u64, Vec::new()), Ok(vec![0, 0, 0, 0, 0, 0, 1, 2]));
        assert_eq!(append(&7_u16, vec![9]), Ok(vec![9, 0, 7]));
        assert_eq!(append(&(7_u16, "a".to_owned()), Vec::new()), Ok(vec![7, 1, b'a']));
    }

    #[test]
    fn keys_are_read_as_they_were_written() {
        fn back<K: TableKey>(key: K) {
            assert_eq!(append(&key, Vec::new()).and_then(|bytes| read(&bytes)), Ok(key));
        }
        back(300_u16);
        back(u32::MAX);
        back(1_u64 << 40);
        back(u128::MAX);
        back(("a".to_owned(), 5_u64));
        assert!(read::<u64>(&[1, 2, 3]).is_err());
    }
}
