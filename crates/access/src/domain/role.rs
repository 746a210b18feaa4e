//! Roles and their policies.

use super::failure::{
    DuplicateTag, InvalidPolicyArn, MalformedPolicy, NoSuchBoundary, NoSuchPolicy, NoSuchRole,
    NoSuchRolePolicy, NotAttached, PoliciesTooLong, QuotaExceeded, RoleExists, StillAttached,
    StillHasPolicies, UnparsableArn,
};
use super::{PolicyArn, check_identity_policy, check_trust_policy, role_id, significant_size};
use crate::limits::{
    DEFAULT_ROLE_SESSION, INLINE_POLICIES_SIZE, POLICIES_PER_ROLE, ROLES_PER_ACCOUNT, TRUST_POLICY_SIZE,
};
use crate::state::roles::{Attachment, FoldedName, InlinePolicy, Role, Roles, Tag};
use mesh_store::Tx;
use smol_str::SmolStr;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// The path of a role that names none.
const ROOT: &str = "/";

/// A role that is to be created.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Its name.
    pub name: String,
    /// Its path.
    pub path: Option<String>,
    /// Who may assume it.
    pub trust_policy: String,
    /// What it is for.
    pub description: Option<String>,
    /// How long its sessions last at most, in seconds.
    pub max_session_duration: Option<u32>,
    /// The ARN of the policy that bounds its permissions.
    pub permissions_boundary: Option<String>,
    /// Its tags.
    pub tags: Vec<Tag>,
}

impl Draft {
    /// Checks the role as far as that can be done without the others.
    ///
    /// # Errors
    /// A boundary that is no policy, a key that two tags have, a trust policy that is not well formed or too long.
    pub fn check<E>(&self) -> Result<(), E>
    where
        E: From<UnparsableArn>
            + From<InvalidPolicyArn>
            + From<NoSuchBoundary>
            + From<DuplicateTag>
            + From<MalformedPolicy>
            + From<QuotaExceeded>,
    {
        if let Some(boundary) = &self.permissions_boundary {
            let arn = PolicyArn::parse::<E>(boundary)?;
            if !arn.is_managed_by_aws() {
                return Err(NoSuchBoundary { arn: boundary.clone() }.into());
            }
        }
        if !check_tags(&self.tags) {
            return Err(DuplicateTag.into());
        }
        check_trust_policy(&self.trust_policy).map_err(|sentence| MalformedPolicy { sentence })?;
        match significant_size(&self.trust_policy) > TRUST_POLICY_SIZE {
            true => Err(QuotaExceeded { quota: "ACLSizePerRole", limit: TRUST_POLICY_SIZE }.into()),
            false => Ok(()),
        }
    }
}

/// Whether no two tags have the same key, upper and lower case being the same.
pub fn check_tags(tags: &[Tag]) -> bool {
    let mut seen = BTreeSet::new();
    tags.iter().all(|tag| seen.insert(tag.key.to_lowercase()))
}

impl Roles {
    /// The role of this name.
    ///
    /// # Errors
    /// There is none.
    pub fn existing(&self, name: &str) -> Result<Arc<Role>, NoSuchRole> {
        self.roles.get_shared(&FoldedName::of(name)).ok_or_else(|| NoSuchRole { name: name.to_owned() })
    }

    /// Creates a role.
    ///
    /// # Errors
    /// There is one of this name; there are as many as an account may have.
    pub fn create<E: From<RoleExists> + From<QuotaExceeded>>(
        &mut self,
        draft: &Draft,
        tx: &mut Tx<'_>,
    ) -> Result<Arc<Role>, E> {
        let key = FoldedName::of(&draft.name);
        if self.roles.get(&key).is_some() {
            return Err(RoleExists { name: draft.name.clone() }.into());
        }
        if self.roles.len() >= ROLES_PER_ACCOUNT {
            return Err(QuotaExceeded { quota: "RolesPerAccount", limit: ROLES_PER_ACCOUNT }.into());
        }
        let role = Arc::new(Role {
            name: draft.name.as_str().into(),
            path: draft.path.as_deref().unwrap_or(ROOT).into(),
            id: role_id(tx),
            created_at: tx.now(),
            trust_policy: draft.trust_policy.as_str().into(),
            description: draft.description.as_deref().map(SmolStr::new),
            max_session_duration: draft.max_session_duration.unwrap_or(DEFAULT_ROLE_SESSION),
            permissions_boundary: draft.permissions_boundary.as_deref().map(SmolStr::new),
            tags: draft.tags.clone(),
        });
        self.roles.put(key, Arc::clone(&role));
        Ok(role)
    }

