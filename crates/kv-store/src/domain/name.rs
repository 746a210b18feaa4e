//! Names and addresses of tables.

use super::failure::Invalid;
use crate::limits::TABLE_NAME_LENGTH;
use crate::state::table::TableState;
use mesh_router::Context;
use mesh_store::Key;
use mesh_types::{AccountId, Arn, Need};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::fmt;

/// The name of a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TableName(SmolStr);

impl TableName {
    /// The name that a text is.
    ///
    /// # Errors
    /// A text that no table can be called.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let refused = |constraint: &str| {
            let sentence =
                format!("Value '{text}' at 'tableName' failed to satisfy constraint: {constraint}");
            Err(Invalid::new(sentence).in_envelope())
        };
        let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
        if !text.bytes().all(is_name) {
            return refused("Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
        }
        if text.len() > *TABLE_NAME_LENGTH.end() {
            return refused("Member must have length less than or equal to 255");
        }
        Ok(Self(SmolStr::new(text)))
    }

    /// Refuses a name that is too short for a new table. Of a table that is named to be used AWS asks for less.
    ///
    /// # Errors
    /// Fewer than three characters.
    pub fn check_new(&self) -> Result<(), Invalid> {
        if self.0.len() >= *TABLE_NAME_LENGTH.start() {
            return Ok(());
        }
        let name = &self.0;
        let sentence = format!(
            "Value '{name}' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 3"
        );
        Err(Invalid::new(sentence).in_envelope())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a table is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableAddress {
    /// Its name.
    pub name: TableName,
    /// Its partition.
    pub key: Key<TableState>,
}

impl TableAddress {
    /// The table that a caller means: by its name, or by its ARN, which may be another account's.
    ///
    /// # Errors
    /// A text that names no table of the Region.
    pub fn parse(cx: &Context, text: &str) -> Result<Self, Invalid> {
        let Some(arn) = text.starts_with("arn:").then(|| Arn::parse(text).ok()).flatten() else {
            let name = TableName::parse(text)?;
            return Ok(Self { key: cx.key(name.0.clone()), name });
        };
        let invalid = |what: &str| Invalid::new(format!("Invalid {what} in '{text}'")).in_envelope();
        if arn.partition != cx.region().arn_partition() {
            return Err(invalid("AWS partition"));
        }
        if arn.region != cx.region().as_str() {
            return Err(invalid("AWS region"));
        }
        let name = arn.resource.strip_prefix("table/").filter(|_| arn.service == "dynamodb");
        let name = TableName::parse(name.ok_or_else(|| invalid("resource type"))?)?;
        let account = AccountId::parse(&arn.account).map_err(|_| invalid("AWS account"))?;
        Ok(Self { key: Key::new(account, cx.region().clone(), name.0.clone()), name })
    }

    /// Reads the table. A read that is not to be consistent sees what was before the last write, where a fault rule says
    /// so and the table was the same already.
    ///
    /// # Errors
    /// The universe is gone.
    pub fn read<R>(
        &self,
        cx: &Context,
        is_consistent: bool,
        read: impl FnOnce(&TableState) -> R,
    ) -> Result<R, Need> {
        if is_consistent {
            return cx.read(&self.key, |table, _| read(table));
        }
        cx.read_eventually(
            &self.key,
            |former, table| former.settings.get() == table.settings.get(),
            |table, _| read(table),
        )
    }

    /// The table's ARN.
    pub fn arn(&self) -> String {
        Arn::new("dynamodb", self.key.region(), self.key.account(), format!("table/{}", self.name))
            .to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_letters_digits_and_three_signs() {
        for text in ["abc", "A.b-c_9", &"x".repeat(255)] {
            assert_eq!(TableName::parse(text).map(|name| name.to_string()), Ok(text.to_owned()));
        }
        for text in ["a b", "a/b", "ä", &"x".repeat(256)] {
            assert!(TableName::parse(text).is_err(), "{text}");
        }
        let short = TableName::parse("ab").expect("a name");
        assert!(short.check_new().is_err());
    }
}
