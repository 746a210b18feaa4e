//! Unique ids and secrets.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mesh_store::Tx;
use smol_str::SmolStr;

/// Bytes of a session token before they are encoded.
const TOKEN_BYTES: usize = 256;

/// Bytes of a secret access key before they are encoded: forty characters behind it.
const SECRET_BYTES: usize = 30;

/// Characters of a role's id behind its prefix.
const ROLE_ID_LENGTH: usize = 17;

/// The unique id of a new role.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>
pub fn role_id(tx: &mut Tx<'_>) -> SmolStr {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits = tx.draw().next_u128();
    let digit = |index: usize| char::from(ALPHABET[usize::try_from((bits >> (5 * index)) & 31).unwrap_or(0)]);
    "AROA".chars().chain((0..ROLE_ID_LENGTH).map(digit)).collect()
}

/// A secret access key.
pub fn secret_access_key(tx: &mut Tx<'_>) -> SmolStr {
    SmolStr::new(STANDARD.encode(draw(tx, SECRET_BYTES)))
}

/// A session token. It says nothing: the access key id tells whose the credentials are.
pub fn session_token(tx: &mut Tx<'_>) -> String {
    STANDARD.encode(draw(tx, TOKEN_BYTES))
}

fn draw(tx: &mut Tx<'_>, count: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = Vec::with_capacity(count + 16);
    while bytes.len() < count {
        bytes.extend(tx.draw().next_u128().to_le_bytes());
    }
    bytes.truncate(count);
    bytes
}
