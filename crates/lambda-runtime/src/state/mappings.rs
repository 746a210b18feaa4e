//! The event source mappings of an account in a Region.

use crate::domain::Mapping;
use mesh_store::{Key, Row, Signal, Table, partition};
use mesh_types::{AccountId, Region};

/// A mapping was made, changed or taken away.
pub const CHANGED: Signal = Signal(1);

partition! {
    /// The event source mappings of an account in a Region. They share a partition because their driver does: it is one
    /// task for all of them, which runs for as long as one of them is enabled.
    pub struct Mappings = 503 "event source mappings" {
        /// By the bits of the UUID.
        1 mappings: Table<u128, Mapping>,
    }
}

impl Row for Mapping {}

/// The mappings of an account in a Region.
pub fn key_of(account: AccountId, region: &Region) -> Key<Mappings> {
    Key::new(account, region.clone(), "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Phase, Terms};
    use mesh_types::Timestamp;

    #[test]
    fn a_mapping_is_stored_in_this_form() {
        let terms = Terms {
            batch_size: 10,
            window_seconds: 0,
            filters: vec!["{}".into()],
            maximum_concurrency: Some(2),
            ..Terms::default()
        };
        let mapping = Mapping {
            queue: "q".into(),
            function: "f".into(),
            is_enabled: true,
            phase: Phase::Creating,
            terms,
            tags: [("a".into(), "b".into())].into(),
            modified_at: Timestamp::from_micros(1),
            generation: 3,
        };
        let mut bytes = Vec::new();
        mapping.encode(&mut bytes).expect("it can be written");
        let terms = [&[10, 0, 0, 1, 2][..], b"{}", &[1, 2, 0, 0]].concat();
        let expected = [&[1, 1][..], b"q", &[1], b"f", &[1, 0], &terms, &[1, 1], b"a", &[1], b"b", &[2, 3]];
        assert_eq!(bytes, expected.concat());
        assert_eq!(Mapping::decode(&bytes).expect("it can be read"), mapping);
    }
}
