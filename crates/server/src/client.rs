//! A caller of few words: one connection, one call after the other, as a HIS keeps it. For the simulator and the tests.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// A kept connection.
pub struct Client {
    stream: BufReader<TcpStream>,
    host: String,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Received {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null where it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl Client {
    /// `address` as `127.0.0.1:8080`.
    pub fn connect(address: &str) -> io::Result<Client> {
        let mut last = io::Error::new(io::ErrorKind::NotFound, "没有这个地址");
        for found in address.to_socket_addrs()? {
            match TcpStream::connect_timeout(&found, Duration::from_secs(5)) {
                Ok(stream) => {
                    stream.set_nodelay(true)?;
                    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
                    return Ok(Client { stream: BufReader::new(stream), host: address.to_owned() });
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    pub fn get(&mut self, path: &str) -> io::Result<Received> {
        self.send("GET", path, &[], b"")
    }

    pub fn post(&mut self, path: &str, body: &[u8]) -> io::Result<Received> {
        self.send("POST", path, &[("content-type", "application/json")], body)
    }

    pub fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> io::Result<Received> {
        let mut request = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n", self.host, body.len()).into_bytes();
        for (name, value) in headers {
            request.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        request.extend_from_slice(b"\r\n");
        request.extend_from_slice(body);
        self.stream.get_mut().write_all(&request)?;
        self.receive()
    }

    fn receive(&mut self) -> io::Result<Received> {
        let broken = || io::Error::new(io::ErrorKind::InvalidData, "应答不是 HTTP/1.1");
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(broken)?;
        let mut length = 0;
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().map_err(|_| broken())?;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(Received { status, body })
    }
}
