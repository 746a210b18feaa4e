//! What becomes of a function's events, from the wire and to it.

use crate::domain::failure::{InvalidParameter, NotServed};
use crate::domain::{FunctionAddress, LATEST, is_served};
use crate::state::event_config::EventConfig;
use mesh_models::lambda::{
    DestinationConfig, FunctionEventInvokeConfig, GetFunctionEventInvokeConfigOutput, OnFailure, OnSuccess,
    PutFunctionEventInvokeConfigOutput, UpdateFunctionEventInvokeConfigOutput,
};
use mesh_types::Timestamp;
use mesh_wire::DateTime;
use smol_str::SmolStr;

/// The members that putting and updating share; what is absent is not set.
pub(crate) fn read<E: From<InvalidParameter> + From<NotServed>>(
    function: &FunctionAddress,
    retries: Option<i32>,
    age_seconds: Option<i32>,
    destinations: Option<DestinationConfig>,
) -> Result<EventConfig, E> {
    if retries.is_none() && age_seconds.is_none() && destinations.is_none() {
        let sentence = "You must specify at least one of error handling or destination setting.".to_owned();
        return Err(InvalidParameter { sentence }.into());
    }
    let DestinationConfig { on_success, on_failure } = destinations.unwrap_or_default();
    let on_success = on_success.and_then(|OnSuccess { destination }| destination);
    let on_failure = on_failure.and_then(|OnFailure { destination }| destination);
    let number = |value: Option<i32>| value.and_then(|value| u32::try_from(value).ok());
    Ok(EventConfig {
        retries: number(retries),
        age_seconds: number(age_seconds),
        on_success: destination::<E>(function, on_success)?,
        on_failure: destination::<E>(function, on_failure)?,
        modified_at: Timestamp::EPOCH,
    })
}

fn destination<E: From<InvalidParameter> + From<NotServed>>(
    function: &FunctionAddress,
    arn: Option<String>,
) -> Result<Option<SmolStr>, E> {
    let Some(arn) = arn.filter(|arn| !arn.is_empty()) else { return Ok(None) };
    if arn == function.arn() || arn == format!("{}:{LATEST}", function.arn()) {
        let sentence = "You can't specify the function as a destination for itself.".to_owned();
        return Err(InvalidParameter { sentence }.into());
    }
    if !is_served(&arn) {
        return Err(NotServed { what: "this destination yet: name a queue, a topic or a function" }.into());
    }
    Ok(Some(arn.into()))
}

/// What was set for a function.
pub(crate) struct DescribedEventConfig<'a> {
    pub(crate) function: &'a FunctionAddress,
    pub(crate) config: &'a EventConfig,
}

/// The model has the same members in four structures.
macro_rules! described {
    ($($output:ident),* $(,)?) => {$(
        impl From<DescribedEventConfig<'_>> for $output {
            fn from(described: DescribedEventConfig<'_>) -> Self {
                let DescribedEventConfig { function, config } = described;
                let EventConfig { retries, age_seconds, on_success, on_failure, modified_at } = config;
                let number = |value: u32| i32::try_from(value).ok();
                let text = |arn: &Option<SmolStr>| arn.as_ref().map(ToString::to_string);
                Self {
                    last_modified: Some(DateTime::from_secs(modified_at.as_secs())),
                    function_arn: Some(format!("{}:{LATEST}", function.arn())),
                    maximum_retry_attempts: retries.and_then(number),
                    maximum_event_age_in_seconds: age_seconds.and_then(number),
                    destination_config: Some(DestinationConfig {
                        on_success: Some(OnSuccess { destination: text(on_success) }),
                        on_failure: Some(OnFailure { destination: text(on_failure) }),
                    }),
                }
            }
        }
    )*};
}

described! {
    FunctionEventInvokeConfig,
    GetFunctionEventInvokeConfigOutput,
    PutFunctionEventInvokeConfigOutput,
    UpdateFunctionEventInvokeConfigOutput,
}
