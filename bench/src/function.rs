//! What a function costs behind mesh-local, beside the same handler in its bare runtime loop.

use crate::client::{self, Client};
use crate::load::{microseconds, percentile};
use crate::ready;
use crate::request::{self, APIGATEWAY, Call, Kept, LAMBDA};
use crate::runtime_loop::{Program, RuntimeLoop};
use anyhow::{Context, Result, bail};
use base64::Engine;
use clap::Args;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use zip::write::SimpleFileOptions;

/// A function that is measured.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The server.
    #[arg(long)]
    pub(crate) target: SocketAddr,
    #[command(flatten)]
    pub(crate) program: Program,
    /// The name of its runtime: `python3.13`.
    #[arg(long)]
    runtime: String,
    /// An empty directory for the handler of the bare loop.
    #[arg(long)]
    scratch: PathBuf,
    /// How many times each of both is measured in a row.
    #[arg(long, default_value_t = 300)]
    pub(crate) count: usize,
    /// How many turns.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
}

/// A warm function through a REST API, one client, beside its bare loop: in turns, the medians of both.
pub(crate) async fn warm(options: Options) -> Result<()> {
    let Options { target, program, count, rounds, .. } = &options;
    let mut client = Client::connect(*target).await?;
    let kept = deploy_behind_an_api(&mut client, &options).await?;
    let page = |query: &str| Call::page(format!("/restapis/<id>/bench/_user_request_/{query}")).filled(&kept);
    let tell = request::bytes(*target, &page("?tell=1"));
    let event = client.send_well(&tell).await.context("the function does not tell its event")?.to_vec();
    let mut bare = RuntimeLoop::start(program, &options.scratch).await?;
    let request = request::bytes(*target, &page(""));
    let (mut through, mut alone) = (Vec::new(), Vec::new());
    for round in 0..rounds + 1 {
        for _ in 0..*count {
            let began = crate::now();
            client.send_well(&request).await?;
            through.push(began.elapsed());
        }
        for _ in 0..*count {
            alone.push(bare.invoke(&event).await?);
        }
        // The first round is warm-up.
        if round == 0 {
            through.clear();
            alone.clear();
        }
    }
    let [through, alone] = [through, alone].map(Times::of);
    println!(
        "{}",
        serde_json::json!({
            "count": through.0.len(), "event_bytes": event.len(),
            "p50_us": through.at(0.5), "p99_us": through.at(0.99),
            "bare_p50_us": alone.at(0.5), "bare_p99_us": alone.at(0.99),
        })
    );
    Ok(())
}

/// The first invocation of a fresh function, beside the start of the interpreter alone and that of its bare loop.
pub(crate) async fn cold(options: Options) -> Result<()> {
    let Options { target, program, count, .. } = &options;
    let mut client = Client::connect(*target).await?;
    let event = r#"{"queryStringParameters": null}"#;
    let (mut first, mut bare, mut alone) = (Vec::new(), Vec::new(), Vec::new());
    // None ends before all have started: the end of one would be charged to the start of the next.
    let mut idle = Vec::new();
    // The very first function also finds the interpreter; it is told apart.
    for number in 0..count + 1 {
        let name = format!("cold-{number}");
        create(&mut client, &options, &name).await?;
        let path = format!("/2015-03-31/functions/{name}");
        let invoke = Call::rest(&LAMBDA, "Invoke", "POST", format!("{path}/invocations"), event.to_owned());
        let invoke = request::bytes(*target, &invoke);
        let began = crate::now();
        let answer = client.send_well(&invoke).await.context("Invoke")?;
        first.push(began.elapsed());
        if client::find(answer, b"statusCode").is_none() {
            bail!("the function answered {}", String::from_utf8_lossy(answer));
        }
        let began = crate::now();
        let mut started = RuntimeLoop::start(program, &options.scratch).await?;
        started.invoke(event.as_bytes()).await?;
        bare.push(began.elapsed());
        idle.push(started);
        alone.push(program.start_alone().await?);
    }
    let very_first = first.remove(0);
    let [first, bare, alone] = [first, bare, alone].map(Times::of);
    println!(
        "{}",
        serde_json::json!({
            "count": first.0.len(), "very_first_us": microseconds(very_first),
            "p50_us": first.at(0.5), "most_us": first.at(1.0),
            "bare_p50_us": bare.at(0.5), "interpreter_p50_us": alone.at(0.5),
        })
    );
    Ok(())
}

