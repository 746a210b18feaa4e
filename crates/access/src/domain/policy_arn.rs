//! The ARNs of managed policies.

use super::failure::{InvalidPolicyArn, UnparsableArn};
use mesh_types::Arn;
use smol_str::SmolStr;

/// The account in the ARNs of the policies that AWS manages.
const AWS: &str = "aws";

/// The ARN of a managed policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyArn {
    /// As it was sent.
    pub text: SmolStr,
    /// Path and name of the policy: begins with a slash.
    whole: SmolStr,
    account: SmolStr,
}

impl PolicyArn {
    /// Reads the ARN of a policy.
    ///
    /// # Errors
    /// No ARN, or one that is not a policy's.
    pub fn parse<E: From<UnparsableArn> + From<InvalidPolicyArn>>(text: &str) -> Result<Self, E> {
        let Arn { service, region, account, resource, .. } = Arn::parse(text).map_err(|_| UnparsableArn)?;
        let whole =
            resource.strip_prefix("policy").filter(|whole| whole.starts_with('/') && !whole.ends_with('/'));
        match whole {
            Some(whole) if service == "iam" && region.is_empty() => {
                Ok(Self { text: text.into(), whole: whole.into(), account: account.into() })
            }
            _ => Err(InvalidPolicyArn { arn: text.to_owned() }.into()),
        }
    }

    /// Whether AWS manages the policy. Others do not exist: CreatePolicy is not served.
    pub fn is_managed_by_aws(&self) -> bool {
        self.account == AWS
    }

    /// The policy's path: begins and ends with a slash.
    pub fn path(&self) -> &str {
        self.whole.get(..=self.whole.rfind('/').unwrap_or(0)).unwrap_or("/")
    }

    /// The policy's name.
    pub fn name(&self) -> &str {
        self.whole.rsplit('/').next().unwrap_or_default()
    }
}
