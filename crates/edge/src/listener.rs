//! The listener: connections in, HTTP/1.1 and h2c on one port, an orderly end.

use crate::connection::Connection;
use crate::front::{Answer, Front};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use mesh_clock::RealTime;
use mesh_router::faults::ConnectionDropped;
use std::fmt;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// HTTP/2 streams that one connection may have open: each may have an answer waiting to be taken.
const MAX_STREAMS: u32 = 256;

/// Bytes that a client of HTTP/2 may send ahead of what is read, on a stream and on a connection.
const STREAM_WINDOW: u32 = 256 * 1024;
const CONNECTION_WINDOW: u32 = 1024 * 1024;

/// Bytes of an HTTP/2 request's head.
const HEAD_SIZE: u32 = 64 * 1024;

/// Bytes that wait to be written, on a stream of HTTP/2.
const WRITE_AHEAD: usize = 256 * 1024;

/// The pause after a failure to accept.
const PAUSE: Duration = Duration::from_millis(5);

/// Serves connections until `end` comes; then no new ones, and those that are open get a short time to finish.
///
/// # Errors
/// The listener's own failure; that of a single connection ends that connection.
pub async fn serve(
    front: Arc<Front>,
    listener: TcpListener,
    end: impl Future<Output = ()>,
) -> io::Result<()> {
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1().timer(TokioTimer::new()).header_read_timeout(front.limits().head_timeout);
    http.http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_header_list_size(HEAD_SIZE)
        .max_send_buf_size(WRITE_AHEAD);
    let graceful = GracefulShutdown::new();
    tokio::pin!(end);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut end => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) if is_passing(&error) => {
                // For want of descriptors the next attempt would fail as fast as this one.
                RealTime::sleep(PAUSE).await;
                continue;
            }
            Err(error) => return Err(error),
        };
        stream.set_nodelay(true).ok();
        let begun = Arc::new(Connection::new(front.limits().connection_bodies));
        let head_timeout = front.limits().head_timeout;
        let service = {
            let (front, begun) = (Arc::clone(&front), Arc::clone(&begun));
            service_fn(move |request| {
                let (front, begun) = (Arc::clone(&front), Arc::clone(&begun));
                async move { sent(front.answer(request, &begun).await) }
            })
        };
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service).into_owned());
        tokio::spawn(async move {
            tokio::pin!(connection);
            // Before it is known which HTTP is spoken, nobody else watches the time.
            let ended = tokio::select! {
                ended = &mut connection => ended,
                () = RealTime::sleep(head_timeout) => {
                    if !begun.has_spoken() {
                        return tracing::debug!("a connection was ended over which no request came in time");
                    }
                    connection.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(error, "a connection ended");
            }
        });
    }
    // Who comes now is refused, and not left waiting for an answer that will not come.
    drop(listener);
    let grace = front.limits().grace;
    if tokio::time::timeout(grace, graceful.shutdown()).await.is_err() {
        tracing::debug!("requests still ran at the end");
    }
    Ok(())
}

/// An answer, unless a fault rule has its connection break.
fn sent(answer: Answer) -> Result<Answer, Broken> {
    if answer.extensions().get::<ConnectionDropped>().is_some() { Err(Broken) } else { Ok(answer) }
}

/// A fault rule broke the connection.
#[derive(Debug)]
struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fault rule broke the connection")
    }
}

impl std::error::Error for Broken {}

/// Any failure but that of the listener itself: one connection's, which the system may report here whatever it was, or
/// the want of file descriptors or memory. After it others can still come.
fn is_passing(error: &io::Error) -> bool {
    const EBADF: i32 = 9;
    const EINVAL: i32 = 22;
    !matches!(error.raw_os_error(), Some(EBADF | EINVAL))
}
