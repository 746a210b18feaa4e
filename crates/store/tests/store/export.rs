//! A universe as one file, and snapshots.

use super::*;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use mesh_store::{ImportError, Kinds, Universes};
use std::io::{Read, Write};

fn universes() -> Universes {
    let mut kinds = Kinds::default();
    kinds.add::<LetterBox>();
    Universes::of_kinds(kinds, Seed(1), Mode::Frozen { at: Timestamp::from_secs(1_000) })
}

fn default(universes: &Universes) -> Universe {
    universes.get(&UniverseName::DEFAULT).expect("it is there")
}

fn name(text: &str) -> UniverseName {
    UniverseName::parse(text).expect("a name")
}

/// The file of a universe with a letter that is owed to somebody.
fn file() -> (Universe, Vec<u8>) {
    let universes = universes();
    let universe = default(&universes);
    (0..300).for_each(|number| post(&universe, "a", number, 1));
    write(&universe, "a", owe).expect("it is there");
    let mut file = Vec::new();
    universe.export(&mut file).expect("it can be written");
    (universe, file)
}

fn import(file: &[u8]) -> Result<Universe, ImportError> {
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

/// What is in a file, to be changed and packed again.
fn unpack(file: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    GzDecoder::new(file).read_to_end(&mut plain).expect("it is gzip");
    plain
}

fn pack(plain: &[u8]) -> Vec<u8> {
    let mut file = GzEncoder::new(Vec::new(), Compression::fast());
    file.write_all(plain).and_then(|()| file.finish()).expect("memory takes all")
}

#[test]
fn a_file_that_is_cut_changed_or_something_else_is_refused_with_a_sentence() {
    let (_, file) = file();
    for length in [0, 1, 10, file.len() / 2, file.len() - 9, file.len() - 1] {
        let refused = import(&file[..length]).expect_err("it is cut").to_string();
        assert!(refused.contains("not whole"), "{length}: {refused}");
    }
    for place in (0..file.len()).step_by(97) {
        let mut changed = file.clone();
        changed[place] ^= 0x10;
        // The header of gzip has bytes that mean nothing: a time, a system.
        assert!(place < 10 || import(&changed).is_err(), "changed at {place}");
    }
    assert!(import(b"PK\x03\x04 an archive of another kind").is_err());
    assert!(import(&pack(b"something else altogether, but compressed")).is_err());
    let plain = unpack(&file);
    let behind = [&plain[..], b"more"].concat();
    assert!(import(&pack(&behind)).expect_err("it goes on").to_string().contains("behind its end"));
    // Without its first partition the rows have none: the frame behind the universe's.
    let universe =
        20 + 4 + usize::try_from(u32::from_le_bytes(plain[20..24].try_into().expect("four"))).expect("small");
    let partition =
        4 + usize::try_from(u32::from_le_bytes(plain[universe..universe + 4].try_into().expect("four")))
            .expect("small");
    let without = [&plain[..universe], &plain[universe + partition..]].concat();
    assert!(import(&pack(&without)).expect_err("rows of nobody").to_string().contains("without a partition"));
}

#[test]
fn lengths_that_lie_take_no_memory() {
    let mut plain = unpack(&file().1);
    plain[20..24].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(import(&pack(&plain)).expect_err("it is too long").to_string().contains("too long"));
    plain[20..24].copy_from_slice(&(512_u32 << 20).to_le_bytes());
    assert!(import(&pack(&plain)).is_err(), "it ends before");
}

#[test]
fn a_later_format_an_earlier_one_and_an_unknown_kind_are_refused_by_name() {
    let (_, file) = file();
    let mut plain = unpack(&file);
    plain[16..20].copy_from_slice(&3_u32.to_le_bytes());
    let refused = import(&pack(&plain)).expect_err("it is newer").to_string();
    assert!(refused.contains("newer mesh-local (format 3"), "{refused}");
    plain[16..20].copy_from_slice(&1_u32.to_le_bytes());
    let refused = import(&pack(&plain)).expect_err("it is older").to_string();
    assert!(refused.contains("format 1 is read no longer"), "{refused}");
    let without = Universes::of_kinds(Kinds::default(), Seed(1), Mode::Frozen { at: Timestamp::EPOCH });
    let refused = without.import(name("other"), &file[..], false).expect_err("the kind is unknown");
    assert!(refused.to_string().contains("partitions of kind 9001"), "{refused}");
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
