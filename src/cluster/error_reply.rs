//! Error replies, sorted: what a server means by one, wherever it was heard.
//!
//! ```text
//! MOVED <slot> <endpoint>:<port>     ASK <slot> <endpoint>:<port>
//! <CODE> <words>
//! ```
//!
//! The code decides. Only `ERR`, which servers say to everything, is sorted by its words: they are those of the servers'
//! sources, and stand in this file alone. What a reply means for a seed is `policy::verdict`'s to say.
//!
//! Source: redis `clusterRedirectClient`, `getPreferredEndpoint`, `createSharedObjects`, `authCommand`, `clusterCommand`; the
//! replies captured in `tests/data/*/10-misc`, and those that `tests/error_replies.rs` provokes.

use super::address::{Address, MAX_HOST};
use super::keyslot::SLOT_COUNT;

/// What an error reply means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorReply {
    /// `MOVED`: another node serves the slot, from now on.
    Moved(Redirect),
    /// `ASK`: the slot is on the move; for this one command, preceded by ASKING, another node serves it.
    Ask(Redirect),
    /// `TRYAGAIN`: the slot is on the move, and the keys of the command are not all on one side yet.
    TryAgain,
    /// `CLUSTERDOWN`: the slot has no owner, or the cluster takes no requests (or no writes) at all.
    ClusterDown,
    /// `LOADING`: the server reads its data still.
    Loading,
    /// `MASTERDOWN`: the replica has lost its master, and serves no stale data.
    MasterDown,
    /// `READONLY`: a write was sent to a replica.
    ReadOnly,
    /// `NOAUTH`: there is a password, and none was sent.
    NoAuth,
    /// AUTH was refused: `WRONGPASS`, or in the words from before Redis 6; also where the server has no password or no users.
    WrongPass,
    /// `NOPERM`: the user may not run this command, or not on these keys.
    NoPerm,
    /// The server runs without cluster mode.
    ClusterDisabled,
    /// The server does not know the command.
    UnknownCommand,
    /// Any other error, and a text that is none.
    Other,
}

/// Where `MOVED` and `ASK` send a client.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Redirect {
    /// The slot, 0 to 16,383.
    pub slot: u16,
    /// A name or an address, without brackets. Empty: the host of the node that answered. `?`: not known to it.
    pub host: Box<str>,
    /// The port for clients.
    pub port: u16,
}

impl Redirect {
    /// Where to go, if the node that answered was reached at the host `asked`.
    ///
    /// `None` if it could not tell: it names its nodes by host name (`cluster-preferred-endpoint-type hostname`), and that node
    /// has announced none. The owner's address then stands in CLUSTER NODES only.
    pub fn address(&self, asked: &str) -> Option<Address> {
        match &*self.host {
            "?" => None,
            "" => Some(Address::new(asked, self.port)),
            host => Some(Address::new(host, self.port)),
        }
    }

    /// Reads what stands behind the code.
    fn parse(words: &str) -> Option<Redirect> {
        let mut words = words.split_ascii_whitespace();
        let slot = words.next()?.parse().ok().filter(|&slot| usize::from(slot) < SLOT_COUNT)?;
        let (host, port) = Address::split_node_line(words.next()?)?;
        (host.len() <= MAX_HOST && port != 0).then(|| Redirect { slot, host: host.into(), port })
    }
}

