//! Names of functions, as callers write them: a name, a part of an ARN, a whole ARN, each with a qualifier or without.

use super::failure::{InvalidParameter, NoSuchFunction};
use crate::state::function::FunctionState;
use mesh_router::Context;
use mesh_store::Key;
use mesh_types::{AccountId, Arn, Region};

/// The version that changes.
pub const LATEST: &str = "$LATEST";

/// Where a function is, and which version of it is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionAddress {
    /// Its partition.
    pub key: Key<FunctionState>,
    /// The version or alias, where one was named.
    pub qualifier: Option<String>,
}

impl FunctionAddress {
    /// The function that `text` names, with a qualifier in it or beside it. The model's pattern was checked before.
    ///
    /// # Errors
    /// Two qualifiers that differ; a name that no function can have.
    pub fn parse<E: From<InvalidParameter>>(
        cx: &Context,
        text: &str,
        beside: Option<String>,
    ) -> Result<Self, E> {
        let mut account = cx.account();
        let mut region = cx.region().clone();
        let mut rest = text;
        if let Some(behind) = text.strip_prefix("arn:") {
            // arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]
            rest = behind.splitn(3, ':').nth(2).unwrap_or_default();
            let (name, behind) = rest.split_once(':').unwrap_or_default();
            region = Region::parse(name).map_err(|_| invalid(text))?;
            rest = behind;
        }
        if let Some((digits, behind)) = rest.split_once(':')
            && let Ok(named) = AccountId::parse(digits)
        {
            (account, rest) = (named, behind);
        }
        rest = rest.strip_prefix("function:").unwrap_or(rest);
        let (name, within) = match rest.split_once(':') {
            Some((name, qualifier)) => (name, Some(qualifier.to_owned())),
            None => (rest, None),
        };
        let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if name.is_empty()
            || !name.bytes().all(is_name)
            || within.as_deref().is_some_and(|it| it.contains(':'))
        {
            return Err(invalid(text).into());
        }
        let qualifier = match (within, beside) {
            (Some(one), Some(other)) if one != other => {
                let sentence =
                    "The derived qualifier from the function name does not match the specified qualifier.";
                return Err(InvalidParameter { sentence: sentence.to_owned() }.into());
            }
            (within, beside) => within.or(beside),
        };
        Ok(Self { key: Key::new(account, region, name), qualifier })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.key.name()
    }

    /// The ARN of the function, without a qualifier.
    pub fn arn(&self) -> String {
        arn(self.key.account(), self.key.region(), self.name())
    }

    /// The ARN as it was asked for.
    pub fn qualified_arn(&self) -> String {
        match &self.qualifier {
            Some(qualifier) => format!("{}:{qualifier}", self.arn()),
            None => self.arn(),
        }
    }

    /// That it does not exist.
    pub fn missing(&self) -> NoSuchFunction {
        NoSuchFunction { arn: self.qualified_arn() }
    }

    /// Whether its qualifier is one that an alias could have: no number, and without a dollar sign.
    pub fn names_alias(&self) -> bool {
        let is_alias = |name: &str| !name.contains('$') && !name.bytes().all(|b| b.is_ascii_digit());
        self.qualifier.as_deref().is_some_and(is_alias)
    }

    /// Passes where the latest version is meant, the only one there is.
    ///
    /// # Errors
    /// Another is meant.
    pub fn latest(&self) -> Result<(), NoSuchFunction> {
        match self.qualifier.as_deref() {
            None | Some(LATEST) => Ok(()),
            Some(_) => Err(self.missing()),
        }
    }
}

fn invalid(text: &str) -> InvalidParameter {
    InvalidParameter { sentence: format!("{text} is not a function's name, partial ARN or ARN.") }
}

/// The ARN of a function.
pub(crate) fn arn(account: AccountId, region: &Region, name: &str) -> String {
    Arn::new("lambda", region, account, format!("function:{name}")).to_string()
}
