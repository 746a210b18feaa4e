//! What a function's answer to a batch of messages means.
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>

use serde_json::Value;
use std::collections::BTreeSet;

/// Which messages of a batch have failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failed {
    /// All: the answer is none that says which.
    All,
    /// These, by their message ids; none where it is empty.
    Only(BTreeSet<String>),
}

/// Reads the answer of a function that reports failures, to a batch of these messages. No answer, or one without
/// failures, means success; one that names something else than messages of the batch means that all have failed.
pub fn failed<'a>(answer: &[u8], batch: impl Iterator<Item = &'a str> + Clone) -> Failed {
    if answer.is_empty() {
        return Failed::Only(BTreeSet::new());
    }
    let failures = match serde_json::from_slice::<Value>(answer) {
        Ok(Value::Null) => return Failed::Only(BTreeSet::new()),
        Ok(Value::String(text)) if text.is_empty() => return Failed::Only(BTreeSet::new()),
        Ok(Value::Array(elements)) if elements.is_empty() => return Failed::Only(BTreeSet::new()),
        Ok(Value::Object(mut members)) => members.remove("batchItemFailures").unwrap_or(Value::Null),
        Ok(_) | Err(_) => return Failed::All,
    };
    let named: Option<BTreeSet<String>> = match failures {
        Value::Null => Some(BTreeSet::new()),
        Value::Array(items) => items
            .iter()
            .map(|item| item.get("itemIdentifier")?.as_str().map(str::to_owned))
            .map(|id| id.filter(|id| batch.clone().any(|message| message == id)))
            .collect(),
        _ => None,
    };
    named.map_or(Failed::All, Failed::Only)
}

#[cfg(test)]
mod tests {
    use super::*;

    // recordings/lambda.json::test_dynamodb_report_batch_item_success_scenarios and ..._failure_scenarios name the answers
    #[test]
    fn an_answer_says_which_have_failed() {
        let failed = |answer: &str| failed(answer.as_bytes(), ["a", "b", "c"].into_iter());
        for success in
            ["", "null", "\"\"", "[]", "{}", r#"{"batchItemFailures":[]}"#, r#"{"batchItemFailures":null}"#]
        {
            assert_eq!(failed(success), Failed::Only(BTreeSet::new()), "{success}");
        }
        let some = failed(
            r#"{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"c"},{"itemIdentifier":"b"}]}"#,
        );
        assert_eq!(some, Failed::Only(["b".to_owned(), "c".to_owned()].into()));
        for failure in [
            "nonsense",
            "1",
            "\"text\"",
            r#"{"batchItemFailures":{}}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#,
            r#"{"batchItemFailures":[{"foo":"a"}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":"a"},{"foo":null}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":"another"}]}"#,
            r#"{"batchItemFailures":["a"]}"#,
        ] {
            assert_eq!(failed(failure), Failed::All, "{failure}");
        }
    }
}
