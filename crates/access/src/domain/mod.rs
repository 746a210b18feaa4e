//! The rules: synchronous, without I/O, told the time and the dice.

pub mod failure;
mod id;
mod identity;
mod page;
mod place;
mod policy;
mod policy_arn;
mod role;
mod session;

pub use id::{role_id, secret_access_key, session_token};
pub use identity::Identity;
pub use page::Page;
pub use place::{RoleArn, global, role_arn};
pub use policy::{check_identity_policy, check_trust_policy, significant_size};
pub use policy_arn::PolicyArn;
pub use role::{Draft, check_tags};
pub use session::{Issue, Issued};
