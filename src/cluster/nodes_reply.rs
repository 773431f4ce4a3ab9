//! CLUSTER NODES: text in, table of nodes out.
//!
//! ```text
//! <id> <address> <flags> <master id | -> <ping-sent ms> <pong-received ms> <config-epoch> <link-state>[ <slot item>]*
//! address:   ip:port | ip:port@bus-port | ip:port@bus-port,hostname[,key=value]*     (3.0 | 4.0 | 7.0 and later)
//! slot item: n | a-b | [n->-id] migrating | [n-<-id] importing
//! ```
//!
//! Accepted beyond it, since servers and files hold it: an empty ip (the node that answers does not know its own), bare and
//! bracketed IPv6, a comma with nothing behind it, auxiliary fields of `nodes.conf` and its `vars` line, flags in any order
//! and unknown ones, carriage returns, a verbatim string's `txt:`, a last line without line feed.
//!
//! One bad line never costs the reply: it is skipped and told as a [`Problem`]. A bad slot item costs that item only.
//!
//! Source: redis `clusterGenNodeDescription`, `clusterLoadConfig`; captures of six servers in `tests/data`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use super::address::Address;
use super::keyslot::SLOT_COUNT;
use super::nodes::{Direction, Flags, MovingSlot, NodeId, Nodes};
use super::nodes_builder::{Line, MAX_SLOT_ITEMS, MAX_TEXT, NodesBuilder};
use super::nodes_line;
use super::slots::SlotRange;
use crate::error::{Error, ErrorKind};

/// The largest reply that is read, in bytes.
pub const MAX_REPLY: usize = 16 * 1024 * 1024;

/// The most nodes that are read: one a slot.
pub const MAX_NODES: usize = SLOT_COUNT;

/// More problems than these are counted and not told: a hostile reply has millions. As many as a person would ever look through.
pub const MAX_PROBLEMS_TOLD: usize = 1000;

/// A CLUSTER NODES reply, read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodesReply {
    /// The nodes in the order of the reply.
    pub nodes: Nodes,
    /// What could not be read, at most the first 1000.
    pub problems: Vec<Problem>,
    /// How many problems there were in all.
    pub problem_count: usize,
}

/// A line, or a slot item of a line, that could not be read and was skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line's number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// Reads a CLUSTER NODES reply, or a `nodes.conf` file.
///
/// `reply` is the payload without RESP framing, in any bytes. Unreadable lines are skipped and told in
/// [`NodesReply::problems`]. Takes time and memory linear in the length.
///
/// # Errors
/// [`ErrorKind::BadReply`] if no line could be read; [`ErrorKind::TooLarge`] above 16 MB or 16,384 nodes.
///
/// ```
/// let reply = b"07c37dfeb235213a872192d90877d0cd55635b91 127.0.0.1:30004@31004 myself,master - 0 0 1 connected 0-16383\n";
/// let nodes = slotkeeper::parse_nodes(reply)?.nodes;
/// assert_eq!(nodes.myself().unwrap().slot_count(), 16384);
/// # Ok::<(), slotkeeper::Error>(())
/// ```
pub fn parse_nodes(reply: &[u8]) -> Result<NodesReply, Error> {
    if reply.len() > MAX_REPLY {
        return Err(Error::new(
            ErrorKind::TooLarge,
            format!("a CLUSTER NODES reply of {} bytes is not read; the limit is {MAX_REPLY}", reply.len()),
        ));
    }
    let mut parser = Parser { builder: NodesBuilder::for_reply(reply.len()), ..Parser::default() };
    let mut offset = if reply.starts_with(b"txt:") { 4 } else { 0 };
    let mut number = 0;
    while offset < reply.len() {
        number += 1;
        offset = parser.line(reply, offset, number);
        if parser.builder.len() > MAX_NODES {
            return Err(Error::new(
                ErrorKind::TooLarge,
                format!("a CLUSTER NODES reply of more than {MAX_NODES} nodes is not read"),
            ));
        }
    }
    if parser.builder.len() == 0 {
        let reason = match parser.problems.first() {
            Some(Problem { line, reason }) => format!("line {line}: {reason}"),
            None => "it is empty".to_owned(),
        };
        return Err(Error::new(
            ErrorKind::BadReply,
            format!("no line of the text is a line of CLUSTER NODES; {reason}"),
        ));
    }
    Ok(NodesReply { nodes: parser.builder.build(), problems: parser.problems, problem_count: parser.problem_count })
}

