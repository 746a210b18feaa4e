//! GetSMSAttributes: tells what holds for text messages of the account in the Region.
//! <https://docs.aws.amazon.com/sns/latest/api/API_GetSMSAttributes.html>
//! Done: attributes
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::texting;
use crate::state::texting::key;
use mesh_models::sns::{GetSMSAttributesError, GetSMSAttributesInput, GetSMSAttributesOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: GetSMSAttributesInput,
) -> Result<GetSMSAttributesOutput, GetSMSAttributesError> {
    let GetSMSAttributesInput { attributes: wanted } = input;
    let wanted = wanted.unwrap_or_default();
    let attributes = cx.read(&key(cx), |state, _| texting::shown(state.settings.get(), &wanted))?;
    Ok(GetSMSAttributesOutput { attributes: Some(attributes) })
}
