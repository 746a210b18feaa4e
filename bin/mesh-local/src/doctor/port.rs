//! Who listens where mesh-local would.

use super::Finding;
use crate::Reach;
use crate::client::Request;
use anyhow::Result;
use serde_json::Value;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::time::Duration;

/// How long whoever listens may take to say who it is.
const PATIENCE: Duration = Duration::from_secs(3);

pub(super) fn look(reach: &Reach) -> Result<Vec<Finding>> {
    let endpoint = &reach.endpoint;
    if let Some(version) = ask(reach, "/_mesh/health") {
        let ours = env!("CARGO_PKG_VERSION");
        let found = format!("mesh-local {version} answers at {endpoint}");
        return Ok(vec![if version == ours {
            Finding::fine("port", found).with(format!("eval \"$(mesh-local env --endpoint {endpoint})\""))
        } else {
            let next = format!("this program is {ours}: mesh-local down, then mesh-local up");
            Finding::warning("port", found, next)
        }]);
    }
    let next = "end it, or take a free port: mesh-local up --port 0";
    if ask(reach, "/_localstack/health").is_some() {
        return Ok(vec![Finding::problem(
            "port",
            format!("another AWS emulator answers at {endpoint}"),
            next,
        )]);
    }
    let (_, addresses) = reach.addresses()?;
    let local = addresses.iter().find(|address| address.ip().is_loopback() && address.is_ipv4());
    let Some(address) = local.or_else(|| addresses.iter().find(|address| address.ip().is_loopback())) else {
        return Ok(vec![Finding::warning(
            "port",
            format!("nothing answers at {endpoint}, which is not this machine"),
            "start mesh-local there, or leave --endpoint (MESH_LOCAL_ENDPOINT) out",
        )]);
    };
    let port = address.port();
    Ok(vec![match TcpListener::bind(address) {
        Ok(_) => Finding::fine("port", format!("{port} is free")).with("mesh-local up"),
        Err(error) if error.kind() == ErrorKind::AddrInUse => Finding::problem(
            "port",
            format!("another program listens on {port}: lsof -i :{port} names it"),
            next,
        ),
        Err(error) => Finding::problem(
            "port",
            format!("nobody may listen on {address}: {error}"),
            "take another port: mesh-local up --port 0",
        ),
    }])
}

/// The version that is told at a path.
fn ask(reach: &Reach, path: &str) -> Option<String> {
    let request = Request { method: "GET", path, headers: &[], body: &[], patience: PATIENCE };
    let answer: Value = reach.send(&request).and_then(|answer| answer.json()).ok()?;
    answer["version"].as_str().map(str::to_owned)
}
