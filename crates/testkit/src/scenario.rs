//! Runs a scenario: its inputs are taken from the text, the answers are written where they came.

use crate::bed::{Place, TestBed, preferred};
use crate::client::{Answer, Api, Glossary};
use crate::json::Json;
use crate::labels::Labels;
use crate::script::{CallLine, Content, Directive, Line, Script, is_name};
use crate::sent;
use bytes::Bytes;
use mesh_clock::{Advanced, Busy};
use mesh_router::Context;
use mesh_store::Universe;
use mesh_types::Timestamp;
use mesh_wire::{Protocol, ServiceMeta};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

pub use crate::script::ScriptError;

/// What a transcript shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Answers as readers want them: ids, handles and moments under labels.
    Labelled,
    /// Answers byte for byte, request ids and all: for showing that a seed gives the same bytes twice.
    Bytes,
}

/// Runs a scenario in a bed and gives its text with the answers that came. `service` is meant where a call names none.
///
/// # Errors
/// The line that cannot be read or carried out, or did not end within ten seconds.
pub fn transcript(bed: &TestBed, service: &str, text: &str) -> Result<String, ScriptError> {
    transcript_with(bed, service, None, Detail::Labelled, text)
}

/// [`transcript`] in a protocol, where the service speaks it, and with this much detail.
///
/// # Errors
/// As [`transcript`].
pub fn transcript_with(
    bed: &TestBed,
    service: &str,
    protocol: Option<Protocol>,
    detail: Detail,
    text: &str,
) -> Result<String, ScriptError> {
    let told = run(bed, Setting { service, protocol, is_coverage: false }, text, &mut Glossary::default())?;
    Ok(match detail {
        Detail::Labelled => told.text(),
        Detail::Bytes => told.bytes(),
    })
}

/// How a scenario is run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting<'a> {
    pub(crate) service: &'a str,
    /// The protocol, of services that speak it; nothing is the one that scenarios are written in.
    pub(crate) protocol: Option<Protocol>,
    /// Whether what is sent counts for coverage.
    pub(crate) is_coverage: bool,
}

/// What a scenario told.
#[derive(Debug, Default)]
pub(crate) struct Told(Vec<Entry>);

#[derive(Debug)]
enum Entry {
    /// A line of the scenario.
    Line(String),
    /// An answer.
    Answer {
        /// `first < 400 QueueDoesNotExist`
        head: String,
        body: Option<Json>,
        /// The scenario's own words for it, where they fit and leave something open.
        expected: Option<String>,
        bytes: String,
    },
}

impl Told {
    fn print(&self, answer: impl Fn(&Entry) -> String) -> String {
        self.0.iter().map(|entry| answer(entry) + "\n").collect()
    }

    /// The scenario with its answers.
    pub(crate) fn text(&self) -> String {
        self.print(|entry| match entry {
            Entry::Line(text) | Entry::Answer { expected: Some(text), .. } => text.clone(),
            Entry::Answer { head, body: None, .. } => head.clone(),
            Entry::Answer { head, body: Some(body), .. } => {
                format!("{head} {}", body.pretty(head.chars().count() + 1))
            }
        })
    }

    /// The same for comparing with another protocol: no body is no members, and awsQuery has no empty lists.
    pub(crate) fn neutral(&self, is_query: bool) -> String {
        self.print(|entry| match entry {
            Entry::Line(text) => text.clone(),
            Entry::Answer { head, body, .. } => {
                let body = body.clone().unwrap_or(Json::Object(Vec::new()));
                let body = if is_query { body.without_empty_members() } else { body };
                format!("{head} {}", body.pretty(head.chars().count() + 1))
            }
        })
    }

    /// The same with the answers as they were on the wire.
    pub(crate) fn bytes(&self) -> String {
        self.print(|entry| match entry {
            Entry::Line(text) => text.clone(),
            Entry::Answer { head, bytes, .. } => format!("{head} {bytes}"),
        })
    }
}

