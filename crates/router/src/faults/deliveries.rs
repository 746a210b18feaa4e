//! The order of deliveries that are due together.

use super::call::{Meant, note, strike};
use super::{Effect, FaultRules, Rule, names};
use crate::scheduler::context_of;
use crate::{Caller, Context, Router};
use bytes::Bytes;
use mesh_store::{PartitionKey, Pending, Target, Universe};
use mesh_types::Timestamp;
use mesh_wire::{Protocol, protocol};
use smol_str::SmolStr;

/// How many that are due are looked at.
const BATCH: usize = 64;

/// Before `room` deliveries of a partition are taken: has them overtaken by others that are due there, where a rule says
/// so. Those that must keep their order keep it.
pub(crate) fn reorder(router: &Router, universe: &Universe, key: &PartitionKey, room: usize) {
    let is_reorder = |(_, rule): (&u64, &Rule)| rule.effect == Effect::Reorder;
    if !router.arming().is_armed()
        || !universe
            .read(&FaultRules::key(), |state, _| state.rules.range(..).any(is_reorder))
            .unwrap_or(false)
    {
        return;
    }
    let due = universe.outbox(key, |outbox, now| -> Vec<(u64, Pending)> {
        let due = outbox.by().by_due.range(..=(now, u64::MAX)).map(|(_, number)| *number);
        let found = due.take(BATCH).filter_map(|number| Some((number, outbox.get(&number)?.clone())));
        found.filter(|(_, pending)| router.order(&pending.delivery).is_none()).collect()
    });
    let Ok(mut batch) = due else { return };
    let Some(first) = batch.first().map(|(_, pending)| pending.due.as_micros()) else { return };
    let mut has_changed = false;
    for at in 0..batch.len().saturating_sub(1).min(room) {
        if let Some(by) = overtaken(router, universe, &batch[at].1, batch.len() - 1 - at) {
            batch[at..=at + by].rotate_left(1);
            has_changed = true;
        }
    }
    if has_changed {
        // They are due in the order of these moments. Where the universe is gone, nothing is taken either.
        let begin = first - i64::try_from(batch.len()).unwrap_or(0);
        let moments = (begin..).map(Timestamp::from_micros);
        let _gone = universe.outbox(key, |outbox, _| {
            for ((number, _), due) in batch.iter().zip(moments) {
                outbox.update(number, |pending| pending.due = due);
            }
        });
    }
}

/// By how many of those behind it a delivery is overtaken.
fn overtaken(router: &Router, universe: &Universe, pending: &Pending, behind: usize) -> Option<usize> {
    // Which call an errand makes is not known before it is made.
    let Target::Operation { service, operation, account, caller, .. } = &pending.delivery.to else {
        return None;
    };
    let fits = |rule: &Rule| {
        rule.effect == Effect::Reorder
            && rule.on.means_operation(service, operation)
            && rule.on.means_caller(*account, &Caller::service(caller.clone()))
    };
    let meant = universe.read(&FaultRules::key(), |state, _| -> Vec<Meant> {
        let numbers = state.rules.range(..).filter(|(_, rule)| fits(rule)).map(|(number, _)| *number);
        let shared = |number| Some(Meant { number: Some(number), rule: state.rules.get_shared(&number)? });
        numbers.filter_map(shared).collect()
    });
    let mut meant = meant.ok().filter(|meant| !meant.is_empty())?;
    let meta = router.shapes(service, operation)?.meta;
    let cx = context_of(router, universe, pending);
    let named = named(&cx, service, operation, &pending.delivery.payload);
    meant.retain(|meant| {
        meant.rule.on.resource.as_ref().is_none_or(|resource| named.iter().any(|name| resource.matches(name)))
    });
    for one in meant {
        if let Some((rule, mut dice)) = strike(&cx, &[one]).ok()?.pop() {
            note(&cx, meta, &rule);
            return usize::try_from(1 + dice.below(u64::try_from(behind).ok()?)).ok();
        }
    }
    None
}

/// The resources that a delivery names. One that cannot be read names none.
fn named(cx: &Context, service: &str, operation: &str, payload: &[u8]) -> Vec<SmolStr> {
    let Some(shapes) = cx.router().shapes(service, operation) else { return Vec::new() };
    let (head, ()) = http::Request::new(()).into_parts();
    let (payload, mut input) = (Bytes::copy_from_slice(payload), None);
    let read = protocol::decode_with(Protocol::AwsJson11, shapes.meta, &head, &payload, &mut |from| {
        input = Some((shapes.read_input)(from)?);
        Ok(())
    });
    match (read, input) {
        (Ok(()), Some(input)) => names(shapes.meta, &*input),
        _ => Vec::new(),
    }
}
