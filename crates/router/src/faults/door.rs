//! Where a service asks what is to go wrong.

use super::call::{Meant, note, strike};
use super::state::unit;
use super::{Effect, Rule};
use crate::Context;
use mesh_clock::Draw;
use smol_str::SmolStr;
use std::sync::Arc;

/// What is to go wrong with the call that a service works on. A question counts as a call that the rule means; without
/// rules each costs a load.
#[derive(Debug, Clone, Copy)]
pub struct Door<'a>(&'a Context);

/// A batch in two parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parted<T> {
    /// The entries that nothing happens to.
    pub spared: Vec<T>,
    /// The entries that are to fail as if AWS's own trouble had met them alone.
    pub struck: Vec<T>,
    /// The code to fail with, where it is not the operation's usual one.
    pub code: Option<SmolStr>,
}

impl Context {
    /// What is to go wrong with this call, where that is the service's to show.
    pub fn faults(&self) -> Door<'_> {
        Door(self)
    }
}

impl Door<'_> {
    /// Which entries of a batch are to fail. For operations whose answer tells failed or unprocessed entries apart.
    pub fn part<T>(&self, entries: Vec<T>) -> Parted<T> {
        let whole = |spared| Parted { spared, struck: Vec::new(), code: None };
        if entries.is_empty() {
            return whole(entries);
        }
        let Some((rule, mut dice)) = self.ask(|effect| matches!(effect, Effect::PartialBatch { .. })) else {
            return whole(entries);
        };
        let Effect::PartialBatch { fraction, code } = &rule.effect else { return whole(entries) };
        let mut parted = Parted { code: code.clone(), ..whole(Vec::with_capacity(entries.len())) };
        for (is_struck, entry) in draw(entries.len(), *fraction, &mut dice).into_iter().zip(entries) {
            if is_struck { parted.struck.push(entry) } else { parted.spared.push(entry) }
        }
        parted
    }

    /// Whether what is taken from an unordered whole is to be taken in another order than the usual one.
    pub fn reorders(&self) -> bool {
        self.ask(|effect| matches!(effect, Effect::Reorder)).is_some()
    }

    /// Whether what is handed out is to be handed out again.
    pub fn duplicates(&self) -> bool {
        self.ask(|effect| matches!(effect, Effect::Duplicate)).is_some()
    }

    /// The first rule with such an effect that strikes the call, written down.
    pub(super) fn ask(&self, is_meant: impl Fn(&Effect) -> bool) -> Option<(Arc<Rule>, Draw)> {
        let call = self.0.faulty()?.innermost()?;
        for meant in call.rules.iter().filter(|meant| is_meant(&meant.rule.effect)) {
            let one: [Meant; 1] = [meant.clone()];
            // Where the universe is gone, the transaction that follows says so.
            if let Some(struck) = strike(self.0, &one).ok()?.pop() {
                note(self.0, call.meta, &struck.0);
                return Some(struck);
            }
        }
        None
    }
}

/// Which of so many entries are struck: each with the probability `fraction`; one at least, and of several at least one is
/// not.
fn draw(count: usize, fraction: f64, dice: &mut Draw) -> Vec<bool> {
    let mut struck: Vec<bool> = (0..count).map(|_| unit(dice) < fraction).collect();
    let one = usize::try_from(dice.below(u64::try_from(count).unwrap_or(1))).unwrap_or(0);
    let is_whole = struck.iter().all(|is_struck| *is_struck == struck[0]);
    if is_whole {
        struck[one] = !struck[one] || count == 1;
    }
    struck
}

#[cfg(test)]
mod tests {
    use super::*;
    use mesh_clock::Seed;

    #[test]
    fn a_part_of_a_batch_fails_and_never_the_whole_of_several() {
        for (count, fraction) in [(10, 1.0), (10, 0.000_001), (2, 0.5), (1, 0.5), (3, 1.0)] {
            for run in 0..50 {
                let draw = || draw(count, fraction, &mut Draw::new(Seed(7), 1, run));
                let failed = draw().into_iter().filter(|is_struck| *is_struck).count();
                assert!(failed >= 1 && failed < count.max(2), "{failed} of {count}");
                assert_eq!(draw(), draw());
            }
        }
    }
}
