//! UpdateFunctionConfiguration: changes a function's settings; its environments end with what they do.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html>
//! Done: FunctionName Role Handler Description Timeout MemorySize Environment Runtime RevisionId
//! Stored: VpcConfig DeadLetterConfig KMSKeyArn TracingConfig EphemeralStorage SnapStart LoggingConfig
//! Refused: Layers FileSystemConfigs ImageConfig CapacityProviderConfig DurableConfig RuntimeConfig AcceleratorConfig
//! Deviates: the update is Successful at once, where AWS answers InProgress first; of LoggingConfig the group has effect

use crate::domain::{Change, FunctionAddress, Runtime, memory, timeout};
use crate::sandbox::Sandboxes;
use crate::shapes::{Described, members, refuse};
use mesh_models::lambda::{
    EphemeralStorage, UpdateFunctionConfigurationError, UpdateFunctionConfigurationInput,
    UpdateFunctionConfigurationOutput,
};
use mesh_router::Context;
use smol_str::SmolStr;

pub(crate) async fn run(
    cx: &Context,
    input: UpdateFunctionConfigurationInput,
) -> Result<UpdateFunctionConfigurationOutput, UpdateFunctionConfigurationError> {
    let UpdateFunctionConfigurationInput {
        function_name,
        role,
        handler,
        description,
        timeout: seconds,
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
    members::additions(layers.as_ref(), file_system_configs.as_ref())?;
    refuse(image_config.as_ref(), "ImageConfig yet: send a zip archive")?;
    refuse(capacity_provider_config.as_ref(), "CapacityProviderConfig yet")?;
    refuse(durable_config.as_ref(), "DurableConfig yet")?;
    refuse(runtime_config.as_ref(), "RuntimeConfig yet")?;
    refuse(accelerator_config.as_ref(), "AcceleratorConfig yet")?;
    let change = Change {
        role: role.map(SmolStr::new),
        runtime: runtime.as_deref().map(Runtime::parse).transpose()?,
        handler: handler.map(SmolStr::new),
        description: description.map(SmolStr::new),
        timeout_seconds: seconds.map(timeout).transpose()?,
        memory: memory_size.map(memory).transpose()?,
        ephemeral_storage: ephemeral_storage.and_then(|EphemeralStorage { size }| u32::try_from(size?).ok()),
        variables: environment.map(members::variables).transpose()?,
        kms_key: kms_key_arn.map(SmolStr::new),
        tracing: tracing_config.and_then(members::tracing),
        snap_start: snap_start.and_then(members::snap_start),
        dead_letter_target: dead_letter_config.map(members::dead_letter),
        vpc: vpc_config.map(members::vpc),
        logging: logging_config.map(members::logging),
    };
    let settings = cx.write(&function.key, |state, tx| {
        let configured = state.configure(&change, revision_id.as_deref(), tx);
        configured.unwrap_or_else(|| Err(Failed::from(function.missing())))
    })?;
    Sandboxes::of(cx).retire(&function.key);
    Ok(Described { name: function.name(), arn: function.arn(), settings: &settings }.into())
}
