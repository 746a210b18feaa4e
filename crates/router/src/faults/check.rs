//! From what somebody wrote to a rule that can do what it says.

use super::{Choice, Dropped, Effect, On, Pattern, Rule, When, code};
use crate::Registry;
use crate::router::Erased;
use mesh_types::Timestamp;
use mesh_wire::schema::Schema;
use smol_str::SmolStr;
use std::fmt;
use std::time::Duration;

/// No call takes longer by one rule.
const LONGEST_LATENCY: Duration = Duration::from_secs(15 * 60);

/// The longest name of a rule.
const NAME_LENGTH: usize = 64;

/// Members by which answers tell that some entries of a batch failed.
const FAILED_ENTRIES: [&str; 5] =
    ["Failed", "UnprocessedItems", "UnprocessedKeys", "FailedRecordCount", "FailedEntryCount"];

/// A rule as it was written: every member that was there.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    /// See [`Rule::name`].
    pub name: Option<String>,
    /// See [`On::service`].
    pub service: Option<String>,
    /// See [`On::operation`].
    pub operation: Option<String>,
    /// See [`On::resource`].
    pub resource: Option<String>,
    /// See [`On::account`].
    pub account: Option<String>,
    /// See [`On::caller`].
    pub caller: Option<String>,
    /// See [`Choice::Probability`].
    pub probability: Option<f64>,
    /// See [`Choice::Every`].
    pub every: Option<u64>,
    /// See [`When::from`].
    pub from: Option<Timestamp>,
    /// See [`When::until`].
    pub until: Option<Timestamp>,
    /// See [`When::times`].
    pub times: Option<u64>,
    /// See [`Effect::Error`].
    pub error: Option<String>,
    /// The sentence of `error`.
    pub message: Option<String>,
    /// See [`Effect::Latency`]: the least and the most.
    pub latency: Option<(Duration, Duration)>,
    /// See [`Effect::Drop`].
    pub drop: Option<Dropped>,
    /// See [`Effect::Throttle`]: calls a second.
    pub throttle: Option<f64>,
    /// The calls that `throttle` lets come at once; a second's unless told.
    pub burst: Option<u32>,
    /// See [`Effect::PartialBatch`].
    pub partial_batch: Option<f64>,
    /// The code with which `partial_batch` has entries fail.
    pub code: Option<String>,
    /// See [`Effect::Duplicate`].
    pub duplicate: bool,
    /// See [`Effect::Reorder`].
    pub reorder: bool,
    /// See [`Effect::StaleRead`].
    pub stale_read: Option<Duration>,
}

/// Why a rule is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal(pub String);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

fn refuse<T>(sentence: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal(sentence.into()))
}

impl Draft {
    /// Checks a rule against what is served. One without a name is called by what it does.
    ///
    /// # Errors
    /// An unknown service or operation, an error that none of the operations can answer, members that contradict each
    /// other, values out of their bounds.
    pub(super) fn check(self, registry: &Registry) -> Result<Rule, Refusal> {
        let effect = self.effect()?;
        let when = self.when()?;
        let on = On {
            service: self.service.map(Pattern::new),
            operation: self.operation.map(Pattern::new),
            resource: self.resource.map(Pattern::new),
            account: self.account.map(Pattern::new),
            caller: self.caller.map(Pattern::new),
        };
        check_operations(&on, &effect, registry)?;
        let name = self.name.map_or_else(|| SmolStr::new_static(effect.name()), SmolStr::new);
        let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        if name.is_empty() || name.len() > NAME_LENGTH || !name.bytes().all(is_name) {
            return refuse(format!(
                "{name:?} is no name of a fault rule: 1 to {NAME_LENGTH} letters, digits, hyphens, underscores and dots."
            ));
        }
        Ok(Rule { name, on, when, effect })
    }

    fn when(&self) -> Result<When, Refusal> {
        let choice = match (self.probability, self.every) {
            (Some(_), Some(_)) => return refuse("A rule has probability or every, and not both."),
            (Some(probability), None) if probability > 0.0 && probability <= 1.0 => {
                Choice::Probability(probability)
            }
            (Some(probability), None) => {
                return refuse(format!("probability is more than 0 and at most 1, and not {probability}."));
            }
            (None, Some(0)) => {
                return refuse("every is 1 or more: every 3 strikes the third call, the sixth, ...");
            }
            (None, Some(every)) => Choice::Every(every),
            (None, None) => Choice::Always,
        };
        if self.times == Some(0) {
            return refuse("times is 1 or more: a rule that strikes no call does nothing.");
        }
        if let (Some(from), Some(until)) = (self.from, self.until)
            && until <= from
        {
            return refuse("until is later than from: no moment lies between them.");
        }
        Ok(When { choice, from: self.from, until: self.until, times: self.times })
    }

