//! DeleteSMSSandboxPhoneNumber: takes a number out of the sandbox.
//! <https://docs.aws.amazon.com/sns/latest/api/API_DeleteSMSSandboxPhoneNumber.html>
//! Done: PhoneNumber
//! Stored: -
//! Refused: -
//! Deviates: at once; AWS has the caller wait a day

use crate::domain::failure::NoSuchNumber;
use crate::state::texting::key;
use mesh_models::sns::{
    DeleteSMSSandboxPhoneNumberError, DeleteSMSSandboxPhoneNumberInput, DeleteSMSSandboxPhoneNumberOutput,
};
use mesh_router::Context;
use smol_str::SmolStr;

pub(crate) async fn run(
    cx: &Context,
    input: DeleteSMSSandboxPhoneNumberInput,
) -> Result<DeleteSMSSandboxPhoneNumberOutput, DeleteSMSSandboxPhoneNumberError> {
    let DeleteSMSSandboxPhoneNumberInput { phone_number } = input;
    let number = SmolStr::new(phone_number.unwrap_or_default());
    cx.write(&key(cx), |state, _| {
        state.sandbox.remove(&number).ok_or(NoSuchNumber)?;
        Ok::<_, DeleteSMSSandboxPhoneNumberError>(())
    })?;
    Ok(DeleteSMSSandboxPhoneNumberOutput {})
}
