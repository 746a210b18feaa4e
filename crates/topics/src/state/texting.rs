//! Text messages: how an account sends them, and who wants none.

use mesh_router::Context;
use mesh_store::{Key, Row, Single, Table, partition};
use mesh_types::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::BTreeMap;

partition! {
    /// What an account has set for text messages in a Region.
    pub struct Texting = 704 "text messaging" {
        /// Its attributes.
        1 settings: Single<TextingSettings>,
        /// Numbers that want no messages.
        2 opted_out: Table<SmolStr, OptedOut>,
        /// Numbers of the sandbox.
        3 sandbox: Table<SmolStr, SandboxNumber>,
    }
}

/// The attributes that were set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TextingSettings(pub BTreeMap<SmolStr, SmolStr>);

impl Row for TextingSettings {}

/// A number that wants no messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptedOut {
    /// Since when.
    pub at: Timestamp,
}

impl Row for OptedOut {}

/// A number in the sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxNumber {
    /// What was sent to it, until that was sent back.
    pub password: Option<SmolStr>,
}

impl Row for SandboxNumber {}

impl SandboxNumber {
    /// As AWS spells its state.
    pub fn status(&self) -> &'static str {
        if self.password.is_some() { "Pending" } else { "Verified" }
    }
}

/// That of the account and Region that the context names.
pub fn key(cx: &Context) -> Key<Texting> {
    cx.key("")
}
