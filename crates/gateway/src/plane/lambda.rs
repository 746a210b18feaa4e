//! Calling the function of an integration.

use super::incoming::Incoming;
use crate::domain::LambdaUri;
use bytes::Bytes;
use mesh_clock::RealTime;
use mesh_models::lambda::{Invoke, InvokeInput};
use mesh_router::Context;
use mesh_wire::Blob;
use std::collections::BTreeMap;
use std::time::Duration;

/// A call of a function.
#[derive(Debug)]
pub(super) struct Call<'a> {
    /// The integration's URI; stage variables may stand in it.
    pub(super) uri: &'a str,
    pub(super) stage_variables: Option<&'a BTreeMap<String, String>>,
    /// Whether a role calls it: then the role's policies decide, and not the function's.
    pub(super) has_role: bool,
    /// The ARN of what calls.
    pub(super) source: String,
    pub(super) timeout: Duration,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoAnswer {
    /// There is no such function, or it may not be called.
    Refused,
    /// The function failed.
    Failed,
    /// It took too long.
    Late,
}

impl Call<'_> {
    /// Calls the function and returns its answer. The time is real time: the function works in it. A function that is
    /// late is left to end.
    pub(super) async fn make(
        self,
        cx: &Context,
        incoming: &Incoming,
        event: Vec<u8>,
    ) -> Result<Bytes, NoAnswer> {
        let uri = with_variables(self.uri, self.stage_variables);
        let Some(LambdaUri { region, account, function, qualifier }) = LambdaUri::parse(&uri) else {
            return Err(NoAnswer::Refused);
        };
        let called = cx.in_place(account, region).traced(incoming.trace.as_str().into());
        let called = if self.has_role {
            called.as_service("apigateway")
        } else {
            called.as_service_for("apigateway", &self.source)
        };
        let input = InvokeInput {
            function_name: Some(function),
            qualifier,
            invocation_type: Some("RequestResponse".to_owned()),
            payload: Some(Blob::new(event)),
            ..InvokeInput::default()
        };
        let mut running = Box::pin(async move {
            let _busy = called.universe().clock().activity().begin();
            called.call::<Invoke>(input).await
        });
        let answered = tokio::select! {
            answered = &mut running => answered,
            () = RealTime::sleep(self.timeout) => {
                tokio::spawn(running);
                return Err(NoAnswer::Late);
            }
        };
        match answered {
            Ok(output) if output.function_error.is_none() => {
                Ok(output.payload.map(Blob::into_bytes).unwrap_or_default())
            }
            Ok(_) => Err(NoAnswer::Failed),
            Err(error) => {
                tracing::warn!(source = self.source, "the function was not called: {error}");
                Err(NoAnswer::Refused)
            }
        }
    }
}

/// Puts the values of stage variables in the place of `${stageVariables.NAME}`.
pub(super) fn with_variables(text: &str, variables: Option<&BTreeMap<String, String>>) -> String {
    let mut text = text.to_owned();
    for (name, value) in variables.into_iter().flatten() {
        text = text.replace(&format!("${{stageVariables.{name}}}"), value);
    }
    text
}
