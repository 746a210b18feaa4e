//! The life of environments: reuse, change, timeout, end.

use crate::rig::{Rig, eventually, has, run, text};
use mesh_models::lambda;
use mesh_wire::Blob;
use serde_json::json;

const COUNT: &str =
    "import os\nn = 0\ndef handler(e, c):\n    global n\n    n += 1\n    return [os.getpid(), n]\n";

/// A handler that leaves a child behind and hangs where it is asked to.
const HANG: &str = "
import os, subprocess, threading
def handler(event, context):
    if event == 'hang':
        subprocess.Popen(['sleep', '1000'])
        print('hanging')
        threading.Event().wait()
    return os.getpid()
";

/// A handler that leaves a child behind and hangs, once it has said so in a directory.
const HANG_NOTED: &str = "
import pathlib, subprocess, threading
def handler(event, context):
    subprocess.Popen(['sleep', '1000'])
    pathlib.Path(event, 'hangs').touch()
    threading.Event().wait()
";

#[test]
fn an_environment_is_used_again_until_code_or_configuration_change() {
    if !has("python3") {
        return;
    }
    run(async {
        let rig = Rig::new();
        rig.create("f", "python3.11", "index.handler", &[("index.py", COUNT)]).await;
        let first = rig.invoke("f", "{}").await.payload;
        let second = rig.invoke("f", "{}").await.payload;
        assert_eq!((&first[0], &first[1], &second[1]), (&second[0], &json!(1), &json!(2)));
        rig.configure("f", |input| input.memory_size = Some(256)).await;
        let third = rig.invoke("f", "{}").await.payload;
        assert_eq!(third[1], json!(1), "a change of the configuration begins anew");
        let code = lambda::UpdateFunctionCodeInput {
            function_name: text("f"),
            zip_file: Some(Blob::new(crate::rig::archive(&[(
                "index.py",
                "def handler(e, c):\n    return 'new'\n",
            )]))),
            ..Default::default()
        };
        rig.call::<lambda::UpdateFunctionCode>(code).await.expect("it is changed");
        assert_eq!(rig.invoke("f", "{}").await.payload, json!("new"));
        eventually("the former environments are gone", || rig.machine.groups().len() == 1).await;
        rig.end().await;
    });
}

// recordings/lambda.json::lambda::TestLambdaBehavior::test_lambda_invoke_with_timeout
#[test]
fn a_function_that_hangs_is_killed_with_its_children() {
    if !has("python3") {
        return;
    }
    run(async {
        let rig = Rig::new();
        rig.create("f", "python3.11", "index.handler", &[("index.py", HANG)]).await;
        rig.configure("f", |input| input.timeout = Some(1)).await;
        let before = rig.invoke("f", "{}").await.payload;
        let answer = rig.invoke("f", r#""hang""#).await;
        assert_eq!(answer.error.as_deref(), Some("Unhandled"));
        assert_eq!(answer.payload["errorType"], json!("Sandbox.Timedout"));
        let message = answer.payload["errorMessage"].as_str().unwrap_or_default();
        assert!(
            message.starts_with("RequestId: ")
                && message.ends_with(" Error: Task timed out after 1.00 seconds"),
            "{message}"
        );
        let log = answer.log();
        assert!(log.contains("hanging\n") && log.contains(" Task timed out after 1.00 seconds\n"), "{log}");
        assert!(log.trim_end().ends_with("Status: timeout"), "{log}");
        eventually("the function and its child are gone", || rig.machine.groups().is_empty()).await;
        let after = rig.invoke("f", "{}").await.payload;
        assert_ne!(before, after, "another process works on");
        rig.end().await;
    });
}

#[test]
fn deleting_a_function_ends_its_environments() {
    if !has("python3") {
        return;
    }
    run(async {
        let rig = Rig::new();
        rig.create("f", "python3.11", "index.handler", &[("index.py", COUNT)]).await;
        rig.invoke("f", "{}").await;
        let input = lambda::DeleteFunctionInput { function_name: text("f"), qualifier: None };
        rig.call::<lambda::DeleteFunction>(input).await.expect("it is deleted");
        eventually("nothing is left of it", || rig.machine.is_clean()).await;
        let error = rig.try_invoke("f", "{}").await.expect_err("it is gone");
        assert_eq!(
            error.message(),
            "Function not found: arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST"
        );
        rig.create("f", "python3.11", "index.handler", &[("index.py", COUNT)]).await;
        assert_eq!(rig.invoke("f", "{}").await.payload[1], json!(1));
        rig.end().await;
    });
}

#[test]
fn a_reset_ends_what_runs() {
    if !has("python3") {
        return;
    }
    run(async {
        let rig = Rig::new();
        rig.create("f", "python3.11", "index.handler", &[("index.py", HANG_NOTED)]).await;
        let place = rig.machine.shared.scratch("notes").expect("a directory");
        let event = json!(place.path()).to_string();
        let hanging = async { rig.try_invoke("f", &event).await };
        let reset = async {
            eventually("it hangs", || place.path().join("hangs").exists()).await;
            rig.router.universes().reset(&mesh_store::UniverseName::DEFAULT);
        };
        let (ended, ()) = tokio::join!(hanging, reset);
        let ended = ended.expect_err("it is no answer of the function's");
        assert_eq!(ended.meta().status, 503, "{ended:?}");
        drop(place);
        eventually("nothing is left of it", || rig.machine.is_clean()).await;
    });
}

#[test]
fn an_invocation_that_nobody_attends_any_more_ends() {
    if !has("python3") {
        return;
    }
    run(async {
        let rig = Rig::new();
        let place = rig.machine.shared.scratch("notes").expect("a directory");
        rig.create("f", "python3.11", "index.handler", &[("index.py", HANG_NOTED)]).await;
        let event = json!(place.path()).to_string();
        tokio::select! {
            _ = rig.try_invoke("f", &event) => panic!("it hangs"),
            () = eventually("it hangs", || place.path().join("hangs").exists()) => {}
        }
        eventually("the function and its child are gone", || rig.machine.groups().is_empty()).await;
        drop(place);
        rig.end().await;
    });
}

#[test]
fn the_end_of_the_program_leaves_nothing() {
    if !has("python3") {
        return;
    }
    let rig = Rig::new();
    let machine = std::sync::Arc::clone(&rig.machine);
    run(async move {
        rig.create("f", "python3.11", "index.handler", &[("index.py", COUNT)]).await;
        rig.invoke("f", "{}").await;
        rig.machine.platform.end();
    });
    // the runtime is gone; the system takes a moment
    run(async { eventually("no process is left", || machine.running().is_empty()).await });
    assert!(machine.directories.lock().iter().all(|directory| !directory.exists()));
}

#[test]
fn a_fork_has_environments_of_its_own() {
    if !has("python3") {
        return;
    }
    run(async {
        let rig = Rig::new();
        rig.create("f", "python3.11", "index.handler", &[("index.py", COUNT)]).await;
        rig.invoke("f", "{}").await;
        let name = mesh_store::UniverseName::parse("other").expect("a name");
        rig.router.universes().fork(&mesh_store::UniverseName::DEFAULT, name.clone()).expect("a fork");
        let fork = rig.in_universe(&name);
        let input = lambda::InvokeInput { function_name: text("f"), ..Default::default() };
        let answer = fork.call::<lambda::Invoke>(input).await.expect("it runs");
        let payload: serde_json::Value =
            serde_json::from_slice(answer.payload.expect("one").as_ref()).expect("JSON");
        assert_eq!(payload[1], json!(1), "its first invocation");
        fork.universe().end();
        rig.end().await;
    });
}