/// Runs a scenario.
pub(crate) fn run(
    bed: &TestBed,
    setting: Setting<'_>,
    text: &str,
    glossary: &mut Glossary,
) -> Result<Told, ScriptError> {
    let script = Script::parse(text)?;
    let mut runner = Runner {
        bed,
        setting,
        service: setting.service.to_owned(),
        glossary,
        labels: Labels::default(),
        variables: BTreeMap::new(),
        answers: BTreeMap::new(),
        calls: Vec::new(),
        order: Arc::default(),
        told: Told::default(),
    };
    for (index, line) in script.lines.iter().enumerate() {
        let fail = |what| ScriptError { line: line.number, what };
        if matches!(line.content, Content::Answer { .. }) {
            continue;
        }
        runner.told.0.push(Entry::Line(line.text.clone()));
        let expected = script.lines[index + 1..].iter();
        let expected =
            expected.take_while(|line| matches!(line.content, Content::Answer { .. } | Content::Remark));
        runner.step(&line.content, expected.collect()).map_err(fail)?;
    }
    let waiting: Vec<&str> = runner.calls.iter().filter_map(|call| call.name.as_deref()).collect();
    if waiting.is_empty() {
        return Ok(runner.told);
    }
    let line = script.lines.last().map_or(0, |line| line.number);
    let what = format!("still waiting at the end: {}; advance until it ends, or hang up", waiting.join(", "));
    Err(ScriptError { line, what })
}

struct Runner<'r> {
    bed: &'r TestBed,
    setting: Setting<'r>,
    /// The service that is meant where a call names none.
    service: String,
    glossary: &'r mut Glossary,
    labels: Labels,
    variables: BTreeMap<String, Json>,
    /// The latest answer of each name; `it` is the latest of all.
    answers: BTreeMap<String, Json>,
    calls: Vec<Call>,
    /// Counts the calls that ended.
    order: Arc<AtomicU64>,
    told: Told,
}

/// A call that has begun.
struct Call {
    name: Option<String>,
    service: &'static ServiceMeta,
    operation: String,
    protocol: Protocol,
    cx: Context,
    place: Place,
    is_hung_up: bool,
    end: Slot,
}

/// Where an answer is put: the how many-th it was, when it came in universe time, and what it is.
type Slot = Arc<Mutex<Option<(u64, Timestamp, http::Response<Bytes>)>>>;

