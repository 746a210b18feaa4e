//! The rules of batches.

use super::failure::{EmptyBatch, InvalidEntryId, RepeatedEntryId, TooManyEntries};
use crate::limits::{ENTRY_ID_LENGTH, MAX_BATCH_ENTRIES};
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
