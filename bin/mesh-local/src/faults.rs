//! `mesh-local faults`: the fault rules of a universe.

use crate::Reach;
use crate::commands::{print, show, shows_tables};
use crate::table::{Table, word};
use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

/// The effects that a rule can have, as it names them.
const EFFECTS: [&str; 8] =
    ["error", "latency", "drop", "throttle", "partial_batch", "duplicate", "reorder", "stale_read"];

/// Add, list, load or clear fault rules.
#[derive(Args)]
pub(crate) struct FaultsCommand {
    #[command(subcommand)]
    action: FaultsAction,
    /// The universe.
    #[arg(long, short, default_value = "default", global = true)]
    universe: String,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Subcommand)]
enum FaultsAction {
    /// Add a rule: which calls it means, which of them it strikes, and what happens to those.
    Add(Box<Add>),
    /// The rules, in the order in which they are asked, and what became of them.
    List,
    /// Take rules away: all, or those of these names.
    Clear {
        /// Names of rules.
        names: Vec<String>,
    },
    /// Put the rules of a file in the place of those there are: TOML, or JSON (.json); - reads the standard input.
    Load {
        /// The file.
        file: String,
        /// Add to the rules there are.
        #[arg(long)]
        add: bool,
    },
}

/// A rule, an option each member.
#[derive(Args)]
struct Add {
    /// Its name; else that of its effect.
    #[arg(long)]
    name: Option<String>,
    /// The API: dynamodb. * and ? stand for characters, here and in the next four.
    #[arg(long)]
    service: Option<String>,
    /// The operation: GetItem.
    #[arg(long)]
    operation: Option<String>,
    /// The name, URL or ARN of a resource that the call names.
    #[arg(long)]
    resource: Option<String>,
    /// The account that is called.
    #[arg(long)]
    account: Option<String>,
    /// An access key id, a service (sns), or anonymous.
    #[arg(long)]
    caller: Option<String>,
    /// Strike each call with this probability.
    #[arg(long)]
    probability: Option<f64>,
    /// Strike every n-th call.
    #[arg(long, value_name = "N")]
    every: Option<u64>,
    /// Not before this moment of the universe: 2026-01-01T00:00:00Z.
    #[arg(long)]
    from: Option<String>,
    /// Not from this moment of the universe on.
    #[arg(long)]
    until: Option<String>,
    /// Strike at most so many calls.
    #[arg(long, value_name = "N")]
    times: Option<u64>,
    /// Answer with this error: ThrottlingException.
    #[arg(long, value_name = "CODE")]
    error: Option<String>,
    /// The sentence of --error, where AWS's is not wanted.
    #[arg(long)]
    message: Option<String>,
    /// Take longer: 200ms, or drawn from 100ms..1s.
    #[arg(long, value_name = "SPAN")]
    latency: Option<String>,
    /// Break the connection before or after the operation has run.
    #[arg(long, value_name = "WHEN", num_args = 0..=1, default_missing_value = "before")]
    drop: Option<String>,
    /// Answer more calls than this with the service's error for too many: 10/s, 30/m.
    #[arg(long, value_name = "RATE")]
    throttle: Option<String>,
    /// How many calls --throttle lets come at once.
    #[arg(long, value_name = "N")]
    burst: Option<u32>,
    /// Have this part of a batch's entries fail: 0.5.
    #[arg(long, value_name = "PART")]
    partial_batch: Option<f64>,
    /// The code with which --partial-batch has entries fail.
    #[arg(long)]
    code: Option<String>,
    /// Make deliveries twice, and hand out messages again.
    #[arg(long)]
    duplicate: bool,
    /// Take deliveries and messages in another order.
    #[arg(long)]
    reorder: bool,
    /// Have reads that need not be consistent miss writes younger than this.
    #[arg(long, value_name = "AGE", num_args = 0..=1, default_missing_value = "1s")]
    stale_read: Option<String>,
}

