//! Child processes.

use super::memory;
use super::view::View;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use mesh_router::outside::{Command, Exit, Memory, OutsideError, Process, TakesLines};
use parking_lot::Mutex;
use rustix::process::{Pid, Signal, kill_process_group};
use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::io::{self, PipeReader, Read};
use std::os::fd::OwnedFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::net::unix::pipe;
use tokio::process::Child;
use tokio::sync::watch;

/// The error of a program that is still open for writing somewhere.
const TEXT_FILE_BUSY: i32 = 26;

/// How often a program is tried that is still open for writing. Another thread that started a child at the moment when
/// it was written leaves it open until that child runs its own program, which takes about a millisecond.
const BUSY_TRIES: u32 = 2_000;

/// Bytes read at once.
const READ: usize = 64 * 1024;

/// A line is cut here: the longest event that CloudWatch Logs takes.
const LONGEST_LINE: usize = 256 * 1024 - 26;

/// The groups that run.
#[derive(Debug, Default)]
pub(super) struct Groups(Mutex<HashSet<u32>>);

impl Groups {
    /// Kills them all.
    pub(super) fn kill_all(&self) {
        self.0.lock().drain().for_each(kill_group);
    }

    /// Kills one, unless that was done before: its number may mean another group since.
    fn kill(&self, id: u32) {
        let mut groups = self.0.lock();
        if groups.remove(&id) {
            kill_group(id);
        }
    }
}

fn kill_group(id: u32) {
    if let Some(group) = i32::try_from(id).ok().and_then(Pid::from_raw) {
        // it fails where nothing is left in the group
        kill_process_group(group, Signal::KILL).ok();
    }
}

/// Starts a child.
pub(super) fn start(command: Command, groups: &Arc<Groups>) -> Result<Arc<dyn Process>, OutsideError> {
    let failed = |error| OutsideError::failed(format!("cannot start {}", command.program.display()), error);
    let (reader, writer) = io::pipe().map_err(failed)?;
    let mut child = std::process::Command::new(&command.program);
    child
        .args(&command.arguments)
        .env_clear()
        .envs(command.environment.iter().map(|(name, value)| (name, value)));
    child.process_group(0).stdin(Stdio::null());
    child.stdout(writer.try_clone().map_err(failed)?).stderr(writer);
    if command.view.is_empty() {
        child.current_dir(&command.directory);
    } else {
        View::new(&command).map_err(failed)?.arrange(&mut child);
    }
    let child = spawn(&mut child.into()).map_err(failed)?;
    let id = child.id().unwrap_or_default();
    groups.0.lock().insert(id);
    // the builder holds the pipe's other end
    let output = Output::new(reader, command.output).map_err(failed)?;
    let (ended, exit) = watch::channel(None);
    let running =
        Running { id, groups: Arc::clone(groups), output: Arc::new(output), exit, memory: Mutex::default() };
    tokio::spawn(follow(child, ended, Arc::clone(&running.output), Arc::clone(groups), id));
    Ok(Arc::new(running))
}

fn spawn(command: &mut tokio::process::Command) -> io::Result<Child> {
    let mut tries = 0;
    loop {
        match command.spawn() {
            Err(error) if error.raw_os_error() == Some(TEXT_FILE_BUSY) && tries < BUSY_TRIES => {
                tries += 1;
                std::thread::yield_now();
            }
            result => return result,
        }
    }
}

/// Reads what a child writes until it has ended, then reads the rest, kills what is left of its group, and tells.
async fn follow(
    mut child: Child,
    ended: watch::Sender<Option<Exit>>,
    output: Arc<Output>,
    groups: Arc<Groups>,
    id: u32,
) {
    let status = {
        let reading = output.read_on();
        tokio::pin!(reading);
        let mut is_open = true;
        loop {
            tokio::select! {
                status = child.wait() => break status,
                () = &mut reading, if is_open => is_open = false,
            }
        }
    };
    groups.kill(id);
    output.drain();
    output.end();
    ended.send(Some(exit_of(status))).ok();
}

fn exit_of(status: io::Result<ExitStatus>) -> Exit {
    match status {
        Ok(status) => match (status.code(), status.signal()) {
            (Some(code), _) => Exit::Status(code),
            (None, Some(signal)) => Exit::Signal(signal),
            (None, None) => Exit::Status(-1),
        },
        Err(_) => Exit::Status(-1),
    }
}

/// A child that was started.
struct Running {
    id: u32,
    groups: Arc<Groups>,
    output: Arc<Output>,
    exit: watch::Receiver<Option<Exit>>,
    /// As it was known last.
    memory: Mutex<Option<Memory>>,
}

impl Process for Running {
    fn id(&self) -> u32 {
        self.id
    }

    fn drain(&self) {
        self.output.drain();
    }

