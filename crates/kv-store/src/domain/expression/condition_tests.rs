//! Tests of conditions: what is refused, in which order, and what holds.
//!
//! The sentences, and which of several faults speaks, are what AWS answered to dynalite's tests against it
//! (`test/scan.js`, `test/query.js`) and to Alternator's (`test_condition_expression.py`, `test_limits.py`).

use super::*;
use crate::domain::literal::{item, value};
use crate::domain::value::Item;

/// Reads a filter with `#a` for `a`, `#d` for `data`, and the values written as items are.
fn read(text: &str, values: &str) -> Result<Condition, ExpressionFailure> {
    let mut placeholders = Placeholders::default();
    placeholders.names([("#a", "a".into()), ("#d", "data".into())]).expect("good names");
    let values = item(values).into_iter().map(|(name, value)| (format!(":{name}"), value));
    let values: Vec<_> = values.collect();
    if !values.is_empty() {
        placeholders.values(values).expect("good values");
    }
    Condition::parse(ExpressionKind::Filter, text, &mut placeholders)
}

fn refusal(text: &str, values: &str) -> String {
    let sentence = read(text, values).map(|_| text.to_owned()).expect_err("it is refused").to_string();
    let rest = sentence.strip_prefix("Invalid FilterExpression: ").expect("the prefix of a filter");
    rest.to_owned()
}

#[track_caller]
fn check(text: &str, values: &str, given: &Item, holds: bool) {
    let condition = read(text, values).unwrap_or_else(|failure| panic!("{text}: {failure}"));
    assert_eq!(condition.holds(given), holds, "{text}");
}

#[test]
fn a_syntax_error_shows_the_token_and_its_neighbours() {
    for (text, token, near) in [
        ("things are not gonna be ok", "are", "things are not"),
        ("a > 4", "4", "> 4"),
        ("attribute_exists(Pictures-RearView)", "-", "Pictures-RearView"),
        ("attribute_exists(Pictures..RearView)", ".", "..RearView"),
        ("attribute_exists(Pi#ctures.RearView)", "#ctures", "Pi#ctures."),
        ("attribute_exists(asdf[a])", "a", "[a]"),
        ("a in b, c", "b", "in b,"),
        ("a > between", "between", "> between"),
        ("a in (b,c,)", ")", ",)"),
        ("a in ()", ")", "()"),
        ("(a)between(b.(c.d))and(c)", "(", ".(c"),
        ("#$.b > a", "#", "#$"),
        ("a > :things.stuff", ".", ":things.stuff"),
        ("b[:a] > a", ":a", "[:a]"),
        ("ü > a", "ü", "ü >"),
        ("(a)between(b.c[4.5].#d)and(:a)", ".", "4.5"),
        ("size(a).b > a", ".", ").b"),
        ("(size(a))[0] > a", "[", ")[0"),
        ("a != b", "!", "a !="),
        ("contains(a, :v", "<EOF>", ":v"),
        ("a", "<EOF>", "a"),
        ("attribute_type()", ")", "()"),
        ("tenantAgent:abc123-x", ":abc123", "tenantAgent:abc123-"),
        ("(a = b", "<EOF>", "b"),
        ("a = b)", ")", "b)"),
    ] {
        assert_eq!(
            refusal(text, "{}"),
            format!("Syntax error; token: \"{token}\", near: \"{near}\""),
            "{text}"
        );
    }
    assert_eq!(refusal("", "{}"), "The expression can not be empty;");
}

#[test]
fn redundant_parentheses_are_refused_before_anything_but_syntax() {
    for text in [
        "a=a and a > ((views))",
        "(a)between(((b.c)).d)and(c)",
        "a > whatever((:things), ((a)))",
        "a=a AND ((a=a AND a=a)) AND a=a",
        "a=a OR ((a=a OR (a=a OR a=a)))",
        "((attribute_not_exists(a)))",
    ] {
        assert_eq!(refusal(text, "{}"), "The expression has redundant parentheses;", "{text}");
    }
    for text in
        ["((a=b) and (c=b))", "(a = b)", "((a) = b)", "NOT (NOT (a = b))", "(((a = b) or c = b) and a = b)"]
    {
        assert!(read(text, "{}").is_ok(), "{text}");
    }
    let deep = format!("{}a<b{}", "(".repeat(2046), ")".repeat(2046));
    assert_eq!(refusal(&deep, "{}"), "The expression has redundant parentheses;");
}

