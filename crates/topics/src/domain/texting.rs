//! Text messages: numbers, and what an account sets for them.

use super::endpoint::is_phone_number;
use super::failure::InvalidParameter;
use crate::state::texting::TextingSettings;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// What can be set.
const NAMES: [&str; 6] = [
    "DefaultSMSType",
    "DefaultSenderID",
    "DeliveryStatusIAMRole",
    "DeliveryStatusSuccessSamplingRate",
    "MonthlySpendLimit",
    "UsageReportS3Bucket",
];

/// Checks a number.
///
/// # Errors
/// A text that is none.
pub fn check_number(text: &str) -> Result<SmolStr, InvalidParameter> {
    if is_phone_number(text) {
        return Ok(SmolStr::new(text));
    }
    Err(InvalidParameter::because("PhoneNumber", "input incorrectly formatted"))
}

/// Checks an attribute.
///
/// # Errors
/// One that there is not; a value that it cannot have.
pub fn check(name: &str, value: &str) -> Result<(), InvalidParameter> {
    let wrong = |reason: String| Err(InvalidParameter::because(name, reason));
    match name {
        name if !NAMES.contains(&name) => {
            return Err(InvalidParameter::of(format_args!("{name} is not a valid attribute")));
        }
        "DefaultSMSType" if !matches!(value, "Promotional" | "Transactional") => {
            return wrong(format!("{value} must be Promotional or Transactional"));
        }
        "DefaultSenderID"
            if value.is_empty()
                || value.len() > 11
                || !value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') =>
        {
            return wrong("must be 1 to 11 letters, digits or hyphens".to_owned());
        }
        "DeliveryStatusSuccessSamplingRate" if value.parse().map_or(true, |rate: u8| rate > 100) => {
            return wrong("must be an integer between 0 and 100".to_owned());
        }
        "MonthlySpendLimit" if value.parse::<u32>().is_err() => {
            return wrong("must be a number of US dollars".to_owned());
        }
        _ => {}
    }
    Ok(())
}

/// The attributes that are answered: those that were set, and the limit that everyone has.
pub fn shown(settings: Option<&TextingSettings>, wanted: &[String]) -> BTreeMap<String, String> {
    let mut shown: BTreeMap<String, String> = settings
        .into_iter()
        .flat_map(|settings| &settings.0)
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect();
    // recordings/sns.json::test_get_sms_attributes_from_unmodified_region
    shown.entry("MonthlySpendLimit".to_owned()).or_insert_with(|| "1".to_owned());
    shown.retain(|name, _| wanted.is_empty() || wanted.contains(name));
    shown
}
