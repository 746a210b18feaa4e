//! A universe as one file, and snapshots.

use super::hostile::unpack;
use super::*;
use mesh_store::ImportError;
use proptest::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) fn universes() -> Universes {
    Universes::of_kinds(kinds(), Seed(1), Mode::Frozen { at: Timestamp::from_secs(1_000) })
}

/// The file of a universe with a letter that is owed to somebody.
pub(crate) fn file() -> (Universe, Vec<u8>) {
    let universes = universes();
    let universe = default(&universes);
    (0..300).for_each(|number| post(&universe, "a", number, 1));
    write(&universe, "a", owe).expect("it is there");
    let mut file = Vec::new();
    universe.export(&mut file).expect("it can be written");
    (universe, file)
}

pub(crate) fn import(file: &[u8]) -> Result<Universe, ImportError> {
    universes().import(name("other"), file, false)
}

#[test]
fn a_file_holds_all_of_a_universe_which_then_lies_dormant_in_a_later_epoch() {
    let (origin, file) = file();
    origin.take_due().expect("it is due");
    let there = universes();
    let universe = there.import(name("other"), &file[..], false).expect("it can be read");
    assert_eq!(letters(&universe, "a"), letters(&origin, "a"));
    assert_eq!(universe.clock().now(), origin.clock().now());
    assert!(universe.epoch() > origin.epoch() && universe.awaken(), "nothing runs yet");
    assert_eq!(universe.draw_request_id(), origin.draw_request_id());
    let handling = universe.take_due().expect("what was owed is still owed");
    assert_eq!(universe.outbox(&handling.due().key, |outbox, _| outbox.len()), Ok(1));
    let draw = |universe: &Universe| write(universe, "a", |_, tx| Ok(tx.draw().next_u128()));
    assert_eq!(draw(&universe), draw(&origin), "it goes on from where it was");
}

#[test]
fn a_name_that_is_taken_is_replaced_only_when_that_is_said() {
    let (_, file) = file();
    let there = universes();
    let former = default(&there);
    let refused = there.import(UniverseName::DEFAULT, &file[..], false);
    assert!(matches!(refused, Err(ImportError::NameTaken)) && !former.is_gone());
    there.import(UniverseName::DEFAULT, &file[..], true).expect("it can be read");
    assert!(former.is_gone() && letters(&default(&there), "a").len() == 300);
}

/// The rows of a file and what stands behind them: all but the universe's epoch and counters at its beginning.
pub(crate) fn contents(universe: &Universe) -> Vec<u8> {
    let mut file = Vec::new();
    universe.export(&mut file).expect("it can be written");
    let plain = unpack(&file);
    let head = u32::from_le_bytes(plain[20..24].try_into().expect("four bytes"));
    plain[24 + usize::try_from(head).expect("it is small")..].to_vec()
}

/// What is done to one of three boxes.
#[derive(Debug, Clone)]
enum Deed {
    Own,
    Post(u64, u32),
    Remove(u64),
    Owe,
    /// It draws, and goes with all that it has.
    Leave,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        1 => Just(Deed::Own),
        6 => (0..50_u64, 0..9_u32).prop_map(|(letter, weight)| Deed::Post(letter, weight)),
        3 => (0..50_u64).prop_map(Deed::Remove),
        2 => Just(Deed::Owe),
        1 => Just(Deed::Leave),
    ]
}

impl Deed {
    fn apply(&self, universe: &Universe, box_: &str) {
        let done = write(universe, box_, |state, tx| {
            match *self {
                Self::Own => state.owner.set(Owner(tx.draw().next_u128().to_string())),
                Self::Post(letter, weight) => state.letters.insert(letter, Letter { weight }),
                Self::Remove(letter) => drop(state.letters.remove(&letter)),
                Self::Owe => drop(owe(state, tx)?),
                Self::Leave => {
                    tx.forgive();
                    state.owner.clear();
                    state.letters.clear();
                }
            }
            Ok(())
        });
        done.expect("it is there");
    }
}

