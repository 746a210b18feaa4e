//! The inside of JSON strings.

const EVERY: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The high bit of each byte of eight that is zero. Above the first that is, others may be set too.
const fn zeros(bytes: u64) -> u64 {
    bytes.wrapping_sub(EVERY) & !bytes & HIGH
}

/// So many bytes are looked at together.
const BLOCK: usize = 64;

/// Whether any of these ends a string or needs an escape. Without a branch, so that it becomes a few wide instructions;
/// a function of its own, for inside a loop it does not.
#[inline(never)]
fn has_special(block: &[u8; BLOCK]) -> bool {
    let is_special = |byte: u8| u8::from(byte == b'"') | u8::from(byte == b'\\') | u8::from(byte < 0x20);
    block.iter().fold(0, |found, byte| found | is_special(*byte)) != 0
}

/// The number of bytes before the first that ends a string or needs an escape: a quote, a backslash, a control
/// character. Eight at a time near the beginning, where names end, and near the end; a block at a time between.
pub(super) fn plain_length(bytes: &[u8]) -> usize {
    const NAME: usize = 16;
    let Some((name, rest)) = bytes.split_at_checked(NAME) else { return by_eights(bytes) };
    let plain = by_eights(name);
    if plain < NAME {
        return plain;
    }
    let (blocks, _) = rest.as_chunks::<BLOCK>();
    let plain = BLOCK * blocks.iter().position(has_special).unwrap_or(blocks.len());
    NAME + plain + by_eights(&rest[plain..])
}

fn by_eights(bytes: &[u8]) -> usize {
    let (eights, rest) = bytes.as_chunks::<8>();
    for (index, eight) in eights.iter().enumerate() {
        let eight = u64::from_le_bytes(*eight);
        let controls = eight.wrapping_sub(EVERY * 0x20) & !eight & HIGH;
        let special = zeros(eight ^ (EVERY * b'"' as u64)) | zeros(eight ^ (EVERY * b'\\' as u64)) | controls;
        if special != 0 {
            return index * 8 + (special.trailing_zeros() / 8) as usize;
        }
    }
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
    bytes.len() - rest.len() + rest.iter().position(is_special).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn many_at_a_time_find_what_one_at_a_time_does(bytes in proptest::collection::vec(
            prop_oneof![2 => any::<u8>(), 1 => Just(b'"'), 1 => Just(b'\\'), 1 => Just(0x1f), 200 => 0x20..=0xff_u8],
            0..200,
        )) {
            let slow = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
            prop_assert_eq!(plain_length(&bytes), slow.unwrap_or(bytes.len()));
        }
    }
}
