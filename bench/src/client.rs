//! One kept-alive HTTP/1.1 connection that sends prepared bytes and reads whole answers, with as little work as can be.

use anyhow::{Context, Result, bail};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection.
pub(crate) struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer, in the connection's buffer until the next request.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The whole body.
    pub(crate) body: &'a [u8],
}

impl Client {
    /// Connects.
    pub(crate) async fn connect(target: SocketAddr) -> Result<Self> {
        let stream =
            TcpStream::connect(target).await.with_context(|| format!("cannot connect to {target}"))?;
        stream.set_nodelay(true)?;
        Ok(Client { stream, buffer: Vec::with_capacity(16 * 1024) })
    }

    /// Sends one request and reads its answer.
    pub(crate) async fn send(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let mut searched = 0;
        let head = loop {
            self.read_more().await?;
            if let Some(end) = find(&self.buffer[searched..], b"\r\n\r\n") {
                break searched + end + 4;
            }
            searched = self.buffer.len().saturating_sub(3);
        };
        let (status, length) = read_head(&self.buffer[..head])?;
        while self.buffer.len() < head + length {
            self.read_more().await?;
        }
        if self.buffer.len() > head + length {
            bail!("the server sent more than its content-length says");
        }
        Ok(Answer { status, body: &self.buffer[head..] })
    }

    /// Sends one request that has to be answered with success.
    pub(crate) async fn send_well(&mut self, request: &[u8]) -> Result<&[u8]> {
        let answer = self.send(request).await?;
        if !(200..300).contains(&answer.status) {
            let said = String::from_utf8_lossy(&answer.body[..answer.body.len().min(300)]).into_owned();
            bail!("answered {}: {said}", answer.status);
        }
        Ok(answer.body)
    }

    async fn read_more(&mut self) -> Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            bail!("the server closed the connection");
        }
        Ok(())
    }
}

/// The status and the length of the body.
fn read_head(head: &[u8]) -> Result<(u16, usize)> {
    let head = std::str::from_utf8(head).context("an answer's head is not text")?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok());
    let status = status.context("an answer without a status line")?;
    for line in lines {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            return Ok((status, value.trim().parse().context("content-length")?));
        }
    }
    if status == 204 {
        return Ok((status, 0));
    }
    bail!("an answer without content-length");
}

/// Where `wanted` first stands in `text`.
pub(crate) fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    let mut from = 0;
    while let Some(at) = text.get(from..)?.iter().position(|byte| *byte == first) {
        let at = from + at;
        if text[at..].starts_with(wanted) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

/// The text of a JSON body's first member of that name, if it is a string without escapes; a receipt handle is.
pub(crate) fn string_member<'a>(body: &'a [u8], name: &str) -> Option<&'a str> {
    let key = format!("\"{name}\"");
    let rest = &body[find(body, key.as_bytes())? + key.len()..];
    let start = rest.iter().position(|byte| *byte == b'"')? + 1;
    let length = rest[start..].iter().position(|byte| *byte == b'"')?;
    std::str::from_utf8(&rest[start..start + length]).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answers_head_is_read() {
        let head = b"HTTP/1.1 200 OK\r\ndate: x\r\nContent-Length: 12\r\n\r\n";
        assert_eq!(read_head(head).expect("a head"), (200, 12));
        assert!(read_head(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
        assert!(read_head(b"SMTP\r\n\r\n").is_err());
    }

    #[test]
    fn a_receipt_handle_is_found() {
        let body = br#"{"Messages": [{"Body": "x", "ReceiptHandle": "abc="}]}"#;
        assert_eq!(string_member(body, "ReceiptHandle"), Some("abc="));
        assert_eq!(string_member(body, "Absent"), None);
        assert_eq!(string_member(br#"{"ReceiptHandle": "abc"#, "ReceiptHandle"), None);
    }

    #[test]
    fn text_is_found_in_text() {
        assert_eq!(find(b"aab\r\n\r\n", b"\r\n\r\n"), Some(3));
        assert_eq!(find(b"aab", b"ab"), Some(1));
        assert_eq!(find(b"aa", b"ab"), None);
        assert_eq!(find(b"", b"ab"), None);
    }
}
