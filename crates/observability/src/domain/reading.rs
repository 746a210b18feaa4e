//! Reading events: of one stream, and of several together in the order of time.

use super::Filter;
use crate::limits::{ANSWER_SIZE, EVENT_OVERHEAD, LOOKED_AT};
use crate::state::log_group::{Event, EventIndexes, EventKey, Position};
use mesh_store::imbl::OrdMap;
use mesh_store::{Snapshot, Table};
use std::collections::BinaryHeap;
use std::sync::Arc;

/// In which direction events are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Onwards in time.
    Forward,
    /// Backwards in time.
    Backward,
}

/// What is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Events at this place and behind it.
    pub from: Position,
    /// Events before this place.
    pub to: Position,
    /// Beginning at which of the two.
    pub direction: Direction,
    /// How many, at most.
    pub limit: usize,
}

/// An event that was found.
pub type Found = (EventKey, Arc<Event>);

impl Position {
    /// Before all events of this millisecond.
    pub const fn before(timestamp: i64) -> Self {
        Self { timestamp, sequence: 0 }
    }

    /// Behind this place, and before all that comes behind it.
    pub const fn next(self) -> Self {
        Self { timestamp: self.timestamp, sequence: self.sequence.saturating_add(1) }
    }
}

/// Collects events until the answer is full.
struct Answer {
    found: Vec<Found>,
    size: usize,
    limit: usize,
}

impl Answer {
    fn new(limit: usize) -> Self {
        Self { found: Vec::new(), size: 0, limit }
    }

    /// Takes an event; false where it has no more room.
    fn take(&mut self, key: EventKey, event: &Arc<Event>) -> bool {
        let size = self.size + event.message.len() + EVENT_OVERHEAD;
        if self.found.len() >= self.limit || (size > ANSWER_SIZE && !self.found.is_empty()) {
            return false;
        }
        self.size = size;
        self.found.push((key, Arc::clone(event)));
        true
    }
}

/// The events of one stream, in the order of time, whatever the direction.
pub fn read_stream(events: &Snapshot<EventKey, Event>, stream: u32, reading: &Reading) -> Vec<Found> {
    let mut answer = Answer::new(reading.limit);
    let mut all = stream_range(events, stream, reading);
    loop {
        let next = match reading.direction {
            Direction::Forward => all.next(),
            Direction::Backward => all.next_back(),
        };
        match next {
            Some((key, event)) if answer.take(*key, event) => {}
            _ => break,
        }
    }
    if reading.direction == Direction::Backward {
        answer.found.reverse();
    }
    answer.found
}

fn stream_range<'a>(
    events: &'a Snapshot<EventKey, Event>,
    stream: u32,
    reading: &Reading,
) -> impl DoubleEndedIterator<Item = (&'a EventKey, &'a Arc<Event>)> + use<'a> {
    let key = |at: Position| EventKey { stream, timestamp: at.timestamp, sequence: at.sequence };
    // A span that ends before it begins holds nothing; a map would not have it.
    events.range(key(reading.from)..key(reading.to.max(reading.from)))
}

/// Events and their order in time, as they are now, to be walked outside the lock.
#[derive(Debug, Clone)]
pub struct Selection {
    events: Snapshot<EventKey, Event>,
    by_time: OrdMap<Position, EventKey>,
    /// The numbers of the streams that are read; all where absent.
    streams: Option<Vec<u32>>,
}

impl Selection {
    /// The events of these streams, or of all.
    pub fn new(events: &Table<EventKey, Event, EventIndexes>, streams: Option<Vec<u32>>) -> Self {
        Self { events: events.snapshot(), by_time: events.by().by_time.snapshot(), streams }
    }
}

/// The events of several streams that match, and where to go on if there may be more.
pub fn filter_events(of: &Selection, filter: &Filter, reading: &Reading) -> (Vec<Found>, Option<Position>) {
    match &of.streams {
        Some(streams) => sift(&mut Merge::new(of, streams, reading), filter, reading),
        None => {
            let mut range =
                of.by_time.range(reading.from..reading.to.max(reading.from)).filter_map(|(_, key)| {
                    let event = of.events.get(key)?;
                    Some((key, event))
                });
            match reading.direction {
                Direction::Forward => sift(&mut range, filter, reading),
                Direction::Backward => sift(&mut range.rev(), filter, reading),
            }
        }
    }
}

/// Takes what matches, until the answer is full or enough was looked at.
fn sift<'a>(
    events: &mut dyn Iterator<Item = (&'a EventKey, &'a Arc<Event>)>,
    filter: &Filter,
    reading: &Reading,
) -> (Vec<Found>, Option<Position>) {
    let mut answer = Answer::new(reading.limit);
    for (looked_at, (key, event)) in events.enumerate() {
        let has_room = looked_at < LOOKED_AT && (!filter.matches(&event.message) || answer.take(*key, event));
        if !has_room {
            // Read on at this event: from it forward, or from behind it backward.
            let place = match reading.direction {
                Direction::Forward => key.position(),
                Direction::Backward => key.position().next(),
            };
            return (answer.found, Some(place));
        }
    }
    (answer.found, None)
}

/// Several streams as one, in the order of time. What it costs depends on what is taken, and on the logarithm of the
/// number of streams.
struct Merge<'a, I> {
    direction: Direction,
    streams: Vec<I>,
    /// The next event of each stream.
    heads: BinaryHeap<Head<'a>>,
}

