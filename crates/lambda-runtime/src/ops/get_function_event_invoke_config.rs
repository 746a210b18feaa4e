//! GetFunctionEventInvokeConfig: what becomes of a function's events.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionEventInvokeConfig.html>
//! Done: FunctionName Qualifier
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::FunctionAddress;
use crate::domain::failure::NoEventConfig;
use crate::shapes::DescribedEventConfig;
use mesh_models::lambda::{
    GetFunctionEventInvokeConfigError, GetFunctionEventInvokeConfigInput, GetFunctionEventInvokeConfigOutput,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: GetFunctionEventInvokeConfigInput,
) -> Result<GetFunctionEventInvokeConfigOutput, GetFunctionEventInvokeConfigError> {
    let GetFunctionEventInvokeConfigInput { function_name, qualifier } = input;
    let name = function_name.unwrap_or_default();
    let function = FunctionAddress::parse::<GetFunctionEventInvokeConfigError>(cx, &name, qualifier)?;
    let config = cx.read(&function.key, |state, _| state.event_config.get_shared())?;
    let config = config.filter(|_| function.latest().is_ok());
    let config = config.ok_or_else(|| NoEventConfig::of(&function))?;
    Ok(DescribedEventConfig { function: &function, config: &config }.into())
}
