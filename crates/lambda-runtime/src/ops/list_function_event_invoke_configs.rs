//! ListFunctionEventInvokeConfigs: what becomes of the events of a function, for each version or alias for which it was set.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctionEventInvokeConfigs.html>
//! Done: FunctionName Marker MaxItems
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::FunctionAddress;
use crate::domain::failure::NoFunction;
use crate::shapes::DescribedEventConfig;
use mesh_models::lambda::{
    ListFunctionEventInvokeConfigsError, ListFunctionEventInvokeConfigsInput,
    ListFunctionEventInvokeConfigsOutput,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: ListFunctionEventInvokeConfigsInput,
) -> Result<ListFunctionEventInvokeConfigsOutput, ListFunctionEventInvokeConfigsError> {
    // there is one at most, so there is never a second page
    let ListFunctionEventInvokeConfigsInput { function_name, marker: _, max_items: _ } = input;
    let name = function_name.unwrap_or_default();
    let function = FunctionAddress::parse::<ListFunctionEventInvokeConfigsError>(cx, &name, None)?;
    let (exists, config) =
        cx.read(&function.key, |state, _| (state.exists(), state.event_config.get_shared()))?;
    if !exists {
        return Err(NoFunction.into());
    }
    let describe = |config| DescribedEventConfig { function: &function, config }.into();
    Ok(ListFunctionEventInvokeConfigsOutput {
        function_event_invoke_configs: Some(config.as_deref().map(describe).into_iter().collect()),
        next_marker: None,
    })
}
