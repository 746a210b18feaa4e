//! A page of a list.

use super::failure::InvalidMarker;
use crate::limits::DEFAULT_PAGE;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use smol_str::SmolStr;

/// Where a page begins, and how long it may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    after: Option<SmolStr>,
    limit: usize,
}

impl Page {
    /// The page behind a marker.
    ///
    /// # Errors
    /// A marker that no answer had.
    pub fn parse(marker: Option<&str>, max_items: Option<i32>) -> Result<Self, InvalidMarker> {
        let read = |marker: &str| {
            let name = URL_SAFE_NO_PAD.decode(marker).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            name.map(SmolStr::new).ok_or(InvalidMarker)
        };
        let limit = max_items.and_then(|count| usize::try_from(count).ok()).unwrap_or(DEFAULT_PAGE);
        Ok(Self { after: marker.map(read).transpose()?, limit })
    }

    /// Cuts the page out of entries that come in the order of their names. The marker of the next page comes with it,
    /// where there is one.
    pub fn cut<T>(&self, entries: impl Iterator<Item = (SmolStr, T)>) -> (Vec<T>, Option<String>) {
        let is_wanted = |(name, _): &(SmolStr, T)| self.after.as_ref().is_none_or(|after| name > after);
        let mut entries = entries.filter(is_wanted);
        let mut taken = Vec::new();
        let mut last = SmolStr::default();
        for (name, entry) in entries.by_ref().take(self.limit) {
            taken.push(entry);
            last = name;
        }
        let marker = entries.next().map(|_| URL_SAFE_NO_PAD.encode(last));
        (taken, marker)
    }
}
