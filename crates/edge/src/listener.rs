//! The listener: connections in, HTTP/1.1 and h2c on one port, an orderly end.

use crate::front::Front;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use mesh_clock::RealTime;
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// HTTP/2 streams that one connection may have open.
const MAX_STREAMS: u32 = 1_024;

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
    http.http2().timer(TokioTimer::new()).max_concurrent_streams(MAX_STREAMS);
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
        let front = Arc::clone(&front);
        let service = service_fn(move |request| {
            let front = Arc::clone(&front);
            async move { Ok::<_, Infallible>(front.answer(request).await) }
        });
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service).into_owned());
        tokio::spawn(async move {
            if let Err(error) = connection.await {
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

/// Any failure but that of the listener itself: one connection's, which the system may report here whatever it was, or
/// the want of file descriptors or memory. After it others can still come.
fn is_passing(error: &io::Error) -> bool {
    const EBADF: i32 = 9;
    const EINVAL: i32 = 22;
    !matches!(error.raw_os_error(), Some(EBADF | EINVAL))
}
