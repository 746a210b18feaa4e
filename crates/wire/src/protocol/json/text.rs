//! The inside of JSON strings.

const EVERY: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The high bit of each byte of eight that is zero. Above the first that is, others may be set too.
const fn zeros(bytes: u64) -> u64 {
    bytes.wrapping_sub(EVERY) & !bytes & HIGH
}

/// The number of bytes before the first that ends a string or needs an escape: a quote, a backslash, a control
/// character. Eight at a time.
pub(super) fn plain_length(bytes: &[u8]) -> usize {
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
        fn eight_at_a_time_finds_what_one_at_a_time_does(bytes in proptest::collection::vec(
            prop_oneof![4 => any::<u8>(), 1 => Just(b'"'), 1 => Just(b'\\'), 1 => Just(0x1f), 8 => 0x20..=0xff_u8],
            0..40,
        )) {
            let slow = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
            prop_assert_eq!(plain_length(&bytes), slow.unwrap_or(bytes.len()));
        }
    }
}
