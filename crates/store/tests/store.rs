//! The store's promises, with a letter box as the partition.

use mesh_clock::{Mode, Seed};
use mesh_store::{
    Cause, Delivery, Indexes, Journal, Key, Partition, Retry, Row, RowError, Signal, Single, Stored, Table,
    Target, Tx, Universe, UniverseName, Universes, indexes, partition,
};
use mesh_types::{AccountId, Need, Region, Timestamp};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Owner(String);
impl Row for Owner {}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Letter {
    weight: u32,
}
impl Row for Letter {}

indexes! {
    struct LetterIndexes of Table<u64, Letter> {
        by_weight: (u32, u64) = |number, letter| (letter.weight > 0).then_some((letter.weight, *number)),
    }
}

partition! {
    struct LetterBox = 9_001 "letter box" {
        1 owner: Single<Owner>,
        2 letters: Table<u64, Letter, LetterIndexes>,
    }
}

const ARRIVED: Signal = Signal(1);

fn universe() -> Universe {
    let at = Timestamp::from_secs(1_000);
    Universe::new(UniverseName::DEFAULT, Seed(1), Mode::Frozen { at })
}

fn letter_box(name: &str) -> Key<LetterBox> {
    Key::new(AccountId::DEFAULT, Region::DEFAULT, name)
}

fn post(universe: &Universe, name: &str, number: u64, weight: u32) {
    write(universe, name, |state, _| {
        state.letters.insert(number, Letter { weight });
        Ok(())
    })
    .expect("the universe is there");
}

fn write<R>(
    universe: &Universe,
    name: &str,
    work: impl FnMut(&mut LetterBox, &mut Tx<'_>) -> Result<R, Need>,
) -> Result<R, Need> {
    universe.write(&letter_box(name), Cause::Deadline, work)
}

fn letters(universe: &Universe, name: &str) -> Vec<(u64, u32)> {
    let list = |state: &LetterBox, _| {
        state.letters.range(..).map(|(number, letter)| (*number, letter.weight)).collect()
    };
    universe.read(&letter_box(name), list).expect("the universe is there")
}

#[test]
fn an_error_and_a_panic_undo_everything() {
    let universe = universe();
    post(&universe, "a", 1, 10);
    let spoil = |state: &mut LetterBox, tx: &mut Tx<'_>| {
        state.owner.set(Owner("thief".to_owned()));
        state.letters.insert(2, Letter { weight: 5 });
        state.letters.update(&1, |letter| letter.weight = 99);
        state.letters.clear();
        state.letters.insert(3, Letter { weight: 1 });
        tx.wake_at(Timestamp::from_secs(5));
    };
    let failed = write(&universe, "a", |state, tx| {
        spoil(state, tx);
        Err::<(), _>(Need::Universe)
    });
    assert_eq!(failed, Err(Need::Universe));
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        write(&universe, "a", |state, tx| {
            spoil(state, tx);
            if true {
                panic!("on purpose");
            }
            Ok(())
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(letters(&universe, "a"), [(1, 10)]);
    let untouched =
        |state: &LetterBox, _| state.owner.get().is_none() && state.letters.by().by_weight.len() == 1;
    assert!(universe.read(&letter_box("a"), untouched).expect("it is there"));
    assert!(universe.deadlines().is_empty());
}

#[test]
fn a_panic_in_a_second_partition_undoes_both() {
    let universe = universe();
    post(&universe, "a", 1, 1);
    post(&universe, "b", 1, 1);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        write(&universe, "a", |state, tx| {
            state.letters.clear();
            tx.on(&letter_box("b"), |other: &mut LetterBox, _| {
                other.letters.clear();
                if true {
                    panic!("on purpose");
                }
            })
        })
    }));
    assert!(panicked.is_err());
    assert_eq!((letters(&universe, "a"), letters(&universe, "b")), (vec![(1, 1)], vec![(1, 1)]));
}

#[test]
fn transfers_in_both_directions_lose_nothing_and_do_not_deadlock() {
    let universe = universe();
    (0..100).for_each(|number| post(&universe, "a", number, 1));
    let carry = |from: &'static str, to: &'static str| {
        let universe = universe.clone();
        move || {
            for _ in 0..500 {
                write(&universe, from, |state, tx| {
                    let Some((&number, _)) = state.letters.first() else { return Ok(()) };
                    let letter = state.letters.remove(&number);
                    tx.on(&letter_box(to), |other: &mut LetterBox, _| {
                        other.letters.put(number, letter.unwrap_or_else(|| unreachable!("it was first")));
                    })
                })
                .expect("the universe is there");
            }
        }
    };
    let there = std::thread::spawn(carry("a", "b"));
    let back = std::thread::spawn(carry("b", "a"));
    there.join().and(back.join()).expect("neither panics");
    let mut all = [letters(&universe, "a"), letters(&universe, "b")].concat();
    all.sort_unstable();
    assert_eq!(all, (0..100).map(|number| (number, 1)).collect::<Vec<_>>());
}

