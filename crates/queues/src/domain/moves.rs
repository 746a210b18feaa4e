//! Tasks that move messages out of a dead-letter queue, a few at a time.

use super::failure::{
    InvalidParameter, InvalidTaskHandle, NoSuchResource, NoSuchTask, NotADeadLetterQueue, TaskIsOver,
    TaskIsRunning,
};
use super::receive::Placed;
use super::{QueueAddress, QueueName};
use crate::limits::{MAX_MOVE_TASKS, MOVE_RATE};
use crate::state::directory::{self, Directory};
use crate::state::moves::{MoveStatus, MoveTask, MoveTasks};
use crate::state::queue::{CHANGED, Extras, Message, QueueState};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mesh_store::{Key, Tx};
use mesh_types::{Need, RequestId, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// Messages that one transaction moves: it holds both queues meanwhile.
const MOVED_AT_ONCE: u32 = 100;

/// What a task is asked to do.
#[derive(Debug, Clone)]
pub struct Move {
    /// The dead-letter queue.
    pub source: QueueAddress,
    /// Where its messages go; where absent, each goes to where it came from.
    pub destination: Option<QueueAddress>,
    /// Messages a second at most.
    pub rate: Option<u32>,
}

/// A number of messages a second.
///
/// # Errors
/// One out of range.
pub fn check_rate(value: i32) -> Result<u32, InvalidParameter> {
    let (least, most) = (MOVE_RATE.start(), MOVE_RATE.end());
    u32::try_from(value).ok().filter(|rate| MOVE_RATE.contains(rate)).ok_or_else(|| InvalidParameter {
        sentence: format!(
            "Value {value} for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: Must be between {least} and \
             {most}, if provided."
        ),
    })
}

/// Names a task: its id and the ARN of its source, as AWS's handles do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskHandle {
    /// The UUID of the task.
    pub id: String,
    /// The ARN of the dead-letter queue.
    pub source: String,
}

impl TaskHandle {
    /// The handle of a task.
    pub fn of(task: &MoveTask, source: &QueueAddress) -> Self {
        Self { id: task_id(task.id), source: source.arn().to_string() }
    }

    /// The text that callers get.
    pub fn text(&self) -> String {
        STANDARD.encode(serde_json::json!({ "taskId": self.id, "sourceArn": self.source }).to_string())
    }

    /// Reads a handle.
    ///
    /// # Errors
    /// A text that is none.
    pub fn parse(text: &str) -> Result<Self, InvalidTaskHandle> {
        let json = STANDARD.decode(text).ok();
        let json: Option<serde_json::Value> = json.and_then(|json| serde_json::from_slice(&json).ok());
        let member = |name: &str| Some(json.as_ref()?.get(name)?.as_str()?.to_owned());
        match (member("taskId"), member("sourceArn")) {
            (Some(id), Some(source)) => Ok(Self { id, source }),
            _ => Err(InvalidTaskHandle { handle: text.to_owned() }),
        }
    }
}

fn task_id(bits: u128) -> String {
    RequestId::from_random(bits).encode(&mut [0; 36]).to_owned()
}

/// The tasks of a queue.
pub fn tasks_of(source: &QueueAddress) -> Key<MoveTasks> {
    Key::new(source.key.account(), source.key.region().clone(), source.key.name().as_str())
}

