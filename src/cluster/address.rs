//! Where a node listens: host and port, as people and nodes write them.
//!
//! | written | host | port |
//! |---|---|---|
//! | `redis1`, `10.0.0.1` | as written | 6379 |
//! | `redis1:7000`, `10.0.0.1:7000` | as written | 7000 |
//! | `[2001:db8::1]:7000`, `[2001:db8::1]` | without the brackets | 7000, 6379 |
//! | `2001:db8::1` | a bare IPv6 address | 6379 |
//! | `2001:db8:0:0:0:0:0:1:7000`, `::1:7100` in CLUSTER NODES | before the last `:` | after it |
//!
//! The last two are ambiguous (`::1:7100` is an IPv6 address as well): a person's text is read as an address where it is
//! one, a node's line always has the port behind the last `:` ([`Address::split_node_line`]).

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use crate::error::{Error, ErrorKind, quote};

/// The port of a Redis server that nobody told otherwise.
pub const DEFAULT_PORT: u16 = 6379;

/// The longest host name that DNS can carry (RFC 1035, 2.3.4).
pub(super) const MAX_HOST: usize = 253;

/// Host and port of one node. The host is a name or an address, never empty, without brackets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    host: Box<str>,
    port: u16,
}

impl Address {
    /// An address of these parts, unchecked: for parts that a node has sent.
    pub fn new(host: impl Into<Box<str>>, port: u16) -> Self {
        Self { host: host.into(), port }
    }

    /// Splits `host:port` as CLUSTER NODES writes it: at the last `:`, IPv6 bare. The host may be empty.
    ///
    /// Returns `None` if there is no `:` or no port number behind it.
    ///
    /// Source: redis `clusterGenNodeDescription`, `"%s:%i@%i"`.
    pub fn split_node_line(text: &str) -> Option<(&str, u16)> {
        let (host, port) = text.rsplit_once(':')?;
        let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
        Some((host, parse_port(port)?))
    }

    /// The name or address, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The IP address, if the host is one and not a name.
    pub fn ip(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

/// `host:port`, and `[host]:port` for IPv6: what [`Address::from_str`] reads back.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl FromStr for Address {
    type Err = Error;

    /// Reads an address as a person writes it; the table at the top of this file has the forms.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidAddress`]; the message quotes `text` and says what is wrong and what is allowed.
    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let wrong = |reason: &str| {
            Err(Error::new(
                ErrorKind::InvalidAddress,
                format!(
                    "{} is not an address: {reason}; allowed are host, host:port, [ipv6]:port and ipv6",
                    quote(text)
                ),
            ))
        };
        let (host, port) = if let Some(rest) = text.strip_prefix('[') {
            let Some((host, rest)) = rest.split_once(']') else { return wrong("the bracket is not closed") };
            if !is_ipv6(host) {
                return wrong("between the brackets is no IPv6 address");
            }
            match rest.strip_prefix(':') {
                Some(port) => (host, Some(port)),
                None if rest.is_empty() => (host, None),
                None => return wrong("behind the bracket stands something other than :port"),
            }
        } else if is_ipv6(text) {
            (text, None)
        } else {
            match text.rsplit_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (text, None),
            }
        };
        if host.is_empty() {
            return wrong("the host is missing");
        }
        if host.len() > MAX_HOST {
            return wrong("the host is longer than 253 characters");
        }
        if host.contains(':') && !is_ipv6(host) {
            return wrong("there are several colons, but no IPv6 address");
        }
        if !host.bytes().all(is_host_byte) {
            return wrong("the host holds a character that no host name has");
        }
        match port {
            None => Ok(Self::new(host, DEFAULT_PORT)),
            Some(port) => match parse_port(port) {
                Some(port) if port > 0 => Ok(Self::new(host, port)),
                _ => wrong("the port is not a number from 1 to 65535"),
            },
        }
    }
}

/// Cuts a list as it stands in configurations: commas, blanks and line breaks in any number; empty items are no items.
pub fn list_items(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c == ',' || c.is_whitespace()).filter(|item| !item.is_empty())
}

