//! The regular expressions of models, which are Java's and JavaScript's, made into ones that can be run here.

use regex_lite::Regex;
use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

/// A pattern that a whole string must match.
#[derive(Debug)]
pub enum Pattern {
    /// `[class]+` and its like, of ASCII: a look into a table for each byte.
    Repeated {
        /// One bit for each ASCII character that belongs to the class.
        ascii: u128,
        /// Whether every other character belongs to it.
        others: bool,
        /// How many characters there must be.
        least: usize,
        /// How many there may be.
        most: usize,
    },
    /// Any other, and what must, or must not, be ahead at its start.
    Regex(Regex, Option<(bool, Regex)>),
}

impl Pattern {
    /// Whether the whole of `text` matches.
    pub fn is_match(&self, text: &str) -> bool {
        match self {
            Self::Repeated { ascii, others, least, most } => {
                let belongs = |c: char| match u8::try_from(c) {
                    Ok(byte) if byte < 128 => ascii >> byte & 1 == 1,
                    _ => *others,
                };
                let length = if text.is_ascii() { text.len() } else { text.chars().count() };
                (*least..=*most).contains(&length) && text.chars().all(belongs)
            }
            Self::Regex(regex, ahead) => {
                let is_allowed = ahead.as_ref().is_none_or(|(wanted, ahead)| ahead.is_match(text) == *wanted);
                is_allowed && regex.is_match(text)
            }
        }
    }
}

/// Patterns by the address and the length of their text in the model; those that cannot be run among them.
type Compiled = HashMap<(usize, usize), Option<&'static Pattern>>;

static COMPILED: LazyLock<RwLock<Compiled>> = LazyLock::new(RwLock::default);

/// Whether the whole of `text` matches a model's pattern. One that cannot be run matches everything.
pub(super) fn is_match(pattern: &'static str, text: &str) -> bool {
    let key = (pattern.as_ptr() as usize, pattern.len());
    let known = COMPILED.read().unwrap_or_else(PoisonError::into_inner).get(&key).copied();
    let compiled = known.unwrap_or_else(|| {
        // once for each pattern of the models, for good
        let compiled = compile(pattern).map(|compiled| &*Box::leak(Box::new(compiled)));
        *COMPILED.write().unwrap_or_else(PoisonError::into_inner).entry(key).or_insert(compiled)
    });
    compiled.is_none_or(|compiled| compiled.is_match(text))
}

/// Makes a pattern of a model runnable. `None` for one that uses what cannot be translated.
pub fn compile(pattern: &str) -> Option<Pattern> {
    if let Some(repeated) = repeated(pattern) {
        return Some(repeated);
    }
    let (ahead, rest) = split_ahead(without_group(pattern))?;
    let ahead = match ahead {
        Some((wanted, inner)) => Some((wanted, Regex::new(&format!("^(?:{})", translate(inner)?)).ok()?)),
        None => None,
    };
    let regex = Regex::new(&format!("^(?:{})$", translate(rest)?)).ok()?;
    Some(Pattern::Regex(regex, ahead))
}

/// The inside of a group that is the whole pattern.
fn without_group(pattern: &str) -> &str {
    let inner =
        pattern.strip_prefix('(').filter(|inner| inner.starts_with("(?!") || inner.starts_with("(?="));
    let inner = inner.filter(|inner| end_of_group(inner) == Some(inner.len() - 1));
    inner.map_or(pattern, |inner| &inner[..inner.len() - 1])
}

/// Takes a look-ahead off the start: whether it wants what it names, what it names, and the rest.
fn split_ahead(pattern: &str) -> Option<(Option<(bool, &str)>, &str)> {
    let open = pattern.strip_prefix('^').unwrap_or(pattern);
    let (wanted, inner) = match (open.strip_prefix("(?!"), open.strip_prefix("(?=")) {
        (Some(inner), _) => (false, inner),
        (_, Some(inner)) => (true, inner),
        _ => return Some((None, pattern)),
    };
    let end = end_of_group(inner)?;
    let rest = &inner[end + 1..];
    // it would hold for the first alternative only
    let is_one = top_level(rest).all(|c| c != '|');
    is_one.then_some((Some((wanted, &inner[..end])), rest))
}

