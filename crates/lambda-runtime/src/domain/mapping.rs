//! An event source mapping: a queue whose messages a function gets, and on which terms.

use super::failure::{InvalidParameter, MappingExists};
use crate::limits::{BATCH_WITHOUT_WINDOW, FIFO_BATCH};
use crate::state::mappings::{CHANGED, Mappings};
use mesh_store::Tx;
use mesh_types::{RequestId, Timestamp};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::sync::Arc;

/// An event source mapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// The queue's ARN.
    pub queue: SmolStr,
    /// The function's ARN, with the qualifier under which it was given.
    pub function: SmolStr,
    /// Whether it is to be at work.
    pub is_enabled: bool,
    /// How far it is.
    pub phase: Phase,
    /// How the function gets the messages.
    pub terms: Terms,
    /// Its tags.
    pub tags: BTreeMap<SmolStr, SmolStr>,
    /// When it was last changed.
    pub modified_at: Timestamp,
    /// Names this state of it: who works on the terms of another stops.
    pub generation: u64,
}

/// What a change has yet to lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "AWS's words")]
pub enum Phase {
    Creating,
    Enabling,
    Disabling,
    Updating,
    Deleting,
    /// Nothing.
    Settled,
}

/// How a function gets the messages of a queue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// At most so many at once.
    pub batch_size: u32,
    /// Seconds that the first of a batch waits for others.
    pub window_seconds: u32,
    /// Whether the function says which messages failed.
    pub reports_failures: bool,
    /// Patterns of which a message must match one; all pass where there is none.
    pub filters: Vec<SmolStr>,
    /// At most so many batches side by side.
    pub maximum_concurrency: Option<u32>,
    /// The key of the filters. Stored.
    pub kms_key: Option<SmolStr>,
    /// What is counted. Stored.
    pub metrics: Option<Vec<SmolStr>>,
}

/// What a caller wants of a mapping; what is absent stays as it is.
#[derive(Debug, Clone, Default)]
pub struct MappingChange {
    /// The function's ARN.
    pub function: Option<SmolStr>,
    /// Whether it is to be at work.
    pub is_enabled: Option<bool>,
    #[expect(missing_docs, reason = "each is a field of Terms")]
    pub batch_size: Option<u32>,
    #[expect(missing_docs, reason = "each is a field of Terms")]
    pub window_seconds: Option<u32>,
    #[expect(missing_docs, reason = "each is a field of Terms")]
    pub reports_failures: Option<bool>,
    /// Empty to take them away.
    pub filters: Option<Vec<SmolStr>>,
    /// `Some(None)` to take it away.
    pub maximum_concurrency: Option<Option<u32>>,
    /// Empty to take it away.
    pub kms_key: Option<SmolStr>,
    #[expect(missing_docs, reason = "each is a field of Terms")]
    pub metrics: Option<Vec<SmolStr>>,
}

impl Mapping {
    /// A new mapping.
    pub fn new(queue: SmolStr, function: SmolStr, tags: BTreeMap<SmolStr, SmolStr>) -> Self {
        Self {
            queue,
            function,
            is_enabled: true,
            phase: Phase::Creating,
            terms: Terms { batch_size: BATCH_WITHOUT_WINDOW, ..Terms::default() },
            tags,
            modified_at: Timestamp::EPOCH,
            generation: 0,
        }
    }

    /// How far it is, in AWS's word.
    pub fn state(&self) -> &'static str {
        match self.phase {
            Phase::Creating => "Creating",
            Phase::Enabling => "Enabling",
            Phase::Disabling => "Disabling",
            Phase::Updating => "Updating",
            Phase::Deleting => "Deleting",
            Phase::Settled if self.is_enabled => "Enabled",
            Phase::Settled => "Disabled",
        }
    }

    /// Changes it.
    ///
    /// # Errors
    /// Terms that do not go together; it is unchanged then.
    pub fn apply(&mut self, change: MappingChange) -> Result<(), InvalidParameter> {
        let MappingChange {
            function,
            is_enabled,
            batch_size,
            window_seconds,
            reports_failures,
            filters,
            maximum_concurrency,
            kms_key,
            metrics,
        } = change;
        let former = &self.terms;
        let terms = Terms {
            batch_size: batch_size.unwrap_or(former.batch_size),
            window_seconds: window_seconds.unwrap_or(former.window_seconds),
            reports_failures: reports_failures.unwrap_or(former.reports_failures),
            filters: filters.unwrap_or_else(|| former.filters.clone()),
            maximum_concurrency: maximum_concurrency.unwrap_or(former.maximum_concurrency),
            kms_key: kms_key
                .map_or_else(|| former.kms_key.clone(), |key| Some(key).filter(|key| !key.is_empty())),
            metrics: metrics.or_else(|| former.metrics.clone()),
        };
        let invalid = |sentence: String| Err(InvalidParameter { sentence });
        if self.queue.ends_with(".fifo") && terms.batch_size > FIFO_BATCH {
            return invalid(format!(
                "1 validation error detected: Value '{}' at 'batchSize' failed to satisfy constraint: Member must have \
                 value less than or equal to {FIFO_BATCH}",
                terms.batch_size
            ));
        }
        if self.queue.ends_with(".fifo") && terms.window_seconds > 0 {
            return invalid("Batching window is not supported for FIFO queues".to_owned());
        }
        if terms.batch_size > BATCH_WITHOUT_WINDOW && terms.window_seconds == 0 {
            return invalid(
                "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
                    .to_owned(),
            );
        }
        self.terms = terms;
        if let Some(function) = function {
            self.function = function;
        }
        if let Some(is_enabled) = is_enabled {
            self.is_enabled = is_enabled;
        }
        Ok(())
    }
}

