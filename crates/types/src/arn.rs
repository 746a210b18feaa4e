//! Amazon Resource Names.

use crate::{AccountId, Region};
use std::fmt;

/// An Amazon Resource Name, in its six parts.
///
/// Region and account are texts, because some ARNs leave them empty and some hold a word (`aws`, `*`) there.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn {
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
    /// The service's namespace: `sqs`, `dynamodb`, `lambda`, ...
    pub service: String,
    /// The Region's name, or empty.
    pub region: String,
    /// The account id, or empty.
    pub account: String,
    /// All that follows the fifth colon, colons included.
    pub resource: String,
}

impl Arn {
    /// The ARN of a regional resource of an account.
    pub fn new(service: &str, region: &Region, account: AccountId, resource: impl Into<String>) -> Self {
        Self {
            partition: region.arn_partition().to_owned(),
            service: service.to_owned(),
            region: region.to_string(),
            account: account.to_string(),
            resource: resource.into(),
        }
    }

    /// Parses `arn:partition:service:region:account:resource`. Only the shape is checked.
    pub fn parse(text: &str) -> Result<Self, InvalidArn> {
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next().map(str::to_owned).ok_or(InvalidArn);
        if next()? != "arn" {
            return Err(InvalidArn);
        }
        let arn = Self {
            partition: next()?,
            service: next()?,
            region: next()?,
            account: next()?,
            resource: next()?,
        };
        if arn.partition.is_empty() || arn.service.is_empty() || arn.resource.is_empty() {
            return Err(InvalidArn);
        }
        Ok(arn)
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, service, region, account, resource } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

/// The text does not have an ARN's six parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidArn;

impl fmt::Display for InvalidArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an ARN has the form arn:partition:service:region:account:resource")
    }
}

impl std::error::Error for InvalidArn {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_reads_as_it_was_written() {
        for text in [
            "arn:aws:sqs:us-east-1:000000000000:orders",
            "arn:aws:s3:::bucket/key:with:colons",
            "arn:aws-cn:lambda:cn-north-1:123456789012:function:f:1",
            "arn:aws:iam::aws:policy/AdministratorAccess",
        ] {
            assert_eq!(Arn::parse(text).map(|arn| arn.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "arn", "arn:aws:sqs", "urn:aws:sqs:r:a:x", "arn::sqs:r:a:x", "arn:aws:sqs:r:a:"] {
            assert_eq!(Arn::parse(text), Err(InvalidArn), "{text}");
        }
    }

    #[test]
    fn a_new_arn_takes_its_partition_from_the_region() {
        let region = Region::parse("cn-north-1").unwrap_or(Region::DEFAULT);
        let arn = Arn::new("sqs", &region, AccountId::DEFAULT, "q");
        assert_eq!(arn.to_string(), "arn:aws-cn:sqs:cn-north-1:000000000000:q");
    }
}
