//! Where nodes stand: in which data centre, room or rack. Zones are defined by lists of items; what hangs on them is judged elsewhere.
//!
//! | item | takes nodes | by |
//! |---|---|---|
//! | `10.1.0.0/16`, `2001:db8::/32` | of this network | address |
//! | `10.1.`, `2001:db8:` | whose address begins so; whole numbers only, so it is the network above | address |
//! | `10.1.0.7`, `[2001:db8::7]` | at this address, whatever the port | address |
//! | `*.dc-a.example`, `redis-a?` | whose host or announced host name fits: `*` any letters, `?` one; case does not matter | name |
//! | `redis1.dc-a.example` | of this host or announced host name | name |
//! | `10.1.0.7:7000`, `redis1:7000` | of this host or announced host name, with this port | port |
//!
//! The most specific item wins, as in routing, so that a room can be cut out of a data centre, and the order of the definitions says nothing: an
//! item with a port before all others; of networks the smallest; of names one without wildcards, then the pattern with the most letters.
//! `*` and networks of all addresses are for the rest: anything else wins over them. Where the best by address and the best by name
//! are of different zones, or two patterns are equally good, nobody can know which one is wrong: the node is then in no zone, and both are
//! named, since a guess would make a cluster look safe that is not. The same item in two zones is an error at once.
//!
//! A node that no item takes stands in the zone that it names itself. Valkey tells `availability_zone` in INFO (8.0), and in CLUSTER SLOTS
//! and SHARDS (9.1), so somebody has to have asked ([`Zones::place_announced`]); else it is looked for among the auxiliary fields of the
//! node's line, where no server is known to send it.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use wildmatch::WildMatch;

use super::address::{Address, list_items};
use super::nodes::{Node, NodeId, Nodes};
use crate::error::{Error, ErrorKind, quote};

/// What stands for "in no zone"; no zone has this name.
pub const NO_ZONE: &str = "none";

/// The forms that items have, for messages.
pub(crate) const ITEMS_ALLOWED: &str = "networks (10.1.0.0/16), address prefixes (10.1.), patterns of host names (*.dc-a.example), host, host:port, \
                                        [ipv6]:port, between commas";

/// The definitions of all zones.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Zones(Vec<Definition>);

#[derive(Clone, Debug, PartialEq)]
struct Definition {
    zone: Box<str>,
    text: Box<str>,
    item: Item,
}

#[derive(Clone, Debug, PartialEq)]
enum Item {
    Port(Address),
    Network(IpNet),
    Name { pattern: WildMatch, letters: usize, is_whole: bool },
}

/// Where each node of a table stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Placement {
    names: Vec<Box<str>>,
    zones: Vec<Option<usize>>,
    /// The nodes that two zones claim.
    pub disputes: Vec<Dispute>,
}

/// A node that two zones claim with equal right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// The node's place in the table.
    pub node: usize,
    /// Zone and item of the one, and of the other.
    pub claims: [(Box<str>, Box<str>); 2],
}

impl Zones {
    /// Defines a zone by the items of a list, instead of what it was defined by before; an empty list takes it away.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidValue`]: the zone's name, or an item, or an item is of another zone already. The message names it, what is
    /// wrong and what is allowed; nothing is changed.
    pub fn define(&mut self, zone: &str, items: &str) -> Result<(), Error> {
        let wrong = |message: String| Error::new(ErrorKind::InvalidValue, message);
        let is_letter = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
        let is_name = (1..=63).contains(&zone.len()) && zone != NO_ZONE && zone.chars().all(is_letter);
        // What is not there may be taken away under any name: so each row of the table of properties can be set to its default.
        if !is_name && list_items(items).next().is_some() {
            return Err(wrong(format!(
                "{} is no name of a zone; allowed are 1 to 63 letters, digits, dots, hyphens and underscores, but not \"{NO_ZONE}\"",
                quote(zone)
            )));
        }
        let mut definitions: Vec<Definition> = self.0.iter().filter(|known| *known.zone != *zone).cloned().collect();
        for text in list_items(items) {
            let item = Item::read(text).map_err(|reason| {
                wrong(format!("zone {zone}: {} is no item: {reason}; allowed are {ITEMS_ALLOWED}", quote(text)))
            })?;
            match definitions.iter().find(|known| known.item == item) {
                Some(known) if *known.zone == *zone => {}
                Some(known) => {
                    let (item, other, theirs) = (quote(text), &known.zone, quote(&known.text));
                    return Err(wrong(format!(
                        "zone {zone}: {item} is of zone {other} already, as {theirs}; allowed is each item in one zone"
                    )));
                }
                None => definitions.push(Definition { zone: zone.into(), text: text.into(), item }),
            }
        }
        self.0 = definitions;
        Ok(())
    }

