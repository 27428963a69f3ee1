//! 传输加密: TLS 1.2 and 1.3 by rustls, with a certificate and a key as PEM files.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// The server's certificate with its key. A copy is the same one: renewed, it is so for whoever holds it.
#[derive(Clone)]
pub struct Tls {
    acceptor: Arc<RwLock<TlsAcceptor>>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls(***)")
    }
}

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("证书 {path} 读不成；应是 PEM，自己的证书在前，上级的在后")]
    Certificate { path: PathBuf, source: rustls::pki_types::pem::Error },
    #[error("证书 {path} 里没有证书；应是 PEM，以 -----BEGIN CERTIFICATE----- 开头")]
    NoCertificate { path: PathBuf },
    #[error("私钥 {path} 读不成；应是不加口令的 PEM（PKCS#8、PKCS#1 或 SEC1）")]
    Key { path: PathBuf, source: rustls::pki_types::pem::Error },
    #[error("证书 {certificate} 与私钥 {key} 不能一起用")]
    Pair { certificate: PathBuf, key: PathBuf, source: rustls::Error },
}

impl Tls {
    pub fn load(certificate: &Path, key: &Path) -> Result<Tls, TlsError> {
        let unreadable = |source| TlsError::Certificate { path: certificate.to_path_buf(), source };
        let chain: Vec<CertificateDer<'static>> =
            CertificateDer::pem_file_iter(certificate).map_err(unreadable)?.collect::<Result<_, _>>().map_err(unreadable)?;
        if chain.is_empty() {
            return Err(TlsError::NoCertificate { path: certificate.to_path_buf() });
        }
        let own = PrivateKeyDer::from_pem_file(key).map_err(|source| TlsError::Key { path: key.to_path_buf(), source })?;
        let pair = |source| TlsError::Pair { certificate: certificate.to_path_buf(), key: key.to_path_buf(), source };
        let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(pair)?
            .with_no_client_auth()
            .with_single_cert(chain, own)
            .map_err(pair)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Tls { acceptor: Arc::new(RwLock::new(TlsAcceptor::from(Arc::new(config)))) })
    }

    /// Connections from now on are met with this certificate; those there are go on.
    pub fn renew(&self, fresh: &Tls) {
        let acceptor = fresh.acceptor();
        *self.acceptor.write().unwrap_or_else(PoisonError::into_inner) = acceptor;
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        self.acceptor.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
