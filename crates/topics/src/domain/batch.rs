//! The rules of batches.

use super::failure::{EmptyBatch, InvalidEntryId, RepeatedEntryId, TooManyEntries};
use crate::limits::{ENTRY_ID_LENGTH, MAX_BATCH_ENTRIES};
use mesh_models::sns::BatchResultErrorEntry;
use mesh_router::faults::FailedEntries;
use std::collections::BTreeSet;

/// Checks the ids of a batch's entries, in AWS's order.
///
/// # Errors
/// None, more than ten, an id that is none, one that comes twice.
pub fn check<E>(ids: &[&str]) -> Result<(), E>
where
    E: From<EmptyBatch> + From<TooManyEntries> + From<InvalidEntryId> + From<RepeatedEntryId>,
{
    if ids.is_empty() {
        return Err(EmptyBatch.into());
    }
    if ids.len() > MAX_BATCH_ENTRIES {
        return Err(TooManyEntries.into());
    }
    let is_id = |id: &&str| {
        ENTRY_ID_LENGTH.contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    if !ids.iter().all(is_id) {
        return Err(InvalidEntryId.into());
    }
    if ids.iter().collect::<BTreeSet<_>>().len() < ids.len() {
        return Err(RepeatedEntryId.into());
    }
    Ok(())
}

/// The code of an entry that AWS's own trouble has met.
const INTERNAL: &str = "InternalError";

/// Takes out the entries that a fault rule has fail, as if AWS's own trouble had met them alone: nobody is sent them. They
/// are answered as failed.
pub fn strike<T>(
    struck: Option<FailedEntries>,
    entries: Vec<(String, T)>,
) -> (Vec<(String, T)>, Vec<BatchResultErrorEntry>) {
    let is_struck = |position| struck.as_ref().is_some_and(|struck| struck.contains(position));
    let (mut spared, mut failed) = (Vec::new(), Vec::new());
    for (position, (id, entry)) in entries.into_iter().enumerate() {
        if !is_struck(position) {
            spared.push((id, entry));
            continue;
        }
        let code = struck.as_ref().and_then(FailedEntries::code).unwrap_or(INTERNAL);
        failed.push(BatchResultErrorEntry {
            id: Some(id),
            code: Some(code.to_owned()),
            message: Some("A fault rule has this entry fail.".to_owned()),
            sender_fault: Some(false),
        });
    }
    (spared, failed)
}
