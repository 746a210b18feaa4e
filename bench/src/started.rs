//! How long it takes from a message to the start of the function that gets it, through an event source mapping and by a
//! topic's subscription, beside a line's way to the interpreter through a pipe and back.

use crate::client::Client;
use crate::function::{Options, Times, create_with};
use crate::ready;
use crate::request::{self, Call, LAMBDA, SNS, SQS};
use crate::runtime_loop::Language;
use anyhow::{Context, Result};
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::net::UdpSocket;

/// Longer than the first message takes, which starts the function's process.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long nothing is sent when the function was started: it ends, and its message is deleted.
const REST: Duration = Duration::from_millis(5);
/// The first of each way start processes and warm them up.
const WARM_UP: usize = 20;

/// Measures both ways, one message at a time.
pub(crate) async fn run(options: Options) -> Result<()> {
    let Options { target, program, count, .. } = &options;
    let door = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let (file, content, name) = knocking(program.language, door.local_addr()?.port());
    let mut client = Client::connect(*target).await?;
    let queue = format!("http://{target}/000000000000/started");
    let mut ways = Vec::new();
    for (way, calls, send) in [
        ("queue", mapping(), Call::new(&SQS, "SendMessage", send(&queue))),
        ("topic", subscription(), Call::new(&SNS, "Publish", PUBLISH.to_owned())),
    ] {
        let function = format!("started-{way}");
        let kept = create_with(&mut client, &options, &function, (file, &content, name)).await?;
        let calls = calls.into_iter().map(|call| call.filled(&kept)).collect();
        ready::make(&mut client, *target, calls).await.context(way)?;
        let send = request::bytes(*target, &send);
        ways.push(Times::of(starts(&mut client, &send, &door, *count).await.context(way)?));
    }
    let pipe = Times::of(program.ping_pong(*count).await?);
    let [queue, topic] = &ways[..] else { anyhow::bail!("there are two ways") };
    println!(
        "{}",
        serde_json::json!({
            "count": count, "pipe_p50_us": pipe.at(0.5),
            "queue_p50_us": queue.at(0.5), "queue_p99_us": queue.at(0.99),
            "topic_p50_us": topic.at(0.5), "topic_p99_us": topic.at(0.99),
        })
    );
    Ok(())
}

/// From each request's first byte to the function's knock.
async fn starts(client: &mut Client, send: &[u8], door: &UdpSocket, count: usize) -> Result<Vec<Duration>> {
    let mut took = Vec::with_capacity(count);
    for number in 0..count + WARM_UP {
        let mut knock = [0; 16];
        let began = crate::now();
        let (sent, knocked) = tokio::join!(client.send_well(send), async {
            let knocked = tokio::time::timeout(PATIENCE, door.recv(&mut knock)).await;
            (crate::now(), knocked)
        });
        sent.context("the message was not taken")?;
        let (at, knocked) = knocked;
        knocked.context("the function does not start")??;
        if number >= WARM_UP {
            took.push(at - began);
        }
        let _ = tokio::time::timeout(REST, std::future::pending::<()>()).await;
    }
    Ok(took)
}

/// A handler that sends a datagram before anything else.
fn knocking(language: Language, port: u16) -> (&'static str, String, &'static str) {
    match language {
        Language::Python => (
            "app.py",
            format!(
                "import socket\n\ndoor = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n\n\
                 def handler(event, context):\n    door.sendto(b'started', ('127.0.0.1', {port}))\n"
            ),
            "app.handler",
        ),
        Language::Node => (
            "app.mjs",
            format!(
                "import {{ createSocket }} from 'node:dgram';\n\nconst door = createSocket('udp4');\n\n\
                 export const handler = () => new Promise((resolve, reject) =>\n  \
                   door.send('started', {port}, '127.0.0.1', (error) => (error ? reject(error) : resolve())));\n"
            ),
            "app.handler",
        ),
    }
}

/// A queue whose messages the function gets, one at a time.
fn mapping() -> Vec<Call> {
    let mapping = r#"{"EventSourceArn": "arn:aws:sqs:us-east-1:000000000000:started",
        "FunctionName": "<FunctionArn>", "BatchSize": 1}"#;
    vec![
        Call::new(&SQS, "CreateQueue", r#"{"QueueName": "started"}"#.to_owned()),
        Call::rest(
            &LAMBDA,
            "CreateEventSourceMapping",
            "POST",
            "/2015-03-31/event-source-mappings",
            mapping.to_owned(),
        ),
    ]
}

fn send(queue: &str) -> String {
    format!(r#"{{"QueueUrl": "{queue}", "MessageBody": "start"}}"#)
}

const PUBLISH: &str = "Action=Publish&Version=2010-03-31\
                       &TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A000000000000%3Astarted&Message=start";

/// A topic whose messages the function gets.
fn subscription() -> Vec<Call> {
    let allow =
        r#"{"StatementId": "bench", "Action": "lambda:InvokeFunction", "Principal": "sns.amazonaws.com"}"#;
    let subscribe = "Action=Subscribe&Version=2010-03-31&Protocol=lambda&Endpoint=<FunctionArn>\
                     &TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A000000000000%3Astarted";
    vec![
        Call::rest(
            &LAMBDA,
            "AddPermission",
            "POST",
            "/2015-03-31/functions/started-topic/policy",
            allow.to_owned(),
        ),
        Call::new(&SNS, "CreateTopic", "Action=CreateTopic&Version=2010-03-31&Name=started".to_owned()),
        Call::new(&SNS, "Subscribe", subscribe.to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_names_the_function() {
        let kept: crate::request::Kept = vec![("FunctionArn", "arn:of:it".to_owned())];
        let target = std::net::SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        for calls in [mapping(), subscription()] {
            let last = calls.into_iter().next_back().expect("a call").filled(&kept);
            let bytes = String::from_utf8(request::bytes(target, &last)).expect("text");
            assert!(bytes.contains("arn:of:it") && !bytes.contains('<'), "{bytes}");
        }
    }

    #[test]
    fn a_handler_knocks_at_the_port_it_was_given() {
        for language in [Language::Python, Language::Node] {
            let (_, content, _) = knocking(language, 4321);
            assert!(content.contains("4321") && !content.contains("{{"), "{content}");
        }
    }
}
