//! VerifySMSSandboxPhoneNumber: takes the password back that was sent to a number.
//! <https://docs.aws.amazon.com/sns/latest/api/API_VerifySMSSandboxPhoneNumber.html>
//! Done: PhoneNumber OneTimePassword
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::failure::{NoSuchNumber, WrongPassword};
use crate::state::texting::{SandboxNumber, key};
use mesh_models::sns::{
    VerifySMSSandboxPhoneNumberError, VerifySMSSandboxPhoneNumberInput, VerifySMSSandboxPhoneNumberOutput,
};
use mesh_router::Context;
use smol_str::SmolStr;

pub(crate) async fn run(
    cx: &Context,
    input: VerifySMSSandboxPhoneNumberInput,
) -> Result<VerifySMSSandboxPhoneNumberOutput, VerifySMSSandboxPhoneNumberError> {
    let VerifySMSSandboxPhoneNumberInput { phone_number, one_time_password } = input;
    let (number, sent_back) =
        (SmolStr::new(phone_number.unwrap_or_default()), one_time_password.unwrap_or_default());
    cx.write(&key(cx), |state, _| {
        let found = state.sandbox.get(&number).ok_or(NoSuchNumber)?;
        if found.password.as_ref().is_some_and(|password| *password != sent_back) {
            return Err(VerifySMSSandboxPhoneNumberError::from(WrongPassword));
        }
        state.sandbox.insert(number.clone(), SandboxNumber { password: None });
        Ok(())
    })?;
    Ok(VerifySMSSandboxPhoneNumberOutput {})
}
