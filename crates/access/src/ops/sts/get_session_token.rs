//! GetSessionToken: issues temporary credentials to a caller who has lasting ones.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>
//! Done: DurationSeconds
//! Stored: -
//! Refused: SerialNumber TokenCode MinimumSessionTokenSize
//! Deviates: the caller is the root user, so that no session lasts longer than an hour

use super::credentials;
use crate::domain::failure::{NoSuchDevice, NotServed, NotWithSession};
use crate::domain::{Identity, Issue};
use crate::limits::ROOT_SESSION;
use crate::state::sessions;
use mesh_models::sts::{GetSessionTokenError, GetSessionTokenInput, GetSessionTokenOutput};
use mesh_router::Context;
use mesh_types::UniverseHandle;
use std::time::Duration;

pub(crate) async fn run(
    cx: &Context,
    input: GetSessionTokenInput,
) -> Result<GetSessionTokenOutput, GetSessionTokenError> {
    let GetSessionTokenInput { duration_seconds, serial_number, token_code, minimum_session_token_size } =
        input;
    if minimum_session_token_size.is_some() {
        return Err(NotServed { what: "MinimumSessionTokenSize" }.into());
    }
    let identity = Identity::of::<GetSessionTokenError>(cx)?;
    if matches!(identity, Identity::Role(..) | Identity::RootSession(_)) {
        return Err(NotWithSession.into());
    }
    if serial_number.is_some() || token_code.is_some() {
        return Err(NoSuchDevice.into());
    }
    let seconds = duration_seconds.and_then(|seconds| u32::try_from(seconds).ok());
    // AWS shortens what the root user asks for, and does not refuse it.
    let seconds = seconds.map_or(ROOT_SESSION, |seconds| seconds.min(ROOT_SESSION));
    let issue = Issue {
        account: identity.account(),
        universe: UniverseHandle::of(cx.universe().name().as_str()),
        now: cx.arrived_at(),
        lifetime: Duration::from_secs(seconds.into()),
        role: None,
    };
    let issued = cx.write(&sessions::key_of(cx, issue.account), |sessions, tx| {
        Ok::<_, GetSessionTokenError>(sessions.issue(&issue, tx))
    })?;
    Ok(GetSessionTokenOutput {
        credentials: Some(credentials(issued)),
        session_token_utilization: None,
        session_token_size: None,
    })
}
