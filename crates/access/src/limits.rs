//! The numbers of IAM and STS that their models do not hold, each with the page it comes from.

use std::time::Duration;

/// Roles in an account.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
pub const ROLES_PER_ACCOUNT: usize = 1_000;

/// Managed policies attached to a role.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
pub const POLICIES_PER_ROLE: usize = 10;

/// Characters of a role's trust policy, white space not counted.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
pub const TRUST_POLICY_SIZE: usize = 2_048;

/// Characters of all inline policies of a role, white space not counted.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
pub const INLINE_POLICIES_SIZE: usize = 10_240;

/// Entries in a page of a list where none are asked for.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html>
pub const DEFAULT_PAGE: usize = 100;

/// How long the credentials of a role last at most where the role does not say; also the default of AssumeRole.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
pub const DEFAULT_ROLE_SESSION: u32 = 3_600;

/// The longest session of a role that was assumed with the credentials of a role.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html>
pub const CHAINED_ROLE_SESSION: u32 = 3_600;

/// The longest session of the root user, which is also its default.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>
pub const ROOT_SESSION: u32 = 3_600;

/// Managed policies passed with AssumeRole.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
pub const SESSION_POLICY_ARNS: usize = 10;

/// Characters of all that is packed into a session: policies and tags.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
pub const SESSION_POLICY_SIZE: usize = 2_048;

/// How long expired credentials are known as such, and not just as invalid ones.
pub const EXPIRED_IS_KNOWN_FOR: Duration = Duration::from_secs(24 * 60 * 60);
