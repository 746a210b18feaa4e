//! Tests of updates: what is refused, in which order, and what becomes of an item.
//!
//! The sentences, and what becomes of items, are what AWS answered to dynalite's tests against it
//! (`test/updateItem.js`) and to Alternator's (`test_update_expression.py`, `test_returnvalues.py`).

use super::*;
use crate::domain::expression::Updated;
use crate::domain::failure::UpdateFailure;
use crate::domain::literal::item;
use crate::domain::value::Item;

fn read(text: &str, values: &str) -> Result<UpdateExpression, ExpressionFailure> {
    let mut placeholders = Placeholders::default();
    placeholders.names([("#c", "c".into()), ("#d", "[3]".into())]).expect("good names");
    let values: Vec<_> = item(values).into_iter().map(|(name, value)| (format!(":{name}"), value)).collect();
    if !values.is_empty() {
        placeholders.values(values).expect("good values");
    }
    UpdateExpression::parse(text, &mut placeholders)
}

fn refusal(text: &str, values: &str) -> String {
    let sentence = read(text, values).map(|_| text.to_owned()).expect_err("it is refused").to_string();
    sentence.strip_prefix("Invalid UpdateExpression: ").expect("the prefix of an update").to_owned()
}

fn updated(text: &str, values: &str, old: &str) -> Result<Item, UpdateFailure> {
    let update = read(text, values).unwrap_or_else(|failure| panic!("{text}: {failure}"));
    let old = item(old);
    update.apply(Some(&old), &Item::default()).map(|Updated { item }| item.expect("an item stays an item"))
}

#[track_caller]
fn check(text: &str, values: &str, old: &str, new: &str) {
    assert_eq!(updated(text, values, old), Ok(item(new)), "{text}");
}

#[test]
fn a_syntax_error_shows_the_token_and_its_neighbours() {
    for (text, token, near) in [
        ("INVALID SYNTAX HERE", "INVALID", "INVALID SYNTAX"),
        ("ADD hits : incr", ":", "hits : incr"),
        ("SET _123 = :a", "_", "SET _123"),
        ("SET a = :a, ", "<EOF>", ", "),
        ("SET", "<EOF>", "SET"),
        ("set a", "<EOF>", "a"),
        ("SET #as, #b", ",", "#as, #b"),
        ("set a=set", "set", "=set"),
        ("remove a = b", "=", "a = b"),
        ("delete a b", "b", "a b"),
        ("set :a = b", ":a", "set :a ="),
        ("set a = b * c", "*", "b * c"),
        ("set a[1] = 1", "1", "= 1"),
        ("SET a = if_not_exists(a, 0)", "0", ", 0)"),
        ("SET if_not_exist(a, b) = a", "(", "if_not_exist(a"),
        ("set (a = b)", "(", "set (a"),
        ("set a = (b.c).d + e", ".", ").d"),
        ("set a = b + c + d", "+", "c + d"),
        ("set a = if_not_exists(c, :a+:b)", "+", ":a+:b"),
        ("set a[#c] = b", "#c", "[#c]"),
        ("set a = (b + c", "<EOF>", "c"),
        ("set a = b, remove c", "remove", ", remove c"),
    ] {
        assert_eq!(
            refusal(text, "{}"),
            format!("Syntax error; token: \"{token}\", near: \"{near}\""),
            "{text}"
        );
    }
    assert_eq!(refusal("", "{}"), "The expression can not be empty;");
    for text in ["set a = ((b.c.d)+(e))", "set a = (b + c)", "\n set a = (b)\n\nremove\tc ", "sEt a=b"] {
        assert!(read(text, "{}").is_ok(), "{text}");
    }
}