impl ErrorReply {
    /// Sorts an error reply, given with or without its `-` and its line end. Every text is sorted, none is refused.
    ///
    /// ```
    /// use slotkeeper::cluster::error_reply::ErrorReply;
    ///
    /// let ErrorReply::Moved(redirect) = ErrorReply::parse("MOVED 3999 127.0.0.1:6381") else { panic!("it is MOVED") };
    /// assert_eq!((redirect.slot, &*redirect.host, redirect.port), (3999, "127.0.0.1", 6381));
    /// assert_eq!(ErrorReply::parse("-LOADING Redis is loading the dataset in memory\r\n"), ErrorReply::Loading);
    /// ```
    pub fn parse(text: &str) -> ErrorReply {
        let text = text.trim_ascii();
        let text = text.strip_prefix('-').unwrap_or(text);
        let (code, words) = text.split_once(' ').unwrap_or((text, ""));
        match code {
            "MOVED" => Redirect::parse(words).map_or(ErrorReply::Other, ErrorReply::Moved),
            "ASK" => Redirect::parse(words).map_or(ErrorReply::Other, ErrorReply::Ask),
            "TRYAGAIN" => ErrorReply::TryAgain,
            "CLUSTERDOWN" => ErrorReply::ClusterDown,
            "LOADING" => ErrorReply::Loading,
            "MASTERDOWN" => ErrorReply::MasterDown,
            "READONLY" => ErrorReply::ReadOnly,
            "NOAUTH" => ErrorReply::NoAuth,
            "WRONGPASS" => ErrorReply::WrongPass,
            "NOPERM" => ErrorReply::NoPerm,
            "ERR" => ErrorReply::of_words(words),
            _ => ErrorReply::Other,
        }
    }

