//! The bare server that every figure is compared with: hyper alone, the whole request read, 200 and a body of a fixed
//! length answered. What it costs is what the HTTP stack costs.

use anyhow::Result;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::net::Ipv4Addr;
use tokio::net::TcpListener;

/// Serves until the standard input is closed. The runtime is that of `mesh-local`: multi-threaded, one worker.
pub(crate) fn run(port: u16, bytes: usize) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let body = Bytes::from(vec![b'x'; bytes]);
    crate::end_with_input();
    // Spawned, as mesh-local's listener is: what runs in `block_on` itself would be a second worker.
    let server = runtime.spawn(async move {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        println!(
            "{}",
            serde_json::json!({ "port": listener.local_addr()?.port(), "pid": std::process::id() })
        );
        accept(listener, body).await
    });
    runtime.block_on(server)?
}

async fn accept(listener: TcpListener, body: Bytes) -> Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let body = body.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| answer(request, body.clone()));
            // A client that goes away is no failure of the server.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(request: Request<Incoming>, body: Bytes) -> Result<Response<Full<Bytes>>, hyper::Error> {
    request.into_body().collect().await?;
    Ok(Response::new(Full::new(body)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Client;
    use crate::request::{self, Call, SQS};

    #[tokio::test]
    async fn the_bare_server_answers_as_many_bytes_as_asked() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let target = listener.local_addr().expect("an address");
        tokio::spawn(accept(listener, Bytes::from_static(b"xxxxx")));
        let mut client = Client::connect(target).await.expect("connected");
        let request = request::bytes(target, &Call::new(&SQS, "SendMessage", "{}".to_owned()));
        for _ in 0..3 {
            let answer = client.send(&request).await.expect("answered");
            assert_eq!((answer.status, answer.body), (200, b"xxxxx".as_slice()));
        }
    }
}
