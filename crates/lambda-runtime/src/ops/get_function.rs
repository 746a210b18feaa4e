//! GetFunction: shows a function's configuration, tags and code.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html>
//! Done: FunctionName Qualifier
//! Stored: -
//! Refused: -
//! Deviates: Code has no Location, because there is no address yet from which the archive can be fetched

use crate::domain::FunctionAddress;
use crate::shapes::Described;
use mesh_models::lambda::{FunctionCodeLocation, GetFunctionError, GetFunctionInput, GetFunctionOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: GetFunctionInput,
) -> Result<GetFunctionOutput, GetFunctionError> {
    let GetFunctionInput { function_name, qualifier } = input;
    let function =
        FunctionAddress::parse::<GetFunctionError>(cx, &function_name.unwrap_or_default(), qualifier)?;
    let settings = cx.read(&function.key, |state, _| state.settings.get_shared())?;
    let settings = settings.ok_or_else(|| function.missing())?;
    function.latest()?;
    let tags = settings.tags.iter().map(|(key, value)| (key.to_string(), value.to_string()));
    let arn = function.qualified_arn();
    Ok(GetFunctionOutput {
        configuration: Some(Described { name: function.name(), arn, settings: &settings }.into()),
        code: Some(FunctionCodeLocation { repository_type: Some("S3".to_owned()), ..Default::default() }),
        tags: (!settings.tags.is_empty()).then(|| tags.collect()),
        tags_error: None,
        concurrency: None,
    })
}
