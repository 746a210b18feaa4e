//! Invoke: runs a function, at once or later.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>
//! Done: FunctionName InvocationType LogType ClientContext Payload Qualifier
//! Stored: -
//! Refused: DurableExecutionName TenantId
//! Deviates: an event that is throttled is tried as often as one that fails; AWS tries for six hours

use crate::domain::failure::{EventFailed, EventTooLong, InvalidParameter, NoEnvironment, NoRoom, NotLet};
use crate::domain::{Attempt, End, Ended, FunctionAddress, Invoker, LATEST, Settings, check_event};
use crate::limits::{ASYNCHRONOUS_EVENT, FIRST_RETRY, SYNCHRONOUS_EVENT};
use crate::sandbox::{Attended, Invocation, Launch, Outcome, Pool, Sandboxes, Verdict};
use crate::shapes::refuse;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use mesh_clock::RealTime;
use mesh_models::lambda::{InvokeError, InvokeInput, InvokeOutput};
use mesh_router::{Caller, Context};
use mesh_store::{Cause, Delivery, Retry, Target};
use mesh_types::{Need, RequestId};
use mesh_wire::Blob;
use smol_str::SmolStr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// The caller of the invocations that are owed since an event was taken.
const SELF: SmolStr = SmolStr::new_static("lambda");

/// How long a line waits to be shown while the function that wrote it still runs.
const LIVE: Duration = Duration::from_millis(250);

/// How long an invocation waits for an environment that has answered another and not yet asked again: about as long as
/// another would take to start.
const RETURN: Duration = Duration::from_millis(100);

pub(crate) async fn run(cx: &Context, input: InvokeInput) -> Result<InvokeOutput, InvokeError> {
    let InvokeInput {
        function_name,
        invocation_type,
        log_type,
        client_context,
        durable_execution_name,
        payload,
        qualifier,
        tenant_id,
    } = input;
    let function = FunctionAddress::parse::<InvokeError>(cx, &function_name.unwrap_or_default(), qualifier)?;
    refuse(durable_execution_name.as_ref(), "DurableExecutionName yet")?;
    refuse(tenant_id.as_ref(), "TenantId yet")?;
    // what is invoked without a qualifier is $LATEST, and missed under this name
    let missed = || FunctionAddress {
        qualifier: function.qualifier.clone().or_else(|| Some(LATEST.to_owned())),
        ..function.clone()
    };
    let found = cx.read(&function.key, |state, _| {
        state
            .settings
            .get_shared()
            .zip(state.code.get_shared())
            .map(|(settings, code)| (settings, code.archive.clone()))
    })?;
    let (settings, archive) = found.ok_or_else(|| missed().missing())?;
    function.latest()?;
    admit(cx, &function)?;
    let event = payload.map(|payload| Bytes::from(payload.into_inner())).filter(|event| !event.is_empty());
    let event = event.unwrap_or_else(|| Bytes::from_static(b"{}"));
    match invocation_type.as_deref() {
        Some("DryRun") => return Ok(InvokeOutput { status_code: Some(204), ..InvokeOutput::default() }),
        Some("Event") => return take(cx, &function, &event, client_context),
        _ => {}
    }
    check(&event, "RequestResponse", SYNCHRONOUS_EVENT)?;
    crate::mapping::tell_messages(cx, &event);
    let client_context = client_context.map(|context| read_context(&context)).transpose()?;
    let wants_log = log_type.as_deref() == Some("Tail");
    let owed = match owed(cx) {
        Some(delivery) => cx.read(&function.key, |state, now| {
            let event = state.events.get(&delivery)?;
            Some((delivery, event.request, state.is_too_old(event, now)))
        })?,
        None => None,
    };
    if let Some((delivery, _, true)) = owed {
        attempted(cx, &function, delivery, Attempt::TooOld, &event, None)?;
        let sentence = "The event is older than MaximumEventAgeInSeconds allows.".to_owned();
        return Err(InvalidParameter { sentence }.into());
    }
    // all attempts go under the id of the request that brought the event
    let id = owed.map_or(cx.request_id(), |(_, request, _)| RequestId::from_random(request));
    let arn = function.qualified_arn();
    let call = Call { id, event: event.clone(), arn, client_context, wants_log };
    let verdict = execute(cx, &function, &settings, archive, call).await;
    if cx.universe().is_gone() {
        // that its environment was ended with it is not the function's doing
        return Err(Need::Universe.into());
    }
    if let Some((delivery, _, _)) = owed {
        let (attempt, answer) = match &verdict {
            Ok(Verdict::Ran(outcome)) if outcome.is_error => (Attempt::Failed, Some(&*outcome.payload)),
            Ok(Verdict::Ran(outcome)) => (Attempt::Done, Some(&*outcome.payload)),
            Ok(Verdict::Unfit(_)) => (Attempt::Hopeless, None),
            Ok(Verdict::Full(_) | Verdict::Broken(_)) | Err(_) => (Attempt::Failed, None),
        };
        attempted(cx, &function, delivery, attempt, &event, answer)?;
        if let (Attempt::Failed, Some(answer)) = (attempt, answer) {
            return Err(EventFailed { error: String::from_utf8_lossy(answer).into_owned() }.into());
        }
    }
    let done = outcome(verdict?, &function);
    let Outcome { payload, is_error, log } = done?;
    Ok(InvokeOutput {
        status_code: Some(200),
        function_error: is_error.then(|| "Unhandled".to_owned()),
        log_result: log.map(|log| STANDARD.encode(log)),
        payload: Some(Blob::new(payload)),
        executed_version: Some(LATEST.to_owned()),
        durable_execution_arn: None,
    })
}

