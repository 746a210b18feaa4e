//! Faults on demand: what a universe's rules do to the calls in it.
//!
//! A [`Rule`] means calls ([`On`]), strikes some of them ([`When`]) and has one [`Effect`]. Rules and their counts are
//! rows of the universe ([`FaultRules`]), so a fork carries them, and a reset clears them. Whether a call is struck is
//! drawn by dice that are a function of the universe's seed, the rule's name and how many calls the rule has meant:
//! the same calls are struck in every run.
//!
//! Each call is looked at between its decoding and its operation, whether it comes from outside or from
//! another service. Errors, latency, throttles and dropped connections need no help. A failed entry of a batch, a
//! stale read, another order are the service's to show: it asks [`Context::faults`](crate::Context::faults) or reads
//! by [`Context::read_eventually`](crate::Context::read_eventually). While no universe has rules, a call costs one
//! relaxed load.
//!
//! What was injected stands in the record, and in the answer's header [`HEADER`].

mod call;
mod check;
mod code;
mod deliveries;
mod door;
mod names;
mod pattern;
mod replica;
mod rule;
mod state;

pub(crate) use call::{Faulty, may_strike, run};
pub(crate) use deliveries::reorder;

pub use call::{ConnectionDropped, HEADER};
pub use check::{Draft, Refusal};
pub use door::{Door, Parted};
pub use names::names;
pub use pattern::Pattern;
pub use rule::{Choice, Dropped, Effect, On, Rule, When};
pub use state::{Counts, FaultRules};

use crate::Router;
use mesh_store::{Cause, Tx, Universe};
use mesh_types::Need;
use smol_str::{SmolStr, format_smolstr};

/// The rules of a router's universes.
#[derive(Debug, Clone, Copy)]
pub struct Faults<'a>(&'a Router);

impl<'a> Faults<'a> {
    pub(crate) fn new(router: &'a Router) -> Self {
        Self(router)
    }

    /// Checks a rule against what is served.
    ///
    /// # Errors
    /// A sentence that says why it is none.
    pub fn check(&self, draft: Draft) -> Result<Rule, Refusal> {
        draft.check(self.0.registry())
    }

    /// The rules of a universe, each with what became of it, in the order in which they are asked.
    ///
    /// # Errors
    /// The universe is gone.
    pub fn list(&self, universe: &Universe) -> Result<Vec<(Rule, Counts)>, Need> {
        universe.read(&FaultRules::key(), |state, _| {
            let counts = |number| state.counts.get(number).copied().unwrap_or_default();
            state.rules.range(..).map(|(number, rule)| (rule.clone(), counts(number))).collect()
        })
    }

    /// Adds rules behind those there are; a name that is taken gets a number. The rules as they are now called.
    ///
    /// # Errors
    /// The universe is gone.
    pub fn add(&self, universe: &Universe, rules: &[Rule]) -> Result<Vec<Rule>, Need> {
        self.change(universe, |state| append(state, rules))
    }

    /// Puts rules in the place of those there are.
    ///
    /// # Errors
    /// The universe is gone.
    pub fn replace(&self, universe: &Universe, rules: &[Rule]) -> Result<Vec<Rule>, Need> {
        self.change(universe, |state| {
            state.rules.clear();
            state.counts.clear();
            append(state, rules)
        })
    }

    /// Takes a rule away. False where there is none of this name.
    ///
    /// # Errors
    /// The universe is gone.
    pub fn remove(&self, universe: &Universe, name: &str) -> Result<bool, Need> {
        self.change(universe, |state| {
            let number = state.number_of(name);
            number.inspect(|number| {
                state.rules.remove(number);
                state.counts.remove(number);
            });
            number.is_some()
        })
    }

    /// Looks whether any universe has rules: after one was made, emptied or deleted in another way than here.
    pub fn look_again(&self) {
        let arming = self.0.arming();
        let _one = arming.changing.lock();
        let has_rules = self
            .0
            .universes()
            .all()
            .iter()
            .any(|universe| self.list(universe).is_ok_and(|rules| !rules.is_empty()));
        arming.set(has_rules);
    }

    fn change<R>(&self, universe: &Universe, change: impl FnMut(&mut FaultRules) -> R) -> Result<R, Need> {
        let mut change = change;
        let work = |state: &mut FaultRules, _: &mut Tx<'_>| Ok::<_, Need>(change(state));
        let answer = universe.write(&FaultRules::key(), Cause::Deadline, work)?;
        replica::forget(universe);
        self.look_again();
        Ok(answer)
    }
}

fn append(state: &mut FaultRules, rules: &[Rule]) -> Vec<Rule> {
    let mut added = Vec::with_capacity(rules.len());
    for rule in rules {
        let number = state.rules.last().map_or(0, |(last, _)| last + 1);
        let rule = Rule { name: free_name(state, &rule.name), ..rule.clone() };
        state.rules.insert(number, rule.clone());
        added.push(rule);
    }
    added
}

/// A name that no rule has: the wanted one, or that with a number behind it.
fn free_name(state: &FaultRules, wanted: &SmolStr) -> SmolStr {
    let mut names = std::iter::once(wanted.clone()).chain((2_u64..).map(|n| format_smolstr!("{wanted}-{n}")));
    names.find(|name| state.number_of(name).is_none()).unwrap_or_default()
}

/// Whether any universe has rules.
#[derive(Debug, Default)]
pub(crate) struct Arming {
    is_armed: std::sync::atomic::AtomicBool,
    /// Held while that is looked at and told.
    changing: parking_lot::Mutex<()>,
}

impl Arming {
    /// Whether any universe has rules: what is asked for every call.
    pub(crate) fn is_armed(&self) -> bool {
        self.is_armed.load(std::sync::atomic::Ordering::Relaxed)
    }

    fn set(&self, is_armed: bool) {
        self.is_armed.store(is_armed, std::sync::atomic::Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
