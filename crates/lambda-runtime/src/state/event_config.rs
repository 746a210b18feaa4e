//! What becomes of events that a function has taken.

use mesh_store::Row;
use mesh_types::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// How often and how long a function works on an event, and who is told how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventConfig {
    /// Attempts after the first.
    pub retries: Option<u32>,
    /// Seconds after which an event is given up.
    pub age_seconds: Option<u32>,
    /// The ARN of who is told of success.
    pub on_success: Option<SmolStr>,
    /// The ARN of who is told of failure.
    pub on_failure: Option<SmolStr>,
    /// When it was last changed.
    pub modified_at: Timestamp,
}

impl Row for EventConfig {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_config_is_stored_in_this_form() {
        let config = EventConfig {
            retries: Some(1),
            age_seconds: None,
            on_success: Some("s".into()),
            on_failure: None,
            modified_at: Timestamp::from_micros(1),
        };
        let mut bytes = Vec::new();
        config.encode(&mut bytes).expect("it can be written");
        assert_eq!(bytes, [1, 1, 1, 0, 1, 1, b's', 0, 2]);
        assert_eq!(EventConfig::decode(&bytes).expect("it can be read"), config);
    }
}
