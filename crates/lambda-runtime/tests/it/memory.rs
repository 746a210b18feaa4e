//! What a function holds of memory, and what becomes of one that holds too much.

use crate::rig::{Answer, Rig, eventually, has, run};
use serde_json::json;

/// Holds as many megabytes as the event says, for as long as it says: `[200, "kept"]` until it is killed.
const HOLD: &str = "
import threading
def handler(event, context):
    megabytes, how = event
    held = bytearray(b'x') * (megabytes << 20)
    if how == 'kept':
        threading.Event().wait()
    return len(held)
";

fn is_killed(answer: &Answer) {
    assert_eq!(answer.error.as_deref(), Some("Unhandled"), "{answer:?}");
    assert_eq!(answer.payload["errorType"], json!("Runtime.ExitError"));
    let message = answer.payload["errorMessage"].as_str().unwrap_or_default();
    assert!(
        message.starts_with("RequestId: ")
            && message.ends_with(" Error: Runtime exited with error: signal: killed"),
        "{message}"
    );
    assert!(answer.log().contains("signal: killed\nRuntime.ExitError\n"), "{}", answer.log());
    assert!(answer.log().contains("\tMemory Size: 128 MB\tMax Memory Used: 128 MB\t"), "{}", answer.log());
}

// https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
#[test]
fn a_function_that_holds_more_than_its_memory_is_killed() {
    if !has("python3") {
        return;
    }
    run(async {
        let rig = Rig::new();
        rig.create("f", "python3.11", "index.handler", &[("index.py", HOLD)]).await;
        is_killed(&rig.invoke("f", r#"[200, "kept"]"#).await);
        // it had given it back before anyone looked, and would not have had it
        is_killed(&rig.invoke("f", r#"[200, "let go"]"#).await);
        eventually("both processes are gone", || rig.machine.groups().is_empty()).await;
        assert_eq!(rig.invoke("f", r#"[50, "let go"]"#).await.payload, json!(50 << 20));
        rig.configure("f", |input| input.memory_size = Some(512)).await;
        assert_eq!(rig.invoke("f", r#"[200, "let go"]"#).await.payload, json!(200 << 20));
        rig.end().await;
    });
}

#[test]
fn what_a_function_starts_counts_too_and_what_it_shares_counts_once() {
    if !has("python3") {
        return;
    }
    run(async {
        let rig = Rig::new();
        let child = "
import os, threading
held = bytearray(b'x') * (60 << 20)
def handler(event, context):
    ready, tell = os.pipe()
    end, stop = os.pipe()
    children = []
    for _ in range(3):
        child = os.fork()
        if child == 0:
            os.close(stop)
            mine = bytearray(b'y') * (event << 20)
            os.write(tell, b'.')
            os.read(end, 1)
            os._exit(0)
        children.append(child)
    for _ in children:
        os.read(ready, 1)
    if event > 10:
        threading.Event().wait()
    # long enough to be looked at
    context.get_remaining_time_in_millis()
    from select import select
    select([], [], [], 0.2)
    os.close(stop)
    os.close(end)
    for child in children:
        os.waitpid(child, 0)
    return 'done'
";
        rig.create("f", "python3.11", "index.handler", &[("index.py", child)]).await;
        assert_eq!(rig.invoke("f", "1").await.payload, json!("done"));
        is_killed(&rig.invoke("f", "60").await);
        rig.end().await;
    });
}

#[test]
fn code_that_needs_too_much_memory_to_begin_is_killed() {
    if !has("python3") {
        return;
    }
    run(async {
        let rig = Rig::new();
        let code = "import threading\nheld = bytearray(b'x') * (200 << 20)\nthreading.Event().wait()\n";
        rig.create("f", "python3.11", "index.handler", &[("index.py", code)]).await;
        let answer = rig.invoke("f", "{}").await;
        assert_eq!(answer.payload["errorType"], json!("Runtime.ExitError"), "{answer:?}");
        let message = answer.payload["errorMessage"].as_str().unwrap_or_default();
        assert!(message.ends_with("Runtime exited with error: signal: killed"), "{message}");
        rig.end().await;
    });
}

#[test]
fn the_memory_that_is_reported_is_what_was_held() {
    if !has("python3") {
        return;
    }
    run(async {
        let rig = Rig::new();
        rig.create("f", "python3.11", "index.handler", &[("index.py", HOLD)]).await;
        let figure = |answer: &Answer| {
            let (_, rest) = answer.log().split_once("Max Memory Used: ").expect("it is reported");
            rest.split_once(" MB").and_then(|(figure, _)| figure.parse::<u32>().ok()).expect("a number")
        };
        let before = figure(&rig.invoke("f", r#"[0, "let go"]"#).await);
        let after = figure(&rig.invoke("f", r#"[60, "let go"]"#).await);
        assert!((55..=70).contains(&(after - before)), "{before} and then {after}");
        rig.end().await;
    });
}
