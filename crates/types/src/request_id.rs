//! Request ids.

use crate::hexadecimal::pair;
use std::fmt;

/// The id that AWS gives to each request, printed as a version 4 UUID.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(u128);

impl RequestId {
    /// An id from 128 random bits; the version and variant bits of a UUID are set here.
    pub const fn from_random(bits: u128) -> Self {
        const VERSION: u128 = 0xf << 76;
        const VARIANT: u128 = 0x3 << 62;
        Self((bits & !VERSION & !VARIANT) | (0x4 << 76) | (0x2 << 62))
    }

    /// The bits.
    pub const fn bits(self) -> u128 {
        self.0
    }

    /// Writes the 36 characters without allocating.
    pub fn encode(self, buffer: &mut [u8; 36]) -> &str {
        const PLACES: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
        *buffer = [b'-'; 36];
        for (byte, at) in self.0.to_be_bytes().into_iter().zip(PLACES) {
            [buffer[at], buffer[at + 1]] = pair(byte);
        }
        std::str::from_utf8(buffer).unwrap_or_default()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.encode(&mut [0; 36]))
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_is_a_version_4_uuid() {
        assert_eq!(RequestId::from_random(0).to_string(), "00000000-0000-4000-8000-000000000000");
        assert_eq!(RequestId::from_random(u128::MAX).to_string(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
