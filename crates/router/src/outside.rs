//! The ways out of the process: listeners, child processes, directories, outgoing requests.
//!
//! A service asks for them through [`Context::outside`](crate::Context::outside) and names no socket, file or process
//! itself. So there is one place where faults and rules about what may be reached can act, and tests put another world
//! in its place. What is handed out is closed, ended or removed when it is dropped.

mod recorded;

pub(crate) use recorded::Recorded;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use std::ffi::OsString;
use std::fmt;
use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The outside as services see it.
pub trait Outside: Send + Sync + 'static {
    /// A listener for HTTP/1.1 on a loopback port of its own.
    ///
    /// # Errors
    /// No port is to be had, or nothing may listen here.
    fn listen(&self, listen: Listen) -> Result<Box<dyn Listening>, OutsideError>;

    /// Starts a child process, in a process group of its own.
    ///
    /// # Errors
    /// The program cannot be started, or nothing may be started here.
    fn process(&self, command: Command) -> Result<Arc<dyn Process>, OutsideError>;

    /// The programs of this name on the search path, in its order.
    fn programs(&self, name: &str) -> Vec<PathBuf>;

    /// The directories in which programs are searched, as `PATH` names them.
    fn search_path(&self) -> OsString;

    /// The directory of the libraries that were installed for functions in a language: `python`, `node`.
    fn libraries(&self, language: &str) -> Option<PathBuf>;

    /// Whether a child can see something else at `place` than the machine has there: the system gives the means, and
    /// what is to be `kept`, a program, is not itself in it.
    fn shows(&self, place: &Path, kept: Option<&Path>) -> bool;

    /// A directory of its own. `purpose` becomes a part of its name.
    ///
    /// # Errors
    /// It cannot be made, or nothing may be written here.
    fn scratch(&self, purpose: &str) -> Result<Arc<dyn Scratch>, OutsideError>;

    /// Sends a request to somewhere else.
    fn http(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'static, Result<http::Response<Bytes>, OutsideError>>;
}

/// Answers the requests of a listener.
pub type Answering =
    Arc<dyn Fn(http::Request<Bytes>) -> BoxFuture<'static, http::Response<Bytes>> + Send + Sync>;

/// What is asked of a listener.
#[derive(Clone)]
pub struct Listen {
    /// Answers its requests. Dropping the future means that the caller hung up.
    pub answer: Answering,
    /// A body is cut behind this many bytes and one more; the rest is read and dropped. So whoever answers can tell
    /// that it was too long, and still knows whose it was.
    pub body_limit: usize,
}

/// A listener. Dropping it closes its port and its connections.
pub trait Listening: Send + Sync {
    /// Where it listens.
    fn address(&self) -> SocketAddr;
}

/// Takes lines, one after another, each without its newline.
pub type TakesLines = Arc<dyn Fn(&[u8]) + Send + Sync>;

/// A child process to be started.
#[derive(Clone)]
pub struct Command {
    /// The program, by its path.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Its whole environment: nothing is inherited.
    pub environment: Vec<(OsString, OsString)>,
    /// Where it starts, as it sees it.
    pub directory: PathBuf,
    /// What it sees in the machine's stead, in this order: only where [`Outside::shows`] said that it can.
    pub view: Vec<Place>,
    /// Takes what it writes to stdout and stderr, line by line, without the newline.
    pub output: TakesLines,
}

/// What a child and its own children see at a path in the machine's stead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// What is in another directory; it can be read only.
    Shown {
        /// Where.
        at: PathBuf,
        /// Which directory.
        what: PathBuf,
    },
    /// A directory of its own: empty at first, and gone with the last process that sees it.
    Own {
        /// Where.
        at: PathBuf,
        /// Bytes that it takes.
        bytes: u64,
    },
}

/// A child process. Dropping the last handle kills its group.
pub trait Process: Send + Sync {
    /// Its id, which is also the id of its group.
    fn id(&self) -> u32;

    /// Hands over what it has written up to now. Returns when all of it has reached the command's `output`.
    fn drain(&self);

    /// Kills it with all that it started and that is still in its group.
    fn kill(&self);

