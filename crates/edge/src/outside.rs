//! Listeners of services: a loopback port each, HTTP/1.1, closed when dropped.
//!
//! Who may come in: a program on this machine that was told the port. A web page is not, whatever address it found:
//! browsers say where a request comes from, and such requests are refused, as are foreign host names.

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use mesh_router::outside::{Answering, Listen, Listening, OutsideError};
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinSet};

/// A listener of a service.
#[derive(Debug)]
struct Port {
    address: SocketAddr,
    serving: AbortHandle,
}

impl Listening for Port {
    fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Listens on a free loopback port. For implementations of `Outside`; called on a runtime.
///
/// # Errors
/// There is no port to be had.
pub fn listen(listen: Listen) -> Result<Box<dyn Listening>, OutsideError> {
    let failed = |error| OutsideError::failed("cannot listen on a loopback port", error);
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let listener = TcpListener::from_std(listener).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let serving = tokio::spawn(serve(listener, listen)).abort_handle();
    Ok(Box::new(Port { address, serving }))
}

/// Takes connections until it is aborted; they end with it.
async fn serve(listener: TcpListener, listen: Listen) {
    let Listen { answer, body_limit } = listen;
    let mut connections = JoinSet::new();
    loop {
        // connections that are over are forgotten as others come
        while connections.try_join_next().is_some() {}
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::debug!(%error, "a connection to a service's own port was lost");
                tokio::task::yield_now().await;
                continue;
            }
        };
        stream.set_nodelay(true).ok();
        let answer = Arc::clone(&answer);
        connections.spawn(async move {
            let service = service_fn(move |request| {
                let answer = Arc::clone(&answer);
                async move { Ok::<_, Infallible>(respond(&answer, request, body_limit).await) }
            });
            let connection =
                http1::Builder::new().half_close(false).serve_connection(TokioIo::new(stream), service);
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to a service's own port ended");
            }
        });
    }
}

async fn respond(answer: &Answering, request: Request<Incoming>, body_limit: usize) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    if is_foreign(&head.headers) {
        return plain(StatusCode::FORBIDDEN, "This port is not for web pages.");
    }
    match read(body, body_limit).await {
        Ok(body) => answer(Request::from_parts(head, body)).await.map(Full::new),
        Err(_) => plain(StatusCode::BAD_REQUEST, "The body did not come to its end."),
    }
}

/// Whether a browser sent it on behalf of a page, or the host is a name that leads here by a trick.
fn is_foreign(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let is_ours =
        name.is_empty() || name == "localhost" || name.parse::<Ipv4Addr>().is_ok_and(|it| it.is_loopback());
    headers.contains_key(ORIGIN) || headers.contains_key("sec-fetch-site") || !is_ours
}

/// A body, cut behind `limit` bytes and one more.
async fn read(mut body: Incoming, limit: usize) -> Result<Bytes, hyper::Error> {
    let most = limit.saturating_add(1);
    let mut whole = BytesMut::new();
    let mut first: Option<Bytes> = None;
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame?.into_data() else { continue };
        match &first {
            // most bodies come in one piece, which is not copied
            None if whole.is_empty() && piece.len() <= most => first = Some(piece),
            _ => {
                whole.extend_from_slice(&first.take().unwrap_or_default());
                let room = most.saturating_sub(whole.len());
                whole.extend_from_slice(&piece[..piece.len().min(room)]);
            }
        }
    }
    Ok(first.unwrap_or_else(|| whole.freeze()))
}

fn plain(status: StatusCode, sentence: &'static str) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::new(Bytes::from_static(sentence.as_bytes())));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static("text/plain"));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    /// A listener that answers with the length of what it got.
    fn echo(body_limit: usize) -> Box<dyn Listening> {
        let answer: Answering = Arc::new(|request| {
            Box::pin(async move { Response::new(Bytes::from(request.body().len().to_string())) })
        });
        listen(Listen { answer, body_limit }).expect("a port")
    }

    async fn send(address: SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(address).await.expect("it listens");
        stream.write_all(request.as_bytes()).await.expect("it takes the request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("it answers");
        answer
    }

    fn post(headers: &str, body: &str) -> String {
        format!(
            "POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}",
            body.len()
        )
    }

    #[tokio::test]
    async fn a_listener_answers_and_cuts_what_is_too_long() {
        let port = echo(10);
        for (length, seen) in [(0, "0"), (10, "10"), (11, "11"), (100_000, "11")] {
            let answer = send(port.address(), &post("Host: 127.0.0.1\r\n", &"x".repeat(length))).await;
            assert!(
                answer.starts_with("HTTP/1.1 200") && answer.ends_with(&format!("\r\n\r\n{seen}")),
                "{answer}"
            );
        }
    }

    #[tokio::test]
    async fn a_web_page_is_refused_and_reaches_nothing() {
        let reached = Arc::new(AtomicUsize::new(0));
        let answer: Answering = Arc::new({
            let reached = Arc::clone(&reached);
            move |_| {
                reached.fetch_add(1, Ordering::Relaxed);
                Box::pin(async { Response::new(Bytes::new()) })
            }
        });
        let port = listen(Listen { answer, body_limit: 10 }).expect("a port");
        let own = format!("Host: {}\r\n", port.address());
        for headers in [
            "Origin: http://localhost\r\n",
            "Origin: null\r\n",
            "Origin: https://evil.example\r\n",
            // An image's source, a link's target, a frame.
            "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Dest: image\r\n",
            "Sec-Fetch-Site: same-site\r\n",
            "Sec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate\r\n",
        ] {
            for method in ["POST", "GET", "OPTIONS"] {
                let request = post(&format!("{own}{headers}"), "").replacen("POST", method, 1);
                let answer = send(port.address(), &request).await;
                assert!(answer.starts_with("HTTP/1.1 403"), "{method} {headers}: {answer}");
                assert!(!answer.to_ascii_lowercase().contains("access-control"), "{answer}");
            }
        }
        for host in [
            "evil.example",
            "127.0.0.1.evil.example:4566",
            "localhost.evil.example",
            "10.0.0.1",
            "127.0.0.1@evil.example",
        ] {
            let answer = send(port.address(), &post(&format!("Host: {host}\r\n"), "")).await;
            assert!(answer.starts_with("HTTP/1.1 403"), "{host}: {answer}");
        }
        assert_eq!(reached.load(Ordering::Relaxed), 0);
        assert!(send(port.address(), &post(&own, "")).await.starts_with("HTTP/1.1 200"));
        assert_eq!(reached.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_dropped_listener_closes_its_port_and_its_connections() {
        let port = echo(10);
        let address = port.address();
        let mut open = TcpStream::connect(address).await.expect("it listens");
        open.write_all(post("Host: localhost\r\n", "").replace("close", "keep-alive").as_bytes())
            .await
            .expect("sent");
        let mut some = [0; 16];
        open.read_exact(&mut some).await.expect("it answers");
        drop(port);
        let mut rest = Vec::new();
        // either an orderly end or a reset: it is closed
        let _ = open.read_to_end(&mut rest).await;
        assert!(TcpStream::connect(address).await.is_err(), "nothing listens there");
    }
}
