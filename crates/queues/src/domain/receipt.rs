//! Receipt handles.

use super::failure::InvalidReceipt;
use crate::state::queue::Sequence;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// What every handle begins with, as AWS's do.
const MARK: &str = "AQEB";

/// A receipt of a message: which queue, which message, which time it was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// The queue's address, as a number.
    pub queue: u64,
    /// The message.
    pub sequence: Sequence,
    /// The receipt among those of the message.
    pub receipt: u64,
}

impl Receipt {
    /// The handle that a receiver gets.
    pub fn handle(self) -> String {
        let mut bytes = [0; 24];
        bytes[..8].copy_from_slice(&self.queue.to_be_bytes());
        bytes[8..16].copy_from_slice(&self.sequence.to_be_bytes());
        bytes[16..].copy_from_slice(&self.receipt.to_be_bytes());
        let mut handle = String::with_capacity(MARK.len() + 32);
        handle.push_str(MARK);
        STANDARD.encode_string(bytes, &mut handle);
        handle
    }

    /// Reads a handle that was given for a message of `queue`.
    ///
    /// # Errors
    /// A text that is no handle, or one of another queue.
    pub fn parse(handle: &str, queue: u64) -> Result<Self, InvalidReceipt> {
        let refused = || InvalidReceipt { handle: handle.to_owned() };
        let encoded = handle.strip_prefix(MARK).ok_or_else(refused)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| refused())?;
        let bytes = <[u8; 24]>::try_from(bytes).map_err(|_| refused())?;
        let number =
            |at: usize| bytes[at..at + 8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        let receipt = Self { queue: number(0), sequence: number(8), receipt: number(16) };
        if receipt.queue == queue { Ok(receipt) } else { Err(refused()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_reads_as_it_was_written_and_only_for_its_queue() {
        let receipt = Receipt { queue: 1, sequence: u64::MAX, receipt: 3 };
        assert_eq!(Receipt::parse(&receipt.handle(), 1), Ok(receipt));
        assert!(Receipt::parse(&receipt.handle(), 2).is_err());
        for text in ["", "AQEB", "AQEBAAAA", "nonsense", "AQEB\u{e9}", &receipt.handle()[..30]] {
            assert!(Receipt::parse(text, 1).is_err(), "{text}");
        }
    }
}
