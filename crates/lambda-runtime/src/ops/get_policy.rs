//! GetPolicy: shows a function's policy.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_GetPolicy.html>
//! Done: FunctionName Qualifier
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::failure::NoSuchPolicy;
use crate::domain::{FunctionAddress, policy, revision_id};
use mesh_models::lambda::{GetPolicyError, GetPolicyInput, GetPolicyOutput};
use mesh_router::Context;

pub(crate) async fn run(cx: &Context, input: GetPolicyInput) -> Result<GetPolicyOutput, GetPolicyError> {
    let GetPolicyInput { function_name, qualifier } = input;
    let function =
        FunctionAddress::parse::<GetPolicyError>(cx, &function_name.unwrap_or_default(), qualifier)?;
    // statements belong to the function without a qualifier: no version has any
    if function.qualifier.is_some() {
        return Err(NoSuchPolicy.into());
    }
    let found = cx.read(&function.key, |state, _| {
        let settings = state.settings.get().filter(|_| !state.statements.is_empty())?;
        Some((policy(state.statements.range(..).map(|(_, statement)| statement)), settings.revision))
    })?;
    let (policy, revision) = found.ok_or(NoSuchPolicy)?;
    Ok(GetPolicyOutput { policy: Some(policy), revision_id: Some(revision_id(revision)) })
}
