//! No field is lost in silence: every member of every operation's input is done, stored or refused, and says so at the
//! head of the operation's file; and what is said to be done is sent by at least one scenario.
//!
//! Three texts meet here. `crates/models/members.txt`, written by `cargo xtask codegen`, has a line
//! `service Operation Member …` per operation. The heads of `crates/*/src/ops/**.rs` say what became of each member.
//! `target/coverage/*.txt`, written by the scenario runner, one file per test process, has a line
//! `service Operation Member` per member that was sent.

use crate::compatibility;
use crate::header::Header;
use crate::project::{self, File};
use crate::tidy::source::{code, has_word, is_operation};
use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet};

const MEMBERS: &str = "crates/models/members.txt";
const COMMITTED: &str = "COMPATIBILITY.md";
/// Where the scenario runner leaves what it sent.
pub(crate) const SENT: &str = "target/coverage";

/// An operation of a service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name {
    /// The service, as its module in `mesh_models` is called.
    pub(crate) service: String,
    /// The operation, as AWS calls it.
    pub(crate) operation: String,
}

/// The input members of every operation of the models.
pub(crate) type Members = BTreeMap<Name, BTreeSet<String>>;

/// An operation that is implemented: its file and its head.
#[derive(Debug, Clone)]
pub(crate) struct Implemented {
    /// The operation's file.
    pub(crate) path: String,
    /// The head of that file.
    pub(crate) header: Header,
}

/// Every operation that is implemented.
pub(crate) type Operations = BTreeMap<Name, Implemented>;

/// Checks the heads against the models, COMPATIBILITY.md against the heads, and the heads against what was sent.
pub(crate) fn run(write: bool) -> Result<()> {
    let root = project::root();
    let members = std::fs::read_to_string(root.join(MEMBERS))
        .with_context(|| format!("{MEMBERS} is missing; run `cargo xtask codegen`"))?;
    let members = read_members(&members)?;
    let (operations, mut problems) = read_operations(&project::files()?, &members);
    problems.extend(compare(&operations, &members));
    if problems.is_empty() {
        project::settle(
            COMMITTED,
            &compatibility::text(&operations, &members),
            write,
            "cargo xtask coverage --write",
        )?;
    }
    if !write {
        problems.extend(never_sent(&operations, &read_sent()?));
    }
    for problem in &problems {
        println!("{problem}");
    }
    if !problems.is_empty() {
        bail!("coverage: {} members or operations are not accounted for", problems.len());
    }
    println!("coverage: {} of {} operations, every member accounted for", operations.len(), members.len());
    Ok(())
}

/// Reads `service Operation Member …` lines.
fn read_members(text: &str) -> Result<Members> {
    let mut members = Members::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let mut words = line.split_whitespace().map(str::to_owned);
        let (Some(service), Some(operation)) = (words.next(), words.next()) else {
            bail!("{MEMBERS}:{}: `service Operation Member …` expected", index + 1);
        };
        members.insert(Name { service, operation }, words.collect());
    }
    Ok(members)
}

fn read_operations(files: &[File], members: &Members) -> (Operations, Vec<String>) {
    let mut operations = Operations::new();
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| is_operation(&file.path)) {
        let header = match Header::parse(&file.text) {
            Ok(header) => header,
            Err((line, what)) => {
                problems.push(format!("{}:{line}: {what}", file.path));
                continue;
            }
        };
        let wanted = format!("{}.rs", snake_case(&header.operation));
        if !file.path.ends_with(&format!("/{wanted}")) {
            problems.push(format!("{}:1: the file of {} is called {wanted}", file.path, header.operation));
        }
        match service_of(file, &header.operation, members) {
            Ok(name) => {
                operations.insert(name, Implemented { path: file.path.clone(), header });
            }
            Err(what) => problems.push(format!("{}:1: {what}", file.path)),
        }
    }
    (operations, problems)
}

