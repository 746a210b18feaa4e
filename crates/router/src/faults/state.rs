//! The rules of a universe, and what became of them: rows, so that a fork carries them and a reset clears them.

use super::{Choice, Effect, Rule};
use mesh_clock::{Draw, Seed};
use mesh_store::{Key, Row, Table, partition};
use mesh_types::{AccountId, Region, Timestamp};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

partition! {
    /// All fault rules of a universe: one partition.
    pub struct FaultRules = 11 "fault rules" {
        /// The rules, in the order in which they are asked.
        1 rules: Table<u64, Rule>,
        /// What became of them, under the same numbers.
        2 counts: Table<u64, Counts>,
    }
}

/// What became of a rule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    /// Calls that it meant, within its window.
    pub matches: u64,
    /// Calls that it struck.
    pub injected: u64,
    /// A throttle's: calls that may still come at once.
    pub(super) tokens: f64,
    /// A throttle's: when that was so.
    pub(super) counted_at: Option<Timestamp>,
}

impl Row for Counts {}

impl FaultRules {
    /// Where they are.
    pub(super) fn key() -> Key<Self> {
        Key::new(AccountId::DEFAULT, Region::DEFAULT, "rules")
    }

    /// The number of the rule of this name.
    pub(super) fn number_of(&self, name: &str) -> Option<u64> {
        self.rules.range(..).find(|(_, rule)| rule.name == name).map(|(number, _)| *number)
    }

    /// Counts a call that a rule means, and draws whether it is struck: by dice that are a function of the universe's
    /// seed, the rule's name and how many calls it has meant. What else the effect draws comes from the same dice.
    pub(super) fn strike(&mut self, number: u64, seed: Seed, now: Timestamp) -> Option<Draw> {
        let rule = self.rules.get(&number)?;
        let mut counts = self.counts.get(&number).copied().unwrap_or_default();
        if !rule.when.is_open(now) || rule.when.times.is_some_and(|times| counts.injected >= times) {
            return None;
        }
        counts.matches += 1;
        let mut dice = dice(seed, &rule.name, counts.matches);
        let is_chosen = match rule.when.choice {
            Choice::Always => true,
            Choice::Every(n) => counts.matches.is_multiple_of(n.max(1)),
            Choice::Probability(probability) => unit(&mut dice) < probability,
        };
        let is_struck = is_chosen
            && match &rule.effect {
                Effect::Throttle { rate, burst } => !counts.take_token(*rate, *burst, now),
                _ => true,
            };
        counts.injected += u64::from(is_struck);
        self.counts.insert(number, counts);
        is_struck.then_some(dice)
    }
}

impl Counts {
    /// Takes one of the calls that may still come; false where there is none.
    fn take_token(&mut self, rate: f64, burst: u32, now: Timestamp) -> bool {
        let full = f64::from(burst);
        let passed = self.counted_at.map(|before| now.since(before).as_secs_f64());
        self.tokens = passed.map_or(full, |seconds| (self.tokens + seconds * rate).min(full));
        self.counted_at = Some(now);
        let is_left = self.tokens >= 1.0;
        self.tokens -= if is_left { 1.0 } else { 0.0 };
        is_left
    }
}

/// The dice of one call that a rule means.
pub(super) fn dice(seed: Seed, rule: &SmolStr, matches: u64) -> Draw {
    let place = Key::<FaultRules>::new(AccountId::DEFAULT, Region::DEFAULT, rule.clone());
    Draw::new(seed, place.hash(), matches)
}

/// A number from 0 up to, and without, 1.
pub(super) fn unit(dice: &mut Draw) -> f64 {
    // 53 bits are what a double holds.
    let whole = dice.below(1 << 53) as f64;
    whole / (1_u64 << 53) as f64
}
