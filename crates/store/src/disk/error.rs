//! Why the state on disk cannot be had.

use crate::RowError;
use std::fmt;
use std::path::PathBuf;

/// Why a data directory cannot be used, in a sentence that says what to do.
#[derive(Debug)]
pub enum StorageError {
    /// Another process has it.
    Locked(PathBuf),
    /// It cannot be made, read or written.
    Unusable(PathBuf, std::io::Error),
    /// A later version has written it.
    Newer(String),
    /// A version has written it whose states are not read any more.
    Older(String),
    /// What lies there is no state of ours, or is not whole.
    Damaged(String),
    /// The disk failed.
    Failed(String),
}

impl StorageError {
    /// Something on disk is not as it must be.
    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged(what.into())
    }
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Locked(place) => write!(
                f,
                "the data directory {} is used by another process: end that mesh-local (mesh-local down), or give \
                 another --data-dir",
                place.display()
            ),
            Self::Unusable(place, error) => write!(
                f,
                "the data directory {} cannot be used ({error}): make it writable, or give another --data-dir",
                place.display()
            ),
            Self::Newer(what) => write!(
                f,
                "the state was written by a newer mesh-local ({what}): use that version, or give another --data-dir"
            ),
            Self::Older(what) => write!(
                f,
                "the state was written by a mesh-local that is too old ({what}): move the data directory away to begin \
                 anew"
            ),
            Self::Damaged(what) => write!(
                f,
                "the state is damaged ({what}): put a copy of the data directory in its place, or move it away to \
                 begin anew"
            ),
            Self::Failed(what) => write!(
                f,
                "the disk failed ({what}): see to it that there is room and that the data directory can be written, \
                 then start again"
            ),
        }
    }
}

impl std::error::Error for StorageError {}

impl From<RowError> for StorageError {
    fn from(error: RowError) -> Self {
        match error {
            RowError::Malformed(_) => Self::damaged(error.to_string()),
            RowError::UnknownLayout { .. } | RowError::UnknownTable { .. } => Self::Newer(error.to_string()),
        }
    }
}

macro_rules! from_redb {
    ($($error:ty),*) => {
        $(impl From<$error> for StorageError {
            fn from(error: $error) -> Self {
                of_redb(redb::Error::from(error))
            }
        })*
    };
}

from_redb!(
    redb::StorageError,
    redb::TableError,
    redb::TransactionError,
    redb::CommitError,
    redb::DatabaseError
);

/// Whether the system has read what is no state of ours, or the end of the file where there should be more.
pub(super) fn is_damage(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::InvalidData | std::io::ErrorKind::UnexpectedEof)
}

fn of_redb(error: redb::Error) -> StorageError {
    match error {
        redb::Error::Io(error) if is_damage(&error) => StorageError::damaged(error.to_string()),
        redb::Error::Corrupted(what) => StorageError::Damaged(what),
        redb::Error::UpgradeRequired(version) => {
            StorageError::damaged(format!("version {version} of the file's format is not known"))
        }
        redb::Error::TableTypeMismatch { .. } | redb::Error::TableIsMultimap(_) => {
            StorageError::damaged("the file holds something else")
        }
        other => StorageError::Failed(other.to_string()),
    }
}
