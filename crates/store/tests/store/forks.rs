//! Universes: forks of a moment, resets, what ends with them and what is shared.

use super::*;
use mesh_store::Universes;
use std::sync::atomic::{AtomicU64, Ordering};

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
fn every_fork_under_many_writers_has_what_came_before_all_that_it_has() {
    const WRITERS: u64 = 4;
    let (origin, at_work) = (universe(), AtomicU64::new(WRITERS));
    // What a writer does later is never there without what it did before; what it does at once is there whole.
    let work = |writer: u64| {
        let (first, second) = (format!("first-{writer}"), format!("second-{writer}"));
        for number in 0..200 {
            post(&origin, &first, number, 1);
            post(&origin, &second, number, 1);
            let number = number * WRITERS + writer;
            write(&origin, "one", |state, tx| {
                state.letters.insert(number, Letter { weight: 1 });
                tx.on(&letter_box("other"), |other: &mut LetterBox, _| {
                    other.letters.insert(number, Letter { weight: 1 });
                })
            })
            .expect("the universe is there");
        }
        at_work.fetch_sub(1, Ordering::Relaxed);
    };
    let mut forks = Vec::new();
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let work = &work;
            scope.spawn(move || work(writer));
        }
        while at_work.load(Ordering::Relaxed) > 0 {
            let name = UniverseName::parse(&format!("fork-{}", forks.len())).expect("a name");
            forks.push(origin.fork(name));
            std::thread::yield_now();
        }
    });
    let mut seen = 0;
    // All of them would be looked at for longer than they were made.
    for fork in forks.iter().step_by(forks.len().div_ceil(100).max(1)) {
        let count = |name: &str| letters(fork, name).len();
        let mut whole = 0;
        for writer in 0..WRITERS {
            let (first, second) = (count(&format!("first-{writer}")), count(&format!("second-{writer}")));
            assert!(second <= first && first <= second + 1, "{first} and {second}");
            whole += second;
        }
        let both = letters(fork, "one");
        assert_eq!(both, letters(fork, "other"));
        let open = whole.checked_sub(both.len()).expect("its end is not there without its middle");
        assert!(u64::try_from(open).is_ok_and(|open| open <= WRITERS), "{whole} and {}", both.len());
        assert!(whole >= seen, "a later fork has no less");
        seen = whole;
    }
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
fn what_is_owed_is_written_with_its_cause_and_survives_in_a_fork() {
    let origin = universe();
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
fn a_thousand_forks_share_every_row_that_they_do_not_change() {
    // What is checked is that nothing is copied: the same allocation is seen from all sides, also after the origin is empty.
    let universes = Universes::new(Seed(1), Mode::Frozen { at: Timestamp::EPOCH });
    let origin = universes.get(&UniverseName::DEFAULT).expect("there is a default");
    write(&origin, "a", |state, _| {
        (0..1_000).for_each(|number| state.letters.insert(number, Letter { weight: 1 }));
        Ok(())
    })
    .expect("it is there");
    let rows = |universe: &Universe| -> Vec<Arc<Letter>> {
        let all = |state: &LetterBox, _| {
            (0..1_000).filter_map(|number| state.letters.get_shared(&number)).collect()
        };
        universe.read(&letter_box("a"), all).expect("it is there")
    };
    let before = rows(&origin);
    let forks: Vec<_> = (0..1_000)
        .map(|number| {
            let name = UniverseName::parse(&format!("fork-{number}")).expect("a name");
            let fork = universes.fork(&UniverseName::DEFAULT, name).expect("the name is free");
            post(&fork, "a", number, 2);
            fork
        })
        .collect();
    universes.reset(&UniverseName::DEFAULT).expect("it is there");
    for (changed, fork) in forks.iter().enumerate() {
        let rows = rows(fork);
        assert_eq!(rows.len(), 1_000);
        let own: Vec<_> = (0..1_000).filter(|at| !Arc::ptr_eq(&rows[*at], &before[*at])).collect();
        assert_eq!(own, [changed]);
    }
}

#[test]
fn names_of_universes_fit_a_host_a_path_and_a_key_id() {
    assert!(UniverseName::parse("pr-17").is_ok());
    for name in ["", "A", "1a", "a_b", "a.b", "../a", &"a".repeat(64)] {
        assert!(UniverseName::parse(name).is_err(), "{name}");
    }
}

#[test]
fn a_partition_that_is_made_again_in_a_fork_draws_other_values_there_too() {
    let origin = universe();
    let draw =
        |universe: &Universe| write(universe, "a", |_, tx| Ok(tx.draw().next_u128())).expect("it is there");
    let first = draw(&origin);
    assert_eq!(origin.partitions(), 0, "it has no rows");
    let fork = origin.fork(UniverseName::parse("fork").expect("a name"));
    let second = draw(&fork);
    assert_ne!(first, second);
    assert_eq!(draw(&origin), second, "the two go on from the same number");
}