/// Letters, digits and what else names (RFC 952, `_` of practice) and IPv6 addresses with zones (`%eth0`) are made of.
fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'%') || byte >= 0x80
}

/// With a zone or without: `fe80::1%eth0` is of the network behind `eth0`.
fn is_ipv6(text: &str) -> bool {
    let (address, zone) = text.split_once('%').unwrap_or((text, "any"));
    !zone.is_empty() && address.parse::<Ipv6Addr>().is_ok()
}

fn parse_port(text: &str) -> Option<u16> {
    // `u16::from_str` accepts a leading `+`, which no port has.
    if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(String, u16), Error> {
        text.parse::<Address>().map(|a| (a.host().to_owned(), a.port()))
    }

    #[test]
    fn ok_every_form_of_the_table() {
        for (text, host, port) in [
            ("redis1", "redis1", 6379),
            ("10.0.0.1", "10.0.0.1", 6379),
            (" redis-1.example.com:7000\t", "redis-1.example.com", 7000),
            ("10.0.0.1:65535", "10.0.0.1", 65535),
            ("[2001:db8::1]:7000", "2001:db8::1", 7000),
            ("[::1]", "::1", 6379),
            ("2001:db8::1", "2001:db8::1", 6379),
            ("[fe80::1%eth0]:7000", "fe80::1%eth0", 7000),
            ("2001:db8:0:0:0:0:0:1:7000", "2001:db8:0:0:0:0:0:1", 7000),
            ("münchen.example:1", "münchen.example", 1),
        ] {
            assert_eq!(read(text), Ok((host.to_owned(), port)), "{text}");
        }
    }

    #[test]
    fn ok_node_lines_split_at_the_last_colon() {
        assert_eq!(Address::split_node_line("::1:7100"), Some(("::1", 7100)));
        assert_eq!(Address::split_node_line("[::1]:7100"), Some(("::1", 7100)));
        assert_eq!(Address::split_node_line("127.0.0.1:7100"), Some(("127.0.0.1", 7100)));
        assert_eq!(Address::split_node_line(":7100"), Some(("", 7100)));
        assert_eq!(Address::split_node_line(":0"), Some(("", 0)));
        assert_eq!(Address::split_node_line("host"), None);
        assert_eq!(Address::split_node_line("host:"), None.or(Address::split_node_line("host:x")));
    }

    #[test]
    fn err_quotes_the_text_and_says_what_is_allowed() {
        for (text, reason) in [
            ("", "the host is missing"),
            (":7000", "the host is missing"),
            ("redis1:", "the port is not a number"),
            ("redis1:0", "the port is not a number"),
            ("redis1:65536", "the port is not a number"),
            ("redis1:+1", "the port is not a number"),
            ("redis1:7000:x", "several colons"),
            ("a:b:7000", "several colons"),
            ("[::1", "not closed"),
            ("[redis1]:7000", "no IPv6 address"),
            ("[fe80::1%]:7000", "no IPv6 address"),
            ("[::1]7000", "something other than :port"),
            ("redis 1:7000", "a character that no host name has"),
            ("redis://redis1:7000", "several colons"),
        ] {
            let error = text.parse::<Address>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidAddress);
            assert!(error.message().contains(reason), "{text}: {error}");
            assert!(error.message().starts_with(&format!("\"{text}\"")), "{text}: {error}");
        }
    }

    #[test]
    fn err_overlong_or_multiline_text_is_shown_short_on_one_line() {
        let error = format!("{}\n:1", "x".repeat(300)).parse::<Address>().unwrap_err();
        assert!(error.message().len() < 250 && !error.message().contains('\n'), "{error}");
    }

    #[test]
    fn what_is_shown_is_read_back() {
        for text in ["redis1:7000", "[::1]:7100", "10.0.0.1:6379"] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn lists_take_commas_blanks_and_line_breaks() {
        let items: Vec<_> = list_items(" a:1,,b:2\n c:3 ,\t\r\n,d ").collect();
        assert_eq!(items, ["a:1", "b:2", "c:3", "d"]);
        assert_eq!(list_items(" ,\n").count(), 0);
    }
}
