//! Tokens and ids made of places in a group's time: 56 digits, as AWS's.

use super::failure::InvalidToken;
use super::reading::Direction;
use crate::state::log_group::Position;

/// Digits of a timestamp.
const TIMESTAMP_DIGITS: usize = 36;

/// Digits of a sequence.
const SEQUENCE_DIGITS: usize = 20;

/// The id of the event at this place.
pub fn event_id(at: Position) -> String {
    format!("{:036}{:020}", at.timestamp.max(0), at.sequence)
}

/// What PutLogEvents answers and nobody needs any more.
pub fn sequence_token(written: Position) -> String {
    format!("49{:034}{:020}", written.timestamp.max(0), written.sequence)
}

/// Where reading goes on, and in which direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventToken {
    /// The direction.
    pub direction: Direction,
    /// The place.
    pub at: Position,
}

impl EventToken {
    /// Reads a token.
    ///
    /// # Errors
    /// A text that no answer had.
    pub fn parse(text: &str) -> Result<Self, InvalidToken> {
        let (direction, rest) = match text.split_at_checked(2) {
            Some(("f/", rest)) => (Direction::Forward, rest),
            Some(("b/", rest)) => (Direction::Backward, rest),
            _ => return Err(InvalidToken),
        };
        let digits = rest.strip_suffix("/s").filter(|digits| {
            digits.len() == TIMESTAMP_DIGITS + SEQUENCE_DIGITS && digits.bytes().all(|b| b.is_ascii_digit())
        });
        let (timestamp, sequence) = digits.ok_or(InvalidToken)?.split_at(TIMESTAMP_DIGITS);
        let timestamp = timestamp.parse().map_err(|_| InvalidToken)?;
        let sequence = sequence.parse().map_err(|_| InvalidToken)?;
        Ok(Self { direction, at: Position { timestamp, sequence } })
    }

    /// The text.
    pub fn text(&self) -> String {
        let direction = match self.direction {
            Direction::Forward => 'f',
            Direction::Backward => 'b',
        };
        format!("{direction}/{}/s", event_id(self.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_a_place_and_a_direction() {
        let token = EventToken {
            direction: Direction::Backward,
            at: Position { timestamp: 1_767_225_600_000, sequence: u64::MAX },
        };
        let text = token.text();
        assert_eq!(text, "b/00000000000000000000000176722560000018446744073709551615/s");
        assert_eq!(EventToken::parse(&text), Ok(token));
        for other in [
            "",
            "f",
            "f/1/s",
            "x/0",
            "é/",
            &text[..58],
            &text.replace('7', "x"),
            &format!("f/{}/s", "9".repeat(56)),
        ] {
            assert_eq!(EventToken::parse(other), Err(InvalidToken), "{other}");
        }
    }
}
