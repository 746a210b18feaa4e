//! The state on disk: what is there after a restart, a crash and a failure.

use super::medium::{Fault, Medium};
use super::*;
use mesh_store::{Durability, StorageError};
use std::time::Duration;

pub(crate) fn open(medium: &Medium, durability: Durability) -> Universes {
    Universes::open_backend(medium.tables(), medium.logs(), durability, kinds(), Seed(1))
        .expect("it can be opened")
}

/// Runs a future, but not for ever.
pub(crate) fn block_on<T>(what: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async { tokio::time::timeout(Duration::from_secs(30), what).await.expect("it ends") })
}

/// Waits until what was shown may be told.
pub(crate) fn settle(universe: &Universe) {
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
fn a_row_of_whatever_size_comes_back_from_the_disk_and_from_a_file() {
    let sizes = [0, 127 << 10, 128 << 10, 129 << 10, (1 << 20) + 1];
    let medium = Medium::default();
    let universes = open(&medium, Durability::Relaxed);
    for (number, size) in sizes.into_iter().enumerate() {
        let done = write(&default(&universes), &number.to_string(), |state, _| {
            state.owner.set(Owner("x".repeat(size)));
            state.letters.insert(1, Letter { weight: 1 });
            Ok(())
        });
        done.expect("it is there");
    }
    drop(universes);
    let universes = open(&medium, Durability::Relaxed);
    let mut file = Vec::new();
    default(&universes).export(&mut file).expect("it can be written");
    let copy = universes.import(name("copy"), &file[..], false).expect("it can be read");
    for universe in [default(&universes), copy] {
        let length = |number: usize| {
            let read = |state: &LetterBox, _| state.owner.get().map(|owner| owner.0.len());
            universe.read(&letter_box(&number.to_string()), read).expect("it is there")
        };
        let found: Vec<_> = (0..sizes.len()).map(length).collect();
        assert_eq!(found, sizes.map(Some), "in {}", universe.name());
    }
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
fn a_later_format_is_refused_by_its_number() {
    let medium = Medium::default();
    drop(open(&medium, Durability::Relaxed));
    let database = redb::Builder::new().create_with_backend(medium.tables()).expect("it can be opened");
    let transaction = database.begin_write().expect("it can be written");
    let meta = redb::TableDefinition::<&str, u32>::new("meta");
    transaction.open_table(meta).expect("it is there").insert("format", 7).expect("it can be written");
    transaction.commit().expect("it can be written");
    drop(database);
    let opened =
        Universes::open_backend(medium.tables(), medium.logs(), Durability::Relaxed, kinds(), Seed(1));
    let refused = opened.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(
        refused.contains("newer mesh-local (format 7,") && refused.contains("use that version"),
        "{refused}"
    );
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
    let images = medium.take_images();
    assert!(images.len() > 20, "{} images", images.len());
    for image in images {
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
fn a_relaxed_disk_that_fails_is_told_of_and_leaves_reads_as_they_were() {
    for fault in [Fault::Full, Fault::WriteError, Fault::SyncError] {
        let medium = Medium::default();
        let universes = open(&medium, Durability::Relaxed);
        let universe = default(&universes);
        medium.break_with(fault);
        post(&universe, "a", 1, 1);
        let said = block_on(universes.failed());
        assert!(said.contains("the disk failed") && said.contains("then start again"), "{said}");
        assert_eq!(write(&universe, "a", |_, _| Ok(())), Err(Need::Storage), "{fault:?}");
        settle(&universe);
        assert_eq!(letters(&universe, "a"), [(1, 1)], "what is in memory is told");
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
        while count() < 8 || !medium.is_waiting() {
            std::thread::yield_now();
        }
        assert!(count() < 11 && !writer.is_finished(), "64 MB wait for the disk, and no more");
        medium.release();
        writer.join().expect("it does not panic");
    });
    assert_eq!(sent.into_inner(), 11);
}
