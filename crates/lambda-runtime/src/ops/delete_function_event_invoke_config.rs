//! DeleteFunctionEventInvokeConfig: events of a function are treated as those of any other.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunctionEventInvokeConfig.html>
//! Done: FunctionName Qualifier
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::FunctionAddress;
use crate::domain::failure::NoEventConfig;
use mesh_models::lambda::{
    DeleteFunctionEventInvokeConfigError, DeleteFunctionEventInvokeConfigInput,
    DeleteFunctionEventInvokeConfigOutput,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: DeleteFunctionEventInvokeConfigInput,
) -> Result<DeleteFunctionEventInvokeConfigOutput, DeleteFunctionEventInvokeConfigError> {
    let DeleteFunctionEventInvokeConfigInput { function_name, qualifier } = input;
    let name = function_name.unwrap_or_default();
    let function = FunctionAddress::parse::<DeleteFunctionEventInvokeConfigError>(cx, &name, qualifier)?;
    cx.write(&function.key, |state, _| {
        if state.event_config.get().is_none() || function.latest().is_err() {
            return Err(DeleteFunctionEventInvokeConfigError::from(NoEventConfig::of(&function)));
        }
        state.event_config.clear();
        Ok(())
    })?;
    Ok(DeleteFunctionEventInvokeConfigOutput {})
}
