//! The store's promises, with a letter box as the partition.

mod crash;
mod disk;
mod export;
mod forks;
mod hostile;
mod log;
mod medium;
mod model;
mod tables;
mod transactions;

use mesh_clock::{Mode, Seed};
use mesh_store::{
    Cause, Delivery, DeliveryId, Key, Kinds, Retry, Row, Signal, Single, Table, Target, Tx, Universe,
    UniverseName, Universes, indexes, partition,
};
use mesh_types::{AccountId, Need, Region, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

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

fn kinds() -> Kinds {
    let mut kinds = Kinds::default();
    kinds.add::<LetterBox>();
    kinds
}

fn default(universes: &Universes) -> Universe {
    universes.get(&UniverseName::DEFAULT).expect("it is there")
}

fn name(text: &str) -> UniverseName {
    UniverseName::parse(text).expect("a name")
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

/// Owes a delivery, with a letter as its cause.
fn owe(state: &mut LetterBox, tx: &mut Tx<'_>) -> Result<DeliveryId, Need> {
    state.letters.insert(1, Letter { weight: 1 });
    let to = Target::Operation {
        service: "sqs".into(),
        operation: "SendMessage".into(),
        account: AccountId::DEFAULT,
        region: Region::DEFAULT,
        caller: "post".into(),
    };
    Ok(tx.owe(Delivery { to, payload: Arc::from(*b"{}"), retry: Retry::NONE }))
}
