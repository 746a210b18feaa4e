//! Queries against a table, and against a model that looks at every item.

use super::*;
use crate::domain::expression::{ExpressionKind, Placeholders};
use crate::domain::failure::{ConditionFailed, UpdateFailure};
use crate::domain::literal::{item, value};
use crate::domain::settings::tests::settings;
use crate::domain::{AttributeValue, Guard};
use mesh_clock::{Mode, Seed};
use mesh_store::{Cause, Key, Universe, UniverseName};
use mesh_types::{AccountId, Need, Region};
use proptest::prelude::*;
use std::cmp::Ordering;
use std::fmt;

/// Any failure, as its sentence.
#[derive(Debug, PartialEq)]
pub(crate) struct Said(String);

macro_rules! said {
    ($($failure:ty),*) => { $(impl From<$failure> for Said {
        fn from(failure: $failure) -> Self {
            Self(failure.to_string())
        }
    })* };
}
said!(NoSuchTable, Invalid, RangeFailure, KeyFailure, ConditionFailed, UpdateFailure, Need);

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A universe with one table.
struct Bed {
    universe: Universe,
    key: Key<TableState>,
}

impl Bed {
    fn new(table: &str) -> Self {
        let universe = Universe::new(UniverseName::DEFAULT, Seed(1), Mode::Running { offset_micros: 0 });
        let key = Key::new(AccountId::DEFAULT, Region::DEFAULT, "t");
        let settings = settings(table);
        let bed = Self { universe, key };
        bed.write(|state| {
            state.create("t", settings.clone()).expect("it is new");
            Ok(())
        });
        bed
    }

    fn write<R>(&self, mut work: impl FnMut(&mut TableState) -> Result<R, Said>) -> R {
        let written = self.universe.write(&self.key, Cause::Request(1), |state, _| work(state));
        written.expect("it can be written")
    }

    fn put(&self, item: &Item) {
        let item = Arc::new(item.clone());
        self.write(|state| state.put::<Said>(&item, &Guard::default()).map(|_| ()));
    }

    fn delete(&self, item: &Item) {
        self.write(|state| {
            let key = state.existing()?.keys.attributes_of(item);
            state.delete_item::<Said>(&key, &Guard::default()).map(|_| ())
        });
    }

    fn page(&self, query: Query) -> Result<Page, Said> {
        let walk = self.universe.read(&self.key, |state, _| query.plan::<Said>(state))?;
        Ok(walk?.page())
    }

    /// All pages of a query, to the end. The number of pages is the second answer.
    fn all(&self, query: &Query) -> (Vec<Item>, usize) {
        let (mut items, mut pages, mut query) = (Vec::new(), 0, query.clone());
        loop {
            let page = self.page(query.clone()).expect("a page");
            items.extend(page.items.into_iter().flatten().map(Arc::unwrap_or_clone));
            pages += 1;
            match page.last {
                Some(last) => query.start = Some(last),
                None => return (items, pages),
            }
        }
    }
}

fn query(condition: &str, values: &str) -> Query {
    let mut placeholders = Placeholders::default();
    let values = item(values).into_iter().map(|(name, value)| (format!(":{name}"), value));
    placeholders.values(values).expect("good values");
    let condition = Condition::parse(ExpressionKind::KeyCondition, condition, &mut placeholders);
    Query {
        index: None,
        conditions: KeyConditions::of(&condition.expect("a condition")).expect("conditions on keys"),
        filter: None,
        projection: None,
        select: None,
        limit: None,
        is_forward: true,
        is_consistent: false,
        start: None,
    }
}

#[test]
fn a_page_ends_at_the_limit_even_where_nothing_follows() {
    let bed = Bed::new("id:S sk:N");
    (0..4).for_each(|sk| bed.put(&item(&format!("{{id: 'p', sk: {sk}}}"))));
    let query = Query { limit: Some(2), ..query("id = :p", "{p: 'p'}") };
    let first = bed.page(query.clone()).expect("a page");
    assert_eq!((first.count, first.last.clone()), (2, Some(item("{id: 'p', sk: 1}"))));
    let second = bed.page(Query { start: first.last, ..query.clone() }).expect("a page");
    assert_eq!((second.count, second.last.clone()), (2, Some(item("{id: 'p', sk: 3}"))));
    let third = bed.page(Query { start: second.last, ..query }).expect("a page");
    assert_eq!((third.count, third.last), (0, None));
}

