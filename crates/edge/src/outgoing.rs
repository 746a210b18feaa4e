//! Requests that mesh-local itself sends to somewhere else: an HTTP API's integration with a server.

use bytes::Bytes;
use http::header::{HOST, HeaderValue};
use http::uri::Scheme;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use mesh_router::outside::OutsideError;
use std::net::{IpAddr, SocketAddr};
use tokio::net::{TcpStream, lookup_host};

/// The largest answer, in bytes: API Gateway's own limit of 10 MB.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
const MAX_ANSWER: usize = 10 * 1024 * 1024;

/// Sends a request over plain HTTP/1.1, on a connection of its own, and reads the whole answer. How long that may take
/// is the caller's affair.
///
/// # Errors
/// Another scheme than `http`; a host that is not found, does not answer, or is link-local (where clouds keep their
/// instance metadata); an answer that breaks off or is too large.
pub async fn send(mut request: Request<Bytes>) -> Result<Response<Bytes>, OutsideError> {
    let uri = request.uri().clone();
    let refused = |why: &str| OutsideError::refused(format!("{uri} cannot be called: {why}"));
    if uri.scheme() != Some(&Scheme::HTTP) {
        return Err(refused("mesh-local calls http:// alone; put a proxy that speaks TLS between"));
    }
    let authority = uri.authority().ok_or_else(|| refused("it names no host"))?;
    let stream =
        TcpStream::connect(resolve(&uri).await?).await.map_err(|error| refused(&error.to_string()))?;
    stream.set_nodelay(true).ok();
    if !request.headers().contains_key(HOST) {
        // Credentials may stand before it, which are no part of a host.
        let (_, host) = authority.as_str().rsplit_once('@').unwrap_or(("", authority.as_str()));
        let host = HeaderValue::from_str(host).map_err(|error| refused(&error.to_string()))?;
        request.headers_mut().insert(HOST, host);
    }
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    *request.uri_mut() = path.parse().map_err(|_| refused("its path is none"))?;
    let handshake = http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(|error| refused(&error.to_string()))?;
    let answered = async {
        let answer =
            sender.send_request(request.map(Full::new)).await.map_err(|error| refused(&error.to_string()))?;
        let (head, body) = answer.into_parts();
        let body =
            Limited::new(body, MAX_ANSWER).collect().await.map_err(|error| refused(&error.to_string()))?;
        Ok(Response::from_parts(head, body.to_bytes()))
    };
    tokio::pin!(answered, connection);
    tokio::select! {
        answer = &mut answered => answer,
        // The connection may end with the answer's last byte, before the answer was taken.
        _ = &mut connection => answered.await,
    }
}

/// Where a host is, unless it is link-local.
async fn resolve(uri: &Uri) -> Result<SocketAddr, OutsideError> {
    let refused = |why: String| OutsideError::refused(format!("{uri} cannot be called: {why}"));
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let port = uri.port_u16().unwrap_or(80);
    let mut found = lookup_host((host, port)).await.map_err(|error| refused(error.to_string()))?;
    let address = found.next().ok_or_else(|| refused("its host is not found".to_owned()))?;
    if is_link_local(address.ip()) {
        return Err(refused(
            "its address is link-local, where a cloud keeps its machines' credentials".to_owned(),
        ));
    }
    Ok(address)
}

fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(address) => address.is_link_local(),
            None => address.is_unicast_link_local(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    async fn get(uri: &str) -> Result<Response<Bytes>, String> {
        let request = Request::get(uri).header("x-probe", "1").body(Bytes::new()).expect("a request");
        send(request).await.map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn a_request_goes_out_with_its_path_and_comes_back_whole() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut request = vec![0; 1_024];
            let length = stream.read(&mut request).await.expect("a request");
            stream
                .write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok")
                .await
                .expect("it is read");
            String::from_utf8_lossy(&request[..length]).into_owned()
        });
        let answer = get(&format!("http://me:secret@{address}/a%2Fb?c=d")).await.expect("an answer");
        assert_eq!((answer.status().as_u16(), &answer.body()[..]), (201, &b"ok"[..]));
        let request = server.await.expect("it does not panic");
        assert!(request.starts_with("GET /a%2Fb?c=d HTTP/1.1\r\n"), "{request}");
        assert!(
            request.contains(&format!("host: {address}\r\n")) && request.contains("x-probe: 1\r\n"),
            "{request}"
        );
    }

    #[tokio::test]
    async fn metadata_services_and_other_schemes_are_not_called() {
        for uri in ["http://169.254.169.254/latest/", "http://[fe80::1]/", "http://[::ffff:169.254.169.254]/"]
        {
            assert!(get(uri).await.is_err_and(|said| said.contains("link-local")), "{uri}");
        }
        assert!(get("https://127.0.0.1/").await.is_err_and(|said| said.contains("http://")));
        assert!(get("/path").await.is_err());
    }
}
