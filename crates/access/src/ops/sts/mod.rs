//! The operations of STS.

pub mod assume_role;
pub mod get_caller_identity;
pub mod get_session_token;

use super::date;
use crate::domain::Issued;
use mesh_models::sts::Credentials;

/// Credentials as they are answered.
fn credentials(issued: Issued) -> Credentials {
    Credentials {
        access_key_id: Some(issued.access_key_id.to_string()),
        secret_access_key: Some(issued.secret_access_key.to_string()),
        session_token: Some(issued.session_token),
        expiration: Some(date(issued.expires_at)),
    }
}
