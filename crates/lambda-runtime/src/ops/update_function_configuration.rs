//! UpdateFunctionConfiguration: changes a function's settings; its environments end with what they do.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html>
//! Done: FunctionName Role Handler Description Timeout MemorySize Environment Runtime RevisionId EphemeralStorage DeadLetterConfig
//! Stored: VpcConfig KMSKeyArn TracingConfig SnapStart LoggingConfig
//! Refused: Layers FileSystemConfigs ImageConfig CapacityProviderConfig DurableConfig RuntimeConfig AcceleratorConfig
//! Deviates: the update is Successful at once, where AWS answers InProgress first; of LoggingConfig the group has effect; EphemeralStorage has effect where functions see a /tmp of their own

use crate::domain::FunctionAddress;
use crate::sandbox::Sandboxes;
use crate::shapes::{Configuration, Described};
use mesh_models::lambda::{
    UpdateFunctionConfigurationError, UpdateFunctionConfigurationInput, UpdateFunctionConfigurationOutput,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: UpdateFunctionConfigurationInput,
) -> Result<UpdateFunctionConfigurationOutput, UpdateFunctionConfigurationError> {
    let UpdateFunctionConfigurationInput {
        function_name,
        role,
        handler,
        description,
        timeout,
        memory_size,
        vpc_config,
        environment,
        runtime,
        dead_letter_config,
        kms_key_arn,
        tracing_config,
        revision_id,
        layers,
        file_system_configs,
        image_config,
        ephemeral_storage,
        snap_start,
        logging_config,
        capacity_provider_config,
        durable_config,
        runtime_config,
        accelerator_config,
    } = input;
    type Failed = UpdateFunctionConfigurationError;
    let function = FunctionAddress::parse::<Failed>(cx, &function_name.unwrap_or_default(), None)?;
    let configuration = Configuration {
        role,
        runtime,
        handler,
        description,
        timeout,
        memory_size,
        ephemeral_storage,
        environment,
        kms_key_arn,
        tracing_config,
        snap_start,
        dead_letter_config,
        vpc_config,
        logging_config,
        layers,
        file_system_configs,
        image_config,
        capacity_provider_config,
        durable_config,
        runtime_config,
        accelerator_config,
    };
    let change = configuration.check::<Failed>()?;
    let settings = cx.write(&function.key, |state, tx| {
        let configured = state.configure(&change, revision_id.as_deref(), tx);
        configured.unwrap_or_else(|| Err(Failed::from(function.missing())))
    })?;
    Sandboxes::of(cx).retire(&function.key);
    Ok(Described { name: function.name(), arn: function.arn(), settings: &settings }.into())
}
