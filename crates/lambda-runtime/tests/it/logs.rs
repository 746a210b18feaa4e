//! What functions write.

use crate::rig::{Rig, eventually, has, run, text};
use mesh_models::{lambda, logs};
use mesh_router::{Context, Registry};
use parking_lot::Mutex;
use serde_json::json;
use std::sync::{Arc, LazyLock};

/// What a stand-in for CloudWatch Logs was told: group, stream, lines.
type Told = Mutex<Vec<(String, String, String)>>;

static GROUPS: LazyLock<Arc<Mutex<Vec<String>>>> = LazyLock::new(Arc::default);
static LINES: LazyLock<Arc<Told>> = LazyLock::new(Arc::default);

async fn create_group(
    _: &Context,
    input: logs::CreateLogGroupInput,
) -> Result<logs::CreateLogGroupOutput, logs::CreateLogGroupError> {
    GROUPS.lock().extend(input.log_group_name);
    Ok(Default::default())
}

async fn create_stream(
    _: &Context,
    input: logs::CreateLogStreamInput,
) -> Result<logs::CreateLogStreamOutput, logs::CreateLogStreamError> {
    GROUPS.lock().extend(input.log_stream_name);
    Ok(Default::default())
}

/// There are no such group and stream before they were created.
struct NoStream;

impl std::fmt::Display for NoStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("The specified log stream does not exist.")
    }
}

impl mesh_wire::Failure for NoStream {
    type Shape = logs::ResourceNotFoundException;
}

async fn put(
    _: &Context,
    input: logs::PutLogEventsInput,
) -> Result<logs::PutLogEventsOutput, logs::PutLogEventsError> {
    let (group, stream) =
        (input.log_group_name.unwrap_or_default(), input.log_stream_name.unwrap_or_default());
    let groups = GROUPS.lock();
    if !groups.contains(&group) || !groups.contains(&stream) {
        return Err(NoStream.into());
    }
    for event in input.log_events.unwrap_or_default() {
        LINES.lock().push((group.clone(), stream.clone(), event.message.unwrap_or_default()));
    }
    Ok(Default::default())
}

fn register(registry: &mut Registry) {
    registry.operation::<logs::CreateLogGroup>(create_group);
    registry.operation::<logs::CreateLogStream>(create_stream);
    registry.operation::<logs::PutLogEvents>(put);
}

// recordings/lambda.json::lambda::TestLambdaFeatures::test_invocation_type_event_error
#[test]
fn lines_arrive_in_cloudwatch_logs_in_their_order() {
    if !has("python3") {
        return;
    }
    run(async {
        #[expect(clippy::disallowed_methods, reason = "a test has no options")]
        let rig = Rig::with(std::env::var("PATH").expect("PATH is set").into(), register);
        let code = "
import logging, os, sys
logging.getLogger().setLevel('INFO')
def handler(event, context):
    print('printed')
    sys.stderr.write('to stderr\\n')
    os.write(1, b'raw\\n')
    logging.info('logged %d', 1)
    if event == 'big':
        for n in range(100):
            print('x' * 100_000)
    return os.environ['AWS_LAMBDA_LOG_STREAM_NAME']
";
        rig.create("f", "python3.11", "index.handler", &[("index.py", code)]).await;
        let answer = rig.invoke("f", "{}").await;
        rig.universe().clock().settle().await;
        let told: Vec<_> = std::mem::take(&mut *LINES.lock());
        assert!(
            told.iter().all(|(group, stream, _)| group == "/aws/lambda/f" && json!(stream) == answer.payload),
            "{told:?}"
        );
        let lines: Vec<&str> = told.iter().map(|(_, _, line)| line.as_str()).collect();
        assert!(lines[0].starts_with("INIT_START Runtime Version: 3."), "{lines:?}");
        assert!(
            lines[1].starts_with("START RequestId: ") && lines[1].ends_with(" Version: $LATEST\n"),
            "{lines:?}"
        );
        assert_eq!(lines[2..5], ["printed\n", "to stderr\n", "raw\n"]);
        assert!(lines[5].starts_with("[INFO]\t") && lines[5].ends_with("\tlogged 1\n"), "{lines:?}");
        assert!(lines[6].starts_with("END RequestId: "), "{lines:?}");
        assert!(
            lines[7].starts_with("REPORT RequestId: ") && lines[7].contains("\tInit Duration: "),
            "{lines:?}"
        );
        assert_eq!(lines.len(), 8);

        // ten megabytes arrive whole, and the answer has the last four kilobytes of this invocation alone
        let answer = rig.invoke("f", r#""big""#).await;
        rig.universe().clock().settle().await;
        eventually("all lines have come", || {
            LINES.lock().iter().any(|(_, _, line)| line.starts_with("REPORT"))
        })
        .await;
        let told: Vec<_> = std::mem::take(&mut *LINES.lock());
        assert_eq!(told.iter().filter(|(_, _, line)| line.len() == 100_001).count(), 100);
        assert_eq!(answer.log().len(), 4_096);
        assert!(answer.log().contains("\nEND RequestId: ") && answer.log().starts_with("xxx"));
        assert!(!answer.log().contains("Init Duration"), "told once");
        rig.end().await;
    });
}

#[test]
fn without_cloudwatch_logs_the_function_runs_and_its_tail_is_its_own() {
    if !has("python3") {
        return;
    }
    run(async {
        let rig = Rig::new();
        let code = "def handler(e, c):\n    print('line', e, flush=False)\n    print('no end', end='')\n";
        rig.create("f", "python3.11", "index.handler", &[("index.py", code)]).await;
        for event in ["1", "2"] {
            let log = rig.invoke("f", event).await.log.expect("a log");
            assert!(log.starts_with("START RequestId: "), "{log}");
            assert!(log.contains(&format!("line {event}\n")), "{log}");
            assert_eq!(log.matches("START ").count(), 1, "{log}");
        }
        let input = lambda::InvokeInput { function_name: text("f"), ..Default::default() };
        assert_eq!(rig.call::<lambda::Invoke>(input).await.expect("it runs").log_result, None);
        rig.end().await;
    });
}