#[test]
fn functions_are_known_and_in_place() {
    let unknown = "Invalid function name; function: ";
    for (text, name) in [
        ("a=a and whatever((:things)) > a", "whatever"),
        ("attRIbute_exIsts((views), #a)", "attRIbute_exIsts"),
    ] {
        assert_eq!(refusal(text, "{}"), format!("{unknown}{name}"), "{text}");
    }
    let misused = "The function is not allowed to be used this way in an expression; function: ";
    for (text, name) in [
        ("a=a and attribute_exists((views), (#a)) > b", "attribute_exists"),
        ("attribute_not_exists(things) > b", "attribute_not_exists"),
        ("attribute_type(things, :a) > b", "attribute_type"),
        ("contains(:things, c) > b", "contains"),
        ("size(contains(a, b)) > a", "contains"),
        ("size(things)", "size"),
        ("a between b and attribute_exists(things)", "attribute_exists"),
        ("a in (b, attribute_exists(things))", "attribute_exists"),
        ("not size(a)", "size"),
        ("a = b and size(a)", "size"),
    ] {
        assert_eq!(refusal(text, "{}"), format!("{misused}{name}"), "{text}");
    }
    assert_eq!(
        refusal("if_not_exists(a, b) = c", "{}"),
        "The function is not allowed in a condition expression; function: if_not_exists"
    );
}

#[test]
fn reserved_words_are_refused_in_any_case() {
    for (text, word) in
        [("attribute_exists(views, #a)", "views"), (":a < abOrT", "abOrT"), ("a.b.name = c", "name")]
    {
        assert_eq!(
            refusal(text, "{}"),
            format!("Attribute name is a reserved keyword; reserved keyword: {word}"),
            "{text}"
        );
    }
}

#[test]
fn comparisons_are_checked_one_after_the_other() {
    let name = "An expression attribute name used in the document path is not defined; attribute name: ";
    let value = "An expression attribute value used in expression is not defined; attribute value: ";
    let count = "Incorrect number of operands for operator or function; operator or function: ";
    let distinct = "The first operand must be distinct from the remaining operands for this operator or function; operator: ";
    for (text, sentence) in [
        ("attribute_exists(#Pictures.RearView, :a) and a=a", format!("{name}#Pictures")),
        ("begins_with(Pictures.#RearView)", format!("{name}#RearView")),
        ("#4g > a", format!("{name}#4g")),
        ("begins_with(:hello, #b, #c)", format!("{value}:hello")),
        (":a < :b", format!("{value}:a")),
        ("attribute_exists(things, a) and a=a", format!("{count}attribute_exists, number of operands: 2")),
        ("begins_with(things, size(a), b)", format!("{count}begins_with, number of operands: 3")),
        ("size(things, a) > b", format!("{count}size, number of operands: 2")),
        ("a = a AND #a = b AND :views > a", format!("{distinct}=, first operand: [a]")),
        ("((a=a) OR (a=a))", format!("{distinct}=, first operand: [a]")),
        ("a in (b, #a)", format!("{distinct}IN, first operand: [a]")),
        ("contains(#d, #d)", format!("{distinct}contains, first operand: [data]")),
        ("contains(ab.bc[1].a, ab.bc[1].#a)", format!("{distinct}contains, first operand: [ab, bc, [1], a]")),
        (
            "attribute_type(ab.bc[1].#a, ab.bc[1].a)",
            format!("{distinct}attribute_type, first operand: [ab, bc, [1], a]"),
        ),
    ] {
        assert_eq!(refusal(text, "{}"), sentence, "{text}");
    }
}

