//! How messages are signed, and the certificate with which a receiver checks it.
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html>
//!
//! The key is the same in every mesh-local and no secret: see `docs/decisions/014-one-signing-key.md`. It is read when a
//! message is signed for the first time.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use rsa::{BigUint, Pkcs1v15Sign, RsaPrivateKey};
use sha1::{Digest, Sha1};
use sha2::Sha256;
use std::collections::VecDeque;
use std::sync::OnceLock;

/// The certificate of the key, in PEM.
pub(crate) const CERTIFICATE: &str = include_str!("certificate.pem");

/// Where it is served, behind the address of a universe. The digits are the MD5 of the certificate.
pub(crate) const CERTIFICATE_PATH: &str = "/SimpleNotificationService-3b7d2e4c65f34868ffaca004a831308c.pem";

/// The private key: modulus, private exponent and the primes, each as a big-endian number.
static KEY: &[u8; 3 * SIZE] = include_bytes!("key.bin");

/// Bytes of the modulus, of the exponent, and of all primes together.
const SIZE: usize = 256;

/// How many primes the modulus has. Two would make it hard to factor, which does not matter here; the more there are, the
/// faster it signs.
const PRIMES: usize = 8;

/// The public exponent.
const EXPONENT: u32 = 65_537;

/// Signatures that are kept, since all subscriptions of a topic get the same one.
const KEPT: usize = 32;

/// Over which digest a message is signed: `SignatureVersion`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// SHA1.
    One,
    /// SHA256.
    Two,
}

impl Version {
    /// As AWS spells it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::One => "1",
            Self::Two => "2",
        }
    }
}

struct Signer {
    key: RsaPrivateKey,
    /// The newest signatures by the digests that they are over.
    recent: Mutex<VecDeque<(Vec<u8>, String)>>,
}

fn key() -> Result<RsaPrivateKey, String> {
    let (modulus, rest) = KEY.split_at(SIZE);
    let (exponent, primes) = rest.split_at(SIZE);
    let primes = primes.chunks(SIZE / PRIMES).map(BigUint::from_bytes_be).collect();
    let (modulus, exponent) = (BigUint::from_bytes_be(modulus), BigUint::from_bytes_be(exponent));
    RsaPrivateKey::from_components(modulus, EXPONENT.into(), exponent, primes)
        .map_err(|error| error.to_string())
}

/// The signature over a text, in base64.
///
/// # Errors
/// Why the key cannot be read, or does not sign.
pub(crate) fn sign(version: Version, text: &str) -> Result<String, String> {
    static SIGNER: OnceLock<Result<Signer, String>> = OnceLock::new();
    let read = || Ok(Signer { key: key()?, recent: Mutex::default() });
    let signer = SIGNER.get_or_init(read).as_ref().map_err(Clone::clone)?;
    let (scheme, digest) = match version {
        Version::One => (Pkcs1v15Sign::new::<Sha1>(), Sha1::digest(text).to_vec()),
        Version::Two => (Pkcs1v15Sign::new::<Sha256>(), Sha256::digest(text).to_vec()),
    };
    let known = signer.recent.lock().iter().find(|(of, _)| *of == digest).map(|(_, known)| known.clone());
    if let Some(known) = known {
        return Ok(known);
    }
    let signature = STANDARD.encode(signer.key.sign(scheme, &digest).map_err(|error| error.to_string())?);
    let mut recent = signer.recent.lock();
    if recent.len() == KEPT {
        recent.pop_front();
    }
    recent.push_back((digest, signature.clone()));
    Ok(signature)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rsa::RsaPublicKey;

    #[test]
    fn what_is_signed_is_accepted_by_the_public_key_and_nothing_else_is() {
        let public = RsaPublicKey::from(&key().expect("the key can be read"));
        for version in [Version::One, Version::Two] {
            let signature = STANDARD.decode(sign(version, "text").expect("it signs")).expect("it is base64");
            let accepts = |text: &str| match version {
                Version::One => public.verify(Pkcs1v15Sign::new::<Sha1>(), &Sha1::digest(text), &signature),
                Version::Two => {
                    public.verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(text), &signature)
                }
            };
            assert_eq!(accepts("text"), Ok(()), "{version:?}");
            assert!(accepts("other").is_err(), "{version:?}");
        }
    }
}
