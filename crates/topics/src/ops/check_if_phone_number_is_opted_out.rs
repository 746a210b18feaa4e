//! CheckIfPhoneNumberIsOptedOut: tells whether a number wants no messages.
//! <https://docs.aws.amazon.com/sns/latest/api/API_CheckIfPhoneNumberIsOptedOut.html>
//! Done: phoneNumber
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::texting::check_number;
use crate::state::texting::key;
use mesh_models::sns::{
    CheckIfPhoneNumberIsOptedOutError, CheckIfPhoneNumberIsOptedOutInput, CheckIfPhoneNumberIsOptedOutOutput,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: CheckIfPhoneNumberIsOptedOutInput,
) -> Result<CheckIfPhoneNumberIsOptedOutOutput, CheckIfPhoneNumberIsOptedOutError> {
    let CheckIfPhoneNumberIsOptedOutInput { phone_number } = input;
    let number = check_number(&phone_number.unwrap_or_default())?;
    let is_opted_out = cx.read(&key(cx), |state, _| state.opted_out.get(&number).is_some())?;
    Ok(CheckIfPhoneNumberIsOptedOutOutput { is_opted_out: Some(is_opted_out) })
}
