//! One batch: filtered, sent to the function, deleted as far as the function is done with it.

use super::event::{self, Origin};
use super::poller::Work;
use super::source::Source;
use crate::domain::{Failed, failed};
use crate::limits::{BATCH_MARGIN, SYNCHRONOUS_EVENT};
use mesh_models::lambda::{Invoke, InvokeInput};
use mesh_models::sqs::Message;
use mesh_patterns::FilterPolicy;
use mesh_router::Context;
use mesh_types::Timestamp;
use mesh_wire::{ApiError, Blob};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// The first pause after a throttled invocation, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// The status of an invocation that was throttled.
const THROTTLED: u16 = 429;

/// Messages that were received together.
pub(super) struct Batch {
    pub(super) cx: Context,
    pub(super) work: Arc<Work>,
    pub(super) source: Source,
    pub(super) messages: Vec<Message>,
    /// When the first of them was received.
    pub(super) since: Timestamp,
}

impl Batch {
    pub(super) async fn run(mut self) {
        let messages = std::mem::take(&mut self.messages);
        let work = Arc::clone(&self.work);
        let origin = Origin { queue: &work.mapping.queue, region: &work.queue.region };
        let passes = |message: &Message| passes(&work.filters, message, &origin);
        let (passing, filtered): (Vec<_>, Vec<_>) = messages.into_iter().partition(passes);
        self.source.delete(filtered.iter()).await;
        let mut messages: Vec<(String, Message)> =
            passing.into_iter().map(|message| (event::record(&message, &origin), message)).collect();
        while !messages.is_empty() {
            let rest = messages.split_off(fitting(&messages));
            self.invoke(&messages).await;
            messages = rest;
        }
    }

    /// Sends messages to the function, and deletes those that it is done with.
    async fn invoke(&self, messages: &[(String, Message)]) {
        let payload = event::event(messages.iter().map(|(record, _)| record.as_str()));
        let ids = messages.iter().filter_map(|(_, message)| message.message_id.as_deref());
        let failed = match self.call(payload).await {
            Ok(None) => Failed::All,
            Ok(Some(answer)) if self.work.mapping.terms.reports_failures => failed(&answer, ids),
            Ok(Some(_)) => Failed::Only(BTreeSet::new()),
            Err(error) => {
                let function = self.work.function.name();
                tracing::warn!(function, "an event source mapping could not invoke: {error}");
                Failed::All
            }
        };
        if let Failed::Only(failed) = failed {
            let is_done =
                |message: &&Message| !message.message_id.as_ref().is_some_and(|id| failed.contains(id));
            self.source.delete(messages.iter().map(|(_, message)| message).filter(is_done)).await;
        }
    }

    /// The function's answer; nothing where it failed. While it is throttled it is called again, until the messages are
    /// about to be visible again.
    async fn call(&self, payload: String) -> Result<Option<Vec<u8>>, ApiError> {
        let clock = self.cx.universe().clock();
        let end = self.since + self.source.visibility_timeout();
        let mut pause = PAUSES.0;
        let payload = Blob::new(payload);
        loop {
            let input = InvokeInput {
                function_name: Some(self.work.mapping.function.to_string()),
                payload: Some(payload.clone()),
                ..InvokeInput::default()
            };
            match self.cx.as_service("lambda").call::<Invoke>(input).await {
                Ok(output) if output.function_error.is_some() => return Ok(None),
                Ok(output) => return Ok(Some(output.payload.map(Blob::into_inner).unwrap_or_default())),
                Err(error) if error.meta().status == THROTTLED && clock.now() + pause < end => {
                    clock.sleep_until(clock.now() + pause).await;
                    pause = (2 * pause).min(PAUSES.1);
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// Whether a message is to reach the function.
fn passes(filters: &[FilterPolicy], message: &Message, origin: &Origin<'_>) -> bool {
    if filters.is_empty() {
        return true;
    }
    let document = event::document(message, origin);
    let mismatch =
        |filter: &FilterPolicy| filter.matches_body(Some(&document)).map_err(|why| why.to_string());
    let why: Vec<String> = filters.iter().map_while(|filter| mismatch(filter).err()).collect();
    let passes = why.len() < filters.len();
    if !passes {
        let id = message.message_id.as_deref().unwrap_or_default();
        tracing::debug!(id, "a message was filtered out: {}", why.join("; "));
    }
    passes
}

/// How many of the messages, at least one, fit into one event.
fn fitting(messages: &[(String, Message)]) -> usize {
    let mut bytes = BATCH_MARGIN;
    let fits = |(record, _): &&(String, Message)| {
        bytes += record.len() + 1;
        bytes <= SYNCHRONOUS_EVENT
    };
    messages.iter().take_while(fits).count().max(1)
}