/// Where the group that has been entered ends.
fn end_of_group(inner: &str) -> Option<usize> {
    let (mut depth, mut in_class, mut is_escaped) = (0_usize, false, false);
    for (at, c) in inner.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => depth += 1,
            ')' if !in_class && depth == 0 => return Some(at),
            ')' if !in_class => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The characters outside groups, classes and escapes.
fn top_level(pattern: &str) -> impl Iterator<Item = char> {
    let (mut depth, mut in_class, mut is_escaped) = (0_i32, false, false);
    pattern.chars().filter(move |&c| {
        let is_top = depth == 0 && !in_class && !is_escaped;
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => depth += 1,
            ')' if !in_class => depth -= 1,
            _ => {}
        }
        is_top
    })
}

/// Recognises a single class of ASCII characters, repeated.
fn repeated(pattern: &str) -> Option<Pattern> {
    let inner = pattern.strip_prefix('^').unwrap_or(pattern);
    let inner = inner.strip_suffix('$').filter(|rest| !rest.ends_with('\\')).unwrap_or(inner);
    let inner = inner.strip_prefix('[')?;
    let mut chars = inner.char_indices().peekable();
    let negated = chars.next_if(|&(_, c)| c == '^').is_some();
    let (mut ascii, mut end) = (0_u128, None);
    while let Some((at, c)) = chars.next() {
        let low = match c {
            ']' => {
                end = Some(at + 1);
                break;
            }
            '\\' => match escaped(&mut || chars.next().map(|(_, c)| c))? {
                Escaped::Character(c) => c,
                Escaped::Class(bits) => {
                    ascii |= bits;
                    continue;
                }
            },
            '[' | '&' => return None,
            other => other,
        };
        let mut high = low;
        let mut ahead = chars.clone();
        if ahead.next_if(|&(_, c)| c == '-').is_some() && ahead.peek().is_some_and(|&(_, c)| c != ']') {
            chars = ahead;
            high = match chars.next()?.1 {
                '\\' => match escaped(&mut || chars.next().map(|(_, c)| c))? {
                    Escaped::Character(c) => c,
                    Escaped::Class(_) => return None,
                },
                other => other,
            };
        }
        let (low, high) = (ascii_of(low)?, ascii_of(high)?);
        (low..=high).for_each(|byte| ascii |= 1 << byte);
    }
    let (least, most) = repetition(&inner[end?..])?;
    let ascii = if negated { !ascii } else { ascii };
    Some(Pattern::Repeated { ascii, others: negated, least, most })
}

fn ascii_of(c: char) -> Option<u8> {
    u8::try_from(c).ok().filter(u8::is_ascii)
}

/// What an escape within a class stands for.
enum Escaped {
    Character(char),
    Class(u128),
}

fn bits(belongs: impl Fn(u8) -> bool) -> u128 {
    (0..128).filter(|&byte| belongs(byte)).fold(0, |bits, byte| bits | 1 << byte)
}

fn escaped(next: &mut dyn FnMut() -> Option<char>) -> Option<Escaped> {
    Some(match next()? {
        'w' => Escaped::Class(bits(|byte| byte.is_ascii_alphanumeric() || byte == b'_')),
        'd' => Escaped::Class(bits(|byte| byte.is_ascii_digit())),
        's' => Escaped::Class(bits(|byte| byte.is_ascii_whitespace() || byte == 0x0b)),
        't' => Escaped::Character('\t'),
        'n' => Escaped::Character('\n'),
        'r' => Escaped::Character('\r'),
        'x' => Escaped::Character(hexadecimal(2, next)?),
        'u' => Escaped::Character(hexadecimal(4, next)?),
        c if c.is_ascii_alphanumeric() => return None,
        c => Escaped::Character(c),
    })
}

fn hexadecimal(digits: usize, next: &mut dyn FnMut() -> Option<char>) -> Option<char> {
    let mut value = 0;
    for _ in 0..digits {
        value = value * 16 + next()?.to_digit(16)?;
    }
    char::from_u32(value)
}

fn repetition(text: &str) -> Option<(usize, usize)> {
    match text {
        "+" => return Some((1, usize::MAX)),
        "*" => return Some((0, usize::MAX)),
        "" => return Some((1, 1)),
        _ => {}
    }
    let inner = text.strip_prefix('{')?.strip_suffix('}')?;
    match inner.split_once(',') {
        None => inner.parse().ok().map(|exactly| (exactly, exactly)),
        Some((least, "")) => Some((least.parse().ok()?, usize::MAX)),
        Some((least, most)) => Some((least.parse().ok()?, most.parse().ok()?)),
    }
}