#[test]
fn a_fork_and_its_origin_go_their_own_ways() {
    let origin = universe();
    post(&origin, "a", 1, 1);
    let fork = origin.fork(UniverseName::parse("fork").expect("a name"));
    post(&origin, "a", 2, 2);
    post(&fork, "a", 3, 3);
    post(&fork, "b", 4, 4);
    assert_eq!(letters(&origin, "a"), [(1, 1), (2, 2)]);
    assert_eq!(letters(&fork, "a"), [(1, 1), (3, 3)]);
    assert_eq!((letters(&origin, "b"), letters(&fork, "b")), (vec![], vec![(4, 4)]));
    assert!(fork.epoch() > origin.epoch());
    let again = fork.fork(UniverseName::parse("again").expect("a name"));
    write(&again, "a", |state, _| {
        state.letters.clear();
        Ok(())
    })
    .expect("the universe is there");
    assert_eq!(letters(&fork, "a").len(), 2);
    assert_eq!((again.partitions(), fork.partitions()), (1, 2));
}

#[test]
fn every_fork_under_writers_is_a_moment_of_its_origin() {
    let origin = universe();
    let writer = {
        let origin = origin.clone();
        std::thread::spawn(move || {
            // Both boxes always hold the same number: a fork must never see one of a pair.
            for number in 0..2_000 {
                write(&origin, "a", |state, tx| {
                    state.letters.insert(number, Letter { weight: 1 });
                    tx.on(&letter_box("b"), |other: &mut LetterBox, _| {
                        other.letters.insert(number, Letter { weight: 1 });
                    })
                })
                .expect("the universe is there");
            }
        })
    };
    for round in 0..200 {
        let fork = origin.fork(UniverseName::parse(&format!("fork-{round}")).expect("a name"));
        assert_eq!(letters(&fork, "a"), letters(&fork, "b"));
    }
    writer.join().expect("it does not panic");
    assert_eq!(letters(&origin, "a").len(), 2_000);
}

#[test]
fn after_a_reset_the_old_handle_fails_and_the_new_one_is_empty() {
    let universes = Universes::new(Seed(1), Mode::Frozen { at: Timestamp::EPOCH });
    let old = universes.get(&UniverseName::DEFAULT).expect("there is a default");
    post(&old, "a", 1, 1);
    let fresh = universes.reset(&UniverseName::DEFAULT).expect("it was there");
    assert_eq!(write(&old, "a", |_, _| Ok(())), Err(Need::Universe));
    assert!(old.is_gone() && !fresh.is_gone() && fresh.epoch() > old.epoch());
    assert_eq!(letters(&fresh, "a"), []);
}

#[test]
fn a_partition_without_rows_is_no_more_and_its_successor_draws_other_values() {
    let universe = universe();
    let draw = |_: &mut LetterBox, tx: &mut Tx<'_>| Ok(tx.draw().next_u128());
    let create = |state: &mut LetterBox, tx: &mut Tx<'_>| {
        state.owner.set(Owner("me".to_owned()));
        draw(state, tx)
    };
    let first = write(&universe, "a", create).expect("it is there");
    assert_eq!(universe.partitions(), 1);
    write(&universe, "a", |state, _| {
        state.owner.clear();
        Ok(())
    })
    .expect("it is there");
    assert_eq!(universe.partitions(), 0);
    let second = write(&universe, "a", create).expect("it is there");
    assert_ne!(first, second);
}

#[test]
fn looking_for_what_does_not_exist_leaves_nothing() {
    let universe = universe();
    let other = |state: &mut LetterBox, tx: &mut Tx<'_>| {
        let both =
            tx.on(&letter_box("b"), |other: &mut LetterBox, _| state.letters.len() + other.letters.len())?;
        assert_eq!(both, 0);
        Err::<(), _>(Need::Universe)
    };
    assert!(write(&universe, "a", other).is_err());
    assert_eq!(universe.partitions(), 0);
    assert!(write(&universe, "a", |_, _| Ok(())).is_ok());
    assert_eq!(universe.partitions(), 0);
}

