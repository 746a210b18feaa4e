//! One file an operation: its head says what is done with each of its members.

pub mod iam;
pub mod sts;

use mesh_types::Timestamp;
use mesh_wire::DateTime;

/// A moment as IAM and STS show it: whole seconds.
fn date(at: Timestamp) -> DateTime {
    DateTime::from_secs(at.as_secs())
}
