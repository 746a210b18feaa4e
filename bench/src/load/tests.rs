//! The load against a fake SQS.

use super::*;
use std::net::Ipv4Addr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A queue of so many messages: receives hand out receipts until there are none left.
#[derive(Default)]
struct Queue {
    left: AtomicUsize,
    deleted: AtomicUsize,
    /// What messages said against being sent twice.
    deduplication: Mutex<Vec<String>>,
}

async fn serve(listener: TcpListener, queue: Arc<Queue>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve_one(stream, Arc::clone(&queue)));
    }
}

async fn serve_one(mut stream: TcpStream, queue: Arc<Queue>) -> Result<()> {
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        // Requests end in a brace, and come one at a time.
        while !buffer.ends_with(b"}") {
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
        }
        let body = queue.answer(&String::from_utf8_lossy(&buffer));
        let status = if body.contains("__type") { "400 Bad Request" } else { "200 OK" };
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        stream.write_all(answer.as_bytes()).await?;
    }
}

impl Queue {
    fn answer(&self, request: &str) -> String {
        if request.contains("AmazonSQS.CreateQueue") {
            return "{}".to_owned();
        }
        if request.contains("AmazonSQS.SendMessage") {
            self.left.fetch_add(request.matches("MessageBody").count(), Relaxed);
            if let Some(id) = client::string_member(request.as_bytes(), "MessageDeduplicationId") {
                self.deduplication.lock().unwrap_or_else(PoisonError::into_inner).push(id.to_owned());
            }
            return "{}".to_owned();
        }
        if request.contains("AmazonSQS.DeleteMessage") && request.contains("\"receipt-") {
            self.deleted.fetch_add(1, Relaxed);
            return String::new();
        }
        let most = if request.contains("\"MaxNumberOfMessages\": 10") { 10 } else { 1 };
        let received = self.left.load(Relaxed).min(most);
        self.left.fetch_sub(received, Relaxed);
        if request.contains("AmazonSQS.ReceiveMessage") {
            let message = r#"{"Body":"x","ReceiptHandle":"receipt-1"}"#;
            return format!(r#"{{"Messages":[{}]}}"#, vec![message; received].join(","));
        }
        r#"{"__type": "UnknownOperation"}"#.to_owned()
    }
}

fn options(target: SocketAddr, scenario: &str) -> Options {
    Options {
        target,
        scenario: scenario.to_owned(),
        connections: 3,
        seconds: 20.0,
        warm_up: 0.0,
        server_pid: Some(std::process::id()),
        run: "a".to_owned(),
        depth: Some(45),
        turns: None,
        payload: 10,
        bare: false,
        receipt_bytes: 0,
        sleeps: false,
    }
}

async fn load(scenario: &str) -> (Result<Measured>, Arc<Queue>) {
    load_with(scenario, None).await
}

async fn load_with(scenario: &str, turns: Option<usize>) -> (Result<Measured>, Arc<Queue>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let target = listener.local_addr().expect("an address");
    let queue = Arc::new(Queue::default());
    tokio::spawn(serve(listener, Arc::clone(&queue)));
    let options = Options { turns, ..options(target, scenario) };
    let scenario = scenario::named(&options.scenario).expect("a scenario");
    match prepare(scenario, &options).await {
        Ok(shared) => (measure(&Arc::new(shared), &options).await, queue),
        Err(error) => (Err(error), queue),
    }
}

#[tokio::test]
async fn every_row_is_received_once_and_the_measurement_ends() {
    let (measured, queue) = load("sqs-receive").await;
    let measured = measured.expect("measured");
    assert_eq!((measured.requests, measured.receipt_bytes), (45, 9));
    assert_eq!((queue.left.load(Relaxed), queue.deleted.load(Relaxed)), (0, 0));
    assert!(measured.seconds < 20.0 && measured.cpu_us_per_request.is_some());
}

#[tokio::test]
async fn every_message_is_deleted_with_its_receipt() {
    let (measured, queue) = load("sqs-delete").await;
    assert_eq!(measured.expect("measured").requests, 45);
    assert_eq!(queue.deleted.load(Relaxed), 45);
    let (measured, queue) = load("sqs-receive-delete").await;
    assert_eq!(measured.expect("measured").requests, 90);
    assert_eq!(queue.deleted.load(Relaxed), 45);
}

#[tokio::test]
async fn no_message_of_a_fifo_queue_is_sent_twice() {
    let (measured, queue) = load_with("sqs-fifo-send-few", Some(2000)).await;
    assert_eq!(measured.expect("measured").requests, 2000);
    let mut ids = queue.deduplication.lock().unwrap_or_else(PoisonError::into_inner).clone();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 45 + 2000);
}

#[tokio::test]
async fn an_operation_that_is_not_served_is_named() {
    let (measured, _) = load("ddb-get").await;
    let error = format!("{:#}", measured.expect_err("no such operation"));
    assert!(error.starts_with("CreateTable: answered 400") && error.contains("UnknownOperation"), "{error}");
}

#[test]
fn a_percentile_is_one_of_the_values() {
    let values: Vec<Duration> = (1..=100).map(Duration::from_millis).collect();
    assert_eq!(percentile(&values, 0.5), Duration::from_millis(51));
    assert_eq!(percentile(&values, 0.99), Duration::from_millis(99));
    assert_eq!(percentile(&values, 1.0), Duration::from_millis(100));
    assert_eq!(percentile(&[], 0.5), Duration::ZERO);
}

#[test]
fn no_more_turns_are_taken_than_there_are_rows() {
    let options = Options { depth: Some(2), ..options(SocketAddr::from(([127, 0, 0, 1], 1)), "sqs-receive") };
    let shared = shared(scenario::named("sqs-receive").expect("a scenario"), &options, &Kept::new());
    assert_eq!([shared.take_turn(), shared.take_turn(), shared.take_turn()], [true, true, false]);
}
