//! Bytes as lower-case hexadecimal digits.

/// The two digits of each byte.
const PAIRS: [[u8; 2]; 256] = {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut pairs = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        pairs[byte] = [DIGITS[byte >> 4], DIGITS[byte & 15]];
        byte += 1;
    }
    pairs
};

/// The two digits of a byte.
pub(crate) fn pair(byte: u8) -> [u8; 2] {
    PAIRS[usize::from(byte)]
}

/// The digits of these bytes: of a digest, mostly.
pub fn hexadecimal(bytes: &[u8]) -> String {
    let mut digits = vec![0; bytes.len() * 2];
    for (two, byte) in digits.chunks_exact_mut(2).zip(bytes) {
        two.copy_from_slice(&pair(*byte));
    }
    String::from_utf8(digits).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_has_two_digits_in_lower_case() {
        assert_eq!(hexadecimal(&[0x00, 0x0f, 0xa0, 0xff]), "000fa0ff");
        assert_eq!(hexadecimal(&[]), "");
    }
}
