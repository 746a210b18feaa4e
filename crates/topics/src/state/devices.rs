//! Platform applications, and the devices that registered with them.

use mesh_router::Context;
use mesh_store::{Key, Row, Table, partition};
use mesh_types::{AccountId, Region, Timestamp};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::BTreeMap;

partition! {
    /// The platform applications of an account in a Region.
    pub struct Devices = 703 "platform applications" {
        /// By platform and name: `GCM/shop`.
        1 applications: Table<SmolStr, Application>,
        /// Their endpoints, by application and id.
        2 endpoints: Table<(SmolStr, u128), Device, DeviceIndexes>,
    }
}

mesh_store::indexes! {
    /// Devices by what operations ask.
    pub struct DeviceIndexes of Table<(SmolStr, u128), Device> {
        /// By application and token.
        by_token: (SmolStr, SmolStr) = |key, device| Some((key.0.clone(), device.attributes.get("Token").cloned().unwrap_or_default())),
    }
}

/// A platform application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// Since when it exists.
    pub created_at: Timestamp,
    /// Its attributes, credentials included.
    pub attributes: BTreeMap<SmolStr, SmolStr>,
}

impl Row for Application {}

/// A device with an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Since when it is registered.
    pub created_at: Timestamp,
    /// `Token`, `Enabled` and `CustomUserData`.
    pub attributes: BTreeMap<SmolStr, SmolStr>,
}

impl Row for Device {}

impl Device {
    /// Whether something is sent to it.
    pub fn is_enabled(&self) -> bool {
        self.attributes.get("Enabled").is_none_or(|enabled| enabled == "true")
    }
}

/// Those of the account and Region that the context names.
pub fn key(cx: &Context) -> Key<Devices> {
    key_of(cx.account(), cx.region())
}

/// Those of an account in a Region.
pub fn key_of(account: AccountId, region: &Region) -> Key<Devices> {
    Key::new(account, region.clone(), "")
}
