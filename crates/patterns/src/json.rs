//! A JSON reader that hands out one token at a time and knows where it stands.
//!
//! AWS's sentences about policies end with a line and a column, those of the reader behind them: where it stood when the
//! policy turned out to be wrong. That reader is behind by the content of a string, which it reads when it is
//! asked for, and ahead by the beginning of a value, which it reads together with the value's name. So does this one.

use std::borrow::Cow;
use std::fmt;

/// How deep objects and arrays may lie within each other.
const MAX_DEPTH: usize = 1000;

const VALUES: &str = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

/// What stands where the source would be shown in sentences on syntax.
pub(crate) const REDACTED: &str = "REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    ObjectStart,
    ObjectEnd,
    ArrayStart,
    ArrayEnd,
    Name(Cow<'a, str>),
    /// A string, whose content is read by [`Reader::string`].
    StringStart,
    Number(&'a str),
    True,
    False,
    Null,
    /// The text is over, and complete.
    End,
}

/// A line and a column, both counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Location {
    line: usize,
    column: usize,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line: {}, column: {}", self.line, self.column)
    }
}

/// Why a text is no JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    sentence: String,
    location: Location,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n at [Source: {REDACTED}; {}]", self.sentence, self.location)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Container {
    Object,
    Array,
}

impl Container {
    const fn name(self) -> &'static str {
        match self {
            Self::Object => "Object",
            Self::Array => "Array",
        }
    }

    const fn close(self) -> char {
        match self {
            Self::Object => '}',
            Self::Array => ']',
        }
    }
}

struct Open {
    container: Container,
    start: usize,
    is_empty: bool,
}

