//! The state on disk: what is there after a restart, a crash and a failure.

use super::medium::{Fault, Image, Medium};
use super::*;
use mesh_store::{Durability, Kinds, StorageError, Universes};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::time::Duration;

fn kinds() -> Kinds {
    let mut kinds = Kinds::default();
    kinds.add::<LetterBox>();
    kinds
}

fn open(medium: &Medium, durability: Durability) -> Universes {
    Universes::open_backend(medium.tables(), medium.logs(), durability, kinds(), Seed(1))
        .expect("it can be opened")
}

fn default(universes: &Universes) -> Universe {
    universes.get(&UniverseName::DEFAULT).expect("it is there")
}

fn name(text: &str) -> UniverseName {
    UniverseName::parse(text).expect("a name")
}

/// Runs a future, but not for ever.
fn block_on<T>(what: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async { tokio::time::timeout(Duration::from_secs(30), what).await.expect("it ends") })
}

/// Waits until what was shown may be told.
fn settle(universe: &Universe) {
    block_on(universe.settled_on_disk()).expect("the disk works");
}

#[test]
fn after_a_restart_everything_is_there_and_the_epoch_is_another() {
    let medium = Medium::default();
    let universes = open(&medium, Durability::Relaxed);
    let origin = default(&universes);
    origin.clock().set_mode(Mode::Frozen { at: Timestamp::from_secs(5) });
    post(&origin, "a", 1, 10);
    let id = write(&origin, "a", owe).expect("it is there");
    let former = (origin.draw_request_id(), origin.epoch());
    universes.close();
    let universes = open(&medium, Durability::Relaxed);
    let universe = default(&universes);
    assert_eq!(letters(&universe, "a"), [(1, 1)]);
    assert_eq!(universe.clock().mode(), Mode::Frozen { at: Timestamp::from_secs(5) });
    assert!(universe.draw_request_id() != former.0 && universe.epoch() > former.1);
    let weights = universe.read(&letter_box("a"), |state, _| state.letters.by().by_weight.len());
    assert_eq!(weights, Ok(1), "indexes are built again");
    let handling = universe.take_due().expect("the outbox wants the dispatcher");
    let owed = universe.outbox(&handling.due().key, |outbox, _| outbox.get(&0).map(|pending| pending.id));
    assert_eq!(owed, Ok(Some(id)));
}

#[test]
fn a_partition_with_a_driver_is_looked_after_once_after_a_restart() {
    let medium = Medium::default();
    post(&default(&open(&medium, Durability::Relaxed)), "a", 1, 1);
    let mut kinds = Kinds::default();
    kinds.add_driven::<LetterBox>();
    let universes =
        Universes::open_backend(medium.tables(), medium.logs(), Durability::Relaxed, kinds, Seed(1))
            .expect("it opens");
    let universe = default(&universes);
    assert!(universe.take_due().is_some_and(|handling| handling.due().key == *letter_box("a")));
    assert!(universe.take_due().is_none());
}

#[test]
fn many_rows_come_back_with_their_indexes() {
    let medium = Medium::default();
    let universes = open(&medium, Durability::Relaxed);
    write(&default(&universes), "a", |state, _| {
        (0..20_000).for_each(|number| state.letters.insert(number, Letter { weight: 1 + number as u32 % 7 }));
        Ok(())
    })
    .expect("it is there");
    drop(universes);
    let universes = open(&medium, Durability::Relaxed);
    let expected: Vec<_> = (0..20_000).map(|number| (number, 1 + number as u32 % 7)).collect();
    assert_eq!(letters(&default(&universes), "a"), expected);
    let heaviest = |state: &LetterBox, _| state.letters.by().by_weight.range((7, 0)..).count();
    let found = default(&universes).read(&letter_box("a"), heaviest);
    assert_eq!(found, Ok(expected.iter().filter(|(_, weight)| *weight == 7).count()));
}

#[test]
fn what_is_drawn_after_a_restart_was_not_drawn_before() {
    let medium = Medium::default();
    let draw =
        |universe: &Universe| write(universe, "a", |_, tx| Ok(tx.draw().next_u128())).expect("it is there");
    let first = draw(&default(&open(&medium, Durability::Relaxed)));
    let second = draw(&default(&open(&medium, Durability::Relaxed)));
    assert_ne!(first, second);
}

