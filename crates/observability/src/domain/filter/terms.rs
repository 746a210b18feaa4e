//! Patterns of terms: all of `a "b c"`, none of `-d`, any of `?e ?f`.

use super::expression;
use crate::limits::PATTERN_EXPRESSIONS;
use regex_lite::Regex;

/// Terms that a message has, or has not.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// All of these.
    required: Vec<Term>,
    /// None of these.
    excluded: Vec<Term>,
    /// Any of these, where nothing else is asked.
    optional: Vec<Term>,
}

#[derive(Debug, Clone)]
enum Term {
    Text(String),
    Expression(Regex),
}

impl Term {
    fn is_in(&self, message: &str) -> bool {
        match self {
            Self::Text(text) => message.contains(text.as_str()),
            Self::Expression(regex) => regex.is_match(message),
        }
    }
}

impl Terms {
    /// Reads terms that stand beside one another.
    pub(super) fn parse(pattern: &str) -> Result<Self, String> {
        let mut terms = Self::default();
        let mut expressions = 0;
        let mut rest = pattern.trim_start();
        while let Some(first) = rest.chars().next() {
            let list = match first {
                '-' => &mut terms.excluded,
                '?' => &mut terms.optional,
                _ => &mut terms.required,
            };
            rest = if matches!(first, '-' | '?') { rest.get(1..).unwrap_or_default() } else { rest };
            let (term, behind) = term(rest)?;
            expressions += usize::from(matches!(term, Term::Expression(_)));
            list.push(term);
            rest = behind.trim_start();
        }
        match expressions > PATTERN_EXPRESSIONS {
            true => Err(format!("Filter pattern has more than {PATTERN_EXPRESSIONS} regular expressions.")),
            false => Ok(terms),
        }
    }

    /// Whether a message has what it must have.
    pub(super) fn matches(&self, message: &str) -> bool {
        let is_in = |term: &Term| term.is_in(message);
        if self.required.is_empty() && self.excluded.is_empty() {
            return self.optional.iter().any(is_in);
        }
        // Beside other terms AWS disregards those that are optional.
        self.required.iter().all(is_in) && !self.excluded.iter().any(is_in)
    }
}

/// Reads one term; what is behind it comes with it.
fn term(text: &str) -> Result<(Term, &str), String> {
    if let Some(quoted) = text.strip_prefix('"') {
        let (text, behind) = unquote(quoted, '"').ok_or("Invalid filter pattern")?;
        return Ok((Term::Text(text), behind));
    }
    if let Some(marked) = text.strip_prefix('%') {
        let (inner, behind) = marked.split_once('%').ok_or("Invalid filter pattern")?;
        return Ok((Term::Expression(expression(inner)?), behind));
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (word, behind) = text.split_at(end);
    match !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || c == '_') {
        true => Ok((Term::Text(word.to_owned()), behind)),
        false => Err(format!("Invalid character(s) in term '{word}'")),
    }
}

/// Reads up to a closing quote; a backslash takes away the meaning of what follows it.
pub(super) fn unquote(text: &str, quote: char) -> Option<(String, &str)> {
    let (mut read, mut characters) = (String::new(), text.char_indices());
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => read.push(characters.next()?.1),
            c if c == quote => return Some((read, text.get(at + c.len_utf8()..)?)),
            other => read.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, message: &str) -> bool {
        Terms::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}")).matches(message)
    }

    #[test]
    fn all_terms_none_of_the_excluded_or_any_of_the_optional() {
        for (pattern, message) in [
            ("ERROR", "[ERROR 400] bad"),
            ("ERROR bad", "bad ERROR"),
            ("\"ERROR 400\"", "[ERROR 400] bad"),
            ("\"say \\\"hi\\\"\"", "they say \"hi\""),
            ("ERROR -400", "ERROR 401"),
            ("-ERROR", "fine"),
            ("?ERROR ?WARN", "WARN x"),
            ("ERROR ?WARN", "ERROR"),
            ("%E[A-Z]+R%", "an ERROR"),
            ("größe", "die größe"),
        ] {
            assert!(matches(pattern, message), "{pattern}: {message}");
        }
        for (pattern, message) in [
            ("error", "ERROR"),
            ("ERROR bad", "ERROR"),
            ("\"ERROR 400\"", "ERROR  400"),
            ("ERROR -400", "ERROR 400"),
            ("?ERROR ?WARN", "fine"),
            ("%^E$%", "EE"),
        ] {
            assert!(!matches(pattern, message), "{pattern}: {message}");
        }
    }

    #[test]
    fn what_is_no_term_is_named() {
        let refused = |pattern| Terms::parse(pattern).expect_err(pattern);
        assert_eq!(refused("a foo-bar"), "Invalid character(s) in term 'foo-bar'");
        assert_eq!(refused("-"), "Invalid character(s) in term ''");
        assert_eq!(refused("\"open"), "Invalid filter pattern");
        assert!(refused("%(a)%").contains("%(a)%"));
        assert!(refused("%a% %b% %c%").contains("more than 2"));
    }
}
