//! Pages of a list of queues.

use crate::domain::failure::{InvalidParameter, InvalidValue};
use crate::limits::LIST_PAGE;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// What a page holds.
pub(crate) struct Page {
    limit: Option<usize>,
    after: Option<String>,
}

impl Page {
    /// Reads what was asked for.
    pub(crate) fn check<E>(max_results: Option<i32>, next_token: Option<&str>) -> Result<Self, E>
    where
        E: From<InvalidValue> + From<InvalidParameter>,
    {
        let (limit, after) = (max_results.map(limit).transpose()?, next_token.map(read_token).transpose()?);
        Ok(Self { limit, after })
    }

    /// The name after which the page begins.
    pub(crate) fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// The first of these names, and the token of the next page where more follow.
    pub(crate) fn take<'a>(
        &self,
        mut names: impl Iterator<Item = &'a str>,
    ) -> (Vec<&'a str>, Option<String>) {
        let taken: Vec<&str> = names.by_ref().take(self.limit.unwrap_or(*LIST_PAGE.end() as usize)).collect();
        // Without MaxResults AWS returns up to a thousand and no token.
        let is_cut = self.limit.is_some() && names.next().is_some();
        let next_token = taken.last().filter(|_| is_cut).map(|last| URL_SAFE_NO_PAD.encode(last));
        (taken, next_token)
    }
}

fn limit(value: i32) -> Result<usize, InvalidValue> {
    let limit = u32::try_from(value).ok().filter(|limit| LIST_PAGE.contains(limit));
    limit.and_then(|limit| usize::try_from(limit).ok()).ok_or_else(|| InvalidValue {
        parameter: "MaxResults",
        value: value.to_string(),
        reason: "MaxResults must be an integer between 1 and 1000.",
    })
}

fn read_token(token: &str) -> Result<String, InvalidParameter> {
    let name = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    name.ok_or_else(|| InvalidParameter { sentence: "Invalid or expired next token.".to_owned() })
}
