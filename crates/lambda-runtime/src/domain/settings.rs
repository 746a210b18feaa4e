//! The configuration of a function.

use super::failure::{InvalidParameter, TooGreat};
use super::{Runtime, Variables};
use crate::limits::{DEFAULT_EPHEMERAL_STORAGE, DEFAULT_MEMORY, DEFAULT_TIMEOUT, MEMORY, TIMEOUT};
use mesh_types::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::time::Duration;

/// What a function is set to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Its role.
    pub role: SmolStr,
    /// What runs it.
    pub runtime: Runtime,
    /// Where in the code it begins.
    pub handler: SmolStr,
    /// What its owner says of it.
    pub description: SmolStr,
    /// Seconds that an invocation may take.
    pub timeout_seconds: u32,
    /// Megabytes.
    pub memory: u32,
    /// Megabytes of `/tmp`, where it is the function's own.
    pub ephemeral_storage: u32,
    /// Its own environment variables; absent where none were ever set.
    pub variables: Option<Variables>,
    /// The key of its environment variables. Stored.
    pub kms_key: Option<SmolStr>,
    /// `x86_64` or `arm64`. Stored.
    pub architecture: SmolStr,
    /// `PassThrough` or `Active`. Stored.
    pub tracing: SmolStr,
    /// `None` or `PublishedVersions`. Stored.
    pub snap_start: SmolStr,
    /// Who gets the events that failed.
    pub dead_letter_target: Option<SmolStr>,
    /// Its network. Stored.
    pub vpc: Option<Vpc>,
    /// Where and how it logs.
    pub logging: Logging,
    /// Its tags.
    pub tags: BTreeMap<SmolStr, SmolStr>,
    /// Bytes of its archive.
    pub code_size: u64,
    /// SHA-256 of its archive.
    pub code_digest: [u8; 32],
    /// When configuration or code were last changed.
    pub modified_at: Timestamp,
    /// Names this state of configuration, code and policy: the bits of a UUID.
    pub revision: u128,
    /// Names this state of configuration and code: environments of another are not used.
    pub generation: u64,
}

/// A function's network, without effect.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vpc {
    /// Subnets.
    pub subnets: Vec<SmolStr>,
    /// Security groups.
    pub security_groups: Vec<SmolStr>,
    /// Whether IPv6 goes out.
    pub ipv6: bool,
}

/// Where and how a function logs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logging {
    /// `Text` where absent. Stored.
    pub format: Option<SmolStr>,
    /// Stored.
    pub application_level: Option<SmolStr>,
    /// Stored.
    pub system_level: Option<SmolStr>,
    /// The log group where it is not the function's own.
    pub group: Option<SmolStr>,
}

/// What a caller wants a function to be set to; what is absent stays as it is.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// See [`Settings`], as all others.
    pub role: Option<SmolStr>,
    #[expect(missing_docs, reason = "each is a field of Settings")]
    pub runtime: Option<Runtime>,
    #[expect(missing_docs, reason = "each is a field of Settings")]
    pub handler: Option<SmolStr>,
    #[expect(missing_docs, reason = "each is a field of Settings")]
    pub description: Option<SmolStr>,
    #[expect(missing_docs, reason = "each is a field of Settings")]
    pub timeout_seconds: Option<u32>,
    #[expect(missing_docs, reason = "each is a field of Settings")]
    pub memory: Option<u32>,
    #[expect(missing_docs, reason = "each is a field of Settings")]
    pub ephemeral_storage: Option<u32>,
    #[expect(missing_docs, reason = "each is a field of Settings")]
    pub variables: Option<Variables>,
    /// Empty to take it away.
    pub kms_key: Option<SmolStr>,
    #[expect(missing_docs, reason = "each is a field of Settings")]
    pub tracing: Option<SmolStr>,
    #[expect(missing_docs, reason = "each is a field of Settings")]
    pub snap_start: Option<SmolStr>,
    /// Empty to take it away.
    pub dead_letter_target: Option<SmolStr>,
    #[expect(missing_docs, reason = "each is a field of Settings")]
    pub vpc: Option<Vpc>,
    #[expect(missing_docs, reason = "each is a field of Settings")]
    pub logging: Option<Logging>,
}

