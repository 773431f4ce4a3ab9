//! The PEM files that the configuration names: authorities, our own certificate and its key. Read at once, and told when changed.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;

use tokio_rustls::rustls::client::danger::ServerCertVerifier;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};
use zeroize::Zeroizing;

use super::tls_verify::{Aliases, Anybody, ByAnyName};
use crate::config::Config;
use crate::error::{Error, ErrorKind};

/// Which files, by the properties that name them; empty where there is none.
pub(super) struct Files {
    ca: String,
    certificate: String,
    key: String,
    verify: bool,
    aliases: Arc<Aliases>,
}

/// What a file looked like from outside: a change of any of it is a change of the file. Rotations by symbolic link change the inode.
pub(super) type Stamp = [Option<(u64, u64, i64, i64)>; 3];

impl Files {
    /// # Errors
    /// A certificate without its key, or the other way round.
    pub(super) fn new(config: &Config, aliases: Arc<Aliases>) -> Result<Self, Error> {
        let (certificate, key) = (config.tls_cert_file.clone(), config.tls_key_file.clone());
        let (set, missing) = match (certificate.is_empty(), key.is_empty()) {
            (false, true) => ("tls.cert-file", "tls.key-file"),
            (true, false) => ("tls.key-file", "tls.cert-file"),
            _ => {
                return Ok(Self {
                    ca: config.tls_ca_file.clone(),
                    certificate,
                    key,
                    verify: config.tls_verify,
                    aliases,
                });
            }
        };
        let reason = format!("property {missing} is not set, and {set} is: a certificate and its key go together");
        Err(Error::new(ErrorKind::MissingProperty, reason))
    }

    /// How the files are now.
    pub(super) fn stamp(&self) -> Stamp {
        [&self.ca, &self.certificate, &self.key].map(|path| {
            let data = fs::metadata(path).ok()?;
            Some((data.ino(), data.len(), data.mtime(), data.mtime_nsec()))
        })
    }

    /// Reads them, and makes of them what connections need.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidValue`]: names the property, the file and what is wrong with it.
    pub(super) fn read(&self) -> Result<ClientConfig, Error> {
        let provider = Arc::new(ring::default_provider());
        let verifier = self.verifier(&provider)?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::new(ErrorKind::System, format!("TLS cannot be set up: {error}")))?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        if self.certificate.is_empty() {
            return Ok(config.with_no_client_auth());
        }
        let chain = certificates("tls.cert-file", &self.certificate)?;
        config.with_client_auth_cert(chain, self.private_key()?).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => unusable(
                "tls.key-file",
                &self.key,
                &format!("it is not the key of the certificate in {:?}", self.certificate),
            ),
            error => unusable("tls.key-file", &self.key, &error.to_string()),
        })
    }

    fn verifier(&self, provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, Error> {
        if !self.verify {
            return Ok(Arc::new(Anybody(provider.clone())));
        }
        let verifier = ByAnyName::new(self.authorities()?, provider.clone(), self.aliases.clone())
            .map_err(|error| Error::new(ErrorKind::System, format!("TLS cannot be set up: {error}")))?;
        Ok(Arc::new(verifier))
    }

    /// Those of the file, or of the system if there is none.
    fn authorities(&self) -> Result<RootCertStore, Error> {
        let mut roots = RootCertStore::empty();
        if self.ca.is_empty() {
            let found = rustls_native_certs::load_native_certs();
            roots.add_parsable_certificates(found.certs);
            if roots.is_empty() {
                let errors: Vec<_> = found.errors.iter().map(ToString::to_string).collect();
                let reason = format!(
                    "the system has no certificate authorities ({}); set property tls.ca-file",
                    errors.join("; ")
                );
                return Err(Error::new(ErrorKind::InvalidValue, reason));
            }
            return Ok(roots);
        }
        for certificate in certificates("tls.ca-file", &self.ca)? {
            roots.add(certificate).map_err(|error| unusable("tls.ca-file", &self.ca, &error.to_string()))?;
        }
        Ok(roots)
    }

    fn private_key(&self) -> Result<PrivateKeyDer<'static>, Error> {
        let bad = |reason: &str| unusable("tls.key-file", &self.key, reason);
        let text = Zeroizing::new(fs::read(&self.key).map_err(|error| bad(&error.to_string()))?);
        // PKCS #8 says so in its label, the older forms in a line below it.
        if text.windows(b"ENCRYPTED".len()).any(|bytes| bytes == b"ENCRYPTED") {
            return Err(bad("the key is encrypted; allowed is one without a passphrase"));
        }
        PrivateKeyDer::from_pem_slice(&text).map_err(|error| bad(&pem_words(&error, "private key")))
    }
}

fn certificates(property: &str, path: &str) -> Result<Vec<CertificateDer<'static>>, Error> {
    let bad = |error: pem::Error| unusable(property, path, &pem_words(&error, "certificate"));
    let read: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).map_err(bad)?.collect();
    let read = read.map_err(bad)?;
    if read.is_empty() { Err(bad(pem::Error::NoItemsFound)) } else { Ok(read) }
}

/// The PEM reader's own words may quote the file.
fn pem_words(error: &pem::Error, what: &str) -> String {
    match error {
        pem::Error::Io(error) => error.to_string(),
        pem::Error::NoItemsFound => format!("it holds no {what} in PEM form"),
        _ => format!("what it holds is no {what} in PEM form"),
    }
}

fn unusable(property: &str, path: &str, reason: &str) -> Error {
    Error::new(ErrorKind::InvalidValue, format!("property {property} names {path:?}, which cannot be used: {reason}"))
}
