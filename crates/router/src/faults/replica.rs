//! Reads of a replica that lags: the state of a partition before its last write.

use super::{Effect, FaultRules};
use crate::Context;
use mesh_store::{Key, Partition, PartitionKey, Tx, Universe};
use mesh_types::{Need, Timestamp};
use parking_lot::Mutex;
use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What partitions were before their last writes, kept while a rule wants stale reads.
#[derive(Default)]
struct Formers(Mutex<BTreeMap<PartitionKey, Former>>);

struct Former {
    /// When the write came that ended it.
    until: Timestamp,
    state: Arc<dyn Any + Send + Sync>,
}

impl Context {
    /// Runs a transaction: see [`Universe::write`].
    ///
    /// # Errors
    /// What `work` answers; [`Need::Universe`] when the universe is gone.
    pub fn write<P: Partition, R, E: From<Need>>(
        &self,
        key: &Key<P>,
        mut work: impl FnMut(&mut P, &mut Tx<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        let keeps_former = self.router().arming().is_armed() && wants_stale_reads(self.universe());
        let mut former = None;
        let answer = self.universe().write(key, self.cause(), |state: &mut P, tx| {
            if !keeps_former {
                return work(state, tx);
            }
            let before = state.clone();
            let answer = work(state, tx)?;
            former = Some((before, tx.now()));
            Ok(answer)
        });
        if answer.is_ok()
            && let Some((state, until)) = former
        {
            let former = Former { until, state: Arc::new(state) };
            self.universe().live().of::<Formers>().0.lock().insert((**key).clone(), former);
        }
        answer
    }

    /// Reads a partition under its lock where an answer may be stale, as an eventually consistent read of DynamoDB's
    /// may. So it is where a fault rule says so and the last write is young enough: then `read` sees what was before
    /// that write, unless `is_same` denies that both are states of one resource.
    ///
    /// # Errors
    /// [`Need::Universe`] when the universe is gone.
    pub fn read_eventually<P: Partition, R>(
        &self,
        key: &Key<P>,
        is_same: impl FnOnce(&P, &P) -> bool,
        read: impl FnOnce(&P, Timestamp) -> R,
    ) -> Result<R, Need> {
        match self.former(key, is_same)? {
            Some((state, now)) => Ok(read(&state, now)),
            None => self.read(key, read),
        }
    }

    fn former<P: Partition>(
        &self,
        key: &Key<P>,
        is_same: impl FnOnce(&P, &P) -> bool,
    ) -> Result<Option<(Arc<P>, Timestamp)>, Need> {
        let Some(faulty) = self.faulty() else { return Ok(None) };
        let is_stale = |effect: &Effect| matches!(effect, Effect::StaleRead(_));
        if !faulty.innermost().is_some_and(|call| call.rules.iter().any(|meant| is_stale(&meant.rule.effect)))
        {
            return Ok(None);
        }
        let formers = self.universe().live().of::<Formers>();
        let found = formers.0.lock().get(&**key).map(|former| (former.until, Arc::clone(&former.state)));
        let Some((until, state)) = found else { return Ok(None) };
        let Ok(state) = state.downcast::<P>() else { return Ok(None) };
        let (is_same, now) = self.read(key, |current, now| (is_same(&state, current), now))?;
        let is_young = |effect: &Effect| matches!(effect, Effect::StaleRead(age) if now.since(until) < *age);
        Ok((is_same && self.faults().ask(is_young).is_some()).then_some((state, now)))
    }
}

/// Forgets what was kept: the rules have changed.
pub(super) fn forget(universe: &Universe) {
    universe.live().of::<Formers>().0.lock().clear();
}

fn wants_stale_reads(universe: &Universe) -> bool {
    let is_stale = |(_, rule): (&u64, &super::Rule)| matches!(rule.effect, Effect::StaleRead(_));
    universe.read(&FaultRules::key(), |state, _| state.rules.range(..).any(is_stale)).unwrap_or(false)
}
