//! Many at once.

use crate::rig::{Rig, has, run, text};
use mesh_models::lambda;
use mesh_wire::Blob;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

#[test]
fn invocations_run_side_by_side_in_environments_of_their_own() {
    if !has("python3") {
        return;
    }
    run(async {
        let rig = Rig::new();
        // each waits until all four are there, so it works only side by side
        let code = "
import os, pathlib
def handler(event, context):
    place = pathlib.Path(event)
    (place / str(os.getpid())).touch()
    while len(list(place.iterdir())) < 4:
        os.sched_yield()
    return os.getpid()
";
        rig.create("f", "python3.11", "index.handler", &[("index.py", code)]).await;
        let place = rig.machine.shared.scratch("meeting").expect("a directory");
        let event = json!(place.path()).to_string();
        let answers = futures_util::future::join_all((0..4).map(|_| rig.invoke("f", &event))).await;
        let processes: BTreeSet<_> = answers.iter().map(|answer| answer.payload.as_u64()).collect();
        assert_eq!(processes.len(), 4, "{processes:?}");
        drop(place);
        rig.end().await;
    });
}

#[test]
fn sixty_four_clients_of_one_function_get_each_its_own_answer() {
    if !has("python3") {
        return;
    }
    run(async {
        let rig = Arc::new(Rig::new());
        rig.create("f", "python3.11", "index.handler", &[("index.py", "def handler(e, c):\n    return e\n")])
            .await;
        let clients = (0..64).map(|client| {
            let rig = Arc::clone(&rig);
            tokio::spawn(async move {
                for round in 0..20 {
                    let event = json!([client, round]);
                    let answer = rig.invoke("f", &event.to_string()).await;
                    assert_eq!((answer.payload, answer.error), (event, None));
                }
            })
        });
        for client in futures_util::future::join_all(clients).await {
            client.expect("it does not panic");
        }
        Arc::into_inner(rig).expect("the last").end().await;
    });
}

#[test]
fn two_hundred_cold_starts_of_ten_functions_all_succeed() {
    if !has("python3") {
        return;
    }
    run(async {
        let rig = Rig::new();
        for n in 0..10 {
            let code = format!("def handler(e, c):\n    return {n}\n");
            rig.create(&format!("f{n}"), "python3.11", "index.handler", &[("index.py", &code)]).await;
        }
        let names: Vec<String> = (0..200).map(|n| format!("f{}", n % 10)).collect();
        let answers = futures_util::future::join_all(names.iter().map(|name| rig.invoke(name, "{}"))).await;
        for (n, answer) in answers.iter().enumerate() {
            assert_eq!((&answer.payload, &answer.error), (&json!(n % 10), &None));
        }
        rig.end().await;
    });
}

#[test]
fn a_machine_that_starts_no_other_process_throttles() {
    if !has("python3") {
        return;
    }
    run(async {
        let rig = Rig::new();
        rig.create("f", "python3.11", "index.handler", &[("index.py", "def handler(e, c):\n    return e\n")])
            .await;
        // finds the interpreter
        rig.invoke("f", "1").await;
        *rig.machine.room.lock() = Some(2);
        let answers = futures_util::future::join_all((0..40).map(|_| rig.try_invoke("f", "1"))).await;
        let refused: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().err()).collect();
        assert!(!refused.is_empty() && refused.len() < 40, "{} of 40 were refused", refused.len());
        for error in refused {
            assert_eq!((error.meta().code, error.meta().status), ("TooManyRequestsException", 429));
            let message = error.message();
            assert!(message.starts_with("Rate Exceeded. (") && message.contains("ulimit -u"), "{message}");
        }
        assert_eq!(rig.invoke("f", "2").await.payload, json!(2), "what runs works on");
        rig.end().await;
    });
}

// recordings/lambda.json::lambda::TestRequestIdHandling::test_request_id_async_invoke_with_retry
#[test]
fn an_event_that_fails_is_tried_three_times_under_one_id() {
    if !has("python3") {
        return;
    }
    run(async {
        let rig = Rig::new();
        let now = rig.universe().clock().now();
        rig.universe().clock().set_mode(mesh_clock::Mode::Frozen { at: now });
        let place = rig.machine.shared.scratch("notes").expect("a directory");
        let code = "
def handler(event, context):
    with open(event['place'] + '/ids', 'a') as ids:
        ids.write(context.aws_request_id + '\\n')
    raise ValueError('again')
";
        rig.create("f", "python3.11", "index.handler", &[("index.py", code)]).await;
        let input = lambda::InvokeInput {
            function_name: text("f"),
            invocation_type: text("Event"),
            payload: Some(Blob::new(json!({ "place": place.path() }).to_string())),
            ..Default::default()
        };
        let taken = rig.call::<lambda::Invoke>(input).await.expect("it is taken");
        assert_eq!((taken.status_code, taken.payload, taken.executed_version), (Some(202), None, None));
        let ids = || {
            let text = std::fs::read_to_string(place.path().join("ids")).unwrap_or_default();
            text.lines().map(str::to_owned).collect::<Vec<_>>()
        };
        rig.universe().clock().settle().await;
        assert_eq!(ids().len(), 1);
        rig.universe().clock().advance(std::time::Duration::from_secs(59)).await;
        assert_eq!(ids().len(), 1, "not before a minute");
        rig.universe().clock().advance(std::time::Duration::from_secs(1)).await;
        assert_eq!(ids().len(), 2);
        rig.universe().clock().advance(std::time::Duration::from_secs(3_600)).await;
        let ids = ids();
        assert_eq!(ids.len(), 3, "and not a fourth time");
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        drop(place);
        rig.end().await;
    });
}
