//! A page of log groups or streams.

use super::failure::InvalidToken;
use crate::limits::LIST_PAGE;
use smol_str::SmolStr;

/// What a token begins with: names hold no space.
const MARK: &str = "after ";

/// Where a page begins, and how long it may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// What the page comes behind.
    pub after: Option<SmolStr>,
    limit: usize,
}

/// A page that was cut, with the token of the next one, where there is one.
pub type Cut<T> = (Vec<T>, Option<String>);

impl Page {
    /// The page behind a token.
    ///
    /// # Errors
    /// A token that no answer had.
    pub fn parse(token: Option<&str>, limit: Option<i32>) -> Result<Self, InvalidToken> {
        let read = |token: &str| decode(token).ok_or(InvalidToken);
        let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(LIST_PAGE);
        Ok(Self { after: token.map(read).transpose()?, limit })
    }

    /// Cuts the page out of entries that begin behind [`Page::after`].
    pub fn cut<T>(&self, mut entries: impl Iterator<Item = (SmolStr, T)>) -> Cut<T> {
        let (mut taken, mut last) = (Vec::new(), SmolStr::default());
        for (mark, entry) in entries.by_ref().take(self.limit) {
            taken.push(entry);
            last = mark;
        }
        let token = entries.next().map(|_| encode(&last));
        (taken, token)
    }
}

/// The place as hexadecimal digits: opaque, and made of characters that every client passes on.
fn encode(place: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let bytes = MARK.bytes().chain(place.bytes());
    bytes.flat_map(|b| [b >> 4, b & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

fn decode(token: &str) -> Option<SmolStr> {
    let digits: Vec<u32> = token.chars().map(|digit| digit.to_digit(16)).collect::<Option<_>>()?;
    let byte = |pair: &[u32]| match pair {
        [high, low] => u8::try_from(high * 16 + low).ok(),
        _ => None,
    };
    let bytes: Vec<u8> = digits.chunks(2).map(byte).collect::<Option<_>>()?;
    String::from_utf8(bytes).ok()?.strip_prefix(MARK).map(SmolStr::new)
}
