//! A function in its bare runtime loop: the interpreter, its client of the Runtime API, and the least that can stand in
//! for that API. What a function costs behind mesh-local is measured against it.

use crate::client::find;
use anyhow::{Context, Result, bail};
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

/// Longer than any interpreter takes to start.
const PATIENCE: Duration = Duration::from_secs(20);

/// A language whose functions are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Language {
    Python,
    Node,
}

impl Language {
    /// The file that holds the handler, its content, and how the handler is named.
    ///
    /// It answers a constant. Asked with a query string, it tells the event that it would have seen without one.
    pub(crate) fn handler(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Language::Python => (
                "app.py",
                "import json\n\n\
                 def handler(event, context):\n    \
                     if event['queryStringParameters']:\n        \
                         seen = {**event, 'queryStringParameters': None, 'multiValueQueryStringParameters': None}\n        \
                         return {'statusCode': 200, 'body': json.dumps(seen)}\n    \
                     return {'statusCode': 200, 'body': '{\"message\": \"hello\"}'}\n",
                "app.handler",
            ),
            Language::Node => (
                "app.mjs",
                "export const handler = async (event) => {\n  \
                   if (event.queryStringParameters) {\n    \
                     const seen = { ...event, queryStringParameters: null, multiValueQueryStringParameters: null };\n    \
                     return { statusCode: 200, body: JSON.stringify(seen) };\n  }\n  \
                   return { statusCode: 200, body: '{\"message\": \"hello\"}' };\n};\n",
                "app.handler",
            ),
        }
    }

    /// What the interpreter is told before the file that it runs: the same as mesh-local tells it.
    fn flags(self) -> &'static [&'static str] {
        match self {
            Language::Python => &[],
            Language::Node => &["--no-warnings"],
        }
    }

    /// The least program that can be seen to run.
    fn sign_of_life(self) -> [&'static str; 2] {
        match self {
            Language::Python => ["-c", "print(0, flush=True)"],
            Language::Node => ["-e", "console.log(0)"],
        }
    }

    /// A program that says again whatever it is told.
    fn parrot(self) -> [&'static str; 2] {
        match self {
            Language::Python => [
                "-c",
                "import sys\nfor line in sys.stdin.buffer:\n    sys.stdout.buffer.write(line)\n    sys.stdout.buffer.flush()",
            ],
            Language::Node => ["-e", "process.stdin.on('data', (line) => process.stdout.write(line))"],
        }
    }
}

/// An interpreter and what it runs.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Program {
    /// The language.
    #[arg(long)]
    pub(crate) language: Language,
    /// The interpreter.
    #[arg(long)]
    interpreter: std::path::PathBuf,
    /// mesh-local's own client of the Runtime API in that language.
    #[arg(long)]
    bootstrap: std::path::PathBuf,
}

impl Program {
    /// How long the interpreter takes until it runs anything. Its end is not counted: no function's start waits for one.
    pub(crate) async fn start_alone(&self) -> Result<Duration> {
        let began = crate::now();
        let mut process = Command::new(&self.interpreter)
            .args(self.language.sign_of_life())
            // as a function's process begins: what NODE_* and PYTHON* ask for takes its time
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", self.interpreter.display()))?;
        let mut output = process.stdout.take().context("no output")?;
        let first = tokio::time::timeout(PATIENCE, output.read_u8()).await;
        first.context("the interpreter hangs")?.context("the interpreter said nothing")?;
        let took = began.elapsed();
        tokio::time::timeout(PATIENCE, process.wait()).await.context("the interpreter does not end")??;
        Ok(took)
    }

    /// How long a line takes to the interpreter through one pipe and back through another, again and again.
    pub(crate) async fn ping_pong(&self, count: usize) -> Result<Vec<Duration>> {
        let mut process = Command::new(&self.interpreter)
            .args(self.language.parrot())
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", self.interpreter.display()))?;
        let mut input = process.stdin.take().context("no input")?;
        let mut output = process.stdout.take().context("no output")?;
        let (line, mut answer) = (*b"ping\n", [0; 5]);
        let mut took = Vec::with_capacity(count);
        // The first waits for the interpreter's start, and does not count.
        for _ in 0..count + 1 {
            let began = crate::now();
            input.write_all(&line).await?;
            let answered = tokio::time::timeout(PATIENCE, output.read_exact(&mut answer)).await;
            answered.context("the interpreter hangs")?.context("the interpreter said nothing")?;
            took.push(began.elapsed());
        }
        took.remove(0);
        Ok(took)
    }
}

/// A process in its loop, ended when dropped.
pub(crate) struct RuntimeLoop {
    stream: TcpStream,
    buffer: Vec<u8>,
    number: u64,
    _process: Child,
}

impl RuntimeLoop {
    /// Starts the process, the handler lying in `root`, and waits until it asks for its first event.
    pub(crate) async fn start(program: &Program, root: &Path) -> Result<Self> {
        let (file, content, name) = program.language.handler();
        std::fs::write(root.join(file), content)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let api = listener.local_addr()?.to_string();
        let process = Command::new(&program.interpreter)
            .args(program.language.flags())
            .arg(&program.bootstrap)
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", api)
            .env("LAMBDA_TASK_ROOT", root)
            .env("_HANDLER", name)
            .env("AWS_REGION", "us-east-1")
            .env("LANG", "en_US.UTF-8")
            .env("HOME", root)
            .current_dir(root)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", program.interpreter.display()))?;
        let accepted = tokio::time::timeout(PATIENCE, listener.accept()).await;
        let (stream, _) = accepted.context("the runtime client did not call")??;
        stream.set_nodelay(true)?;
        let mut started = Self { stream, buffer: Vec::new(), number: 0, _process: process };
        let asked = tokio::time::timeout(PATIENCE, started.request()).await;
        started.expect("invocation/next", &asked.context("the runtime client asked for no event")??)?;
        Ok(started)
    }

    /// Hands it an event, and waits for its answer; then it asks for the next.
    pub(crate) async fn invoke(&mut self, event: &[u8]) -> Result<Duration> {
        self.number += 1;
        let head = format!(
            "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-{:012}\r\n\
             Lambda-Runtime-Deadline-Ms: 4000000000000\r\n\
             Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:000000000000:function:bench\r\n\
             Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            self.number,
            event.len()
        );
        let message = [head.as_bytes(), event].concat();
        let began = crate::now();
        self.stream.write_all(&message).await?;
        let answered = self.request().await?;
        let took = began.elapsed();
        self.expect("/response", &answered)?;
        self.stream.write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n").await?;
        let asked = self.request().await?;
        self.expect("invocation/next", &asked)?;
        Ok(took)
    }

    /// The first line of a request that is read whole.
    async fn request(&mut self) -> Result<String> {
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the function's process ended");
            }
            let Some(end) = find(&self.buffer, b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&self.buffer[..end]);
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
            });
            if self.buffer.len() >= end + 4 + length.unwrap_or(0) {
                return Ok(head.lines().next().unwrap_or_default().to_owned());
            }
        }
    }

    fn expect(&self, wanted: &str, line: &str) -> Result<()> {
        if !line.contains(wanted) {
            bail!("in the place of {wanted} came {line}: {}", String::from_utf8_lossy(&self.buffer));
        }
        Ok(())
    }
}