    /// Sorts what stands behind `ERR`. By beginnings: further on, a reply may quote what the client had sent.
    fn of_words(words: &str) -> ErrorReply {
        const MEANINGS: [(&str, ErrorReply); 9] = [
            ("This instance has cluster support disabled", ErrorReply::ClusterDisabled),
            // Dragonfly.
            ("Cluster is disabled", ErrorReply::ClusterDisabled),
            ("unknown command", ErrorReply::UnknownCommand),
            // Amazon MemoryDB.
            ("CLUSTERDOWN ", ErrorReply::ClusterDown),
            // Before Redis 6.
            ("invalid password", ErrorReply::WrongPass),
            ("Client sent AUTH, but no password is set", ErrorReply::WrongPass),
            // Before Redis 6 again: there are no users yet, so AUTH takes one argument.
            ("wrong number of arguments for 'auth'", ErrorReply::WrongPass),
            // From Redis 6 on, without a password.
            ("AUTH <password> called without any password", ErrorReply::WrongPass),
            ("AUTH called without any password", ErrorReply::WrongPass),
        ];
        let meaning = MEANINGS.into_iter().find(|(beginning, _)| words.starts_with(beginning));
        meaning.map_or(ErrorReply::Other, |(_, meaning)| meaning)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ok_codes_of_every_server() {
        use ErrorReply::*;
        for (text, meaning) in [
            ("TRYAGAIN Multiple keys request during rehashing of slot", TryAgain),
            ("CLUSTERDOWN The cluster is down", ClusterDown),
            ("CLUSTERDOWN The cluster is down. Use CLUSTER INFO for more information", ClusterDown),
            ("CLUSTERDOWN The cluster is down and only accepts read commands", ClusterDown),
            ("CLUSTERDOWN Hash slot not served", ClusterDown),
            ("ERR CLUSTERDOWN The cluster is down and only accepts read commands", ClusterDown),
            ("CLUSTERDOWN", ClusterDown),
            ("LOADING Redis is loading the dataset in memory", Loading),
            ("LOADING Valkey is loading the dataset in memory", Loading),
            ("MASTERDOWN Link with MASTER is down and slave-serve-stale-data is set to 'no'.", MasterDown),
            ("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", MasterDown),
            ("READONLY You can't write against a read only slave.", ReadOnly),
            ("READONLY You can't write against a read only replica.", ReadOnly),
            ("NOAUTH Authentication required.", NoAuth),
            ("NOAUTH HELLO must be called with the client already authenticated", NoAuth),
            ("WRONGPASS invalid username-password pair or user is disabled.", WrongPass),
            ("ERR invalid password", WrongPass),
            ("ERR Client sent AUTH, but no password is set", WrongPass),
            ("ERR AUTH <password> called without any password configured for the default user.", WrongPass),
            ("ERR wrong number of arguments for 'auth' command", WrongPass),
            ("NOPERM this user has no permissions to run the 'cluster|nodes' command", NoPerm),
            ("NOPERM User u has no permissions to run the 'cluster|nodes' command", NoPerm),
            ("ERR This instance has cluster support disabled", ClusterDisabled),
            ("ERR Cluster is disabled. Use --cluster_mode=yes to enable.", ClusterDisabled),
            ("ERR Cluster is disabled. Enabled via passing --cluster_mode=emulated|yes", ClusterDisabled),
            ("ERR Cluster is not yet configured", Other),
            ("ERR unknown command 'HELLO'", UnknownCommand),
            ("ERR unknown command `CLUSTER`, with args beginning with: `INFO`, ", UnknownCommand),
            ("ERR unknown command `x`, with args beginning with: `invalid password`, ", UnknownCommand),
            ("ERR max number of clients reached", Other),
            ("ERR wrong number of arguments for 'get' command", Other),
            ("CROSSSLOT Keys in request don't hash to the same slot", Other),
            ("", Other),
            ("-", Other),
            ("ERR", Other),
            ("moved 1 h:1", Other),
        ] {
            assert_eq!(ErrorReply::parse(text), meaning, "{text}");
            assert_eq!(ErrorReply::parse(&format!("-{text}\r\n")), meaning, "{text} as on the wire");
        }
    }

    #[test]
    fn ok_redirects_in_every_form() {
        for (endpoint, host, port, address) in [
            ("127.0.0.1:6381", "127.0.0.1", 6381, Some("127.0.0.1:6381")),
            ("::1:6381", "::1", 6381, Some("[::1]:6381")),
            (
                "2001:db8::8:800:200c:417a:6381",
                "2001:db8::8:800:200c:417a",
                6381,
                Some("[2001:db8::8:800:200c:417a]:6381"),
            ),
            ("[::1]:6381", "::1", 6381, Some("[::1]:6381")),
            ("redis-1.example.com:6381", "redis-1.example.com", 6381, Some("redis-1.example.com:6381")),
            (":6381", "", 6381, Some("asked:6381")),
            ("?:6381", "?", 6381, None),
        ] {
            let redirect = Redirect { slot: 3999, host: host.into(), port };
            assert_eq!(redirect.address("asked").map(|address| address.to_string()).as_deref(), address, "{endpoint}");
            let moved = ErrorReply::Moved(redirect.clone());
            assert_eq!(ErrorReply::parse(&format!("MOVED 3999 {endpoint}")), moved, "{endpoint}");
            assert_eq!(
                ErrorReply::parse(&format!("-ASK 3999 {endpoint}\r\n")),
                ErrorReply::Ask(redirect),
                "{endpoint}"
            );
        }
    }

    #[test]
    fn err_a_redirect_to_nowhere_is_another_error() {
        let long = format!("MOVED 1 {}:1", "h".repeat(MAX_HOST + 1));
        for text in [
            "MOVED",
            "MOVED ",
            "MOVED 3999",
            "MOVED 3999 ",
            "MOVED 3999 6381",
            "MOVED 3999 h:",
            "MOVED 3999 h:0",
            "MOVED 3999 h:+1",
            "MOVED 3999 h:65536",
            "MOVED 16384 h:1",
            "MOVED -1 h:1",
            "MOVED x h:1",
            "ASK 99999999999999999999 h:1",
            &long,
        ] {
            assert_eq!(ErrorReply::parse(text), ErrorReply::Other, "{text}");
        }
    }

    #[test]
    fn what_a_redirect_says_is_in_range_whatever_the_text() {
        let pieces =
            ["-", "MOVED", "ASK", "ERR", " ", "1", "16383", ":", "é", "[", "]", "\r\n", "\0", "h", "invalid password"];
        let mut random = fastrand::Rng::with_seed(3);
        for _ in 0..20_000 {
            let text: String = (0..random.usize(..8)).filter_map(|_| random.choice(pieces)).collect();
            if let ErrorReply::Moved(redirect) | ErrorReply::Ask(redirect) = ErrorReply::parse(&text) {
                assert!(usize::from(redirect.slot) < SLOT_COUNT && redirect.port != 0, "{text:?}");
            }
        }
    }
}
