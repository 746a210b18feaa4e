//! Many queues and a few long polls, for measuring a server that has nothing to do.

use crate::client::Client;
use crate::request::{self, Call, SQS};
use anyhow::Result;
use clap::Args;
use std::net::SocketAddr;
use tokio::task::JoinSet;

/// How much is there, and waits.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The server.
    #[arg(long)]
    target: SocketAddr,
    /// How many queues there are.
    #[arg(long, default_value_t = 300)]
    queues: usize,
    /// How many long polls wait, each on its own connection.
    #[arg(long, default_value_t = 12)]
    polls: usize,
}

/// Makes the queues, opens the polls, prints a line, and holds them until the standard input is closed.
pub(crate) async fn run(options: Options) -> Result<()> {
    let Options { target, queues, polls } = options;
    let mut client = Client::connect(target).await?;
    for number in 0..queues {
        let call = Call::new(&SQS, "CreateQueue", format!(r#"{{"QueueName": "idle-{number}"}}"#));
        client.send_well(&request::bytes(target, &call)).await?;
    }
    let mut held: JoinSet<Result<()>> = JoinSet::new();
    for number in 0..polls {
        held.spawn(async move {
            let body = format!(
                r#"{{"QueueUrl": "http://{target}/000000000000/idle-{}", "WaitTimeSeconds": 20}}"#,
                number % queues.max(1)
            );
            let request = request::bytes(target, &Call::new(&SQS, "ReceiveMessage", body));
            let mut client = Client::connect(target).await?;
            loop {
                client.send_well(&request).await?;
            }
        });
    }
    crate::end_with_input();
    println!("{}", serde_json::json!({ "queues": queues, "polls": polls }));
    while let Some(ended) = held.join_next().await {
        ended??;
    }
    Ok(())
}