pub(crate) struct Reader<'a> {
    text: &'a str,
    at: usize,
    open: Vec<Open>,
    /// The value that was read together with its name.
    ahead: Option<Token<'a>>,
    /// A string has begun, and its content is still to be read or passed over.
    in_string: bool,
    has_root: bool,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0, open: Vec::new(), ahead: None, in_string: false, has_root: false }
    }

    /// Where the reader stands: behind the last character it took.
    pub(crate) fn location(&self) -> Location {
        self.locate(self.at)
    }

    /// The next token.
    pub(crate) fn next(&mut self) -> Result<Token<'a>, SyntaxError> {
        if let Some(token) = self.ahead.take() {
            return Ok(token);
        }
        if self.in_string {
            self.string()?;
        }
        self.skip_space();
        let Some(open) = self.open.last() else {
            if self.has_root {
                return match self.peek() {
                    None => Ok(Token::End),
                    Some(_) => Err(self.unexpected(self.at, "expected the end of the text")),
                };
            }
            self.has_root = true;
            return self.value();
        };
        let (container, is_empty) = (open.container, open.is_empty);
        if self.peek() == Some(container.close() as u8) {
            self.at += 1;
            self.open.pop();
            return Ok(match container {
                Container::Object => Token::ObjectEnd,
                Container::Array => Token::ArrayEnd,
            });
        }
        if !is_empty {
            self.take(b',', || format!("was expecting comma to separate {} entries", container.name()))?;
            self.skip_space();
        }
        if let Some(open) = self.open.last_mut() {
            open.is_empty = false;
        }
        match container {
            Container::Array => self.value(),
            Container::Object => self.name(),
        }
    }

    /// The content of the string that the last token began.
    pub(crate) fn string(&mut self) -> Result<Cow<'a, str>, SyntaxError> {
        self.in_string = false;
        let start = self.at;
        let mut unescaped: Option<String> = None;
        let mut copied = start;
        loop {
            let Some(byte) = self.peek() else {
                return Err(self.error_at(
                    self.at,
                    "Unexpected end-of-input: was expecting closing quote for a string value".to_owned(),
                ));
            };
            match byte {
                b'"' => {
                    let rest = &self.text[copied..self.at];
                    self.at += 1;
                    return Ok(match unescaped {
                        Some(mut text) => {
                            text.push_str(rest);
                            Cow::Owned(text)
                        }
                        None => Cow::Borrowed(rest),
                    });
                }
                b'\\' => {
                    let text = unescaped.get_or_insert_with(String::new);
                    text.push_str(&self.text[copied..self.at]);
                    self.at += 1;
                    let character = self.escaped()?;
                    unescaped.get_or_insert_with(String::new).push(character);
                    copied = self.at;
                }
                control if control < 0x20 => {
                    return Err(self.error_at(
                        self.at,
                        format!(
                            "Illegal unquoted character ((CTRL-CHAR, code {control})): has to be escaped using \
                             backslash to be included in string value"
                        ),
                    ));
                }
                _ => self.at += 1,
            }
        }
    }

    /// What an escape stands for, with the reader behind its backslash.
    fn escaped(&mut self) -> Result<char, SyntaxError> {
        let at = self.at;
        let Some(character) = self.text[at..].chars().next() else {
            return Err(self.error_at(at, "Unexpected end-of-input in character escape sequence".to_owned()));
        };
        self.at += character.len_utf8();
        Ok(match character {
            '"' | '\\' | '/' => character,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => self.unicode()?,
            other => {
                return Err(self.error_at(
                    at,
                    format!("Unrecognized character escape '{other}' (code {})", u32::from(other)),
                ));
            }
        })
    }

    /// The character of one or, for a pair of surrogates, two escapes. Half a pair stands for no character.
    fn unicode(&mut self) -> Result<char, SyntaxError> {
        let first = self.hexadecimal()?;
        if (0xd800..0xdc00).contains(&first) && self.text[self.at..].starts_with("\\u") {
            let behind_first = self.at;
            self.at += 2;
            let second = self.hexadecimal()?;
            if (0xdc00..0xe000).contains(&second) {
                let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = behind_first;
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hexadecimal(&mut self) -> Result<u32, SyntaxError> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4);
        let is_code = digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let code = is_code.then(|| u32::from_str_radix(&self.text[self.at..self.at + 4], 16).ok()).flatten();
        match code {
            Some(code) => {
                self.at += 4;
                Ok(code)
            }
            None => Err(self.unexpected(self.at, "expected a hex-digit for character escape sequence")),
        }
    }

    /// A name, its colon, and the beginning of its value.
    fn name(&mut self) -> Result<Token<'a>, SyntaxError> {
        self.take(b'"', || "was expecting double-quote to start field name".to_owned())?;
        let name = self.string()?;
        self.skip_space();
        self.take(b':', || "was expecting a colon to separate field name and value".to_owned())?;
        self.skip_space();
        self.ahead = Some(self.value()?);
        Ok(Token::Name(name))
    }

    fn value(&mut self) -> Result<Token<'a>, SyntaxError> {
        let Some(byte) = self.peek() else { return Err(self.end_of_input()) };
        match byte {
            b'{' => self.begin(Container::Object, Token::ObjectStart),
            b'[' => self.begin(Container::Array, Token::ArrayStart),
            b'"' => {
                self.at += 1;
                self.in_string = true;
                Ok(Token::StringStart)
            }
            b'-' | b'0'..=b'9' => self.number(),
            b']' | b'}' => Err(self.unexpected(self.at, &format!("expected a valid value {VALUES}"))),
            _ => self.literal(),
        }
    }

    fn begin(&mut self, container: Container, token: Token<'a>) -> Result<Token<'a>, SyntaxError> {
        let start = self.at;
        self.at += 1;
        self.open.push(Open { container, start, is_empty: true });
        if self.open.len() > MAX_DEPTH {
            return Err(self.error_at(
                self.at,
                format!(
                    "Document nesting depth ({}) exceeds the maximum allowed ({MAX_DEPTH}, from \
                     `StreamReadConstraints.getMaxNestingDepth()`)",
                    self.open.len()
                ),
            ));
        }
        Ok(token)
    }

    fn number(&mut self) -> Result<Token<'a>, SyntaxError> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let whole = self.at;
        self.digits("following a minus sign or the beginning of a number")?;
        if self.at - whole > 1 && self.text.as_bytes()[whole] == b'0' {
            return Err(
                self.error_at(whole + 1, "Invalid numeric value: Leading zeroes not allowed".to_owned())
            );
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits("following the decimal point of a number")?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'-' | b'+')) {
                self.at += 1;
            }
            self.digits("following the exponent of a number")?;
        }
        Ok(Token::Number(&self.text[start..self.at]))
    }

    fn digits(&mut self, place: &str) -> Result<(), SyntaxError> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start {
            return Err(self.unexpected(start, &format!("expected digit (0-9) {place}")));
        }
        Ok(())
    }

    fn literal(&mut self) -> Result<Token<'a>, SyntaxError> {
        let rest = &self.text[self.at..];
        let length =
            rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len());
        if length == 0 {
            return Err(self.unexpected(self.at, &format!("expected a valid value {VALUES}")));
        }
        let word = &rest[..length];
        let token = match word {
            "true" => Token::True,
            "false" => Token::False,
            "null" => Token::Null,
            other => {
                return Err(self.error_at(
                    self.at + length,
                    format!("Unrecognized token '{other}': was expecting {VALUES}"),
                ));
            }
        };
        self.at += length;
        Ok(token)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, wanted: u8, expectation: impl FnOnce() -> String) -> Result<(), SyntaxError> {
        match self.peek() {
            Some(byte) if byte == wanted => {
                self.at += 1;
                Ok(())
            }
            Some(b']' | b'}') if wanted == b',' => Err(self.mismatched_close()),
            Some(_) => Err(self.unexpected(self.at, &expectation())),
            None => Err(self.end_of_input()),
        }
    }

    fn mismatched_close(&self) -> SyntaxError {
        let found = self.text[self.at..].chars().next().unwrap_or_default();
        let sentence = match self.open.last() {
            Some(open) => format!(
                "Unexpected close marker '{found}': expected '{}' (for {} starting at [Source: {REDACTED}; {}])",
                open.container.close(),
                open.container.name(),
                self.locate(open.start)
            ),
            None => format!("Unexpected close marker '{found}'"),
        };
        self.error_at(self.at, sentence)
    }

    fn end_of_input(&self) -> SyntaxError {
        let sentence = match self.open.last() {
            Some(open) => format!(
                "Unexpected end-of-input: expected close marker for {} (start marker at [Source: {REDACTED}; {}])",
                open.container.name(),
                self.locate(open.start)
            ),
            None => "No content to map due to end-of-input".to_owned(),
        };
        self.error_at(self.at, sentence)
    }

    fn unexpected(&self, at: usize, expectation: &str) -> SyntaxError {
        match self.text.get(at..).and_then(|rest| rest.chars().next()) {
            Some(found) => self.error_at(
                at,
                format!("Unexpected character ('{found}' (code {})): {expectation}", u32::from(found)),
            ),
            None => self.end_of_input(),
        }
    }

    fn error_at(&self, at: usize, sentence: String) -> SyntaxError {
        SyntaxError { sentence, location: self.locate(at) }
    }

    /// Lines and columns are counted only when one has to be told. Columns are units of UTF-16.
    fn locate(&self, at: usize) -> Location {
        let mut location = Location { line: 1, column: 1 };
        let mut before = '\0';
        for character in self.text.get(..at).unwrap_or(self.text).chars() {
            match character {
                '\n' if before == '\r' => {}
                '\n' | '\r' => location = Location { line: location.line + 1, column: 1 },
                other => location.column += other.len_utf16(),
            }
            before = character;
        }
        location
    }
}
