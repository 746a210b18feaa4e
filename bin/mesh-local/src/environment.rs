//! The environment of the process: the one place that reads it, but for the options that the command line takes from it
//! by itself, and the places that `mesh-local-embed` looks up for functions.

use anyhow::{Context as _, Result, bail};
use clap::Args;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;

/// The port that clients of AWS emulators expect.
const PORT: u16 = 4566;

/// Names and values. What is not Unicode is shown as well as can be.
pub(crate) type Variables = BTreeMap<String, String>;

/// All of them.
pub(crate) fn variables() -> Variables {
    let text = |text: OsString| text.to_string_lossy().into_owned();
    std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect()
}

/// The programs of a name on the search path, in its order.
pub(crate) fn programs(name: &str) -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|place| place.join(name)).filter(|file| is_program(file)).collect()
}

/// The search path with one more place at its end.
pub(crate) fn search_path_and(place: PathBuf) -> Option<OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(std::env::split_paths(&path).chain([place])).ok()
}

/// Whether a file can be run.
pub(crate) fn is_program(file: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file).is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

/// Where a user's programs keep what outlives them and is no configuration: logs.
pub(crate) fn state_directory() -> PathBuf {
    mesh_local_embed::wiring::user_directory("XDG_STATE_HOME", ".local/state")
}

/// Names of LocalStack's that are honoured where our own option and name are not given.
#[derive(Args, Clone, Default)]
#[command(next_help_heading = "Names of LocalStack's that are honoured")]
pub(crate) struct LocalStack {
    /// Address and port to listen on; of several, the first.
    #[arg(long, env = "GATEWAY_LISTEN", hide_env_values = true, value_name = "HOST:PORT")]
    gateway_listen: Option<String>,
    /// The port, by its old name.
    #[arg(long, env = "EDGE_PORT", hide_env_values = true, value_name = "PORT")]
    edge_port: Option<String>,
    /// A host name that clients use: it is served, as with --allow-host.
    #[arg(long, env = "LOCALSTACK_HOST", hide_env_values = true, value_name = "HOST[:PORT]")]
    localstack_host: Option<String>,
    /// warn, warning and error: do not print a line for each call.
    #[arg(long, env = "LS_LOG", hide_env_values = true, value_name = "LEVEL")]
    ls_log: Option<String>,
    /// 1 or true: say more on standard error, as with --log debug.
    #[arg(long, env = "DEBUG", hide_env_values = true, value_name = "0|1")]
    debug: Option<String>,
    /// 1: keep the state on disk, as --data-dir does, in the volume.
    #[arg(long, env = "PERSISTENCE", hide_env_values = true, value_name = "0|1")]
    persistence: Option<String>,
    /// The volume, where it is another directory than /var/lib/localstack.
    #[arg(long, env = "LOCALSTACK_VOLUME_DIR", hide_env_values = true, value_name = "DIR")]
    localstack_volume_dir: Option<String>,
    /// When LocalStack saves: what is changed here is kept at once.
    #[arg(long, env = "SNAPSHOT_SAVE_STRATEGY", hide_env_values = true, hide = true)]
    snapshot_save_strategy: Option<String>,
    /// How often LocalStack saves.
    #[arg(long, env = "SNAPSHOT_FLUSH_INTERVAL", hide_env_values = true, hide = true)]
    snapshot_flush_interval: Option<String>,
    /// When LocalStack loads: what was kept is there from the start here.
    #[arg(long, env = "SNAPSHOT_LOAD_STRATEGY", hide_env_values = true, hide = true)]
    snapshot_load_strategy: Option<String>,
}

/// Address and port, as `HOST:PORT`, `HOST` or `:PORT` names them.
type Listen = (Option<IpAddr>, Option<u16>);

impl LocalStack {
    /// The address to listen on and the port, where they are named.
    pub(crate) fn listen(&self) -> Result<Listen> {
        let (mut host, mut port) = (None, None);
        if let Some(listen) = given(&self.gateway_listen) {
            (host, port) = read_listen(listen).with_context(|| {
                format!("GATEWAY_LISTEN={listen:?} is not understood: write 127.0.0.1:4566 or :4566, or leave it out")
            })?;
        }
        if let (None, Some(text)) = (port, given(&self.edge_port)) {
            let number = text.parse();
            port = Some(number.with_context(|| {
                format!("EDGE_PORT={text:?} is no port: write a number, or leave it out")
            })?);
        }
        Ok((host, port))
    }

    /// The host name that is served, without its port.
    pub(crate) fn host_name(&self) -> Option<String> {
        let host = given(&self.localstack_host)?;
        Some(host.rsplit_once(':').map_or(host, |(name, _)| name).to_owned())
    }

    /// Whether calls are not to be printed.
    pub(crate) fn is_quiet(&self) -> bool {
        given(&self.ls_log).is_some_and(|level| {
            ["warn", "warning", "error"].iter().any(|quiet| level.eq_ignore_ascii_case(quiet))
        })
    }

    /// Whether more is to be said.
    pub(crate) fn is_debugging(&self) -> bool {
        is_on(&self.debug)
    }

    /// Where the state is kept, if it is to be.
    pub(crate) fn data_directory(&self) -> Option<PathBuf> {
        let volume = given(&self.localstack_volume_dir).unwrap_or(VOLUME);
        is_on(&self.persistence).then(|| PathBuf::from(volume).join("state/mesh-local"))
    }

