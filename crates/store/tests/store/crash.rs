//! Whatever is done, and whenever the disk is cut or breaks, there is left what was told.

use super::disk::{block_on, open, settle};
use super::medium::{Fault, Image, Medium};
use super::model::{Model, Step, shown, state_of, step, whole_state_of};
use super::*;
use mesh_store::Durability;
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};
use std::cell::Cell;

/// Images of one sequence that are opened: there are more, and they differ little.
const OPENED: usize = 40;

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(ProptestConfig {
        cases,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    })
}

/// The states in their order, each with the syncs after which it was told, if it was.
#[derive(Debug, Clone)]
struct Told(Vec<(Model, Option<usize>)>);

impl Told {
    /// What may be there after so many syncs: nothing older than the newest that was told, and nothing newer than the
    /// next that was.
    fn may_be(&self, syncs: usize) -> &[(Model, Option<usize>)] {
        let was_told = |(_, at): &(Model, Option<usize>)| at.is_some_and(|at| at <= syncs);
        let newest = self.0.iter().rposition(was_told).unwrap_or(0);
        let next = (newest + 1..self.0.len()).find(|state| self.0[*state].1.is_some());
        &self.0[newest..=next.unwrap_or(self.0.len() - 1)]
    }

    /// Opens what a crash left, and looks whether it is one of those states.
    fn check(&self, Image { syncs, contents }: Image) -> Result<(), TestCaseError> {
        let found = whole_state_of(&open(&Medium::holding(contents), Durability::Relaxed));
        let may_be = self.may_be(syncs);
        let is_one = may_be.iter().any(|(state, _)| *state == found);
        prop_assert!(is_one, "{:?} after {} syncs is none of {:?}", found, syncs, may_be);
        Ok(())
    }
}

/// Does the steps, waits for the disk after every `patience`-th of them, and opens what crashes would have left.
fn cut_and_compare(steps: &[Step], patience: usize, dice: u64) -> Result<usize, TestCaseError> {
    let mut medium = Medium::default();
    let mut universes = open(&medium, Durability::Strict);
    settle(&default(&universes));
    medium.keep_images(dice);
    let mut model = state_of(&universes);
    let mut told = Told(vec![(model.clone(), Some(medium.syncs()))]);
    let mut images: Vec<(Image, Told)> = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        if let Step::Restart { is_clean } = *step {
            settle(&default(&universes));
            let crashed = medium.synced();
            if is_clean {
                universes.close();
            }
            let left = if is_clean { medium.synced() } else { crashed };
            images.extend(medium.take_images().into_iter().map(|image| (image, told.clone())));
            medium = Medium::holding(left);
            medium.keep_images(dice);
            universes = open(&medium, Durability::Strict);
            settle(&default(&universes));
            prop_assert_eq!(state_of(&universes), shown(&model));
            told = Told(vec![(model.clone(), Some(0))]);
            continue;
        }
        step.apply(&universes).expect("the disk works");
        step.apply_to_model(&mut model);
        prop_assert_eq!(state_of(&universes), shown(&model));
        let is_told = number.is_multiple_of(patience);
        if is_told {
            settle(&default(&universes));
        }
        told.0.push((model.clone(), is_told.then(|| medium.syncs())));
    }
    drop(universes);
    images.extend(medium.take_images().into_iter().map(|image| (image, told.clone())));
    let stride = images.len().div_ceil(OPENED).max(1);
    let opened = images.into_iter().step_by(stride);
    opened.map(|(image, told)| told.check(image)).try_fold(0, |cuts, checked| checked.map(|()| cuts + 1))
}