#[test]
fn a_page_ends_with_the_item_that_reaches_one_megabyte() {
    let bed = Bed::new("id:S sk:N");
    let text = "x".repeat(200_000);
    (0..12).for_each(|sk| bed.put(&item(&format!("{{id: 'p', sk: {sk}, t: '{text}'}}"))));
    let query = query("id = :p", "{p: 'p'}");
    let first = bed.page(query.clone()).expect("a page");
    assert_eq!((first.count, first.last), (6, Some(item("{id: 'p', sk: 5}"))));
    assert_eq!(first.consumed.table, 146.5);
    assert_eq!(bed.all(&query).0.len(), 12);
}

#[test]
fn items_with_equal_keys_in_an_index_are_all_found_once() {
    let bed = Bed::new("id:S g=x:S/y:N~");
    for id in 0..9 {
        bed.put(&item(&format!("{{id: 'i{id}', x: 'same', y: {}, z: 1}}", id / 5)));
    }
    bed.put(&item("{id: 'none', x: 'same', z: 1}"));
    for is_forward in [true, false] {
        let base = query("x = :x", "{x: 'same'}");
        let query = Query { index: Some("g".to_owned()), limit: Some(2), is_forward, ..base };
        let (items, pages) = bed.all(&query);
        let mut ids: Vec<String> = items.iter().map(|item| format!("{:?}", item.get("id"))).collect();
        let ordered = ids.is_sorted();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((ids.len(), pages, ordered), (9, 5, is_forward), "{items:?}");
        assert!(items.iter().all(|item| item.get("z").is_none()));
    }
}

#[test]
fn an_index_follows_its_items_and_is_counted() {
    let bed = Bed::new("id:S g=x:S~ lost=x:S");
    let totals =
        || bed.universe.read(&bed.key, |state, _| (state.size(), state.entries.len())).expect("it is there");
    bed.put(&item("{id: 'a', x: 'one', z: 'zz'}"));
    bed.put(&item("{id: 'b'}"));
    let (size, entries) = totals();
    assert_eq!((size.items, size.totals.bytes, entries), (2, 10 + 3, 2));
    assert_eq!(
        size.totals.indexes.iter().map(|index| (index.items, index.bytes)).collect::<Vec<_>>(),
        [(1, 7), (1, 10)]
    );
    bed.put(&item("{id: 'a', x: 'other'}"));
    bed.put(&item("{id: 'b', x: 'one'}"));
    bed.delete(&item("{id: 'a'}"));
    let (size, entries) = totals();
    assert_eq!((size.items, size.totals.bytes, entries), (1, 7, 2));
    assert_eq!(
        size.totals.indexes.iter().map(|index| (index.items, index.bytes)).collect::<Vec<_>>(),
        [(1, 7), (1, 7)]
    );
    bed.delete(&item("{id: 'b'}"));
    let (size, entries) = totals();
    assert_eq!((size.items, size.totals.bytes, entries), (0, 0, 0));
    assert!(size.totals.indexes.iter().all(|index| *index == crate::state::table::IndexTotals::default()));
}

#[test]
fn a_write_pays_for_each_index_that_it_changes() {
    let bed = Bed::new("id:S g=x:S~");
    let put = |text: &str| {
        let item = Arc::new(item(text));
        bed.write(|state| state.put::<Said>(&item, &Guard::default())).consumed
    };
    let big = "b".repeat(1500);
    let of_index = |consumed: &Consumed| consumed.indexes.first().map(|(_, _, units)| *units);
    let cases = [
        ("{id: 'a'}".to_owned(), 1.0, None),
        ("{id: 'a', x: 'one'}".to_owned(), 1.0, Some(1.0)),
        // moves: out and in
        ("{id: 'a', x: 'two'}".to_owned(), 1.0, Some(2.0)),
        // the index shows nothing of this
        (format!("{{id: 'a', x: 'two', z: '{big}'}}"), 2.0, None),
        ("{id: 'a'}".to_owned(), 2.0, Some(1.0)),
    ];
    for (text, table, index) in cases {
        let consumed = put(&text);
        assert_eq!((consumed.table, of_index(&consumed)), (table, index), "{text}");
    }
}

