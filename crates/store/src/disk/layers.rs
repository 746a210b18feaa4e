//! Layers: how a fork on disk costs nothing.
//!
//! The rows of a universe lie in a stack of layers. What is written goes into the uppermost, which belongs to the universe
//! alone; a row there stands for the same one in the layers below. A fork gives both universes a new, empty layer on top
//! of what they share. A layer that no universe uses any more is garbage, and those below it that were there for it alone.

use super::StorageError;
use super::layout::NO_LAYER;
use super::tables::{Generations, Tables};
use std::collections::{BTreeMap, BTreeSet};

/// The layers of the file.
#[derive(Debug, Default)]
pub(crate) struct Layers {
    /// What each lies on.
    below: BTreeMap<u32, u32>,
    /// How many layers and universes lie on each.
    users: BTreeMap<u32, usize>,
    /// Those in which nothing was written yet.
    empty: BTreeSet<u32>,
    last: u32,
}

impl Layers {
    /// The layers that are on disk.
    pub(crate) fn new(below: BTreeMap<u32, u32>) -> Self {
        let mut layers =
            Self { last: below.keys().next_back().copied().unwrap_or(NO_LAYER), ..Self::default() };
        for &base in below.values() {
            layers.add_user(base);
        }
        layers.below = below;
        layers
    }

    /// What a layer lies on.
    pub(crate) fn below(&self, layer: u32) -> Option<u32> {
        self.below.get(&layer).copied().filter(|base| *base != NO_LAYER)
    }

    /// All of them, each after what it lies on, with what that is.
    pub(crate) fn in_order(&self) -> Vec<(u32, Option<u32>)> {
        // A layer is younger than the one it lies on.
        self.below.keys().map(|&layer| (layer, self.below(layer))).collect()
    }

    /// How many layers and universes lie on a layer.
    pub(crate) fn users(&self, layer: u32) -> usize {
        self.users.get(&layer).copied().unwrap_or(0)
    }

    /// A universe has this as its uppermost layer.
    pub(crate) fn add_user(&mut self, layer: u32) {
        *self.users.entry(layer).or_default() += 1;
    }

    /// Something was written into a layer.
    pub(crate) fn touch(&mut self, layer: u32) {
        self.empty.remove(&layer);
    }

    /// Notes that a layer is empty.
    pub(crate) fn note_empty(&mut self, layer: u32) {
        self.empty.insert(layer);
    }

    /// A new layer on another, or on none, with one universe on it.
    pub(crate) fn add(&mut self, tables: &mut Tables<'_>, base: u32) -> Result<u32, StorageError> {
        self.last += 1;
        tables.layers.insert(self.last, base)?;
        self.below.insert(self.last, base);
        self.empty.insert(self.last);
        self.add_user(base);
        self.add_user(self.last);
        Ok(self.last)
    }

    /// Two universes from the one with this uppermost layer: the layers that it and the other have from now on.
    pub(crate) fn fork(&mut self, tables: &mut Tables<'_>, layer: u32) -> Result<(u32, u32), StorageError> {
        if self.empty.contains(&layer) {
            let base = self.below(layer).unwrap_or(NO_LAYER);
            return Ok((layer, self.add(tables, base)?));
        }
        let own = self.add(tables, layer)?;
        let other = self.add(tables, layer)?;
        // The universe that had it lies on it no longer, but its new layer does.
        self.users.entry(layer).and_modify(|users| *users -= 1);
        Ok((own, other))
    }

    /// A universe or a layer does not lie on this one any more.
    pub(crate) fn release(
        &mut self,
        tables: &mut Tables<'_>,
        generations: &mut Generations,
        mut layer: u32,
    ) -> Result<(), StorageError> {
        while layer != NO_LAYER {
            let users = self.users.entry(layer).or_default();
            *users = users.saturating_sub(1);
            if *users > 0 {
                break;
            }
            layer = self.forget(tables, generations, layer)?;
        }
        Ok(())
    }

    /// Takes a layer away on which nothing lies; answers what it lay on.
    fn forget(
        &mut self,
        tables: &mut Tables<'_>,
        generations: &mut Generations,
        layer: u32,
    ) -> Result<u32, StorageError> {
        tables.remove_layer(layer, generations)?;
        self.users.remove(&layer);
        self.empty.remove(&layer);
        Ok(self.below.remove(&layer).unwrap_or(NO_LAYER))
    }

    /// Takes a layer away whose rows were moved into the one below; `above` lie on that one now.
    pub(crate) fn collapse(
        &mut self,
        tables: &mut Tables<'_>,
        generations: &mut Generations,
        layer: u32,
    ) -> Result<(), StorageError> {
        let users = self.users(layer);
        let base = self.forget(tables, generations, layer)?;
        self.users.insert(base, users);
        for (&above, below) in self.below.iter_mut().filter(|(_, below)| **below == layer) {
            *below = base;
            tables.layers.insert(above, base)?;
        }
        Ok(())
    }
}