/// Which service an operation's file belongs to: the one whose folder it is in (`ops/<service>/`); else the one whose
/// model has the operation; if several have it, the one that the file names, as it does where it takes the operation's
/// input from `mesh_models::<service>`.
fn service_of(file: &File, operation: &str, members: &Members) -> Result<Name, String> {
    let within = file.path.split_once("/src/ops/").map_or("", |(_, within)| within);
    if let Some((folder, _)) = within.split_once('/')
        && members.keys().any(|name| name.service == folder)
    {
        let name = Name { service: folder.to_owned(), operation: operation.to_owned() };
        let is_known = members.contains_key(&name);
        return if is_known { Ok(name) } else { Err(format!("the model of {folder} has no {operation}")) };
    }
    let found: Vec<&Name> = members.keys().filter(|name| name.operation == operation).collect();
    let named = |name: &&Name| {
        code(file).any(|(_, line)| line.contains("mesh_models") && has_word(line, &name.service))
    };
    let chosen: Vec<&Name> = found.iter().copied().filter(named).collect();
    match (found.as_slice(), chosen.as_slice()) {
        ([], _) => Err(format!("no model has {operation}")),
        ([one], _) | (_, [one]) => Ok((*one).clone()),
        _ => Err(format!("several services have {operation}; name one by `use mesh_models::<service>`")),
    }
}

/// `SendMessage` as `send_message`.
fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    let letters: Vec<char> = name.chars().collect();
    for (index, letter) in letters.iter().enumerate() {
        let follows_small = index > 0 && !letters[index - 1].is_ascii_uppercase();
        let begins_word = index > 0 && letters.get(index + 1).is_some_and(char::is_ascii_lowercase);
        if letter.is_ascii_uppercase() && (follows_small || begins_word) {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// What the heads and the models do not agree on.
fn compare(operations: &Operations, members: &Members) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, Implemented { path, header }) in operations {
        let Some(wanted) = members.get(name) else { continue };
        let mut lists: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (list, names) in
            [("Done", &header.done), ("Stored", &header.stored), ("Refused", &header.refused)]
        {
            for member in names {
                lists.entry(member).or_default().push(list);
            }
        }
        let operation = &name.operation;
        for member in wanted.iter().filter(|member| !lists.contains_key(member.as_str())) {
            problems.push(format!("{path}:1: {operation}: {member} is in no list (Done, Stored, Refused)"));
        }
        for (member, lists) in lists {
            if !wanted.contains(member) {
                problems.push(format!("{path}:1: {operation} has no member {member}"));
            } else if lists.len() > 1 {
                problems.push(format!(
                    "{path}:1: {operation}: {member} is listed more than once ({})",
                    lists.join(", ")
                ));
            }
        }
    }
    problems
}

/// Which members were sent, of which operation.
type Sent = BTreeSet<(String, String, String)>;

fn read_sent() -> Result<Sent> {
    let folder = project::root().join(SENT);
    let Ok(entries) = std::fs::read_dir(&folder) else {
        bail!(
            "{SENT} is missing: the scenarios leave there what they sent; run the tests first (`cargo nextest run`)"
        );
    };
    let mut sent = Sent::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            read_sent_lines(&std::fs::read_to_string(&path)?, &mut sent);
        }
    }
    Ok(sent)
}

fn read_sent_lines(text: &str, sent: &mut Sent) {
    for line in text.lines() {
        let mut words = line.split_whitespace().map(str::to_owned);
        // A process that was killed may have left half a line; its member will be reported as not sent.
        if let (Some(service), Some(operation), Some(member)) = (words.next(), words.next(), words.next()) {
            sent.insert((service, operation, member));
        }
    }
}

