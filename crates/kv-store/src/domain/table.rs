//! What a table does: it is created and deleted; items are put, read, updated and deleted.

use super::capacity::{Consumed, write_units};
use super::expression::{Condition, UpdateExpression};
use super::failure::{
    ConditionFailed, DeletionProtected, Invalid, KeyFailure, NoSuchTable, TableExists, TableNotFound,
    UpdateFailure,
};
use super::indexes::{IndexKeys, index_keys};
use super::key::ItemKey;
use super::settings::TableSettings;
use super::value::Item;
use crate::state::table::{TableState, Totals};
use mesh_store::Tx;
use std::sync::Arc;

/// What every change of an item may fail with.
pub trait WriteError: From<NoSuchTable> + From<KeyFailure> + From<ConditionFailed> {}
impl<E: From<NoSuchTable> + From<KeyFailure> + From<ConditionFailed>> WriteError for E {}

/// What must hold for an item to be changed.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    /// The condition, if there is one.
    pub condition: Option<Condition>,
    /// Whether the caller wants to see the item for which it does not hold.
    pub shows_item: bool,
}

/// An item was changed.
#[derive(Debug, Clone)]
pub struct Written {
    /// What it was.
    pub old: Option<Arc<Item>>,
    /// What it is.
    pub new: Option<Arc<Item>>,
    /// What the change costs.
    pub consumed: Consumed,
    /// The partition key of its item collection, in a table with local indexes.
    pub collection: Option<Item>,
}

impl Guard {
    /// Refuses a condition that looks inside a key.
    fn check_paths(&self, settings: &TableSettings) -> Result<(), KeyFailure> {
        let Some(condition) = &self.condition else { return Ok(()) };
        let paths = condition.paths();
        settings.keys.check_paths(&paths)?;
        settings.indexes.iter().try_for_each(|index| index.keys.check_index_paths(&paths))
    }

    /// Refuses the change where the condition does not hold for the item that is there.
    fn check(&self, found: Option<&Arc<Item>>) -> Result<(), ConditionFailed> {
        let Some(condition) = &self.condition else { return Ok(()) };
        let holds = match found {
            Some(item) => condition.holds(item),
            None => condition.holds(&Item::default()),
        };
        if holds {
            Ok(())
        } else {
            Err(ConditionFailed { found: found.filter(|_| self.shows_item).cloned() })
        }
    }
}

impl TableState {
    /// Creates the table.
    ///
    /// # Errors
    /// It exists.
    pub fn create(&mut self, name: &str, settings: TableSettings) -> Result<(), TableExists> {
        if self.settings.get().is_some() {
            return Err(TableExists { name: name.to_owned() });
        }
        self.settings.set(settings);
        Ok(())
    }