impl Runner<'_> {
    fn step(&mut self, content: &Content, expected: Vec<&Line>) -> Result<(), String> {
        match content {
            Content::Remark | Content::Answer { .. } => return Ok(()),
            Content::Variable { name, of, path } => return self.set_variable(name, of, path),
            Content::Call(call) => self.begin(call)?,
            Content::Advance(span) => {
                let universe = self.bed.universe();
                let _: Advanced = self.bed.try_block_on("the advance", universe.clock().advance(*span))?;
            }
            Content::Directive(directive) => self.follow(directive)?,
        }
        self.wait_for_quiet()?;
        self.tell(expected)?;
        let stuck = self.calls.iter().find(|call| call.name.is_none());
        stuck.map_or(Ok(()), |call| {
            Err(format!(
                "{} waits for something; `& name` behind it lets it wait in the background",
                call.operation
            ))
        })
    }

    fn set_variable(&mut self, name: &str, of: &str, path: &str) -> Result<(), String> {
        let answer = self.answers.get(of).ok_or_else(|| format!("there is no answer called {of}"))?;
        let value = answer.at(path).ok_or_else(|| format!("{path} is not in {answer}"))?;
        self.variables.insert(name.to_owned(), value.clone());
        Ok(())
    }

    fn begin(&mut self, line: &CallLine) -> Result<(), String> {
        if let Some(name) = line.background.as_ref().filter(|name| self.find(name).is_some()) {
            return Err(format!("{name} is still waiting"));
        }
        let service = self.bed.try_api(line.service.as_deref().unwrap_or(&self.service))?;
        let (place, universe) = (self.bed.place(), self.bed.universe());
        let input = self.labels.reveal(&self.with_variables(&line.input)?, &place, universe.clock().now());
        let shapes = self.bed.router().shapes(service.name, &line.operation);
        let api = Api { service, operation: &line.operation, shapes };
        if self.setting.is_coverage {
            sent::note(&api, &input);
        }
        let wanted = self.setting.protocol.filter(|protocol| service.protocols.contains(protocol));
        let protocol = wanted.unwrap_or_else(|| preferred(service));
        let request = self.bed.request(&api, protocol, &input)?;
        let (cx, end) = (request.cx.clone(), Slot::default());
        self.calls.push(Call {
            name: line.background.clone(),
            service,
            operation: line.operation.clone(),
            protocol,
            cx,
            place,
            is_hung_up: false,
            end: Arc::clone(&end),
        });
        let (router, order) = (self.bed.router().clone(), Arc::clone(&self.order));
        let begun = universe.clock().activity().begin();
        self.bed.runtime().spawn(async move {
            let answer = counted(begun, router.serve(request)).await;
            let ended = (order.fetch_add(1, Ordering::Relaxed), universe.clock().now(), answer);
            *end.lock().unwrap_or_else(PoisonError::into_inner) = Some(ended);
        });
        Ok(())
    }

    fn find(&mut self, name: &str) -> Option<&mut Call> {
        self.calls.iter_mut().find(|call| call.name.as_deref() == Some(name))
    }

    fn follow(&mut self, directive: &Directive) -> Result<(), String> {
        match directive {
            Directive::HangUp(name) => {
                let call = self.find(name).ok_or_else(|| format!("no call {name} is waiting"))?;
                call.is_hung_up = true;
                call.cx.hangup().happen();
                Ok(())
            }
            Directive::Fork(name) => self.bed.try_fork(name),
            Directive::In(name) => self.bed.try_enter(name),
            Directive::Account(account) => self.bed.try_set_account(account),
            Directive::Region(region) => self.bed.try_set_region(region),
            Directive::Service(service) => {
                self.service = self.bed.try_api(service)?.name.to_owned();
                Ok(())
            }
            Directive::Reset => {
                self.bed.reset();
                Ok(())
            }
            Directive::Freeze => {
                self.bed.universe().clock().freeze();
                Ok(())
            }
            Directive::Settle => {
                let universe = self.bed.universe();
                self.bed.try_block_on("settling", universe.clock().settle()).map(|_| ())
            }
        }
    }

    /// Waits until nothing runs anywhere, not in universes that are gone either: every call has ended or waits.
    fn wait_for_quiet(&self) -> Result<(), String> {
        let mut universes: Vec<Universe> = self.bed.router().universes().all();
        universes.extend(self.calls.iter().map(|call| call.cx.universe().clone()));
        let quiet = async {
            while universes.iter().any(|universe| universe.clock().activity().running() > 0) {
                for universe in &universes {
                    universe.clock().activity().quiet().await;
                }
            }
        };
        self.bed.try_block_on("the step", quiet).map_err(|error| {
            let is_open = |call: &&Call| call.end.lock().unwrap_or_else(PoisonError::into_inner).is_none();
            let open = self.calls.iter().filter(is_open).map(|call| &*call.operation);
            format!("{error}; not answered: {}", open.collect::<Vec<_>>().join(", "))
        })
    }

    /// Writes the answers that came: the foreground call's first, then in the order in which they came.
    fn tell(&mut self, expected: Vec<&Line>) -> Result<(), String> {
        let mut ended = Vec::new();
        for call in std::mem::take(&mut self.calls) {
            let end = call.end.lock().unwrap_or_else(PoisonError::into_inner).take();
            match end {
                Some(end) => ended.push((call, end)),
                None => self.calls.push(call),
            }
        }
        ended.sort_by_key(|(call, (order, ..))| (call.name.is_some(), *order));
        let mut expected = expected.into_iter();
        for (call, (_, now, answer)) in ended.into_iter().filter(|(call, _)| !call.is_hung_up) {
            let entry = self.entry(&call, now, &answer, &mut expected)?;
            self.told.0.push(entry);
        }
        Ok(())
    }

    fn entry<'e>(
        &mut self,
        call: &Call,
        now: Timestamp,
        response: &http::Response<Bytes>,
        expected: &mut impl Iterator<Item = &'e Line>,
    ) -> Result<Entry, String> {
        let shapes = self.bed.router().shapes(call.service.name, &call.operation);
        let api = Api { service: call.service, operation: &call.operation, shapes };
        let Answer { status, error, body } = api.answer(call.protocol, response, self.glossary)?;
        let mut head = call.name.as_ref().map_or_else(String::new, |name| format!("{name} "));
        head.push_str(&format!("< {status}"));
        if let Some(error) = &error {
            head.push_str(&format!(" {}", error.code));
            if let Some(query) = &error.query {
                head.push_str(&format!(" [query: {query}]"));
            }
        }
        let answer = body.clone().unwrap_or(Json::Object(Vec::new()));
        call.name.iter().for_each(|name| drop(self.answers.insert(name.clone(), answer.clone())));
        self.answers.insert("it".to_owned(), answer);
        let body = body.map(|body| self.labels.hide(&body, &call.place, now));
        let expected = expected.find(|line| matches!(line.content, Content::Answer { .. }));
        let expected = expected.filter(|line| fits(line, &head, body.as_ref())).map(|line| line.text.clone());
        Ok(Entry::Answer { head, body, expected, bytes: bytes_of(response) })
    }

    /// The input with variables in it: `"$name"` is the value itself, `"${name}"` its text.
    fn with_variables(&self, input: &Json) -> Result<Json, String> {
        let mut unknown = None;
        let filled = input.map("", &mut |_, scalar| {
            let Json::String(text) = scalar else { return scalar.clone() };
            if let Some(name) = text.strip_prefix('$').filter(|name| is_name(name)) {
                let value = self.variables.get(name).cloned();
                return value.unwrap_or_else(|| {
                    unknown.get_or_insert_with(|| name.to_owned());
                    Json::Null
                });
            }
            let mut text = text.clone();
            for (name, value) in self.variables.iter().filter(|_| text.contains("${")).collect::<Vec<_>>() {
                let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
                text = text.replace(&format!("${{{name}}}"), &value);
            }
            Json::String(text)
        });
        unknown.map_or(Ok(filled), |name| Err(format!("there is no variable ${name}")))
    }
}

/// Keeps `begun` until the future has been polled once, and so counts for itself: there is no instant between at which
/// nothing seems to run.
async fn counted<F: Future>(begun: Busy, future: F) -> F::Output {
    let mut future = pin!(future);
    let mut begun = Some(begun);
    std::future::poll_fn(move |cx| -> Poll<F::Output> {
        let polled = future.as_mut().poll(cx);
        drop(begun.take());
        polled
    })
    .await
}

/// Whether an expectation that leaves something open fits an answer.
fn fits(line: &Line, head: &str, body: Option<&Json>) -> bool {
    let Content::Answer { body: wanted, .. } = &line.content else { return false };
    let words = |text: &str| text.split_whitespace().map(ToOwned::to_owned).collect::<Vec<_>>();
    let wanted_head = line.text.split('{').next().unwrap_or_default();
    wanted.has_rest() && words(wanted_head) == words(head) && body.is_some_and(|body| wanted.admits(body))
}

/// An answer as it is on the wire.
fn bytes_of(response: &http::Response<Bytes>) -> String {
    let headers = response.headers().iter();
    let mut lines: Vec<String> = headers
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    lines.sort();
    lines.push(String::from_utf8_lossy(response.body()).into_owned());
    lines.join("\n")
}
