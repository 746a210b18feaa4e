//! Which APIs there are: in an account and Region, and by their ids alone.

use mesh_router::Context;
use mesh_store::{Key, Row, Single, Table, partition};
use mesh_types::{AccountId, Region, Timestamp};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

partition! {
    /// The APIs of an account in a Region.
    pub struct Directory = 601 "API directory" {
        /// REST APIs by id.
        1 rest: Table<SmolStr, Entry>,
        /// HTTP APIs by id.
        2 http: Table<SmolStr, Entry>,
    }
}

partition! {
    /// Where an API is. Its address is the API's id alone, so that an unsigned request, which names nothing else,
    /// leads to an account and a Region.
    pub struct Location = 602 "API location" {
        /// The place.
        1 place: Single<Place>,
    }
}

/// An API exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Since when.
    pub created_at: Timestamp,
}

impl Row for Entry {}

/// Whose an API is, where, and what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The account.
    pub account: AccountId,
    /// The Region.
    pub region: Region,
    /// What it is.
    pub kind: ApiKind,
}

impl Row for Place {}

/// The kinds of APIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ApiKind {
    /// A REST API.
    Rest,
    /// An HTTP API.
    Http,
}

/// The directory of the account and Region that the context names.
pub fn key(cx: &Context) -> Key<Directory> {
    cx.key("")
}

/// Where the place of an API is written.
pub fn location(api: &str) -> Key<Location> {
    Key::new(AccountId::DEFAULT, Region::DEFAULT, api)
}