    /// Deletes the table with all that is in it. Answers what it was and what it held.
    ///
    /// # Errors
    /// There is no such table; it is protected.
    pub fn delete<E>(&mut self, name: &str, tx: &mut Tx<'_>) -> Result<(Arc<TableSettings>, Size), E>
    where
        E: From<TableNotFound> + From<DeletionProtected>,
    {
        let settings = self.settings.get_shared().ok_or_else(|| TableNotFound { name: name.to_owned() })?;
        if settings.is_protected {
            return Err(DeletionProtected.into());
        }
        let size = self.size();
        self.settings.clear();
        self.items.clear();
        self.entries.clear();
        self.totals.clear();
        tx.forgive();
        Ok((settings, size))
    }

    /// The table's settings.
    ///
    /// # Errors
    /// There is no such table.
    pub fn existing(&self) -> Result<&TableSettings, NoSuchTable> {
        self.settings.get().ok_or(NoSuchTable)
    }

    /// How much it and its indexes hold.
    pub fn size(&self) -> Size {
        Size { items: self.items.len() as u64, totals: self.totals.get().cloned().unwrap_or_default() }
    }

    /// The item of a key.
    ///
    /// # Errors
    /// There is no such table; a key that is none of it.
    pub fn get<E: From<NoSuchTable> + From<KeyFailure>>(&self, key: &Item) -> Result<Option<Arc<Item>>, E> {
        let key = self.existing()?.keys.key_of_given(key)?;
        Ok(self.items.get_shared(&key))
    }

    /// Puts an item, in place of one with the same key.
    ///
    /// # Errors
    /// There is no such table; the item cannot be in it or in its indexes; the condition does not hold.
    pub fn put<E: WriteError>(&mut self, item: &Arc<Item>, guard: &Guard) -> Result<Written, E> {
        let settings = self.settings.get_shared().ok_or(NoSuchTable)?;
        let key = settings.keys.key_of_item(item)?;
        let keys = index_keys(&settings, item)?;
        guard.check_paths(&settings)?;
        let old = self.items.get_shared(&key);
        guard.check(old.as_ref())?;
        Ok(self.replace(&settings, key, old, Some((Arc::clone(item), keys))))
    }

    /// Deletes the item of a key, if there is one.
    ///
    /// # Errors
    /// There is no such table; a key that is none of it; the condition does not hold.
    pub fn delete_item<E: WriteError>(&mut self, key: &Item, guard: &Guard) -> Result<Written, E> {
        let settings = self.settings.get_shared().ok_or(NoSuchTable)?;
        let key = settings.keys.key_of_given(key)?;
        guard.check_paths(&settings)?;
        let old = self.items.get_shared(&key);
        guard.check(old.as_ref())?;
        Ok(self.replace(&settings, key, old, None))
    }

    /// Updates the item of a key, or makes one. Without an update, an item that is not there is made of its key.
    ///
    /// # Errors
    /// There is no such table; a key that is none of it; the condition does not hold; an update that cannot be done to
    /// this item, or that would make it one that cannot be in the table or in its indexes.
    pub fn update<E>(
        &mut self,
        key: &Item,
        update: Option<&UpdateExpression>,
        guard: &Guard,
    ) -> Result<Written, E>
    where
        E: WriteError + From<UpdateFailure> + From<Invalid>,
    {
        let settings = self.settings.get_shared().ok_or(NoSuchTable)?;
        let place = settings.keys.key_of_given(key)?;
        if let Some(update) = update {
            check_update(&settings, update)?;
        }
        guard.check_paths(&settings)?;
        let old = self.items.get_shared(&place);
        guard.check(old.as_ref())?;
        let new = match update {
            Some(update) => update.apply(old.as_deref(), key)?.item.map(Arc::new),
            None => Some(old.clone().unwrap_or_else(|| Arc::new(key.clone()))),
        };
        let Some(new) = new else { return Ok(self.replace(&settings, place, old, None)) };
        new.check_updated().map_err(Invalid::from)?;
        let keys = index_keys(&settings, &new).map_err(|failure| match failure {
            // the type was right before, so the update has computed another
            KeyFailure::IndexMismatch { .. } => KeyFailure::IndexKeyUnsupported,
            other => other,
        })?;
        Ok(self.replace(&settings, place, old, Some((new, keys))))
    }

    /// Puts `new` in the place of `old`, in the table and in its indexes, and counts.
    fn replace(
        &mut self,
        settings: &TableSettings,
        place: ItemKey,
        old: Option<Arc<Item>>,
        new: Option<(Arc<Item>, IndexKeys)>,
    ) -> Written {
        let (item, keys) = new.map_or((None, Vec::new()), |(item, keys)| (Some(item), keys));
        let size = |item: &Option<Arc<Item>>| item.as_deref().map_or(0, Item::size);
        let (old_size, new_size) = (size(&old), size(&item));
        let mut consumed = Consumed::of_table(write_units(old_size.max(new_size)));
        if old.is_some() || item.is_some() {
            let mut totals = self.totals.get().cloned().unwrap_or_default();
            totals.bytes = (totals.bytes + new_size as u64).saturating_sub(old_size as u64);
            if !settings.indexes.is_empty() {
                let new = item.as_ref().map(|item| (item, keys));
                consumed.indexes = self.follow(settings, &place, old.as_deref(), new, &mut totals);
            }
            self.totals.set(totals);
        }
        let collection =
            settings.has_local_indexes().then(|| item.as_deref().or(old.as_deref())).flatten().map(|item| {
                let hash = &settings.keys.hash.name;
                item.get(hash).map(|value| (hash.clone(), value.clone())).into_iter().collect()
            });
        match &item {
            Some(item) => self.items.put(place, Arc::clone(item)),
            None => {
                self.items.remove(&place);
            }
        }
        Written { old, new: item, consumed, collection }
    }
}

/// Refuses an update that, by its text alone, cannot be done to any item of the table.
fn check_update(settings: &TableSettings, update: &UpdateExpression) -> Result<(), KeyFailure> {
    let paths = update.paths();
    settings.keys.check_update(update)?;
    settings.keys.check_paths(&paths)?;
    for index in &settings.indexes {
        index.keys.check_index_update(&index.name, update)?;
        index.keys.check_index_paths(&paths)?;
    }
    Ok(())
}

/// How much a table and its indexes hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Size {
    /// The number of items.
    pub items: u64,
    /// Bytes, and what the indexes hold.
    pub totals: Totals,
}