#[test]
fn of_several_faults_the_one_that_aws_checks_first_speaks() {
    let name = "An expression attribute name used in the document path is not defined; attribute name: ";
    let value = "An expression attribute value used in expression is not defined; attribute value: ";
    for (text, sentence) in [
        (
            " set #x = :c set abOrt = true ",
            "Attribute name is a reserved keyword; reserved keyword: abOrt".to_owned(),
        ),
        ("set #c = if_not_exist(:c) set c = d", "Invalid function name; function: if_not_exist".to_owned()),
        (
            "set a = #x set c = :d",
            "The \"SET\" section can only be used once in an update expression;".to_owned(),
        ),
        (
            "delete #d :e set a = b delete #e :f",
            "The \"DELETE\" section can only be used once in an update expression;".to_owned(),
        ),
        ("SET #x = if_not_exists(:c)", format!("{name}#x")),
        ("SET #c = if_not_exists(:c)", format!("{value}:c")),
        ("SET a = if_not_exists(:v, :w), a = b", format!("{value}:v")),
    ] {
        assert_eq!(refusal(text, "{}"), sentence, "{text}");
    }
}

#[test]
fn paths_must_not_overlap_nor_conflict() {
    let rewrite = "with each other; must remove or rewrite one of these paths; path one:";
    for (text, kind, one, two) in [
        ("set a = :v, a.b = :v", "overlap", "[a]", "[a, b]"),
        ("set d[1] = a, d.b = a, c[1].a = a, #c = if_not_exists(a)", "overlap", "[c, [1], a]", "[c]"),
        ("set #c[3].#d = a, #c[3] = a", "overlap", "[c, [3], [3]]", "[c, [3]]"),
        ("remove a set a = b", "overlap", "[a]", "[a]"),
        ("set #c[3].#d = a, #c.#d[3] = if_not_exists(a)", "conflict", "[c, [3], [3]]", "[c, [3], [3]]"),
        ("remove a.#c set a[1] = #d", "conflict", "[a, c]", "[a, [1]]"),
    ] {
        assert_eq!(
            refusal(text, "{v: 1}"),
            format!("Two document paths {kind} {rewrite} {one}, path two: {two}"),
            "{text}"
        );
    }
    assert!(read("set a.b = :v, a.c.d = :v, l[0] = :v, l[1] = :v remove a.x", "{v: 1}").is_ok());
}

#[test]
fn operands_must_be_of_a_right_type_and_number() {
    let wrong = "Incorrect operand type for operator or function; operator";
    let kinds = [
        ("'a'", "S", "STRING"),
        ("null", "NULL", "NULL"),
        ("true", "BOOL", "BOOLEAN"),
        ("b'a'", "B", "BINARY"),
        ("{}", "M", "MAP"),
        ("[]", "L", "LIST"),
    ];
    for (literal, short, long) in kinds {
        let values = format!("{{a: {literal}}}");
        assert_eq!(refusal("add a.b :a", &values), format!("{wrong}: ADD, operand type: {long}"));
        assert_eq!(refusal("delete a.b :a", &values), format!("{wrong}: DELETE, operand type: {long}"));
        assert_eq!(
            refusal("set a = a + :a", &values),
            format!("{wrong} or function: +, operand type: {short}")
        );
        assert_eq!(
            refusal("set a = :a - b", &values),
            format!("{wrong} or function: -, operand type: {short}")
        );
        if short != "L" {
            let sentence = format!("{wrong} or function: list_append, operand type: {short}");
            assert_eq!(refusal("set a = list_append(:a, a)", &values), sentence);
        }
    }
    assert_eq!(refusal("delete a :a", "{a: 1}"), format!("{wrong}: DELETE, operand type: NUMBER"));
    let first = "set b = list_append(:a, a), c = if_not_exists(a) add a.b :a";
    assert_eq!(refusal(first, "{a: 'a'}"), format!("{wrong}: ADD, operand type: STRING"));
    assert_eq!(
        refusal("set a = list_append(c)", "{}"),
        "Incorrect number of operands for operator or function; operator or function: list_append, number of operands: 1"
    );
    for text in ["set a = if_not_exists(:a, c)", "set a = if_not_exists(if_not_exists(a, b), c)"] {
        assert_eq!(
            refusal(text, "{a: 'a'}"),
            "Operator or function requires a document path; operator or function: if_not_exists"
        );
    }
    assert_eq!(
        refusal("set a = list_append(list_append(:a, :a), :a)", "{a: []}"),
        "The function is not allowed to be used this way in an expression; function: list_append"
    );
    assert_eq!(
        refusal("set a = size(b)", "{}"),
        "The function is not allowed in an update expression; function: size"
    );
}