#[test]
fn a_local_index_fetches_what_it_does_not_show() {
    let bed = Bed::new("id:S sk:N l=id:S/x:S~");
    bed.put(&item("{id: 'p', sk: 1, x: 'b', z: 'first'}"));
    bed.put(&item("{id: 'p', sk: 2, x: 'a', z: 'second'}"));
    let base = Query { index: Some("l".to_owned()), ..query("id = :p", "{p: 'p'}") };
    let shown = |query: Query| bed.page(query).expect("a page");
    let page = shown(base.clone());
    assert_eq!(page.items.expect("items")[0].get("z"), None);
    assert_eq!((page.consumed.table, page.consumed.indexes[0].2), (0.0, 0.5));
    let page = shown(Query { select: Some(Select::AllAttributes), ..base });
    let items = page.items.expect("items");
    assert_eq!(
        items.iter().map(|item| item.get("z")).collect::<Vec<_>>(),
        [Some(&value("'second'")), Some(&value("'first'"))]
    );
    assert_eq!((page.consumed.table, page.consumed.indexes[0].2), (1.0, 0.5));
}

#[test]
fn a_start_must_be_a_place_on_the_way() {
    let bed = Bed::new("id:S sk:N g=x:S");
    let refusal = |condition: &str, start: &str| {
        let query = Query { start: Some(item(start)), ..query(condition, "{p: 'p', n: 5}") };
        bed.page(query).map(|_| ()).expect_err("it is refused").to_string()
    };
    let short = "The provided starting key is invalid";
    for (condition, start, sentence) in [
        ("id = :p AND sk < :n", "{bad: 'p'}", short),
        ("id = :p AND sk < :n", "{id: 'p'}", short),
        ("id = :p AND sk < :n", "{id: 'p', sk: 1, x: 'a'}", short),
        ("id = :p AND sk < :n", "{id: 'p', sk: 'a'}", "The provided key element does not match the schema"),
        (
            "id = :p AND sk < :n",
            "{id: 'p', sk: 5}",
            "The provided starting key does not match the range key predicate",
        ),
        (
            "id = :p AND sk < :n",
            "{id: 'q', sk: 1}",
            "The query can return at most one row and cannot be restarted",
        ),
    ] {
        assert_eq!(refusal(condition, start), sentence, "{condition} {start}");
    }
    let outside = Query { start: Some(item("{id: 'q', sk: 1}")), ..query("id = :p", "{p: 'p'}") };
    assert_eq!(
        bed.page(outside).map(|_| ()).expect_err("it is refused").to_string(),
        "The provided starting key is outside query boundaries based on provided conditions"
    );
}

/// An item of the property: its partition key, its sort key, and the keys of the index, which it may lack.
fn any_item() -> impl Strategy<Value = (u8, i8, Option<u8>, Option<i8>)> {
    (0..3u8, -4..5i8, prop::option::weighted(0.8, 0..2u8), prop::option::weighted(0.9, -2..3i8))
}

fn made((id, sk, x, y): (u8, i8, Option<u8>, Option<i8>)) -> Item {
    let mut item = item(&format!("{{id: 'i{id}', sk: {sk}}}"));
    item.extend_for_test("x", x.map(|x| value(&format!("'x{x}'"))));
    item.extend_for_test("y", y.map(|y| value(&y.to_string())));
    item
}

trait ExtendForTest {
    fn extend_for_test(&mut self, name: &str, value: Option<AttributeValue>);
}

impl ExtendForTest for Item {
    fn extend_for_test(&mut self, name: &str, value: Option<AttributeValue>) {
        if let Some(value) = value {
            self.insert(name.into(), value);
        }
    }
}

fn number(item: &Item, name: &str) -> Option<crate::domain::Number> {
    match item.get(name) {
        Some(AttributeValue::N(number)) => Some(*number),
        _ => None,
    }
}

fn text(item: &Item, name: &str) -> Option<String> {
    match item.get(name) {
        Some(AttributeValue::S(text)) => Some(text.to_string()),
        _ => None,
    }
}

