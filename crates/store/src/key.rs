//! The address of a partition.

use mesh_types::{AccountId, Region};
use smol_str::SmolStr;
use std::cmp::Ordering;
use std::fmt;
use std::marker::PhantomData;
use xxhash_rust::xxh3::Xxh3;

/// What a partition is: its number on disk, which never changes its meaning, and its name in messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartitionKind {
    number: u16,
    name: &'static str,
}

impl PartitionKind {
    /// A kind. Services declare theirs with [`partition!`](crate::partition).
    pub const fn new(number: u16, name: &'static str) -> Self {
        Self { number, name }
    }

    /// The number.
    pub const fn number(self) -> u16 {
        self.number
    }

    /// The name.
    pub const fn name(self) -> &'static str {
        self.name
    }
}

/// The address of a partition: what it is, whose, where, and its name.
///
/// Ordered by hash first, so that finding one of ten thousand compares integers and not strings. The order has no
/// meaning but is always the same: transactions lock in it.
#[derive(Clone, PartialEq, Eq)]
pub struct PartitionKey {
    hash: u64,
    kind: PartitionKind,
    account: AccountId,
    region: Region,
    name: SmolStr,
}

impl PartitionKey {
    /// The address of the partition `name` of this kind.
    pub fn new(kind: PartitionKind, account: AccountId, region: Region, name: SmolStr) -> Self {
        let mut hasher = Xxh3::new();
        hasher.update(&kind.number.to_le_bytes());
        hasher.update(account.as_str().as_bytes());
        hasher.update(region.as_str().as_bytes());
        hasher.update(&[0]);
        hasher.update(name.as_bytes());
        Self { hash: hasher.digest(), kind, account, region, name }
    }

    /// A number that stands for this address, the same on every machine.
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// What it is.
    pub fn kind(&self) -> PartitionKind {
        self.kind
    }

    /// Whose it is.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// Where it is.
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// Its name among those of its kind.
    pub fn name(&self) -> &SmolStr {
        &self.name
    }
}

impl Ord for PartitionKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.hash.cmp(&other.hash).then_with(|| {
            let rest = |key: &Self| (key.kind, key.account, key.region.clone(), key.name.clone());
            rest(self).cmp(&rest(other))
        })
    }
}

impl PartialOrd for PartitionKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for PartitionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} of {} in {}", self.kind.name, self.name, self.account, self.region)
    }
}

/// The address of a partition whose state is a `P`.
pub struct Key<P> {
    raw: PartitionKey,
    state: PhantomData<fn() -> P>,
}

impl<P: crate::Partition> Key<P> {
    /// The address of the `P` of this name.
    pub fn new(account: AccountId, region: Region, name: impl Into<SmolStr>) -> Self {
        Self { raw: PartitionKey::new(P::KIND, account, region, name.into()), state: PhantomData }
    }

    /// The address as a `P`'s, if it is one.
    pub fn of(raw: PartitionKey) -> Option<Self> {
        (raw.kind == P::KIND).then_some(Self { raw, state: PhantomData })
    }
}

impl<P> std::ops::Deref for Key<P> {
    type Target = PartitionKey;

    fn deref(&self) -> &PartitionKey {
        &self.raw
    }
}

impl<P> Clone for Key<P> {
    fn clone(&self) -> Self {
        Self { raw: self.raw.clone(), state: PhantomData }
    }
}

impl<P> PartialEq for Key<P> {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}

impl<P> Eq for Key<P> {}

impl<P> fmt::Debug for Key<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}