#[test]
fn set_reads_the_item_as_it_was() {
    check("SET b = a, a = :v REMOVE c", "{v: 2}", "{a: 1, c: 3}", "{a: 2, b: 1}");
    check("REMOVE a SET b = a", "{}", "{a: 1}", "{b: 1}");
    check("SET a = b, b = a", "{}", "{a: 1, b: 2}", "{a: 2, b: 1}");
    assert_eq!(updated("SET x = :v, y = x", "{v: 4}", "{a: 1}"), Err(UpdateFailure::MissingOperand));
    assert_eq!(updated("SET e = list_append(b, c)", "{}", "{}"), Err(UpdateFailure::MissingOperand));
}

#[test]
fn sums_lists_and_defaults_are_computed() {
    check("SET n = n + :v, m = :w - n", "{v: 0.1, w: 7}", "{n: 2}", "{n: 2.1, m: 5}");
    check("SET n = if_not_exists(n, :z) + :v", "{z: 0, v: 3}", "{}", "{n: 3}");
    check("SET n = if_not_exists(n, if_not_exists(m, :v))", "{v: 9}", "{m: 4}", "{m: 4, n: 4}");
    let deep = format!("SET n = {}:v{}", "if_not_exists(a,".repeat(226), ")".repeat(226));
    check(&deep, "{v: 1}", "{}", "{n: 1}");
    check("SET l = list_append(if_not_exists(l, :e), :v)", "{e: [], v: ['x']}", "{}", "{l: ['x']}");
    check("SET l = list_append(:v, l), k = l", "{v: [0]}", "{l: [1 2]}", "{l: [0 1 2], k: [1 2]}");
    for (text, values, old) in [
        ("set e = a + :a", "{a: 1}", "{a: 'x'}"),
        ("set e = list_append(d, if_not_exists(f, :a))", "{a: []}", "{d: <1>}"),
        ("add b :a", "{a: <1>}", "{b: {a: 1}}"),
        ("add d :a", "{a: 1}", "{d: <1>}"),
        ("delete d :a", "{a: <'1'>}", "{d: <1>}"),
        ("delete b.a :a", "{a: <1>}", "{b: {a: <'1'>}}"),
    ] {
        assert_eq!(updated(text, values, old), Err(UpdateFailure::OperandType), "{text}");
    }
    let overflow =
        updated("SET b = a + :v", "{v: 9e125}", "{a: 9e125}").map_err(|failure| failure.to_string());
    assert_eq!(
        overflow,
        Err("Number overflow. Attempting to store a number with magnitude larger than supported range"
            .to_owned())
    );
}

#[test]
fn add_and_delete_work_on_numbers_and_sets_wherever_they_are() {
    check("ADD n :v, m.k :v", "{v: 4}", "{n: 3, m: {}}", "{n: 7, m: {k: 4}}");
    check("ADD s :v", "{v: <'b' 'c'>}", "{s: <'a' 'b'>}", "{s: <'a' 'b' 'c'>}");
    check("ADD s :v", "{v: <1.0>}", "{}", "{s: <1>}");
    check("DELETE s :v", "{v: <'b' 'x'>}", "{s: <'a' 'b'>}", "{s: <'a'>}");
    check("DELETE s :v, l[0] :v, gone :v", "{v: <'a'>}", "{s: <'a'>, l: [<'a'>, 1]}", "{l: [1]}");
}

#[test]
fn indexes_mean_the_list_as_it_was() {
    for text in ["REMOVE a[1] SET a[3] = :v", "SET a[3] = :v REMOVE a[1]"] {
        check(text, "{v: 17}", "{a: [2 3 4 5 6 7]}", "{a: [2 4 17 6 7]}");
    }
    check("REMOVE a[0], a[2], a[1].x", "{}", "{a: [1, {x: 1, y: 2}, 3, 4]}", "{a: [{y: 2}, 4]}");
    check("REMOVE a[0], a[1][0]", "{}", "{a: [1, [2 3]]}", "{a: [[3]]}");
    check(
        "SET a[84] = :a, a[37] = :b, a[17] = :c REMOVE a[0]",
        "{a: 1, b: 2, c: 3}",
        "{a: ['one' 'two']}",
        "{a: ['two' 3 2 1]}",
    );
    check("REMOVE a[17], b.y, c", "{}", "{a: [4], b: {x: 1}}", "{a: [4], b: {x: 1}}");
    check("REMOVE a.b, l[0]", "{}", "{a: {b: 1}, l: [1]}", "{a: {}, l: []}");
    check("SET a.c[1].x = :v", "{v: 9}", "{a: {c: [0, {x: 1}]}}", "{a: {c: [0, {x: 9}]}}");
}

