//! Data protection policies: kept, and not applied.

use super::failure::InvalidParameter;
use crate::limits::MAX_DATA_PROTECTION_POLICY_LENGTH;
use serde_json::{Map, Value};
use smol_str::SmolStr;

/// Checks the form of a policy; an empty text is none.
///
/// # Errors
/// A topic that can have none; a text that is too long, or no JSON object with a name, a version and statements.
pub fn check(text: &str, is_fifo: bool) -> Result<Option<SmolStr>, InvalidParameter> {
    const PARAMETER: &str = "DataProtectionPolicy";
    if text.is_empty() {
        return Ok(None);
    }
    if is_fifo {
        return Err(InvalidParameter::because(PARAMETER, "not supported for FIFO topics"));
    }
    if text.chars().count() > MAX_DATA_PROTECTION_POLICY_LENGTH {
        return Err(InvalidParameter::because(PARAMETER, "too long"));
    }
    let policy: Map<String, Value> = serde_json::from_str(text).map_err(|error| {
        InvalidParameter::because(PARAMETER, format_args!("failed to parse JSON. {error}"))
    })?;
    let has_text = |name: &str| policy.get(name).is_some_and(Value::is_string);
    let has_statements = policy.get("Statement").and_then(Value::as_array).is_some_and(|all| !all.is_empty());
    if !has_text("Name") || !has_text("Version") || !has_statements {
        return Err(InvalidParameter::because(PARAMETER, "Name, Version and Statement are required"));
    }
    Ok(Some(SmolStr::new(text)))
}