    /// Whether no zone is defined.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where the nodes of this table stand.
    pub fn place(&self, nodes: &Nodes) -> Placement {
        self.place_announced(nodes, |_| None)
    }

    /// As [`Zones::place`]; a node that no item takes stands in the zone that it was asked for, if `announced` has one.
    pub fn place_announced<'a>(&'a self, nodes: &'a Nodes, announced: impl Fn(NodeId) -> Option<&'a str>) -> Placement {
        let mut disputes = Vec::new();
        let mut found: Vec<Option<&str>> = Vec::with_capacity(nodes.len());
        for (place, node) in nodes.iter().enumerate() {
            found.push(match self.zone_of(node) {
                Ok(zone) => zone.or_else(|| is_zone(announced(node.id())).or_else(|| named_in_line(node))),
                Err(claims) => {
                    let told = claims.map(|claim| (claim.zone.clone(), claim.text.clone()));
                    disputes.push(Dispute { node: place, claims: told });
                    None
                }
            });
        }
        let defined = self.0.iter().map(|definition| &*definition.zone);
        let mut names: Vec<&str> = defined.chain(found.iter().copied().flatten()).collect();
        names.sort_unstable();
        names.dedup();
        let zones = found.iter().map(|zone| zone.and_then(|zone| names.binary_search(&zone).ok())).collect();
        Placement { names: names.into_iter().map(Into::into).collect(), zones, disputes }
    }

    /// The node's zone by the definitions, or the two of them that contradict each other.
    fn zone_of<'a>(&'a self, node: Node<'a>) -> Result<Option<&'a str>, [&'a Definition; 2]> {
        let subject = Subject::of(node);
        let fitting: Vec<(&Definition, Fit)> =
            self.0.iter().filter_map(|definition| definition.item.fit(&subject).map(|fit| (definition, fit))).collect();
        // Those that fit best of one kind.
        let best = |is_of: fn(&Fit) -> bool| {
            let of_kind = || fitting.iter().filter(move |(_, fit)| is_of(fit));
            let best = of_kind().map(|&(_, fit)| fit).max();
            of_kind().filter(move |&&(_, fit)| Some(fit) == best).map(|&(definition, _)| definition)
        };
        let by_port = agreed(best(|fit| matches!(fit, Fit::Port)))?;
        if by_port.is_some() {
            return Ok(by_port);
        }
        let by_address = best(|fit| matches!(fit, Fit::Network(1..)));
        let by_name = best(|fit| matches!(fit, Fit::Name { letters: 1.., .. }));
        if let Some(zone) = agreed(by_address.chain(by_name))? {
            return Ok(Some(zone));
        }
        agreed(fitting.iter().map(|&(definition, _)| definition))
    }
}

impl Placement {
    /// The names of all zones that are defined or that a node stands in, in order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    /// The zone of the node at this place in the table: a place in [`Placement::names`]; `None` if nobody knows.
    pub fn zone(&self, node: usize) -> Option<usize> {
        self.zones.get(node).copied().flatten()
    }

    /// The zones in which nodes stand, as places in [`Placement::names`], each with the places of its nodes in the table, in order.
    pub fn populated(&self) -> BTreeMap<usize, Vec<usize>> {
        let mut populated: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (node, zone) in self.zones.iter().enumerate() {
            if let Some(zone) = zone {
                populated.entry(*zone).or_default().push(node);
            }
        }
        populated
    }

    /// The name of the zone of the node at this place in the table.
    pub fn name(&self, node: usize) -> Option<&str> {
        self.zone(node).map(|zone| &*self.names[zone])
    }
}