#[derive(Default)]
struct Parser {
    builder: NodesBuilder,
    problems: Vec<Problem>,
    problem_count: usize,
}

impl Parser {
    fn problem(&mut self, line: usize, fault: Fault<'_>) {
        self.problem_count += 1;
        if self.problems.len() < MAX_PROBLEMS_TOLD {
            self.problems.push(Problem { line, reason: fault.to_string() });
        }
    }

    /// Reads the line that starts at `offset`, and returns where the next one does.
    fn line(&mut self, reply: &[u8], offset: usize, number: usize) -> usize {
        // Millions of them are soon passed over.
        if reply[offset] == b'\n' {
            return offset + 1;
        }
        nodes_line::read(reply, offset, &mut self.builder).unwrap_or_else(|| self.line_with_care(reply, offset, number))
    }

    fn line_with_care(&mut self, reply: &[u8], offset: usize, number: usize) -> usize {
        let line = reply[offset..].split(|&byte| byte == b'\n').next().unwrap_or_default();
        let text = lossy(line);
        if let Err(fault) = self.fields(text.trim_end_matches('\r'), number) {
            self.problem(number, fault);
        }
        offset + line.len() + 1
    }

    /// Reads one line; an empty one and the `vars` line of `nodes.conf` are no nodes.
    fn fields<'t>(&mut self, line: &'t str, number: usize) -> Result<(), Fault<'t>> {
        if line.is_empty() || line.starts_with("vars ") {
            return Ok(());
        }
        let mut fields = line.split(' ').filter(|field| !field.is_empty());
        let mut next = |name| fields.next().ok_or(Fault::EndsBefore(name));

        let id = node_id(next("the node id")?)?;
        let address = parse_address(next("the address")?)?;
        let flags_text = bounded(next("the flags")?, "list of flags")?;
        let master = match next("the master id")? {
            "-" => None,
            id => Some(node_id(id)?),
        };
        let ping_sent = number_of(next("ping-sent")?, "ping-sent")?;
        let pong_received = number_of(next("pong-received")?, "pong-received")?;
        let config_epoch = number_of(next("the config epoch")?, "the config epoch")?;
        let is_linked = match next("the link state")? {
            "connected" => true,
            "disconnected" => false,
            other => return Err(Fault::Link(other)),
        };
        let line = Line {
            id,
            host: bounded(address.host, "host")?.as_bytes(),
            port: address.port,
            bus_port: address.bus_port,
            hostname: bounded(address.hostname, "host name")?.as_bytes(),
            auxiliary: bounded(address.auxiliary, "list of auxiliary fields")?.as_bytes(),
            flags: Flags::from_words(flags_text),
            flags_text: flags_text.as_bytes(),
            master,
            ping_sent,
            pong_received,
            config_epoch,
            is_linked,
        };
        for item in fields {
            if let Err(fault) = self.slot_item(item) {
                self.problem(number, fault);
            }
        }
        self.builder.push(line);
        Ok(())
    }

    fn slot_item<'t>(&mut self, item: &'t str) -> Result<(), Fault<'t>> {
        if self.builder.slot_items() >= MAX_SLOT_ITEMS {
            return Err(Fault::OneMore(item));
        }
        let bad = Fault::Item(item);
        if let Some(item) = item.strip_prefix('[') {
            let item = item.strip_suffix(']').ok_or(bad)?;
            let (slot, direction, other) = if let Some((slot, id)) = item.split_once("->-") {
                (slot, Direction::Migrating, id)
            } else if let Some((slot, id)) = item.split_once("-<-") {
                (slot, Direction::Importing, id)
            } else {
                return Err(bad);
            };
            let moving = MovingSlot { slot: slot_of(slot)?, direction, other: node_id(other)? };
            self.builder.push_moving(moving);
            return Ok(());
        }
        let (first, last) = match item.split_once('-') {
            Some((first, last)) => (slot_of(first)?, slot_of(last)?),
            None => slot_of(item).map(|slot| (slot, slot))?,
        };
        if first > last {
            return Err(Fault::Backwards(item));
        }
        self.builder.push_range(SlotRange { first, last });
        Ok(())
    }
}