/// A service that invokes for a resource needs leave from the function's policy, within one account too.
fn admit(cx: &Context, function: &FunctionAddress) -> Result<(), InvokeError> {
    let Some(invoker) = Invoker::of(cx.caller()) else { return Ok(()) };
    // statements belong to the function without a qualifier: no version has any
    let is_let = function.qualifier.is_none()
        && cx.read(&function.key, |state, _| {
            state.statements.range(..).any(|(_, statement)| invoker.is_let_by(statement))
        })?;
    if is_let {
        Ok(())
    } else {
        Err(NotLet { who: invoker.principal(), arn: function.qualified_arn() }.into())
    }
}

/// What a caller wants of a function.
struct Call {
    id: RequestId,
    event: Bytes,
    arn: String,
    client_context: Option<String>,
    wants_log: bool,
}

/// The delivery that this call is an attempt of, where an event was taken before.
fn owed(cx: &Context) -> Option<u128> {
    match (cx.caller(), cx.cause()) {
        (Caller::Service { name, .. }, Cause::Delivery(id)) if *name == SELF => Some(id.0),
        _ => None,
    }
}

fn check(event: &[u8], invocation_type: &'static str, limit: usize) -> Result<(), InvokeError> {
    if event.len() > limit {
        return Err(EventTooLong { length: event.len(), invocation_type, limit }.into());
    }
    Ok(check_event(event)?)
}

/// A client's context: base64 of JSON.
fn read_context(context: &str) -> Result<String, InvalidParameter> {
    let json = STANDARD.decode(context).ok().and_then(|json| String::from_utf8(json).ok());
    let json = json.and_then(|json| serde_json::from_str::<serde_json::Value>(&json).ok());
    // printed again in ASCII: it travels in a header
    json.map(|json| ascii(&json.to_string())).ok_or_else(|| InvalidParameter {
        sentence: "Client context must be a valid Base64-encoded JSON object.".to_owned(),
    })
}

fn ascii(json: &str) -> String {
    let mut units = [0; 2];
    let mut shown = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() {
            shown.push(character);
        } else {
            character.encode_utf16(&mut units).iter().for_each(|unit| shown += &format!("\\u{unit:04x}"));
        }
    }
    shown
}

/// Takes an event, to be worked on later.
fn take(
    cx: &Context,
    function: &FunctionAddress,
    event: &[u8],
    client_context: Option<String>,
) -> Result<InvokeOutput, InvokeError> {
    check(event, "Event", ASYNCHRONOUS_EVENT)?;
    let mut input = serde_json::json!({
        "FunctionName": function.arn(),
        "InvocationType": "RequestResponse",
        "Payload": STANDARD.encode(event),
    });
    for (member, value) in [("ClientContext", &client_context), ("Qualifier", &function.qualifier)] {
        if let Some(value) = value {
            input[member] = serde_json::Value::from(value.as_str());
        }
    }
    let payload: Arc<[u8]> = input.to_string().into_bytes().into();
    cx.write(&function.key, |state, tx| {
        if !state.exists() {
            return Err(InvokeError::from(function.missing()));
        }
        let attempts = 1 + state.retries();
        let retry = Retry { attempts, first_pause: FIRST_RETRY, longest_pause: 2 * FIRST_RETRY };
        let to = Target::Operation {
            service: SELF,
            operation: SmolStr::new_static("Invoke"),
            account: function.key.account(),
            region: function.key.region().clone(),
            caller: SELF,
        };
        let delivery = tx.owe(Delivery { to, payload: Arc::clone(&payload), retry });
        state.event_taken(delivery.0, cx.request_id().bits(), tx.now());
        Ok(())
    })?;
    Ok(InvokeOutput { status_code: Some(202), ..InvokeOutput::default() })
}

