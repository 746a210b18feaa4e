//! Transactions: undone or whole, over one partition or several, with one time and one source of dice.

use super::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

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
        order.iter().for_each(|name| post(&universe, name, 1, 1));
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
fn a_long_read_walks_outside_the_lock() {
    let universe = universe();
    post(&universe, "a", 1, 1);
    let snapshot = universe.read(&letter_box("a"), |state, _| state.letters.snapshot()).expect("it is there");
    post(&universe, "a", 2, 2);
    assert_eq!((snapshot.len(), letters(&universe, "a").len()), (1, 2));
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

#[test]
fn what_others_do_in_other_partitions_does_not_shift_what_a_new_one_draws() {
    let drawn = |others: u64| {
        let universe = universe();
        (0..others).for_each(|number| post(&universe, &format!("other-{number}"), 1, 1));
        write(&universe, "a", |_, tx| Ok(tx.draw().next_u128()))
    };
    assert_eq!(drawn(0), drawn(3));
}

#[test]
fn looking_does_not_shift_what_is_drawn() {
    let drawn = |looks: usize| {
        let universe = universe();
        let look = || write(&universe, "a", |state, _| Ok(state.letters.len())).expect("it is there");
        (0..looks).for_each(|_| assert_eq!(look(), 0));
        write(&universe, "a", |_, tx| Ok(tx.draw().next_u128()))
    };
    assert_eq!(drawn(0), drawn(2));
}

#[test]
fn what_is_forgiven_is_no_longer_owed_and_what_is_owed_after_it_is() {
    let universe = universe();
    write(&universe, "a", owe).expect("it is there");
    let kept = write(&universe, "a", |state, tx| {
        owe(state, tx)?;
        tx.forgive();
        owe(state, tx)
    })
    .expect("it is there");
    let owed = |outbox: &mut mesh_store::Outbox, _| -> Vec<DeliveryId> {
        outbox.range(..).map(|(_, pending)| pending.id).collect()
    };
    assert_eq!(universe.outbox(&letter_box("a"), owed), Ok(vec![kept]));
    write(&universe, "a", |state, tx| {
        state.letters.clear();
        tx.forgive();
        Ok(())
    })
    .expect("it is there");
    assert_eq!(universe.partitions(), 0);
}
