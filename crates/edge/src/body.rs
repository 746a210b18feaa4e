//! Reading a request's body: whole, bounded, and not for ever.

use crate::connection::{Connection, Held};
use crate::options::Limits;
use crate::tongue;
use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use http_body_util::BodyExt;
use hyper::body::Body;
use mesh_wire::ApiError;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Why a body was not read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// It is larger than this many bytes.
    TooLarge(usize),
    /// The client sent nothing for too long, or too little in all.
    Slow,
    /// The connection broke.
    Broken,
    /// The connection's requests hold as much as they may.
    TooMuch,
}

impl From<BodyError> for ApiError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge(limit) => {
                Self::new(&tongue::TOO_LARGE, format!("The request's body is larger than {limit} bytes."))
            }
            BodyError::Slow => Self::new(&tongue::TOO_SLOW, "The request's body did not come in time."),
            BodyError::Broken => Self::new(&tongue::BROKEN, "The request's body broke off."),
            BodyError::TooMuch => Self::new(
                &tongue::TOO_MUCH,
                "The requests of this connection hold more than it may. Send fewer large ones at once.",
            ),
        }
    }
}

/// Reads a body. One that comes in one piece is not copied, and one that is there already asks no clock. What was read in
/// several pieces is held against the connection for as long as the second of the answer is kept.
pub(crate) async fn read<'c, B>(
    mut body: B,
    limits: &Limits,
    connection: &'c Connection,
) -> Result<(Bytes, Held<'c>), BodyError>
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut held = connection.hold();
    if body.is_end_stream() {
        return Ok((Bytes::new(), held));
    }
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > limits.body {
        return Err(BodyError::TooLarge(limits.body));
    }
    let mut first = Bytes::new();
    let mut whole: Option<BytesMut> = None;
    let mut pace = Pace { limits, began: None, bytes: 0 };
    while let Some(piece) = pace.next(&mut body).await? {
        match &mut whole {
            None if first.is_empty() => first = piece,
            None => {
                if !held.add(first.len() + piece.len()) {
                    return Err(BodyError::TooMuch);
                }
                let mut joined = BytesMut::with_capacity(announced.max(first.len() + piece.len()));
                joined.extend_from_slice(&first);
                joined.extend_from_slice(&piece);
                whole = Some(joined);
            }
            Some(joined) => {
                if !held.add(piece.len()) {
                    return Err(BodyError::TooMuch);
                }
                joined.extend_from_slice(&piece);
            }
        }
        if whole.as_ref().map_or(first.len(), BytesMut::len) > limits.body {
            return Err(BodyError::TooLarge(limits.body));
        }
        if body.is_end_stream() {
            break;
        }
    }
    Ok((whole.map_or(first, BytesMut::freeze), held))
}

/// How fast a body comes.
struct Pace<'l> {
    limits: &'l Limits,
    /// When it was waited for at first.
    began: Option<Instant>,
    bytes: u32,
}

impl Pace<'_> {
    /// The next piece; trailers are passed over.
    async fn next<B: Body<Data = Bytes> + Unpin>(
        &mut self,
        body: &mut B,
    ) -> Result<Option<Bytes>, BodyError> {
        loop {
            let frame = match body.frame().now_or_never() {
                Some(frame) => frame,
                None => timeout_at(self.deadline(), body.frame()).await.map_err(|_| BodyError::Slow)?,
            };
            match frame {
                None => return Ok(None),
                Some(Err(_)) => return Err(BodyError::Broken),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.bytes = self.bytes.saturating_add(u32::try_from(data.len()).unwrap_or(u32::MAX));
                        return Ok(Some(data));
                    }
                }
            }
        }
    }

    /// Until when the next piece must be there: it may not be waited for too long, and all of them together must come as
    /// fast as the least rate once the grace is over.
    fn deadline(&mut self) -> Instant {
        let now = Instant::now();
        let began = *self.began.get_or_insert(now);
        let at_least =
            Duration::from_secs_f64(f64::from(self.bytes) / f64::from(self.limits.body_rate.max(1)));
        (now + self.limits.body_timeout).min(began + self.limits.body_grace + at_least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::StreamBody;
    use hyper::body::Frame;

    fn limits() -> Limits {
        Limits { body: 1024 * 1024, ..Limits::default() }
    }

    /// A body of so many pieces of this size, each after a pause of the test's own clock.
    fn pieces(count: usize, size: usize, pause: Duration) -> impl Body<Data = Bytes> + Unpin {
        let ticks = tokio::time::interval_at(Instant::now() + pause, pause);
        let pieces = futures_util::stream::unfold((ticks, 0), move |(mut ticks, sent)| async move {
            if sent == count {
                return None;
            }
            ticks.tick().await;
            let piece = Frame::data(Bytes::from(vec![b'x'; size]));
            Some((Ok::<_, std::convert::Infallible>(piece), (ticks, sent + 1)))
        });
        StreamBody::new(Box::pin(pieces))
    }

    async fn length(
        body: impl Body<Data = Bytes> + Unpin,
        limits: &Limits,
        connection: &Connection,
    ) -> Result<usize, BodyError> {
        read(body, limits, connection).await.map(|(body, _)| body.len())
    }

    #[tokio::test(start_paused = true)]
    async fn a_byte_now_and_then_does_not_keep_a_body_alive() {
        let (connection, began) = (Connection::new(usize::MAX), Instant::now());
        let trickle = pieces(1_000, 1, Duration::from_secs(29));
        assert_eq!(length(trickle, &limits(), &connection).await, Err(BodyError::Slow));
        assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_upload_that_goes_on_survives() {
        let connection = Connection::new(usize::MAX);
        let slow = pieces(16, 64 * 1024, Duration::from_millis(1_500));
        let limits = limits();
        assert_eq!(length(slow, &limits, &connection).await, Ok(1024 * 1024), "within the grace");
        let limits = Limits { body_grace: Duration::from_secs(1), ..limits };
        let slow = pieces(200, 5 * 1024, Duration::from_millis(75));
        assert_eq!(length(slow, &limits, &connection).await, Ok(1_024_000), "a little above the rate");
        let slower = pieces(200, 4 * 1024, Duration::from_millis(75));
        assert_eq!(length(slower, &limits, &connection).await, Err(BodyError::Slow), "a little below");
        let stalls = pieces(2, 10, Duration::from_secs(31));
        assert_eq!(length(stalls, &limits, &connection).await, Err(BodyError::Slow));
    }

    #[tokio::test(start_paused = true)]
    async fn the_bodies_of_a_connection_are_held_within_its_room() {
        let (limits, connection) = (limits(), Connection::new(100_000));
        let body = || pieces(6, 10_000, Duration::from_millis(1));
        let first = read(body(), &limits, &connection).await.expect("there is room");
        assert_eq!(length(body(), &limits, &connection).await, Err(BodyError::TooMuch));
        drop(first);
        assert_eq!(length(body(), &limits, &connection).await, Ok(60_000));
        let large = pieces(200, 10_000, Duration::from_millis(1));
        let roomy = Connection::new(usize::MAX);
        assert_eq!(length(large, &limits, &roomy).await, Err(BodyError::TooLarge(1024 * 1024)));
    }
}
