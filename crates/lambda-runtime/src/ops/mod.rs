//! One file an operation: its head says what is done with each of its members.

pub mod add_permission;
pub mod create_function;
pub mod delete_function;
pub mod get_function;
pub mod get_policy;
pub mod invoke;
pub mod list_functions;
pub mod update_function_code;
pub mod update_function_configuration;

use crate::domain::Archive;
use crate::domain::failure::InvalidParameter;

/// Checks an archive off the threads that answer requests: a large one takes a second.
async fn check_archive(bytes: &[u8]) -> Result<(), InvalidParameter> {
    /// Archives that are checked on the spot.
    const SMALL: usize = 64 * 1024;
    if bytes.len() <= SMALL && bytes.len() >= 2 {
        return Archive::check(bytes);
    }
    let owned = bytes.to_vec();
    let checked = tokio::task::spawn_blocking(move || Archive::check(&owned)).await;
    checked.unwrap_or_else(|_| {
        Err(InvalidParameter { sentence: "The archive could not be checked.".to_owned() })
    })
}
