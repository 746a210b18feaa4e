//! AssumeRole: issues temporary credentials of a role.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
//! Done: RoleArn RoleSessionName DurationSeconds SourceIdentity PolicyArns Policy Tags
//! Stored: TransitiveTagKeys ExternalId ProvidedContexts
//! Refused: SerialNumber TokenCode MinimumSessionTokenSize
//! Deviates: trust policies are not evaluated, so that the root user may assume roles too; policies do not narrow the
//! session; the packed size is that of the plain text; a service may assume a role that does not exist

use super::credentials;
use crate::domain::failure::{
    DuplicateSessionTag, LongerThanChain, LongerThanRole, MalformedSessionPolicy, MayNotAssume, NoSuchDevice,
    NotServed, OtherSourceIdentity, PackedTooLarge, TooManyPolicyArns,
};
use crate::domain::{Identity, Issue, RoleArn, check_identity_policy, check_tags};
use crate::limits::{CHAINED_ROLE_SESSION, DEFAULT_ROLE_SESSION, SESSION_POLICY_ARNS, SESSION_POLICY_SIZE};
use crate::state::roles::{self, Tag};
use crate::state::sessions::{self, AssumedRole, Terms};
use mesh_models::sts::{AssumeRoleError, AssumeRoleInput, AssumeRoleOutput, AssumedRoleUser};
use mesh_router::Context;
use mesh_types::{AccountId, UniverseHandle};
use smol_str::{SmolStr, format_smolstr};
use std::sync::Arc;
use std::time::Duration;

pub(crate) async fn run(cx: &Context, input: AssumeRoleInput) -> Result<AssumeRoleOutput, AssumeRoleError> {
    let AssumeRoleInput {
        role_arn,
        role_session_name,
        policy_arns,
        policy,
        duration_seconds,
        tags,
        transitive_tag_keys,
        external_id,
        serial_number,
        token_code,
        source_identity,
        provided_contexts,
        minimum_session_token_size,
    } = input;
    let text = |text: String| SmolStr::new(text);
    let tag = |tag: mesh_models::sts::Tag| Tag {
        key: tag.key.unwrap_or_default().into(),
        value: tag.value.unwrap_or_default().into(),
    };
    let terms = Terms {
        policy: policy.map(Into::into),
        policy_arns: policy_arns.into_iter().flatten().filter_map(|policy| policy.arn.map(text)).collect(),
        tags: tags.into_iter().flatten().map(tag).collect(),
        transitive_tag_keys: transitive_tag_keys.into_iter().flatten().map(text).collect(),
        external_id: external_id.map(text),
        contexts: provided_contexts
            .into_iter()
            .flatten()
            .map(|it| {
                (it.provider_arn.unwrap_or_default().into(), it.context_assertion.unwrap_or_default().into())
            })
            .collect(),
    };
    let role_arn = role_arn.unwrap_or_default();
    let wanted = RoleArn::parse(&role_arn)?;
    if minimum_session_token_size.is_some() {
        return Err(NotServed { what: "MinimumSessionTokenSize" }.into());
    }
    let packed_size = check_terms(&terms)?;
    let identity = Identity::of::<AssumeRoleError>(cx)?;
    let partition = cx.region().arn_partition();
    let may_not = || MayNotAssume { caller: identity.arn(partition), role: role_arn.clone() };
    let wanted = wanted.ok_or_else(may_not)?;
    if serial_number.is_some() || token_code.is_some() {
        return Err(NoSuchDevice.into());
    }
    let found = Found::of(cx, &wanted, &identity)?.ok_or_else(may_not)?;
    let lifetime = lifetime(duration_seconds, &found, &identity)?;
    let former = identity.role().and_then(|role| role.source_identity.clone());
    let source_identity = match (former, source_identity.map(text)) {
        (Some(former), Some(other)) if former != other => {
            return Err(OtherSourceIdentity { caller: identity.arn(partition), role: role_arn }.into());
        }
        (former, given) => given.or(former),
    };
    let session_name = role_session_name.unwrap_or_default().into();
    let role = Arc::new(AssumedRole {
        role_name: found.name,
        role_id: found.id,
        session_name,
        source_identity,
        terms,
    });
    let issue = Issue {
        account: wanted.account,
        universe: UniverseHandle::of(cx.universe().name().as_str()),
        now: cx.arrived_at(),
        lifetime,
        role: Some(Arc::clone(&role)),
    };
    let issued = cx.write(&sessions::key_of(cx, issue.account), |sessions, tx| {
        Ok::<_, AssumeRoleError>(sessions.issue(&issue, tx))
    })?;
    Ok(AssumeRoleOutput {
        credentials: Some(credentials(issued)),
        assumed_role_user: Some(AssumedRoleUser {
            assumed_role_id: Some(role.user_id()),
            arn: Some(role.arn(partition, issue.account)),
        }),
        packed_policy_size: packed_size,
        source_identity: role.source_identity.as_ref().map(ToString::to_string),
        session_token_utilization: None,
        session_token_size: None,
    })
}