#[test]
fn an_id_that_names_another_partition_is_the_same_in_every_attempt() {
    let universe = universe();
    let name_by_draw = |_: &mut LetterBox, tx: &mut Tx<'_>| {
        let name = format!("box-{:x}", tx.draw().next_u128());
        tx.on(&letter_box(&name), |other: &mut LetterBox, _| other.letters.insert(1, Letter { weight: 1 }))?;
        Ok(name)
    };
    let name = write(&universe, "directory", name_by_draw).expect("it is there");
    assert_eq!(letters(&universe, &name), [(1, 1)]);
}

#[test]
fn entropy_does_not_depend_on_the_order_in_which_partitions_draw() {
    let drawn = |order: [&'static str; 2]| {
        let universe = universe();
        // Partitions are born in the same order; what follows differs.
        ["a", "b"].iter().for_each(|name| post(&universe, name, 1, 1));
        let mut values: Vec<_> = order
            .iter()
            .map(|name| {
                (*name, write(&universe, name, |_, tx| Ok(tx.draw().next_u64())).expect("it is there"))
            })
            .collect();
        values.sort_unstable();
        values
    };
    assert_eq!(drawn(["a", "b"]), drawn(["b", "a"]));
}

#[test]
fn entropy_does_not_depend_on_the_dispatcher() {
    let drawn = |dispatches: usize| {
        let universe = universe();
        post(&universe, "a", 1, 1);
        (0..dispatches).for_each(|_| universe.outbox(&letter_box("a"), |_, _| ()).expect("it is there"));
        write(&universe, "a", |_, tx| Ok(tx.draw().next_u64()))
    };
    assert_eq!(drawn(0), drawn(2));
}

#[test]
fn a_need_that_is_not_passed_on_is_met_all_the_same() {
    let universe = universe();
    post(&universe, "b", 1, 1);
    let other = |_: &mut LetterBox, tx: &mut Tx<'_>| {
        Ok(tx.on(&letter_box("b"), |other: &mut LetterBox, _| other.letters.len()).unwrap_or(0))
    };
    assert_eq!(write(&universe, "a", other), Ok(1));
}

#[test]
fn forks_at_the_same_time_share_nothing_that_is_written() {
    let origin = universe();
    post(&origin, "a", 0, 1);
    let fork = |thread: u64| {
        let origin = origin.clone();
        move || {
            for round in 0..200 {
                let fork = origin.fork(UniverseName::parse("fork").expect("a name"));
                post(&origin, "a", 0, 1);
                let number = 1 + thread * 1_000 + round;
                post(&fork, "a", number, 1);
                assert_eq!(letters(&fork, "a").len(), 2, "nobody else writes to this fork");
            }
        }
    };
    let threads: Vec<_> = (0..4).map(|thread| std::thread::spawn(fork(thread))).collect();
    threads.into_iter().for_each(|thread| thread.join().expect("it does not panic"));
    assert_eq!(letters(&origin, "a"), [(0, 1)]);
}

#[test]
fn a_deadline_that_is_being_handled_has_come_for_a_fork_too() {
    let origin = universe();
    let fork = |name| origin.fork(UniverseName::parse(name).expect("a name"));
    origin.wake_at(Timestamp::from_secs(1_000), (*letter_box("a")).clone());
    let handling = origin.take_due().expect("it has come");
    let other = handling.clone();
    drop(handling);
    let during = fork("during");
    drop(other);
    let after = fork("after");
    assert!(during.take_due().is_some_and(|handling| handling.due().key == *letter_box("a")));
    assert!(origin.take_due().is_none() && after.take_due().is_none());
}

#[tokio::test]
async fn the_end_of_a_universe_ends_waits_for_its_clock() {
    let universe = universe();
    let sleeping = tokio::spawn({
        let (universe, busy) = (universe.clone(), universe.clock().activity().begin());
        async move {
            universe.clock().sleep_until(Timestamp::from_secs(1_000_000)).await;
            drop(busy);
        }
    });
    universe.clock().activity().quiet().await;
    universe.end();
    sleeping.await.expect("it does not panic");
}

#[test]
fn time_in_a_partition_never_runs_backwards() {
    let universe = universe();
    let now = |name| {
        write(&universe, name, |state, tx| {
            state.owner.set(Owner(String::new()));
            Ok(tx.now().as_secs())
        })
    };
    assert_eq!(now("a"), Ok(1_000));
    universe.clock().set_mode(Mode::Frozen { at: Timestamp::from_secs(900) });
    assert_eq!((now("a"), now("b")), (Ok(1_000), Ok(900)));
}