#[test]
fn operands_of_a_known_type_must_be_of_a_right_one() {
    let wrong = |name: &str, kind: &str| {
        format!(
            "Incorrect operand type for operator or function; operator or function: {name}, operand type: {kind}"
        )
    };
    let kinds = [
        ("1", "N"),
        ("true", "BOOL"),
        ("null", "NULL"),
        ("[]", "L"),
        ("{}", "M"),
        ("<'1'>", "SS"),
        ("<1>", "NS"),
        ("<b'a'>", "BS"),
    ];
    for (literal, kind) in kinds {
        let values = format!("{{a: {literal}}}");
        assert_eq!(refusal("attribute_type(a, :a)", &values), wrong("attribute_type", kind));
        assert_eq!(refusal("begins_with(a, :a)", &values), wrong("begins_with", kind));
        assert_eq!(refusal("begins_with(:a, a)", &values), wrong("begins_with", kind));
        if kind != "N" {
            assert_eq!(refusal("a < :a", &values), wrong("<", kind));
            assert_eq!(refusal(":a >= a", &values), wrong(">=", kind));
            assert_eq!(refusal("a BETWEEN :a AND :a", &values), wrong("BETWEEN", kind));
            assert!(read("a = :a and a in (:a)", &values).is_ok());
        }
    }
    assert_eq!(refusal("attribute_type(a, size(a)) and a=a", "{}"), wrong("attribute_type", "N"));
    assert_eq!(refusal("begins_with(a, size(a))", "{}"), wrong("begins_with", "N"));
    assert_eq!(refusal("size(size(a)) > :a", "{a: 1}"), wrong("size", "N"));
    assert_eq!(refusal("attribute_not_exists(size(:a))", "{a: 1}"), wrong("size", "N"));
    assert_eq!(refusal("size(:a) > a", "{a: true}"), wrong("size", "BOOL"));
    assert_eq!(
        refusal("attribute_type(a, b)", "{}"),
        wrong("attribute_type", "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}")
    );
    assert_eq!(
        refusal("attribute_type(a, :a)", "{a: '1'}"),
        "Invalid attribute type name found; type: 1, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"
    );
    for (text, name) in [
        ("attribute_exists(:a) and a=a", "attribute_exists"),
        ("attribute_not_exists(size(:a))", "attribute_not_exists"),
    ] {
        assert_eq!(
            refusal(text, "{a: '1'}"),
            format!("Operator or function requires a document path; operator or function: {name}")
        );
    }
}

#[test]
fn given_bounds_are_of_one_type_and_in_order() {
    let between = "The BETWEEN operator requires";
    assert_eq!(
        refusal("a between :b and :a", "{a: 'a', b: 1}"),
        format!(
            "{between} same data type for lower and upper bounds; lower bound operand: AttributeValue: {{N:1}}, upper bound operand: AttributeValue: {{S:a}}"
        )
    );
    assert_eq!(
        refusal("a between :b and :a", "{a: 'a', b: 'b'}"),
        format!(
            "{between} upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {{S:b}}, upper bound operand: AttributeValue: {{S:a}}"
        )
    );
}

#[test]
fn size_and_operators_are_limited() {
    assert_eq!(
        refusal(&"(".repeat(15_000), "{}"),
        "Expression size has exceeded the maximum allowed size; expression size: 15000"
    );
    let many = |depth: usize| format!("a<b {}{}", "or (a<b ".repeat(depth), ")".repeat(depth));
    assert!(read(&many(149), "{}").is_ok());
    let sentence = "The expression contains too many operators; operator count: 301";
    assert_eq!(refusal(&many(450), "{}"), sentence);
    assert_eq!(refusal(&format!("{}a<b", "not ".repeat(1000)), "{}"), sentence);
    let calls = format!("a < {}b{}", "f(".repeat(1355), ")".repeat(1355));
    assert_eq!(refusal(&calls, "{}"), "Invalid function name; function: f");
    let choices = |count: usize| format!("a in ({})", vec!["b"; count].join(","));
    assert!(read(&choices(100), "{}").is_ok());
    assert_eq!(
        refusal(&choices(101), "{}"),
        "The IN operator is provided with too many operands; number of operands: 101"
    );
    assert!(read("a[2147483647] = b", "{}").is_ok());
    assert_eq!(
        refusal("a[2147483648] = b", "{}"),
        "List index is not within the allowable range; index: [2147483648]"
    );
    let path = |levels: usize| format!("{} = b", vec!["a"; levels].join("."));
    assert!(read(&path(32), "{}").is_ok());
    assert_eq!(refusal(&path(33), "{}"), "The document path has too many nesting levels; nesting levels: 33");
    let sizes = format!("a < {}b{}", "size(".repeat(680), ")".repeat(680));
    assert_eq!(
        refusal(&sizes, "{}"),
        "Incorrect operand type for operator or function; operator or function: size, operand type: N"
    );
}