#[test]
fn what_holds_the_path_must_be_there() {
    for text in
        ["SET a.c = :v", "SET b.c = :v", "SET c.c = :v", "SET a[0] = :v", "SET b[0].x = :v", "ADD c.c :v"]
    {
        assert_eq!(
            updated(text, "{v: 7}", "{a: 'hello', b: ['hi']}"),
            Err(UpdateFailure::InvalidPath),
            "{text}"
        );
    }
    for text in ["REMOVE a.c", "REMOVE b.c", "REMOVE c.c", "REMOVE c[0]"] {
        assert_eq!(updated(text, "{}", "{a: 'hello', b: ['hi']}"), Err(UpdateFailure::InvalidPath), "{text}");
    }
}

#[test]
fn only_what_sets_or_adds_makes_an_item() {
    let new = |text: &str, values: &str| {
        read(text, values)
            .expect("it is an update")
            .apply(None, &item("{id: 'k'}"))
            .map(|updated| updated.item)
    };
    assert_eq!(new("SET a = id", "{}"), Ok(Some(item("{id: 'k', a: 'k'}"))));
    assert_eq!(new("ADD n :v", "{v: 8}"), Ok(Some(item("{id: 'k', n: 8}"))));
    assert_eq!(new("REMOVE x.y, x2[0]", "{}"), Ok(None));
    assert_eq!(new("DELETE s :v", "{v: <1>}"), Ok(None));
    assert_eq!(new("SET c.c = :v", "{v: 1}"), Err(UpdateFailure::InvalidPath));
}

#[test]
fn what_was_changed_is_looked_up_as_it_was_written() {
    let changed = |text: &str, values: &str, old: &str| {
        let (update, old) = (read(text, values).expect("it is an update"), item(old));
        let new = update.apply(Some(&old), &Item::default()).expect("it works").item.expect("it stays");
        (update.changed(&old), update.changed(&new))
    };
    let old = "{p: 1, a: {b: 'dog', c: [1 2 3]}, d: 'cat'}";
    for (text, values, updated_old, updated_new) in [
        ("SET d = :v, e = :v", "{v: 1}", "{d: 'cat'}", "{d: 1, e: 1}"),
        ("REMOVE d", "{}", "{d: 'cat'}", "{}"),
        ("SET a.b = :v", "{v: 'yo'}", "{a: {b: 'dog'}}", "{a: {b: 'yo'}}"),
        ("SET a.c[1] = :v, a.b = :v", "{v: 8}", "{a: {b: 'dog', c: [2]}}", "{a: {b: 8, c: [8]}}"),
        ("REMOVE a.c[1], a.c[3]", "{}", "{a: {c: [2]}}", "{a: {c: [3]}}"),
        ("SET a.x = :v", "{v: 8}", "{}", "{a: {x: 8}}"),
        ("SET a.c[100] = :v", "{v: 70}", "{}", "{}"),
    ] {
        assert_eq!(changed(text, values, old), (item(updated_old), item(updated_new)), "{text}");
    }
}

mod against_a_model {
    //! Sets, removals and additions on a map of small numbers and one list, against a model that works on plain maps.

    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[derive(Debug, Clone)]
    enum Act {
        Copy(usize),
        Put(i64),
        Sum(usize, i64),
        Remove,
        Add(i64),
    }

    fn acts() -> impl Strategy<Value = Act> {
        prop_oneof![
            (0..4usize).prop_map(Act::Copy),
            (-9..9i64).prop_map(Act::Put),
            (0..4usize, -9..9i64).prop_map(|(from, by)| Act::Sum(from, by)),
            Just(Act::Remove),
            (-9..9i64).prop_map(Act::Add),
        ]
    }

