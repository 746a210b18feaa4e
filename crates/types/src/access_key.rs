//! Access key ids of temporary credentials: who they belong to can be told from the id alone.

use crate::AccountId;
use std::fmt;

/// What the ids of temporary credentials begin with.
const PREFIX: &str = "ASIA";

/// RFC 4648's base 32.
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Characters behind the prefix: 80 bits.
const LENGTH: usize = 16;

const ACCOUNT_BITS: u32 = 40;
const UNIVERSE_BITS: u32 = 14;
const SERIAL_BITS: u32 = 14;
const PAYLOAD_BITS: u32 = ACCOUNT_BITS + UNIVERSE_BITS + SERIAL_BITS;

/// An access key id that STS of mesh-local issued: 20 characters, as on AWS, that carry the account, a handle of the
/// universe, the number of the credentials among those of the account, and twelve bits by which it is told from an id
/// that AWS issued.
///
/// ```
/// # use mesh_types::{AccountId, IssuedKey, UniverseHandle};
/// let key = IssuedKey { account: AccountId::DEFAULT, universe: UniverseHandle::of("default"), serial: 7 };
/// let id = key.to_string();
/// assert_eq!((id.len(), &id[..4]), (20, "ASIA"));
/// assert_eq!(IssuedKey::parse(&id), Some(key));
/// assert_eq!(IssuedKey::parse("ASIAIOSFODNN7EXAMPLE"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IssuedKey {
    /// Whose credentials they are.
    pub account: AccountId,
    /// In which universe they were issued.
    pub universe: UniverseHandle,
    /// Tells them from the account's others: below [`IssuedKey::SERIALS`].
    pub serial: u16,
}

/// Stands for a universe where its name does not fit: 14 bits of a hash of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UniverseHandle(u16);

impl UniverseHandle {
    /// The handle of the universe of this name, the same on every machine.
    pub fn of(name: &str) -> Self {
        let spread = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| mix(hash ^ u64::from(byte)));
        Self(low(u128::from(spread), UNIVERSE_BITS))
    }
}

impl IssuedKey {
    /// How many numbers there are for the credentials of one account.
    pub const SERIALS: u16 = 1 << SERIAL_BITS;

    /// Reads an id; `None` where it is not one of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(PREFIX).filter(|digits| digits.len() == LENGTH)?;
        let bits = digits.bytes().try_fold(0_u128, |bits, byte| {
            let digit = ALPHABET.iter().position(|known| *known == byte)?;
            Some((bits << 5) | u128::try_from(digit).ok()?)
        })?;
        let check = low(bits >> PAYLOAD_BITS, 12);
        let payload = (bits & PAYLOAD) ^ veil(check);
        if check != check_of(payload) {
            return None;
        }
        let account = payload >> (UNIVERSE_BITS + SERIAL_BITS);
        Some(Self {
            account: AccountId::parse(&format!("{account:012}")).ok()?,
            universe: UniverseHandle(low(payload >> SERIAL_BITS, UNIVERSE_BITS)),
            serial: low(payload, SERIAL_BITS),
        })
    }
}

impl fmt::Display for IssuedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let account = self.account.as_str().parse::<u128>().unwrap_or(0);
        let place = (account << UNIVERSE_BITS) | u128::from(self.universe.0);
        let payload = (place << SERIAL_BITS) | u128::from(self.serial % Self::SERIALS);
        let check = check_of(payload);
        let bits = (u128::from(check) << PAYLOAD_BITS) | (payload ^ veil(check));
        f.write_str(PREFIX)?;
        for index in (0..LENGTH).rev() {
            let digit = usize::from(low(bits >> (5 * index), 5));
            write!(f, "{}", char::from(ALPHABET[digit]))?;
        }
        Ok(())
    }
}

/// All bits of a payload.
const PAYLOAD: u128 = (1 << PAYLOAD_BITS) - 1;

/// The lowest bits, at most sixteen.
fn low(bits: u128, count: u32) -> u16 {
    u16::try_from(bits & ((1 << count) - 1)).unwrap_or(0)
}

/// Twelve bits that follow from the payload.
fn check_of(payload: u128) -> u16 {
    let halves = payload.to_be_bytes();
    let whole = halves.into_iter().fold(0x6d65_7368_2d6c_6f63, |hash: u64, byte| mix(hash ^ u64::from(byte)));
    low(u128::from(whole), 12)
}

/// What is laid over the payload, so that ids of one account do not look alike.
fn veil(check: u16) -> u128 {
    let (high, low) = (mix(u64::from(check) + 1), mix(u64::from(check) + 0x1_0000));
    ((u128::from(high) << 64) | u128::from(low)) & PAYLOAD
}

/// Spreads each bit over all (the finalizer of MurmurHash3).
const fn mix(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let bits = (bits ^ (bits >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    bits ^ (bits >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(account: &str, universe: &str, serial: u16) -> IssuedKey {
        let account = AccountId::parse(account).expect("an account");
        IssuedKey { account, universe: UniverseHandle::of(universe), serial }
    }

    #[test]
    fn what_an_id_carries_is_read_back() {
        for account in ["000000000000", "123456789012", "999999999999"] {
            for serial in [0, 1, 4_711, IssuedKey::SERIALS - 1] {
                for universe in ["default", "pr-17"] {
                    let issued = key(account, universe, serial);
                    let id = issued.to_string();
                    assert!(
                        id.len() == 20 && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()),
                        "{id}"
                    );
                    assert_eq!(IssuedKey::parse(&id), Some(issued), "{id}");
                    assert_eq!(IssuedKey::parse(&id).map(|key| key.account), Some(issued.account));
                }
            }
        }
    }

    #[test]
    fn ids_never_change_their_form() {
        assert_eq!(key("123456789012", "default", 1).to_string(), "ASIAUGYEPKEJ7VMYLRMS");
    }

    #[test]
    fn ids_that_were_not_issued_here_are_told_apart() {
        let id = key("123456789012", "default", 1).to_string();
        let others =
            ["", "test", "ASIA", "ASIAIOSFODNN7EXAMPLE", "ASIA1111111111111111", "ASIAéééééééé", &id[..19]];
        for other in others {
            assert_eq!(IssuedKey::parse(other), None, "{other}");
        }
        assert_eq!(IssuedKey::parse(&id.replacen("ASIA", "AKIA", 1)), None);
        assert_eq!(IssuedKey::parse(&id.to_lowercase()), None);
        // One in 4096 ids of AWS's passes for ours.
        let passing = (0..4_096_u64).filter(|seed| {
            let digit = |index: u64| char::from(ALPHABET[(mix(seed * 16 + index + 1) % 32) as usize]);
            let foreign: String = "ASIA".chars().chain((0..16).map(digit)).collect();
            IssuedKey::parse(&foreign).is_some()
        });
        assert!(passing.count() <= 5);
    }
}
