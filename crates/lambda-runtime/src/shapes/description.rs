//! A function's configuration as AWS's answers show it.

use crate::domain::{LATEST, Settings, Vpc};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mesh_models::lambda::{
    CreateFunctionOutput, DeadLetterConfig, EnvironmentResponse, EphemeralStorage, FunctionConfiguration,
    LoggingConfig, SnapStartResponse, TracingConfigResponse, UpdateFunctionCodeOutput,
    UpdateFunctionConfigurationOutput, VpcConfigResponse,
};

/// The function under the name and ARN that the caller sees.
pub(crate) struct Described<'a> {
    pub(crate) name: &'a str,
    pub(crate) arn: String,
    pub(crate) settings: &'a Settings,
}

/// The model has the same members in four structures.
macro_rules! described {
    ($($output:ident),* $(,)?) => {$(
        impl From<Described<'_>> for $output {
            fn from(described: Described<'_>) -> Self {
                let Described { name, arn, settings } = described;
                let text = |text: &str| Some(text.to_owned());
                Self {
                    function_name: text(name),
                    function_arn: Some(arn),
                    runtime: text(settings.runtime.as_str()),
                    role: text(&settings.role),
                    handler: text(&settings.handler),
                    code_size: i64::try_from(settings.code_size).ok(),
                    description: text(&settings.description),
                    timeout: i32::try_from(settings.timeout_seconds).ok(),
                    memory_size: i32::try_from(settings.memory).ok(),
                    last_modified: Some(crate::date::print(settings.modified_at)),
                    code_sha256: Some(STANDARD.encode(settings.code_digest)),
                    version: text(LATEST),
                    vpc_config: settings.vpc.as_ref().map(vpc),
                    dead_letter_config: settings.dead_letter_target.as_ref().map(|target| {
                        DeadLetterConfig { target_arn: text(target) }
                    }),
                    environment: environment(settings),
                    kms_key_arn: settings.kms_key.as_ref().map(ToString::to_string),
                    tracing_config: Some(TracingConfigResponse { mode: text(&settings.tracing) }),
                    revision_id: Some(crate::domain::revision_id(settings.revision)),
                    state: text("Active"),
                    last_update_status: text("Successful"),
                    package_type: text("Zip"),
                    architectures: Some(vec![settings.architecture.to_string()]),
                    ephemeral_storage: Some(EphemeralStorage { size: i32::try_from(settings.ephemeral_storage).ok() }),
                    snap_start: Some(SnapStartResponse {
                        apply_on: text(&settings.snap_start),
                        optimization_status: text("Off"),
                    }),
                    logging_config: Some(logging(name, settings)),
                    ..Self::default()
                }
            }
        }
    )*};
}

described!(
    CreateFunctionOutput,
    FunctionConfiguration,
    UpdateFunctionCodeOutput,
    UpdateFunctionConfigurationOutput,
);

fn vpc(vpc: &Vpc) -> VpcConfigResponse {
    let names = |names: &[smol_str::SmolStr]| Some(names.iter().map(ToString::to_string).collect());
    VpcConfigResponse {
        subnet_ids: names(&vpc.subnets),
        security_group_ids: names(&vpc.security_groups),
        // there is no network that it could be
        vpc_id: Some(String::new()),
        ipv6_allowed_for_dual_stack: Some(vpc.ipv6),
    }
}

fn environment(settings: &Settings) -> Option<EnvironmentResponse> {
    let of = |(name, value): (&smol_str::SmolStr, &smol_str::SmolStr)| (name.to_string(), value.to_string());
    let variables = settings.variables.as_ref()?.iter().map(of).collect();
    Some(EnvironmentResponse { variables: Some(variables), error: None })
}

fn logging(name: &str, settings: &Settings) -> LoggingConfig {
    let text = |text: &Option<smol_str::SmolStr>| text.as_ref().map(ToString::to_string);
    LoggingConfig {
        log_format: text(&settings.logging.format).or_else(|| Some("Text".to_owned())),
        application_log_level: text(&settings.logging.application_level),
        system_log_level: text(&settings.logging.system_level),
        log_group: Some(settings.log_group(name).to_string()),
    }
}
