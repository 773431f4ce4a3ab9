//! What nodes are opened with: the credentials as they are now, and TLS. Both may change while connections are open. And which
//! addresses may be dialled at all.
//!
//! Whoever is dialled is sent the password. So an address must be vouched for: by the configuration, or by a majority of the
//! masters, now or when it went into our own last-known-good file. What MOVED names, or a node that was cut off, is not.
//!
//! A password is copied only into buffers that are made at their full length and wiped: one that grew would leave a copy
//! behind. Connections that stand are left alone when the credentials change, since servers leave them alone as well: after
//! `ACL SETUSER` and `CONFIG SET requirepass` they go on, and `ACL DELUSER` closes them (tried on Redis 7.0; tests/credentials.rs).

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use zeroize::Zeroizing;

use super::traffic::Traffic;
use crate::cluster::address::Address;
use crate::cluster::error_reply::ErrorReply;
use crate::cluster::last_good::Remembered;
use crate::cluster::merge::{Merged, accepted};
use crate::cluster::nodes::Nodes;
use crate::cluster::view::View;
use crate::config::{Config, Secret};
use crate::error::Error;
use crate::policy::verdict::{Failure, Verdict};

/// While credentials are refused, it is said this often.
const SAID_EVERY: Duration = Duration::from_secs(60);

/// What connections are made with.
pub(crate) struct Access {
    pub(super) traffic: Traffic,
    credentials: Mutex<Credentials>,
    refused: AtomicU64,
    seeds: Vec<Address>,
    named: Mutex<Named>,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<std::sync::Arc<super::tls::Connector>>,
}

struct Credentials {
    username: String,
    password: Secret,
    /// When it was last said that a node refuses them.
    said: Option<Instant>,
}

/// The addresses in the last topology that a majority vouched for; before the first, those in the file.
#[derive(Default)]
struct Named {
    ports: HashMap<Box<str>, Vec<u16>>,
    count: usize,
}

/// What a new connection sends before anything else, and the password in it.
pub(super) struct Greeting {
    request: Zeroizing<Vec<u8>>,
    password: Secret,
}

impl Access {
    /// Reads the files that the configuration names.
    pub(crate) fn new(config: &Config) -> Result<Self, Error> {
        #[cfg(not(feature = "tls"))]
        if config.tls {
            return Err(Error::new(
                crate::error::ErrorKind::InvalidValue,
                "property tls cannot be \"on\": this library was built without TLS",
            ));
        }
        let credentials =
            Credentials { username: config.username.clone(), password: config.password.clone(), said: None };
        Ok(Self {
            traffic: Traffic::default(),
            credentials: Mutex::new(credentials),
            refused: AtomicU64::new(0),
            seeds: config.seeds.iter().filter_map(|seed| seed.address.as_ref().ok().cloned()).collect(),
            named: Mutex::default(),
            #[cfg(feature = "tls")]
            tls: config.tls.then(|| super::tls::Connector::new(config)).transpose()?,
        })
    }

    /// New connections use these from now on; without a `username` the one there is stays. Whether they are others than before.
    pub(super) fn set_credentials(&self, username: Option<&str>, password: &str) -> bool {
        let mut credentials = self.credentials.lock();
        let username = username.unwrap_or(&credentials.username);
        if (username, password) == (&credentials.username, credentials.password.reveal()) {
            return false;
        }
        *credentials = Credentials { username: username.to_owned(), password: Secret::new(password), said: None };
        true
    }

    /// How often a node has refused credentials, or asked for some where none are set.
    pub(super) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Takes what was merged from `views`. If a majority is behind it, its nodes may be dialled from now on, in place of those of
    /// the merge before, and are known by the host names that they announce.
    pub(super) fn trust(&self, views: &[View], merged: &Merged) {
        let mut used = accepted(views, &merged.rejections);
        let Some(topology) = merged.topology.as_ref().filter(|_| used.any(View::has_quorum)) else {
            return;
        };
        self.learn(topology.nodes());
    }

    /// Takes the nodes of the last-known-good file, while nothing is known: until a majority speaks they may be dialled.
    pub(super) fn recall(&self, remembered: &Remembered) {
        self.learn(&remembered.nodes);
    }

    fn learn(&self, nodes: &Nodes) {
        self.named.lock().renew(nodes);
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            tls.learn(nodes);
        }
    }

    /// Whether a node at `address` may be sent the password.
    ///
    /// # Errors
    /// [`Verdict::Outsider`].
    pub(super) fn check(&self, address: &Address) -> Result<(), Failure> {
        if self.seeds.contains(address) || self.named.lock().has(address.host(), address.port()) {
            return Ok(());
        }
        let reason =
            "neither the configuration nor a majority of the masters names this address: it is not sent the password";
        Err(Failure::new(Verdict::Outsider, reason))
    }

    /// AUTH, if there is a password, and the connection's name.
    pub(super) fn greeting(&self) -> Greeting {
        let name: &[&str] = &["CLIENT", "SETNAME", "slotkeeper"];
        let credentials = self.credentials.lock();
        let (username, password) = (credentials.username.as_str(), credentials.password.reveal());
        let request = match (username, password) {
            (_, "") => pack(&[name]),
            ("", password) => pack(&[&["AUTH", password], name]),
            (username, password) => pack(&[&["AUTH", username, password], name]),
        };
        Greeting { request, password: credentials.password.clone() }
    }

    /// Counts and tells it if `failure` means that credentials were refused by the node `peer`.
    pub(super) fn note(&self, peer: &str, failure: &Failure) {
        if failure.verdict != Verdict::Auth {
            return;
        }
        self.refused.fetch_add(1, Ordering::Relaxed);
        let mut credentials = self.credentials.lock();
        if credentials.said.is_none_or(|said| said.elapsed() >= SAID_EVERY) {
            credentials.said = Some(Instant::now());
            log::warn!(target: "slotkeeper", "{peer} does not accept the credentials: {}", failure.detail);
        }
    }
}

