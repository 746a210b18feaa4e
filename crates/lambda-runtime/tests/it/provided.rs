//! Functions that bring their own runtime: here, shell scripts with curl.

use crate::rig::{Rig, archive, function, has, run};
use mesh_models::lambda;
use mesh_wire::Blob;
use serde_json::json;

const LOOP: &str = r#"#!/bin/sh
BASE="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while true; do
  EVENT=$(curl -sS -D "$TMPDIR/head" "$BASE/next") || exit 1
  ID=$(tr -d '\r' < "$TMPDIR/head" | sed -n 's/^[Ll]ambda-[Rr]untime-[Aa]ws-[Rr]equest-[Ii]d: //p')
  echo "got $EVENT"
  if [ "$EVENT" = '"fail"' ]; then
    curl -sS -o /dev/null -H 'Lambda-Runtime-Function-Error-Type: Mine' -d '{"errorMessage":"no","errorType":"Mine"}' "$BASE/$ID/error"
  else
    curl -sS -o /dev/null -d "{\"pwd\":\"$(pwd)\",\"event\":$EVENT}" "$BASE/wrong/response"
    curl -sS -o /dev/null -d "{\"event\":$EVENT}" "$BASE/$ID/response"
  fi
done
"#;

#[test]
fn a_bootstrap_speaks_the_runtime_api() {
    if !has("curl") {
        return;
    }
    run(async {
        let rig = Rig::new();
        rig.create("f", "provided.al2023", "any", &[("bootstrap", LOOP)]).await;
        for event in ["1", r#"{"a":[2]}"#] {
            let answer = rig.invoke("f", event).await;
            assert_eq!((answer.payload["event"].to_string(), &answer.error), (event.to_owned(), &None));
            assert!(answer.log().contains(&format!("got {event}\n")), "{}", answer.log());
        }
        let answer = rig.invoke("f", r#""fail""#).await;
        assert_eq!(answer.payload, json!({ "errorMessage": "no", "errorType": "Mine" }));
        assert_eq!(answer.error.as_deref(), Some("Unhandled"));
        rig.end().await;
    });
}

#[test]
fn a_bootstrap_that_is_missing_or_no_program_is_told() {
    run(async {
        let rig = Rig::new();
        let plain = function("plain", "provided.al2023", "any", &[]);
        let code = lambda::FunctionCode {
            zip_file: Some(Blob::new(archive(&[("a/bootstrap", "")]))),
            ..Default::default()
        };
        rig.call::<lambda::CreateFunction>(lambda::CreateFunctionInput { code: Some(code), ..plain })
            .await
            .expect("made");
        rig.create("garbage", "provided.al2", "any", &[("bootstrap", "\u{7f}ELF nonsense")]).await;
        for (name, words) in [
            ("plain", "Error: Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"),
            ("garbage", "Error: fork/exec /var/task/bootstrap: exec format error"),
        ] {
            let answer = rig.invoke(name, "{}").await;
            assert_eq!(answer.payload["errorType"], json!("Runtime.InvalidEntrypoint"), "{answer:?}");
            assert!(
                answer.payload["errorMessage"].as_str().is_some_and(|said| said.ends_with(words)),
                "{answer:?}"
            );
        }
        rig.end().await;
    });
}
