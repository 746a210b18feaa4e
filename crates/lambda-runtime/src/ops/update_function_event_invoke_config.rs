//! UpdateFunctionEventInvokeConfig: changes what becomes of a function's events.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionEventInvokeConfig.html>
//! Done: FunctionName Qualifier MaximumRetryAttempts MaximumEventAgeInSeconds DestinationConfig
//! Stored: -
//! Refused: -
//! Deviates: buckets and event buses are no destinations yet

use crate::domain::FunctionAddress;
use crate::domain::failure::NoEventConfig;
use crate::shapes::{DescribedEventConfig, event_config};
use crate::state::event_config::EventConfig;
use mesh_models::lambda::{
    UpdateFunctionEventInvokeConfigError, UpdateFunctionEventInvokeConfigInput,
    UpdateFunctionEventInvokeConfigOutput,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: UpdateFunctionEventInvokeConfigInput,
) -> Result<UpdateFunctionEventInvokeConfigOutput, UpdateFunctionEventInvokeConfigError> {
    let UpdateFunctionEventInvokeConfigInput {
        function_name,
        qualifier,
        maximum_retry_attempts,
        maximum_event_age_in_seconds,
        destination_config,
    } = input;
    let name = function_name.unwrap_or_default();
    let function = FunctionAddress::parse::<UpdateFunctionEventInvokeConfigError>(cx, &name, qualifier)?;
    let config = event_config::read::<UpdateFunctionEventInvokeConfigError>(
        &function,
        maximum_retry_attempts,
        maximum_event_age_in_seconds,
        destination_config,
    )?;
    let config = cx.write(&function.key, |state, tx| {
        let former = state.event_config.get().filter(|_| function.latest().is_ok());
        let former = former.cloned().ok_or_else(|| NoEventConfig::of(&function))?;
        let config = EventConfig {
            retries: config.retries.or(former.retries),
            age_seconds: config.age_seconds.or(former.age_seconds),
            on_success: config.on_success.clone().or(former.on_success),
            on_failure: config.on_failure.clone().or(former.on_failure),
            modified_at: tx.now(),
        };
        state.event_config.set(config.clone());
        Ok::<_, UpdateFunctionEventInvokeConfigError>(config)
    })?;
    Ok(DescribedEventConfig { function: &function, config: &config }.into())
}
