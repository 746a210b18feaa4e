//! The rules of batches.

use super::failure::{EmptyBatch, InvalidEntryId, RepeatedEntryId, TooManyEntries};
use crate::limits::{ENTRY_ID_LENGTH, MAX_BATCH_ENTRIES};
use mesh_models::sqs::BatchResultErrorEntry;
use mesh_router::faults::Parted;
use mesh_wire::{ApiError, Fault};
use std::collections::BTreeSet;

/// Checks the ids of a batch's entries, in AWS's order. `entry` is what the model calls an entry.
///
/// # Errors
/// None, more than ten, an id that is none, one that comes twice.
pub fn check<'a, E>(
    entry: &'static str,
    ids: impl ExactSizeIterator<Item = Option<&'a str>> + Clone,
) -> Result<(), E>
where
    E: From<EmptyBatch> + From<TooManyEntries> + From<InvalidEntryId> + From<RepeatedEntryId>,
{
    match ids.len() {
        0 => return Err(EmptyBatch { entry }.into()),
        count if count > MAX_BATCH_ENTRIES => return Err(TooManyEntries { count }.into()),
        _ => {}
    }
    let is_id = |id: &str| {
        ENTRY_ID_LENGTH.contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    let ids = ids.map(Option::unwrap_or_default);
    if !ids.clone().all(is_id) {
        return Err(InvalidEntryId.into());
    }
    let mut seen = BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err(RepeatedEntryId { id: id.to_owned() }.into());
        }
    }
    Ok(())
}

/// The code of an entry that AWS's own trouble has met.
const INTERNAL: &str = "InternalError";

/// A batch without the entries that a fault rule has fail, which the queue does not see, and what is answered of these.
pub fn without_struck<T>(
    parted: Parted<T>,
    id: impl Fn(T) -> Option<String>,
) -> (Vec<T>, Vec<BatchResultErrorEntry>) {
    let code = parted.code.as_deref().unwrap_or(INTERNAL);
    let failed = |entry| BatchResultErrorEntry {
        id: id(entry),
        sender_fault: Some(false),
        code: Some(code.to_owned()),
        message: Some("A fault rule has this entry fail.".to_owned()),
    };
    (parted.spared, parted.struck.into_iter().map(failed).collect())
}

/// An entry that failed, while others may not have.
pub fn failed(id: String, error: impl Into<ApiError>) -> BatchResultErrorEntry {
    let error: ApiError = error.into();
    BatchResultErrorEntry {
        id: Some(id),
        sender_fault: Some(error.meta().fault == Fault::Client),
        code: Some(error.meta().query_code.to_owned()),
        message: Some(error.message().to_owned()),
    }
}

/// The ids of the entries that did not fail, made to what is answered, and those that failed, behind those that were
/// struck; nothing where there are none.
pub fn split<T, E: Into<ApiError>>(
    struck: Vec<BatchResultErrorEntry>,
    entries: impl IntoIterator<Item = (String, Result<(), E>)>,
    succeeded: impl Fn(String) -> T,
) -> (Option<Vec<T>>, Option<Vec<BatchResultErrorEntry>>) {
    let (mut good, mut bad) = (Vec::new(), struck);
    for (id, result) in entries {
        match result {
            Ok(()) => good.push(succeeded(id)),
            Err(error) => bad.push(failed(id, error)),
        }
    }
    ((!good.is_empty()).then_some(good), (!bad.is_empty()).then_some(bad))
}