/// Rewrites what Java and JavaScript write otherwise. `None` for what has no counterpart.
fn translate(pattern: &str) -> Option<String> {
    // characters beyond 16 bits, as JavaScript's two halves
    let pattern = pattern.replace("\\uD800\\uDC00-\\uDBFF\\uDFFF", "\\x{10000}-\\x{10FFFF}");
    let pattern = pattern.replace("\\ud800\\udc00-\\udbff\\udfff", "\\x{10000}-\\x{10FFFF}");
    let pattern = pattern.replace("\\u10000-\\u10FFFF", "\\x{10000}-\\x{10FFFF}");
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars().peekable();
    let mut in_class = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                let is_class = matches!(chars.peek(), Some('w' | 'd' | 's' | 'p'));
                escape(&mut out, &mut chars, in_class)?;
                // after a class there is no range: the hyphen is itself
                if is_class && in_class && chars.next_if_eq(&'-').is_some() {
                    out.push_str("\\-");
                }
            }
            '[' if in_class => out.push_str("\\["),
            '[' => {
                in_class = true;
                out.push('[');
                out.extend(chars.next_if_eq(&'^'));
            }
            ']' => {
                in_class = false;
                out.push(']');
            }
            '&' | '~' if in_class => {
                out.push('\\');
                out.push(c);
            }
            // what looks around has no counterpart
            '(' if !in_class && chars.peek() == Some(&'?') => {
                let mut ahead = chars.clone();
                ahead.next();
                if matches!(ahead.next(), Some('!' | '=' | '<' | '>')) {
                    return None;
                }
                out.push('(');
            }
            other => out.push(other),
        }
    }
    Some(out)
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn escape(out: &mut String, chars: &mut Chars<'_>, in_class: bool) -> Option<()> {
    match chars.next()? {
        'p' => {
            let class = property(&property_name(chars)?)?;
            out.push_str(&if in_class { class.to_owned() } else { format!("[{class}]") });
        }
        'u' => {
            let code: String = chars.by_ref().take(4).collect();
            // half a character stands alone nowhere
            char::from_u32(u32::from_str_radix(&code, 16).ok()?)?;
            out.push_str(&format!("\\x{{{code}}}"));
        }
        // nor has what refers back, or counts words by Unicode
        'P' | '0'..='9' | 'k' | 'G' | 'Z' | 'h' | 'R' => return None,
        c if c.is_ascii_alphanumeric() => {
            out.push('\\');
            out.push(c);
        }
        c if "\\.+*?()|[]{}^$#&-~".contains(c) => {
            out.push('\\');
            out.push(c);
        }
        other => out.push(other),
    }
    Some(())
}

fn property_name(chars: &mut Chars<'_>) -> Option<String> {
    match chars.next()? {
        '{' => {
            let name: String = chars.by_ref().take_while(|&c| c != '}').collect();
            Some(name)
        }
        c => Some(c.to_string()),
    }
}

