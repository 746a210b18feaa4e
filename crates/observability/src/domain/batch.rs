//! A batch of events that is to be written.

use super::failure::{NotInOrder, TooFarApart, TooLarge};
use crate::limits::{BATCH_SIZE, BATCH_SPAN, EVENT_OVERHEAD, NEWEST, OLDEST};
use mesh_types::Timestamp;
use std::ops::Range;
use std::sync::Arc;

/// An event as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputEvent {
    /// When it happened, in milliseconds since the epoch.
    pub timestamp: i64,
    /// The message.
    pub message: Arc<str>,
}

/// Events that were checked as far as that can be done without their group.
#[derive(Debug, Clone)]
pub struct Batch {
    /// In the order of time.
    pub events: Vec<InputEvent>,
}

/// Which events of a batch were not taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rejected {
    /// Events before this one are too old.
    pub too_old_until: Option<usize>,
    /// This event, and those behind it, are too new.
    pub too_new_from: Option<usize>,
}

impl Batch {
    /// Checks size, order and span.
    ///
    /// # Errors
    /// Too many bytes; events that are not in the order of time, or too far apart.
    pub fn check<E: From<TooLarge> + From<NotInOrder> + From<TooFarApart>>(
        events: Vec<InputEvent>,
    ) -> Result<Self, E> {
        let size = events.iter().map(InputEvent::size).sum();
        if size > BATCH_SIZE {
            return Err(TooLarge { size, limit: BATCH_SIZE }.into());
        }
        if !events.is_sorted_by_key(|event| event.timestamp) {
            return Err(NotInOrder.into());
        }
        if let (Some(first), Some(last)) = (events.first(), events.last()) {
            let span = last.timestamp.saturating_sub(first.timestamp);
            if u128::try_from(span).is_ok_and(|span| span > BATCH_SPAN.as_millis()) {
                return Err(TooFarApart.into());
            }
        }
        Ok(Self { events })
    }

    /// Which events are taken at `now`, and which are not.
    pub fn judge(&self, now: Timestamp) -> (Range<usize>, Rejected) {
        let (oldest, newest) = ((now - OLDEST).as_millis(), (now + NEWEST).as_millis());
        let begin = self.events.partition_point(|event| event.timestamp < oldest);
        let end = self.events.partition_point(|event| event.timestamp <= newest).max(begin);
        let rejected = Rejected {
            too_old_until: (begin > 0).then_some(begin),
            too_new_from: (end < self.events.len()).then_some(end),
        };
        (begin..end, rejected)
    }
}

impl InputEvent {
    /// Bytes, as AWS counts them.
    pub fn size(&self) -> usize {
        self.message.len() + EVENT_OVERHEAD
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    enum Failed {
        Large(usize),
        Order,
        Span,
    }

    impl From<TooLarge> for Failed {
        fn from(failure: TooLarge) -> Self {
            Self::Large(failure.size)
        }
    }

    impl From<NotInOrder> for Failed {
        fn from(_: NotInOrder) -> Self {
            Self::Order
        }
    }

    impl From<TooFarApart> for Failed {
        fn from(_: TooFarApart) -> Self {
            Self::Span
        }
    }

    fn batch(timestamps: &[i64]) -> Result<Batch, Failed> {
        let event = |&timestamp: &i64| InputEvent { timestamp, message: "m".into() };
        Batch::check(timestamps.iter().map(event).collect())
    }

    #[test]
    fn order_span_and_size_have_bounds() {
        const DAY: i64 = 86_400_000;
        assert!(batch(&[1, 1, 2, DAY + 1]).is_ok());
        assert_eq!(batch(&[2, 1]).map(|_| ()), Err(Failed::Order));
        assert_eq!(batch(&[0, DAY + 1]).map(|_| ()), Err(Failed::Span));
        let of = |size: usize| {
            Batch::check::<Failed>(vec![InputEvent { timestamp: 0, message: "x".repeat(size).into() }])
        };
        assert!(of(1_048_576 - 26).is_ok());
        assert_eq!(of(1_048_576 - 25).map(|_| ()), Err(Failed::Large(1_048_577)));
    }

    #[test]
    fn what_is_too_old_or_too_new_is_named_by_index() {
        let now = Timestamp::from_secs(100 * 86_400);
        let (old, new) = ((now - OLDEST).as_millis(), (now + NEWEST).as_millis());
        let batch = |timestamps: &[i64]| {
            let event = |&timestamp: &i64| InputEvent { timestamp, message: "m".into() };
            Batch { events: timestamps.iter().map(event).collect() }.judge(now)
        };
        let rejected = |too_old_until, too_new_from| Rejected { too_old_until, too_new_from };
        assert_eq!(batch(&[old, now.as_millis(), new]), (0..3, Rejected::default()));
        assert_eq!(batch(&[old - 1, old, new, new + 1]), (1..3, rejected(Some(1), Some(3))));
        assert_eq!(batch(&[old - 2, old - 1]), (2..2, rejected(Some(2), None)));
        assert_eq!(batch(&[new + 1]), (0..0, rejected(None, Some(0))));
    }
}