#[tokio::test]
async fn a_signal_wakes_the_one_who_waited_longest_and_is_not_lost_with_him() {
    let universe = universe();
    let key = letter_box("a");
    let (first, second, third) = (universe.clock().wait(), universe.clock().wait(), universe.clock().wait());
    let listening = [&first, &second, &third].map(|wait| universe.listen(&key, ARRIVED, wait));
    let send = || {
        write(&universe, "a", |state, tx| {
            state.letters.insert(1, Letter { weight: 1 });
            tx.signal(ARRIVED);
            Ok(())
        })
        .expect("the universe is there");
    };
    send();
    assert_eq!([first.is_woken(), second.is_woken(), third.is_woken()], [true, false, false]);
    let [one, two, three] = listening;
    drop(one);
    assert!(second.is_woken(), "the first was dropped with its connection");
    two.heard();
    assert!(!third.is_woken(), "the second acted on it");
    drop(three);
    send();
    assert!(!third.is_woken(), "it no longer listens");
}

#[test]
fn what_is_owed_is_written_with_its_cause_and_survives_in_a_fork() {
    let origin = universe();
    let owe = |state: &mut LetterBox, tx: &mut Tx<'_>| {
        state.letters.insert(1, Letter { weight: 1 });
        let to = Target::Operation {
            service: "sqs".into(),
            operation: "SendMessage".into(),
            account: AccountId::DEFAULT,
            region: Region::DEFAULT,
            caller: "post".into(),
        };
        Ok(tx.owe(Delivery { to, payload: Arc::from(*b"{}"), retry: Retry::NONE }))
    };
    let id = write(&origin, "a", owe).expect("it is there");
    let fork = origin.fork(UniverseName::parse("fork").expect("a name"));
    for universe in [&origin, &fork] {
        let handling = universe.take_due().expect("the outbox wants the dispatcher");
        assert_eq!(handling.due().key, *letter_box("a"));
        let found =
            universe.outbox(&handling.due().key, |outbox, _| outbox.remove(&0).map(|pending| pending.id));
        assert_eq!(found, Ok(Some(id)));
    }
    let failed = write(&origin, "b", |state, tx| owe(state, tx).and(Err::<(), _>(Need::Universe)));
    assert!(failed.is_err() && origin.deadlines().is_empty(), "an undone cause owes nothing");
}

#[test]
fn a_million_rows_fork_and_reset_by_reference() {
    // What is checked is that nothing is copied: the same allocation is seen from both sides.
    let origin = universe();
    write(&origin, "a", |state, _| {
        (0..1_000).for_each(|number| state.letters.insert(number, Letter { weight: 1 }));
        Ok(())
    })
    .expect("it is there");
    let fork = origin.fork(UniverseName::parse("fork").expect("a name"));
    post(&fork, "a", 5_000, 1);
    let row = |universe: &Universe| {
        universe.read(&letter_box("a"), |state, _| state.letters.get_shared(&500)).expect("it is there")
    };
    let (one, other) = (row(&origin).expect("a row"), row(&fork).expect("a row"));
    assert!(Arc::ptr_eq(&one, &other));
}

#[test]
fn a_long_read_walks_outside_the_lock() {
    let universe = universe();
    post(&universe, "a", 1, 1);
    let snapshot = universe.read(&letter_box("a"), |state, _| state.letters.snapshot()).expect("it is there");
    post(&universe, "a", 2, 2);
    assert_eq!((snapshot.len(), letters(&universe, "a").len()), (1, 2));
}

#[test]
fn names_of_universes_fit_a_host_a_path_and_a_key_id() {
    assert!(UniverseName::parse("pr-17").is_ok());
    for name in ["", "A", "1a", "a_b", "a.b", "../a", &"a".repeat(64)] {
        assert!(UniverseName::parse(name).is_err(), "{name}");
    }
}

/// A journal that keeps the rows it was told of, as a disk would.
#[derive(Default)]
struct Rows(BTreeMap<(u16, Vec<u8>), Vec<u8>>);

impl Journal for Rows {
    fn row(&mut self, table: u16, key: &[u8], row: Option<&[u8]>) {
        match row {
            Some(row) => self.0.insert((table, key.to_vec()), row.to_vec()),
            None => self.0.remove(&(table, key.to_vec())),
        };
    }

