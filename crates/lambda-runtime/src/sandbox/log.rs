//! What an environment writes, on its way to CloudWatch Logs.

use crate::date;
use crate::domain::LATEST;
use crate::limits::{LOG_BATCH, LOG_EVENT_OVERHEAD, LOG_TAIL};
use bytes::Bytes;
use mesh_clock::Clock;
use mesh_models::logs::{
    CreateLogGroup, CreateLogGroupInput, CreateLogStream, CreateLogStreamInput, InputLogEvent, PutLogEvents,
    PutLogEventsInput,
};
use mesh_router::Context;
use mesh_types::RequestId;
use mesh_wire::ApiError;
use parking_lot::Mutex;
use smol_str::SmolStr;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// Bytes that wait to be taken by CloudWatch Logs; the oldest lines beyond are lost, and that is written down.
const WAITING: usize = 64 * 1024 * 1024;

/// The log of one environment: a stream.
pub(crate) struct Log {
    group: SmolStr,
    stream: SmolStr,
    clock: Clock,
    memory: u32,
    state: Mutex<State>,
    /// The function has written something.
    stirred: Notify,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<InputLogEvent>,
    bytes: usize,
    lost: usize,
    is_flushing: bool,
    /// Nobody keeps logs here.
    is_unkept: bool,
    tail: Option<Tail>,
}

/// The end of the log of the running invocation.
struct Tail {
    id: RequestId,
    text: Vec<u8>,
}

/// What is reported of an invocation.
pub(super) struct Report {
    pub(super) took: Duration,
    pub(super) init: Option<Duration>,
    pub(super) peak_memory: Option<u64>,
    pub(super) status: Option<&'static str>,
}

impl Log {
    pub(super) fn new(group: SmolStr, stream: SmolStr, clock: Clock, memory: u32) -> Self {
        Self { group, stream, clock, memory, state: Mutex::default(), stirred: Notify::new() }
    }

    /// A line that the process has written.
    pub(super) fn output(&self, line: &[u8]) {
        // a runtime that writes several lines as one ends them with carriage returns, as Lambda's own do
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mut text = String::from_utf8_lossy(line).replace('\r', "\n");
        text.push('\n');
        self.add(text);
        self.stirred.notify_one();
    }

    /// Bytes of memory that the function may hold.
    pub(super) fn memory_limit(&self) -> u64 {
        u64::from(self.memory) * 1024 * 1024
    }

    /// A line of Lambda's own.
    pub(super) fn line(&self, line: &str) {
        self.add(format!("{line}\n"));
    }

    /// An invocation begins.
    pub(super) fn begin(&self, id: RequestId, wants_tail: bool) {
        self.state.lock().tail = wants_tail.then(|| Tail { id, text: Vec::new() });
        self.line(&format!("START RequestId: {id} Version: {LATEST}"));
    }

    /// The invocation goes to another environment.
    pub(super) fn forget(&self, id: RequestId) {
        self.state.lock().tail.take_if(|tail| tail.id == id);
    }

    /// An invocation ends: the end of its log, if it was wanted.
    pub(super) fn end(&self, id: RequestId, report: &Report) -> Option<Bytes> {
        self.line(&format!("END RequestId: {id}"));
        self.line(&self.report(id, report));
        let tail = self.state.lock().tail.take_if(|tail| tail.id == id)?;
        let from = tail.text.len().saturating_sub(LOG_TAIL);
        Some(Bytes::from(tail.text).slice(from..))
    }

    /// The line of an invocation that took too long.
    pub(super) fn timed_out(&self, id: RequestId, timeout: Duration) {
        let now = date::print(self.clock.now());
        self.line(&format!("{now} {id} Task timed out after {:.2} seconds", timeout.as_secs_f64()));
    }

    fn report(&self, id: RequestId, report: &Report) -> String {
        let Report { took, init, peak_memory, status } = report;
        let millis = |span: Duration| span.as_secs_f64() * 1_000.0;
        let billed = took.as_micros().div_ceil(1_000);
        let mut line = format!(
            "REPORT RequestId: {id}\tDuration: {:.2} ms\tBilled Duration: {billed} ms",
            millis(*took)
        );
        line += &format!("\tMemory Size: {} MB", self.memory);
        if let Some(bytes) = peak_memory {
            line += &format!("\tMax Memory Used: {} MB", bytes.div_ceil(1024 * 1024));
        }
        if let Some(init) = init {
            line += &format!("\tInit Duration: {:.2} ms", millis(*init));
        }
        if let Some(status @ "timeout") = status {
            line += &format!("\tStatus: {status}");
        }
        line + "\t"
    }