/// The next event of a stream; the greatest comes first.
struct Head<'a> {
    rank: (i64, i128),
    stream: usize,
    next: (&'a EventKey, &'a Arc<Event>),
}

impl PartialEq for Head<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank
    }
}

impl Eq for Head<'_> {}

impl PartialOrd for Head<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Head<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.rank.cmp(&other.rank)
    }
}

impl<'a> Merge<'a, Box<dyn DoubleEndedIterator<Item = (&'a EventKey, &'a Arc<Event>)> + 'a>> {
    fn new(of: &'a Selection, streams: &[u32], reading: &Reading) -> Self {
        let streams =
            streams.iter().map(|stream| Box::new(stream_range(&of.events, *stream, reading)) as Box<_>);
        let mut merge =
            Self { direction: reading.direction, streams: streams.collect(), heads: BinaryHeap::new() };
        (0..merge.streams.len()).for_each(|stream| merge.refill(stream));
        merge
    }
}

impl<'a, I: DoubleEndedIterator<Item = (&'a EventKey, &'a Arc<Event>)>> Merge<'a, I> {
    fn refill(&mut self, stream: usize) {
        let next = match self.direction {
            Direction::Forward => self.streams[stream].next(),
            Direction::Backward => self.streams[stream].next_back(),
        };
        if let Some(next) = next {
            let (timestamp, sequence) = (next.0.timestamp, i128::from(next.0.sequence));
            let rank = match self.direction {
                Direction::Forward => (timestamp.saturating_neg(), -sequence),
                Direction::Backward => (timestamp, sequence),
            };
            self.heads.push(Head { rank, stream, next });
        }
    }
}

impl<'a, I: DoubleEndedIterator<Item = (&'a EventKey, &'a Arc<Event>)>> Iterator for Merge<'a, I> {
    type Item = (&'a EventKey, &'a Arc<Event>);

    fn next(&mut self) -> Option<Self::Item> {
        let Head { stream, next, .. } = self.heads.pop()?;
        self.refill(stream);
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mesh_types::Timestamp;

    /// Events (stream, timestamp), numbered as they come.
    fn table(events: &[(u32, i64)]) -> Table<EventKey, Event, EventIndexes> {
        let mut table = Table::default();
        for (sequence, (stream, timestamp)) in (0..).zip(events) {
            let key = EventKey { stream: *stream, timestamp: *timestamp, sequence };
            table
                .insert(key, Event { message: format!("m{sequence}").into(), ingested_at: Timestamp::EPOCH });
        }
        table
    }

    fn reading(direction: Direction, limit: usize) -> Reading {
        Reading { from: Position::before(0), to: Position::before(i64::MAX), direction, limit }
    }

    fn messages(found: &[Found]) -> String {
        found.iter().map(|(_, event)| &*event.message).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_stream_is_read_from_either_end_and_always_told_in_order() {
        let events = table(&[(1, 20), (1, 10), (1, 20), (2, 15)]).snapshot();
        let read = |direction, limit| messages(&read_stream(&events, 1, &reading(direction, limit)));
        assert_eq!(read(Direction::Forward, 2), "m1 m0");
        assert_eq!(read(Direction::Backward, 2), "m0 m2");
        assert_eq!(read(Direction::Backward, 9), "m1 m0 m2");
    }

    #[test]
    fn several_streams_are_one_in_the_order_of_time() {
        let table = table(&[(1, 20), (2, 10), (3, 20), (1, 10), (2, 30)]);
        for streams in [None, Some(vec![1, 2, 3])] {
            let all = Selection::new(&table, streams);
            let read = |direction, limit| {
                let (found, more) = filter_events(&all, &Filter::All, &reading(direction, limit));
                (messages(&found), more)
            };
            assert_eq!(read(Direction::Forward, 9), ("m1 m3 m0 m2 m4".to_owned(), None));
            assert_eq!(read(Direction::Backward, 9), ("m4 m2 m0 m3 m1".to_owned(), None));
            let (found, more) = read(Direction::Forward, 2);
            assert_eq!((found.as_str(), more), ("m1 m3", Some(Position { timestamp: 20, sequence: 0 })));
            let (found, more) = read(Direction::Backward, 2);
            assert_eq!((found.as_str(), more), ("m4 m2", Some(Position { timestamp: 20, sequence: 1 })));
        }
        let some = Selection::new(&table, Some(vec![2]));
        let (found, _) = filter_events(&some, &Filter::All, &reading(Direction::Forward, 9));
        assert_eq!(messages(&found), "m1 m4");
    }

    #[test]
    fn a_span_that_ends_before_it_begins_is_empty() {
        let table = table(&[(1, 20)]);
        let reading = Reading { from: Position::before(30), ..reading(Direction::Forward, 9) };
        let reading = Reading { to: Position::before(10), ..reading };
        assert!(read_stream(&table.snapshot(), 1, &reading).is_empty());
        assert!(filter_events(&Selection::new(&table, None), &Filter::All, &reading).0.is_empty());
    }

    #[test]
    fn an_answer_holds_a_megabyte_and_at_least_one_event() {
        let mut answer = Answer::new(9);
        let event =
            |size: usize| Arc::new(Event { message: "x".repeat(size).into(), ingested_at: Timestamp::EPOCH });
        let key = EventKey { stream: 0, timestamp: 0, sequence: 0 };
        assert!(answer.take(key, &event(ANSWER_SIZE)));
        assert!(!answer.take(key, &event(1)));
    }
}
