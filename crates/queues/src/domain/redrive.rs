//! Dead-letter queues: where messages go that were received too often, and which queues may send theirs to one.

use super::failure::InvalidParameter;
use super::{QueueAddress, QueueName, message_id};
use crate::limits::{MAX_RECEIVES, MAX_SOURCE_QUEUES};
use crate::state::directory::{self, Directory};
use crate::state::queue::{CHANGED, Extras, Message, QueueState, Sequence};
use mesh_store::{Key, Tx};
use mesh_types::{Arn, Need};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use smol_str::SmolStr;
use std::sync::Arc;

/// After how many receives a message goes to which queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedrivePolicy {
    /// The ARN of the dead-letter queue.
    pub target: SmolStr,
    /// As often a message is received at most.
    pub max_receives: u32,
}

/// Which queues may send their dead letters to this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RedriveAllowPolicy {
    /// All of the account in the Region.
    All,
    /// None.
    None,
    /// Those with these ARNs.
    Queues(Vec<SmolStr>),
}

const TARGET: &str = "deadLetterTargetArn";
const MAX_RECEIVE_COUNT: &str = "maxReceiveCount";

impl RedrivePolicy {
    /// Reads a policy; an empty text is none.
    ///
    /// # Errors
    /// A text that is no policy: one that was encoded twice is a JSON string, not a map.
    pub fn parse(text: &str) -> Result<Option<Self>, InvalidParameter> {
        let refused = |reason: &str| invalid("RedrivePolicy", text, reason);
        if text.is_empty() {
            return Ok(None);
        }
        let policy: Map<String, Value> =
            serde_json::from_str(text).map_err(|_| refused("Redrive policy is not a valid JSON map."))?;
        for name in [MAX_RECEIVE_COUNT, TARGET] {
            if !policy.contains_key(name) {
                return Err(refused(&format!(
                    "Redrive policy does not contain mandatory attribute: {name}."
                )));
            }
        }
        if policy.len() > 2 {
            return Err(refused(
                "Only following attributes are supported: [deadLetterTargetArn, maxReceiveCount].",
            ));
        }
        let count = match &policy[MAX_RECEIVE_COUNT] {
            Value::String(count) => count.clone(),
            count => count.to_string(),
        };
        let Some(max_receives) = count.parse().ok().filter(|count| MAX_RECEIVES.contains(count)) else {
            let (least, most) = (MAX_RECEIVES.start(), MAX_RECEIVES.end());
            return Err(refused(&format!(
                "Invalid value for maxReceiveCount: {count}, valid values are from {least} to {most} both inclusive."
            )));
        };
        let arn = policy[TARGET].as_str().and_then(|arn| Arn::parse(arn).ok());
        let arn = arn.ok_or_else(|| refused("Dead-letter target ARN should be fully qualified ARN."))?;
        if arn.service != "sqs" {
            return Err(refused("Only SQS queues are valid resources for deadLetterTargetArn."));
        }
        Ok(Some(Self { target: arn.to_string().into(), max_receives }))
    }

    /// The policy as it is answered.
    pub fn text(&self) -> String {
        // In AWS's order, which a map would not keep.
        format!(r#"{{"{TARGET}":{},"{MAX_RECEIVE_COUNT}":{}}}"#, json!(self.target), self.max_receives)
    }

    /// The name of the dead-letter queue.
    pub fn target_name(&self) -> QueueName {
        QueueName::of_existing(self.target.rsplit(':').next().unwrap_or_default())
    }

    /// Where the dead-letter queue is: in the account and Region of the queue itself.
    fn target_key(&self, source: &QueueAddress) -> Key<QueueState> {
        Key::new(source.key.account(), source.key.region().clone(), self.target_name().as_str())
    }

    /// Checks that the dead letters of `source` can go where this policy says.
    ///
    /// # Errors
    /// A queue of another account, Region or type, the source itself, one that does not exist or does not allow it.
    fn check_target<E>(&self, source: &QueueAddress, tx: &mut Tx<'_>) -> Result<(), E>
    where
        E: From<InvalidParameter> + From<Need>,
    {
        let refused = |reason: &str| invalid("RedrivePolicy", &self.text(), reason);
        let own = source.arn();
        let target = Arn::parse(&self.target).unwrap_or_else(|_| own.clone());
        if target.account != own.account {
            return Err(refused("Dead-letter target owner should be same as the source.").into());
        }
        if target.region != own.region {
            return Err(refused("Dead-letter target must be in same region as the source.").into());
        }
        if target.resource.ends_with(".fifo") != own.resource.ends_with(".fifo") {
            // Both dots are AWS's.
            return Err(refused("Dead-letter queue must be same type of queue as the source..").into());
        }
        if target.resource == own.resource {
            return Err(refused("Dead-letter target must be another queue than the source.").into());
        }
        let allows = |queue: &mut QueueState, _: &mut Tx<'_>| {
            let settings = queue.settings.get()?;
            Some(settings.attributes.redrive_allow.as_ref().is_none_or(|policy| policy.allows(&own)))
        };
        match tx.on(&self.target_key(source), allows)? {
            None => Err(refused("Dead letter target does not exist.").into()),
            Some(false) => {
                Err(refused("The dead-letter target's RedriveAllowPolicy does not allow the source.").into())
            }
            Some(true) => Ok(()),
        }
    }
}

impl RedriveAllowPolicy {
    /// Reads a policy; an empty text is none.
    ///
    /// # Errors
    /// A text that is no policy.
    pub fn parse(text: &str) -> Result<Option<Self>, InvalidParameter> {
        let refused = |reason: &str| {
            let reason = format!("Amazon SQS can't create the redrive allow policy{reason}");
            invalid("RedriveAllowPolicy", text, &reason)
        };
        let unsupported = || refused(", as it’s in an unsupported format.");
        if text.is_empty() {
            return Ok(None);
        }
        let policy: Map<String, Value> = serde_json::from_str(text).map_err(|_| unsupported())?;
        if policy.keys().any(|key| !matches!(key.as_str(), "redrivePermission" | "sourceQueueArns")) {
            return Err(unsupported());
        }
        let queues = match policy.get("sourceQueueArns") {
            None => None,
            Some(Value::Array(arns)) => {
                let arns: Option<Vec<SmolStr>> =
                    arns.iter().map(|arn| arn.as_str().map(SmolStr::new)).collect();
                Some(arns.ok_or_else(unsupported)?)
            }
            Some(_) => return Err(unsupported()),
        };
        let permission = policy.get("redrivePermission").and_then(Value::as_str);
        Ok(Some(match (permission, queues) {
            (Some("allowAll"), None) => Self::All,
            (Some("denyAll"), None) => Self::None,
            (Some("byQueue"), Some(queues)) if !queues.is_empty() => {
                if queues.len() > MAX_SOURCE_QUEUES {
                    return Err(refused(&format!(
                        ". The maximum number of source queue ARNs you can specify is {MAX_SOURCE_QUEUES}."
                    )));
                }
                Self::Queues(queues)
            }
            (Some("byQueue"), _) => {
                return Err(refused(
                    ". When you specify the byQueue permission type, you must also specify one or more \
                     sourceQueueArns values.",
                ));
            }
            (Some("allowAll" | "denyAll"), Some(_)) => {
                return Err(refused(
                    ". To specify one or more source queue ARNs, you must set redrivePermission to byQueue.",
                ));
            }
            _ => return Err(unsupported()),
        }))
    }

