//! What a function sees of the machine.

use crate::rig::{Rig, has, run};
use serde_json::json;
use std::path::Path;

/// Whether this machine shows functions AWS's places; a test of them says so and passes where it does not.
fn has_views(rig: &Rig) -> bool {
    let has_views = rig.machine.platform.has_views();
    if !has_views {
        println!("skipped: this machine lets no child have a mount namespace");
    }
    has_views
}

const LOOK: &str = "
import os, pathlib, tempfile
def attempt(path):
    try:
        path.write_text('x')
        return None
    except OSError as error:
        return error.strerror
def handler(event, context):
    seen = sorted(os.listdir('/tmp'))
    attempt(pathlib.Path('/tmp/mark'))
    return {
        'task': os.environ['LAMBDA_TASK_ROOT'], 'file': __file__, 'here': os.getcwd(), 'seen': seen,
        'temporary': tempfile.gettempdir(), 'layers': os.listdir('/opt'), 'runtime': os.path.isdir('/var/runtime'),
        'write': [attempt(pathlib.Path(at, 'x')) for at in ('/var/task', '/opt', '/var')],
        'same': os.path.islink('/var/run') or os.path.isdir('/var/lib'),
    }
";

#[test]
fn a_function_sees_awss_places() {
    if !has("python3") {
        return;
    }
    run(async {
        let rig = Rig::new();
        rig.create("f", "python3.11", "index.handler", &[("index.py", LOOK)]).await;
        let first = rig.invoke("f", "{}").await;
        if has_views(&rig) {
            let read_only = json!("Read-only file system");
            let expected = json!({
                "task": "/var/task", "file": "/var/task/index.py", "here": "/var/task", "seen": [],
                "temporary": "/tmp", "layers": [], "runtime": true,
                "write": [read_only, read_only, read_only], "same": true,
            });
            assert_eq!(first.payload, expected);
            // of its environment, and of no other
            assert_eq!(rig.invoke("f", "{}").await.payload["seen"], json!(["mark"]));
            rig.configure("f", |input| input.description = crate::rig::text("new")).await;
            assert_eq!(rig.invoke("f", "{}").await.payload["seen"], json!([]));
            assert!(!Path::new("/tmp/mark").exists() && !Path::new("/var/task/index.py").exists());
        }
        rig.end().await;
    });
}

#[test]
fn the_temporary_directory_is_as_large_as_the_function_says() {
    if !has("python3") {
        return;
    }
    run(async {
        let rig = Rig::new();
        let code = "
def handler(megabytes, context):
    try:
        with open('/tmp/file', 'wb') as file:
            for _ in range(megabytes):
                file.write(bytes(1 << 20))
        return 'written'
    except OSError as error:
        return error.strerror
";
        if has_views(&rig) {
            rig.create("f", "python3.11", "index.handler", &[("index.py", code)]).await;
            assert_eq!(rig.invoke("f", "8").await.payload, json!("written"));
            assert_eq!(rig.invoke("f", "513").await.payload, json!("No space left on device"));
        }
        rig.end().await;
    });
}

#[test]
fn a_program_of_the_archive_runs_in_awss_place() {
    run(async {
        let rig = Rig::new();
        let bootstrap = r#"#!/bin/sh
BASE="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while curl -sS -o /dev/null -D /tmp/head "$BASE/next"; do
  ID=$(tr -d '\r' < /tmp/head | sed -n 's/^[Ll]ambda-[Rr]untime-[Aa]ws-[Rr]equest-[Ii]d: //p')
  curl -sS -o /dev/null -d "\"$0 $(pwd)\"" "$BASE/$ID/response"
done
"#;
        if has("curl") && has_views(&rig) {
            rig.create("f", "provided.al2023", "any", &[("bootstrap", bootstrap)]).await;
            assert_eq!(rig.invoke("f", "{}").await.payload, json!("/var/task/bootstrap /var/task"));
        }
        rig.end().await;
    });
}

#[test]
fn an_interpreter_is_never_hidden() {
    let rig = Rig::new();
    let platform = &rig.machine.platform;
    if has_views(&rig) {
        let shows = |place: &str, kept| platform.shows(Path::new(place), kept);
        assert!(shows("/tmp", None) && shows("/tmp", Some(Path::new("/usr/bin/python3"))));
        assert!(!shows("/tmp", Some(Path::new("/tmp/venv/bin/python3"))));
        assert!(!shows("/", None) && !shows("/there/is/none", None) && !shows("/none", None));
    }
}

// recordings/lambda.json::lambda::TestLambdaBehavior::test_runtime_ulimits
#[test]
fn a_function_may_open_as_many_files_as_on_aws() {
    if !has("python3") {
        return;
    }
    run(async {
        let rig = Rig::new();
        let code =
            "import resource\ndef handler(e, c):\n    return resource.getrlimit(resource.RLIMIT_NOFILE)\n";
        rig.create("f", "python3.11", "index.handler", &[("index.py", code)]).await;
        let limits = rig.invoke("f", "{}").await.payload;
        if has_views(&rig) {
            assert_eq!(limits, json!([1024, 1024]));
        }
        rig.end().await;
    });
}
