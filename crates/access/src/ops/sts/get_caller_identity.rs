//! GetCallerIdentity: says whose credentials the caller uses.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
//! Done: -
//! Stored: -
//! Refused: -
//! Deviates: a plain access key is the root user's of its account

use crate::domain::Identity;
use mesh_models::sts::{GetCallerIdentityError, GetCallerIdentityInput, GetCallerIdentityOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: GetCallerIdentityInput,
) -> Result<GetCallerIdentityOutput, GetCallerIdentityError> {
    let GetCallerIdentityInput {} = input;
    let identity = Identity::of::<GetCallerIdentityError>(cx)?;
    Ok(GetCallerIdentityOutput {
        user_id: Some(identity.user_id()),
        account: Some(identity.account().to_string()),
        arn: Some(identity.arn(cx.region().arn_partition())),
    })
}
