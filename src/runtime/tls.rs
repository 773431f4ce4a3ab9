//! TLS by rustls. What to trust and to show is read from files at open, and anew for new connections once a file has changed.
//!
//! Certificates that live for hours are replaced under the same name by whoever issues them. Looking at a file may block, so
//! it is done beside the connections, at most once a second while any are made, and what is found counts for those that come
//! later. Files that fit no longer (the certificate is new, its key not yet) are told, and what was read before stays in use.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

use super::tls_files::{Files, Stamp};
use super::tls_verify::Aliases;
use crate::cluster::nodes::Nodes;
use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::policy::verdict::{Failure, Verdict};

/// How often the files are looked at, at most.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Whom to trust, and what to show.
pub(super) struct Connector {
    files: Files,
    /// The configured name, for all nodes.
    server_name: Option<ServerName<'static>>,
    aliases: Arc<Aliases>,
    loaded: Mutex<Loaded>,
}

struct Loaded {
    config: Arc<ClientConfig>,
    /// How the files were when they were last read, whether they could be used or not.
    stamp: Stamp,
    looked: Instant,
}

impl Connector {
    /// Reads the files.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidValue`] or [`ErrorKind::MissingProperty`]: names the property, the file and what is wrong with it.
    pub(super) fn new(config: &Config) -> Result<Arc<Self>, Error> {
        let server_name = Some(&config.tls_server_name).filter(|name| !name.is_empty()).map(|name| {
            ServerName::try_from(name.clone()).map_err(|_| {
                let reason =
                    format!("property tls.server-name cannot be {name:?}; allowed is a host name or an IP address");
                Error::new(ErrorKind::InvalidValue, reason)
            })
        });
        let aliases = Arc::new(Aliases::default());
        let files = Files::new(config, aliases.clone())?;
        let stamp = files.stamp();
        let loaded = Loaded { config: Arc::new(files.read()?), stamp, looked: Instant::now() };
        if !config.tls_verify {
            log::warn!(
                target: "slotkeeper",
                "tls.verify is off: certificates are not checked, and anybody on the way to a node can pose as it and take the password"
            );
        }
        Ok(Arc::new(Self { files, server_name: server_name.transpose()?, aliases, loaded: Mutex::new(loaded) }))
    }

    /// Takes the names that nodes announce.
    pub(super) fn learn(&self, nodes: &Nodes) {
        self.aliases.learn(nodes);
    }

    pub(super) async fn handshake(
        self: &Arc<Self>,
        host: &str,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, Failure> {
        let failed = |reason: String| Failure::new(Verdict::Tls, reason);
        let name = match &self.server_name {
            Some(name) => name.clone(),
            None => ServerName::try_from(host.to_owned()).map_err(|error| failed(format!("{host}: {error}")))?,
        };
        TlsConnector::from(self.current()).connect(name, stream).await.map_err(|error| failed(error.to_string()))
    }

    /// What was read last; has the files looked at if it is time.
    fn current(self: &Arc<Self>) -> Arc<ClientConfig> {
        let mut loaded = self.loaded.lock();
        if loaded.looked.elapsed() >= LOOK_EVERY {
            loaded.looked = Instant::now();
            let this = self.clone();
            tokio::task::spawn_blocking(move || this.renew());
        }
        loaded.config.clone()
    }

    /// Reads the files anew if they have changed.
    fn renew(&self) {
        let stamp = self.files.stamp();
        if stamp == self.loaded.lock().stamp {
            return;
        }
        let read = self.files.read();
        let mut loaded = self.loaded.lock();
        loaded.stamp = stamp;
        match read {
            Ok(config) => {
                loaded.config = Arc::new(config);
                drop(loaded);
                log::info!(target: "slotkeeper", "the files of TLS have changed, and were read anew for new connections");
            }
            Err(error) => {
                drop(loaded);
                log::warn!(target: "slotkeeper", "the files of TLS have changed, and those read before stay in use: {error}");
            }
        }
    }
}
