//! Log groups, their streams, and writing events.

use super::failure::{GroupExists, NoSuchGroup, NoSuchStream, Protected, StreamExists};
use super::{Batch, Rejected};
use crate::state::log_group::{Counts, Entity, Event, EventKey, LogGroup, Position, Settings, Stream};
use mesh_store::Tx;
use smol_str::SmolStr;
use std::sync::Arc;

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    /// The place behind it.
    pub written: Position,
    /// What was not taken.
    pub rejected: Rejected,
}

impl LogGroup {
    /// The settings.
    ///
    /// # Errors
    /// There is no such group.
    pub fn existing(&self) -> Result<Arc<Settings>, NoSuchGroup> {
        self.settings.get_shared().ok_or(NoSuchGroup)
    }

    /// Creates the group.
    ///
    /// # Errors
    /// It exists.
    pub fn create(&mut self, settings: Settings) -> Result<(), GroupExists> {
        if self.settings.get().is_some() {
            return Err(GroupExists);
        }
        self.settings.set(settings);
        Ok(())
    }

    /// Deletes the group with all that is in it.
    ///
    /// # Errors
    /// There is no such group; it is protected.
    pub fn delete<E: From<NoSuchGroup> + From<Protected>>(&mut self) -> Result<(), E> {
        if self.existing()?.deletion_protection == Some(true) {
            return Err(Protected.into());
        }
        self.settings.clear();
        self.streams.clear();
        self.events.clear();
        self.counts.clear();
        Ok(())
    }

    /// A stream.
    ///
    /// # Errors
    /// There is no such group or stream.
    pub fn stream<E: From<NoSuchGroup> + From<NoSuchStream>>(&self, name: &str) -> Result<Arc<Stream>, E> {
        self.existing()?;
        self.streams.get_shared(&name.into()).ok_or_else(|| NoSuchStream.into())
    }

    /// Creates a stream.
    ///
    /// # Errors
    /// There is no such group; the stream exists.
    pub fn create_stream<E: From<NoSuchGroup> + From<StreamExists>>(
        &mut self,
        name: &str,
        tx: &mut Tx<'_>,
    ) -> Result<(), E> {
        self.existing()?;
        let name = SmolStr::new(name);
        if self.streams.get(&name).is_some() {
            return Err(StreamExists.into());
        }
        let counts = self.counts.get().cloned().unwrap_or_default();
        let stream = Stream {
            number: counts.streams,
            created_at: tx.now(),
            oldest_event: None,
            newest_event: None,
            ingested_at: None,
            written: None,
            entity: None,
        };
        self.streams.insert(name, stream);
        self.counts.set(Counts { streams: counts.streams + 1, ..counts });
        Ok(())
    }

    /// Deletes a stream with its events.
    ///
    /// # Errors
    /// There is no such group or stream; the group is protected.
    pub fn delete_stream<E: From<NoSuchGroup> + From<NoSuchStream> + From<Protected>>(
        &mut self,
        name: &str,
    ) -> Result<(), E> {
        if self.existing()?.deletion_protection == Some(true) {
            return Err(Protected.into());
        }
        let stream = self.stream::<E>(name)?;
        let first = EventKey { stream: stream.number, timestamp: i64::MIN, sequence: 0 };
        let last = EventKey { stream: stream.number, timestamp: i64::MAX, sequence: u64::MAX };
        let keys: Vec<EventKey> = self.events.range(first..=last).map(|(key, _)| *key).collect();
        let removed = keys.iter().filter_map(|key| self.events.remove(key));
        let bytes: u64 = removed.map(|event| size(&event.message)).sum();
        self.streams.remove(&name.into());
        let counts = self.counts.get().cloned().unwrap_or_default();
        self.counts.set(Counts { bytes: counts.bytes.saturating_sub(bytes), ..counts });
        Ok(())
    }

    /// Writes a batch to a stream, but for events that are too old or too new.
    ///
    /// # Errors
    /// There is no such group or stream.
    pub fn put<E: From<NoSuchGroup> + From<NoSuchStream>>(
        &mut self,
        stream: &str,
        batch: &Batch,
        entity: Option<&Arc<Entity>>,
        tx: &mut Tx<'_>,
    ) -> Result<Put, E> {
        let former = self.stream::<E>(stream)?;
        let (taken, rejected) = batch.judge(tx.now());
        let taken = batch.events.get(taken).unwrap_or_default();
        let mut counts = self.counts.get().cloned().unwrap_or_default();
        for event in taken {
            let key = EventKey { stream: former.number, timestamp: event.timestamp, sequence: counts.events };
            self.events.insert(key, Event { message: Arc::clone(&event.message), ingested_at: tx.now() });
            counts.events += 1;
            counts.bytes += size(&event.message);
        }
        let written = Position { timestamp: tx.now().as_millis(), sequence: counts.events };
        let mut stream_row = Stream { written: Some(written), ..Stream::clone(&former) };
        if let (Some(first), Some(last)) = (taken.first(), taken.last()) {
            let oldest = stream_row.oldest_event.map_or(first.timestamp, |at| at.min(first.timestamp));
            stream_row.oldest_event = Some(oldest);
            stream_row.newest_event = stream_row.newest_event.max(Some(last.timestamp));
            stream_row.ingested_at = Some(tx.now());
        }
        if let Some(entity) = entity {
            stream_row.entity = Some(Arc::clone(entity));
        }
        self.streams.insert(stream.into(), stream_row);
        self.counts.set(counts);
        Ok(Put { written, rejected })
    }
}

/// Bytes of an event, as AWS counts them.
fn size(message: &str) -> u64 {
    u64::try_from(message.len() + crate::limits::EVENT_OVERHEAD).unwrap_or(u64::MAX)
}
