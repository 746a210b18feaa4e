//! Cuts the text of an expression into tokens, one at a time and without copying.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A letter with letters, digits and underscores behind it: an attribute, a function or a keyword.
    Name,
    /// `#name`.
    NamePlaceholder,
    /// `:value`.
    ValuePlaceholder,
    /// Digits.
    Index,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Plus,
    Minus,
    Comma,
    Dot,
    Open,
    Close,
    OpenBracket,
    CloseBracket,
    /// A character that begins no token.
    Unknown,
    End,
}

/// A token and where it stands, in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A place in the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn text(&self) -> &'t str {
        self.text
    }

    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    fn skip_blanks(&mut self) {
        while matches!(self.byte(self.at), b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
    }

    /// Whether the next token opens a parenthesis.
    pub(super) fn opens(&self) -> bool {
        let mut ahead = *self;
        ahead.skip_blanks();
        ahead.byte(ahead.at) == b'('
    }

    fn word_end(&self, mut at: usize) -> usize {
        while self.byte(at).is_ascii_alphanumeric() || self.byte(at) == b'_' {
            at += 1;
        }
        at
    }

    /// The next token.
    pub(super) fn next(&mut self) -> Token {
        self.skip_blanks();
        let start = self.at;
        let (kind, end) = self.cut(start);
        self.at = end;
        Token { kind, start, end }
    }

    fn cut(&self, start: usize) -> (TokenKind, usize) {
        use TokenKind::*;
        let next = self.byte(start + 1);
        let word = |mark: usize, kind| {
            let end = self.word_end(start + mark);
            if end > start + mark { (kind, end) } else { (Unknown, start + 1) }
        };
        match self.byte(start) {
            0 if start >= self.text.len() => (End, start),
            b'a'..=b'z' | b'A'..=b'Z' => (Name, self.word_end(start)),
            b'#' => word(1, NamePlaceholder),
            b':' => word(1, ValuePlaceholder),
            b'0'..=b'9' => {
                let digits = self.text.as_bytes()[start..].iter().take_while(|b| b.is_ascii_digit()).count();
                (Index, start + digits)
            }
            b'=' => (Equal, start + 1),
            b'<' if next == b'>' => (NotEqual, start + 2),
            b'<' if next == b'=' => (LessOrEqual, start + 2),
            b'<' => (Less, start + 1),
            b'>' if next == b'=' => (GreaterOrEqual, start + 2),
            b'>' => (Greater, start + 1),
            b'+' => (Plus, start + 1),
            b'-' => (Minus, start + 1),
            b',' => (Comma, start + 1),
            b'.' => (Dot, start + 1),
            b'(' => (Open, start + 1),
            b')' => (Close, start + 1),
            b'[' => (OpenBracket, start + 1),
            b']' => (CloseBracket, start + 1),
            _ => (Unknown, start + self.text[start..].chars().next().map_or(1, char::len_utf8)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        let mut lexer = Lexer::new(text);
        let mut tokens = Vec::new();
        loop {
            let token = lexer.next();
            if token.kind == TokenKind::End {
                return tokens;
            }
            tokens.push(&text[token.start..token.end]);
        }
    }

    #[test]
    fn tokens_need_no_blanks_between_them() {
        assert_eq!(cut("#a.b[12]<=:v"), ["#a", ".", "b", "[", "12", "]", "<=", ":v"]);
        assert_eq!(cut(" a\n<>\tb_1 "), ["a", "<>", "b_1"]);
        assert_eq!(cut("_123 # :é-"), ["_", "123", "#", ":", "é", "-"]);
        assert_eq!(cut("\0a"), ["\0", "a"]);
    }
}
