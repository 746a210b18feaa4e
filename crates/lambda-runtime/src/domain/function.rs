//! What a function does: it is created, changed and deleted; statements are added; events are taken and done.

use super::failure::{OtherRevision, PolicyTooLong, StatementExists};
use super::{Change, End, Ended, Settings, Statement};
use crate::limits::{EVENT_AGE, POLICY, RETRIES};
use crate::state::function::{Code, Event, FunctionState};
use mesh_store::{Delivery, Tx};
use mesh_types::Timestamp;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;

impl Code {
    /// Code from an archive that was checked.
    pub fn new(archive: &[u8]) -> Self {
        Self { archive: Arc::from(archive), digest: Sha256::digest(archive).into() }
    }
}

/// How an attempt to work on an event went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// The function is done with the event.
    Done,
    /// It has failed, or could not be run now.
    Failed,
    /// It cannot be run at all.
    Hopeless,
    /// There was none: the event is too old.
    TooOld,
}

impl FunctionState {
    /// Whether the function exists.
    pub fn exists(&self) -> bool {
        self.settings.get().is_some()
    }

    /// Makes the function; it did not exist.
    pub fn create(&mut self, settings: Settings, code: Code, tx: &mut Tx<'_>) -> Settings {
        self.code.set(code.clone());
        self.renew(
            Settings { code_size: code.archive.len() as u64, code_digest: code.digest, ..settings },
            tx,
        )
    }

    /// Changes the configuration; `None` where there is no function.
    ///
    /// # Errors
    /// It has another revision than the caller thinks.
    pub fn configure<E: From<OtherRevision>>(
        &mut self,
        change: &Change,
        revision: Option<&str>,
        tx: &mut Tx<'_>,
    ) -> Option<Result<Settings, E>> {
        let mut settings = self.settings.get()?.clone();
        if let Err(other) = is_latest(&settings, revision) {
            return Some(Err(other.into()));
        }
        settings.apply(change.clone());
        Some(Ok(self.renew(settings, tx)))
    }

    /// Changes the code, or only says what the change would make of the function; `None` where there is none.
    ///
    /// # Errors
    /// It has another revision than the caller thinks.
    pub fn replace_code<E: From<OtherRevision>>(
        &mut self,
        code: &Code,
        architecture: Option<&str>,
        revision: Option<&str>,
        is_rehearsal: bool,
        tx: &mut Tx<'_>,
    ) -> Option<Result<Settings, E>> {
        let mut settings = self.settings.get()?.clone();
        if let Err(other) = is_latest(&settings, revision) {
            return Some(Err(other.into()));
        }
        (settings.code_size, settings.code_digest) = (code.archive.len() as u64, code.digest);
        if let Some(architecture) = architecture {
            settings.architecture = architecture.into();
        }
        if is_rehearsal {
            return Some(Ok(settings));
        }
        self.code.set(code.clone());
        Some(Ok(self.renew(settings, tx)))
    }

    /// Deletes the function with all that belongs to it; false where there is none.
    pub fn delete(&mut self, tx: &mut Tx<'_>) -> bool {
        let existed = self.exists();
        self.settings.clear();
        self.code.clear();
        self.statements.clear();
        self.events.clear();
        self.event_config.clear();
        tx.forgive();
        existed
    }

    /// Adds a statement to the policy of a function that exists.
    ///
    /// # Errors
    /// There is one of this id; the policy would be too long; another revision than the caller thinks.
    pub fn permit<E>(
        &mut self,
        statement: &Statement,
        revision: Option<&str>,
        tx: &mut Tx<'_>,
    ) -> Result<(), E>
    where
        E: From<StatementExists> + From<PolicyTooLong> + From<OtherRevision>,
    {
        let Some(mut settings) = self.settings.get().cloned() else { return Ok(()) };
        is_latest(&settings, revision)?;
        let mut length = statement.json.len();
        for (_, other) in self.statements.range(..) {
            if other.id == statement.id {
                return Err(StatementExists { id: statement.id.to_string() }.into());
            }
            length += other.json.len();
        }
        if length > POLICY {
            return Err(PolicyTooLong { limit: POLICY }.into());
        }
        let next = self.statements.last().map_or(0, |(last, _)| last + 1);
        self.statements.insert(next, statement.clone());
        settings.revision = tx.draw().next_u128();
        self.settings.set(settings);
        Ok(())
    }

    /// Notes the end of an attempt to work on an event; if there will be no other, the event and how it ended.
    pub fn event_attempted(&mut self, delivery: u128, attempt: Attempt) -> Option<(Event, End)> {
        let mut event = *self.events.get(&delivery)?;
        event.failures += u32::from(matches!(attempt, Attempt::Failed | Attempt::Hopeless));
        let end = match attempt {
            Attempt::Done => End::Success,
            Attempt::TooOld => End::EventAgeExceeded,
            Attempt::Hopeless => End::RetriesExhausted,
            Attempt::Failed if event.failures > event.retries => End::RetriesExhausted,
            Attempt::Failed => {
                self.events.insert(delivery, event);
                return None;
            }
        };
        self.events.remove(&delivery);
        Some((event, end))
    }

    /// Takes an event into the books; how often it may be tried again.
    pub fn event_taken(&mut self, delivery: u128, request: u128, now: Timestamp) {
        let retries = self.retries();
        self.events.insert(delivery, Event { request, failures: 0, retries, taken_at: Some(now) });
    }

    /// Attempts at an event after the first.
    pub fn retries(&self) -> u32 {
        self.event_config.get().and_then(|config| config.retries).unwrap_or(RETRIES)
    }

    /// Whether an event is older than it may be.
    pub fn is_too_old(&self, event: &Event, now: Timestamp) -> bool {
        let age = self.event_config.get().and_then(|config| config.age_seconds).unwrap_or(EVENT_AGE);
        event.taken_at.is_some_and(|taken_at| now.since(taken_at) > Duration::from_secs(age.into()))
    }

    /// What is owed to those who are told how an event ended: the dead-letter target and a destination.
    pub fn told(&self, ended: &Ended<'_>) -> Vec<Delivery> {
        let config = self.event_config.get();
        let has_failed = ended.end != End::Success;
        let destination = config.and_then(|config| match has_failed {
            true => config.on_failure.as_deref(),
            false => config.on_success.as_deref(),
        });
        let target = self.settings.get().and_then(|settings| settings.dead_letter_target.as_deref());
        let target = target.filter(|_| has_failed);
        let buried = target.and_then(|target| ended.bury(target));
        buried.into_iter().chain(destination.and_then(|destination| ended.tell(destination))).collect()
    }

    /// Sets what is now another revision, of which no environment exists yet.
    fn renew(&mut self, settings: Settings, tx: &mut Tx<'_>) -> Settings {
        let revision = tx.draw().next_u128();
        // drawn, not counted: a function that is made again under its name starts with none of its predecessor's
        let generation = tx.draw().next_u64();
        let settings = Settings { modified_at: tx.now(), revision, generation, ..settings };
        self.settings.set(settings.clone());
        settings
    }
}

/// The id of a revision.
pub(crate) fn revision_id(revision: u128) -> String {
    mesh_types::RequestId::from_random(revision).to_string()
}

fn is_latest(settings: &Settings, revision: Option<&str>) -> Result<(), OtherRevision> {
    match revision {
        Some(revision) if revision != revision_id(settings.revision) => Err(OtherRevision),
        _ => Ok(()),
    }
}
