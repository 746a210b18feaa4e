//! Ids.

use mesh_store::Tx;
use smol_str::{SmolStr, SmolStrBuilder};

const CHARACTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// An id of lower-case letters and digits.
pub fn draw_id(tx: &mut Tx<'_>, length: usize) -> SmolStr {
    let mut id = SmolStrBuilder::new();
    for _ in 0..length {
        let index = usize::try_from(tx.draw().below(CHARACTERS.len() as u64)).unwrap_or(0);
        id.push(char::from(CHARACTERS[index]));
    }
    id.finish()
}