#[test]
fn forks_share_after_a_restart_what_they_shared_before() {
    let medium = Medium::default();
    let universes = open(&medium, Durability::Relaxed);
    post(&default(&universes), "a", 1, 1);
    universes.fork(&UniverseName::DEFAULT, name("fork")).expect("it can be made");
    post(&default(&universes), "a", 2, 1);
    drop(universes);
    let universes = open(&medium, Durability::Relaxed);
    let fork = universes.get(&name("fork")).expect("it is there");
    assert_eq!((letters(&default(&universes), "a").len(), letters(&fork, "a").len()), (2, 1));
    let row = |universe: &Universe| {
        universe.read(&letter_box("a"), |state, _| state.letters.get_shared(&1)).expect("it is there")
    };
    let (one, other) = (row(&default(&universes)).expect("a row"), row(&fork).expect("a row"));
    assert!(Arc::ptr_eq(&one, &other));
}

#[test]
fn a_state_that_is_damaged_newer_or_unknown_is_refused_with_a_sentence() {
    let medium = Medium::default();
    post(&default(&open(&medium, Durability::Relaxed)), "a", 1, 1);
    let refused = |bytes: Vec<u8>, kinds: Kinds| {
        let medium = Medium::holding([bytes, Vec::new(), Vec::new()]);
        let opened =
            Universes::open_backend(medium.tables(), medium.logs(), Durability::Relaxed, kinds, Seed(1));
        opened.err().map(|error| error.to_string()).unwrap_or_default()
    };
    let [whole, ..] = medium.synced();
    assert!(refused(whole.clone(), Kinds::default()).contains("newer mesh-local"));
    assert!(refused(b"this is no state of ours".to_vec(), kinds()).contains("damaged"));
    let mut zeroed = whole.clone();
    zeroed[4_096..].fill(0);
    assert!(refused(zeroed, kinds()).contains("damaged"));
    assert!(refused(whole[..whole.len() / 2].to_vec(), kinds()).contains("damaged"));
    assert_eq!(refused(whole, kinds()), "");
}

#[test]
fn a_directory_has_one_process_and_says_what_is_wrong_with_it() {
    let directory = std::env::temp_dir().join(format!("mesh-store-{}", std::process::id()));
    let open = || Universes::open(&directory, Durability::Relaxed, kinds(), Seed(1));
    let first = open().expect("it can be made");
    let second = open().err().map(|error| error.to_string()).unwrap_or_default();
    assert!(second.contains("used by another process") && second.contains("--data-dir"), "{second}");
    drop(first);
    let third = open();
    let file = directory.join("a file");
    std::fs::write(&file, "").expect("it can be written");
    let on_a_file = Universes::open(&file, Durability::Relaxed, kinds(), Seed(1)).err();
    drop(third);
    std::fs::remove_dir_all(&directory).expect("it can be removed");
    assert!(matches!(on_a_file, Some(StorageError::Unusable(..))), "{on_a_file:?}");
}

#[test]
fn in_strict_mode_nothing_is_told_before_it_is_on_disk() {
    let medium = Medium::default();
    let universes = open(&medium, Durability::Strict);
    let universe = default(&universes);
    settle(&universe);
    medium.keep_images(3);
    let told: Vec<(u64, usize)> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..8_u64)
            .map(|client| {
                let (universe, medium) = (&universe, &medium);
                scope.spawn(move || {
                    let send = |round| {
                        let number = client * 100 + round;
                        post(universe, ["a", "b"][usize::from(number % 2 == 0)], number, 1);
                        settle(universe);
                        (number, medium.syncs())
                    };
                    (0..10).map(send).collect::<Vec<_>>()
                })
            })
            .collect();
        clients.into_iter().flat_map(|client| client.join().expect("it does not panic")).collect()
    });
    assert_eq!(told.len(), 80);
    for image in medium.take_images() {
        let universes = open(&Medium::holding(image.contents), Durability::Relaxed);
        let found = [letters(&default(&universes), "a"), letters(&default(&universes), "b")].concat();
        let missing = told
            .iter()
            .filter(|(_, syncs)| *syncs <= image.syncs)
            .find(|(number, _)| !found.iter().any(|(found, _)| found == number));
        assert_eq!(missing, None, "told before sync {}", image.syncs);
    }
}

