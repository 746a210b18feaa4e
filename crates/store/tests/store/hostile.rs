//! Files that are no exports, or were changed: they are refused with a sentence, and take neither memory nor the process.

use super::export::{contents, file, import};
use super::*;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use std::io::{Read, Write};

/// What is in a file, to be changed and packed again.
pub(crate) fn unpack(file: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    GzDecoder::new(file).read_to_end(&mut plain).expect("it is gzip");
    plain
}

/// What a frame begins with, behind its length.
const PARTITION: u8 = 1;
const ROW: u8 = 2;

/// What stands before the frames, and the frames.
fn frames(plain: &[u8]) -> (&[u8], Vec<&[u8]>) {
    let (head, mut rest) = plain.split_at(20);
    let mut frames = Vec::new();
    while let Some(length) = rest.first_chunk() {
        let length = usize::try_from(u32::from_le_bytes(*length)).expect("it is small");
        let (frame, behind) = rest.split_at(4 + length);
        frames.push(frame);
        rest = behind;
    }
    (head, frames)
}

fn kind_of(frame: &[u8]) -> u8 {
    frame[4]
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
    let (head, mut frames) = frames(&plain);
    frames.retain(|frame| kind_of(frame) != PARTITION);
    let without = [head, &frames.concat()].concat();
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

/// A small file, so that it can be changed in every place.
fn small() -> (Universe, Vec<u8>) {
    let universe = universe();
    (0..3).for_each(|number| post(&universe, "a", number, 1));
    write(&universe, "b", owe).expect("it is there");
    let mut file = Vec::new();
    universe.export(&mut file).expect("it can be written");
    (universe, file)
}

#[test]
fn a_file_with_any_byte_changed_is_refused_or_is_what_it_was() {
    let (origin, file) = small();
    assert!(import(&file).is_ok() && file.len() < 1_000, "{}", file.len());
    let mut harmless = 0;
    for place in 0..file.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut changed = file.clone();
            changed[place] ^= change;
            let Ok(universe) = import(&changed) else { continue };
            harmless += 1;
            assert_eq!(contents(&universe), contents(&origin), "changed at {place} by {change}");
        }
    }
    // The header of gzip has bytes that mean nothing, a time and a system, and bits are left over where the data end.
    assert!(harmless <= 3 * 11, "{harmless}");
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let (_, file) = small();
    for length in 0..file.len() {
        let refused = import(&file[..length]).expect_err("it is cut").to_string();
        assert!(refused.contains("not whole"), "{length}: {refused}");
    }
}

/// Behind its checksum everything can be changed by whoever computes that again.
#[test]
fn contents_with_any_byte_changed_are_read_or_refused_and_never_end_the_process() {
    let plain = unpack(&small().1);
    let (mut read, mut refused) = (0, 0);
    for place in 0..plain.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut changed = plain.clone();
            changed[place] ^= change;
            match import(&pack(&changed)) {
                // What was read can be written, looked after and exported.
                Ok(universe) => {
                    read += 1;
                    post(&universe, "a", 9, 1);
                    drop(universe.take_due());
                    universe.export(std::io::sink()).expect("it can be written");
                }
                Err(error) => {
                    refused += 1;
                    assert!(error.to_string().contains(": "), "{error}");
                }
            }
        }
    }
    assert!(read > 0 && refused > 0, "{read} read, {refused} refused");
}

#[test]
fn a_partition_that_comes_twice_and_rows_of_unknown_tables_are_refused() {
    let plain = unpack(&small().1);
    let (head, frames) = frames(&plain);
    let pack = |frames: &[&[u8]]| pack(&[head, &frames.concat()].concat());
    let kinds: Vec<u8> = frames.iter().map(|frame| kind_of(frame)).collect();
    let partition = kinds.iter().position(|kind| *kind == PARTITION).expect("there is one");
    assert_eq!(kinds[partition + 1], ROW);
    let mut twice = frames.clone();
    twice.splice(1..1, frames[partition..partition + 2].to_vec());
    assert!(import(&pack(&twice)).expect_err("it comes twice").to_string().contains("twice"));
    // A row begins with its table.
    let mut unknown = frames[partition + 1].to_vec();
    unknown[5] = 99;
    let mut changed = frames.clone();
    changed[partition + 1] = &unknown;
    assert!(import(&pack(&changed)).expect_err("nobody has it").to_string().contains("newer mesh-local"));
}
