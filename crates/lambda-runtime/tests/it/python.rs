//! Python functions.

use crate::rig::{Rig, has, run, text};
use mesh_models::lambda;
use serde_json::json;

macro_rules! python {
    ($name:ident, $rig:ident, $test:block) => {
        #[test]
        fn $name() {
            if has("python3") {
                run(async {
                    let $rig = Rig::new();
                    $test
                    $rig.end().await;
                });
            }
        }
    };
}

python!(an_event_goes_in_and_an_answer_comes_out, rig, {
    let code = "def handler(event, context):\n    return {'got': event, 'n': 1.5}\n";
    rig.create("f", "python3.11", "index.handler", &[("index.py", code)]).await;
    let answer = rig.invoke("f", r#"{"snow": "\u2603", "list": [1, null]}"#).await;
    assert_eq!(answer.payload, json!({ "got": { "snow": "\u{2603}", "list": [1, null] }, "n": 1.5 }));
    assert_eq!((answer.status, answer.error), (200, None));
    // nothing is an empty object, and nothing comes back as null
    rig.create(
        "n",
        "python3.11",
        "index.handler",
        &[("index.py", "def handler(e, c):\n    assert e == {}\n")],
    )
    .await;
    assert_eq!(rig.invoke("n", "").await.payload, json!(null));
});

python!(handlers_are_found_by_paths_of_every_form, rig, {
    let files = &[
        ("pkg/sub/mod.py", "from . import near\ndef fn(e, c):\n    return near.NAME\n"),
        ("pkg/sub/near.py", "NAME = 'near'\n"),
        ("pkg/__init__.py", ""),
        ("top.py", "def fn(e, c):\n    return __name__\n"),
    ];
    for (name, handler, answer) in [
        ("a", "pkg/sub/mod.fn", "near"),
        ("b", "pkg.sub.mod.fn", "near"),
        ("c", "./top.fn", "top"),
        ("d", "./pkg/sub/mod.fn", "near"),
    ] {
        rig.create(name, "python3.11", handler, files).await;
        assert_eq!(rig.invoke(name, "{}").await.payload, json!(answer), "{handler}");
    }
});

// recordings/lambda.json::lambda::TestLambdaFeatures::test_invocation_with_qualifier
python!(the_context_says_which_invocation_this_is, rig, {
    let code = r#"
def handler(event, context):
    left = context.get_remaining_time_in_millis()
    names = ["function_name", "function_version", "invoked_function_arn", "memory_limit_in_mb", "log_group_name"]
    client = context.client_context
    return {
        "known": {name: getattr(context, name) for name in names},
        "id": context.aws_request_id, "left": 0 < left <= 20000, "stream": context.log_stream_name,
        "custom": client.custom if client else None, "identity": context.identity.cognito_identity_id,
    }
"#;
    rig.create("f", "python3.11", "index.handler", &[("index.py", code)]).await;
    let input = lambda::InvokeInput {
        function_name: text("f"),
        qualifier: text("$LATEST"),
        // {"custom":{"k":"ä"}}
        client_context: text("eyJjdXN0b20iOnsiayI6IsOkIn19"),
        ..Default::default()
    };
    let answer = rig.call::<lambda::Invoke>(input).await.expect("it runs");
    let payload: serde_json::Value =
        serde_json::from_slice(answer.payload.expect("a payload").as_ref()).expect("JSON");
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST";
    let known = json!({
        "function_name": "f", "function_version": "$LATEST", "invoked_function_arn": arn,
        "memory_limit_in_mb": "128", "log_group_name": "/aws/lambda/f",
    });
    assert_eq!(payload["known"], known);
    assert_eq!(payload["custom"], json!({ "k": "\u{e4}" }));
    assert_eq!(payload["left"], json!(true));
    let stream = payload["stream"].as_str().expect("a stream");
    assert!(stream.contains("/[$LATEST]") && stream.len() == 10 + 1 + 9 + 32, "{stream}");
    assert_eq!(answer.executed_version.as_deref(), Some("$LATEST"));
});

// recordings/lambda.json::lambda_common::TestLambdaRuntimesCommon::test_uncaught_exception_invoke
python!(an_error_is_answered_with_its_type_words_and_trace, rig, {
    let code = "class Mine(Exception):\n    pass\ndef handler(e, c):\n    raise Mine('broken')\n";
    rig.create("f", "python3.11", "index.handler", &[("index.py", code)]).await;
    let answer = rig.invoke("f", "{}").await;
    assert_eq!((answer.status, answer.error.as_deref()), (200, Some("Unhandled")));
    assert_eq!(answer.payload["errorType"], json!("Mine"));
    assert_eq!(answer.payload["errorMessage"], json!("broken"));
    assert_eq!(answer.payload["requestId"].as_str().map(str::len), Some(36));
    let trace = answer.payload["stackTrace"].as_array().expect("a trace");
    assert_eq!(trace.len(), 1, "frames of the runtime are left out: {trace:?}");
    assert!(trace[0].as_str().is_some_and(|line| line.contains("line 4, in handler")), "{trace:?}");
    assert!(
        answer.log().contains("[ERROR] Mine: broken\nTraceback (most recent call last):\n"),
        "{}",
        answer.log()
    );
    // the same environment works on
    assert_eq!(rig.invoke("f", "{}").await.payload["errorType"], json!("Mine"));
});

python!(what_cannot_begin_says_why_once_and_is_tried_anew, rig, {
    let cases = [
        (
            "a",
            "missing.handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'missing': No module named 'missing'",
        ),
        ("b", "index.nothing", "Runtime.HandlerNotFound", "Handler 'nothing' missing on module 'index'"),
        ("c", "index", "Runtime.MalformedHandlerName", "Bad handler 'index'"),
        ("d", "wrong.handler", "Runtime.UserCodeSyntaxError", "Syntax error in module 'wrong': "),
        ("e", "raises.handler", "ValueError", "at the top"),
        (
            "f",
            "needs.handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'needs': No module named 'absent_pkg'",
        ),
    ];
    let files = &[
        ("index.py", "def handler(e, c):\n    pass\n"),
        ("wrong.py", "def handler(:\n"),
        ("raises.py", "raise ValueError('at the top')\n"),
        ("needs.py", "import absent_pkg\n"),
    ];
    for (name, handler, kind, words) in cases {
        rig.create(name, "python3.11", handler, files).await;
        for _ in 0..2 {
            let answer = rig.invoke(name, "{}").await;
            assert_eq!(answer.error.as_deref(), Some("Unhandled"), "{handler}");
            assert_eq!(answer.payload["errorType"], json!(kind), "{handler}");
            let message = answer.payload["errorMessage"].as_str().unwrap_or_default();
            assert!(message.starts_with(words), "{handler}: {message}");
        }
    }
});

// recordings/lambda.json::lambda::TestLambdaErrors::test_lambda_runtime_exit
python!(a_process_that_ends_is_told_apart_by_how_it_ended, rig, {
    let code = r#"
import os, signal, sys
def handler(event, context):
    {"exit": lambda: os._exit(event["with"]), "sys": lambda: sys.exit(event["with"]),
     "kill": lambda: os.kill(os.getpid(), event["with"])}[event["do"]]()
"#;
    rig.create("f", "python3.11", "index.handler", &[("index.py", code)]).await;
    for (event, how) in [
        (r#"{"do": "exit", "with": 0}"#, "Runtime exited without providing a reason"),
        (r#"{"do": "exit", "with": 3}"#, "Runtime exited with error: exit status 3"),
        (r#"{"do": "sys", "with": 1}"#, "Runtime exited with error: exit status 1"),
        (r#"{"do": "kill", "with": 9}"#, "Runtime exited with error: signal: killed"),
    ] {
        let answer = rig.invoke("f", event).await;
        assert_eq!(answer.error.as_deref(), Some("Unhandled"));
        assert_eq!(answer.payload["errorType"], json!("Runtime.ExitError"));
        let message = answer.payload["errorMessage"].as_str().unwrap_or_default();
        assert!(
            message.starts_with("RequestId: ") && message.ends_with(&format!(" Error: {how}")),
            "{message}"
        );
    }
    // one that ends before it asks for an event
    rig.create("early", "python3.11", "index.handler", &[("index.py", "import os\nos._exit(7)\n")]).await;
    let answer = rig.invoke("early", "{}").await;
    let message = answer.payload["errorMessage"].as_str().unwrap_or_default();
    assert!(message.ends_with("Error: Runtime exited with error: exit status 7"), "{message}");
});

// recordings/lambda.json::lambda::TestLambdaBaseFeatures::test_lambda_too_large_response
python!(an_answer_that_is_too_long_is_refused_and_one_that_is_not_passes, rig, {
    let code = "def handler(e, c):\n    return 'x' * e\n";
    rig.create("f", "python3.11", "index.handler", &[("index.py", code)]).await;
    // an answer is held several times over until it is sent
    rig.configure("f", |input| input.memory_size = Some(1_024)).await;
    for length in [6_291_555_u64, 40_000_000] {
        let answer = rig.invoke("f", &length.to_string()).await;
        assert_eq!(answer.payload["errorType"], json!("Function.ResponseSizeTooLarge"));
        let words = "Response payload size exceeded maximum allowed payload size (6291556 bytes).";
        assert_eq!(answer.payload["errorMessage"], json!(words));
    }
    let answer = rig.invoke("f", "6291554").await;
    assert_eq!(answer.payload.as_str().map(str::len), Some(6_291_554));
    assert!(!rig.machine.groups().is_empty(), "the environment works on");
});

python!(the_environment_is_built_from_nothing, rig, {
    let code = "import os\ndef handler(e, c):\n    return dict(os.environ)\n";
    rig.create("f", "python3.11", "index.handler", &[("index.py", code)]).await;
    rig.configure("f", |input| {
        let variables =
            [("MINE".to_owned(), "1 2".to_owned()), ("TZ".to_owned(), "Europe/Berlin".to_owned())];
        input.environment = Some(lambda::Environment { variables: Some(variables.into()) });
    })
    .await;
    let environment = rig.invoke("f", "{}").await.payload;
    let expected = [
        ("AWS_ACCESS_KEY_ID", "000000000000"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_ENDPOINT_URL", "http://localhost:4566"),
        ("AWS_EXECUTION_ENV", "AWS_Lambda_python3.11"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_LAMBDA_FUNCTION_NAME", "f"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/f"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("_HANDLER", "index.handler"),
        ("MINE", "1 2"),
        ("TZ", "Europe/Berlin"),
    ];
    for (name, value) in expected {
        assert_eq!(environment[name], json!(value), "{name}");
    }
    assert!(environment["_X_AMZN_TRACE_ID"].as_str().is_some_and(|trace| trace.starts_with("Root=1-")));
    for absent in ["CARGO", "CARGO_MANIFEST_DIR", "USER", "SHELL", "AWS_PROFILE"] {
        assert_eq!(environment.get(absent), None, "{absent}");
    }
    for nowhere in ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] {
        let path = environment[nowhere].as_str().expect("a path");
        assert!(!std::path::Path::new(path).exists(), "{path}");
    }
});

python!(a_missing_version_is_replaced_by_the_nearest_and_the_log_says_so, rig, {
    let code = "import sys\ndef handler(e, c):\n    print('ran')\n    return sys.version_info[0]\n";
    // AWS takes 3.8; a machine that has it runs it
    rig.create("f", "python3.8", "index.handler", &[("index.py", code)]).await;
    assert_eq!(rig.invoke("f", "{}").await.payload, json!(3));
});

python!(a_missing_interpreter_is_an_error_that_says_what_to_do, unused, {
    let rig = Rig::searching("/nonexistent".into());
    rig.create("p", "python3.12", "index.handler", &[("index.py", "")]).await;
    rig.create("n", "nodejs22.x", "index.handler", &[("index.js", "")]).await;
    rig.create("j", "java21", "a.B", &[("a", "")]).await;
    for (name, words) in [
        (
            "p",
            "No interpreter for python3.12 is on the search path of mesh-local: install python3, or start mesh-local",
        ),
        (
            "n",
            "No interpreter for nodejs22.x is on the search path of mesh-local: install node, or start mesh-local",
        ),
        ("j", "mesh-local does not run java21 functions yet"),
    ] {
        let error = rig.try_invoke(name, "{}").await.expect_err("it cannot run");
        assert_eq!((error.meta().code, error.meta().status), ("InvalidParameterValueException", 400));
        assert!(error.message().starts_with(words), "{}", error.message());
    }
    rig.end().await;
});
