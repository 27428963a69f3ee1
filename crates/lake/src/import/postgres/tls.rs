//! 加密连接: what a connection string says about encryption, read as PostgreSQL's own programs read it, on rustls.
//!
//! `sslmode` is one of disable, prefer (the default), require, verify-ca, verify-full; `sslrootcert` names the file with the authorities to
//! trust (absent or `system`: those of the operating system); `sslcert` and `sslkey` the client's own certificate.

use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, InvalidDnsNameError, PrivateKeyDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::TlsConnector;

/// How far a connection is to be protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Disable,
    /// Encrypted where the server can; nobody is verified.
    Prefer,
    /// Encrypted; the server is verified only if authorities are named.
    Require,
    /// Encrypted, with a certificate of a trusted authority, whatever name it is for.
    VerifyCa,
    /// … and for the name that is connected to.
    VerifyFull,
}

const MODES: [(&str, Mode); 5] = [
    ("disable", Mode::Disable),
    ("prefer", Mode::Prefer),
    ("require", Mode::Require),
    ("verify-ca", Mode::VerifyCa),
    ("verify-full", Mode::VerifyFull),
];

/// What a connection string says about encryption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Security {
    pub mode: Mode,
    roots: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
}

impl Security {
    /// Takes what concerns encryption out of a connection string: the client library knows only a part of it.
    pub(super) fn split(url: &str) -> Result<(String, Security), String> {
        let mut security = Security { mode: Mode::Prefer, roots: None, certificate: None, key: None };
        let Some((head, query)) = url.split_once('?') else { return Ok((url.to_owned(), security)) };
        let mut rest = Vec::new();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let path = || Some(PathBuf::from(decoded(value))).filter(|path| !path.as_os_str().is_empty());
            match name {
                "sslmode" => {
                    let known = MODES.iter().find(|(word, _)| *word == value);
                    let words = || MODES.map(|(word, _)| word).join("、");
                    security.mode = known.ok_or_else(|| format!("sslmode 写的是 {value}，可以写 {}", words()))?.1;
                }
                "sslrootcert" => security.roots = path().filter(|path| path != Path::new("system")),
                "sslcert" => security.certificate = path(),
                "sslkey" => security.key = path(),
                _ => rest.push(pair),
            }
        }
        let rest = if rest.is_empty() { head.to_owned() } else { format!("{head}?{}", rest.join("&")) };
        Ok((rest, security))
    }

    /// The connector; errors name the file that cannot be read.
    pub(super) fn connector(&self) -> Result<Rustls, String> {
        let provider = Arc::new(ring::default_provider());
        let versions = ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions();
        let builder = versions.map_err(|error| error.to_string())?;
        let builder = match (self.mode, &self.roots) {
            (Mode::VerifyFull, _) => builder.with_root_certificates(self.authorities()?),
            (Mode::VerifyCa, _) | (Mode::Require, Some(_)) => {
                let verifier = WebPkiServerVerifier::builder_with_provider(self.authorities()?.into(), provider).build();
                let verifier = AnyName(verifier.map_err(|error| error.to_string())?);
                builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
            }
            _ => builder.dangerous().with_custom_certificate_verifier(Arc::new(Anybody(provider))),
        };
        let config = match (&self.certificate, &self.key) {
            (Some(certificate), Some(key)) => {
                let broken = |error: &dyn std::fmt::Display| format!("sslkey {} 读不出私钥：{error}", key.display());
                let key = PrivateKeyDer::from_pem_file(key).map_err(|error| broken(&error))?;
                builder.with_client_auth_cert(certificates(certificate, "sslcert")?, key).map_err(|error| error.to_string())?
            }
            (None, None) => builder.with_no_client_auth(),
            _ => return Err("sslcert 与 sslkey 要一起写".to_owned()),
        };
        Ok(Rustls(Arc::new(config)))
    }

    fn authorities(&self) -> Result<RootCertStore, String> {
        let mut store = RootCertStore::empty();
        let found = match &self.roots {
            Some(path) => certificates(path, "sslrootcert")?,
            None => rustls_native_certs::load_native_certs().certs,
        };
        store.add_parsable_certificates(found);
        if store.is_empty() {
            return Err("系统里没有可信的签发机构证书，请用 sslrootcert=<CA 证书文件> 指明".to_owned());
        }
        Ok(store)
    }
}

