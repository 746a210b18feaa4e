//! PutFunctionEventInvokeConfig: sets what becomes of a function's events, in place of what was set before.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html>
//! Done: FunctionName Qualifier MaximumRetryAttempts MaximumEventAgeInSeconds DestinationConfig
//! Stored: -
//! Refused: -
//! Deviates: buckets and event buses are no destinations yet

use crate::domain::FunctionAddress;
use crate::domain::failure::NoFunction;
use crate::shapes::{DescribedEventConfig, event_config};
use crate::state::event_config::EventConfig;
use mesh_models::lambda::{
    PutFunctionEventInvokeConfigError, PutFunctionEventInvokeConfigInput, PutFunctionEventInvokeConfigOutput,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: PutFunctionEventInvokeConfigInput,
) -> Result<PutFunctionEventInvokeConfigOutput, PutFunctionEventInvokeConfigError> {
    let PutFunctionEventInvokeConfigInput {
        function_name,
        qualifier,
        maximum_retry_attempts,
        maximum_event_age_in_seconds,
        destination_config,
    } = input;
    let name = function_name.unwrap_or_default();
    let function = FunctionAddress::parse::<PutFunctionEventInvokeConfigError>(cx, &name, qualifier)?;
    let config = event_config::read::<PutFunctionEventInvokeConfigError>(
        &function,
        maximum_retry_attempts,
        maximum_event_age_in_seconds,
        destination_config,
    )?;
    function.latest()?;
    let config = cx.write(&function.key, |state, tx| {
        if !state.exists() {
            return Err(PutFunctionEventInvokeConfigError::from(NoFunction));
        }
        let config = EventConfig { modified_at: tx.now(), ..config.clone() };
        state.event_config.set(config.clone());
        Ok(config)
    })?;
    Ok(DescribedEventConfig { function: &function, config: &config }.into())
}
