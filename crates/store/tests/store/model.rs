//! What a test does to universes, and a plain model of them.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// One thing that is done.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Post(usize, usize, u64, u32),
    Remove(usize, usize, u64),
    Clear(usize, usize),
    Delete(usize, usize),
    /// A letter goes from one box to another: never half.
    Carry(usize, u64),
    Fork(usize, usize),
    Reset(usize),
    DeleteUniverse(usize),
    Snapshot(usize),
    Restore(usize),
    /// Out into a file, and in again in the place of another.
    Copy(usize, usize),
    Restart {
        is_clean: bool,
    },
}

const UNIVERSES: [&str; 3] = ["default", "one", "two"];
const BOXES: [&str; 2] = ["a", "b"];

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let (universe, other, letter) = (0..3_usize, 0..3_usize, 0..6_u64);
    prop_oneof![
        10 => (universe.clone(), 0..2_usize, letter.clone(), 1..9_u32).prop_map(|(u, b, l, w)| Step::Post(u, b, l, w)),
        4 => (universe.clone(), 0..2_usize, letter.clone()).prop_map(|(u, b, l)| Step::Remove(u, b, l)),
        2 => (universe.clone(), 0..2_usize).prop_map(|(u, b)| Step::Clear(u, b)),
        2 => (universe.clone(), 0..2_usize).prop_map(|(u, b)| Step::Delete(u, b)),
        2 => (universe.clone(), letter).prop_map(|(u, l)| Step::Carry(u, l)),
        3 => (universe.clone(), other.clone()).prop_map(|(u, o)| Step::Fork(u, o)),
        1 => universe.clone().prop_map(Step::Reset),
        1 => universe.clone().prop_map(Step::Snapshot),
        1 => universe.clone().prop_map(Step::Restore),
        1 => (universe.clone(), other.clone()).prop_map(|(u, o)| Step::Copy(u, o)),
        2 => universe.prop_map(Step::DeleteUniverse),
        3 => any::<bool>().prop_map(|is_clean| Step::Restart { is_clean }),
    ]
}

/// Whether a box has an owner, and its letters with their weights.
type BoxModel = (bool, BTreeMap<u64, u32>);
/// By universe; the snapshot is one of them here.
pub(crate) type Model = BTreeMap<&'static str, [BoxModel; 2]>;

const KEPT: &str = "kept";

impl Step {
    pub(crate) fn apply_to_model(&self, model: &mut Model) {
        match *self {
            Self::Post(universe, box_, letter, weight) => {
                if let Some(boxes) = model.get_mut(UNIVERSES[universe]) {
                    boxes[box_].0 = true;
                    boxes[box_].1.insert(letter, weight);
                }
            }
            Self::Remove(universe, box_, letter) => {
                model.get_mut(UNIVERSES[universe]).and_then(|boxes| boxes[box_].1.remove(&letter));
            }
            Self::Clear(universe, box_) => {
                model.entry(UNIVERSES[universe]).and_modify(|boxes| boxes[box_].1.clear());
            }
            Self::Delete(universe, box_) => {
                model.entry(UNIVERSES[universe]).and_modify(|boxes| boxes[box_] = BoxModel::default());
            }
            Self::Carry(universe, letter) => {
                if let Some([from, to]) = model.get_mut(UNIVERSES[universe])
                    && let Some(weight) = from.1.remove(&letter)
                {
                    to.1.insert(letter, weight);
                }
            }
            Self::Fork(from, to) => {
                if !model.contains_key(UNIVERSES[to])
                    && let Some(state) = model.get(UNIVERSES[from]).cloned()
                {
                    model.insert(UNIVERSES[to], state);
                }
            }
            Self::Reset(universe) => {
                model.entry(UNIVERSES[universe]).and_modify(|state| *state = Default::default());
            }
            Self::Snapshot(universe) => {
                if let Some(state) = model.get(UNIVERSES[universe]).cloned() {
                    model.insert(KEPT, state);
                }
            }
            Self::Restore(universe) => {
                if let Some(state) = model.get(KEPT).cloned() {
                    model.entry(UNIVERSES[universe]).and_modify(|there| *there = state);
                }
            }
            Self::Copy(from, to) => {
                if let Some(state) = model.get(UNIVERSES[from]).cloned() {
                    model.insert(UNIVERSES[to], state);
                }
            }
            Self::DeleteUniverse(0) => drop(model.insert(UNIVERSES[0], Default::default())),
            Self::DeleteUniverse(universe) => drop(model.remove(UNIVERSES[universe])),
            Self::Restart { .. } => {}
        }
    }

