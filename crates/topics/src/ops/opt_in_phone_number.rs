//! OptInPhoneNumber: has a number that wanted no messages receive them again.
//! <https://docs.aws.amazon.com/sns/latest/api/API_OptInPhoneNumber.html>
//! Done: phoneNumber
//! Stored: -
//! Refused: -
//! Deviates: as often as one likes; AWS allows it once in thirty days

use crate::domain::texting::check_number;
use crate::state::texting::key;
use mesh_models::sns::{OptInPhoneNumberError, OptInPhoneNumberInput, OptInPhoneNumberOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: OptInPhoneNumberInput,
) -> Result<OptInPhoneNumberOutput, OptInPhoneNumberError> {
    let OptInPhoneNumberInput { phone_number } = input;
    let number = check_number(&phone_number.unwrap_or_default())?;
    cx.write(&key(cx), |state, _| {
        state.opted_out.remove(&number);
        Ok::<_, OptInPhoneNumberError>(())
    })?;
    Ok(OptInPhoneNumberOutput {})
}
