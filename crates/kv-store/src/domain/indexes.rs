//! How the secondary indexes of a table follow its items.

use super::capacity::write_units;
use super::failure::KeyFailure;
use super::key::ItemKey;
use super::settings::{IndexSettings, Scope, TableSettings};
use super::value::Item;
use crate::state::table::{EntryKey, IndexTotals, Place, TableState, Totals};
use smol_str::SmolStr;
use std::sync::Arc;

/// The keys of an item in the indexes of its table, in their order; none where it is not in the index.
pub(super) type IndexKeys = Vec<Option<ItemKey>>;

/// The keys that an item is to have in the indexes.
///
/// # Errors
/// An attribute that cannot be the key of its index. Of several, AWS names one of the last index.
pub(super) fn index_keys(settings: &TableSettings, item: &Item) -> Result<IndexKeys, KeyFailure> {
    let keys = |index: &IndexSettings| index.keys.key_in_index(&index.name, item);
    let mut found = settings.indexes.iter().rev().map(keys).collect::<Result<IndexKeys, _>>()?;
    found.reverse();
    Ok(found)
}

impl TableState {
    /// Lets the indexes follow an item from one value to another. Answers the units that each index consumes.
    pub(super) fn follow(
        &mut self,
        settings: &TableSettings,
        place: &ItemKey,
        old: Option<&Item>,
        new: Option<(&Arc<Item>, IndexKeys)>,
        totals: &mut Totals,
    ) -> Vec<(SmolStr, Scope, f64)> {
        let (new, keys) = new.map_or((None, Vec::new()), |(item, keys)| (Some(item), keys));
        let mut keys = keys.into_iter();
        totals.indexes.resize(settings.indexes.len(), IndexTotals::default());
        let mut consumed = Vec::new();
        for (index, totals) in settings.indexes.iter().zip(&mut totals.indexes) {
            let entry =
                |key: ItemKey| EntryKey { index: index.number, key, place: Place::Item(place.clone()) };
            // an item that is stored was checked when it came
            let old_key =
                old.and_then(|old| index.keys.key_in_index(&index.name, old).ok().flatten()).map(entry);
            let new_key = keys.next().flatten().map(entry);
            let shown = |item: &Arc<Item>| {
                index.part_of(&settings.keys, item).map_or_else(|| Arc::clone(item), Arc::new)
            };
            let put = new_key.zip(new.map(shown));
            let units = self.change_entry(old_key, put, totals);
            if units > 0.0 {
                consumed.push((index.name.clone(), index.scope, units));
            }
        }
        consumed
    }

    /// Moves, replaces or removes one entry. Answers the units: none where nothing that the index shows has changed; an
    /// entry that moves is taken out and put in.
    fn change_entry(
        &mut self,
        old: Option<EntryKey>,
        new: Option<(EntryKey, Arc<Item>)>,
        totals: &mut IndexTotals,
    ) -> f64 {
        let former = old.as_ref().and_then(|key| self.entries.get_shared(key));
        let (old_size, new_size) =
            (former.as_deref().map(Item::size), new.as_ref().map(|(_, item)| item.size()));
        let is_same_place = old.as_ref() == new.as_ref().map(|(key, _)| key);
        if is_same_place && former.as_ref() == new.as_ref().map(|(_, item)| item) {
            return 0.0;
        }
        totals.items = (totals.items + u64::from(new.is_some())).saturating_sub(u64::from(former.is_some()));
        totals.bytes =
            (totals.bytes + new_size.unwrap_or(0) as u64).saturating_sub(old_size.unwrap_or(0) as u64);
        if let Some(old) = old.filter(|_| !is_same_place) {
            self.entries.remove(&old);
        }
        if let Some((key, item)) = new {
            self.entries.put(key, item);
        }
        match (old_size, new_size) {
            (Some(old), Some(new)) if is_same_place => write_units(old.max(new)),
            _ => old_size.into_iter().chain(new_size).map(write_units).sum(),
        }
    }
}