    /// Does it, as far as the disk lets it.
    pub(crate) fn apply(&self, universes: &Universes) -> Result<(), Need> {
        let of = |universe: usize| universes.get(&name(UNIVERSES[universe]));
        let on = |universe: usize, box_: usize, work: &dyn Fn(&mut LetterBox)| {
            let Some(universe) = of(universe) else { return Ok(()) };
            write(&universe, BOXES[box_], |state, _| {
                work(state);
                Ok(())
            })
        };
        match *self {
            Self::Post(universe, box_, letter, weight) => on(universe, box_, &|state| {
                state.owner.set(Owner("me".to_owned()));
                state.letters.insert(letter, Letter { weight });
            })?,
            Self::Remove(universe, box_, letter) => {
                on(universe, box_, &|state| drop(state.letters.remove(&letter)))?;
            }
            Self::Clear(universe, box_) => on(universe, box_, &|state| state.letters.clear())?,
            Self::Delete(universe, box_) => on(universe, box_, &|state| {
                state.owner.clear();
                state.letters.clear();
            })?,
            Self::Carry(universe, letter) => {
                let Some(universe) = of(universe) else { return Ok(()) };
                write(&universe, "a", |state, tx| {
                    let Some(carried) = state.letters.remove(&letter) else { return Ok(()) };
                    tx.on(&letter_box("b"), |other: &mut LetterBox, _| other.letters.put(letter, carried))
                })?;
            }
            Self::Fork(from, to) => drop(universes.fork(&name(UNIVERSES[from]), name(UNIVERSES[to]))),
            Self::Reset(universe) => drop(universes.reset(&name(UNIVERSES[universe]))),
            Self::Snapshot(universe) => drop(universes.snapshot(&name(UNIVERSES[universe]), name(KEPT))),
            Self::Restore(universe) => drop(universes.restore(&name(UNIVERSES[universe]), &name(KEPT))),
            Self::Copy(from, to) => {
                let Some(universe) = of(from) else { return Ok(()) };
                let mut file = Vec::new();
                universe.export(&mut file).expect("it can be written");
                universes.import(name(UNIVERSES[to]), &file[..], true).expect("it can be read");
            }
            Self::DeleteUniverse(universe) => drop(universes.delete(&name(UNIVERSES[universe]))),
            Self::Restart { .. } => {}
        }
        Ok(())
    }
}

/// What is there, in the model's form. What is kept to go back to is not looked at.
pub(crate) fn state_of(universes: &Universes) -> Model {
    let of_box = |universe: &Universe, box_: &str| {
        let read = |state: &LetterBox, _| {
            let letters = state.letters.range(..).map(|(number, letter)| (*number, letter.weight)).collect();
            (state.owner.get().is_some(), letters)
        };
        universe.read(&letter_box(box_), read).expect("it is there")
    };
    let of_universe = |text: &&'static str| {
        let universe = universes.get(&name(text))?;
        Some((*text, BOXES.map(|box_| of_box(&universe, box_))))
    };
    let mut model: Model = UNIVERSES.iter().filter_map(of_universe).collect();
    if universes.snapshots().contains(&name(KEPT)) {
        model.insert(KEPT, Default::default());
    }
    model
}

/// The same, with what is kept, for which the default universe is given up.
pub(crate) fn whole_state_of(universes: &Universes) -> Model {
    let mut model = state_of(universes);
    if universes.restore(&UniverseName::DEFAULT, &name(KEPT)).is_some() {
        let kept = state_of(universes).remove(UNIVERSES[0]);
        model.extend(kept.map(|kept| (KEPT, kept)));
    }
    model
}

/// The model as [`state_of`] shows it.
pub(crate) fn shown(model: &Model) -> Model {
    let mut model = model.clone();
    model.entry(KEPT).and_modify(|kept| *kept = Default::default());
    model
}
