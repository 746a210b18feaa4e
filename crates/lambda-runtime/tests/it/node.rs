//! Node functions.

use crate::rig::{Rig, has, run, text};
use mesh_models::lambda;
use serde_json::json;

macro_rules! node {
    ($name:ident, $rig:ident, $test:block) => {
        #[test]
        fn $name() {
            if has("node") {
                run(async {
                    let $rig = Rig::new();
                    $test
                    $rig.end().await;
                });
            }
        }
    };
}

node!(modules_of_both_kinds_are_run, rig, {
    let common = "exports.handler = async (event) => ({ got: event.snow });";
    let module = "import { basename } from 'node:path';\nexport const handler = async (e) => basename('/a/b') + e.snow;";
    let typed = "export async function handler(e) { return e.snow; }";
    for (name, handler, files, answer) in [
        ("c", "index.handler", vec![("index.js", common)], json!({ "got": "\u{2603}" })),
        ("m", "index.handler", vec![("index.mjs", module)], json!("b\u{2603}")),
        (
            "t",
            "src/app.handler",
            vec![("src/app.js", typed), ("package.json", r#"{"type":"module"}"#)],
            json!("\u{2603}"),
        ),
        ("d", "./src/app.handler", vec![("src/app.cjs", common)], json!({ "got": "\u{2603}" })),
        ("n", "index.a.b", vec![("index.js", "exports.a = { b: async () => 7 };")], json!(7)),
    ] {
        rig.create(name, "nodejs20.x", handler, &files).await;
        assert_eq!(rig.invoke(name, r#"{"snow":"☃"}"#).await.payload, answer, "{handler}");
    }
});

node!(answers_come_by_promise_callback_or_context, rig, {
    let code = r#"
exports.promise = (e) => new Promise((done) => setTimeout(() => done("p"), 5));
exports.callback = (e, c, callback) => { setTimeout(() => callback(null, "c"), 5); };
exports.late = (e, c, callback) => { c.callbackWaitsForEmptyEventLoop = false; setInterval(() => {}, 1000); callback(null, "l"); };
exports.waits = (e, c, callback) => { let done = false; setTimeout(() => { done = true; }, 20); callback(null, { get done() { return done; } }); };
exports.succeed = (e, c) => { c.succeed("s"); };
exports.nothing = (e) => { setTimeout(() => {}, 5); };
exports.fails = (e, c, callback) => callback(new RangeError("no"));
"#;
    for (handler, answer) in [
        ("promise", json!("p")),
        ("callback", json!("c")),
        ("late", json!("l")),
        ("waits", json!({ "done": true })),
        ("succeed", json!("s")),
        ("nothing", json!(null)),
    ] {
        rig.create(handler, "nodejs20.x", &format!("index.{handler}"), &[("index.js", code)]).await;
        for _ in 0..2 {
            let got = rig.invoke(handler, "{}").await;
            assert_eq!((got.payload, got.error), (answer.clone(), None), "{handler}");
        }
    }
    rig.create("fails", "nodejs20.x", "index.fails", &[("index.js", code)]).await;
    assert_eq!(rig.invoke("fails", "{}").await.payload["errorType"], json!("RangeError"));
});

// recordings/lambda.json::lambda_common::TestLambdaRuntimesCommon::test_uncaught_exception_invoke[nodejs20.x]
node!(an_error_is_answered_with_its_type_words_and_trace, rig, {
    let code = r#"
exports.handler = async (e) => {
  if (e === "later") { setTimeout(() => { throw new Error("later"); }, 1); return new Promise(() => {}); }
  if (e === "rejected") { Promise.reject(new Error("loose")); return new Promise(() => {}); }
  throw e === "text" ? "just a text" : new TypeError("broken");
};
"#;
    rig.create("f", "nodejs20.x", "index.handler", &[("index.js", code)]).await;
    let answer = rig.invoke("f", "1").await;
    assert_eq!((answer.status, answer.error.as_deref()), (200, Some("Unhandled")));
    assert_eq!(
        (&answer.payload["errorType"], &answer.payload["errorMessage"]),
        (&json!("TypeError"), &json!("broken"))
    );
    assert_eq!(answer.payload["trace"][0], json!("TypeError: broken"));
    assert!(
        answer.log().contains("\tERROR\tInvoke Error \t{\"errorType\":\"TypeError\""),
        "{}",
        answer.log()
    );
    assert_eq!(rig.invoke("f", r#""text""#).await.payload["errorMessage"], json!("just a text"));
    assert_eq!(rig.invoke("f", r#""later""#).await.payload["errorMessage"], json!("later"));
    assert_eq!(
        rig.invoke("f", r#""rejected""#).await.payload["errorType"],
        json!("Runtime.UnhandledPromiseRejection")
    );
    assert_eq!(
        rig.invoke("f", "1").await.payload["errorMessage"],
        json!("broken"),
        "another environment works on"
    );
});

node!(what_cannot_begin_says_why, rig, {
    let files = &[
        ("index.js", "exports.handler = 1;"),
        ("wrong.js", "exports.handler = (;"),
        ("needs.js", "require('absent');"),
    ];
    for (name, handler, kind, words) in [
        ("a", "missing.handler", "Runtime.ImportModuleError", "Cannot find module"),
        ("b", "index.nothing", "Runtime.HandlerNotFound", "index.nothing is undefined or not exported"),
        ("c", "index.handler", "Runtime.HandlerNotFound", "index.handler is not a function"),
        ("d", "wrong.handler", "Runtime.UserCodeSyntaxError", "SyntaxError: "),
        ("e", "needs.handler", "Runtime.ImportModuleError", "Cannot find module 'absent'"),
    ] {
        rig.create(name, "nodejs20.x", handler, files).await;
        let answer = rig.invoke(name, "{}").await;
        assert_eq!(answer.payload["errorType"], json!(kind), "{handler}: {answer:?}");
        assert!(
            answer.payload["errorMessage"].as_str().is_some_and(|said| said.contains(words)),
            "{handler}: {answer:?}"
        );
    }
});

node!(the_context_and_the_console_know_the_invocation, rig, {
    let code = r#"
exports.handler = async (event, context) => {
  console.log("line %d", 1); console.error("two\nlines"); process.stdout.write("raw\n");
  const left = context.getRemainingTimeInMillis();
  return { ...context, left: left > 0 && left <= 20000 };
};
"#;
    rig.create("f", "nodejs20.x", "index.handler", &[("index.js", code)]).await;
    let answer = rig.invoke("f", "{}").await;
    assert_eq!(answer.payload["functionName"], json!("f"));
    assert_eq!(answer.payload["left"], json!(true));
    let id = answer.payload["awsRequestId"].as_str().expect("an id");
    let log = answer.log();
    assert!(log.contains(&format!("START RequestId: {id} Version: $LATEST\n")), "{log}");
    assert!(log.contains(&format!("\t{id}\tINFO\tline 1\n")), "{log}");
    assert!(log.contains(&format!("\t{id}\tERROR\ttwo\nlines\n")), "{log}");
    assert!(log.contains("raw\n"), "{log}");
    let input = lambda::InvokeInput { function_name: text("f"), ..Default::default() };
    let quiet = rig.call::<lambda::Invoke>(input).await.expect("it runs");
    assert_eq!(quiet.log_result, None, "no log where none is wanted");
});
