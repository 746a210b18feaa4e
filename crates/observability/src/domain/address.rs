//! Where a log group is, by name or by ARN.

use super::failure::{NamedTwice, NoSuchGroup, NotNamed};
use crate::state::log_group::LogGroup;
use mesh_router::Context;
use mesh_store::Key;
use mesh_types::{Arn, Region};
use smol_str::SmolStr;

/// Where a log group is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupAddress {
    /// Its partition.
    pub key: Key<LogGroup>,
}

impl GroupAddress {
    /// The group of this name.
    pub fn of_name(cx: &Context, name: impl Into<SmolStr>) -> Self {
        Self { key: cx.key(name) }
    }

    /// The group that one of two members names.
    ///
    /// # Errors
    /// Both are there, or none; an identifier that names no group of the account and Region.
    pub fn of_either<E: From<NamedTwice> + From<NotNamed> + From<NoSuchGroup>>(
        cx: &Context,
        name: Option<String>,
        identifier: Option<String>,
    ) -> Result<Self, E> {
        match (name, identifier) {
            (Some(_), Some(_)) => Err(NamedTwice.into()),
            (None, None) => Err(NotNamed.into()),
            (Some(name), None) => Ok(Self::of_name(cx, name)),
            (None, Some(identifier)) => Ok(Self::of_name(cx, name_of(cx, &identifier)?)),
        }
    }

    /// Its name.
    pub fn name(&self) -> &SmolStr {
        self.key.name()
    }

    /// Its ARN.
    pub fn arn(&self) -> Arn {
        arn(self.key.region(), &self.key)
    }
}

/// The ARN of a log group.
pub fn arn(region: &Region, key: &Key<LogGroup>) -> Arn {
    Arn::new("logs", region, key.account(), format!("log-group:{}", key.name()))
}

/// The name that an identifier stands for: a name, or an ARN. One with `:*` behind it the model refuses.
///
/// # Errors
/// The ARN of something else, or of another account or Region.
pub fn name_of(cx: &Context, identifier: &str) -> Result<SmolStr, NoSuchGroup> {
    if !identifier.starts_with("arn:") {
        return Ok(identifier.into());
    }
    let arn = Arn::parse(identifier).map_err(|_| NoSuchGroup)?;
    let is_here =
        arn.service == "logs" && arn.region == cx.region().as_str() && arn.account == cx.account().as_str();
    let name = arn.resource.strip_prefix("log-group:").filter(|_| is_here);
    name.map(SmolStr::new).ok_or(NoSuchGroup)
}
