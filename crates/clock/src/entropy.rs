//! Randomness that can be had twice.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128_with_seed;

/// The seed of a universe's entropy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seed(pub u64);

/// A source of ids and dice inside one transaction: a function of the seed, the partition, the number of its commit
/// and how many values were drawn before. The order in which partitions draw changes nothing.
///
/// Not for secrets: whoever knows the seed knows every value.
#[derive(Debug, Clone)]
pub struct Draw {
    seed: Seed,
    partition: u64,
    commit: u64,
    drawn: u64,
}

impl Draw {
    /// The source of one transaction.
    pub fn new(seed: Seed, partition: u64, commit: u64) -> Self {
        Self { seed, partition, commit, drawn: 0 }
    }

    /// Whether a value was drawn.
    pub fn has_drawn(&self) -> bool {
        self.drawn > 0
    }

    /// The next 128 bits.
    pub fn next_u128(&mut self) -> u128 {
        let mut input = [0; 24];
        input[..8].copy_from_slice(&self.partition.to_le_bytes());
        input[8..16].copy_from_slice(&self.commit.to_le_bytes());
        input[16..].copy_from_slice(&self.drawn.to_le_bytes());
        self.drawn += 1;
        xxh3_128_with_seed(&input, self.seed.0)
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        u64::try_from(self.next_u128() >> 64).unwrap_or(0)
    }

    /// A number below `bound`, which is not zero, each with the same chance up to one part in 2^64.
    pub fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.next_u64()) * u128::from(bound.max(1));
        u64::try_from(wide >> 64).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_place_draws_the_same_values_and_another_place_others() {
        let draw = |seed, partition, commit| {
            let mut draw = Draw::new(Seed(seed), partition, commit);
            [draw.next_u128(), draw.next_u128()]
        };
        assert_eq!(draw(1, 2, 3), draw(1, 2, 3));
        let all = [draw(1, 2, 3), draw(9, 2, 3), draw(1, 9, 3), draw(1, 2, 9)].concat();
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }

    #[test]
    fn numbers_stay_below_their_bound_and_reach_all_of_it() {
        let mut draw = Draw::new(Seed(7), 0, 0);
        let seen: std::collections::BTreeSet<u64> = (0..1_000).map(|_| draw.below(6)).collect();
        assert_eq!(seen, (0..6).collect());
    }
}
