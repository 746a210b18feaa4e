//! A service to test with: boxes that hold letters, with shapes that the models have.

use mesh_models::{lambda, sqs};
use mesh_router::{Context, Registry};
use mesh_store::{Key, Row, Signal, Single, Table, partition};
use mesh_types::Timestamp;
use mesh_wire::rules::ConstraintStyle;
use mesh_wire::{Http, Map, Operation, OperationMeta, Protocol, Route, ServiceMeta, Shape};
use serde::{Deserialize, Serialize};
use std::time::Duration;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Opened(Timestamp);
impl Row for Opened {}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Letter {
    id: String,
    body: String,
    visible_at: Timestamp,
    attributes: Vec<(String, String)>,
}
impl Row for Letter {}

partition! {
    pub(crate) struct Box = 9_101 "box" {
        1 opened: Single<Opened>,
        2 letters: Table<u64, Letter>,
    }
}

const ARRIVED: Signal = Signal(1);

const fn post(name: &'static str) -> Route {
    Route { name, method: "POST", path: "/" }
}

static SERVICE: ServiceMeta = ServiceMeta {
    name: "probe",
    signing_name: "probe",
    endpoint_prefix: "probe",
    api_version: "2012-11-05",
    target_prefix: "Probe",
    error_namespace: "com.amazonaws.probe",
    xml_namespace: "http://probe/",
    protocols: &[Protocol::AwsQuery, Protocol::AwsJson10, Protocol::RpcV2Cbor],
    query_compatible: true,
    query_error_detail: true,
    constraint_style: ConstraintStyle::Presence,
    routes: &[
        post("CreateQueue"),
        post("ReceiveMessage"),
        post("SendMessage"),
        post("Stall"),
        post("Unserved"),
    ],
};

static REST: ServiceMeta = ServiceMeta {
    name: "probe-rest",
    protocols: &[Protocol::RestJson1],
    query_compatible: false,
    routes: &[Route { name: "Invoke", ..post("") }],
    ..SERVICE
};

/// An operation of a probe service, with the types of an operation of the models.
macro_rules! operation {
    ($name:ident of $service:ident as $like:ty, $http:expr, $wrapper:expr) => {
        pub(crate) struct $name;

        impl Operation for $name {
            type Input = <$like as Operation>::Input;
            type Output = <$like as Operation>::Output;
            type Error = <$like as Operation>::Error;

            fn meta() -> &'static OperationMeta {
                static META: std::sync::LazyLock<OperationMeta> =
                    std::sync::LazyLock::new(|| OperationMeta {
                        service: &$service,
                        name: stringify!($name),
                        http: $http,
                        input: <$like as Operation>::Input::static_schema(),
                        output: <$like as Operation>::Output::static_schema(),
                        rules: <$like as Operation>::meta().rules,
                        result_wrapper: $wrapper,
                        idempotency_token: None,
                        paginator: None,
                    });
                &META
            }
        }
    };
}

const POST: Http = Http { method: "POST", path: "/", success: 200 };
operation!(CreateQueue of SERVICE as sqs::CreateQueue, POST, Some("CreateQueueResult"));
operation!(SendMessage of SERVICE as sqs::SendMessage, POST, Some("SendMessageResult"));
operation!(ReceiveMessage of SERVICE as sqs::ReceiveMessage, POST, Some("ReceiveMessageResult"));
operation!(Stall of SERVICE as sqs::PurgeQueue, POST, None);
operation!(Invoke of REST as lambda::Invoke, lambda::Invoke::meta().http, None);

pub(crate) fn register(registry: &mut Registry) {
    registry.partition::<Box>();
    registry.operation::<CreateQueue>(create);
    registry.operation::<SendMessage>(send);
    registry.operation::<ReceiveMessage>(receive);
    registry.operation::<Stall>(stall);
    registry.operation::<Invoke>(invoke);
}

fn key(cx: &Context, url: Option<String>) -> Key<Box> {
    cx.key(url.unwrap_or_default().rsplit('/').next().unwrap_or_default())
}

async fn create(
    cx: &Context,
    input: sqs::CreateQueueInput,
) -> Result<sqs::CreateQueueOutput, sqs::CreateQueueError> {
    let name = input.queue_name.unwrap_or_default();
    cx.write(&cx.key::<Box>(name.clone()), |state, tx| -> Result<(), sqs::CreateQueueError> {
        state.opened.set(Opened(tx.now()));
        Ok(())
    })?;
    Ok(sqs::CreateQueueOutput { queue_url: Some(format!("{}/{}/{name}", cx.endpoint(), cx.account())) })
}

