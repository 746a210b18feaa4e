//! Which input members the scenarios of this process have sent, for `cargo xtask coverage`.

use crate::client::Api;
use crate::json::Json;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Lines `service Operation Member` that are not yet written, and those that are.
static SENT: Mutex<(BTreeSet<String>, BTreeSet<String>)> = Mutex::new((BTreeSet::new(), BTreeSet::new()));

/// Notes the outermost members of an input.
pub(crate) fn note(api: &Api<'_>, input: &Json) {
    let Json::Object(members) = input else { return };
    let mut sent = SENT.lock().unwrap_or_else(PoisonError::into_inner);
    for (name, _) in members {
        let line = format!("{} {} {}\n", api.service.name, api.operation, member_name(api, name));
        if !sent.1.contains(&line) {
            sent.0.insert(line);
        }
    }
}

/// The model's name of a member, which the scenario may call by its name in the body.
fn member_name<'n>(api: &Api<'n>, name: &'n str) -> &'n str {
    let members = api.shapes.map_or(&[][..], |shapes| shapes.meta.input.members());
    let is_called = |member: &&&mesh_wire::schema::Schema<'_>| {
        member.json_name().is_some_and(|json| json.value() == name)
    };
    // a member of the path may have the name that another has in the body
    if members.iter().any(|member| member.member_name() == Some(name)) {
        return name;
    }
    members.iter().find(is_called).and_then(|member| member.member_name()).unwrap_or(name)
}

/// Appends what is new to the file of this process.
///
/// # Panics
/// If the file cannot be written: coverage would be wrong.
pub(crate) fn write() {
    let mut sent = SENT.lock().unwrap_or_else(PoisonError::into_inner);
    let (new, written) = &mut *sent;
    if new.is_empty() {
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/coverage");
    std::fs::create_dir_all(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let path = folder.join(format!("{}.txt", std::process::id()));
    let lines: String = new.iter().map(String::as_str).collect();
    let file = std::fs::OpenOptions::new().create(true).append(true).open(&path);
    let ended = file.and_then(|mut file| file.write_all(lines.as_bytes()));
    ended.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    written.append(new);
}