#[test]
fn what_only_the_log_has_is_there_after_a_crash_in_either_mode() {
    for next in [Durability::Strict, Durability::Relaxed] {
        let medium = Medium::default();
        let universes = open(&medium, Durability::Strict);
        post(&default(&universes), "a", 1, 1);
        settle(&default(&universes));
        universes.fork(&UniverseName::DEFAULT, name("fork")).expect("it can be made");
        settle(&default(&universes));
        let [tables, ..] = medium.synced();
        write(&default(&universes), "a", |state, _| {
            state.letters.clear();
            state.letters.insert(2, Letter { weight: 2 });
            state.letters.insert(3, Letter { weight: 3 });
            Ok(())
        })
        .expect("it is there");
        write(&default(&universes), "a", |state, _| {
            state.letters.remove(&3);
            Ok(())
        })
        .expect("it is there");
        settle(&default(&universes));
        let [_, first, second] = medium.synced();
        // A crash before any of it is in the tables, and two more at the beginning of the next process.
        let mut contents = [tables, first, second];
        for _ in 0..2 {
            let after = Medium::holding(contents);
            let universes = open(&after, next);
            assert_eq!(letters(&default(&universes), "a"), [(2, 2)]);
            assert_eq!(letters(&universes.get(&name("fork")).expect("it is there"), "a"), [(1, 1)]);
            contents = after.synced();
        }
        let after = Medium::holding(contents);
        let universes = open(&after, Durability::Strict);
        post(&default(&universes), "a", 4, 4);
        settle(&default(&universes));
        let universes = open(&Medium::holding(after.synced()), next);
        assert_eq!(letters(&default(&universes), "a"), [(2, 2), (4, 4)]);
    }
}

#[test]
fn a_log_that_misses_a_part_is_refused() {
    let medium = Medium::default();
    let universes = open(&medium, Durability::Strict);
    settle(&default(&universes));
    let [tables, ..] = medium.synced();
    for number in 0..3 {
        post(&default(&universes), "a", number, 1);
        settle(&default(&universes));
    }
    let [_, mut first, second] = medium.synced();
    let frame = 20 + u32::from_le_bytes(first[..4].try_into().expect("four bytes")) as usize;
    first.drain(..frame);
    let medium = Medium::holding([tables, first, second]);
    let opened =
        Universes::open_backend(medium.tables(), medium.logs(), Durability::Strict, kinds(), Seed(1));
    let refused = opened.expect_err("a part is missing").to_string();
    assert!(refused.contains("damaged") && refused.contains("log"), "{refused}");
}

#[test]
fn a_disk_that_fails_makes_universes_read_only_and_keeps_what_was_told() {
    for fault in [Fault::Full, Fault::WriteError, Fault::SyncError] {
        let medium = Medium::default();
        let universes = open(&medium, Durability::Strict);
        let universe = default(&universes);
        post(&universe, "a", 1, 1);
        settle(&universe);
        medium.break_with(fault);
        post(&universe, "a", 2, 1);
        assert_eq!(block_on(universe.settled_on_disk()), Err(Need::Storage), "{fault:?}");
        assert!(universe.is_read_only());
        assert_eq!(write(&universe, "a", |_, _| Ok(())), Err(Need::Storage));
        assert_eq!(letters(&universe, "a").len(), 2, "it can still be read");
        drop((universe, universes));
        let universes = open(&Medium::holding(medium.synced()), Durability::Strict);
        assert_eq!(letters(&default(&universes), "a"), [(1, 1)]);
        post(&default(&universes), "a", 3, 1);
        settle(&default(&universes));
    }
}

#[test]
fn commits_wait_for_room_and_go_on_when_there_is_some() {
    let medium = Medium::default();
    let universes = open(&medium, Durability::Relaxed);
    let universe = default(&universes);
    medium.hold();
    let large = "x".repeat(8 << 20);
    let sent = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for _ in 0..11 {
                write(&universe, "a", |state, _| {
                    state.owner.set(Owner(large.clone()));
                    Ok(())
                })
                .expect("the disk works");
                sent.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            }
        });
        let count = || sent.load(std::sync::atomic::Ordering::SeqCst);
        while count() < 8 {
            std::thread::yield_now();
        }
        assert!(count() < 11 && !writer.is_finished(), "64 MB wait for the disk, and no more");
        medium.release();
        writer.join().expect("it does not panic");
    });
    assert_eq!(sent.into_inner(), 11);
}

