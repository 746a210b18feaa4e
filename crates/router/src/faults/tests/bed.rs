//! A router whose operations say what they were asked, and calls of it.

use crate::faults::{Draft, Rule};
use crate::{Caller, Context, ContextParts, Entry, Options, Record, Registry, Request, Router};
use bytes::Bytes;
use mesh_attributes::{AttributeValue, Attributes};
use mesh_clock::{Mode, RealTime, Seed};
use mesh_models::{dynamodb, iam, sqs};
use mesh_store::{
    Cause, Delivery, Key, Retry, Row, Single, Table, Target, Tx, Universe, UniverseName, Universes, partition,
};
use mesh_types::{AccountId, Need, Region, RequestId, Timestamp};
use mesh_wire::ServiceMeta;
use serde::{Deserialize, Serialize};
use std::time::Duration;

#[derive(Debug, Serialize, Deserialize, PartialEq)]
pub(super) struct Text(pub(super) String);
impl Row for Text {}

partition! {
    pub(super) struct Shelf = 9_003 "shelf" {
        1 item: Single<Text>,
        2 taken: Table<u64, Text>,
    }
}

pub(super) struct Bed {
    pub(super) router: Router,
}

/// An answer: its status, what its body says, and which faults its header tells.
#[derive(Debug, PartialEq)]
pub(super) struct Told {
    pub(super) status: u16,
    pub(super) body: String,
    pub(super) faults: Vec<String>,
}

fn shelf(cx: &Context, name: &str) -> Key<Shelf> {
    cx.key(name)
}

/// Takes a message: the shelf `taken` of its universe tells in which order they came.
async fn send(
    cx: &Context,
    input: sqs::SendMessageInput,
) -> Result<sqs::SendMessageOutput, sqs::SendMessageError> {
    let body = input.message_body.unwrap_or_default();
    cx.write(&shelf(cx, "taken"), |state, _| {
        let next = state.taken.last().map_or(0, |(last, _)| last + 1);
        state.taken.insert(next, Text(body.clone()));
        Ok::<_, Need>(())
    })?;
    Ok(sqs::SendMessageOutput::default())
}

async fn send_batch(
    cx: &Context,
    input: sqs::SendMessageBatchInput,
) -> Result<sqs::SendMessageBatchOutput, sqs::SendMessageBatchError> {
    let parted = cx.faults().part(input.entries.unwrap_or_default());
    let code = parted.code.as_deref().unwrap_or("InternalError");
    let mut output = sqs::SendMessageBatchOutput::default();
    for entry in parted.struck {
        let (id, code, sender_fault) = (entry.id, Some(code.to_owned()), Some(false));
        let one = sqs::BatchResultErrorEntry { id, code, sender_fault, ..Default::default() };
        output.failed.get_or_insert_default().push(one);
    }
    for entry in parted.spared {
        let one = sqs::SendMessageBatchResultEntry { id: entry.id, ..Default::default() };
        output.successful.get_or_insert_default().push(one);
    }
    Ok(output)
}

async fn receive(
    cx: &Context,
    _: sqs::ReceiveMessageInput,
) -> Result<sqs::ReceiveMessageOutput, sqs::ReceiveMessageError> {
    let body = format!("{} {}", cx.faults().reorders(), cx.faults().duplicates());
    let message = sqs::Message { body: Some(body), ..Default::default() };
    Ok(sqs::ReceiveMessageOutput { messages: Some(vec![message]) })
}

async fn put(
    cx: &Context,
    input: dynamodb::PutItemInput,
) -> Result<dynamodb::PutItemOutput, dynamodb::PutItemError> {
    let item = input.item.unwrap_or_default().accept().unwrap_or_default();
    let text = |value: &AttributeValue| match value {
        AttributeValue::S(text) => Some(text.to_string()),
        _ => None,
    };
    let value = item.values().find_map(text).unwrap_or_default();
    cx.write(&shelf(cx, &input.table_name.unwrap_or_default()), |state, _| {
        state.item.set(Text(value.clone()));
        Ok::<_, Need>(())
    })?;
    Ok(dynamodb::PutItemOutput::default())
}

async fn get(
    cx: &Context,
    input: dynamodb::GetItemInput,
) -> Result<dynamodb::GetItemOutput, dynamodb::GetItemError> {
    let key = shelf(cx, &input.table_name.unwrap_or_default());
    let text = |state: &Shelf, _| state.item.get().map(|text| text.0.clone()).unwrap_or_default();
    let value = match input.consistent_read {
        Some(true) => cx.read(&key, text)?,
        _ => cx.read_eventually(&key, |_, _| true, text)?,
    };
    let item: Attributes = [("v".into(), AttributeValue::S(value.into()))].into_iter().collect();
    Ok(dynamodb::GetItemOutput { item: Some(item.into()), ..Default::default() })
}

async fn get_role(_: &Context, _: iam::GetRoleInput) -> Result<iam::GetRoleOutput, iam::GetRoleError> {
    Ok(iam::GetRoleOutput::default())
}

impl Bed {
    /// A bed whose universe `default` stands at 1,000 s.
    pub(super) fn new() -> Self {
        Self::seeded(7)
    }

    pub(super) fn seeded(seed: u64) -> Self {
        let mut registry = Registry::default();
        registry.operation::<sqs::SendMessage>(send);
        registry.operation::<sqs::SendMessageBatch>(send_batch);
        registry.operation::<sqs::ReceiveMessage>(receive);
        registry.operation::<dynamodb::PutItem>(put);
        registry.operation::<dynamodb::GetItem>(get);
        registry.operation::<iam::GetRole>(get_role);
        let options = Options {
            universes: Universes::new(Seed(seed), Mode::Frozen { at: Timestamp::from_secs(1_000) }),
            interceptors: Vec::new(),
            record: Record::new(1, None),
            endpoint: "http://localhost:4566".into(),
        };
        Self { router: Router::new(registry, options) }
    }