impl Named {
    fn has(&self, host: &str, port: u16) -> bool {
        self.ports.get(host).is_some_and(|ports| ports.contains(&port))
    }

    /// Costs no allocation as long as nothing has changed, which is nearly always.
    fn renew(&mut self, nodes: &Nodes) {
        let nodes = || nodes.iter().filter(|node| !node.host().is_empty() && node.port() != 0);
        if nodes().count() == self.count && nodes().all(|node| self.has(node.host(), node.port())) {
            return;
        }
        *self = Self::default();
        for node in nodes() {
            self.ports.entry(node.host().into()).or_default().push(node.port());
            self.count += 1;
        }
    }
}

impl Greeting {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.request
    }

    /// How many commands these are.
    pub(super) fn commands(&self) -> usize {
        1 + usize::from(self.has_auth())
    }

    /// Whether an answer to AUTH comes.
    pub(super) fn has_auth(&self) -> bool {
        !self.password.is_empty()
    }

    /// The failure that the answer to AUTH means. A server that knows no AUTH (`rename-command`) repeats what it was sent, up to
    /// 128 bytes of it.
    pub(super) fn refused(&self, error: &redis::ServerError) -> Failure {
        const TELLING: usize = 8;
        let failure = refused(error);
        let password = self.password.reveal();
        let beginning = password.char_indices().nth(TELLING).map_or(password, |(end, _)| &password[..end]);
        if error.details().is_some_and(|words| words.contains(beginning)) {
            return Failure::new(failure.verdict, "AUTH is refused, in words that repeat the password");
        }
        failure
    }
}

/// The failure that an error reply means.
pub(crate) fn refused(error: &redis::ServerError) -> Failure {
    let reply = format!("{} {}", error.code(), error.details().unwrap_or_default());
    Failure::new(Verdict::of_error_reply(&ErrorReply::parse(&reply)), reply)
}

/// Commands as they are sent.
fn pack(commands: &[&[&str]]) -> Zeroizing<Vec<u8>> {
    const MOST_DIGITS: usize = 20;
    let words = commands.iter().flat_map(|words| words.iter());
    let length: usize = words.map(|word| word.len() + MOST_DIGITS + "$\r\n\r\n".len()).sum();
    let mut request = Zeroizing::new(Vec::with_capacity(length + commands.len() * (MOST_DIGITS + "*\r\n".len())));
    for words in commands {
        request.extend_from_slice(format!("*{}\r\n", words.len()).as_bytes());
        for word in *words {
            request.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
            request.extend_from_slice(word.as_bytes());
            request.extend_from_slice(b"\r\n");
        }
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(username: &str, password: &str) -> Access {
        let mut config = Config::new();
        config.set("username", username).unwrap();
        config.set("password", password).unwrap();
        Access::new(&config).unwrap()
    }

    fn sent(access: &Access) -> String {
        String::from_utf8(access.greeting().bytes().to_vec()).unwrap()
    }

    const NAME: &str = "*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$10\r\nslotkeeper\r\n";

    #[test]
    fn greeting_carries_the_credentials_as_they_are_now() {
        let access = access("", "first");
        assert_eq!(sent(&access), format!("*2\r\n$4\r\nAUTH\r\n$5\r\nfirst\r\n{NAME}"));
        assert!(access.set_credentials(Some("ada"), "secönd"));
        assert_eq!(sent(&access), format!("*3\r\n$4\r\nAUTH\r\n$3\r\nada\r\n$7\r\nsecönd\r\n{NAME}"));
        assert!(access.set_credentials(None, "third") && !access.set_credentials(Some("ada"), "third"));
        assert_eq!(sent(&access), format!("*3\r\n$4\r\nAUTH\r\n$3\r\nada\r\n$5\r\nthird\r\n{NAME}"));
        access.set_credentials(None, "");
        assert_eq!(sent(&access), NAME);
        assert!(!access.greeting().has_auth());
    }

    #[test]
    fn a_packed_request_has_never_grown() {
        for length in [0, 1, 99, 70_000] {
            let password = "x".repeat(length);
            let words = ["AUTH", "ada", &password];
            let request = pack(&[&words, &["PING"]]);
            // A vector that grows takes twice what it had, and leaves the old bytes where they were.
            assert!(request.capacity() - request.len() < 200, "{} of {}", request.len(), request.capacity());
        }
    }

    #[test]
    fn refusals_are_counted_and_other_failures_are_not() {
        let access = access("", "x");
        for (reply, refused) in [("WRONGPASS no", 1), ("NOAUTH Authentication required.", 2), ("NOPERM no", 2)] {
            let verdict = Verdict::of_error_reply(&ErrorReply::parse(reply));
            access.note("127.0.0.1:1", &Failure::new(verdict, reply));
            assert_eq!(access.refused(), refused, "{reply}");
        }
    }
}
