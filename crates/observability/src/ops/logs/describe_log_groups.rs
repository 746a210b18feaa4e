//! DescribeLogGroups: lists the log groups of the account in the Region, by name.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html>
//! Done: logGroupNamePrefix logGroupNamePattern logGroupIdentifiers logGroupClass nextToken limit includeLinkedAccounts
//! Stored: -
//! Refused: accountIdentifiers
//! Deviates: no account is linked to another

use crate::domain::failure::{NotServed, PrefixAndPattern};
use crate::domain::{GroupAddress, Page, name_of};
use crate::state::directory;
use mesh_models::logs::{DescribeLogGroupsError, DescribeLogGroupsInput, DescribeLogGroupsOutput, LogGroup};
use mesh_router::Context;
use smol_str::SmolStr;
use std::collections::BTreeSet;

pub(crate) async fn run(
    cx: &Context,
    input: DescribeLogGroupsInput,
) -> Result<DescribeLogGroupsOutput, DescribeLogGroupsError> {
    let DescribeLogGroupsInput {
        account_identifiers,
        log_group_name_prefix,
        log_group_name_pattern,
        next_token,
        limit,
        // No account is linked, so that there is nothing to include.
        include_linked_accounts: _,
        log_group_class,
        log_group_identifiers,
    } = input;
    if account_identifiers.is_some_and(|accounts| !accounts.is_empty()) {
        return Err(NotServed { what: "accountIdentifiers" }.into());
    }
    if log_group_name_prefix.is_some() && log_group_name_pattern.is_some() {
        return Err(PrefixAndPattern.into());
    }
    let page = Page::parse(next_token.as_deref(), limit)?;
    let prefix = SmolStr::new(log_group_name_prefix.unwrap_or_default());
    let named: Option<BTreeSet<SmolStr>> =
        log_group_identifiers.map(|all| all.iter().filter_map(|one| name_of(cx, one).ok()).collect());
    // The whole list is shared, not copied, and walked outside the lock.
    let groups = cx.read(&directory::key(cx), |directory, _| directory.groups.snapshot())?;
    let begin = page.after.clone().unwrap_or_default().max(prefix.clone());
    let behind = groups.range(begin..).take_while(|(name, _)| name.starts_with(prefix.as_str()));
    let wanted = behind.filter(|(name, entry)| {
        page.after.as_ref() != Some(*name)
            && log_group_name_pattern.as_ref().is_none_or(|pattern| name.contains(pattern.as_str()))
            && log_group_class.as_ref().is_none_or(|class| entry.class == class.as_str())
            && named.as_ref().is_none_or(|named| named.contains(*name))
    });
    let is_brief = log_group_name_pattern.is_some();
    let (names, next_token) = page.cut(wanted.map(|(name, _)| (name.clone(), name.clone())));
    let mut log_groups = Vec::with_capacity(names.len());
    for name in names {
        log_groups.extend(show(cx, &GroupAddress::of_name(cx, name), is_brief)?);
    }
    Ok(DescribeLogGroupsOutput { log_groups: Some(log_groups), next_token })
}

/// A group as it is answered, in brief when it was looked for by a pattern
/// (recordings/logs.json::test_list_log_groups_with_pattern); nothing where it was deleted meanwhile.
fn show(
    cx: &Context,
    group: &GroupAddress,
    is_brief: bool,
) -> Result<Option<LogGroup>, DescribeLogGroupsError> {
    let read = cx.read(&group.key, |state, _| {
        Some((state.settings.get_shared()?, state.counts.get().map_or(0, |counts| counts.bytes)))
    })?;
    let Some((settings, bytes)) = read else { return Ok(None) };
    let arn = group.arn();
    let shown = LogGroup {
        log_group_name: Some(group.name().to_string()),
        creation_time: Some(settings.created_at.as_millis()),
        metric_filter_count: Some(0),
        arn: Some(format!("{arn}:*")),
        log_group_arn: Some(arn.to_string()),
        log_group_class: Some(settings.class.to_string()),
        ..LogGroup::default()
    };
    if is_brief {
        return Ok(Some(shown));
    }
    Ok(Some(LogGroup {
        stored_bytes: i64::try_from(bytes).ok(),
        kms_key_id: settings.kms_key_id.as_ref().map(ToString::to_string),
        deletion_protection_enabled: settings.deletion_protection,
        ..shown
    }))
}