/// Notes how an attempt went, and owes it to those who are told when there will be no other.
fn attempted(
    cx: &Context,
    function: &FunctionAddress,
    delivery: u128,
    attempt: Attempt,
    event: &[u8],
    answer: Option<&[u8]>,
) -> Result<(), InvokeError> {
    cx.write(&function.key, |state, tx| {
        let Some((taken, end)) = state.event_attempted(delivery, attempt) else { return Ok(()) };
        let ended = Ended {
            function: &function.arn(),
            request: &RequestId::from_random(taken.request).to_string(),
            event,
            end,
            attempts: taken.failures + u32::from(end == End::Success),
            answer,
            at: tx.now(),
        };
        for delivery in state.told(&ended) {
            tx.owe(delivery);
        }
        Ok(())
    })
}

/// Runs the function and waits for its answer, or until its time is over.
async fn execute(
    cx: &Context,
    function: &FunctionAddress,
    settings: &Settings,
    archive: Arc<[u8]>,
    call: Call,
) -> Result<Verdict, InvokeError> {
    let sandboxes = Sandboxes::of(cx);
    let _working = sandboxes.begin(&function.key)?;
    let launch = || Launch {
        outside: cx.outside(),
        clock: cx.universe().clock().clone(),
        account: function.key.account(),
        region: function.key.region().clone(),
        name: function.key.name().clone(),
        settings: settings.clone(),
        archive,
        endpoint: cx.router().endpoint_of(cx.universe().name()),
        code: tokio::sync::OnceCell::new(),
    };
    let pool = sandboxes.pool(cx, &function.key, settings.generation, launch);
    cx.universe().settled_on_disk().await?;
    Ok(attend(cx, &pool, settings.timeout(), call).await)
}

/// What the function answered, or why it could not be run.
fn outcome(verdict: Verdict, function: &FunctionAddress) -> Result<Outcome, InvokeError> {
    match verdict {
        Verdict::Ran(outcome) => Ok(outcome),
        Verdict::Unfit(sentence) => Err(InvalidParameter { sentence }.into()),
        Verdict::Full(why) => {
            tracing::warn!(function = function.name(), "an invocation was throttled: {why}");
            Err(NoRoom { why }.into())
        }
        Verdict::Broken(sentence) => Err(NoEnvironment { sentence }.into()),
    }
}

async fn attend(cx: &Context, pool: &Arc<Pool>, timeout: Duration, call: Call) -> Verdict {
    let Call { id, event, arn, client_context, wants_log } = call;
    let (begun, begins) = oneshot::channel::<Attended>();
    let (ended, mut ends) = oneshot::channel();
    let trace = trace(cx, id);
    pool.submit(
        cx,
        Invocation { id, event, arn, trace, client_context, timeout, wants_log, begun: Some(begun), ended },
    );
    let broken = || Verdict::Broken("The function's environment was ended.".to_owned());
    tokio::pin!(begins);
    let begun = tokio::select! {
        begun = &mut begins => begun,
        () = RealTime::sleep(RETURN) => {
            pool.hurry(cx);
            begins.await
        }
    };
    let Ok(environment) = begun else { return ends.await.unwrap_or_else(|_| broken()) };
    let time = RealTime::sleep(timeout);
    let mut live = Box::pin(RealTime::sleep(Duration::ZERO));
    tokio::pin!(time);
    let (mut is_late, mut is_stirred, mut is_too_large) = (false, false, false);
    let verdict = {
        let outgrows = environment.outgrows();
        tokio::pin!(outgrows);
        loop {
            tokio::select! {
                biased;
                verdict = &mut ends => break verdict.unwrap_or_else(|_| broken()),
                () = &mut time, if !is_late => {
                    is_late = true;
                    environment.time_out(id).await;
                }
                // its process ends, and that is the verdict
                () = &mut outgrows, if !is_too_large => is_too_large = true,
                () = environment.log().stirred(), if !is_stirred => {
                    is_stirred = true;
                    live.set(RealTime::sleep(LIVE));
                }
                () = &mut live, if is_stirred => {
                    is_stirred = false;
                    environment.log().flush(cx);
                }
            }
        }
    };
    environment.log().flush(cx);
    environment.over();
    verdict
}

/// The trace in which the function runs: that of the request, or one of its own. Its parent is this invocation: the
/// function's SDK sends it with each call, which tells whose calls they are.
fn trace(cx: &Context, id: RequestId) -> String {
    let given = |name| cx.trace()?.split(';').map(str::trim).find_map(|part| part.strip_prefix(name));
    let (bits, seconds) = (id.bits(), cx.arrived_at().as_secs());
    let own = || format!("1-{seconds:08x}-{:024x}", bits & ((1 << 96) - 1));
    let root = given("Root=").map_or_else(own, str::to_owned);
    let sampled = given("Sampled=").unwrap_or("0");
    format!("Root={root};Parent={:016x};Sampled={sampled}", bits >> 64)
}
