//! Tables: changed, undone and journaled like a plain map.

use super::*;
use mesh_store::{Indexes, Journal, Partition, RowError, Stored};
use proptest::prelude::*;
use std::collections::BTreeMap;

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