    /// The text of an update that does one act at each attribute, and its values.
    fn written(acts: &BTreeMap<usize, Act>, place: impl Fn(usize) -> String) -> (String, String) {
        let mut sections: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let mut values = Vec::new();
        for (at, act) in acts {
            let path = place(*at);
            if let Act::Put(by) | Act::Sum(_, by) | Act::Add(by) = act {
                values.push(format!("v{at}: {by}"));
            }
            let (section, text) = match act {
                Act::Copy(from) => ("SET", format!("{path} = {}", place(*from))),
                Act::Put(_) => ("SET", format!("{path} = :v{at}")),
                Act::Sum(from, _) => ("SET", format!("{path} = {} + :v{at}", place(*from))),
                Act::Remove => ("REMOVE", path),
                Act::Add(_) => ("ADD", format!("{path} :v{at}")),
            };
            sections.entry(section).or_default().push(text);
        }
        let text = sections.iter().map(|(name, items)| format!("{name} {} ", items.join(", "))).collect();
        (text, format!("{{{}}}", values.join(", ")))
    }

    /// The value at each place afterwards, none where it is removed; or nothing where an operand is missing.
    fn outcome(old: &BTreeMap<usize, i64>, acts: &BTreeMap<usize, Act>) -> Option<BTreeMap<usize, i64>> {
        let mut new = old.clone();
        for (at, act) in acts {
            let value = match act {
                Act::Copy(from) => *old.get(from)?,
                Act::Put(value) => *value,
                Act::Sum(from, by) => old.get(from)? + by,
                Act::Add(by) => old.get(at).unwrap_or(&0) + by,
                Act::Remove => {
                    new.remove(at);
                    continue;
                }
            };
            new.insert(*at, value);
        }
        Some(new)
    }

    fn literal(values: &BTreeMap<usize, i64>) -> String {
        let entries: Vec<_> = values.iter().map(|(at, value)| format!("k{at}: {value}")).collect();
        entries.join(", ")
    }

    proptest! {
        #[test]
        fn attributes_and_map_entries_agree(
            old in prop::collection::btree_map(0..4usize, -9..9i64, 0..4),
            acts in prop::collection::btree_map(0..4usize, acts(), 1..4),
        ) {
            let expected = outcome(&old, &acts);
            let (text, values) = written(&acts, |at| format!("k{at}"));
            let top = updated(&text, &values, &format!("{{{}}}", literal(&old)));
            prop_assert_eq!(top.ok(), expected.as_ref().map(|new| item(&format!("{{{}}}", literal(new)))));
            let (text, values) = written(&acts, |at| format!("m.k{at}"));
            let nested = updated(&text, &values, &format!("{{m: {{{}}}}}", literal(&old)));
            prop_assert_eq!(nested.ok(), expected.map(|new| item(&format!("{{m: {{{}}}}}", literal(&new)))));
        }

        #[test]
        fn list_elements_agree(
            old in prop::collection::vec(-9..9i64, 0..4),
            acts in prop::collection::btree_map(0..6usize, acts(), 1..5),
        ) {
            let by_index: BTreeMap<usize, i64> = old.iter().copied().enumerate().collect();
            let (text, values) = written(&acts, |at| format!("l[{at}]"));
            let show = |values: Vec<i64>| format!("{{l: [{}]}}", values.iter().map(|v| format!("{v} ")).collect::<String>());
            let new = updated(&text, &values, &show(old));
            // in the order of the indexes, without the removed ones: appended elements come last in theirs
            let expected = outcome(&by_index, &acts).map(|new| item(&show(new.into_values().collect())));
            prop_assert_eq!(new.ok(), expected);
        }

        #[test]
        fn any_text_is_taken_or_refused_without_panic(text in "(SET|set|REMOVE|ADD|[a-c#:.,=+()\\[\\]0-9 é]){0,20}") {
            let _ = read(&text, "{a: 1}").map(|update| update.apply(None, &item("{a: 1}")));
            let mut placeholders = Placeholders::default();
            let _ = crate::domain::expression::Condition::parse(ExpressionKind::Filter, &text, &mut placeholders);
        }
    }
}