    fn cleared(&mut self, table: u16) {
        self.0.retain(|(of, _), _| *of != table);
    }
}

#[derive(Debug, Clone)]
enum Step {
    Insert(u64, u32),
    Update(u64, u32),
    Remove(u64),
    Clear,
    Own(bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..20_u64, 0..5_u32).prop_map(|(number, weight)| Step::Insert(number, weight)),
        4 => (0..20_u64, 0..5_u32).prop_map(|(number, weight)| Step::Update(number, weight)),
        4 => (0..20_u64).prop_map(Step::Remove),
        1 => Just(Step::Clear),
        1 => any::<bool>().prop_map(Step::Own),
    ]
}

impl Step {
    fn apply(&self, state: &mut LetterBox, model: &mut BTreeMap<u64, u32>) {
        match *self {
            Self::Insert(number, weight) => {
                state.letters.insert(number, Letter { weight });
                model.insert(number, weight);
            }
            Self::Update(number, weight) => {
                state.letters.update(&number, |letter| letter.weight = weight);
                model.entry(number).and_modify(|current| *current = weight);
            }
            Self::Remove(number) => {
                state.letters.remove(&number);
                model.remove(&number);
            }
            Self::Clear => {
                state.letters.clear();
                model.clear();
            }
            Self::Own(true) => state.owner.set(Owner("me".to_owned())),
            Self::Own(false) => state.owner.clear(),
        }
    }
}

fn assert_is(state: &LetterBox, model: &BTreeMap<u64, u32>) {
    let rows: BTreeMap<_, _> =
        state.letters.range(..).map(|(number, letter)| (*number, letter.weight)).collect();
    assert_eq!(rows, *model);
    let mut rebuilt = LetterIndexes::default();
    state.letters.range(..).for_each(|(number, letter)| rebuilt.follow(number, None, Some(letter)));
    let kept: Vec<_> = state.letters.by().by_weight.range(..).collect();
    assert_eq!(kept, rebuilt.by_weight.range(..).collect::<Vec<_>>());
}

proptest! {
    #[test]
    fn tables_undo_commit_and_journal_like_a_plain_map(transactions in prop::collection::vec((prop::collection::vec(step(), 0..8), any::<bool>()), 0..20)) {
        let (mut state, mut model, mut disk) = (LetterBox::default(), BTreeMap::new(), Rows::default());
        for (steps, commits) in transactions {
            let former = (model.clone(), state.owner.get().cloned());
            steps.iter().for_each(|step| step.apply(&mut state, &mut model));
            if commits {
                Partition::commit(&mut state, Some(&mut disk)).expect("rows can be written");
            } else {
                Partition::rollback(&mut state);
                let owner;
                (model, owner) = former;
                prop_assert_eq!(state.owner.get().cloned(), owner);
            }
            assert_is(&state, &model);
        }
        let mut loaded = LetterBox::default();
        for ((table, key), row) in &disk.0 {
            Partition::load(&mut loaded, *table, key, row).expect("rows can be read");
        }
        assert_is(&loaded, &model);
        prop_assert_eq!(loaded.owner.get(), state.owner.get());
        prop_assert_eq!(Partition::holds_rows(&loaded), !model.is_empty() || state.owner.get().is_some());
    }
}

#[test]
fn a_row_of_an_unknown_table_is_refused() {
    let refused = Partition::load(&mut LetterBox::default(), 99, &[], &[]);
    assert!(matches!(refused, Err(RowError::UnknownTable { table: 99, .. })));
    assert!(Stored::load(&mut Single::<Owner>::default(), &[], &[7]).is_err());
}

#[tokio::test]
async fn an_earlier_deadline_wakes_the_one_who_watches() {
    let universe = universe();
    let wait = universe.clock().wait();
    universe.wake_at(Timestamp::from_secs(2_000), (*letter_box("a")).clone());
    assert_eq!(universe.deadlines().watch(&wait), Some(Timestamp::from_secs(2_000)));
    universe.wake_at(Timestamp::from_secs(3_000), (*letter_box("b")).clone());
    assert!(!wait.is_woken());
    universe.wake_at(Timestamp::from_secs(1_500), (*letter_box("c")).clone());
    assert!(wait.is_woken());
    assert!(universe.take_due().is_none());
    universe.clock().advance(Duration::from_secs(5_000)).await;
    let order: Vec<_> = std::iter::from_fn(|| universe.take_due())
        .map(|handling| handling.due().key.name().to_string())
        .collect();
    assert_eq!(order, ["c", "a", "b"]);
}
