//! AWS Region names.

use crate::is_label;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::fmt;

/// The longest name we take; AWS's own longest is 14 characters.
const MAX_LENGTH: usize = 32;

/// An AWS Region name such as `eu-central-1`. Names AWS may add later are taken too: only the syntax is checked.
///
/// <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html>
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Region(SmolStr);

impl Region {
    /// The Region of a caller who names none.
    pub const DEFAULT: Self = Self(SmolStr::new_static("us-east-1"));

    /// Parses a name: lower-case letters, digits and hyphens, beginning with a letter, 32 characters at most.
    pub fn parse(text: &str) -> Result<Self, InvalidRegion> {
        if is_label(text, MAX_LENGTH) { Ok(Self(SmolStr::new(text))) } else { Err(InvalidRegion) }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The partition this Region belongs to in ARNs: `aws`, `aws-cn` or `aws-us-gov`.
    pub fn arn_partition(&self) -> &'static str {
        match self.0.as_str() {
            name if name.starts_with("cn-") => "aws-cn",
            name if name.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text cannot be the name of a Region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidRegion;

impl fmt::Display for InvalidRegion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a Region name is lower-case letters, digits and hyphens")
    }
}

impl std::error::Error for InvalidRegion {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_judged_by_its_syntax() {
        for text in ["us-east-1", "ap-southeast-5", "us-iso-east-1", "moon-1"] {
            assert_eq!(Region::parse(text).map(|r| r.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "US-EAST-1", "us east 1", "1-us", "../etc", "a-very-long-name-that-no-region-has-1"]
        {
            assert_eq!(Region::parse(text), Err(InvalidRegion), "{text}");
        }
    }

    #[test]
    fn the_partition_of_an_arn_follows_the_region() {
        let partition = |text| Region::parse(text).map(|r| r.arn_partition());
        assert_eq!(partition("eu-west-1"), Ok("aws"));
        assert_eq!(partition("cn-north-1"), Ok("aws-cn"));
        assert_eq!(partition("us-gov-west-1"), Ok("aws-us-gov"));
    }
}