impl Settings {
    /// The settings of a new function.
    ///
    /// # Errors
    /// What must be given and is not.
    pub fn new(
        change: Change,
        architecture: SmolStr,
        tags: BTreeMap<SmolStr, SmolStr>,
    ) -> Result<Self, InvalidParameter> {
        let (Some(runtime), Some(handler)) = (change.runtime.clone(), change.handler.clone()) else {
            let sentence = "Runtime and Handler are mandatory parameters for functions created with deployment packages.";
            return Err(InvalidParameter { sentence: sentence.to_owned() });
        };
        let mut settings = Self {
            role: SmolStr::default(),
            runtime,
            handler,
            description: SmolStr::default(),
            timeout_seconds: DEFAULT_TIMEOUT,
            memory: DEFAULT_MEMORY,
            ephemeral_storage: DEFAULT_EPHEMERAL_STORAGE,
            variables: None,
            kms_key: None,
            architecture,
            tracing: SmolStr::new_static("PassThrough"),
            snap_start: SmolStr::new_static("None"),
            dead_letter_target: None,
            vpc: None,
            logging: Logging::default(),
            tags,
            code_size: 0,
            code_digest: [0; 32],
            modified_at: Timestamp::EPOCH,
            revision: 0,
            generation: 0,
        };
        settings.apply(change);
        Ok(settings)
    }

    /// Takes over what was given.
    pub fn apply(&mut self, change: Change) {
        let Change {
            role,
            runtime,
            handler,
            description,
            timeout_seconds,
            memory,
            ephemeral_storage,
            variables,
            kms_key,
            tracing,
            snap_start,
            dead_letter_target,
            vpc,
            logging,
        } = change;
        fn set<T>(place: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *place = value;
            }
        }
        set(&mut self.role, role);
        set(&mut self.runtime, runtime);
        set(&mut self.handler, handler);
        set(&mut self.description, description);
        set(&mut self.timeout_seconds, timeout_seconds);
        set(&mut self.memory, memory);
        set(&mut self.ephemeral_storage, ephemeral_storage);
        set(&mut self.tracing, tracing);
        set(&mut self.snap_start, snap_start);
        set(&mut self.logging, logging);
        set(&mut self.variables, variables.map(Some));
        set(&mut self.vpc, vpc.map(Some));
        set(&mut self.kms_key, kms_key.map(|key| Some(key).filter(|key| !key.is_empty())));
        let target = dead_letter_target.map(|target| Some(target).filter(|target| !target.is_empty()));
        set(&mut self.dead_letter_target, target);
    }

    /// How long an invocation may take.
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(u64::from(self.timeout_seconds))
    }

    /// The log group.
    pub fn log_group(&self, function: &str) -> SmolStr {
        self.logging.group.clone().unwrap_or_else(|| SmolStr::new(format!("/aws/lambda/{function}")))
    }
}

/// Seconds for an invocation.
///
/// # Errors
/// More than fifteen minutes. The model's lower bound was checked before.
pub(crate) fn timeout(value: i32) -> Result<u32, TooGreat> {
    within("timeout", value, *TIMEOUT.end())
}

/// Megabytes of memory.
///
/// # Errors
/// More than ten gigabytes. The model's lower bound was checked before.
pub(crate) fn memory(value: i32) -> Result<u32, TooGreat> {
    within("memorySize", value, *MEMORY.end())
}

fn within(member: &'static str, value: i32, limit: u32) -> Result<u32, TooGreat> {
    let number = u32::try_from(value).ok().filter(|number| *number <= limit);
    number.ok_or(TooGreat { member, value, limit })
}