#[test]
fn whatever_is_done_a_crash_at_any_moment_leaves_what_was_told() {
    let (sequences, done, cuts) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let strategy = (prop::collection::vec(step(), 1..40), 1..5_usize, 1..u64::MAX);
    let ran = runner(24).run(&strategy, |(steps, patience, dice)| {
        cuts.set(cuts.get() + cut_and_compare(&steps, patience, dice)?);
        done.set(done.get() + steps.len());
        sequences.set(sequences.get() + 1);
        Ok(())
    });
    println!("{} sequences of {} steps, cut {} times", sequences.get(), done.get(), cuts.get());
    ran.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn whenever_the_disk_breaks_what_was_told_is_there_after_a_restart() {
    let fault = prop::sample::select(vec![Fault::Full, Fault::WriteError, Fault::SyncError]);
    let strategy = (prop::collection::vec(step(), 1..40), fault, 0..40_usize, 1..u64::MAX);
    let broken = Cell::new(0);
    let ran = runner(40).run(&strategy, |(steps, fault, writes, dice)| {
        let medium = Medium::default();
        let universes = open(&medium, Durability::Strict);
        settle(&default(&universes));
        medium.break_after(writes, fault, dice);
        let mut told = vec![state_of(&universes)];
        for step in &steps {
            let mut model = told[told.len() - 1].clone();
            step.apply_to_model(&mut model);
            let done = step.apply(&universes);
            told.push(model);
            if done.and_then(|()| block_on(default(&universes).settled_on_disk())).is_err() {
                prop_assert!(universes.is_read_only());
                prop_assert_eq!(write(&default(&universes), "a", |_, _| Ok(())), Err(Need::Storage));
                broken.set(broken.get() + 1);
                break;
            }
        }
        // A fault in what is written while nothing else is to be, is found by the next who writes.
        let is_broken = universes.is_read_only();
        let newest = told.len() - 1 - usize::from(is_broken && told.len() > 1);
        drop(universes);
        for left in [medium.synced(), medium.torn()] {
            let found = whole_state_of(&open(&Medium::holding(left), Durability::Strict));
            prop_assert!(told[newest..].contains(&found), "{:?} is none of {:?}", found, &told[newest..]);
        }
        Ok(())
    });
    println!("{} of 40 disks broke in the middle of their steps", broken.get());
    ran.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn what_a_crash_leaves_of_a_relaxed_state_is_a_beginning_of_it() {
    let medium = Medium::default();
    let universes = open(&medium, Durability::Relaxed);
    let (universe, before) = (default(&universes), medium.syncs());
    medium.keep_images(7);
    // Each letter goes to one of two boxes, and every third on to the other.
    for number in 0.. {
        post(&universe, ["a", "b"][usize::from(number % 2 == 0)], number, 1);
        if number % 3 == 0 {
            Step::Carry(0, number).apply(&universes).expect("the disk works");
        }
        if medium.syncs() >= before + 6 {
            break;
        }
    }
    let mut newest = 0;
    let images = medium.take_images();
    assert!(images.len() >= 12, "{} images", images.len());
    let stride = images.len().div_ceil(20);
    for Image { syncs, contents } in images.into_iter().step_by(stride) {
        let left = open(&Medium::holding(contents), Durability::Relaxed);
        let mut found = [letters(&default(&left), "a"), letters(&default(&left), "b")].concat();
        found.sort_unstable();
        let count = found.len() as u64;
        let is_a_beginning = found.iter().map(|(number, _)| *number).eq(0..count);
        assert!(
            is_a_beginning && count >= newest,
            "after {syncs} syncs there are {count}, and were {newest}"
        );
        newest = count;
    }
    assert!(newest > 0);
}

/// What was told of a universe that comes and goes: the letters of its own box, none while it is not there; and after
/// how many syncs.
type Comings = Vec<(Option<Vec<u64>>, usize)>;

/// Forks, writes into the fork and deletes it, again and again, and waits for the disk each time.
fn come_and_go(universes: &Universes, medium: &Medium, fork: &str) -> Comings {
    let mut comings = vec![(None, 0)];
    for round in 0..6 {
        let made = universes.fork(&UniverseName::DEFAULT, name(fork)).expect("it can be made");
        settle(&made);
        comings.push((Some(Vec::new()), medium.syncs()));
        post(&made, "own", round, 1);
        settle(&made);
        comings.push((Some(vec![round]), medium.syncs()));
        universes.delete(&name(fork));
        settle(&default(universes));
        comings.push((None, medium.syncs()));
    }
    comings
}

#[test]
fn universes_that_come_and_go_under_writers_are_on_disk_when_that_is_told() {
    let medium = Medium::default();
    let universes = open(&medium, Durability::Strict);
    settle(&default(&universes));
    medium.keep_images(11);
    let is_over = std::sync::atomic::AtomicBool::new(false);
    let forks = ["one", "two"];
    let told: Vec<Comings> = std::thread::scope(|scope| {
        for writer in 0..4_u64 {
            let (universes, is_over) = (&universes, &is_over);
            scope.spawn(move || {
                for number in 0.. {
                    if is_over.load(std::sync::atomic::Ordering::Relaxed) {
                        break;
                    }
                    post(&default(universes), "a", writer + 4 * number, 1);
                    settle(&default(universes));
                }
            });
        }
        let (universes, medium) = (&universes, &medium);
        let comings = forks.map(|fork| scope.spawn(move || come_and_go(universes, medium, fork)));
        let comings = comings.map(|told| told.join().expect("it does not panic"));
        is_over.store(true, std::sync::atomic::Ordering::Relaxed);
        comings.into()
    });
    let images = medium.take_images();
    let stride = images.len().div_ceil(60);
    for Image { syncs, contents } in images.into_iter().step_by(stride) {
        let left = open(&Medium::holding(contents), Durability::Relaxed);
        let of_default = letters(&default(&left), "a");
        for (fork, told) in forks.into_iter().zip(&told) {
            let fork = left.get(&name(fork));
            let own =
                fork.as_ref().map(|fork| letters(fork, "own").iter().map(|(number, _)| *number).collect());
            let newest = told.iter().rposition(|(_, at)| *at <= syncs).unwrap_or(0);
            let mut may_be = told[newest..].iter().take(2);
            assert!(may_be.any(|(letters, _)| *letters == own), "{own:?} after {syncs} syncs, of {told:?}");
            let shared = fork.map(|fork| letters(&fork, "a")).unwrap_or_default();
            assert!(
                shared.iter().all(|letter| of_default.contains(letter)),
                "a fork is a moment of its origin"
            );
        }
    }
}
