//! What a cluster is like, where it differs from the usual.

use std::path::PathBuf;
use std::time::Duration;

use super::server::Program;

/// What cluster to start.
#[derive(Debug, Clone)]
pub struct Options {
    pub(super) layout: String,
    pub(super) password: Option<String>,
    pub(super) full_coverage: bool,
    pub(super) tls: bool,
    pub(super) node_timeout: Duration,
    pub(super) start_timeout: Duration,
    pub(super) config: Vec<String>,
    pub(super) node_config: Vec<(String, String)>,
    pub(super) server: PathBuf,
}

impl Options {
    /// A cluster of this layout (see [`super::layout`]); the empty text is a place for [`super::Cluster::add`] alone.
    pub fn new(layout: &str) -> Options {
        Options {
            layout: layout.to_owned(),
            password: None,
            full_coverage: true,
            tls: false,
            node_timeout: Duration::from_millis(1000),
            start_timeout: Duration::from_secs(30),
            config: Vec::new(),
            node_config: Vec::new(),
            server: Program::of_tests(),
        }
    }

    /// The password of all nodes. Default: none.
    pub fn password(mut self, password: &str) -> Options {
        self.password = Some(password.to_owned());
        self
    }

    /// `cluster-require-full-coverage`. Default: yes.
    pub fn full_coverage(mut self, required: bool) -> Options {
        self.full_coverage = required;
        self
    }

    /// TLS on a port of its own ([`super::Node::tls_address`]), on the bus and between master and replica; the launcher goes on
    /// without. The files (`tls-cert-file` and so on) are for [`Options::config`] and [`Options::node_config`]. From Redis 7 on.
    pub fn tls(mut self) -> Options {
        self.tls = true;
        self
    }

    /// `cluster-node-timeout`. Default: 1000 ms.
    pub fn node_timeout(mut self, timeout: Duration) -> Options {
        self.node_timeout = timeout;
        self
    }

    /// How long the start may take. Default: 30 s, for machines that do much else.
    pub fn start_timeout(mut self, timeout: Duration) -> Options {
        self.start_timeout = timeout;
        self
    }

    /// A line more in the configuration of every server. May be called often.
    pub fn config(mut self, line: &str) -> Options {
        self.config.push(line.to_owned());
        self
    }

    /// A line more in the configuration of one node. May be called often.
    pub fn node_config(mut self, node: &str, line: &str) -> Options {
        self.node_config.push((node.to_owned(), line.to_owned()));
        self
    }

    /// The server program. Default: `SLOTKEEPER_TEST_SERVER`, else `redis-server`.
    pub fn server(mut self, program: impl Into<PathBuf>) -> Options {
        self.server = program.into();
        self
    }
}