/// What is wrong with a line or a slot item. Becomes words only if it is told: a hostile reply has millions.
#[derive(Clone, Copy)]
enum Fault<'a> {
    /// Before what it ends.
    EndsBefore(&'static str),
    Id(&'a str),
    Address(&'a str),
    /// What it is.
    TooLong(&'static str, &'a str),
    /// What it is.
    Number(&'static str, &'a str),
    Link(&'a str),
    Item(&'a str),
    Slot(&'a str),
    Backwards(&'a str),
    OneMore(&'a str),
}

impl fmt::Display for Fault<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Fault::EndsBefore(name) => write!(f, "the line ends before {name}"),
            Fault::Id(text) => write!(f, "{} is not a node id of 40 hex digits", quote(text)),
            Fault::Address(text) => write!(f, "address {} is not ip:port[@bus-port][,hostname]", quote(text)),
            Fault::TooLong(name, text) => {
                write!(f, "the {name} {} has {} bytes; the limit is {MAX_TEXT}", quote(text), text.len())
            }
            Fault::Number(name, text) => write!(f, "{name} {} is not a number", quote(text)),
            Fault::Link(text) => write!(f, "link state {} is neither connected nor disconnected", quote(text)),
            Fault::Item(text) => write!(f, "slot item {} is none of n, a-b, [n->-id], [n-<-id]", quote(text)),
            Fault::Slot(text) => write!(f, "{} is not a slot from 0 to {}", quote(text), SLOT_COUNT - 1),
            Fault::Backwards(text) => write!(f, "slot range {} ends before it starts", quote(text)),
            Fault::OneMore(text) => {
                write!(f, "slot item {} is one more than the {MAX_SLOT_ITEMS} that are read", quote(text))
            }
        }
    }
}

/// Bytes that are no UTF-8 (a host name in another encoding) become U+FFFD, and cost nobody the line. Takes at most three times
/// the memory of the line, at once.
fn lossy(line: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(line) {
        return text.into();
    }
    let mut text = String::with_capacity(3 * line.len());
    for chunk in line.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    text.into()
}

struct ParsedAddress<'a> {
    host: &'a str,
    port: u16,
    bus_port: Option<u16>,
    hostname: &'a str,
    auxiliary: &'a str,
}

fn parse_address(text: &str) -> Result<ParsedAddress<'_>, Fault<'_>> {
    let bad = Fault::Address(text);
    let (endpoint, extra) = text.split_once(',').unwrap_or((text, &text[text.len()..]));
    let (client, bus_port) = match endpoint.split_once('@') {
        Some((client, bus_port)) => {
            // Servers without a bus (Kvrocks, Garnet) write port + 10000 whatever comes out: what is no port is unknown.
            let bus_port: u64 = decimal(bus_port).ok_or(bad)?;
            (client, u16::try_from(bus_port).ok())
        }
        None => (endpoint, None),
    };
    let (host, port) = Address::split_node_line(client).ok_or(bad)?;
    // The host name comes first and may be missing; what has a `=` is an auxiliary field.
    let first = extra.split(',').next().unwrap_or(extra);
    let (hostname, auxiliary) =
        if first.contains('=') { (&extra[..0], extra) } else { (first, extra[first.len()..].trim_start_matches(',')) };
    Ok(ParsedAddress { host, port, bus_port, hostname, auxiliary })
}

fn node_id(text: &str) -> Result<NodeId, Fault<'_>> {
    text.parse().map_err(|()| Fault::Id(text))
}

fn number_of<'a>(text: &'a str, name: &'static str) -> Result<u64, Fault<'a>> {
    decimal(text).ok_or(Fault::Number(name, text))
}

fn slot_of(text: &str) -> Result<u16, Fault<'_>> {
    decimal(text).filter(|&slot: &u16| usize::from(slot) < SLOT_COUNT).ok_or(Fault::Slot(text))
}

/// Digits and nothing else: `parse` accepts a leading `+`, which no server writes.
fn decimal<T: FromStr>(text: &str) -> Option<T> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

fn bounded<'a>(text: &'a str, name: &'static str) -> Result<&'a str, Fault<'a>> {
    if text.len() <= MAX_TEXT { Ok(text) } else { Err(Fault::TooLong(name, text)) }
}

