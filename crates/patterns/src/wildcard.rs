//! Texts with `*` in them, each of which stands for any characters or none.

/// The pieces between the asterisks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wildcard {
    pieces: Vec<Box<str>>,
}

impl Wildcard {
    /// Reads a pattern: `\*` and `\\` stand for themselves. What is wrong with it is told in AWS's words, which count
    /// from the quotation mark before the text.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut piece = String::new();
        let mut characters = text.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            match character {
                '\\' => match characters.next() {
                    Some((_, escaped @ ('*' | '\\'))) => piece.push(escaped),
                    _ => return Err(format!("Invalid escape character at pos {}", at + 1)),
                },
                '*' => {
                    if matches!(characters.peek(), Some((_, '*'))) {
                        return Err(format!("Consecutive wildcard characters at pos {}", at + 1));
                    }
                    pieces.push(std::mem::take(&mut piece).into_boxed_str());
                }
                other => piece.push(other),
            }
        }
        pieces.push(piece.into_boxed_str());
        Ok(Self { pieces })
    }

    /// Whether the whole text is of this form. The first place where a piece fits is as good as any later one, so each
    /// piece is looked for once.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let Some((last, before)) = self.pieces.split_last() else { return text.is_empty() };
        let Some((first, middle)) = before.split_first() else { return text == &**last };
        let Some(mut rest) = text.strip_prefix(&**first) else { return false };
        for piece in middle {
            let Some(at) = rest.find(&**piece) else { return false };
            rest = &rest[at + piece.len()..];
        }
        rest.ends_with(&**last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asterisk_stands_for_any_characters() {
        for (pattern, text, fits) in [
            ("*", "", true),
            ("*", "anything", true),
            ("abc", "abc", true),
            ("abc", "abcd", false),
            ("a*c", "abbc", true),
            ("a*c", "ac", true),
            ("a*a", "a", false),
            ("*.png", "x/y.png", true),
            ("dir/*/*.txt", "dir/a/b.txt", true),
            ("dir/*/*.txt", "dir/b.txt", false),
            (r"a\*b", "a*b", true),
            (r"a\*b", "axb", false),
            (r"a\\*", r"a\rest", true),
            ("ä*ß", "äöüß", true),
        ] {
            assert_eq!(Wildcard::parse(pattern).expect("a pattern").matches(text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn two_asterisks_together_and_unknown_escapes_are_refused() {
        assert_eq!(Wildcard::parse("ab**"), Err("Consecutive wildcard characters at pos 3".to_owned()));
        assert_eq!(Wildcard::parse(r"a\b"), Err("Invalid escape character at pos 2".to_owned()));
    }
}