/// Times in order.
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn of(mut took: Vec<Duration>) -> Self {
        took.sort_unstable();
        Times(took)
    }

    pub(crate) fn at(&self, part: f64) -> f64 {
        microseconds(percentile(&self.0, part))
    }
}

/// Creates a function and waits until it is active.
async fn create(client: &mut Client, options: &Options, name: &str) -> Result<Kept> {
    create_with(client, options, name, options.program.language.handler()).await
}

/// Creates a function of a handler (its file, the content, how it is named) and waits until it is active.
pub(crate) async fn create_with(
    client: &mut Client,
    options: &Options,
    name: &str,
    (file, content, handler): (&str, &str, &str),
) -> Result<Kept> {
    let function = serde_json::json!({
        "FunctionName": name, "Runtime": options.runtime, "Handler": handler, "Timeout": 30,
        "Role": "arn:aws:iam::000000000000:role/bench",
        "Code": { "ZipFile": base64::engine::general_purpose::STANDARD.encode(archive(file, content)?) },
    });
    let function =
        Call::rest(&LAMBDA, "CreateFunction", "POST", "/2015-03-31/functions", function.to_string());
    let kept = ready::make(client, options.target, vec![function.keeping(&["FunctionArn"])]).await?;
    let path = format!("/2015-03-31/functions/{name}");
    let get = request::bytes(options.target, &Call::rest(&LAMBDA, "GetFunction", "GET", path, String::new()));
    let began = crate::now();
    while client::string_member(client.send_well(&get).await.context("GetFunction")?, "State")
        != Some("Active")
    {
        if began.elapsed() > Duration::from_secs(20) {
            bail!("the function does not become active");
        }
    }
    Ok(kept)
}

/// The function, and a REST API whose root it answers.
async fn deploy_behind_an_api(client: &mut Client, options: &Options) -> Result<Kept> {
    let function = create(client, options, "warm").await?;
    let get = "/restapis/<id>/resources/<rootResourceId>/methods/GET";
    let integration = r#"{"type": "AWS_PROXY", "httpMethod": "POST", "uri":
        "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/<FunctionArn>/invocations"}"#;
    let allow = r#"{"StatementId": "bench", "Action": "lambda:InvokeFunction",
        "Principal": "apigateway.amazonaws.com"}"#;
    let call = |operation, method, path: &str, body: &str| {
        Call::rest(&APIGATEWAY, operation, method, path, body.to_owned()).filled(&function)
    };
    let policy = "/2015-03-31/functions/warm/policy";
    let calls = vec![
        Call::rest(&LAMBDA, "AddPermission", "POST", policy, allow.to_owned()),
        call("CreateRestApi", "POST", "/restapis", r#"{"name": "warm"}"#).keeping(&["id", "rootResourceId"]),
        call("PutMethod", "PUT", get, r#"{"authorizationType": "NONE"}"#),
        call("PutIntegration", "PUT", &format!("{get}/integration"), integration),
        call("CreateDeployment", "POST", "/restapis/<id>/deployments", r#"{"stageName": "bench"}"#),
    ];
    ready::make(client, options.target, calls).await
}

fn archive(file: &str, content: &str) -> Result<Vec<u8>> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file(file, SimpleFileOptions::default())?;
    archive.write_all(content.as_bytes())?;
    Ok(archive.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_holds_its_file() {
        let archive = archive("app.py", "pass\n").expect("an archive");
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(archive)).expect("it is one");
        let mut content = String::new();
        std::io::Read::read_to_string(&mut archive.by_name("app.py").expect("the file"), &mut content)
            .expect("it is text");
        assert_eq!(content, "pass\n");
    }
}
