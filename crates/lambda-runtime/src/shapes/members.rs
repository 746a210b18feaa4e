//! Members that several operations have, from the wire to the domain.

use crate::domain::failure::{InvalidParameter, NotServed};
use crate::domain::{Logging, Variables, Vpc};
use mesh_models::lambda::{
    DeadLetterConfig, Environment, FileSystemConfig, FunctionCode, LoggingConfig, SnapStart, TracingConfig,
    VpcConfig,
};
use smol_str::SmolStr;

/// Refuses a member that is there.
pub(crate) fn refuse<T>(member: Option<&T>, what: &'static str) -> Result<(), NotServed> {
    if member.is_some() { Err(NotServed { what }) } else { Ok(()) }
}

pub(crate) fn variables(environment: Environment) -> Result<Variables, InvalidParameter> {
    let Environment { variables } = environment;
    Variables::check(variables.unwrap_or_default())
}

pub(crate) fn vpc(config: VpcConfig) -> Vpc {
    let VpcConfig { subnet_ids, security_group_ids, ipv6_allowed_for_dual_stack } = config;
    let names =
        |names: Option<Vec<String>>| names.unwrap_or_default().into_iter().map(SmolStr::new).collect();
    Vpc {
        subnets: names(subnet_ids),
        security_groups: names(security_group_ids),
        ipv6: ipv6_allowed_for_dual_stack.unwrap_or_default(),
    }
}

pub(crate) fn logging(config: LoggingConfig) -> Logging {
    let LoggingConfig { log_format, application_log_level, system_log_level, log_group } = config;
    let is_json = log_format.as_deref() == Some("JSON");
    let level =
        |level: Option<String>| level.map(SmolStr::new).or(is_json.then(|| SmolStr::new_static("INFO")));
    Logging {
        application_level: level(application_log_level),
        system_level: level(system_log_level),
        format: log_format.map(SmolStr::new),
        group: log_group.map(SmolStr::new),
    }
}

/// Empty where none is named, which takes it away.
pub(crate) fn dead_letter(config: DeadLetterConfig) -> SmolStr {
    let DeadLetterConfig { target_arn } = config;
    SmolStr::new(target_arn.unwrap_or_default())
}

pub(crate) fn tracing(config: TracingConfig) -> Option<SmolStr> {
    let TracingConfig { mode } = config;
    mode.map(SmolStr::new)
}

pub(crate) fn snap_start(config: SnapStart) -> Option<SmolStr> {
    let SnapStart { apply_on } = config;
    apply_on.map(SmolStr::new)
}

/// Layers and file systems are refused where there are any; an empty list takes away what there is not.
pub(crate) fn additions(
    layers: Option<&Vec<String>>,
    file_systems: Option<&Vec<FileSystemConfig>>,
) -> Result<(), NotServed> {
    refuse(layers.filter(|layers| !layers.is_empty()), "Layers yet: put what they hold into the archive")?;
    refuse(file_systems.filter(|systems| !systems.is_empty()), "FileSystemConfigs yet")
}

/// The archive of a function's code.
pub(crate) fn archive<E>(code: Option<FunctionCode>) -> Result<mesh_wire::Blob, E>
where
    E: From<NotServed> + From<InvalidParameter>,
{
    let FunctionCode {
        zip_file,
        s3_bucket,
        s3_key,
        s3_object_version,
        s3_object_storage_mode,
        image_uri,
        source_kms_key_arn,
    } = code.unwrap_or_default();
    refuse(s3_bucket.as_ref(), "S3Bucket yet: send the archive as ZipFile")?;
    refuse(s3_key.as_ref(), "S3Key yet: send the archive as ZipFile")?;
    refuse(s3_object_version.as_ref(), "S3ObjectVersion yet: send the archive as ZipFile")?;
    refuse(s3_object_storage_mode.as_ref(), "S3ObjectStorageMode yet: send the archive as ZipFile")?;
    refuse(image_uri.as_ref(), "ImageUri yet: send a zip archive as ZipFile")?;
    refuse(source_kms_key_arn.as_ref(), "SourceKMSKeyArn yet")?;
    zip_file.ok_or_else(|| {
        InvalidParameter { sentence: "Please provide a source for function code.".to_owned() }.into()
    })
}