/// The role that is assumed, as far as the session needs it.
struct Found {
    name: SmolStr,
    id: SmolStr,
    max_session_duration: u32,
}

impl Found {
    /// The role of this ARN, path included. `None` where the caller gets none.
    fn of(cx: &Context, wanted: &RoleArn, caller: &Identity) -> Result<Option<Self>, AssumeRoleError> {
        let role =
            cx.read(&roles::key_of(cx, wanted.account), |roles, _| roles.existing(&wanted.name).ok())?;
        if let Some(role) = role.filter(|role| role.path == wanted.path && role.name == wanted.name) {
            let (name, id) = (role.name.clone(), role.id.clone());
            return Ok(Some(Self { name, id, max_session_duration: role.max_session_duration }));
        }
        // A function's role is often a mere name in tests; whether it must exist is for its service to say.
        let is_service = matches!(caller, Identity::Service(_));
        Ok(is_service.then(|| Self {
            name: wanted.name.clone(),
            id: nominal_id(wanted.account),
            max_session_duration: DEFAULT_ROLE_SESSION,
        }))
    }
}

/// The unique id of a role that does not exist.
fn nominal_id(account: AccountId) -> SmolStr {
    format_smolstr!("AROA{account}AAAAA")
}

fn lifetime(seconds: Option<i32>, role: &Found, caller: &Identity) -> Result<Duration, AssumeRoleError> {
    let seconds = seconds.and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(DEFAULT_ROLE_SESSION);
    if caller.role().is_some() && seconds > CHAINED_ROLE_SESSION {
        return Err(LongerThanChain.into());
    }
    if seconds > role.max_session_duration {
        return Err(LongerThanRole.into());
    }
    Ok(Duration::from_secs(seconds.into()))
}

/// Checks what is packed into the session, and says how much of the space it takes, in percent.
fn check_terms(terms: &Terms) -> Result<Option<i32>, AssumeRoleError> {
    if terms.policy_arns.len() > SESSION_POLICY_ARNS {
        return Err(TooManyPolicyArns { limit: SESSION_POLICY_ARNS }.into());
    }
    if !check_tags(&terms.tags) {
        return Err(DuplicateSessionTag.into());
    }
    if let Some(policy) = &terms.policy {
        check_identity_policy(policy).map_err(|sentence| MalformedSessionPolicy { sentence })?;
    }
    if terms.policy.is_none() && terms.policy_arns.is_empty() && terms.tags.is_empty() {
        return Ok(None);
    }
    let of_tags = terms.tags.iter().map(|tag| tag.key.len() + tag.value.len());
    let of_arns = terms.policy_arns.iter().map(SmolStr::len);
    let size: usize = terms.policy.iter().map(|policy| policy.len()).chain(of_arns).chain(of_tags).sum();
    let percent = (size * 100).div_ceil(SESSION_POLICY_SIZE);
    match i32::try_from(percent) {
        Ok(percent) if percent <= 100 => Ok(Some(percent)),
        _ => Err(PackedTooLarge { percent }.into()),
    }
}
