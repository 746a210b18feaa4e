//! UpdateFunctionCode: gives a function other code; its environments end with what they do.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html>
//! Done: FunctionName ZipFile DryRun RevisionId
//! Stored: Architectures
//! Refused: S3Bucket S3Key S3ObjectVersion S3ObjectStorageMode ImageUri Publish PublishTo SourceKMSKeyArn
//! Deviates: the update is Successful at once, where AWS answers InProgress first

use super::check_archive;
use crate::domain::FunctionAddress;
use crate::domain::failure::{ArchiveTooLong, InvalidParameter};
use crate::limits::ZIPPED;
use crate::sandbox::Sandboxes;
use crate::shapes::{Described, members, refuse};
use crate::state::function::Code;
use mesh_models::lambda::{
    FunctionCode, UpdateFunctionCodeError, UpdateFunctionCodeInput, UpdateFunctionCodeOutput,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: UpdateFunctionCodeInput,
) -> Result<UpdateFunctionCodeOutput, UpdateFunctionCodeError> {
    let UpdateFunctionCodeInput {
        function_name,
        zip_file,
        s3_bucket,
        s3_key,
        s3_object_version,
        s3_object_storage_mode,
        image_uri,
        architectures,
        publish,
        publish_to,
        dry_run,
        revision_id,
        source_kms_key_arn,
    } = input;
    let function =
        FunctionAddress::parse::<UpdateFunctionCodeError>(cx, &function_name.unwrap_or_default(), None)?;
    if !cx.read(&function.key, |state, _| state.exists())? {
        return Err(function.missing().into());
    }
    if image_uri.is_some() {
        let sentence =
            "Please don't provide ImageUri when updating a function with packageType Zip.".to_owned();
        return Err(InvalidParameter { sentence }.into());
    }
    refuse(
        publish.filter(|publish| *publish).as_ref(),
        "Publish, because it has no versions yet: leave it out",
    )?;
    refuse(publish_to.as_ref(), "PublishTo yet")?;
    let code = FunctionCode {
        zip_file,
        s3_bucket,
        s3_key,
        s3_object_version,
        s3_object_storage_mode,
        image_uri,
        source_kms_key_arn,
    };
    let archive = members::archive::<UpdateFunctionCodeError>(Some(code))?;
    if archive.as_ref().len() > ZIPPED {
        return Err(ArchiveTooLong.into());
    }
    check_archive(archive.as_ref()).await?;
    let code = Code::new(archive.as_ref());
    let architecture = architectures.and_then(|names| names.into_iter().next());
    let (revision, is_rehearsal) = (revision_id.as_deref(), dry_run.unwrap_or_default());
    let settings = cx.write(&function.key, |state, tx| {
        let replaced = state.replace_code(&code, architecture.as_deref(), revision, is_rehearsal, tx);
        replaced.unwrap_or_else(|| Err(UpdateFunctionCodeError::from(function.missing())))
    })?;
    if !is_rehearsal {
        Sandboxes::of(cx).retire(&function.key);
    }
    Ok(Described { name: function.name(), arn: function.arn(), settings: &settings }.into())
}
