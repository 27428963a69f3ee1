//! A caller of few words: one connection, one call after the other, as a HIS keeps it. For the simulator and the tests.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// A kept connection.
pub struct Client {
    stream: BufReader<Box<dyn Stream>>,
    host: String,
    /// Headers of every call, ready to be sent.
    carried: String,
}

/// Plain or encrypted.
trait Stream: Read + Write + Send {}

impl<S: Read + Write + Send> Stream for S {}

/// Authorities whose certificates a client believes.
#[derive(Clone)]
pub struct Trust {
    config: Arc<ClientConfig>,
}

impl Trust {
    /// Those of a PEM file.
    pub fn load(authorities: &Path) -> io::Result<Trust> {
        let invalid = |error: String| io::Error::new(io::ErrorKind::InvalidData, error);
        let mut roots = RootCertStore::empty();
        for authority in CertificateDer::pem_file_iter(authorities).map_err(|error| invalid(error.to_string()))? {
            roots.add(authority.map_err(|error| invalid(error.to_string()))?).map_err(|error| invalid(error.to_string()))?;
        }
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| invalid(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Trust { config: Arc::new(config) })
    }
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Received {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The body as JSON; null where it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

fn connect(address: &str) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "没有这个地址");
    for found in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&found, Duration::from_secs(5)) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(Duration::from_secs(30)))?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

impl Client {
    /// `address` as `127.0.0.1:8080`.
    pub fn connect(address: &str) -> io::Result<Client> {
        Ok(Client { stream: BufReader::new(Box::new(connect(address)?)), host: address.to_owned(), carried: String::new() })
    }

    /// The same, encrypted; the server's certificate must be of one of these authorities and of this address.
    pub fn connect_tls(address: &str, trust: &Trust) -> io::Result<Client> {
        let invalid = |error: String| io::Error::new(io::ErrorKind::InvalidInput, error);
        let name = address.rsplit_once(':').map_or(address, |(name, _)| name).trim_matches(['[', ']']);
        let name = ServerName::try_from(name.to_owned()).map_err(|error| invalid(error.to_string()))?;
        let connection = ClientConnection::new(trust.config.clone(), name).map_err(|error| invalid(error.to_string()))?;
        let mut stream = StreamOwned::new(connection, connect(address)?);
        stream.flush()?;
        Ok(Client { stream: BufReader::new(Box::new(stream)), host: address.to_owned(), carried: String::new() })
    }

    /// From now on every call has this header.
    pub fn carry(&mut self, name: &str, value: &str) {
        self.carried.push_str(&format!("{name}: {value}\r\n"));
    }

    pub fn get(&mut self, path: &str) -> io::Result<Received> {
        self.send("GET", path, &[], b"")
    }

    pub fn post(&mut self, path: &str, body: &[u8]) -> io::Result<Received> {
        self.send("POST", path, &[("content-type", "application/json")], body)
    }

    pub fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> io::Result<Received> {
        let mut request =
            format!("{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n{}", self.host, body.len(), self.carried).into_bytes();
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
        let mut headers = Vec::new();
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().map_err(|_| broken())?;
            }
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(Received { status, headers, body })
    }
}