/// What a test does to universes, and to a plain model of them.
#[derive(Debug, Clone)]
enum Step {
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

fn step() -> impl Strategy<Value = Step> {
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

type BoxModel = (bool, BTreeMap<u64, u32>);
/// By universe; the snapshot is one of them here.
type Model = BTreeMap<&'static str, [BoxModel; 2]>;

const KEPT: &str = "kept";

impl Step {
    fn apply_to_model(&self, model: &mut Model) {
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

    fn apply(&self, universes: &Universes) {
        let in_universe = |universe: usize, work: &dyn Fn(&Universe)| {
            universes.get(&name(UNIVERSES[universe])).iter().for_each(work);
        };
        let on = |universe: usize, box_: usize, work: &dyn Fn(&mut LetterBox)| {
            in_universe(universe, &|universe| {
                let done = write(universe, BOXES[box_], |state, _| {
                    work(state);
                    Ok(())
                });
                done.expect("it is there");
            });
        };
        match *self {
            Self::Post(universe, box_, letter, weight) => on(universe, box_, &|state| {
                state.owner.set(Owner("me".to_owned()));
                state.letters.insert(letter, Letter { weight });
            }),
            Self::Remove(universe, box_, letter) => {
                on(universe, box_, &|state| drop(state.letters.remove(&letter)))
            }
            Self::Clear(universe, box_) => on(universe, box_, &|state| state.letters.clear()),
            Self::Delete(universe, box_) => on(universe, box_, &|state| {
                state.owner.clear();
                state.letters.clear();
            }),
            Self::Carry(universe, letter) => in_universe(universe, &|universe| {
                let done = write(universe, "a", |state, tx| {
                    let Some(carried) = state.letters.remove(&letter) else { return Ok(()) };
                    tx.on(&letter_box("b"), |other: &mut LetterBox, _| other.letters.put(letter, carried))
                });
                done.expect("it is there");
            }),
            Self::Fork(from, to) => drop(universes.fork(&name(UNIVERSES[from]), name(UNIVERSES[to]))),
            Self::Reset(universe) => drop(universes.reset(&name(UNIVERSES[universe]))),
            Self::Snapshot(universe) => drop(universes.snapshot(&name(UNIVERSES[universe]), name(KEPT))),
            Self::Restore(universe) => drop(universes.restore(&name(UNIVERSES[universe]), &name(KEPT))),
            Self::Copy(from, to) => in_universe(from, &|universe| {
                let mut file = Vec::new();
                universe.export(&mut file).expect("it can be written");
                universes.import(name(UNIVERSES[to]), &file[..], true).expect("it can be read");
            }),
            Self::DeleteUniverse(universe) => drop(universes.delete(&name(UNIVERSES[universe]))),
            Self::Restart { .. } => {}
        }
    }
}

/// What is there, in the model's form.
fn state_of(universes: &Universes) -> Model {
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
    // A snapshot is not read: what it holds is what a universe becomes by it.
    if universes.snapshots().contains(&name(KEPT)) {
        model.insert(KEPT, Default::default());
    }
    model
}

/// The model as [`state_of`] shows it.
fn shown(model: &Model) -> Model {
    let mut model = model.clone();
    model.entry(KEPT).and_modify(|kept| *kept = Default::default());
    model
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_done_a_crash_at_any_sync_leaves_what_was_told(steps in prop::collection::vec(step(), 1..40), dice in 1..u64::MAX) {
        let mut medium = Medium::default();
        let mut universes = open(&medium, Durability::Strict);
        settle(&default(&universes));
        medium.keep_images(dice);
        let mut model = state_of(&universes);
        // The states in their order, each with the syncs after which it was told.
        let mut told = vec![(model.clone(), medium.syncs())];
        let mut images: Vec<(Image, Vec<(Model, usize)>)> = Vec::new();
        for step in &steps {
            if let Step::Restart { is_clean } = *step {
                let crashed = medium.synced();
                if is_clean {
                    universes.close();
                }
                let left = if is_clean { medium.synced() } else { crashed };
                images.extend(medium.take_images().into_iter().map(|image| (image, told.clone())));
                medium = Medium::holding(left);
                medium.keep_images(dice);
                universes = open(&medium, Durability::Strict);
                settle(&default(&universes));
                prop_assert_eq!(state_of(&universes), shown(&model));
                told = vec![(shown(&model), 0)];
                continue;
            }
            step.apply(&universes);
            step.apply_to_model(&mut model);
            prop_assert_eq!(state_of(&universes), shown(&model));
            settle(&default(&universes));
            told.push((shown(&model), medium.syncs()));
        }
        images.extend(medium.take_images().into_iter().map(|image| (image, told.clone())));
        // Every third is enough: the others differ in their dice.
        for (image, told) in images.into_iter().step_by(3) {
            let cut = open(&Medium::holding(image.contents), Durability::Relaxed);
            let found = state_of(&cut);
            let newest = told.iter().rposition(|(_, syncs)| *syncs <= image.syncs).unwrap_or(0);
            let may_be = &told[newest..told.len().min(newest + 2)];
            prop_assert!(may_be.iter().any(|(state, _)| *state == found), "{found:?} after {} syncs is none of {may_be:?}", image.syncs);
        }
    }
}