fn certificates(path: &Path, name: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let read = CertificateDer::pem_file_iter(path).and_then(|found| found.collect::<Result<Vec<_>, _>>());
    match read {
        Ok(found) if found.is_empty() => Err(format!("{name} {} 里没有 PEM 格式的证书", path.display())),
        Ok(found) => Ok(found),
        Err(error) => Err(format!("{name} {} 读不出证书：{error}", path.display())),
    }
}

/// `%2F` and its like.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let code = after.get(..2).and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        match (first, code) {
            (b'%', Some(code)) => {
                bytes.push(code);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What is wrong with the server's certificate and what to do, if that is what an error is about.
pub(super) fn advice(error: &postgres::Error) -> Option<&'static str> {
    let source = std::error::Error::source(error)?;
    if source.to_string() == "server does not support TLS" {
        return Some("服务器不支持加密连接。请数据库管理员开启；确认网络可信的，写 sslmode=disable");
    }
    let io = source.downcast_ref::<io::Error>()?;
    Some(match io.get_ref()?.downcast_ref::<Error>()? {
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "服务器的证书不是可信机构签发的。请向数据库管理员要来签发机构的证书，写 sslrootcert=<证书文件>"
        }
        Error::InvalidCertificate(CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }) => {
            "服务器的证书不是签给这个主机名的。请用证书上的主机名连接；确认无误而要放宽的，写 sslmode=verify-ca"
        }
        Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "服务器的证书过期了。请数据库管理员更换"
        }
        Error::InvalidCertificate(_) => "服务器的证书不能通过校验。请数据库管理员检查",
        _ => return None,
    })
}

/// Makes encrypted streams.
#[derive(Clone)]
pub(super) struct Rustls(Arc<ClientConfig>);

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> MakeTlsConnect<S> for Rustls {
    type Stream = Encrypted<S>;
    type TlsConnect = Handshake;
    type Error = InvalidDnsNameError;

    fn make_tls_connect(&mut self, domain: &str) -> Result<Handshake, InvalidDnsNameError> {
        Ok(Handshake { config: self.0.clone(), name: ServerName::try_from(domain)?.to_owned() })
    }
}

/// One handshake to come.
pub(super) struct Handshake {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> TlsConnect<S> for Handshake {
    type Stream = Encrypted<S>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Encrypted<S>>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        Box::pin(async move { Ok(Encrypted(TlsConnector::from(self.config).connect(self.name, stream).await?)) })
    }
}

/// An encrypted stream.
pub(super) struct Encrypted<S>(tokio_rustls::client::TlsStream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Encrypted<S> {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Encrypted<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Encrypted<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

/// Takes any certificate, but of somebody who holds its key.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Takes the certificates of trusted authorities, whatever name they are for.
#[derive(Debug)]
struct AnyName(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self.0.verify_server_cert(certificate, chain, name, ocsp, now) {
            // The name is looked at last.
            Err(Error::InvalidCertificate(CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. })) => {
                Ok(ServerCertVerified::assertion())
            }
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_string_is_read_as_postgresql_reads_it() {
        let (rest, security) =
            Security::split("postgresql://u:p@h/d?connect_timeout=9&sslmode=verify-full&sslrootcert=%2Fetc%2Fca%20%E5%B8%82.pem")
                .expect("reads");
        assert_eq!(rest, "postgresql://u:p@h/d?connect_timeout=9");
        assert_eq!((security.mode, security.roots), (Mode::VerifyFull, Some(PathBuf::from("/etc/ca 市.pem"))));
        assert_eq!(Security::split("postgres://h/d").expect("reads").1.mode, Mode::Prefer);
        assert_eq!(Security::split("postgres://h/d?sslrootcert=system").expect("reads").1.roots, None);
        let wrong = Security::split("postgres://h/d?sslmode=yes").expect_err("no such mode");
        assert_eq!(wrong, "sslmode 写的是 yes，可以写 disable、prefer、require、verify-ca、verify-full");
        let (_, alone) = Security::split("postgres://h/d?sslcert=a.pem").expect("reads");
        assert_eq!(alone.connector().err().as_deref(), Some("sslcert 与 sslkey 要一起写"));
        let (_, missing) = Security::split("postgres://h/d?sslmode=verify-ca&sslrootcert=/nowhere.pem").expect("reads");
        assert!(missing.connector().err().is_some_and(|error| error.starts_with("sslrootcert /nowhere.pem 读不出证书：")));
    }
}
