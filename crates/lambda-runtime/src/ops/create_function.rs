//! CreateFunction: makes a function of a zip archive.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html>
//! Done: FunctionName Runtime Role Handler Code Description Timeout MemorySize Environment Tags PackageType EphemeralStorage DeadLetterConfig
//! Stored: VpcConfig KMSKeyArn TracingConfig Architectures SnapStart LoggingConfig
//! Refused: Publish PublishTo Layers FileSystemConfigs CodeSigningConfigArn ImageConfig TenancyConfig CapacityProviderConfig DurableConfig RuntimeConfig AcceleratorConfig
//! Deviates: the function is Active at once, where AWS answers Pending first; the role is not looked up; of LoggingConfig the group has effect; a VPC has no VpcId; RuntimeVersionConfig is not answered; EphemeralStorage has effect where functions see a /tmp of their own

use super::{check_archive, checked_tags};
use crate::domain::failure::{ArchiveTooLong, FunctionExists};
use crate::domain::{FunctionAddress, Settings};
use crate::limits::ZIPPED;
use crate::shapes::{Configuration, Described, members, refuse};
use crate::state::directory::{self, Directory, Entry};
use crate::state::function::Code;
use mesh_models::lambda::{CreateFunctionError, CreateFunctionInput, CreateFunctionOutput};
use mesh_router::Context;
use smol_str::SmolStr;

pub(crate) async fn run(
    cx: &Context,
    input: CreateFunctionInput,
) -> Result<CreateFunctionOutput, CreateFunctionError> {
    let CreateFunctionInput {
        function_name,
        runtime,
        role,
        handler,
        code,
        description,
        timeout,
        memory_size,
        publish,
        publish_to,
        vpc_config,
        package_type,
        dead_letter_config,
        environment,
        kms_key_arn,
        tracing_config,
        tags,
        layers,
        file_system_configs,
        code_signing_config_arn,
        image_config,
        architectures,
        ephemeral_storage,
        snap_start,
        logging_config,
        tenancy_config,
        capacity_provider_config,
        durable_config,
        runtime_config,
        accelerator_config,
    } = input;
    let function =
        FunctionAddress::parse::<CreateFunctionError>(cx, &function_name.unwrap_or_default(), None)?;
    refuse(
        package_type.filter(|kind| kind == "Image").as_ref(),
        "PackageType Image yet: send a zip archive",
    )?;
    refuse(
        publish.filter(|publish| *publish).as_ref(),
        "Publish, because it has no versions yet: leave it out",
    )?;
    refuse(publish_to.as_ref(), "PublishTo yet")?;
    refuse(code_signing_config_arn.as_ref(), "CodeSigningConfigArn yet")?;
    refuse(tenancy_config.as_ref(), "TenancyConfig yet")?;
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
    let change = configuration.check::<CreateFunctionError>()?;
    let architecture = architectures.and_then(|names| names.into_iter().next());
    let architecture = architecture.map_or(SmolStr::new_static("x86_64"), SmolStr::new);
    let settings = Settings::new(change, architecture, checked_tags(tags.unwrap_or_default())?)?;
    let archive = members::archive::<CreateFunctionError>(code)?;
    if archive.as_ref().len() > ZIPPED {
        return Err(ArchiveTooLong.into());
    }
    check_archive(archive.as_ref()).await?;
    let code = Code::new(archive.as_ref());
    let place = directory::key_of(function.key.account(), function.key.region());
    let settings = cx.write(&function.key, |state, tx| {
        if state.exists() {
            return Err(CreateFunctionError::from(FunctionExists { name: function.name().to_owned() }));
        }
        let entry = Entry { created_at: tx.now() };
        let settings = state.create(settings.clone(), code.clone(), tx);
        tx.on(&place, |directory: &mut Directory, _| {
            directory.functions.insert(function.name().into(), entry)
        })?;
        Ok(settings)
    })?;
    Ok(Described { name: function.name(), arn: function.arn(), settings: &settings }.into())
}