impl Add {
    /// The rule as it is sent.
    fn rule(&self) -> Value {
        let members = [
            ("name", json!(self.name)),
            ("service", json!(self.service)),
            ("operation", json!(self.operation)),
            ("resource", json!(self.resource)),
            ("account", json!(self.account)),
            ("caller", json!(self.caller)),
            ("probability", json!(self.probability)),
            ("every", json!(self.every)),
            ("from", json!(self.from)),
            ("until", json!(self.until)),
            ("times", json!(self.times)),
            ("error", json!(self.error)),
            ("message", json!(self.message)),
            ("latency", json!(self.latency)),
            ("drop", json!(self.drop)),
            ("throttle", json!(self.throttle)),
            ("burst", json!(self.burst)),
            ("partial_batch", json!(self.partial_batch)),
            ("code", json!(self.code)),
            ("duplicate", json!(self.duplicate.then_some(true))),
            ("reorder", json!(self.reorder.then_some(true))),
            ("stale_read", json!(self.stale_read)),
        ];
        let there = members.into_iter().filter(|(_, value)| !value.is_null());
        Value::Object(there.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
    }
}

impl FaultsCommand {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let path = format!("/_mesh/universes/{}/faults", self.universe);
        let answer = match &self.action {
            FaultsAction::Add(add) => self.reach.call("POST", &path, Some(&add.rule()))?,
            FaultsAction::List => self.reach.call("GET", &path, None)?,
            FaultsAction::Clear { names } if names.is_empty() => self.reach.call("DELETE", &path, None)?,
            FaultsAction::Clear { names } => {
                for name in names {
                    self.reach.call("DELETE", &format!("{path}/{name}"), None)?;
                }
                Value::Null
            }
            FaultsAction::Load { file, add } => {
                self.reach.call(if *add { "POST" } else { "PUT" }, &path, Some(&read(file)?))?
            }
        };
        if answer.is_null() || !shows_tables(self.reach.json) {
            return print(&answer, self.reach.json);
        }
        show(&table(&answer["faults"]).to_string());
        Ok(ExitCode::SUCCESS)
    }
}

/// The rules that a file holds, as they are sent.
pub(crate) fn read(file: &str) -> Result<Value> {
    let mut text = String::new();
    if file == "-" {
        std::io::stdin().read_to_string(&mut text).context("the standard input cannot be read")?;
    } else {
        text = std::fs::read_to_string(file)
            .with_context(|| format!("the fault rules in {file} cannot be read"))?;
    }
    let is_json = Path::new(file).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    // The standard input has no name: what begins as JSON does is JSON, for in TOML that begins nothing.
    let is_json = is_json
        || (file == "-" && text.trim_start().starts_with(['{', '[']) && !text.trim_start().starts_with("[["));
    let rules: Value = match is_json {
        true => serde_json::from_str(&text).with_context(|| format!("{file} is no JSON"))?,
        false => toml::from_str(&text).with_context(|| {
            format!("{file} is no TOML: fault rules are written [[faults]], a table each")
        })?,
    };
    if !is_json && rules.get("faults").is_none() {
        bail!("{file} has no fault rules: they are written [[faults]], a table each");
    }
    Ok(rules)
}

/// Rules as a person reads them.
fn table(rules: &Value) -> Table {
    let mut table = Table::new(&["rule", "means", "strikes", "effect", "matches", "injected"]);
    for rule in rules.as_array().into_iter().flatten() {
        let told = |names: &[&str]| -> String {
            let there = names.iter().filter(|name| !rule[**name].is_null());
            let told: Vec<String> = there.map(|name| format!("{name}={}", word(&rule[*name]))).collect();
            told.join(" ")
        };
        table.row([
            word(&rule["name"]),
            told(&["service", "operation", "resource", "account", "caller"]),
            told(&["probability", "every", "from", "until", "times"]),
            told(&EFFECTS),
            word(&rule["matches"]),
            word(&rule["injected"]),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_one_line_of_a_table() {
        let rules = json!([{ "name": "slow", "service": "sqs", "every": 3, "latency": "1s", "matches": 7, "injected": 2 }]);
        assert_eq!(
            table(&rules).to_string(),
            "RULE  MEANS        STRIKES  EFFECT      MATCHES  INJECTED\n\
             slow  service=sqs  every=3  latency=1s  7        2\n"
        );
    }
}
