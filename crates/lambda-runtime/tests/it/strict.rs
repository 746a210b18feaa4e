//! Functions where the state is kept strictly: they get nothing that a crash could still undo.

#[expect(dead_code, reason = "the store's own tests break this disk in more ways")]
#[path = "../../../store/tests/store/medium.rs"]
mod medium;

use crate::rig::{Rig, eventually, has, run, text};
use medium::Medium;
use mesh_clock::Seed;
use mesh_models::lambda;
use mesh_store::{Durability, Universes};
use mesh_wire::Blob;
use serde_json::json;

/// Notes whether the disk had been let go by the time the function ran.
const CODE: &str = "
import os
def handler(event, context):
    place = event['place']
    with open(place + '/ran', 'a') as ran:
        ran.write('after' if os.path.exists(place + '/released') else 'before')
";

#[test]
fn a_function_gets_an_event_when_that_is_on_disk_and_not_before() {
    if !has("python3") {
        return;
    }
    run(async {
        let medium = Medium::default();
        #[expect(clippy::disallowed_methods, reason = "a test has no options from the command line")]
        let path = std::env::var("PATH").expect("PATH is set").into();
        let rig = Rig::keeping(
            path,
            |_| {},
            |registry| {
                let opened = Universes::open_backend(
                    medium.tables(),
                    medium.logs(),
                    Durability::Strict,
                    registry.kinds(),
                    Seed(7),
                );
                opened.expect("it can be opened")
            },
        );
        let place = rig.machine.shared.scratch("notes").expect("a directory");
        let event = json!({ "place": place.path() }).to_string();
        rig.create("f", "python3.11", "index.handler", &[("index.py", CODE)]).await;
        // Its environment is warm from here on: nothing but the disk can keep an event from it.
        rig.invoke("f", &event).await;
        medium.hold();
        let input = lambda::InvokeInput {
            function_name: text("f"),
            invocation_type: text("Event"),
            payload: Some(Blob::new(event.into_bytes())),
            ..Default::default()
        };
        rig.call::<lambda::Invoke>(input).await.expect("it is taken");
        eventually("the disk is asked to sync the event", || medium.is_waiting()).await;
        for _ in 0..100 {
            let input = lambda::GetFunctionInput { function_name: text("f"), ..Default::default() };
            rig.call::<lambda::GetFunction>(input).await.expect("it is there");
        }
        std::fs::write(place.path().join("released"), "").expect("it can be written");
        medium.release();
        let ran = || std::fs::read_to_string(place.path().join("ran")).unwrap_or_default();
        eventually("the function has run twice", || ran().len() >= "beforeafter".len()).await;
        assert_eq!(ran(), "beforeafter");
        drop(place);
        rig.end().await;
    });
}
