//! CreateLogGroup: makes a log group.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html>
//! Done: logGroupName logGroupClass deletionProtectionEnabled
//! Stored: kmsKeyId tags
//! Refused: -
//! Deviates: that the key exists is not checked; a class has no effect

use crate::domain::GroupAddress;
use crate::domain::failure::TooMany;
use crate::limits::GROUPS;
use crate::state::directory::{self, Directory, Entry};
use crate::state::log_group::Settings;
use mesh_models::logs::{CreateLogGroupError, CreateLogGroupInput, CreateLogGroupOutput};
use mesh_router::Context;
use mesh_types::Timestamp;
use smol_str::SmolStr;

/// The class of a group that names none.
const STANDARD: &str = "STANDARD";

pub(crate) async fn run(
    cx: &Context,
    input: CreateLogGroupInput,
) -> Result<CreateLogGroupOutput, CreateLogGroupError> {
    let CreateLogGroupInput {
        log_group_name,
        kms_key_id,
        tags,
        log_group_class,
        deletion_protection_enabled,
    } = input;
    let group = GroupAddress::of_name(cx, log_group_name.unwrap_or_default());
    let class = SmolStr::new(log_group_class.as_deref().unwrap_or(STANDARD));
    let tags = tags.into_iter().flatten().map(|(key, value)| (key.into(), value.into())).collect();
    let settings = Settings {
        created_at: Timestamp::EPOCH,
        class: class.clone(),
        kms_key_id: kms_key_id.as_deref().map(SmolStr::new),
        tags,
        deletion_protection: deletion_protection_enabled,
    };
    cx.write(&group.key, |state, tx| {
        state.create(Settings { created_at: tx.now(), ..settings.clone() })?;
        tx.on(&directory::key(cx), |directory: &mut Directory, _| {
            if directory.groups.len() >= GROUPS {
                return Err(TooMany.into());
            }
            directory.groups.insert(group.name().clone(), Entry { class: class.clone() });
            Ok::<_, CreateLogGroupError>(())
        })?
    })?;
    Ok(CreateLogGroupOutput {})
}
