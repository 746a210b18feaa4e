//! DeleteFunction: takes a function away with its code, policy and environments.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html>
//! Done: FunctionName Qualifier
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::failure::InvalidParameter;
use crate::domain::{FunctionAddress, LATEST};
use crate::sandbox::Sandboxes;
use crate::state::directory::{self, Directory};
use mesh_models::lambda::{DeleteFunctionError, DeleteFunctionInput, DeleteFunctionOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: DeleteFunctionInput,
) -> Result<DeleteFunctionOutput, DeleteFunctionError> {
    let DeleteFunctionInput { function_name, qualifier } = input;
    let function =
        FunctionAddress::parse::<DeleteFunctionError>(cx, &function_name.unwrap_or_default(), qualifier)?;
    match function.qualifier.as_deref() {
        Some(LATEST) => {
            let sentence = "$LATEST version cannot be deleted without deleting the function.".to_owned();
            return Err(InvalidParameter { sentence }.into());
        }
        _ => function.latest()?,
    }
    let place = directory::key_of(function.key.account(), function.key.region());
    cx.write(&function.key, |state, tx| {
        if !state.delete(tx) {
            return Err(DeleteFunctionError::from(function.missing()));
        }
        tx.on(&place, |directory: &mut Directory, _| directory.functions.remove(function.key.name()))?;
        Ok(())
    })?;
    Sandboxes::of(cx).retire(&function.key);
    Ok(DeleteFunctionOutput { status_code: Some(204) })
}
