//! SetSMSAttributes: sets what holds for text messages of the account in the Region.
//! <https://docs.aws.amazon.com/sns/latest/api/API_SetSMSAttributes.html>
//! Done: -
//! Stored: attributes
//! Refused: -
//! Deviates: -

use crate::domain::texting;
use crate::state::texting::key;
use mesh_models::sns::{SetSMSAttributesError, SetSMSAttributesInput, SetSMSAttributesOutput};
use mesh_router::Context;
use smol_str::SmolStr;

pub(crate) async fn run(
    cx: &Context,
    input: SetSMSAttributesInput,
) -> Result<SetSMSAttributesOutput, SetSMSAttributesError> {
    let SetSMSAttributesInput { attributes } = input;
    let set = attributes.unwrap_or_default();
    for (name, value) in &set {
        texting::check(name, value)?;
    }
    cx.write(&key(cx), |state, _| {
        let mut settings = state.settings.get().cloned().unwrap_or_default();
        settings.0.extend(set.iter().map(|(name, value)| (SmolStr::new(name), SmolStr::new(value))));
        state.settings.set(settings);
        Ok::<_, SetSMSAttributesError>(())
    })?;
    Ok(SetSMSAttributesOutput {})
}
