//! What led to something and what came of it, as a tree on a terminal.

use crate::table::word;
use serde_json::Value;
use std::fmt::Write;

/// One line an entry, each under what caused it. The entry that was asked about is marked.
pub(crate) fn tree(answer: &Value) -> String {
    let mut text = String::new();
    let mut line = |depth: usize, mark: &str, entry: &Value| {
        // A String takes all that is written to it.
        let _written = writeln!(text, "{mark}{:indent$}{}", "", describe(entry), indent = 2 * depth);
    };
    let because = answer["because"].as_array().map(Vec::as_slice).unwrap_or_default();
    for (depth, entry) in because.iter().enumerate() {
        line(depth, "  ", entry);
    }
    let depth = because.len();
    line(depth, "> ", &answer["entry"]);
    for entry in answer["caused"].as_array().into_iter().flatten() {
        let distance = entry["distance"].as_u64().and_then(|distance| usize::try_from(distance).ok());
        line(depth + distance.unwrap_or(1), "  ", entry);
    }
    text
}

fn describe(entry: &Value) -> String {
    let member = |name: &str| word(&entry[name]);
    let id = if entry["id"].is_null() { member("request_id") } else { member("id") };
    match entry["kind"].as_str().unwrap_or_default() {
        "call" => {
            let error = entry["error"].as_str().map(|error| format!(" {error}")).unwrap_or_default();
            let call = format!("{} {}", member("service"), member("operation"));
            format!("{call}: {}{error}  ({id})", member("status"))
        }
        "delivery" => format!("delivery to {}: {}", member("to"), outcome(&entry["outcome"])),
        "fault" => format!("fault {}: {}", member("rule"), member("effect")),
        "subject" => format!("message {id}"),
        "http" | "process" | "listen" | "scratch" => {
            let error = entry["error"].as_str().map(|error| format!(": {error}")).unwrap_or_default();
            format!("{} {}{error}", member("kind"), member("what"))
        }
        kind => format!("{kind} {id}"),
    }
}

fn outcome(outcome: &Value) -> String {
    let member = |name: &str| word(&outcome[name]);
    match outcome["result"].as_str().unwrap_or_default() {
        "filtered" if member("key").is_empty() => {
            format!("filtered, the message is {}, by {}", member("value"), member("policy"))
        }
        "filtered" => {
            format!("filtered, {:?} has {}, by {}", member("key"), member("value"), member("policy"))
        }
        "failed" => format!("failed after {}: {}", attempts(outcome), member("last_error")),
        "waiting" => {
            let (error, until) = (member("last_error"), member("until"));
            format!("failed {}, tried again at {until}: {error}", attempts(outcome))
        }
        "dead-lettered" => format!("dead-lettered to {}", member("queue")),
        "refused" => format!("refused by {}", member("by")),
        result => result.to_owned(),
    }
}

fn attempts(outcome: &Value) -> String {
    match outcome["after_attempts"].as_u64() {
        Some(1) => "1 attempt".to_owned(),
        count => format!("{} attempts", count.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_entry_is_a_line_under_what_caused_it() {
        let answer = json!({
            "because": [{ "kind": "call", "service": "sns", "operation": "Publish", "status": 200, "request_id": "r" }],
            "entry": { "kind": "subject", "id": "m" },
            "caused": [
                {
                    "kind": "delivery", "to": "sns sqs q", "distance": 1,
                    "outcome": { "result": "filtered", "policy": "{}", "key": "colour", "value": "\"red\"" },
                },
                {
                    "kind": "delivery", "to": "sns http e", "distance": 1,
                    "outcome": { "result": "waiting", "after_attempts": 1, "last_error": "500", "until": "then" },
                },
                { "kind": "http", "what": "POST http://e 500", "distance": 2 },
            ],
        });
        let lines = [
            "  sns Publish: 200  (r)",
            ">   message m",
            "      delivery to sns sqs q: filtered, \"colour\" has \"red\", by {}",
            "      delivery to sns http e: failed 1 attempt, tried again at then: 500",
            "        http POST http://e 500",
        ];
        assert_eq!(tree(&answer).lines().collect::<Vec<_>>(), lines);
    }
}