impl Item {
    fn read(text: &str) -> Result<Self, String> {
        let network = if text.contains('/') { Some(network(text)?) } else { prefix(text)? };
        if let Some(network) = network {
            return Ok(Item::Network(network));
        }
        if text.contains(['*', '?']) {
            let is_letter = |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '-' | '_' | '*' | '?');
            return match text.chars().find(|&letter| !is_letter(letter)) {
                Some(letter) => Err(format!("a pattern of host names does not hold {letter:?}")),
                None => Ok(Self::name(text)),
            };
        }
        let address: Address = text.parse().map_err(|error: Error| {
            let message = error.message();
            message.split("; allowed").next().unwrap_or(message).to_owned()
        })?;
        let has_port = !text.ends_with(']') && text.contains(':') && text.parse::<Ipv6Addr>().is_err();
        Ok(match address.ip() {
            _ if has_port => Item::Port(Address::new(address.host().to_lowercase(), address.port())),
            Some(ip) => Item::Network(ip.to_canonical().into()),
            None => Self::name(address.host()),
        })
    }

    fn name(text: &str) -> Self {
        let letters = text.chars().filter(|letter| !matches!(letter, '*' | '?')).count();
        Item::Name { pattern: WildMatch::new(&text.to_lowercase()), letters, is_whole: letters == text.chars().count() }
    }

    /// How well the item fits; `None` if it does not.
    fn fit(&self, subject: &Subject) -> Option<Fit> {
        match self {
            Item::Port(address) => {
                let is_one = subject.port == address.port() && subject.names().any(|name| name == address.host());
                is_one.then_some(Fit::Port)
            }
            Item::Network(network) => {
                subject.ip.is_some_and(|ip| network.contains(&ip)).then(|| Fit::Network(network.prefix_len()))
            }
            Item::Name { pattern, letters, is_whole } => subject
                .names()
                .any(|name| pattern.matches(name))
                .then_some(Fit::Name { is_whole: *is_whole, letters: *letters }),
        }
    }
}

/// How well an item fits: of one kind the greater is the more specific.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Network(u8),
    Name { is_whole: bool, letters: usize },
    Port,
}

/// What items are held against.
struct Subject {
    host: String,
    hostname: String,
    port: u16,
    ip: Option<IpAddr>,
}

impl Subject {
    fn of(node: Node<'_>) -> Self {
        let ip = node.host().parse().ok().map(|ip: IpAddr| ip.to_canonical());
        Self { host: node.host().to_lowercase(), hostname: node.hostname().to_lowercase(), port: node.port(), ip }
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        [&*self.host, &*self.hostname].into_iter().filter(|name| !name.is_empty())
    }
}

impl fmt::Display for Dispute {
    /// `zone a by "10.1.0.0/16", zone b by "*.b.example"`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [(zone, item), (other, others)] = &self.claims;
        write!(f, "zone {zone} by {}, zone {other} by {}", quote(item), quote(others))
    }
}

fn network(text: &str) -> Result<IpNet, String> {
    let network: IpNet = text.parse().map_err(|_| "it is no network".to_owned())?;
    // Most likely an address is meant, or another length.
    if network != network.trunc() {
        return Err(format!("it has bits behind its length; the network is {}", network.trunc()));
    }
    Ok(network)
}

/// The network that a prefix of whole numbers stands for; `None` if the text is none.
fn prefix(text: &str) -> Result<Option<IpNet>, String> {
    if text.ends_with("::") {
        return Err(
            "whether it is an address or a prefix cannot be seen; a network is written with its length, fd00::/8"
                .to_owned(),
        );
    }
    if let Some(begin) = text.strip_suffix('.').filter(|begin| begin.bytes().all(|b| b.is_ascii_digit() || b == b'.')) {
        let numbers: Option<Vec<u8>> = begin.split('.').map(|number| number.parse().ok()).collect();
        let numbers = numbers.filter(|numbers| numbers.len() <= 3).ok_or("it is no beginning of an IPv4 address")?;
        let mut octets = [0; 4];
        octets[..numbers.len()].copy_from_slice(&numbers);
        let network = IpNet::new(IpAddr::V4(Ipv4Addr::from(octets)), 8 * numbers.len() as u8);
        return network.map(Some).map_err(|error| error.to_string());
    }
    if let Some(begin) = text.strip_suffix(':').filter(|begin| begin.contains(|c: char| c.is_ascii_hexdigit())) {
        let numbers: Option<Vec<u16>> = begin.split(':').map(|number| u16::from_str_radix(number, 16).ok()).collect();
        let numbers = numbers.filter(|numbers| numbers.len() <= 7).ok_or("it is no beginning of an IPv6 address")?;
        let mut groups = [0; 8];
        groups[..numbers.len()].copy_from_slice(&numbers);
        let network = IpNet::new(IpAddr::V6(Ipv6Addr::from(groups)), 16 * numbers.len() as u8);
        return network.map(Some).map_err(|error| error.to_string());
    }
    Ok(None)
}