proptest! {
    #[test]
    fn a_query_finds_what_a_look_at_every_item_finds(
        puts in prop::collection::vec(any_item(), 0..40),
        deletes in prop::collection::vec((0..3u8, -4..5i8), 0..10),
        is_index in any::<bool>(),
        hash in 0..3u8,
        operator in 0..7usize,
        bounds in (-4..5i8, -4..5i8),
        limit in prop::option::of(1..5usize),
        is_forward in any::<bool>(),
    ) {
        let bed = Bed::new("id:S sk:N g=x:S/y:N");
        let mut model: Vec<Item> = Vec::new();
        let same = |a: &Item, b: &Item| a.get("id") == b.get("id") && a.get("sk") == b.get("sk");
        for put in puts {
            let put = made(put);
            bed.put(&put);
            model.retain(|item| !same(item, &put));
            model.push(put);
        }
        for (id, sk) in deletes {
            let key = made((id, sk, None, None));
            bed.delete(&key);
            model.retain(|item| !same(item, &key));
        }
        let (hash_name, range_name, prefix) = if is_index { ("x", "y", 'x') } else { ("id", "sk", 'i') };
        let (low, high) = (bounds.0.min(bounds.1), bounds.0.max(bounds.1));
        let (low_text, high_text) = (low.to_string(), high.to_string());
        let condition = match operator {
            0 => format!("{hash_name} = :h"),
            1 => format!("{hash_name} = :h AND {range_name} = :l"),
            2 => format!("{hash_name} = :h AND {range_name} < :l"),
            3 => format!("{hash_name} = :h AND {range_name} <= :l"),
            4 => format!("{hash_name} = :h AND {range_name} > :l"),
            5 => format!("{hash_name} = :h AND {range_name} >= :l"),
            _ => format!("{hash_name} = :h AND {range_name} BETWEEN :l AND :u"),
        };
        let values = format!("{{h: '{prefix}{hash}', l: {low_text}, u: {high_text}}}");
        let query = Query { index: is_index.then(|| "g".to_owned()), limit, is_forward, ..query(&condition, &values) };

        let (low, high) = (value(&low_text), value(&high_text));
        let (AttributeValue::N(low), AttributeValue::N(high)) = (low, high) else { unreachable!() };
        let mut expected: Vec<Item> = model
            .into_iter()
            .filter(|item| text(item, hash_name).as_deref() == Some(&format!("{prefix}{hash}")))
            .filter(|item| number(item, range_name).is_some_and(|range| match operator {
                0 => true,
                1 => range == low,
                2 => range < low,
                3 => range <= low,
                4 => range > low,
                5 => range >= low,
                _ => range >= low && range <= high,
            }))
            .collect();
        let order = |a: &Item, b: &Item| -> Ordering {
            let by = |item: &Item| (number(item, range_name), text(item, "id"), number(item, "sk"));
            by(a).cmp(&by(b))
        };
        expected.sort_by(order);
        if !is_forward {
            expected.reverse();
        }
        let pages = limit.map_or(1, |limit| expected.len() / limit + 1);
        prop_assert_eq!(bed.all(&query), (expected, pages));
    }
}

#[test]
fn many_threads_that_count_lose_nothing() {
    let bed = Bed::new("id:S g=x:S");
    let mut placeholders = Placeholders::default();
    placeholders.values([(":n", value("1")), (":x", value("'x'"))]).expect("good values");
    let update = "ADD n :n SET x = :x";
    let update =
        crate::domain::expression::UpdateExpression::parse(update, &mut placeholders).expect("an update");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..250 {
                    let key = item("{id: 'counter'}");
                    bed.write(|state| {
                        state.update::<Said>(&key, Some(&update), &Guard::default()).map(|_| ())
                    });
                }
            });
        }
    });
    let found = bed.universe.read(&bed.key, |state, _| state.get::<Said>(&item("{id: 'counter'}")));
    let found = found.expect("the universe is there").expect("a key").expect("an item");
    assert_eq!(found.get("n"), Some(&value("2000")));
    let size = bed.universe.read(&bed.key, |state, _| state.size()).expect("the universe is there");
    assert_eq!((size.items, size.totals.indexes[0].items), (1, 1));
}