    fn effect(&self) -> Result<Effect, Refusal> {
        let effects = [
            self.error.as_deref().map(|code| self.error(code)),
            self.latency.map(latency),
            self.drop.map(|dropped| Ok(Effect::Drop(dropped))),
            self.throttle.map(|rate| self.throttle(rate)),
            self.partial_batch.map(|fraction| self.partial_batch(fraction)),
            self.duplicate.then_some(Ok(Effect::Duplicate)),
            self.reorder.then_some(Ok(Effect::Reorder)),
            self.stale_read.map(stale_read),
        ];
        let mut effects = effects.into_iter().flatten();
        let effect = match (effects.next(), effects.next()) {
            (Some(effect), None) => effect?,
            (None, _) => {
                return refuse(
                    "A rule has one effect: error, latency, drop, throttle, partial_batch, duplicate, reorder or \
                     stale_read.",
                );
            }
            (Some(one), Some(other)) => {
                let (one, other) = (one?, other?);
                return refuse(format!(
                    "A rule has one effect, and this one has {} and {}: write two rules.",
                    one.name(),
                    other.name()
                ));
            }
        };
        for (is_there, member, of) in [
            (self.message.is_some(), "message", "error"),
            (self.burst.is_some(), "burst", "throttle"),
            (self.code.is_some(), "code", "partial_batch"),
        ] {
            if is_there && effect.name() != of {
                return refuse(format!("{member} goes with {of}, and this rule has {}.", effect.name()));
            }
        }
        Ok(effect)
    }

    fn error(&self, code: &str) -> Result<Effect, Refusal> {
        let message = self.message.as_deref().map(SmolStr::new);
        Ok(Effect::Error { code: SmolStr::new(code), message })
    }

    fn throttle(&self, rate: f64) -> Result<Effect, Refusal> {
        if !(rate > 0.0 && rate <= 1e9) {
            return refuse(format!("throttle is a number of calls a second, more than 0, and not {rate}."));
        }
        if self.burst == Some(0) {
            return refuse("burst is 1 or more: no call could come.");
        }
        #[expect(clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "it was looked at above")]
        let second = rate.ceil() as u32;
        Ok(Effect::Throttle { rate, burst: self.burst.unwrap_or(second) })
    }

    fn partial_batch(&self, fraction: f64) -> Result<Effect, Refusal> {
        if !(fraction > 0.0 && fraction <= 1.0) {
            return refuse(format!(
                "partial_batch is the part of a batch that fails, more than 0 and at most 1, and not {fraction}."
            ));
        }
        Ok(Effect::PartialBatch { fraction, code: self.code.as_deref().map(SmolStr::new) })
    }
}

fn latency((least, most): (Duration, Duration)) -> Result<Effect, Refusal> {
    if most < least || most.is_zero() {
        return refuse("latency is a span, or the least and the most: 200ms, 100ms..1s.");
    }
    if most > LONGEST_LATENCY {
        return refuse(format!(
            "latency is {LONGEST_LATENCY:?} at most: drop leaves a call without an answer."
        ));
    }
    Ok(Effect::Latency { least, most })
}

fn stale_read(age: Duration) -> Result<Effect, Refusal> {
    if age.is_zero() {
        return refuse("stale_read is how old a write may be that is not seen yet: 1s.");
    }
    Ok(Effect::StaleRead(age))
}

/// Whether there is an operation that the rule means and that can show its effect.
fn check_operations(on: &On, effect: &Effect, registry: &Registry) -> Result<(), Refusal> {
    let mut services: Vec<_> = registry.services.values().collect();
    services.sort_unstable_by_key(|service| service.meta.name);
    let known: Vec<&str> = services.iter().map(|service| service.meta.name).collect();
    if let Some(service) = &on.service {
        services.retain(|known| service.matches(known.meta.name));
        if services.is_empty() {
            return refuse(format!("There is no service {service}; there are {}.", known.join(", ")));
        }
    }
    let mut operations: Vec<&Erased> =
        services.iter().flat_map(|service| service.operations.values()).collect();
    operations.sort_unstable_by_key(|operation| (operation.meta().service.name, operation.meta().name));
    operations.retain(|operation| on.means_operation(operation.meta().service.name, operation.meta().name));
    if operations.is_empty() {
        let operation = on.operation.as_ref().map_or("*", Pattern::as_str);
        let is_known = services.iter().any(|service| {
            service.meta.routes.iter().any(|route| on.means_operation(service.meta.name, route.name))
        });
        let service = on.service.as_ref().map_or("any service", Pattern::as_str);
        return refuse(match is_known {
            true => format!("{operation} of {service} is not served, so no call of it can fail otherwise."),
            false => format!(
                "There is no operation {operation} of {service}: names are written as AWS writes them."
            ),
        });
    }
    if operations.iter().any(|operation| shows(operation, effect)) {
        return Ok(());
    }
    let first = operations[0];
    let named = format!("{} {}", first.meta().service.name, first.meta().name);
    let which = if operations.len() == 1 { named.as_str() } else { "none of these operations" };
    refuse(match effect {
        Effect::Error { code, .. } if operations.len() == 1 => format!(
            "{which} cannot answer {code}; it can answer {}.",
            code::codes(first.meta().service, first.errors()).join(", ")
        ),
        Effect::Error { code, .. } => format!("{code} can be answered by {which}."),
        Effect::PartialBatch { .. } => format!("partial_batch wants a batch, which {which} has."),
        _ => format!("stale_read wants a read that has ConsistentRead, which {which} has."),
    })
}

/// Whether an operation can show an effect.
fn shows(operation: &Erased, effect: &Effect) -> bool {
    let meta = operation.meta();
    match effect {
        Effect::Error { code, .. } => code::find(code, meta.service, operation.errors()).is_some(),
        Effect::PartialBatch { .. } => FAILED_ENTRIES.iter().any(|name| has_member(meta.output, name)),
        Effect::StaleRead(_) => has_member(meta.input, "ConsistentRead"),
        _ => true,
    }
}

fn has_member(schema: &Schema<'_>, name: &str) -> bool {
    schema.members().iter().any(|member| member.member_name() == Some(name))
}
