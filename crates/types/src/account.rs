//! AWS account ids: twelve decimal digits.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::fmt;

/// An AWS account id: twelve decimal digits, kept with their leading zeros.
///
/// <https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html>
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "SmolStr", into = "SmolStr")]
pub struct AccountId([u8; 12]);

impl AccountId {
    /// The account of a caller whose credentials name none: `000000000000`.
    pub const DEFAULT: Self = Self([b'0'; 12]);

    /// Parses twelve decimal digits; anything else is refused.
    pub fn parse(text: &str) -> Result<Self, InvalidAccountId> {
        match <[u8; 12]>::try_from(text.as_bytes()) {
            Ok(digits) if digits.iter().all(u8::is_ascii_digit) => Ok(Self(digits)),
            _ => Err(InvalidAccountId),
        }
    }

    /// The twelve digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<SmolStr> for AccountId {
    type Error = InvalidAccountId;

    fn try_from(text: SmolStr) -> Result<Self, InvalidAccountId> {
        Self::parse(&text)
    }
}

impl From<AccountId> for SmolStr {
    fn from(account: AccountId) -> Self {
        Self::new(account.as_str())
    }
}

/// The text was not twelve decimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidAccountId;

impl fmt::Display for InvalidAccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an account id is twelve decimal digits")
    }
}

impl std::error::Error for InvalidAccountId {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_digits_are_an_account_and_nothing_else_is() {
        assert_eq!(AccountId::parse("012345678901").map(|a| a.to_string()), Ok("012345678901".to_owned()));
        for text in ["", "12345678901", "1234567890123", "12345678901a", "１２３４"] {
            assert_eq!(AccountId::parse(text), Err(InvalidAccountId), "{text}");
        }
    }
}
