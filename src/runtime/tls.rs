//! TLS by rustls: certificate and name of every node are checked.

use std::fmt;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::error::{Error, ErrorKind};
use crate::policy::verdict::{Failure, Verdict};

/// Whom to trust.
#[derive(Clone)]
pub(super) struct Connector(TlsConnector);

impl Connector {
    /// Trusts the authorities of the PEM file `ca_file`, or those of the system if it is empty.
    pub(super) fn new(ca_file: &str) -> Result<Self, Error> {
        let wrong = |reason: String| Error::new(ErrorKind::InvalidValue, reason);
        let mut roots = RootCertStore::empty();
        if ca_file.is_empty() {
            let found = rustls_native_certs::load_native_certs();
            roots.add_parsable_certificates(found.certs);
            if roots.is_empty() {
                let errors: Vec<_> = found.errors.iter().map(ToString::to_string).collect();
                return Err(wrong(format!(
                    "the system has no certificate authorities ({}); set property tls.ca-file",
                    errors.join("; ")
                )));
            }
        } else {
            let bad =
                |error: String| wrong(format!("property tls.ca-file names {ca_file:?}, which cannot be used: {error}"));
            let certificates = CertificateDer::pem_file_iter(ca_file).map_err(|error| bad(error.to_string()))?;
            for certificate in certificates {
                let certificate = certificate.map_err(|error| bad(error.to_string()))?;
                roots.add(certificate).map_err(|error| bad(error.to_string()))?;
            }
            if roots.is_empty() {
                return Err(bad("it holds no certificate".to_owned()));
            }
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::new(ErrorKind::System, format!("TLS cannot be set up: {error}")))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    pub(super) async fn handshake(&self, host: &str, stream: TcpStream) -> Result<TlsStream<TcpStream>, Failure> {
        let failed = |reason: String| Failure::new(Verdict::Tls, reason);
        let name = ServerName::try_from(host.to_owned()).map_err(|error| failed(format!("{host}: {error}")))?;
        self.0.connect(name, stream).await.map_err(|error| failed(error.to_string()))
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}
