//! What is stored of a universe and of a partition.

use crate::identity::Identity;
use crate::{PartitionKey, PartitionKind, Row};
use mesh_clock::Mode;
use mesh_types::{AccountId, Region, Timestamp};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::sync::atomic::Ordering;

/// A universe on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UniverseRecord {
    pub(crate) role: Role,
    pub(crate) name: SmolStr,
    /// Its uppermost layer.
    pub(crate) layer: u32,
    pub(crate) epoch: u64,
    pub(crate) seed: u64,
    pub(crate) clock: ClockRecord,
    pub(crate) requests: u64,
    pub(crate) errands: u64,
    /// Whether its drivers ran.
    pub(crate) is_awake: bool,
}

/// What a universe on disk is for. It is stored: the order of the variants must not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Role {
    /// It is called.
    Universe,
    /// It is kept to go back to.
    Snapshot,
}

/// How a clock goes. It is stored: the order of the variants must not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ClockRecord {
    Running { offset_micros: i64 },
    Frozen { at: i64 },
}

impl Row for UniverseRecord {}

impl UniverseRecord {
    /// A universe as it is now.
    pub(crate) fn of(identity: &Identity, role: Role, layer: u32) -> Self {
        Self {
            role,
            name: SmolStr::new(identity.name.as_str()),
            layer,
            epoch: identity.epoch.0,
            seed: identity.seed.0,
            clock: identity.clock.mode_at_rest().into(),
            requests: identity.requests.load(Ordering::Relaxed),
            errands: identity.errands.load(Ordering::Relaxed),
            is_awake: identity.awake.load(Ordering::Relaxed),
        }
    }
}

impl From<Mode> for ClockRecord {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Running { offset_micros } => Self::Running { offset_micros },
            Mode::Frozen { at } => Self::Frozen { at: at.as_micros() },
        }
    }
}

impl From<ClockRecord> for Mode {
    fn from(record: ClockRecord) -> Self {
        match record {
            ClockRecord::Running { offset_micros } => Self::Running { offset_micros },
            ClockRecord::Frozen { at } => Self::Frozen { at: Timestamp::from_micros(at) },
        }
    }
}

/// A partition on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PartitionRecord {
    pub(crate) kind: u16,
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) name: SmolStr,
    pub(crate) floor: Timestamp,
    pub(crate) commits: u64,
    /// Whether it has rows.
    pub(crate) lives: bool,
}

impl Row for PartitionRecord {}

impl PartitionRecord {
    /// The partition of this address.
    pub(crate) fn of(key: &PartitionKey, floor: Timestamp, commits: u64, lives: bool) -> Self {
        Self {
            kind: key.kind().number(),
            account: key.account(),
            region: key.region().clone(),
            name: key.name().clone(),
            floor,
            commits,
            lives,
        }
    }

    /// One that is no more, of which nothing is known but the hash of its address.
    pub(crate) fn retired(commits: u64) -> Self {
        Self {
            kind: 0,
            account: AccountId::DEFAULT,
            region: Region::DEFAULT,
            name: SmolStr::default(),
            floor: Timestamp::EPOCH,
            commits,
            lives: false,
        }
    }

    /// Its address, given what its kind is.
    pub(crate) fn key(&self, kind: PartitionKind) -> PartitionKey {
        PartitionKey::new(kind, self.account, self.region.clone(), self.name.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes_of(row: &impl Row) -> Vec<u8> {
        let mut bytes = Vec::new();
        row.encode(&mut bytes).expect("it can be written");
        bytes
    }

    #[test]
    fn a_universe_is_stored_in_this_form() {
        let record = UniverseRecord {
            role: Role::Snapshot,
            name: "a".into(),
            layer: 2,
            epoch: 3,
            seed: 4,
            clock: ClockRecord::Frozen { at: 5 },
            requests: 6,
            errands: 7,
            is_awake: true,
        };
        let bytes = bytes_of(&record);
        assert_eq!(bytes, [1, 1, 1, b'a', 2, 3, 4, 1, 10, 6, 7, 1]);
        assert_eq!(UniverseRecord::decode(&bytes).expect("it can be read"), record);
    }

    #[test]
    fn a_partition_is_stored_in_this_form() {
        let record = PartitionRecord {
            kind: 300,
            account: AccountId::DEFAULT,
            region: Region::DEFAULT,
            name: "q".into(),
            floor: Timestamp::from_micros(1),
            commits: 2,
            lives: true,
        };
        let bytes = bytes_of(&record);
        let frozen = [&[1, 0xac, 2, 12][..], b"000000000000", &[9], b"us-east-1", &[1, b'q', 2, 2, 1]];
        assert_eq!(bytes, frozen.concat());
        assert_eq!(PartitionRecord::decode(&bytes).expect("it can be read"), record);
    }
}