/// The text for a reason: short, and on one line.
pub(super) fn quote(text: &str) -> String {
    let shown: String = text.chars().take(60).collect();
    if shown.len() < text.len() { format!("{shown:?}…") } else { format!("{shown:?}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "07c37dfeb235213a872192d90877d0cd55635b91";

    fn one(rest: &str) -> NodesReply {
        parse_nodes(format!("{ID} {rest}\n").as_bytes()).unwrap()
    }

    fn reason(rest: &str) -> String {
        parse_nodes(format!("{ID} {rest}\n").as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn ok_addresses_of_every_server() {
        for (address, host, port, bus_port, hostname, auxiliary) in [
            ("127.0.0.1:7000", "127.0.0.1", 7000, None, "", ""),
            (":0", "", 0, None, "", ""),
            (":0@0", "", 0, Some(0), "", ""),
            (":7100@17100", "", 7100, Some(17100), "", ""),
            ("127.0.0.1:7000@17000", "127.0.0.1", 7000, Some(17000), "", ""),
            ("127.0.0.1:7000@17000,", "127.0.0.1", 7000, Some(17000), "", ""),
            ("127.0.0.1:7000@17000,a.example", "127.0.0.1", 7000, Some(17000), "a.example", ""),
            ("::1:7100@17100", "::1", 7100, Some(17100), "", ""),
            ("[::1]:7100@17100", "::1", 7100, Some(17100), "", ""),
            ("h:1@2,,tls-port=0,shard-id=ab", "h", 1, Some(2), "", "tls-port=0,shard-id=ab"),
            ("h:1@2,n,tls-port=0", "h", 1, Some(2), "n", "tls-port=0"),
            ("h:1@2,tls-port=0", "h", 1, Some(2), "", "tls-port=0"),
            ("h:1,n", "h", 1, None, "n", ""),
        ] {
            let reply = one(&format!("{address} master - 0 0 1 connected"));
            let node = reply.nodes.get(0).unwrap();
            let read = (node.host(), node.port(), node.bus_port(), node.hostname(), node.auxiliary());
            assert_eq!(read, (host, port, bus_port, hostname, auxiliary), "{address}");
        }
    }

    #[test]
    fn ok_flags_in_any_order_and_unknown_ones_are_kept() {
        let reply =
            one("h:1@2 fail,master,shiny - 5 6 7 disconnected 1 3-4 [9->-07c37dfeb235213a872192d90877d0cd55635b91]");
        let node = reply.nodes.get(0).unwrap();
        assert!(node.has(Flags::FAILED.with(Flags::MASTER)) && node.is_master() && !node.is_linked());
        assert_eq!(node.flags_text(), "fail,master,shiny");
        assert_eq!((node.ping_sent(), node.pong_received(), node.config_epoch()), (5, 6, 7));
        assert_eq!(node.ranges(), [SlotRange { first: 1, last: 1 }, SlotRange { first: 3, last: 4 }]);
        assert_eq!(
            node.moving(),
            [MovingSlot { slot: 9, direction: Direction::Migrating, other: ID.parse().unwrap() }]
        );
    }

    #[test]
    fn ok_handshake_has_no_role_and_costs_nothing() {
        let reply = one("h:1@2 handshake - 0 0 0 connected");
        assert_eq!(reply.nodes.get(0).unwrap().role(), None);
    }

    #[test]
    fn ok_a_bad_line_is_skipped_and_told() {
        let text =
            format!("{ID} h:1@2 master - 0 0 1 connected 0-5\nrubbish\n\n{ID} h:1@2 slave {ID} 0 0 1 connected\r");
        let reply = parse_nodes(text.as_bytes()).unwrap();
        assert_eq!(reply.nodes.len(), 2);
        assert_eq!(reply.problems.len(), 1);
        assert_eq!((reply.problems[0].line, reply.problem_count), (2, 1));
        assert!(reply.problems[0].reason.contains("\"rubbish\""), "{:?}", reply.problems);
    }

    #[test]
    fn ok_a_bad_slot_item_costs_that_item_only() {
        let reply = one("h:1@2 master - 0 0 1 connected 0-5 16384 9-8 [1-x] 7");
        assert_eq!(reply.nodes.get(0).unwrap().slot_count(), 7);
        assert_eq!(reply.problem_count, 3);
    }

    #[test]
    fn ok_bytes_that_are_no_utf8() {
        let mut text = format!("{ID} h:1@2,").into_bytes();
        text.extend_from_slice(b"\xff\xfe master - 0 0 1 connected");
        assert_eq!(parse_nodes(&text).unwrap().nodes.get(0).unwrap().hostname(), "\u{fffd}\u{fffd}");
    }

    #[test]
    fn ok_verbatim_string_and_vars_line() {
        let text = format!("txt:{ID} h:1@2 myself,master - 0 0 1 connected\nvars currentEpoch 6 lastVoteEpoch 0\n");
        let reply = parse_nodes(text.as_bytes()).unwrap();
        assert_eq!((reply.nodes.len(), reply.problem_count), (1, 0));
        assert_eq!(reply.nodes.myself().unwrap().host(), "h");
    }

    #[test]
    fn err_says_what_is_wrong() {
        for (rest, expected) in [
            ("", "the line ends before the address"),
            ("h:1@2 master -", "the line ends before ping-sent"),
            ("h:1@2 master - 0", "the line ends before pong-received"),
            ("h:1@2 master - 0 0 1", "the line ends before the link state"),
            ("h master - 0 0 1 connected", "address \"h\" is not ip:port"),
            ("h:1@x master - 0 0 1 connected", "is not ip:port"),
            ("h:1@2 slave 12 0 0 1 connected", "\"12\" is not a node id"),
            ("h:1@2 master - -1 0 1 connected", "ping-sent \"-1\" is not a number"),
            ("h:1@2 master - 0 x 1 connected", "pong-received \"x\" is not a number"),
            ("h:1@2 master - 0 0 x connected", "the config epoch \"x\" is not a number"),
            ("h:1@2 master - 0 0 1 sleeping", "link state \"sleeping\""),
            ("h:+1@2 master - 0 0 1 connected", "is not ip:port"),
            ("h:1@+2 master - 0 0 1 connected", "is not ip:port"),
            ("h:1@2 master - +1 0 1 connected", "ping-sent \"+1\" is not a number"),
        ] {
            assert!(reason(rest).contains(expected), "{rest}: {}", reason(rest));
        }
        assert!(parse_nodes(b"\n\n").unwrap_err().message().contains("it is empty"));
    }

    #[test]
    fn err_too_large() {
        let mut text = format!("{ID} h:1@2 master - 0 0 1 connected\n").into_bytes();
        text.resize(MAX_REPLY, b'x');
        assert_eq!(parse_nodes(&text).unwrap().problem_count, 1);
        assert_eq!(parse_nodes(&vec![b'\n'; MAX_REPLY + 1]).unwrap_err().kind(), ErrorKind::TooLarge);
        let line = format!("{ID} h:1@2 master - 0 0 1 connected\n");
        assert!(parse_nodes(line.repeat(MAX_NODES).as_bytes()).is_ok());
        assert_eq!(parse_nodes(line.repeat(MAX_NODES + 1).as_bytes()).unwrap_err().kind(), ErrorKind::TooLarge);
    }

    #[test]
    fn fields_and_numbers_are_read_up_to_their_limits() {
        let text = |length: usize| "x".repeat(length);
        let host = |length: usize| format!("{}:1@2 master - 0 0 1 connected", text(length));
        let hostname = |length: usize| format!("h:1@2,{} master - 0 0 1 connected", text(length));
        let auxiliary = |length: usize| format!("h:1@2,,a={} master - 0 0 1 connected", text(length - 2));
        let flags = |length: usize| format!("h:1@2 {} - 0 0 1 connected", text(length));
        let kinds: [(&str, &dyn Fn(usize) -> String); 4] =
            [("host", &host), ("host name", &hostname), ("auxiliary fields", &auxiliary), ("list of flags", &flags)];
        for (name, line) in kinds {
            assert_eq!(one(&line(MAX_TEXT)).problem_count, 0);
            let refused = reason(&line(MAX_TEXT + 1));
            assert!(refused.contains(name) && refused.contains("has 4097 bytes; the limit is 4096"), "{refused}");
        }
        for number in [u64::MAX, 9_999_999_999_999_999, 10_000_000_000_000_000, 99_999_999, 100_000_000, 0] {
            let reply = one(&format!("h:65535@65535 master - {number} {number} {number} connected 0-16383"));
            let node = reply.nodes.get(0).unwrap();
            assert_eq!((node.ping_sent(), node.pong_received(), node.config_epoch()), (number, number, number));
            assert_eq!((node.port(), node.bus_port(), node.slot_count()), (65535, Some(65535), SLOT_COUNT));
        }
        assert!(reason("h:1@2 master - 18446744073709551616 0 1 connected").contains("ping-sent"));
        assert!(reason("h:65536 master - 0 0 1 connected").contains("is not ip:port"));
        assert_eq!(one("h:1@65536 master - 0 0 1 connected").nodes.get(0).unwrap().bus_port(), None);
    }

    #[test]
    fn slot_items_are_read_up_to_the_number_of_slots() {
        let reply = one(&format!("h:1@2 master - 0 0 1 connected{}", " 7".repeat(MAX_SLOT_ITEMS)));
        assert_eq!((reply.problem_count, reply.nodes.get(0).unwrap().ranges().len()), (0, MAX_SLOT_ITEMS));
        let migrating = format!(" [7->-{ID}]").repeat(MAX_SLOT_ITEMS / 2);
        let text = format!("h:1@2 master - 0 0 1 connected{migrating}{}", " 7".repeat(MAX_SLOT_ITEMS / 2 + 3));
        let reply = one(&text);
        assert_eq!(reply.problem_count, 2);
        assert!(reply.problems[0].reason.contains("one more than the 65535 that are read"), "{:?}", reply.problems);
        let node = reply.nodes.get(0).unwrap();
        assert_eq!((node.moving().len(), node.ranges().len()), (MAX_SLOT_ITEMS / 2, MAX_SLOT_ITEMS / 2 + 1));
    }

    /// The careful reader alone.
    fn parse_with_care(text: &str) -> Parser {
        let mut parser = Parser::default();
        let (mut offset, mut number) = (0, 0);
        while offset < text.len() {
            number += 1;
            offset = parser.line_with_care(text.as_bytes(), offset, number);
        }
        parser
    }

    #[test]
    fn the_quick_reader_means_the_same_as_the_careful_one() {
        let captures = [
            include_str!("../../tests/data/redis-3.0.5/01-steady/node0.cluster_nodes.txt"),
            include_str!("../../tests/data/redis-7.0.15/09-resharding/migrating-node0.cluster_nodes.txt"),
            include_str!("../../tests/data/redis-7.0.15/11-announce/pref-hostname-node0.cluster_nodes.txt"),
            include_str!("../../tests/data/redis-7.0.15/12-ipv6/node0.cluster_nodes.txt"),
            include_str!("../../tests/data/valkey-9.0.0/11-announce/node0.nodes.conf.txt"),
        ];
        let mut random = fastrand::Rng::with_seed(7);
        let mut quick_lines = 0;
        for _ in 0..20_000 {
            let mut text = captures[random.usize(..captures.len())].to_owned();
            for _ in 0..random.usize(..4) {
                let at = random.usize(..text.len());
                match random.u8(..3) {
                    0 => text.replace_range(
                        at..at + 1,
                        random.choice([" ", ",", ":", "@", "-", "[", "9", "f", "\n", "A"]).unwrap(),
                    ),
                    1 => text.replace_range(at..at + 1, ""),
                    _ => text.insert(at, random.choice(['0', ' ', ',', '=', ']', '>', '\r', 'é']).unwrap()),
                }
                if !text.is_ascii() {
                    break;
                }
            }
            let care = parse_with_care(&text);
            let nodes = care.builder.build();
            match parse_nodes(text.as_bytes()) {
                Ok(reply) => {
                    assert_eq!((&reply.nodes, reply.problem_count), (&nodes, care.problem_count), "{text}");
                    quick_lines += reply.nodes.len();
                }
                Err(_) => assert!(nodes.is_empty(), "{text}"),
            }
        }
        assert!(quick_lines > 50_000);
    }

    #[test]
    fn problems_told_are_bounded() {
        let text = format!("{ID} h:1@2 master - 0 0 1 connected\n{}", "x\n".repeat(5000));
        let reply = parse_nodes(text.as_bytes()).unwrap();
        assert_eq!((reply.problems.len(), reply.problem_count), (MAX_PROBLEMS_TOLD, 5000));
    }
}
