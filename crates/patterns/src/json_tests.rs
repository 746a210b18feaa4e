//! The reader: its sentences, its places, its strings.

use crate::json::{REDACTED, Reader, Token};
use std::borrow::Cow;

fn first_error(text: &str) -> Option<String> {
    let mut reader = Reader::new(text);
    loop {
        match reader.next() {
            Ok(Token::End) => return None,
            Ok(_) => {}
            Err(error) => return Some(error.to_string()),
        }
    }
}

#[test]
fn syntax_is_told_with_its_place() {
    let at = |line, column| format!("\n at [Source: {REDACTED}; line: {line}, column: {column}]");
    for (text, sentence, place) in [
        // recordings/sns.json::test_validate_set_sub_attributes
        (
            "{invalid}",
            "Unexpected character ('i' (code 105)): was expecting double-quote to start field name",
            at(1, 2),
        ),
        ("", "No content to map due to end-of-input", at(1, 1)),
        (
            "{\n \"a\" 1}",
            "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value",
            at(2, 6),
        ),
        (
            "[1 2]",
            "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries",
            at(1, 4),
        ),
        (
            "[1,]",
            "Unexpected character (']' (code 93)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
            at(1, 4),
        ),
        (
            "[nul]",
            "Unrecognized token 'nul': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
            at(1, 5),
        ),
        ("[01]", "Invalid numeric value: Leading zeroes not allowed", at(1, 3)),
        (r#"["\x"]"#, "Unrecognized character escape 'x' (code 120)", at(1, 4)),
        (
            "[\"\t\"]",
            "Illegal unquoted character ((CTRL-CHAR, code 9)): has to be escaped using backslash to be included in string value",
            at(1, 3),
        ),
        ("[\"a", "Unexpected end-of-input: was expecting closing quote for a string value", at(1, 4)),
    ] {
        assert_eq!(first_error(text), Some(format!("{sentence}{place}")), "{text}");
    }
    let open = first_error("{\"a\":[").expect("an error");
    assert!(
        open.starts_with("Unexpected end-of-input: expected close marker for Array (start marker at"),
        "{open}"
    );
    let close = first_error("[1}").expect("an error");
    assert!(close.starts_with("Unexpected close marker '}': expected ']' (for Array starting at"), "{close}");
    assert!(first_error(&"[".repeat(1001)).expect("an error").contains("nesting depth (1001)"));
}

#[test]
fn strings_are_unescaped() {
    let mut reader = Reader::new(r#"["a\u00e9\ud83d\ude00\n\"", "plain", "\ud800x"]"#);
    assert_eq!(reader.next(), Ok(Token::ArrayStart));
    assert_eq!(reader.next(), Ok(Token::StringStart));
    assert_eq!(reader.string().as_deref(), Ok("aé😀\n\""));
    assert_eq!(reader.next(), Ok(Token::StringStart));
    assert!(matches!(reader.string(), Ok(Cow::Borrowed("plain"))));
    assert_eq!(reader.next(), Ok(Token::StringStart));
    assert_eq!(reader.string().as_deref(), Ok("\u{fffd}x"));
    assert_eq!(reader.next(), Ok(Token::ArrayEnd));
    assert_eq!(reader.next(), Ok(Token::End));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in ".*") {
        first_error(&text);
    }

    #[test]
    fn nothing_that_looks_like_json_makes_the_reader_panic(text in r#"[\[\]{}:,"\\u0-9a-fA-FtrueE.+\- é😀]*"#) {
        first_error(&text);
    }
}
