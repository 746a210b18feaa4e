//! AWS Security Token Service (STS) and AWS Identity and Access Management (IAM) for mesh-local.
//!
//! **State.** One partition an account for its roles and their policies ([`state::roles`]), and one for the temporary
//! credentials that were issued in it ([`state::sessions`]). Both services are global: their partitions lie in one
//! Region for each partition of AWS ([`domain::global`]).
//!
//! **Reading order.** [`state`] (what is stored), [`domain`] (the rules, synchronous), [`ops`] (one file an operation),
//! [`limits`] (AWS's numbers).
//!
//! **Invariants.**
//! - The id of temporary credentials carries account and universe ([`mesh_types::IssuedKey`]); whose they are otherwise
//!   is in the account's sessions. An id without a session there is an invalid token.
//! - Credentials expire in real time, because clients compare the moment with their own clocks. All else is the
//!   universe's time.
//! - A role that is deleted takes nothing along: it has no policies any more by then, and they are rows of their own.
//!
//! **Deviations.** Nothing is authorised: neither trust policies nor identity policies are evaluated; they are checked
//! for being well formed, kept and returned. Callers with plain access keys are the root user of their account, and
//! may assume roles nevertheless. Every name in the namespace of AWS's managed policies is taken for such a policy.

pub mod domain;
pub mod limits;
pub mod ops;
pub mod state;

use mesh_models::{iam, sts};
use mesh_router::{Context, Keys, NoSecret, Registry, Service};
use mesh_types::IssuedKey;
use smol_str::SmolStr;

/// AWS STS and IAM.
#[derive(Debug, Default, Clone, Copy)]
pub struct Access;

impl Service for Access {
    fn register(self, registry: &mut Registry) {
        registry.keys(self);
        registry.partition::<state::roles::Roles>();
        registry.partition::<state::sessions::Sessions>();
        registry.operation::<iam::AttachRolePolicy>(ops::iam::attach_role_policy::run);
        registry.operation::<iam::CreateRole>(ops::iam::create_role::run);
        registry.operation::<iam::DeleteRole>(ops::iam::delete_role::run);
        registry.operation::<iam::DeleteRolePolicy>(ops::iam::delete_role_policy::run);
        registry.operation::<iam::DetachRolePolicy>(ops::iam::detach_role_policy::run);
        registry.operation::<iam::GetRole>(ops::iam::get_role::run);
        registry.operation::<iam::GetRolePolicy>(ops::iam::get_role_policy::run);
        registry.operation::<iam::ListAttachedRolePolicies>(ops::iam::list_attached_role_policies::run);
        registry.operation::<iam::ListRolePolicies>(ops::iam::list_role_policies::run);
        registry.operation::<iam::ListRoles>(ops::iam::list_roles::run);
        registry.operation::<iam::PutRolePolicy>(ops::iam::put_role_policy::run);
        registry.operation::<sts::AssumeRole>(ops::sts::assume_role::run);
        registry.operation::<sts::GetCallerIdentity>(ops::sts::get_caller_identity::run);
        registry.operation::<sts::GetSessionToken>(ops::sts::get_session_token::run);
    }
}

impl Keys for Access {
    fn secret(&self, cx: &Context, id: &str, key: IssuedKey) -> Result<SmolStr, NoSecret> {
        let sessions = state::sessions::key_of(cx, key.account);
        let session = cx
            .read(&sessions, |sessions, _| sessions.of_key::<NoSecret>(id, key, cx.arrived_at()))
            .map_err(|_| NoSecret::Unknown)??;
        Ok(session.secret_access_key.clone())
    }
}
