//! The configuration that CreateFunction and UpdateFunctionConfiguration have in common.

use super::members::{self, refuse};
use crate::domain::failure::{InvalidParameter, NotServed, TooGreat};
use crate::domain::{Change, Runtime, memory, timeout};
use mesh_models::lambda::{
    AcceleratorConfig, CapacityProviderConfig, DeadLetterConfig, DurableConfig, Environment,
    EphemeralStorage, FileSystemConfig, FunctionRuntimeConfig, ImageConfig, LoggingConfig, SnapStart,
    TracingConfig, VpcConfig,
};
use smol_str::SmolStr;

/// The members as they came.
pub(crate) struct Configuration {
    pub(crate) role: Option<String>,
    pub(crate) runtime: Option<String>,
    pub(crate) handler: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) timeout: Option<i32>,
    pub(crate) memory_size: Option<i32>,
    pub(crate) ephemeral_storage: Option<EphemeralStorage>,
    pub(crate) environment: Option<Environment>,
    pub(crate) kms_key_arn: Option<String>,
    pub(crate) tracing_config: Option<TracingConfig>,
    pub(crate) snap_start: Option<SnapStart>,
    pub(crate) dead_letter_config: Option<DeadLetterConfig>,
    pub(crate) vpc_config: Option<VpcConfig>,
    pub(crate) logging_config: Option<LoggingConfig>,
    pub(crate) layers: Option<Vec<String>>,
    pub(crate) file_system_configs: Option<Vec<FileSystemConfig>>,
    pub(crate) image_config: Option<ImageConfig>,
    pub(crate) capacity_provider_config: Option<CapacityProviderConfig>,
    pub(crate) durable_config: Option<DurableConfig>,
    pub(crate) runtime_config: Option<FunctionRuntimeConfig>,
    pub(crate) accelerator_config: Option<AcceleratorConfig>,
}

impl Configuration {
    /// What is to be set.
    ///
    /// # Errors
    /// What mesh-local does not serve; a value that AWS refuses.
    pub(crate) fn check<E>(self) -> Result<Change, E>
    where
        E: From<NotServed> + From<InvalidParameter> + From<TooGreat>,
    {
        let Self {
            role,
            runtime,
            handler,
            description,
            timeout: seconds,
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
        } = self;
        members::additions(layers.as_ref(), file_system_configs.as_ref())?;
        refuse(image_config.as_ref(), "ImageConfig yet: send a zip archive")?;
        refuse(capacity_provider_config.as_ref(), "CapacityProviderConfig yet")?;
        refuse(durable_config.as_ref(), "DurableConfig yet")?;
        refuse(runtime_config.as_ref(), "RuntimeConfig yet")?;
        refuse(accelerator_config.as_ref(), "AcceleratorConfig yet")?;
        Ok(Change {
            role: role.map(SmolStr::new),
            runtime: runtime.as_deref().map(Runtime::parse).transpose()?,
            handler: handler.map(SmolStr::new),
            description: description.map(SmolStr::new),
            timeout_seconds: seconds.map(timeout).transpose()?,
            memory: memory_size.map(memory).transpose()?,
            ephemeral_storage: ephemeral_storage
                .and_then(|EphemeralStorage { size }| u32::try_from(size?).ok()),
            variables: environment.map(members::variables).transpose()?,
            kms_key: kms_key_arn.map(SmolStr::new),
            tracing: tracing_config.and_then(members::tracing),
            snap_start: snap_start.and_then(members::snap_start),
            dead_letter_target: dead_letter_config.map(members::dead_letter),
            vpc: vpc_config.map(members::vpc),
            logging: logging_config.map(members::logging),
        })
    }
}
