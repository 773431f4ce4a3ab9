//! Whose certificates are accepted: those of the authorities, for the host that was dialled or a name that its node announces.
//!
//! Clusters name their nodes by IP address, certificates often by host name. From Redis 7 on nodes announce their host names
//! (`cluster-announce-hostname`), and these count here beside the address: they come from views that have won the merge, told by nodes
//! whose own certificates were checked. So whoever would pose as a node needs a certificate of the same authority for a
//! name that the cluster itself announces for that address.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::VerifierBuilderError;
use tokio_rustls::rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use crate::cluster::nodes::Nodes;

/// The host names that nodes announce, by the hosts at which they are dialled.
#[derive(Debug, Default)]
pub(super) struct Aliases(RwLock<HashMap<ServerName<'static>, Vec<ServerName<'static>>>>);

impl Aliases {
    /// Takes those of `nodes` in place of all before.
    pub(super) fn learn(&self, nodes: &Nodes) {
        let mut aliases: HashMap<_, Vec<_>> = HashMap::new();
        for node in nodes.iter().filter(|node| !node.hostname().is_empty()) {
            // What is no name cannot be in a certificate either.
            let (host, name) = (ServerName::try_from(node.host()), ServerName::try_from(node.hostname()));
            if let (Ok(host), Ok(name)) = (host, name) {
                aliases.entry(host.to_owned()).or_default().push(name.to_owned());
            }
        }
        *self.0.write() = aliases;
    }
}

/// Checks certificates as usual; one that is right but for the name may be for a name that the node announces.
#[derive(Debug)]
pub(super) struct ByAnyName {
    usual: Arc<WebPkiServerVerifier>,
    aliases: Arc<Aliases>,
}

impl ByAnyName {
    pub(super) fn new(
        roots: RootCertStore,
        provider: Arc<CryptoProvider>,
        aliases: Arc<Aliases>,
    ) -> Result<Self, VerifierBuilderError> {
        let usual = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build()?;
        Ok(Self { usual, aliases })
    }
}

impl ServerCertVerifier for ByAnyName {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let check =
            |name: &ServerName<'_>| self.usual.verify_server_cert(end_entity, intermediates, name, ocsp_response, now);
        let error = match check(server_name) {
            Err(error) if is_about_the_name(&error) => error,
            outcome => return outcome,
        };
        let names = self.aliases.0.read().get(&server_name.to_owned()).cloned().unwrap_or_default();
        names.iter().find_map(|name| check(name).ok()).ok_or(error)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.usual.supported_verify_schemes()
    }
}

fn is_about_the_name(error: &Error) -> bool {
    use CertificateError::{NotValidForName, NotValidForNameContext};
    matches!(error, Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. }))
}

/// Accepts every certificate (`tls.verify` is `off`); the peer must have its key all the same.
#[derive(Debug)]
pub(super) struct Anybody(pub(super) Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