    fn add(&self, message: String) {
        let timestamp = Some(self.clock.now().as_millis());
        let mut state = self.state.lock();
        if let Some(tail) = &mut state.tail {
            tail.text.extend_from_slice(message.as_bytes());
            if tail.text.len() > 4 * LOG_TAIL {
                let from = tail.text.len() - LOG_TAIL;
                tail.text.drain(..from);
            }
        }
        if state.is_unkept {
            return;
        }
        state.bytes += message.len() + LOG_EVENT_OVERHEAD;
        state.waiting.push_back(InputLogEvent { timestamp, message: Some(message) });
        while state.bytes > WAITING
            && let Some(oldest) = state.waiting.pop_front()
        {
            state.bytes -= size(&oldest);
            state.lost += 1;
        }
    }

    /// Waits until the function writes something.
    pub(crate) async fn stirred(&self) {
        self.stirred.notified().await;
    }

    /// Hands over to CloudWatch Logs what waits, in the background.
    pub(crate) fn flush(self: &Arc<Self>, cx: &Context) {
        let mut state = self.state.lock();
        if state.is_flushing || state.waiting.is_empty() {
            return;
        }
        state.is_flushing = true;
        drop(state);
        let (log, cx) = (Arc::clone(self), cx.as_service("lambda").detached());
        let busy = cx.universe().clock().activity().begin();
        tokio::spawn(async move {
            while let Some(batch) = log.batch() {
                if let Err(error) = log.put(&cx, batch).await {
                    log.give_up(&error);
                }
            }
            drop(busy);
        });
    }

    /// The next events to be handed over; none ends the flush.
    fn batch(&self) -> Option<Vec<InputLogEvent>> {
        let mut state = self.state.lock();
        let (mut bytes, mut count) = (0, 0);
        for event in &state.waiting {
            bytes += size(event);
            if bytes > LOG_BATCH.0 || count == LOG_BATCH.1 {
                break;
            }
            count += 1;
        }
        if count == 0 {
            state.is_flushing = false;
            return None;
        }
        let mut batch: Vec<InputLogEvent> = state.waiting.drain(..count).collect();
        state.bytes -= batch.iter().map(size).sum::<usize>();
        if state.lost > 0 {
            let sentence = format!(
                "mesh-local: {} lines before this one were lost, because there were too many\n",
                state.lost
            );
            batch.insert(0, InputLogEvent { timestamp: batch[0].timestamp, message: Some(sentence) });
            state.lost = 0;
        }
        // a clock that was set back writes later lines with earlier moments
        batch.sort_by_key(|event| event.timestamp);
        Some(batch)
    }

    async fn put(&self, cx: &Context, events: Vec<InputLogEvent>) -> Result<(), ApiError> {
        let (group, stream) = (Some(self.group.to_string()), Some(self.stream.to_string()));
        let mut input = PutLogEventsInput::default();
        (input.log_group_name, input.log_stream_name) = (group.clone(), stream.clone());
        input.log_events = Some(events);
        match cx.call::<PutLogEvents>(input.clone()).await {
            Err(error) if error.meta().code == "ResourceNotFoundException" => {}
            answer => return answer.map(|_| ()),
        }
        let existing = |error: ApiError| match error.meta().code {
            "ResourceAlreadyExistsException" => Ok(()),
            _ => Err(error),
        };
        let create = CreateLogGroupInput { log_group_name: group.clone(), ..Default::default() };
        cx.call::<CreateLogGroup>(create).await.map(|_| ()).or_else(existing)?;
        let create = CreateLogStreamInput { log_group_name: group, log_stream_name: stream };
        cx.call::<CreateLogStream>(create).await.map(|_| ()).or_else(existing)?;
        cx.call::<PutLogEvents>(input).await.map(|_| ())
    }

    fn give_up(&self, error: &ApiError) {
        let mut state = self.state.lock();
        if error.meta().code == "NotImplemented" {
            // CloudWatch Logs is no part of this process
            state.is_unkept = true;
            state.waiting.clear();
            state.bytes = 0;
        } else {
            tracing::warn!(%error, group = %self.group, "lines of a function's log were refused");
        }
    }
}

fn size(event: &InputLogEvent) -> usize {
    event.message.as_ref().map_or(0, String::len) + LOG_EVENT_OVERHEAD
}
