//! Statements in the policy of a topic, each under its label.

use super::TopicAttributes;
use super::failure::InvalidParameter;
use mesh_types::{AccountId, Arn};
use serde_json::{Map, Value, json};

/// Who may do what with a topic.
#[derive(Debug, Clone)]
pub struct Permission {
    label: String,
    accounts: Vec<AccountId>,
    actions: Vec<String>,
}

/// What a policy can allow.
const ACTIONS: [&str; 13] = [
    "AddPermission",
    "DeleteTopic",
    "GetDataProtectionPolicy",
    "GetTopicAttributes",
    "ListSubscriptionsByTopic",
    "ListTagsForResource",
    "Publish",
    "PutDataProtectionPolicy",
    "RemovePermission",
    "SetTopicAttributes",
    "Subscribe",
    "TagResource",
    "UntagResource",
];

impl Permission {
    /// Checks a permission as it was asked for.
    ///
    /// # Errors
    /// No label, accounts or actions; such that there are not.
    pub fn check(label: String, accounts: &[String], actions: Vec<String>) -> Result<Self, InvalidParameter> {
        if label.is_empty() {
            return Err(InvalidParameter::of("Label"));
        }
        if let Some(other) = actions.iter().find(|action| !ACTIONS.contains(&action.as_str())) {
            let _name = other;
            return Err(InvalidParameter::of("Policy statement action out of service scope!"));
        }
        let read =
            |account: &String| AccountId::parse(account).map_err(|_| InvalidParameter::of("AWSAccountId"));
        let accounts: Vec<AccountId> = accounts.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { label, accounts, actions })
    }

    /// Adds the statement to a topic's policy.
    ///
    /// # Errors
    /// The policy has a statement of this label.
    pub fn add_to(&self, attributes: &mut TopicAttributes, topic: &Arn) -> Result<(), InvalidParameter> {
        let (mut policy, mut statements) = read(attributes, topic);
        if statements.iter().any(|statement| is_labelled(statement, &self.label)) {
            return Err(InvalidParameter::of("Statement already exists"));
        }
        let principals =
            self.accounts.iter().map(|account| format!("arn:{}:iam::{account}:root", topic.partition));
        statements.push(json!({
            "Sid": self.label,
            "Effect": "Allow",
            "Principal": { "AWS": one_or_many(principals.collect()) },
            "Action": one_or_many(self.actions.iter().map(|action| format!("SNS:{action}")).collect()),
            "Resource": topic.to_string(),
        }));
        policy.insert("Statement".to_owned(), Value::Array(statements));
        attributes.set("Policy", &Value::Object(policy).to_string())
    }

    /// Takes the statement of a label out of a topic's policy. Where there is none nothing happens.
    ///
    /// # Errors
    /// The policy would be none.
    pub fn remove(
        attributes: &mut TopicAttributes,
        topic: &Arn,
        label: &str,
    ) -> Result<(), InvalidParameter> {
        let (mut policy, mut statements) = read(attributes, topic);
        statements.retain(|statement| !is_labelled(statement, label));
        policy.insert("Statement".to_owned(), Value::Array(statements));
        attributes.set("Policy", &Value::Object(policy).to_string())
    }
}

fn read(attributes: &TopicAttributes, topic: &Arn) -> (Map<String, Value>, Vec<Value>) {
    let mut policy: Map<String, Value> = serde_json::from_str(&attributes.policy(topic)).unwrap_or_default();
    let statements = match policy.remove("Statement") {
        Some(Value::Array(statements)) => statements,
        // A single statement may stand without a list.
        Some(statement @ Value::Object(_)) => vec![statement],
        _ => Vec::new(),
    };
    (policy, statements)
}

fn is_labelled(statement: &Value, label: &str) -> bool {
    statement.get("Sid").and_then(Value::as_str) == Some(label)
}

fn one_or_many(mut texts: Vec<String>) -> Value {
    if texts.len() == 1 { json!(texts.remove(0)) } else { json!(texts) }
}
