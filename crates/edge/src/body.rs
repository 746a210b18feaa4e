//! Reading a request's body: whole, bounded, and not for ever.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use std::time::Duration;

/// Why a body was not read.
#[derive(Debug)]
pub(crate) enum BodyError {
    /// It is larger than this many bytes.
    TooLarge(usize),
    /// The client sent nothing for too long.
    Slow,
    /// The connection broke.
    Broken,
}

/// Reads a body of at most `limit` bytes, pausing at most `patience` between two pieces. One that comes in one piece
/// is not copied.
pub(crate) async fn read(mut body: Incoming, limit: usize, patience: Duration) -> Result<Bytes, BodyError> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > limit {
        return Err(BodyError::TooLarge(limit));
    }
    let mut first = Bytes::new();
    let mut whole: Option<BytesMut> = None;
    while let Some(piece) = next(&mut body, patience).await? {
        match &mut whole {
            None if first.is_empty() => first = piece,
            None => {
                let mut joined = BytesMut::with_capacity(announced.max(first.len() + piece.len()));
                joined.extend_from_slice(&first);
                joined.extend_from_slice(&piece);
                whole = Some(joined);
            }
            Some(joined) => joined.extend_from_slice(&piece),
        }
        if whole.as_ref().map_or(first.len(), BytesMut::len) > limit {
            return Err(BodyError::TooLarge(limit));
        }
        if body.is_end_stream() {
            break;
        }
    }
    Ok(whole.map_or(first, BytesMut::freeze))
}

/// The next piece; trailers are passed over.
async fn next(body: &mut Incoming, patience: Duration) -> Result<Option<Bytes>, BodyError> {
    loop {
        let frame = tokio::time::timeout(patience, body.frame()).await.map_err(|_| BodyError::Slow)?;
        match frame {
            None => return Ok(None),
            Some(Err(_)) => return Err(BodyError::Broken),
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    return Ok(Some(data));
                }
            }
        }
    }
}
