//! GetSMSSandboxAccountStatus: tells whether the account may send to verified numbers alone.
//! <https://docs.aws.amazon.com/sns/latest/api/API_GetSMSSandboxAccountStatus.html>
//! Done: -
//! Stored: -
//! Refused: -
//! Deviates: no account is in the sandbox: every number can be sent to

use mesh_models::sns::{
    GetSMSSandboxAccountStatusError, GetSMSSandboxAccountStatusInput, GetSMSSandboxAccountStatusOutput,
};
use mesh_router::Context;

pub(crate) async fn run(
    _: &Context,
    input: GetSMSSandboxAccountStatusInput,
) -> Result<GetSMSSandboxAccountStatusOutput, GetSMSSandboxAccountStatusError> {
    let GetSMSSandboxAccountStatusInput {} = input;
    Ok(GetSMSSandboxAccountStatusOutput { is_in_sandbox: Some(false) })
}