    /// What was set and changes nothing, in a sentence each that says what there is in its place.
    pub(crate) fn without_effect(&self) -> Vec<String> {
        let saved = "every change is on disk within 50 ms, or before it is answered with --durability strict; \
                     mesh-local universe snapshot keeps a state to go back to";
        let loaded = "the state is there from the start; without --data-dir and PERSISTENCE there is none";
        let names = [
            ("SNAPSHOT_SAVE_STRATEGY", &self.snapshot_save_strategy, saved),
            ("SNAPSHOT_FLUSH_INTERVAL", &self.snapshot_flush_interval, saved),
            ("SNAPSHOT_LOAD_STRATEGY", &self.snapshot_load_strategy, loaded),
        ];
        let set = names.into_iter().filter_map(|(name, value, instead)| {
            Some(format!("{name}={} has no effect: {instead}", given(value)?))
        });
        set.collect()
    }
}

/// Where LocalStack's volume is mounted.
const VOLUME: &str = "/var/lib/localstack";

/// The default port.
pub(crate) fn default_port() -> u16 {
    PORT
}

/// An empty value is none: compose files write `NAME=`.
fn given(value: &Option<String>) -> Option<&str> {
    value.as_deref().map(str::trim).filter(|value| !value.is_empty())
}

/// Whether a value means yes, as LocalStack reads it.
fn is_on(value: &Option<String>) -> bool {
    given(value).is_some_and(|value| value == "1" || value.eq_ignore_ascii_case("true"))
}

fn read_listen(text: &str) -> Result<Listen> {
    let first = text.split(',').next().unwrap_or_default().trim();
    let (host, port) = match first.rsplit_once(':') {
        // an IPv6 address without a port
        _ if first.parse::<IpAddr>().is_ok() => (first, ""),
        Some((host, port)) => (host, port),
        None if first.bytes().all(|b| b.is_ascii_digit()) => ("", first),
        None => (first, ""),
    };
    let host = match host.trim_matches(['[', ']']) {
        "" => None,
        "localhost" => Some(IpAddr::from([127, 0, 0, 1])),
        address => Some(address.parse().context("the host is no address")?),
    };
    let port = if port.is_empty() { None } else { Some(port.parse().context("the port is no number")?) };
    if host.is_none() && port.is_none() {
        bail!("it names neither host nor port");
    }
    Ok((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listen(gateway_listen: &str, edge_port: &str) -> Result<Listen> {
        let some = |text: &str| Some(text.to_owned());
        LocalStack {
            gateway_listen: some(gateway_listen),
            edge_port: some(edge_port),
            ..LocalStack::default()
        }
        .listen()
    }

    #[test]
    fn gateway_listen_names_an_address_a_port_or_both() {
        let any = Some(IpAddr::from([0, 0, 0, 0]));
        assert_eq!(listen("0.0.0.0:4567,0.0.0.0:443", "").expect("read"), (any, Some(4567)));
        assert_eq!(listen(":4567", "").expect("read"), (None, Some(4567)));
        assert_eq!(listen("4567", "").expect("read"), (None, Some(4567)));
        assert_eq!(listen("0.0.0.0", "").expect("read"), (any, None));
        assert_eq!(listen("[::1]:4567", "").expect("read"), ("::1".parse().ok(), Some(4567)));
        assert_eq!(listen("::1", "").expect("read"), ("::1".parse().ok(), None));
        assert_eq!(listen("", "").expect("read"), (None, None));
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for text in ["mesh.example:4566", "0.0.0.0:http", ":", "0.0.0.0:99999"] {
            let error = listen(text, "").expect_err("not understood").to_string();
            assert!(error.contains(&format!("GATEWAY_LISTEN={text:?}")), "{error}");
        }
        assert!(listen("", "http").expect_err("no port").to_string().contains("EDGE_PORT"));
    }

    #[test]
    fn the_older_name_of_the_port_gives_way() {
        assert_eq!(listen("", "4600").expect("read").1, Some(4600));
        assert_eq!(listen(":4567", "4600").expect("read").1, Some(4567));
    }

    #[test]
    fn persistence_keeps_the_state_in_the_volume() {
        let directory = |on: &str, volume: &str| {
            let some = |text: &str| Some(text.to_owned());
            let (persistence, localstack_volume_dir) = (some(on), some(volume));
            LocalStack { persistence, localstack_volume_dir, ..LocalStack::default() }.data_directory()
        };
        assert_eq!(directory("1", ""), Some(PathBuf::from("/var/lib/localstack/state/mesh-local")));
        assert_eq!(directory("true", "/v"), Some(PathBuf::from("/v/state/mesh-local")));
        assert_eq!((directory("0", "/v"), directory("", "/v")), (None, None));
    }

    #[test]
    fn when_localstack_saves_and_loads_is_named_and_has_no_effect() {
        let told = |save: &str, load: &str| {
            let (snapshot_save_strategy, snapshot_load_strategy) = (Some(save.into()), Some(load.into()));
            LocalStack { snapshot_save_strategy, snapshot_load_strategy, ..LocalStack::default() }
                .without_effect()
        };
        let sentences = told("MANUAL", "ON_REQUEST");
        assert!(sentences[0].starts_with("SNAPSHOT_SAVE_STRATEGY=MANUAL has no effect: "), "{sentences:?}");
        assert!(
            sentences[1].starts_with("SNAPSHOT_LOAD_STRATEGY=ON_REQUEST has no effect: "),
            "{sentences:?}"
        );
        assert_eq!(told("", ""), [""; 0]);
    }

    #[test]
    fn a_host_name_is_served_without_its_port() {
        let named =
            |host: &str| LocalStack { localstack_host: Some(host.to_owned()), ..LocalStack::default() };
        assert_eq!(named("mesh.example:4566").host_name().as_deref(), Some("mesh.example"));
        assert_eq!(named("localstack").host_name().as_deref(), Some("localstack"));
        assert_eq!(named("").host_name(), None);
    }
}
