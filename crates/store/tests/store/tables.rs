//! Tables: changed and undone like a plain map.

use super::*;
use mesh_store::{Indexes, Partition, RowError, Rows, Stored};
use proptest::prelude::*;
use std::collections::BTreeMap;

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
    fn tables_undo_and_commit_like_a_plain_map(transactions in prop::collection::vec((prop::collection::vec(step(), 0..8), any::<bool>()), 0..20)) {
        let (mut state, mut model) = (LetterBox::default(), BTreeMap::new());
        for (steps, commits) in transactions {
            let former = (model.clone(), state.owner.get().cloned());
            steps.iter().for_each(|step| step.apply(&mut state, &mut model));
            if commits {
                Partition::commit(&mut state, None);
            } else {
                Partition::rollback(&mut state);
                let owner;
                (model, owner) = former;
                prop_assert_eq!(state.owner.get().cloned(), owner);
            }
            assert_is(&state, &model);
        }
    }
}

#[test]
fn a_row_of_an_unknown_table_or_layout_is_refused() {
    let mut rows = Rows::default();
    rows.push(&[], &[7]);
    assert!(matches!(LetterBox::decode(99, &rows), Err(RowError::UnknownTable { table: 99, .. })));
    let refused = <Single<Owner> as Stored>::decode(&rows).err();
    assert!(matches!(refused, Some(RowError::UnknownLayout { layout: 7, known: 1 })));
}