fn uuid(bits: u128) -> String {
    mesh_types::RequestId::from_random(bits).to_string()
}

async fn send(
    cx: &Context,
    input: sqs::SendMessageInput,
) -> Result<sqs::SendMessageOutput, sqs::SendMessageError> {
    let id = cx.write(&key(cx, input.queue_url), |state, tx| -> Result<String, sqs::SendMessageError> {
        if state.opened.get().is_none() {
            let message = "The specified queue does not exist.".to_owned();
            return Err(sqs::QueueDoesNotExist { message }.into());
        }
        let delay = Duration::from_secs(u64::try_from(input.delay_seconds.unwrap_or(0)).unwrap_or(0));
        let (number, visible_at) = (state.letters.last().map_or(0, |(last, _)| *last) + 1, tx.now() + delay);
        let id = uuid(tx.draw().next_u128());
        let attributes = input.message_attributes.iter().flatten();
        let attributes =
            attributes.map(|(name, value)| (name.clone(), value.string_value.clone().unwrap_or_default()));
        let (body, attributes) = (input.message_body.clone().unwrap_or_default(), attributes.collect());
        state.letters.insert(number, Letter { id: id.clone(), body, visible_at, attributes });
        tx.signal(ARRIVED);
        Ok(id)
    })?;
    Ok(sqs::SendMessageOutput { message_id: Some(id), ..Default::default() })
}

async fn receive(
    cx: &Context,
    input: sqs::ReceiveMessageInput,
) -> Result<sqs::ReceiveMessageOutput, sqs::ReceiveMessageError> {
    let key = key(cx, input.queue_url);
    let patience = Duration::from_secs(u64::try_from(input.wait_time_seconds.unwrap_or(0)).unwrap_or(0));
    let messages = cx
        .long_poll(&key, ARRIVED, patience, || {
            let mut look_again_at = None;
            let answer = cx.write(&key, |state, tx| -> Result<_, sqs::ReceiveMessageError> {
                look_again_at = state.letters.range(..).map(|(_, letter)| letter.visible_at).min();
                let now = tx.now();
                let due =
                    state.letters.range(..).find(|(_, letter)| letter.visible_at <= now).map(|(key, _)| *key);
                Ok(due.and_then(|number| state.letters.remove(&number)))
            })?;
            let found = answer.is_some();
            Ok::<_, sqs::ReceiveMessageError>(mesh_router::Tried { answer, found, look_again_at })
        })
        .await?;
    let messages = messages.map(|letter| {
        vec![sqs::Message {
            message_id: Some(letter.id.clone()),
            receipt_handle: Some(format!("AQEB{}", "x7Y".repeat(40))),
            body: Some(letter.body.clone()),
            attributes: Some(Map::from([(
                "SentTimestamp".to_owned(),
                letter.visible_at.as_millis().to_string(),
            )])),
            message_attributes: (!letter.attributes.is_empty()).then(|| {
                let value = |text: &String| sqs::MessageAttributeValue {
                    string_value: Some(text.clone()),
                    data_type: Some("String".to_owned()),
                    ..Default::default()
                };
                letter.attributes.iter().map(|(name, text)| (name.clone(), value(text))).collect()
            }),
            ..Default::default()
        }]
    });
    Ok(sqs::ReceiveMessageOutput { messages })
}

/// Runs for ever, and counts as running.
async fn stall(_: &Context, _: sqs::PurgeQueueInput) -> Result<sqs::PurgeQueueOutput, sqs::PurgeQueueError> {
    std::future::pending().await
}

async fn invoke(
    _: &Context,
    input: lambda::InvokeInput,
) -> Result<lambda::InvokeOutput, lambda::InvokeError> {
    if input.function_name.as_deref() == Some("missing") {
        let message = "Function not found".to_owned();
        return Err(lambda::ResourceNotFoundException { message, ..Default::default() }.into());
    }
    Ok(lambda::InvokeOutput {
        status_code: Some(200),
        executed_version: input.qualifier,
        function_error: input.invocation_type,
        payload: input.payload,
        ..Default::default()
    })
}