/// The members that are said to be done and that no scenario sends.
fn never_sent(operations: &Operations, sent: &Sent) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, Implemented { path, header }) in operations {
        for member in &header.done {
            if !sent.contains(&(name.service.clone(), name.operation.clone(), member.clone())) {
                problems.push(format!(
                    "{path}:1: {}: {member} is done, but no scenario sends it",
                    name.operation
                ));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: &str = "# Generated by `cargo xtask codegen`.\nkinesis TagResource\nsns TagResource ResourceArn Tags\nsqs DeleteQueue QueueUrl\nsqs SendMessage DelaySeconds MessageBody QueueUrl\n";

    fn operation(path: &str, first: &str, done: &str, stored: &str, refused: &str) -> File {
        let text = format!(
            "//! {first}: what it does.\n//! <https://docs.aws.amazon.com/x>\n//! Done: {done}\n//! Stored: {stored}\n//! Refused: {refused}\n//! Deviates: -\n"
        );
        File { path: path.to_owned(), text }
    }

    fn send_message(done: &str, stored: &str, refused: &str) -> File {
        operation("crates/queues/src/ops/send_message.rs", "SendMessage", done, stored, refused)
    }

    fn problems(files: &[File]) -> Vec<String> {
        let members = read_members(MODEL).expect("a model");
        let (operations, mut problems) = read_operations(files, &members);
        problems.extend(compare(&operations, &members));
        problems
    }

    #[test]
    fn every_member_in_exactly_one_list_is_fine() {
        assert_eq!(
            problems(&[send_message("QueueUrl MessageBody", "-", "DelaySeconds")]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_member_in_no_list_is_found() {
        assert_eq!(
            problems(&[send_message("QueueUrl", "-", "DelaySeconds")]),
            [
                "crates/queues/src/ops/send_message.rs:1: SendMessage: MessageBody is in no list (Done, Stored, Refused)"
            ]
        );
    }

    #[test]
    fn a_member_in_two_lists_is_found() {
        assert_eq!(
            problems(&[send_message("QueueUrl MessageBody", "MessageBody", "DelaySeconds")]),
            [
                "crates/queues/src/ops/send_message.rs:1: SendMessage: MessageBody is listed more than once (Done, Stored)"
            ]
        );
    }

    #[test]
    fn a_member_that_the_model_lacks_is_found() {
        assert_eq!(
            problems(&[send_message("QueueUrl MessageBody Colour", "-", "DelaySeconds")]),
            ["crates/queues/src/ops/send_message.rs:1: SendMessage has no member Colour"]
        );
    }

    #[test]
    fn a_done_member_that_no_scenario_sends_is_found() {
        let members = read_members(MODEL).expect("a model");
        let (operations, _) =
            read_operations(&[send_message("QueueUrl MessageBody", "DelaySeconds", "-")], &members);
        let mut sent = Sent::new();
        read_sent_lines("sqs SendMessage QueueUrl\nsns SendMessage MessageBody\nsqs SendMess", &mut sent);
        assert_eq!(
            never_sent(&operations, &sent),
            [
                "crates/queues/src/ops/send_message.rs:1: SendMessage: MessageBody is done, but no scenario sends it"
            ]
        );
        read_sent_lines("sqs SendMessage MessageBody\n", &mut sent);
        assert_eq!(never_sent(&operations, &sent), Vec::<String>::new());
    }

    #[test]
    fn an_operation_that_several_services_have_belongs_to_the_one_that_its_file_names() {
        let tag =
            operation("crates/queues/src/ops/tag_resource.rs", "TagResource", "ResourceArn", "Tags", "-");
        assert!(problems(std::slice::from_ref(&tag))[0].contains("several services have TagResource"));
        let named = File { text: tag.text + "\nuse mesh_models::sns::{TagResourceInput};\n", ..tag };
        assert_eq!(problems(&[named]), Vec::<String>::new());
        let filed = operation("crates/x/src/ops/kinesis/tag_resource.rs", "TagResource", "-", "-", "-");
        assert_eq!(problems(&[filed]), Vec::<String>::new());
        let misfiled = operation("crates/x/src/ops/sns/delete_queue.rs", "DeleteQueue", "QueueUrl", "-", "-");
        assert_eq!(
            problems(&[misfiled]),
            ["crates/x/src/ops/sns/delete_queue.rs:1: the model of sns has no DeleteQueue"]
        );
    }

    #[test]
    fn one_crate_may_have_the_operations_of_several_services() {
        let files = [
            operation("crates/x/src/ops/kinesis/tag_resource.rs", "TagResource", "-", "-", "-"),
            operation("crates/x/src/ops/sns/tag_resource.rs", "TagResource", "ResourceArn", "Tags", "-"),
        ];
        let members = read_members(MODEL).expect("a model");
        let (operations, problems) = read_operations(&files, &members);
        assert_eq!((operations.len(), problems), (2, Vec::new()));
        assert_eq!(compare(&operations, &members), Vec::<String>::new());
    }

    #[test]
    fn an_operation_that_no_model_has_and_a_file_with_another_name_are_found() {
        let unknown = operation("crates/queues/src/ops/eat_message.rs", "EatMessage", "-", "-", "-");
        assert!(problems(&[unknown])[0].contains("no model has EatMessage"));
        let misnamed = operation("crates/queues/src/ops/delete.rs", "DeleteQueue", "QueueUrl", "-", "-");
        assert_eq!(
            problems(&[misnamed]),
            ["crates/queues/src/ops/delete.rs:1: the file of DeleteQueue is called delete_queue.rs"]
        );
    }

    #[test]
    fn names_become_file_names() {
        assert_eq!(snake_case("SendMessage"), "send_message");
        assert_eq!(snake_case("PutItem"), "put_item");
        assert_eq!(snake_case("ListSMSSandboxNumbers"), "list_sms_sandbox_numbers");
        assert_eq!(snake_case("OptInPhoneNumber"), "opt_in_phone_number");
    }
}