impl Mappings {
    /// Takes a new mapping in.
    ///
    /// # Errors
    /// The function gets the messages of this queue already. `name` is how the caller named it.
    pub fn create(
        &mut self,
        mapping: Mapping,
        name: &str,
        tx: &mut Tx<'_>,
    ) -> Result<(u128, Mapping), MappingExists> {
        let is_other = |other: &Mapping| other.queue == mapping.queue && other.function == mapping.function;
        if let Some((id, other)) = self.mappings.range(..).find(|(_, other)| is_other(other)) {
            return Err(MappingExists {
                queue: other.queue.to_string(),
                function: name.to_owned(),
                id: uuid(*id),
            });
        }
        let id = RequestId::from_random(tx.draw().next_u128()).bits();
        Ok((id, self.keep(id, mapping, tx)))
    }

    /// Changes a mapping; nothing where there is none.
    ///
    /// # Errors
    /// Terms that do not go together.
    pub fn change(
        &mut self,
        id: u128,
        change: MappingChange,
        tx: &mut Tx<'_>,
    ) -> Result<Option<Mapping>, InvalidParameter> {
        let Some(former) = self.mappings.get(&id) else { return Ok(None) };
        let mut mapping = former.clone();
        mapping.apply(change)?;
        mapping.phase = match (former.is_enabled, mapping.is_enabled) {
            (false, true) => Phase::Enabling,
            (true, false) => Phase::Disabling,
            _ => Phase::Updating,
        };
        Ok(Some(self.keep(id, mapping, tx)))
    }

    /// Begins to take a mapping away; nothing where there is none.
    pub fn delete(&mut self, id: u128, tx: &mut Tx<'_>) -> Option<Mapping> {
        let mapping = self.mappings.get(&id)?.clone();
        Some(self.keep(id, Mapping { phase: Phase::Deleting, ..mapping }, tx))
    }

    /// Leads every change to its end; those that are to be at work.
    pub fn settle(&mut self) -> BTreeMap<u128, Arc<Mapping>> {
        let changed: Vec<(u128, Phase)> = (self.mappings.range(..))
            .filter(|(_, mapping)| mapping.phase != Phase::Settled)
            .map(|(id, mapping)| (*id, mapping.phase))
            .collect();
        for (id, phase) in changed {
            if phase == Phase::Deleting {
                self.mappings.remove(&id);
            } else {
                self.mappings.update(&id, |mapping| mapping.phase = Phase::Settled);
            }
        }
        let ids = self.mappings.range(..).filter(|(_, mapping)| mapping.is_enabled).map(|(id, _)| *id);
        ids.filter_map(|id| Some((id, self.mappings.get_shared(&id)?))).collect()
    }

    /// Keeps a mapping in a new state, and has its driver look at it.
    fn keep(&mut self, id: u128, mapping: Mapping, tx: &mut Tx<'_>) -> Mapping {
        let mapping = Mapping { modified_at: tx.now(), generation: tx.draw().next_u64(), ..mapping };
        self.mappings.insert(id, mapping.clone());
        tx.signal_all(CHANGED);
        tx.wake_at(tx.now());
        mapping
    }
}

/// The UUID of a mapping.
pub fn uuid(id: u128) -> String {
    RequestId::from_random(id).to_string()
}

/// The bits of a UUID; nothing where the text is none.
pub fn parse_uuid(text: &str) -> Option<u128> {
    let id = u128::from_str_radix(&text.replace('-', ""), 16).ok()?;
    (uuid(id) == text.to_ascii_lowercase()).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_are_read_as_they_are_written() {
        let id = RequestId::from_random(u128::MAX / 7).bits();
        assert_eq!(parse_uuid(&uuid(id)), Some(id));
        assert_eq!(parse_uuid(&uuid(id).to_uppercase()), Some(id));
        assert_eq!(parse_uuid(&uuid(id).replace('-', "")), None);
        assert_eq!(parse_uuid("nonsense"), None);
    }

    #[test]
    fn a_large_batch_wants_a_window_and_a_fifo_queue_takes_neither() {
        let change = |size, window| MappingChange {
            batch_size: Some(size),
            window_seconds: Some(window),
            ..MappingChange::default()
        };
        let mut mapping =
            Mapping::new("arn:aws:sqs:us-east-1:000000000000:q".into(), "f".into(), BTreeMap::new());
        assert!(mapping.apply(change(11, 0)).is_err());
        assert_eq!(mapping.terms.batch_size, 10);
        assert!(mapping.apply(change(10_000, 1)).is_ok());
        let mut fifo = Mapping { queue: "arn:aws:sqs:us-east-1:000000000000:q.fifo".into(), ..mapping };
        assert!(fifo.apply(change(11, 0)).is_err());
        assert!(fifo.apply(change(10, 1)).is_err());
        assert!(fifo.apply(change(10, 0)).is_ok());
    }
}
