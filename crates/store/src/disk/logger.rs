//! Strict writing: one thread writes the log and tells those who wait, another takes what was logged into the tables.
//!
//! What is more than commits (a fork, a reset, a clock that was set) does not go through the log: it waits until all that
//! came before is in the tables, and goes there itself. So the log only ever speaks of universes that are on disk.

use super::journal::{Batch, Entry, Journal, Pace};
use super::log::{Frame, Log};
use super::writer::{Disk, run};
use super::{StorageError, frame};
use mesh_clock::RealTime;
use parking_lot::{Condvar, Mutex};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::time::Duration;

/// How long frames gather before they go into the tables together: rows that were put and removed meanwhile, and pages
/// that many of them share, are written once.
const GATHERING: Duration = Duration::from_millis(200);

/// So many bytes of frames go into the tables at once.
const FULL: usize = 8 << 20;

/// What the other thread is told.
enum Work {
    /// It was logged.
    Logged(Frame),
    /// It was not: it must be in the tables before anything else happens.
    Written(Vec<Entry>),
}

/// How far the tables are.
#[derive(Default)]
struct Tables {
    progress: Mutex<Progress>,
    moved: Condvar,
}

#[derive(Debug, Default, Clone, Copy)]
struct Progress {
    /// The last frame that is in them.
    logged: u64,
    /// How many [`Work::Written`] are.
    written: u64,
    has_ended: bool,
}

/// Writes what the journal takes until it ends.
pub(super) fn run_with_log(disk: Disk, mut log: Log, journal: &Journal) -> Result<(), StorageError> {
    let tables = Arc::new(Tables::default());
    let (sender, receiver) = channel();
    let applier = std::thread::Builder::new().name("tables".to_owned()).spawn({
        let (journal, tables) = (journal.clone(), Arc::clone(&tables));
        move || {
            run(&journal, || apply_all(disk, &receiver, &tables));
            tables.advance(|progress| progress.has_ended = true);
        }
    });
    let applier = applier.map_err(|error| StorageError::Failed(error.to_string()))?;
    let logged = log_all(&mut log, journal, &sender, &tables);
    drop(sender);
    // One that panicked has said so as a failure.
    drop(applier.join());
    logged
}

fn log_all(
    log: &mut Log,
    journal: &Journal,
    applier: &Sender<Work>,
    tables: &Tables,
) -> Result<(), StorageError> {
    let (mut pace, mut written) = (Pace::default(), 0);
    while let Some(batch) = journal.next(&pace) {
        let ((sequence, weight), entries) = (batch.mark(), batch.entries.len());
        let begun = RealTime::now();
        match Logged::of(batch)? {
            Logged::Frame(mut frame) => {
                if let Some(number) = log.must_be_applied(&frame) {
                    tables.wait_until(|progress| progress.logged >= number)?;
                }
                log.append(&mut frame)?;
                // One that has ended has failed, and the journal with it.
                drop(applier.send(Work::Logged(frame)));
            }
            Logged::Entries(entries) => {
                written += 1;
                drop(applier.send(Work::Written(entries)));
                tables.wait_until(|progress| progress.written >= written)?;
            }
        }
        pace.note(entries, RealTime::now().since(begun));
        journal.written(sequence, weight);
    }
    Ok(())
}

/// What becomes of a batch.
enum Logged {
    Frame(Frame),
    Entries(Vec<Entry>),
}

impl Logged {
    /// Commits are logged, unless they are very large.
    fn of(batch: Batch) -> Result<Self, StorageError> {
        let (_, weight) = batch.mark();
        let are_commits = batch.entries.iter().all(|entry| matches!(entry, Entry::Commit { .. }));
        if !are_commits || weight > FULL {
            return Ok(Self::Entries(batch.entries));
        }
        let mut frame = Frame::new();
        for entry in batch.entries {
            if let Entry::Commit { universe, partitions } = entry {
                frame::append(universe, partitions, frame.bytes())?;
            }
        }
        Ok(Self::Frame(frame))
    }
}

fn apply_all(mut disk: Disk, work: &Receiver<Work>, tables: &Tables) -> Result<(), StorageError> {
    while let Some(first) = next(&mut disk, work)? {
        let (frames, entries) = gather(first, work);
        let (number, has_entries) = (frames.last().map(Frame::number), entries.is_some());
        disk.write(&frames, entries.unwrap_or_default())?;
        tables.advance(|progress| {
            progress.logged = number.unwrap_or(progress.logged);
            progress.written += u64::from(has_entries);
        });
    }
    disk.end()
}

/// What comes next; garbage is removed until it comes. None at the end.
fn next(disk: &mut Disk, work: &Receiver<Work>) -> Result<Option<Work>, StorageError> {
    while disk.is_unclean() {
        match work.try_recv() {
            Ok(first) => return Ok(Some(first)),
            Err(TryRecvError::Empty) => disk.clean()?,
            Err(TryRecvError::Disconnected) => return Ok(None),
        }
    }
    Ok(work.recv().ok())
}

/// What goes into the tables together: frames, and behind them what was not logged.
fn gather(first: Work, work: &Receiver<Work>) -> (Vec<Frame>, Option<Vec<Entry>>) {
    let (mut frames, mut bytes) = (Vec::new(), 0);
    let until = RealTime::now() + GATHERING;
    let mut next = Some(first);
    while let Some(this) = next {
        match this {
            Work::Logged(frame) => {
                bytes += frame.content().len();
                frames.push(frame);
            }
            Work::Written(entries) => return (frames, Some(entries)),
        }
        let left = until.since(RealTime::now());
        next = if bytes < FULL { work.recv_timeout(left).ok() } else { None };
    }
    (frames, None)
}

impl Tables {
    fn advance(&self, change: impl FnOnce(&mut Progress)) {
        change(&mut self.progress.lock());
        self.moved.notify_all();
    }

    /// Waits until the tables are so far.
    ///
    /// # Errors
    /// They will not be.
    fn wait_until(&self, are_there: impl Fn(&Progress) -> bool) -> Result<(), StorageError> {
        let mut progress = self.progress.lock();
        while !are_there(&progress) {
            if progress.has_ended {
                return Err(StorageError::Failed("the tables cannot be written".to_owned()));
            }
            self.moved.wait(&mut progress);
        }
        Ok(())
    }
}
