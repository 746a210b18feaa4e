//! One file an operation: its head says what is done with each of its members.

pub mod add_permission;
pub mod create_event_source_mapping;
pub mod create_function;
pub mod delete_event_source_mapping;
pub mod delete_function;
pub mod delete_function_event_invoke_config;
pub mod get_event_source_mapping;
pub mod get_function;
pub mod get_function_event_invoke_config;
pub mod get_policy;
pub mod invoke;
pub mod list_event_source_mappings;
pub mod list_function_event_invoke_configs;
pub mod list_functions;
pub mod put_function_event_invoke_config;
pub mod update_event_source_mapping;
pub mod update_function_code;
pub mod update_function_configuration;
pub mod update_function_event_invoke_config;

use crate::domain::failure::InvalidParameter;
use crate::domain::{Archive, FunctionAddress, LATEST};
use crate::limits::TAGS;
use mesh_router::Context;
use mesh_types::Need;
use mesh_wire::Map;
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::time::Duration;

/// Checks an archive off the threads that answer requests: a large one takes a second.
async fn check_archive(bytes: &[u8]) -> Result<(), InvalidParameter> {
    /// Archives that are checked on the spot.
    const SMALL: usize = 64 * 1024;
    if bytes.len() <= SMALL && bytes.len() >= 2 {
        return Archive::check(bytes);
    }
    let owned = bytes.to_vec();
    let checked = tokio::task::spawn_blocking(move || Archive::check(&owned)).await;
    checked.unwrap_or_else(|_| {
        Err(InvalidParameter { sentence: "The archive could not be checked.".to_owned() })
    })
}

/// The tags of something new.
fn checked_tags(tags: Map<String>) -> Result<BTreeMap<SmolStr, SmolStr>, InvalidParameter> {
    if tags.len() > TAGS {
        return Err(InvalidParameter { sentence: "Number of tags exceeds resource tag limit.".to_owned() });
    }
    Ok(tags.into_iter().map(|(key, value)| (SmolStr::new(key), SmolStr::new(value))).collect())
}

/// How long a function may run that is to get the messages of a queue.
///
/// # Errors
/// There is none.
fn mapped_function<E: From<InvalidParameter> + From<Need>>(
    cx: &Context,
    function: &FunctionAddress,
) -> Result<Duration, E> {
    let is_latest = function.qualifier.as_deref().is_none_or(|qualifier| qualifier == LATEST);
    let timeout =
        cx.read(&function.key, |state, _| state.settings.get().map(|settings| settings.timeout()))?;
    timeout.filter(|_| is_latest).ok_or_else(|| {
        InvalidParameter { sentence: format!("Function not found: {}", function.qualified_arn()) }.into()
    })
}