impl MoveTasks {
    /// Starts a task.
    ///
    /// # Errors
    /// A queue that is not there, or is no dead-letter queue; two that do not go together; a task is running.
    pub fn start<E>(&mut self, wanted: &Move, tx: &mut Tx<'_>) -> Result<MoveTask, E>
    where
        E: From<NoSuchResource>
            + From<NotADeadLetterQueue>
            + From<InvalidParameter>
            + From<TaskIsRunning>
            + From<Need>,
    {
        let Move { source, destination, rate } = wanted;
        let now = tx.now();
        let visible = tx.on(&source.key, |queue: &mut QueueState, _| {
            queue.settings.get().is_some().then(|| queue.visible_count(now))
        })?;
        let to_move = visible.ok_or(NoSuchResource { parameter: "SourceArn" })?;
        let directory = directory::key_of(source.key.account(), source.key.region());
        let is_target = tx.on(&directory, |directory: &mut Directory, _| {
            directory.is_dead_letter_queue(&QueueName::of_existing(source.key.name()))
        })?;
        if !is_target {
            return Err(NotADeadLetterQueue.into());
        }
        if let Some(destination) = destination {
            check_destination::<E>(source, destination, tx)?;
        }
        if self.tasks.last().is_some_and(|(_, task)| task.status == MoveStatus::Running) {
            return Err(TaskIsRunning.into());
        }
        let task = MoveTask {
            id: tx.draw().next_u128(),
            started_at: now,
            destination: destination.as_ref().map(|queue| queue.arn().to_string().into()),
            rate: *rate,
            to_move,
            moved: 0,
            status: MoveStatus::Running,
            next_at: now,
        };
        let number = self.tasks.last().map_or(0, |(last, _)| last + 1);
        self.tasks.insert(number, task.clone());
        while self.tasks.len() > MAX_MOVE_TASKS {
            let Some(oldest) = self.tasks.first().map(|(number, _)| *number) else { break };
            self.tasks.remove(&oldest);
        }
        tx.wake_at(now);
        Ok(task)
    }

    /// Ends a task, and answers how many messages it has moved.
    ///
    /// # Errors
    /// There is no such task, or it has ended.
    pub fn cancel<E: From<NoSuchTask> + From<TaskIsOver>>(&mut self, id: &str) -> Result<u64, E> {
        let task = self.tasks.range(..).find(|(_, task)| task_id(task.id) == id);
        let (number, task) = task.map(|(number, task)| (*number, task.clone())).ok_or(NoSuchTask)?;
        if task.status != MoveStatus::Running {
            return Err(TaskIsOver.into());
        }
        let moved = task.moved;
        self.tasks.insert(number, MoveTask { status: MoveStatus::Cancelled, ..task });
        Ok(moved)
    }

    /// Does what is due of the task that is running, and has itself called again.
    ///
    /// # Errors
    /// Another partition is needed.
    pub fn go_on(&mut self, source: &QueueAddress, tx: &mut Tx<'_>) -> Result<(), Need> {
        let last = self.tasks.last().filter(|(_, task)| task.status == MoveStatus::Running);
        let Some((number, mut task)) = last.map(|(number, task)| (*number, task.clone())) else {
            return Ok(());
        };
        if task.next_at > tx.now() {
            tx.wake_at(task.next_at);
            return Ok(());
        }
        let at_once = task.rate.unwrap_or(MOVED_AT_ONCE).min(MOVED_AT_ONCE);
        let (moved, status) = move_some(source, &task, at_once, tx)?;
        task.moved += u64::from(moved);
        task.status = status;
        if status == MoveStatus::Running {
            // Fewer go at once where the next goes to another queue.
            let pause = task.rate.map(|rate| Duration::from_secs(1) * moved / rate);
            task.next_at = tx.now() + pause.unwrap_or_default();
            tx.wake_at(task.next_at);
        }
        self.tasks.insert(number, task);
        Ok(())
    }
}

fn check_destination<E>(source: &QueueAddress, destination: &QueueAddress, tx: &mut Tx<'_>) -> Result<(), E>
where
    E: From<NoSuchResource> + From<InvalidParameter> + From<Need>,
{
    let refused = |sentence: &str| Err(InvalidParameter { sentence: sentence.to_owned() }.into());
    if source.key == destination.key {
        return refused("Source queue and destination queue must be different queues.");
    }
    if !tx.on(&destination.key, |queue: &mut QueueState, _| queue.settings.get().is_some())? {
        return Err(NoSuchResource { parameter: "DestinationArn" }.into());
    }
    if source.key.name().ends_with(".fifo") != destination.key.name().ends_with(".fifo") {
        return refused("Source queue and destination queue must be of the same type.");
    }
    Ok(())
}

/// Moves the first messages that can be received, as many of them as go to the same queue.
fn move_some(
    source: &QueueAddress,
    task: &MoveTask,
    at_once: u32,
    tx: &mut Tx<'_>,
) -> Result<(u32, MoveStatus), Need> {
    let now = tx.now();
    let found = tx.on(&source.key, |queue: &mut QueueState, _| queue.first_visible(now, at_once))?;
    let Some(messages) = found else { return Ok((0, MoveStatus::Running)) };
    let goes_to = |message: &Message| match &task.destination {
        Some(destination) => Some(destination.clone()),
        None => message.extras.as_deref()?.source.clone(),
    };
    let Some((_, first)) = messages.first() else { return Ok((0, MoveStatus::Completed)) };
    let Some(destination) = goes_to(first) else { return Ok((0, MoveStatus::NoSource)) };
    let is_meant = |(_, message): &&Placed| goes_to(message).as_ref() == Some(&destination);
    let messages: Vec<_> = messages.iter().take_while(is_meant).collect();
    let name = destination.rsplit(':').next().unwrap_or_default();
    let target = Key::new(source.key.account(), source.key.region().clone(), name);
    let has_taken = tx.on(&target, |queue: &mut QueueState, tx| {
        let exists = queue.settings.get().is_some();
        for (_, message) in messages.iter().filter(|_| exists) {
            queue.take_back(message, tx);
        }
        exists
    })?;
    if !has_taken {
        return Ok((0, MoveStatus::NoDestination));
    }
    let left = tx.on(&source.key, |queue: &mut QueueState, _| {
        for (sequence, _) in &messages {
            queue.messages.remove(sequence);
        }
        queue.first_visible(now, 1)
    })?;
    let is_empty = left.is_some_and(|left| left.is_empty());
    let status = if is_empty { MoveStatus::Completed } else { MoveStatus::Running };
    Ok((u32::try_from(messages.len()).unwrap_or(u32::MAX), status))
}

impl QueueState {
    /// The first messages that can be received; nothing where more past their retention must be taken away first than go
    /// at once: then call again.
    fn first_visible(&mut self, now: Timestamp, count: u32) -> Option<Vec<Placed>> {
        let Some(settings) = self.settings.get() else { return Some(Vec::new()) };
        let (retention, count) =
            (settings.attributes.retention(), usize::try_from(count).unwrap_or(usize::MAX));
        let is_fifo = settings.attributes.fifo.is_some();
        if self.expire(now, retention) {
            return None;
        }
        let message = |sequence| Some((sequence, self.messages.get_shared(&sequence)?));
        Some(self.visible(is_fifo, now).filter_map(message).take(count).collect())
    }

    /// Takes a message back that had become a dead letter: it is a new one, with an id and an age of its own.
    fn take_back(&mut self, message: &Message, tx: &mut Tx<'_>) {
        let extras = message.extras.as_deref().cloned().unwrap_or_default();
        let extras = Extras { source: None, ..extras };
        let is_fifo = self.settings.get().is_some_and(|settings| settings.attributes.fifo.is_some());
        let moved = Message {
            id: tx.draw().next_u128(),
            extras: (extras != Extras::default()).then(|| Arc::new(extras)),
            sent_at: tx.now(),
            visible_at: tx.now(),
            first_received_at: None,
            received_at: None,
            receives: 0,
            receipt: 0,
            ..message.clone()
        };
        let sequence = if is_fifo { self.next_place(tx.now()) } else { self.next_sequence(tx.now()) };
        self.messages.insert(sequence, moved);
        tx.signal(CHANGED);
    }
}

impl MoveStatus {
    /// As AWS writes it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Cancelled => "CANCELLED",
            Self::NoDestination | Self::NoSource => "FAILED",
        }
    }

    /// Why it failed.
    pub fn failure_reason(self) -> Option<&'static str> {
        match self {
            Self::NoDestination => Some("AWS.SimpleQueueService.NonExistentQueue"),
            Self::NoSource => Some("CouldNotDetermineMessageSource"),
            Self::Running | Self::Completed | Self::Cancelled => None,
        }
    }
}