#[test]
fn comparisons_need_two_values_of_one_type() {
    let given = item("{n: 1, s: 'cat', b: b'cat', l: [1], x: <'a' 'b'>, two: 2, nul: null}");
    for (text, values, holds) in [
        ("n = :v", "{v: 1.0}", true),
        ("n = :v", "{v: '1'}", false),
        ("n <> :v", "{v: '1'}", true),
        ("x = :v", "{v: <'b' 'a'>}", true),
        ("n < two", "{}", true),
        ("two <= n", "{}", false),
        ("s < :v", "{v: 'dog'}", true),
        ("b >= :v", "{v: b'cat'}", true),
        ("b > :v", "{v: b'cat'}", false),
        ("l < :v", "{v: 1}", false),
        ("gone = :v", "{v: 1}", false),
        ("gone <> :v", "{v: 1}", true),
        ("gone <> lost", "{}", true),
        ("gone = lost", "{}", false),
        ("gone < lost", "{}", false),
        ("n between :a and :b", "{a: 1, b: 2}", true),
        ("n between two and :b", "{b: 1}", false),
        ("n between :a and :b", "{a: '0', b: '2'}", false),
        ("gone between two and n", "{}", false),
        ("n in (:a, two, :b)", "{a: 'x', b: 1}", true),
        ("gone in (:a)", "{a: 1}", false),
        ("nul = :a", "{a: null}", true),
    ] {
        check(text, values, &given, holds);
    }
}

#[test]
fn functions_look_at_paths_and_values() {
    let given = item(
        "{s: 'hello', d: b'hi there', b: <2 4 7>, c: [2 4 7], e: ['hi', <1 2>, [3 4]], m: {x: 1, y: [-1 2 0]}, f: 5}",
    );
    for (text, values, holds) in [
        ("attribute_exists (m.x)", "{}", true),
        ("attribute_exists(m.y[3])", "{}", false),
        ("attribute_not_exists(gone)", "{}", true),
        ("attribute_type(c, :v)", "{v: 'L'}", true),
        ("attribute_type(:n, :v)", "{n: 1, v: 'N'}", true),
        ("attribute_type(gone, :v)", "{v: 'L'}", false),
        ("begins_with(s, :v)", "{v: 'hell'}", true),
        ("begins_with(:v, s)", "{v: 'hello you'}", true),
        ("begins_with(d, :v)", "{v: b'hi'}", true),
        ("begins_with(f, :v)", "{v: 'hi'}", false),
        ("contains(s, :v)", "{v: 'ell'}", true),
        ("contains(b, :v)", "{v: 4}", true),
        ("contains(c, :v)", "{v: 4}", true),
        ("contains(d, :v)", "{v: b'here'}", true),
        ("contains(d, :v)", "{v: b'dog'}", false),
        ("contains(d, :v)", "{v: <1 2>}", false),
        ("contains(e, :v)", "{v: <2 1>}", true),
        ("contains(e, :v)", "{v: [3 4]}", true),
        ("size(s) = f", "{}", true),
        ("size(b) = :v", "{v: 3}", true),
        ("size(d) = :v", "{v: 8}", true),
        ("size(m) >= :v", "{v: 2}", true),
        ("size(f) = :v", "{v: 1}", false),
        ("size(s) = :v", "{v: 'dog'}", false),
        ("m.x < m.y[1]", "{}", true),
        ("(m.y)[1] = :v", "{v: 2}", true),
        // UTF-16 units, measured on AWS by ExtendDB (its issue 60)
        ("size(:t) = :v", "{t: 'é𝄞', v: 3}", true),
    ] {
        check(text, values, &given, holds);
    }
}

#[test]
fn not_binds_tighter_than_and_and_and_tighter_than_or() {
    let given = item("{a: 1, b: 2, c: 3}");
    for (text, holds) in [
        ("a < b OR c < b AND b < c", true),
        ("(a < b OR a < c) AND c < b", false),
        ("NOT a < b AND c < b", false),
        ("NOT (a < b AND c < b)", true),
        ("nOt NOT NOT NOT a < b", true),
        ("b BETWEEN a AND c AND a < b", true),
        ("c < b OR c < a OR b < c", true),
        ("(a < b OR b < a) AND (b < c AND (a < b OR b < c))", true),
    ] {
        check(text, "{}", &given, holds);
    }
    assert_eq!(value("1").kind(), Kind::N);
}

#[test]
fn every_path_is_known_to_the_checks_of_keys() {
    let condition = read("size(a.b) > c[0] and d in (e, :v) and begins_with(f, :w)", "{v: 1, w: 'x'}");
    let condition = condition.expect("it is a condition");
    let paths: Vec<String> = condition.paths().into_iter().map(ToString::to_string).collect();
    assert_eq!(paths, ["[a, b]", "[c, [0]]", "[d]", "[e]", "[f]"]);
}