    /// The policy as it is answered.
    pub fn text(&self) -> String {
        match self {
            Self::All => r#"{"redrivePermission":"allowAll"}"#.to_owned(),
            Self::None => r#"{"redrivePermission":"denyAll"}"#.to_owned(),
            Self::Queues(arns) => {
                format!(r#"{{"redrivePermission":"byQueue","sourceQueueArns":{}}}"#, json!(arns))
            }
        }
    }

    fn allows(&self, source: &Arn) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Queues(arns) => arns.iter().any(|arn| *arn == source.to_string()),
        }
    }
}

impl QueueState {
    /// Checks where the dead letters of this queue go, and notes it in the directory, so that the target finds it.
    ///
    /// # Errors
    /// They cannot go there.
    pub fn note_dead_letters<E>(&self, queue: &QueueAddress, tx: &mut Tx<'_>) -> Result<(), E>
    where
        E: From<InvalidParameter> + From<Need>,
    {
        let policy = self.settings.get().and_then(|settings| settings.attributes.redrive.as_ref());
        if let Some(policy) = policy {
            policy.check_target::<E>(queue, tx)?;
        }
        let directory = directory::key_of(queue.key.account(), queue.key.region());
        tx.on(&directory, |directory: &mut Directory, _| {
            let name = QueueName::of_existing(queue.key.name());
            directory
                .queues
                .update(&name, |entry| entry.dead_letters = policy.map(RedrivePolicy::target_name))
        })?;
        Ok(())
    }

    /// Moves messages to the dead-letter queue, in this order; false where there is none any more: they stay.
    pub(super) fn move_dead_letters(
        &mut self,
        queue: &QueueAddress,
        policy: &RedrivePolicy,
        messages: &[Sequence],
        tx: &mut Tx<'_>,
    ) -> Result<bool, Need> {
        let source = SmolStr::from(queue.arn().to_string());
        let has_moved = tx.on(&policy.target_key(queue), |target: &mut QueueState, tx| {
            if target.settings.get().is_none() {
                return false;
            }
            for message in messages.iter().filter_map(|sequence| self.messages.get(sequence)) {
                target.take_over(message, source.clone(), tx);
            }
            true
        })?;
        if has_moved {
            for sequence in messages {
                self.messages.remove(sequence);
            }
        }
        Ok(has_moved)
    }

    /// Takes a message over from another queue. Its receives are not kept, and its age only in a standard queue. In a FIFO
    /// queue its id becomes the deduplication id: two messages may have had the same one, minutes apart.
    /// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html>
    fn take_over(&mut self, message: &Message, source: SmolStr, tx: &mut Tx<'_>) {
        let extras = message.extras.as_deref().cloned().unwrap_or_default();
        let is_fifo = self.settings.get().is_some_and(|settings| settings.attributes.fifo.is_some());
        let sent_at = if is_fifo { tx.now() } else { message.sent_at };
        let deduplication_id = is_fifo.then(|| message_id(message.id).into());
        let moved = Message {
            sent_at,
            extras: Some(Arc::new(Extras { source: Some(source), deduplication_id, ..extras })),
            // It was not held back here.
            visible_at: sent_at.min(tx.now()),
            first_received_at: None,
            received_at: None,
            receives: 0,
            receipt: 0,
            ..message.clone()
        };
        let sequence = if is_fifo { self.next_place(tx.now()) } else { self.next_sequence(tx.now()) };
        self.messages.insert(sequence, moved);
        tx.signal(CHANGED);
    }
}

fn invalid(parameter: &str, value: &str, reason: &str) -> InvalidParameter {
    InvalidParameter {
        sentence: format!("Value {value} for parameter {parameter} is invalid. Reason: {reason}"),
    }
}
