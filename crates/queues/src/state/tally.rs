//! How many messages are hidden, without walking them.

use mesh_store::imbl::OrdMap;
use mesh_types::Timestamp;

/// Microseconds, as a power of two, of the buckets in which moments are counted.
const FINE: u32 = 14;
/// The same of the buckets that count a thousand fine ones together.
const COARSE: u32 = 24;

/// Counts moments, so that those after a given one need not be walked: what is left to walk are the ones in its own
/// sixteen milliseconds. A day ahead has five thousand buckets, however many moments are in them.
#[derive(Debug, Default, Clone)]
pub struct Tally {
    fine: OrdMap<i64, u64>,
    coarse: OrdMap<i64, u64>,
    total: u64,
}

impl Tally {
    /// All moments, past ones too.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The moments after the bucket that holds `now`, and the end of that bucket: what lies between is for the caller.
    pub fn beyond(&self, now: Timestamp) -> (u64, Timestamp) {
        let (fine, coarse) = (now.as_micros() >> FINE, now.as_micros() >> COARSE);
        let next_coarse = (coarse + 1) << (COARSE - FINE);
        let of_coarse: u64 = self.coarse.range(coarse + 1..).map(|(_, count)| count).sum();
        let of_fine: u64 = self.fine.range(fine + 1..next_coarse).map(|(_, count)| count).sum();
        (of_coarse + of_fine, Timestamp::from_micros((((fine + 1) << FINE) - 1).max(now.as_micros())))
    }

    /// Follows a moment from one value to another.
    pub(super) fn follow(&mut self, former: Option<Timestamp>, current: Option<Timestamp>) {
        if former == current {
            return;
        }
        if let Some(at) = former {
            take_one(&mut self.fine, at.as_micros() >> FINE);
            take_one(&mut self.coarse, at.as_micros() >> COARSE);
            self.total -= 1;
        }
        if let Some(at) = current {
            *self.fine.entry(at.as_micros() >> FINE).or_insert(0) += 1;
            *self.coarse.entry(at.as_micros() >> COARSE).or_insert(0) += 1;
            self.total += 1;
        }
    }
}

fn take_one(buckets: &mut OrdMap<i64, u64>, bucket: i64) {
    match buckets.get_mut(&bucket) {
        Some(count) if *count > 1 => *count -= 1,
        _ => drop(buckets.remove(&bucket)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_counts_what_lies_beyond_the_bucket_of_now() {
        let mut tally = Tally::default();
        let moments: Vec<i64> = (0..400).map(|n| n * n * 977).collect();
        for at in &moments {
            tally.follow(None, Some(Timestamp::from_micros(*at)));
        }
        for now in (0..200_000_000).step_by(999_983) {
            let (count, end) = tally.beyond(Timestamp::from_micros(now));
            let expected = moments.iter().filter(|at| **at > end.as_micros()).count();
            assert_eq!(usize::try_from(count).ok(), Some(expected), "{now}");
            assert!((now..now + (1 << FINE)).contains(&end.as_micros()), "{now}");
        }
        for at in &moments {
            tally.follow(Some(Timestamp::from_micros(*at)), None);
        }
        assert_eq!((tally.total(), tally.fine.len(), tally.coarse.len()), (0, 0, 0));
    }
}
