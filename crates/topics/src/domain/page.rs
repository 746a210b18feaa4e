//! Pages of lists, and the tokens that lead from one to the next.

use super::failure::InvalidParameter;
use crate::limits::PAGE;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Where a page begins: behind the row whose name the token holds.
///
/// # Errors
/// A text that was never a token.
pub fn start(token: Option<&str>) -> Result<Option<String>, InvalidParameter> {
    let read = |token: &str| {
        let name = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        name.ok_or_else(|| InvalidParameter::of("NextToken"))
    };
    token.filter(|token| !token.is_empty()).map(read).transpose()
}

/// The next page of rows in the order of their names, and the token of the one behind it.
pub fn take<T>(
    rows: impl Iterator<Item = T>,
    size: usize,
    name: impl Fn(&T) -> String,
) -> (Vec<T>, Option<String>) {
    let mut rows = rows.peekable();
    let page: Vec<T> = rows.by_ref().take(size).collect();
    let token = rows.peek().and(page.last()).map(|last| URL_SAFE_NO_PAD.encode(name(last)));
    (page, token)
}

/// [`take`] of AWS's usual size.
pub fn usual<T>(rows: impl Iterator<Item = T>, name: impl Fn(&T) -> String) -> (Vec<T>, Option<String>) {
    take(rows, PAGE, name)
}