/// A property as the inside of a class. Unicode's are taken widely: beyond ASCII everything belongs to each.
fn property(name: &str) -> Option<&'static str> {
    Some(match name {
        "L" | "IsAlphabetic" | "IsLetter" => "a-zA-Z\\x{80}-\\x{10FFFF}",
        "Lu" => "A-Z\\x{80}-\\x{10FFFF}",
        "Ll" => "a-z\\x{80}-\\x{10FFFF}",
        "N" | "Nd" | "IsDigit" => "0-9\\x{80}-\\x{10FFFF}",
        "Z" | "Zs" => " \\x{80}-\\x{10FFFF}",
        "M" | "Mn" | "Mc" | "Zl" | "Zp" => "\\x{80}-\\x{10FFFF}",
        "P" => "!-#%-*,-/:;?@\\[-\\]_{}\\x{80}-\\x{10FFFF}",
        "S" => "$+<=>\\^`|\\~\\x{80}-\\x{10FFFF}",
        "C" | "Cc" => "\\x{00}-\\x{1F}\\x{7F}-\\x{10FFFF}",
        "ASCII" => "\\x{00}-\\x{7F}",
        "Alnum" => "a-zA-Z0-9",
        "Alpha" => "a-zA-Z",
        "Lower" => "a-z",
        "Upper" => "A-Z",
        "Digit" => "0-9",
        "Punct" => "!-/:-@\\[-`{-\\~",
        "Graph" => "!-\\~",
        "Print" => " -\\~",
        "Space" => "\\s",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matches(pattern: &str, text: &str) -> bool {
        compile(pattern).unwrap_or_else(|| panic!("{pattern} is not run")).is_match(text)
    }

    #[test]
    fn a_pattern_holds_for_the_whole_string() {
        assert!(matches("[a-zA-Z0-9_.-]+", "my.table-1_x"));
        assert!(!matches("[a-zA-Z0-9_.-]+", "my table"));
        assert!(!matches("[a-zA-Z0-9_.-]+", ""));
        assert!(matches("a|b", "b") && !matches("a|b", "ab"));
        assert!(matches("^[0-9A-Za-z]{2,3}$", "ab1") && !matches("[0-9A-Za-z]{2,3}", "ab1c"));
    }

    #[test]
    fn a_single_class_is_a_table() {
        for pattern in ["[a-zA-Z0-9_.-]+", "^[\\w+=,.@-]*$", "[\\x20-\\x7E]{0,10}", "[^/]+", "[!\\-a]"] {
            assert!(matches!(compile(pattern), Some(Pattern::Repeated { .. })), "{pattern}");
        }
        assert!(matches("[\\w+=,.@-]*", "a_b=c@d-e") && !matches("[\\w+=,.@-]*", "a b"));
        assert!(matches("[^/]+", "größe") && !matches("[^/]+", "a/b"));
        assert!(matches("[\\u0020-\\u007E]*", "~ !") && !matches("[\\u0020-\\u007E]*", "\n"));
    }

    #[test]
    fn what_must_not_be_ahead_is_looked_for() {
        let pattern = "(?!^[0-9]+$)([a-zA-Z0-9-_]+)";
        assert!(matches(pattern, "v2024") && !matches(pattern, "2024") && !matches(pattern, "a b"));
        let pattern = "((?!^\\d+$)^[0-9a-zA-Z-_]+$)";
        assert!(matches(pattern, "v1") && !matches(pattern, "1"));
        let pattern = "^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$";
        assert!(matches(pattern, "1a") && !matches(pattern, "11"));
    }

    #[test]
    fn classes_of_unicode_are_taken_widely() {
        let pattern = "^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$";
        assert!(matches(pattern, "Straße 7/b") && !matches(pattern, "a#b") && !matches(pattern, "a\nb"));
        assert!(matches("\\p{Print}+", "a~") && !matches("\\p{Print}+", "ä"));
        let pattern = "[\\u0020-\\uD7FF\\uE000-\\uFFFD\\uD800\\uDC00-\\uDBFF\\uDFFF\\r\\n\\t]*";
        assert!(matches(pattern, "a\t🦀") && !matches(pattern, "\u{1}"));
    }

    #[test]
    fn what_cannot_be_translated_is_no_constraint() {
        for pattern in ["a(?!b)c", "(a)\\1", "[0-9A-Za-z]*(?<!\\.)", "\\P{L}", "(?=a)b|c", "["] {
            assert!(compile(pattern).is_none(), "{pattern}");
        }
        assert!(is_match("(a)\\1", "anything"));
    }

    #[test]
    fn the_usual_patterns_of_models_are_run() {
        let arn = "arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+";
        assert!(matches(arn, "arn:aws:iam::000000000000:role/r") && !matches(arn, "r1"));
        let stack = "[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*";
        assert!(matches(stack, "stack-1") && !matches(stack, "*@da591fa3_$"));
        let role = "^arn:aws[a-z0-9-]*:iam::\\d{12}:role\\/[\\w-\\/.@+=,]{1,1017}$";
        assert!(
            matches(role, "arn:aws:iam::000000000000:role/a-b/c") && !matches(role, "arn:aws:iam::1:role/a")
        );
        let qualifier = "\\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+";
        assert!(matches(qualifier, "$LATEST") && !matches(qualifier, "a-?"));
    }

    proptest! {
        #[test]
        fn no_pattern_brings_it_down(pattern: String, text: String) {
            if let Some(compiled) = compile(&pattern) {
                compiled.is_match(&text);
            }
        }

        #[test]
        fn no_pattern_made_of_its_own_signs_brings_it_down(pattern in "[\\[\\](){}?!=|\\\\^$*+a-cpux0-9,-]{0,20}") {
            if let Some(compiled) = compile(&pattern) {
                compiled.is_match("abc");
            }
        }
    }
}
