//! Who knows the secrets of access keys.

use crate::Context;
use mesh_types::IssuedKey;
use smol_str::SmolStr;

/// The service that issues temporary credentials. The edge asks it where signatures are verified.
pub trait Keys: Send + Sync {
    /// The secret of the access key id `id`, which reads as `key`, in the context's universe.
    ///
    /// # Errors
    /// It was not issued there, or its credentials have ended when the request came in.
    fn secret(&self, cx: &Context, id: &str, key: IssuedKey) -> Result<SmolStr, NoSecret>;
}

/// Why an access key has no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoSecret {
    /// It was not issued.
    Unknown,
    /// Its credentials have ended.
    Expired,
}
