//! Where roles are: the Region of a global service, and the ARNs of roles.

use super::failure::InvalidRoleArn;
use crate::state::roles::Role;
use mesh_types::{AccountId, Arn, Region};
use smol_str::SmolStr;

/// The Region in which the state of IAM and STS lies: one for each partition of AWS, as on AWS.
pub fn global(region: &Region) -> Region {
    let name = match region.arn_partition() {
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        _ => return Region::DEFAULT,
    };
    Region::parse(name).unwrap_or(Region::DEFAULT)
}

/// The ARN of a role of an account.
pub fn role_arn(partition: &str, account: AccountId, role: &Role) -> String {
    format!("arn:{partition}:iam::{account}:role{}{}", role.path, role.name)
}

/// The ARN of a role, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleArn {
    /// Whose role it is.
    pub account: AccountId,
    /// Its path.
    pub path: SmolStr,
    /// Its name.
    pub name: SmolStr,
}

impl RoleArn {
    /// Takes an ARN apart; `None` where it is an ARN, and not a role's.
    ///
    /// # Errors
    /// A text that is no ARN.
    pub fn parse(text: &str) -> Result<Option<Self>, InvalidRoleArn> {
        let arn = Arn::parse(text).map_err(|_| InvalidRoleArn { arn: text.to_owned() })?;
        let whole = arn.resource.strip_prefix("role").filter(|path| path.starts_with('/'));
        let (Ok(account), Some(whole), "iam") = (AccountId::parse(&arn.account), whole, arn.service.as_str())
        else {
            return Ok(None);
        };
        let (path, name) = whole.split_at(whole.rfind('/').map_or(0, |at| at + 1));
        Ok(Some(Self { account, path: path.into(), name: name.into() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_found_behind_its_path() {
        let parse = |text| {
            RoleArn::parse(text).map(|arn| arn.map(|arn| (arn.path.to_string(), arn.name.to_string())))
        };
        let is = |path: &str, name: &str| Ok(Some((path.to_owned(), name.to_owned())));
        assert_eq!(parse("arn:aws:iam::123456789012:role/worker"), is("/", "worker"));
        assert_eq!(parse("arn:aws:iam::123456789012:role/a/b/worker"), is("/a/b/", "worker"));
        assert_eq!(parse("arn:aws:iam::123456789012:user/worker"), Ok(None));
        assert_eq!(parse("arn:aws:sqs::123456789012:role/worker"), Ok(None));
        assert_eq!(parse("arn:aws:iam::12:role/worker"), Ok(None));
    }

    #[test]
    fn what_is_no_arn_is_refused() {
        // recordings/sts.json::test_sts_invalid_parameters
        for text in [
            "nothing-valid-in-here",
            "arn::b:::something/test-role",
            "arn:a:a::aaaaaaaaaa:",
            "arn:a::::something/test-role",
            "arn:a:::something/test-role",
        ] {
            let said = RoleArn::parse(text).expect_err(text).to_string();
            assert_eq!(said, format!("{text} is invalid"));
        }
    }
}
