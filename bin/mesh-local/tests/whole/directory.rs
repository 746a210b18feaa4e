//! The program over a data directory that it cannot use: it ends with a sentence that says what to do.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A directory of one test, removed with it.
struct Scratch(PathBuf);

impl Scratch {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("mesh-local-{test}-{}", std::process::id()));
        fs::create_dir(&path).expect("it can be made");
        Self(path)
    }

    /// Where the state is.
    fn state(&self) -> PathBuf {
        self.0.join("state")
    }

    /// The file that holds it.
    fn file(&self) -> PathBuf {
        self.state().join("mesh-local.redb")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

/// A running instance, killed when it is dropped.
struct Instance(Child);

impl Drop for Instance {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn up(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mesh-local"));
    command
        .args(["up", "--port", "0", "--json", "--durability", "strict", "--data-dir"])
        .arg(directory)
        .stdin(Stdio::null());
    command
}

/// Starts it, and reads the line that it prints when it is ready; none where it ends before.
fn begin(directory: &Path) -> (Instance, String) {
    let mut child =
        up(directory).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it can be started");
    let output = child.stdout.take().expect("it has an output");
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line).expect("it can be read");
    (Instance(child), line)
}

/// An instance that is ready.
fn start(directory: &Path) -> Instance {
    let (instance, line) = begin(directory);
    assert!(line.contains("port"), "it says that it is ready: {line:?}");
    instance
}

/// A state with some universes, left by an instance that was killed.
fn leave(scratch: &Scratch) -> Vec<u8> {
    let (instance, line) = begin(&scratch.state());
    let ready: serde_json::Value = serde_json::from_str(&line).expect("it is JSON");
    let endpoint = ready["endpoint"].as_str().expect("it has an endpoint");
    for name in ["one", "two", "three"] {
        let mut fork = Command::new(env!("CARGO_BIN_EXE_mesh-local"));
        let done = fork.args(["universe", "fork", name, "--endpoint", endpoint]).output().expect("it runs");
        assert!(done.status.success(), "{done:?}");
    }
    drop(instance);
    fs::read(scratch.file()).expect("it was made")
}

/// What it says when it does not start.
fn refused(directory: &Path) -> String {
    let (mut instance, line) = begin(directory);
    assert_eq!(line, "", "it is ready");
    let mut said = String::new();
    instance.0.stderr.take().expect("it has one").read_to_string(&mut said).expect("it can be read");
    assert_eq!(instance.0.wait().expect("it has ended").code(), Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "one sentence, and no trace: {said}");
    said
}

#[test]
fn a_directory_that_another_process_has_is_refused_until_that_has_ended() {
    let scratch = Scratch::new("locked");
    let first = start(&scratch.state());
    let said = refused(&scratch.state());
    assert!(said.contains("is used by another process") && said.contains("mesh-local down"), "{said}");
    assert!(
        said.contains("another --data-dir") && said.contains(scratch.0.to_str().expect("text")),
        "{said}"
    );
    drop(first);
    start(&scratch.state());
}

#[test]
fn a_place_that_cannot_be_written_is_named_with_what_the_system_said() {
    let scratch = Scratch::new("unwritable");
    let a_file = scratch.0.join("a-file");
    fs::write(&a_file, "").expect("it can be written");
    fs::create_dir_all(scratch.file()).expect("it can be made");
    // A file is no directory, nor can there be one in it; and a directory is no file.
    for place in [a_file.clone(), a_file.join("below"), scratch.state()] {
        let said = refused(&place);
        assert!(said.contains("cannot be used (") && said.contains("make it writable"), "{said}");
        assert!(
            said.contains(place.to_str().expect("text")) && said.contains("another --data-dir"),
            "{said}"
        );
    }
}

#[test]
fn a_state_that_is_damaged_or_cut_is_refused_as_often_as_it_is_tried() {
    let scratch = Scratch::new("damaged");
    let whole = leave(&scratch);
    let mut zeroed = whole.clone();
    zeroed[4_096..].fill(0);
    let damaged = [
        b"this is no state of ours".to_vec(),
        b"PK an archive of another kind, and longer than a page ".repeat(200),
        zeroed,
        whole[..8_192].to_vec(),
        whole[..100].to_vec(),
        Vec::new(),
    ];
    for (number, bytes) in damaged.into_iter().enumerate() {
        println!("damage {number}, {} of {} bytes", bytes.len(), whole.len());
        fs::write(scratch.file(), &bytes).expect("it can be written");
        let said = refused(&scratch.state());
        assert!(said.contains("the state is damaged") && said.contains("put a copy"), "{said}");
        assert!(said.contains("move it away to begin anew"), "{said}");
        assert_eq!(refused(&scratch.state()), said, "it is not made into an empty one");
    }
    fs::write(scratch.file(), whole).expect("it can be written");
    start(&scratch.state());
}

#[test]
fn a_state_of_a_later_version_is_refused_by_its_format() {
    let scratch = Scratch::new("newer");
    leave(&scratch);
    let database = redb::Database::open(scratch.file()).expect("it can be opened");
    let transaction = database.begin_write().expect("it can be written");
    let meta = redb::TableDefinition::<&str, u32>::new("meta");
    transaction.open_table(meta).expect("it is there").insert("format", 7).expect("it can be written");
    transaction.commit().expect("it can be written");
    drop(database);
    let said = refused(&scratch.state());
    assert!(said.contains("a newer mesh-local (format 7") && said.contains("use that version"), "{said}");
}
