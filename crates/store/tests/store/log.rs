//! The log: what strict callers wait for is there after a crash, before any of it is in the tables.

use super::disk::{open, settle};
use super::medium::Medium;
use super::*;
use mesh_store::Durability;

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
fn a_log_that_is_written_over_again_and_again_leaves_what_was_told() {
    let medium = Medium::default();
    let universes = open(&medium, Durability::Strict);
    let text = |number: usize| format!("{number} {}", "x".repeat(3 << 19));
    for number in 0..24 {
        let done = write(&default(&universes), "a", |state, _| {
            state.owner.set(Owner(text(number)));
            state.letters.insert(number as u64, Letter { weight: 1 });
            Ok(())
        });
        done.expect("it is there");
        settle(&default(&universes));
        if [9, 15, 23].contains(&number) {
            for left in [medium.synced(), medium.torn()] {
                let found = open(&Medium::holding(left), Durability::Strict);
                let owner = default(&found).read(&letter_box("a"), |state, _| state.owner.get().cloned());
                assert_eq!(owner, Ok(Some(Owner(text(number)))), "of letter {number}");
                assert_eq!(letters(&default(&found), "a").len(), number + 1);
            }
        }
    }
    let [_, halves @ ..] = medium.synced();
    assert!(halves.iter().all(|half| half.len() > 12 << 20), "both were filled");
}