/// The zone of all these, or two that are of different ones.
fn agreed<'a>(mut claims: impl Iterator<Item = &'a Definition>) -> Result<Option<&'a str>, [&'a Definition; 2]> {
    let Some(first) = claims.next() else { return Ok(None) };
    claims.find(|other| other.zone != first.zone).map_or(Ok(Some(&first.zone)), |other| Err([first, other]))
}

/// The zone that the node's line names.
fn named_in_line(node: Node<'_>) -> Option<&str> {
    let fields = node.auxiliary().split(',').filter_map(|field| field.split_once('='));
    let mut zones = fields.filter(|(name, _)| matches!(*name, "availability-zone" | "availability_zone"));
    is_zone(zones.next().map(|(_, zone)| zone))
}

/// A name that a server gives; it may be any text.
fn is_zone(name: Option<&str>) -> Option<&str> {
    name.filter(|name| !name.is_empty() && *name != NO_ZONE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_nodes;

    fn zones(definitions: &[(&str, &str)]) -> Zones {
        let mut zones = Zones::default();
        for (zone, items) in definitions {
            zones.define(zone, items).unwrap_or_else(|error| panic!("{error}"));
        }
        zones
    }

    /// A node at this address, as CLUSTER NODES writes it.
    fn placed(zones: &Zones, address: &str) -> Result<Option<String>, String> {
        let line = format!("{:040} {address} master - 0 0 1 connected 0-5\n", 7);
        let reply = parse_nodes(line.as_bytes()).unwrap();
        let placement = zones.place(&reply.nodes);
        let name = placement.name(0).map(str::to_owned);
        placement.disputes.first().map_or(Ok(name), |dispute| Err(dispute.to_string()))
    }

    #[test]
    fn ok_every_form_of_the_table() {
        for (item, inside, outside) in [
            ("10.1.0.0/16", "10.1.255.1:1@2", "10.10.0.1:1@2"),
            ("2001:db8::/32", "2001:db8:1::7:7000@1", "2001:db9::1:7000@1"),
            ("10.1.", "10.1.0.1:1@2", "10.10.0.1:1@2"),
            ("2001:db8:", "2001:db8::1:7000@1", "2001:db8f::1:7000@1"),
            ("10.1.0.7", "10.1.0.7:1@2", "10.1.0.70:1@2"),
            ("[2001:db8::7]", "2001:db8:0:0::7:7000@1", "2001:db8::8:7000@1"),
            ("10.1.0.7", "::ffff:10.1.0.7:1@2", "::10.1.0.7:1@2"),
            ("*.dc-a.example", "10.0.0.1:1@2,r1.DC-A.example", "10.0.0.1:1@2,r1.dc-a.example.org"),
            ("redis-a?", "redis-a1:1@2", "redis-a:1@2"),
            ("R1.dc-a.example", "r1.dc-a.example:1@2", "r11.dc-a.example:1@2"),
            ("10.1.0.7:7000", "10.1.0.7:7000@2", "10.1.0.7:7001@2"),
            ("redis1:7000", "10.1.0.7:7000@2,redis1", "10.1.0.7:7001@2,redis1"),
            ("[2001:db8::7]:7000", "2001:db8::7:7000@1", "2001:db8::7:7001@1"),
        ] {
            let zones = zones(&[("a", item)]);
            assert_eq!(placed(&zones, inside), Ok(Some("a".to_owned())), "{item} {inside}");
            assert_eq!(placed(&zones, outside), Ok(None), "{item} {outside}");
        }
    }

    #[test]
    fn the_most_specific_item_wins_in_whatever_order_zones_are_defined() {
        let mut definitions = vec![
            ("rest", "*"),
            ("dc", "10.0.0.0/8, *.example"),
            ("room", "10.1.2.0/24 *.room.example"),
            ("rack", "10.1.2.3, r9.room.example"),
            ("port", "10.1.2.3:7001"),
        ];
        for _ in 0..definitions.len() {
            definitions.rotate_left(1);
            let zones = zones(&definitions);
            for (address, zone) in [
                ("192.168.0.1:1@2", "rest"),
                ("10.9.0.1:1@2", "dc"),
                ("10.1.2.9:1@2", "room"),
                ("10.1.2.3:1@2", "rack"),
                ("10.1.2.3:7001@2", "port"),
                ("192.168.0.1:1@2,r1.room.example", "room"),
                ("192.168.0.1:1@2,r9.room.example", "rack"),
                ("10.9.0.1:1@2,r1.example", "dc"),
            ] {
                assert_eq!(placed(&zones, address), Ok(Some(zone.to_owned())), "{address}");
            }
        }
    }

    #[test]
    fn a_node_that_two_zones_claim_with_equal_right_is_in_none_and_both_are_named() {
        let zones = zones(&[("a", "10.1.0.0/16 r?.x"), ("b", "*.b.example ?1.x")]);
        let expected = "zone a by \"10.1.0.0/16\", zone b by \"*.b.example\"";
        assert_eq!(placed(&zones, "10.1.0.1:1@2,r1.b.example"), Err(expected.to_owned()));
        assert_eq!(placed(&zones, "r1.x:1@2"), Err("zone a by \"r?.x\", zone b by \"?1.x\"".to_owned()));
        assert_eq!(placed(&zones, "r2.x:1@2"), Ok(Some("a".to_owned())));
    }

    #[test]
    fn the_zone_that_the_server_names_counts_where_no_item_does() {
        let zones = zones(&[("a", "10.1.0.0/16")]);
        let announced = |ip: &str| placed(&zones, &format!("{ip}:1@2,,shard-id=1,availability-zone=b"));
        assert_eq!((announced("10.1.0.1"), announced("10.2.0.1")), (Ok(Some("a".into())), Ok(Some("b".into()))));

        let asked = |ip: &str, zone: &str| {
            let reply = parse_nodes(format!("{:040} {ip}:1@2 master - 0 0 1 connected\n", 7).as_bytes()).unwrap();
            zones.place_announced(&reply.nodes, |_| Some(zone)).name(0).map(str::to_owned)
        };
        assert_eq!((asked("10.1.0.1", "c"), asked("10.2.0.1", "c")), (Some("a".into()), Some("c".into())));
        assert_eq!((asked("10.2.0.1", ""), asked("10.2.0.1", NO_ZONE)), (None, None));
    }

    #[test]
    fn a_definition_replaces_the_one_before_and_an_empty_one_takes_it_away() {
        let mut zones = zones(&[("a", "10.1.0.0/16"), ("a", "10.2.0.0/16")]);
        assert_eq!(placed(&zones, "10.1.0.1:1@2"), Ok(None));
        zones.define("a", " ").unwrap();
        assert!(zones.is_empty());
    }

    #[test]
    fn err_names_the_item_what_is_wrong_and_what_is_allowed() {
        for (zone, items, reason) in [
            ("", "a", "\"\" is no name of a zone"),
            ("none", "a", "\"none\" is no name of a zone"),
            ("a b", "a", "\"a b\" is no name of a zone"),
            ("a", "b,10.1.0.0/33", "zone a: \"10.1.0.0/33\" is no item: it is no network"),
            ("a", "10.1.2.3/16", "it has bits behind its length; the network is 10.1.0.0/16"),
            ("a", "10.256.", "it is no beginning of an IPv4 address"),
            ("a", "10.1.2.3.", "it is no beginning of an IPv4 address"),
            ("a", "2001:xdb8:", "it is no beginning of an IPv6 address"),
            ("a", "fd00::", "a network is written with its length"),
            ("a", "*:7000", "a pattern of host names does not hold ':'"),
            ("a", "redis1:0", "\"redis1:0\" is not an address: the port is not a number from 1 to 65535"),
            (
                "a",
                "10.9.0.0/16",
                "\"10.9.0.0/16\" is of zone b already, as \"10.9.\"; allowed is each item in one zone",
            ),
        ] {
            let mut zones = zones(&[("b", "10.9.")]);
            let error = zones.define(zone, items).unwrap_err();
            assert!(error.kind() == ErrorKind::InvalidValue && error.message().contains(reason), "{error}");
            assert!(error.message().contains("; allowed "), "{error}");
            assert_eq!(zones, self::zones(&[("b", "10.9.")]));
        }
    }
}