    fn kill(&self) {
        // nobody can ask later
        self.memory();
        self.groups.kill(self.id);
    }

    fn memory(&self) -> Option<Memory> {
        let now = self.exit.borrow().is_none().then(|| memory::of(self.id)).flatten();
        let mut known = self.memory.lock();
        *known = now.max(*known);
        *known
    }

    fn held_memory(&self, limit: u64) -> Option<u64> {
        self.exit.borrow().is_none().then(|| memory::held(self.id, limit)).flatten()
    }

    fn ended(&self) -> BoxFuture<'static, Exit> {
        let mut exit = self.exit.clone();
        async move {
            match exit.wait_for(Option::is_some).await {
                Ok(exit) => exit.unwrap_or(Exit::Status(-1)),
                // the runtime ended, and with it who followed the child
                Err(_) => Exit::Status(-1),
            }
        }
        .boxed()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.groups.kill(self.id);
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {}", self.id)
    }
}

/// What a child writes, cut into lines.
struct Output {
    /// The pipe as the runtime knows it, and as the system does.
    watched: pipe::Receiver,
    pipe: File,
    is_over: AtomicBool,
    lines: Mutex<Lines>,
}

struct Lines {
    buffer: Box<[u8]>,
    begun: Vec<u8>,
    take: TakesLines,
}

impl Output {
    fn new(pipe: PipeReader, take: TakesLines) -> io::Result<Self> {
        let watched = OwnedFd::from(pipe);
        let pipe = File::from(watched.try_clone()?);
        // this makes both non-blocking: they are one file
        let watched = pipe::Receiver::from_owned_fd(watched)?;
        let lines = Lines { buffer: vec![0; READ].into_boxed_slice(), begun: Vec::new(), take };
        Ok(Self { watched, pipe, is_over: AtomicBool::new(false), lines: Mutex::new(lines) })
    }

    /// Reads whenever there is something, until the pipe is closed.
    async fn read_on(&self) {
        while !self.is_over.load(Ordering::Acquire) && self.watched.readable().await.is_ok() {
            self.read(|buffer| self.watched.try_read(buffer));
            // a child that writes without end must not keep the others from running
            tokio::task::yield_now().await;
        }
    }

    /// Reads all that is there. Asks the system, not the runtime, whether there is something: what was written before
    /// an answer came over a socket is seen.
    fn drain(&self) {
        self.read(|buffer| (&self.pipe).read(buffer));
    }

    fn read(&self, mut read: impl FnMut(&mut [u8]) -> io::Result<usize>) {
        let Lines { buffer, begun, take } = &mut *self.lines.lock();
        loop {
            match read(buffer) {
                Ok(0) => return self.is_over.store(true, Ordering::Release),
                Ok(count) => cut(&buffer[..count], begun, &**take),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(_) => return self.is_over.store(true, Ordering::Release),
            }
        }
    }

    /// Hands over a last line that has no end.
    fn end(&self) {
        let Lines { begun, take, .. } = &mut *self.lines.lock();
        if !begun.is_empty() {
            take(&std::mem::take(begun));
        }
    }
}

/// Hands over the lines that end in `piece`, and keeps the rest.
fn cut(piece: &[u8], begun: &mut Vec<u8>, take: &(dyn Fn(&[u8]) + Send + Sync)) {
    let mut rest = piece;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        if begun.is_empty() {
            rest[..end].chunks(LONGEST_LINE).for_each(take);
            if end == 0 {
                take(&[]);
            }
        } else {
            begun.extend_from_slice(&rest[..end]);
            begun.chunks(LONGEST_LINE).for_each(take);
            begun.clear();
        }
        rest = &rest[end + 1..];
    }
    begun.extend_from_slice(rest);
    if begun.len() >= LONGEST_LINE {
        let whole = begun.len() - begun.len() % LONGEST_LINE;
        begun[..whole].chunks(LONGEST_LINE).for_each(take);
        begun.drain(..whole);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_put_together_and_cut_where_they_are_too_long() {
        let taken = Arc::new(Mutex::new(Vec::new()));
        let take = |line: &[u8]| taken.lock().push(String::from_utf8_lossy(line).into_owned());
        let mut begun = Vec::new();
        for piece in [&b"a\nb"[..], b"c\n\nd", b"\n"] {
            cut(piece, &mut begun, &take);
        }
        assert_eq!(*taken.lock(), ["a", "bc", "", "d"]);
        taken.lock().clear();
        cut(&vec![b'x'; LONGEST_LINE * 2 + 5], &mut begun, &take);
        cut(b"\n", &mut begun, &take);
        assert_eq!(taken.lock().iter().map(String::len).collect::<Vec<_>>(), [LONGEST_LINE, LONGEST_LINE, 5]);
    }
}