    /// Deletes a role.
    ///
    /// # Errors
    /// There is none, or it has policies.
    pub fn delete<E: From<NoSuchRole> + From<StillAttached> + From<StillHasPolicies>>(
        &mut self,
        name: &str,
    ) -> Result<(), E> {
        self.existing(name)?;
        if self.attached_to(name).next().is_some() {
            return Err(StillAttached.into());
        }
        if self.inline_of(name).next().is_some() {
            return Err(StillHasPolicies.into());
        }
        self.roles.remove(&FoldedName::of(name));
        Ok(())
    }

    /// The inline policies of a role by name.
    pub fn inline_of(&self, role: &str) -> impl Iterator<Item = (&SmolStr, &InlinePolicy)> {
        let range = all_of(role);
        self.inline.range(range).map(|((_, name), policy)| (name, policy))
    }

    /// The ARNs of the managed policies that are attached to a role.
    pub fn attached_to(&self, role: &str) -> impl Iterator<Item = &SmolStr> {
        let range = all_of(role);
        self.attached.range(range).map(|((_, arn), _)| arn)
    }

    /// Puts an inline policy into a role, in place of the one of this name.
    ///
    /// # Errors
    /// There is no such role; the document is not well formed, or too long with the others.
    pub fn put_policy<E: From<NoSuchRole> + From<MalformedPolicy> + From<PoliciesTooLong>>(
        &mut self,
        role: &str,
        name: &str,
        document: &Arc<str>,
    ) -> Result<(), E> {
        self.existing(role)?;
        check_identity_policy(document).map_err(|sentence| MalformedPolicy { sentence })?;
        let others = self.inline_of(role).filter(|(other, _)| *other != name);
        let size: usize = others.map(|(_, policy)| significant_size(&policy.document)).sum();
        if size + significant_size(document) > INLINE_POLICIES_SIZE {
            return Err(PoliciesTooLong { role: role.to_owned(), limit: INLINE_POLICIES_SIZE }.into());
        }
        let policy = InlinePolicy { document: Arc::clone(document) };
        self.inline.insert((FoldedName::of(role), name.into()), policy);
        Ok(())
    }

    /// An inline policy of a role.
    ///
    /// # Errors
    /// There is no such role or policy.
    pub fn policy<E: From<NoSuchRole> + From<NoSuchRolePolicy>>(
        &self,
        role: &str,
        name: &str,
    ) -> Result<Arc<InlinePolicy>, E> {
        self.existing(role)?;
        let found = self.inline.get_shared(&(FoldedName::of(role), name.into()));
        found.ok_or_else(|| NoSuchRolePolicy { name: name.to_owned() }.into())
    }

    /// Deletes an inline policy of a role.
    ///
    /// # Errors
    /// There is no such role or policy.
    pub fn delete_policy<E: From<NoSuchRole> + From<NoSuchRolePolicy>>(
        &mut self,
        role: &str,
        name: &str,
    ) -> Result<(), E> {
        self.policy::<E>(role, name)?;
        self.inline.remove(&(FoldedName::of(role), name.into()));
        Ok(())
    }

    /// Attaches a managed policy to a role; one that is attached stays so.
    ///
    /// # Errors
    /// There is no such role or policy; the role has as many as it may have.
    pub fn attach<E: From<NoSuchRole> + From<NoSuchPolicy> + From<QuotaExceeded>>(
        &mut self,
        role: &str,
        policy: &PolicyArn,
        tx: &mut Tx<'_>,
    ) -> Result<(), E> {
        self.existing(role)?;
        if !policy.is_managed_by_aws() {
            return Err(NoSuchPolicy { arn: policy.text.to_string() }.into());
        }
        let key = (FoldedName::of(role), policy.text.clone());
        if self.attached.get(&key).is_some() {
            return Ok(());
        }
        if self.attached_to(role).count() >= POLICIES_PER_ROLE {
            return Err(QuotaExceeded { quota: "PoliciesPerRole", limit: POLICIES_PER_ROLE }.into());
        }
        self.attached.insert(key, Attachment { attached_at: tx.now() });
        Ok(())
    }

    /// Detaches a managed policy from a role.
    ///
    /// # Errors
    /// There is no such role, or the policy is not attached to it.
    pub fn detach<E: From<NoSuchRole> + From<NotAttached>>(
        &mut self,
        role: &str,
        policy: &PolicyArn,
    ) -> Result<(), E> {
        self.existing(role)?;
        let removed = self.attached.remove(&(FoldedName::of(role), policy.text.clone()));
        removed.map(|_| ()).ok_or_else(|| NotAttached { arn: policy.text.to_string() }.into())
    }
}

/// All keys of a role's policies: no name and no ARN holds a character as great as the last.
fn all_of(role: &str) -> RangeInclusive<(FoldedName, SmolStr)> {
    let role = FoldedName::of(role);
    (role.clone(), SmolStr::default())..=(role, SmolStr::new_static("\u{10ffff}"))
}
