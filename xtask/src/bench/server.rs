//! A server that is measured: started on a free port, ended by its process when dropped.

use super::tool::Tool;
use crate::project::Stopwatch;
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Longer than any start takes, on a busy machine too; then something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    port: u16,
    /// From the start of the process to its line, and to its port's first connection.
    pub(super) started: Duration,
}

impl Server {
    /// The server that this project is about. It prints one line of JSON with its `port` when it is ready.
    pub(super) fn ours(binary: &Path) -> Result<Self> {
        // One worker, as echo has: the load takes the other core.
        let mut command = Command::new(binary);
        command.args(["up", "--port", "0", "--json"]).env("TOKIO_WORKER_THREADS", "1");
        Self::start(&mut command).context("mesh-local")
    }

    /// The same, with its state in a directory.
    pub(crate) fn on_disk(binary: &Path, directory: &Path, durability: &str) -> Result<Self> {
        let mut command = Command::new(binary);
        command
            .args(["up", "--port", "0", "--json", "--durability", durability, "--data-dir"])
            .arg(directory)
            // What a killed one leaves of its functions goes with the directory.
            .env("TMPDIR", directory);
        Self::start(&mut command).context("mesh-local")
    }

    /// The bare server, answering so many bytes.
    pub(super) fn bare(tool: &Tool, answer_bytes: u64) -> Result<Self> {
        Self::start(tool.command().args(["echo", "--port", "0", "--bytes", &answer_bytes.to_string()]))
            .context("echo")
    }

    fn start(command: &mut Command) -> Result<Self> {
        let watch = Stopwatch::start();
        // Its input stays open for as long as this process lives, so that it ends with it.
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().context("no output")?;
        let mut server = Server { child, port: 0, started: Duration::ZERO };
        let line = first_line(output)?;
        server.port = port(&line).with_context(|| format!("instead of its port it said: {}", line.trim()))?;
        TcpStream::connect((Ipv4Addr::LOCALHOST, server.port)).context("ready, but its port is closed")?;
        server.started = watch.elapsed();
        Ok(server)
    }

    /// Ends it in an orderly way.
    pub(crate) fn end(mut self) -> Result<()> {
        let asked = Command::new("kill").args(["-TERM", &self.pid().to_string()]).status()?;
        let ended = self.child.wait()?;
        if !asked.success() || !ended.success() {
            bail!("it was asked to end and said {ended}");
        }
        Ok(())
    }

    /// Its address.
    pub(crate) fn target(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Its process.
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // If it has ended already there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The first line of a process's output; the rest is read and dropped, so that the process never waits for a reader.
pub(super) fn first_line(output: impl std::io::Read + Send + 'static) -> Result<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut lines = BufReader::new(output);
        let mut line = String::new();
        let read = lines.read_line(&mut line).map(|_| line);
        // Whoever waited may have given up.
        let _ = sender.send(read);
        let _ = std::io::copy(&mut lines, &mut std::io::sink());
    });
    let line = receiver.recv_timeout(PATIENCE).context("it did not say that it is ready")??;
    if line.is_empty() {
        bail!("it ended before it was ready");
    }
    Ok(line)
}

fn port(line: &str) -> Option<u16> {
    serde_json::from_str::<serde_json::Value>(line).ok()?.get("port")?.as_u64()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_read_from_the_ready_line() {
        assert_eq!(port(r#"{"endpoint": "http://127.0.0.1:41234", "port": 41234}"#), Some(41234));
        assert_eq!(port("Ready."), None);
        assert_eq!(port(r#"{"port": 70000}"#), None);
    }

    #[test]
    fn a_process_that_ends_at_once_is_told_from_one_that_is_ready() {
        assert!(first_line(std::io::empty()).is_err());
        assert_eq!(first_line(b"{}\nmore\n".as_slice()).expect("a line"), "{}\n");
    }
}
