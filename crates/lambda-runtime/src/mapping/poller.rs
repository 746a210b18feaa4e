//! Waiting on a queue, and gathering batches.

use super::batch::Batch;
use super::slots::Slots;
use super::source::{MOST, Source};
use crate::domain::{FunctionAddress, Mapping};
use crate::limits::SYNCHRONOUS_EVENT;
use mesh_models::lambda::InvokeError;
use mesh_models::sqs::Message;
use mesh_patterns::{Dialect, FilterPolicy};
use mesh_router::Context;
use mesh_types::{Arn, Timestamp};
use mesh_wire::ApiError;
use std::sync::Arc;
use std::time::Duration;

/// How long one receive waits: as long as SQS lets any.
const PATIENCE: Duration = Duration::from_secs(20);

/// The first pause after queue or function were not there, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// A mapping in the form in which it is worked with.
pub(super) struct Work {
    pub(super) mapping: Arc<Mapping>,
    pub(super) queue: Arn,
    pub(super) function: FunctionAddress,
    pub(super) filters: Vec<FilterPolicy>,
}

/// Brings the messages of a queue to a function, until the universe's end or until it is aborted.
pub(super) async fn poll(cx: &Context, mapping: &Arc<Mapping>) {
    let Some(work) = Work::of(cx, mapping) else {
        return tracing::error!("an event source mapping names no queue or function that could be");
    };
    let (work, slots) = (Arc::new(work), Arc::new(Slots::new(mapping.terms.maximum_concurrency)));
    let mut pause = PAUSES.0;
    while !cx.universe().is_gone() {
        // whatever ends it, the queue or the function was not there: both are looked for again, less and less often
        if work.poll_while_there(cx, &slots).await {
            pause = PAUSES.0;
        }
        let clock = cx.universe().clock();
        clock.sleep_until(clock.now() + pause).await;
        pause = (2 * pause).min(PAUSES.1);
    }
}

impl Work {
    fn of(cx: &Context, mapping: &Arc<Mapping>) -> Option<Self> {
        let parse = |pattern: &smol_str::SmolStr| FilterPolicy::parse(pattern, Dialect::Lambda).ok();
        Some(Self {
            queue: Arn::parse(&mapping.queue).ok()?,
            function: FunctionAddress::parse::<InvokeError>(cx, &mapping.function, None).ok()?,
            filters: mapping.terms.filters.iter().map(parse).collect::<Option<_>>()?,
            mapping: Arc::clone(mapping),
        })
    }

    /// Polls for as long as queue and function are there; whether both were at first.
    async fn poll_while_there(self: &Arc<Self>, cx: &Context, slots: &Arc<Slots>) -> bool {
        let source = match Source::find(cx, &self.queue).await {
            Ok(source) => source,
            Err(error) => {
                tracing::debug!(queue = %self.queue, "an event source mapping finds no queue: {error}");
                return false;
            }
        };
        let mut was_there = false;
        loop {
            let clock = cx.universe().clock();
            // first room for a batch, so that no message is hidden that nobody works on
            let slot = slots.take(clock).await;
            // a message that is received counts as tried, so none is while there is nothing to try it with
            let is_there = cx.read(&self.function.key, |state, _| state.exists()).unwrap_or(false);
            if !is_there {
                return was_there;
            }
            was_there = true;
            match self.gather(cx, &source).await {
                Ok(None) => slots.rest(),
                Ok(Some(Gathered { messages, since })) => {
                    let (cx, work, source) = (cx.clone(), Arc::clone(self), source.clone());
                    let batch = Batch { cx, work, source, messages, since };
                    let busy = clock.activity().begin();
                    tokio::spawn(async move {
                        batch.run().await;
                        drop((slot, busy));
                    });
                }
                Err(error) => {
                    tracing::debug!(queue = %self.queue, "an event source mapping cannot receive: {error}");
                    return was_there;
                }
            }
        }
    }

    /// Waits for a message, then for others until the batch is full or its window is over. Nothing where none came.
    async fn gather(&self, cx: &Context, source: &Source) -> Result<Option<Gathered>, ApiError> {
        let terms = &self.mapping.terms;
        let size = usize::try_from(terms.batch_size).unwrap_or(MOST);
        let mut messages = source.receive(size, PATIENCE).await?;
        if messages.is_empty() {
            return Ok(None);
        }
        let clock = cx.universe().clock();
        let since = clock.now();
        let end = since + Duration::from_secs(terms.window_seconds.into());
        let mut bytes: usize = messages.iter().map(length).sum();
        while terms.window_seconds > 0 && messages.len() < size && bytes < SYNCHRONOUS_EVENT {
            let left = end.since(clock.now());
            // what was received before is worked on, whatever comes now
            let more = source.receive(size - messages.len(), left.min(PATIENCE)).await.unwrap_or_default();
            if more.is_empty() {
                if left.is_zero() {
                    break;
                }
                if left < Duration::from_secs(1) {
                    // a receive waits for whole seconds; what remains is waited for here
                    clock.sleep_until(end).await;
                }
            }
            // in a long window a message may be visible again, and come once more: its newer receipt counts
            messages.retain(|old| more.iter().all(|new| new.message_id != old.message_id));
            messages.extend(more);
            bytes = messages.iter().map(length).sum();
        }
        Ok(Some(Gathered { messages, since }))
    }
}

/// Messages that go together.
struct Gathered {
    messages: Vec<Message>,
    /// When the first of them was received.
    since: Timestamp,
}

/// About as long as a message is in an event.
fn length(message: &Message) -> usize {
    message.body.as_deref().map_or(0, str::len)
}