    /// What memory it has held, where the system tells. Of one that has ended, what was known last.
    fn memory(&self) -> Option<Memory>;

    /// Bytes that it and its children hold now and that the system cannot take back, where it tells. What is not above
    /// `limit` is told roughly.
    fn held_memory(&self, limit: u64) -> Option<u64>;

    /// Waits for its end, and kills what is left of its group. The same answer for everyone who waits.
    fn ended(&self) -> BoxFuture<'static, Exit>;
}

/// The memory of a process, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Memory {
    /// The most that it ever held.
    pub peak: u64,
    /// The same without what the system can take back at any time: pages of files.
    pub kept_peak: u64,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this status.
    Status(i32),
    /// By this signal.
    Signal(i32),
}

/// A directory of its own. Dropping the last handle removes it with all that is in it.
pub trait Scratch: Send + Sync {
    /// Where it is.
    fn path(&self) -> &Path;

    /// Makes a directory in it, and those above.
    ///
    /// # Errors
    /// A path that leaves the scratch directory; trouble of the disk.
    fn directory(&self, relative: &str) -> Result<(), OutsideError>;

    /// Makes a file in it, and the directories above.
    ///
    /// # Errors
    /// A path that leaves the scratch directory; trouble of the disk or of `content`.
    fn file(&self, relative: &str, content: &mut dyn Read, mode: FileMode) -> Result<(), OutsideError>;
}

/// What may be done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileMode {
    /// It is read.
    Plain,
    /// It is a program.
    Executable,
}

/// Something outside did not work, in a sentence for the caller.
#[derive(Debug)]
pub struct OutsideError {
    sentence: String,
    source: Option<std::io::Error>,
}

impl OutsideError {
    /// A refusal.
    pub fn refused(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), source: None }
    }

    /// Trouble of the system, while doing what the sentence says.
    pub fn failed(sentence: impl Into<String>, source: std::io::Error) -> Self {
        Self { sentence: sentence.into(), source: Some(source) }
    }

    /// The system's own error, where there is one.
    pub fn io(&self) -> Option<&std::io::Error> {
        self.source.as_ref()
    }
}

impl fmt::Display for OutsideError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)?;
        self.source.as_ref().map_or(Ok(()), |source| write!(f, ": {source}"))
    }
}

impl std::error::Error for OutsideError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

/// No way out: refuses everything. What a router has that was given no other.
#[derive(Debug, Default, Clone, Copy)]
pub struct Closed;

impl Closed {
    fn refuse<T>(what: &str) -> Result<T, OutsideError> {
        Err(OutsideError::refused(format!("This mesh-local was made without a way out: it cannot {what}.")))
    }
}

impl Outside for Closed {
    fn listen(&self, _: Listen) -> Result<Box<dyn Listening>, OutsideError> {
        Self::refuse("listen on a port")
    }

    fn process(&self, _: Command) -> Result<Arc<dyn Process>, OutsideError> {
        Self::refuse("start processes")
    }

    fn programs(&self, _: &str) -> Vec<PathBuf> {
        Vec::new()
    }

    fn search_path(&self) -> OsString {
        OsString::new()
    }

    fn libraries(&self, _: &str) -> Option<PathBuf> {
        None
    }

    fn shows(&self, _: &Path, _: Option<&Path>) -> bool {
        false
    }

    fn scratch(&self, _: &str) -> Result<Arc<dyn Scratch>, OutsideError> {
        Self::refuse("make directories")
    }

    fn http(
        &self,
        _: http::Request<Bytes>,
    ) -> BoxFuture<'static, Result<http::Response<Bytes>, OutsideError>> {
        Box::pin(async { Self::refuse("send requests") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_outside_says_what_it_does_not_do() {
        let refused = Closed.scratch("code").err().map(|error| error.to_string());
        let sentence = "This mesh-local was made without a way out: it cannot make directories.";
        assert_eq!(refused.as_deref(), Some(sentence));
        assert!(Closed.programs("python3").is_empty());
    }

    #[test]
    fn trouble_of_the_system_is_told_behind_the_sentence() {
        let error = OutsideError::failed("cannot start it", std::io::Error::other("no such file"));
        assert_eq!(error.to_string(), "cannot start it: no such file");
    }
}