const PLACES: [&str; 3] = ["a", "b", "c"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_exported_is_the_same_when_it_is_imported(
        deeds in prop::collection::vec((deed(), 0..3_usize), 0..60),
        at in 1_000..2_000_i64,
        requests in 0..5_usize,
    ) {
        let there = universes();
        let origin = default(&there);
        origin.clock().set_mode(Mode::Frozen { at: Timestamp::from_secs(at) });
        deeds.iter().for_each(|(deed, place)| deed.apply(&origin, PLACES[*place]));
        for _ in 0..requests {
            origin.draw_request_id();
        }
        let mut file = Vec::new();
        origin.export(&mut file).expect("it can be written");
        let elsewhere = universes();
        let copy = elsewhere.import(name("copy"), &file[..], false).expect("it can be read");
        prop_assert_eq!(contents(&copy), contents(&origin));
        prop_assert_eq!(copy.clock().mode(), origin.clock().mode());
        prop_assert_eq!(copy.partitions(), origin.partitions());
        prop_assert_eq!(copy.draw_request_id(), origin.draw_request_id());
        prop_assert!(copy.epoch() > origin.epoch());
        for place in PLACES {
            prop_assert_eq!(letters(&copy, place), letters(&origin, place));
            // Indexes are built anew, and a box that is no more goes on with what it draws.
            let of = |universe: &Universe| write(universe, place, |state, tx| {
                let heaviest: Vec<_> = state.letters.by().by_weight.range(..).map(|(key, _)| *key).collect();
                Ok((heaviest, tx.draw().next_u128()))
            });
            prop_assert_eq!(of(&copy), of(&origin));
        }
    }
}

#[test]
fn an_export_under_writes_is_one_moment() {
    let there = universes();
    let universe = default(&there);
    let (boxes, is_over) = (["a", "b", "c", "d"], AtomicBool::new(false));
    let each = 200;
    boxes.iter().for_each(|box_| (0..each).for_each(|number| post(&universe, box_, number, 1)));
    let carry = |from: &str, to: &str| {
        write(&universe, from, |state, tx| {
            let Some(number) = state.letters.first().map(|(number, _)| *number) else { return Ok(()) };
            let Some(letter) = state.letters.remove(&number) else { return Ok(()) };
            tx.on(&letter_box(to), |other: &mut LetterBox, _| {
                let free = other.letters.last().map_or(0, |(last, _)| last + 1);
                other.letters.put(free, Arc::clone(&letter));
            })
        })
    };
    std::thread::scope(|scope| {
        for writer in 0..3_usize {
            let (carry, is_over, boxes) = (&carry, &is_over, &boxes);
            scope.spawn(move || {
                for turn in 0_usize.. {
                    if is_over.load(Ordering::Relaxed) {
                        break;
                    }
                    carry(boxes[turn % 4], boxes[(turn + 1 + writer) % 4]).expect("it is there");
                }
            });
        }
        let found: Vec<usize> = (0..10)
            .map(|_| {
                let mut file = Vec::new();
                universe.export(&mut file).expect("it can be written");
                let copy = import(&file).expect("it can be read");
                boxes.iter().map(|box_| letters(&copy, box_).len()).sum()
            })
            .collect();
        is_over.store(true, Ordering::Relaxed);
        assert_eq!(found, [800; 10], "a letter is in one box, and never in two or none");
    });
}

#[test]
fn a_snapshot_is_gone_back_to_as_often_as_one_likes() {
    let universes = universes();
    post(&default(&universes), "a", 1, 1);
    assert!(universes.snapshot(&UniverseName::DEFAULT, name("kept")));
    for number in 2..4 {
        let former = default(&universes);
        post(&former, "a", number, 1);
        let restored = universes.restore(&UniverseName::DEFAULT, &name("kept")).expect("it is kept");
        assert!(former.is_gone() && restored.epoch() > former.epoch());
        assert_eq!(letters(&default(&universes), "a"), [(1, 1)]);
    }
    assert!(
        universes.restore(&UniverseName::DEFAULT, &name("other")).is_none() && !default(&universes).is_gone()
    );
    assert_eq!(universes.snapshots(), [name("kept")]);
    assert!(universes.delete_snapshot(&name("kept")) && !universes.delete_snapshot(&name("kept")));
}
