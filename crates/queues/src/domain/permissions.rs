//! Statements in the policy of a queue, each under its label.

use super::QueueAttributes;
use super::failure::{InvalidParameter, MissingParameter, TooManyActions};
use crate::limits::MAX_ACTIONS;
use mesh_types::{AccountId, Arn};
use serde_json::{Map, Value, json};

/// Who may do what with a queue.
#[derive(Debug, Clone)]
pub struct Permission {
    label: String,
    accounts: Vec<AccountId>,
    actions: Vec<String>,
}

/// What a policy can allow.
const ACTIONS: [&str; 7] = [
    "*",
    "ChangeMessageVisibility",
    "DeleteMessage",
    "GetQueueAttributes",
    "GetQueueUrl",
    "ReceiveMessage",
    "SendMessage",
];

/// What only the owner of a queue can do.
const OWNERS_ACTIONS: [&str; 13] = [
    "AddPermission",
    "CancelMessageMoveTask",
    "CreateQueue",
    "DeleteQueue",
    "ListMessageMoveTasks",
    "ListQueueTags",
    "ListQueues",
    "PurgeQueue",
    "RemovePermission",
    "SetQueueAttributes",
    "StartMessageMoveTask",
    "TagQueue",
    "UntagQueue",
];

impl Permission {
    /// Checks a permission as it was asked for.
    ///
    /// # Errors
    /// A label that is none; no accounts or actions, or such that there are not; too many actions.
    pub fn check<E>(label: String, accounts: &[String], actions: &[String]) -> Result<Self, E>
    where
        E: From<InvalidParameter> + From<MissingParameter> + From<TooManyActions>,
    {
        let is_label = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if !(1..=80).contains(&label.len()) || !label.bytes().all(is_label) {
            let reason =
                "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";
            return Err(invalid(&label, "Label", reason).into());
        }
        if actions.len() > MAX_ACTIONS {
            return Err(TooManyActions { count: actions.len() }.into());
        }
        let (Some(_), Some(_)) = (accounts.first(), actions.first()) else {
            let parameter = if accounts.is_empty() { "PrincipalId" } else { "Actions" };
            return Err(MissingParameter { parameter }.into());
        };
        for action in actions {
            if !ACTIONS.contains(&action.as_str()) {
                let reason = match OWNERS_ACTIONS.contains(&action.as_str()) {
                    true => "Only the queue owner is allowed to invoke this action.",
                    false => "Please refer to the appropriate WSDL for a list of valid actions.",
                };
                return Err(invalid(&format!("SQS:{action}"), "ActionName", reason).into());
            }
        }
        let read = |account: &String| {
            AccountId::parse(account).map_err(|_| invalid(account, "PrincipalId", "Unable to verify."))
        };
        let accounts = accounts.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { label, accounts, actions: actions.to_vec() })
    }

    /// Adds the statement to a queue's policy, which it begins where there is none.
    ///
    /// # Errors
    /// The policy has a statement of this label.
    pub fn add_to(&self, attributes: &mut QueueAttributes, queue: &Arn) -> Result<(), InvalidParameter> {
        let id = format!("{queue}/SQSDefaultPolicy");
        let mut policy = read(attributes).unwrap_or_else(|| {
            Map::from_iter([("Version".to_owned(), json!("2008-10-17")), ("Id".to_owned(), json!(id))])
        });
        let mut statements = statements(policy.remove("Statement"));
        if statements.iter().any(|statement| is_labelled(statement, &self.label)) {
            return Err(invalid(&self.label, "Label", "Already exists."));
        }
        let principals =
            self.accounts.iter().map(|account| format!("arn:{}:iam::{account}:root", queue.partition));
        let statement = json!({
            "Sid": self.label,
            "Effect": "Allow",
            "Principal": { "AWS": one_or_many(principals.collect()) },
            "Action": one_or_many(self.actions.iter().map(|action| format!("SQS:{action}")).collect()),
            "Resource": queue.to_string(),
        });
        statements.push(statement);
        policy.insert("Statement".to_owned(), Value::Array(statements));
        attributes.set_policy(Some(&Value::Object(policy).to_string()));
        Ok(())
    }

    /// Takes the statement of a label out of a queue's policy, and with the last one the policy.
    ///
    /// # Errors
    /// There is no such statement.
    pub fn remove(attributes: &mut QueueAttributes, label: &str) -> Result<(), InvalidParameter> {
        let mut policy = read(attributes).unwrap_or_default();
        let mut statements = statements(policy.remove("Statement"));
        let count = statements.len();
        statements.retain(|statement| !is_labelled(statement, label));
        if statements.len() == count {
            return Err(invalid(label, "Label", "can't find label."));
        }
        if statements.is_empty() {
            attributes.set_policy(None);
        } else {
            policy.insert("Statement".to_owned(), Value::Array(statements));
            attributes.set_policy(Some(&Value::Object(policy).to_string()));
        }
        Ok(())
    }
}

fn read(attributes: &QueueAttributes) -> Option<Map<String, Value>> {
    serde_json::from_str(attributes.policy()?).ok()
}

fn statements(value: Option<Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(statements)) => statements,
        // A single statement may stand without a list.
        Some(statement @ Value::Object(_)) => vec![statement],
        _ => Vec::new(),
    }
}

fn is_labelled(statement: &Value, label: &str) -> bool {
    statement.get("Sid").and_then(Value::as_str) == Some(label)
}

fn one_or_many(mut texts: Vec<String>) -> Value {
    if texts.len() == 1 { json!(texts.remove(0)) } else { json!(texts) }
}

fn invalid(value: &str, parameter: &str, reason: &str) -> InvalidParameter {
    InvalidParameter {
        sentence: format!("Value {value} for parameter {parameter} is invalid. Reason: {reason}"),
    }
}