    pub(super) fn universe(&self) -> Universe {
        self.named("default")
    }

    pub(super) fn named(&self, name: &str) -> Universe {
        self.router.universe(&UniverseName::parse(name).expect("a name")).expect("it is there")
    }

    pub(super) fn fork(&self, name: &str) -> Universe {
        let name = UniverseName::parse(name).expect("a name");
        self.router.universes().fork(&UniverseName::DEFAULT, name.clone()).expect("the name is free");
        self.router.universe(&name).expect("it is there")
    }

    pub(super) fn rule(&self, draft: Draft) -> Rule {
        self.router.faults().check(draft).expect("a rule")
    }

    /// Adds a rule to the default universe.
    pub(super) fn add(&self, draft: Draft) {
        self.router.faults().add(&self.universe(), &[self.rule(draft)]).expect("the universe is there");
    }

    pub(super) fn context(&self, universe: &Universe, caller: Caller) -> Context {
        let request_id = RequestId::from_random(universe.draw_request_id());
        let parts = ContextParts {
            universe: universe.clone(),
            account: AccountId::DEFAULT,
            region: Region::DEFAULT,
            caller,
            request_id,
            trace: None,
            cause: Cause::Request(request_id.bits()),
            arrived_at: RealTime::now(),
            endpoint: "http://localhost:4566".into(),
        };
        Context::new(&self.router, parts)
    }

    /// A call from outside in the service's preferred protocol.
    pub(super) async fn call(&self, universe: &Universe, target: &str, body: &str) -> Told {
        self.told(self.answer(self.context(universe, Caller::AccessKey("test".into())), target, body).await)
    }

    pub(super) async fn answer(&self, cx: Context, target: &str, body: &str) -> crate::Answer {
        let (service, operation) = target.split_once(' ').expect("a service and an operation");
        let service: &'static ServiceMeta = self.router.api(service).expect("a service");
        let (head, ()) = http::Request::new(()).into_parts();
        let (operation, protocol) = (operation.into(), service.protocols[0]);
        let body = Bytes::from(body.to_owned());
        self.router.serve(Request { cx, service, operation, protocol, head, body }).await
    }

    pub(super) fn told(&self, answer: crate::Answer) -> Told {
        let faults = answer.headers().get_all(&crate::faults::HEADER).iter();
        Told {
            status: answer.status().as_u16(),
            faults: faults.map(|told| told.to_str().expect("text").to_owned()).collect(),
            body: String::from_utf8(answer.body().to_vec()).expect("text"),
        }
    }

    /// Sends `count` messages; which of them failed, counted from one.
    pub(super) async fn failures(&self, universe: &Universe, count: usize) -> Vec<usize> {
        let mut failed = Vec::new();
        for number in 1..=count {
            let told = self
                .call(universe, "sqs SendMessage", r#"{"QueueUrl": "http://h/0/q", "MessageBody": "b"}"#)
                .await;
            if told.status != 200 {
                failed.push(number);
            }
        }
        failed
    }

    pub(super) fn taken(&self, universe: &Universe) -> Vec<String> {
        let key = Key::<Shelf>::new(AccountId::DEFAULT, Region::DEFAULT, "taken");
        let all =
            universe.read(&key, |state, _| state.taken.range(..).map(|(_, text)| text.0.clone()).collect());
        all.expect("the universe is there")
    }

    /// Owes a message for each of these words.
    pub(super) fn owe(&self, universe: &Universe, words: &[&str]) {
        let key = Key::<Shelf>::new(AccountId::DEFAULT, Region::DEFAULT, "sender");
        let work = |state: &mut Shelf, tx: &mut Tx<'_>| {
            state.item.set(Text("sender".to_owned()));
            for word in words {
                let to = Target::Operation {
                    service: "sqs".into(),
                    operation: "SendMessage".into(),
                    account: AccountId::DEFAULT,
                    region: Region::DEFAULT,
                    caller: "sns".into(),
                };
                let payload = format!(r#"{{"QueueUrl": "http://h/0/q", "MessageBody": "{word}"}}"#);
                let retry =
                    Retry { attempts: 3, first_pause: Duration::from_secs(60), longest_pause: Duration::MAX };
                tx.owe(Delivery { to, payload: payload.as_bytes().into(), retry });
            }
            Ok::<_, Need>(())
        };
        universe.write(&key, Cause::Deadline, work).expect("the universe is there");
    }

    /// What the record tells of faults in a universe.
    pub(super) fn recorded(&self, universe: &Universe) -> Vec<String> {
        let told = |entry: Entry| match entry {
            Entry::Fault(fault) => {
                Some(format!("{} {} {} {}", fault.rule, fault.effect, fault.service, fault.operation))
            }
            _ => None,
        };
        self.router.record().of(universe).into_iter().filter_map(told).collect()
    }
}

/// An error for SendMessage.
pub(super) fn unavailable() -> Draft {
    Draft {
        service: Some("sqs".into()),
        operation: Some("SendMessage".into()),
        error: Some("ServiceUnavailable".into()),
        ..Draft::default()
    }
}

/// Waits, but not for ever.
pub(super) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), what).await.expect("it ends")
}

/// Lets every other task run until it waits.
pub(super) async fn until(is: impl Fn() -> bool) {
    soon(async {
        while !is() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
