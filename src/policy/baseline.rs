//! The baseline: what a cluster is meant to look like, as text for version control. What has moved since is told by [`super::drift`].
//!
//! ```text
//! slotkeeper baseline 1
//! # comments
//!
//! shard 0-5460
//!   master 10.0.1.1:6379 zone A id 07c37dfeb235213a872192d90877d0cd55635b91
//!   replica 10.0.2.1:6379 zone B id 17c37dfeb235213a872192d90877d0cd55635b92
//!
//! set cluster-node-timeout 15000
//! set cluster-node-timeout 5000 at 10.0.2.1:6379
//! ```
//!
//! A line is words between blanks; empty lines and those that begin with `#` say nothing. The first line is the format with its version. A
//! `shard` has its slots, or none, and is followed by its nodes. A `set` without `at` is meant for every node, also for those that come later. The format is
//! the plainest that a reviewer reads in a diff, a node a line; TOML would put the same into three lines each, and a crate into every library that ships.
//!
//! Epochs, times, link states and offsets are left out, as they change by themselves. A shard is named by its slots, since the data are what it
//! is there for: roles move between its nodes, and nodes come and go. A node is named by its address, which an operator configures; its id, which
//! is another one when the node is rebuilt, only helps to know it again where it announces another address. Both may be left out of
//! files made by hand: the zone and the id.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::str::FromStr;

use super::readings::{Readings, SETTINGS};
use crate::cluster::address::Address;
use crate::cluster::nodes::{Node, NodeId};
use crate::cluster::nodes_reply::MAX_REPLY;
use crate::cluster::slots::SlotRange;
use crate::cluster::topology::{Shard, Topology, address};
use crate::cluster::zone::Placement;
use crate::error::{Error, ErrorKind, quote};

/// The largest text that is read.
pub const MAX_BASELINE: usize = MAX_REPLY;

pub(super) const FORMAT: &str = "slotkeeper baseline";
pub(super) const VERSION: u32 = 1;

const COMMENT: &str = "\
# What this cluster is meant to look like: who is master of which slots, where each node stands, how nodes are set.
# Written by `slotkeeper baseline`, and made for version control. `slotkeeper audit --baseline` tells what has moved since,
# `slotkeeper plan --baseline` the way back. It may be changed by hand; a node is its address.
";

/// What a cluster is meant to look like. `Display` writes it, [`Baseline::read`] reads it back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// By their first slot; those without slots come last, by their masters' addresses.
    pub shards: Vec<MeantShard>,
    /// By name.
    pub settings: BTreeMap<Box<str>, MeantSetting>,
}

/// A shard as it is meant to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeantShard {
    /// Its slots, in order.
    pub slots: Vec<SlotRange>,
    /// Who is meant to be master.
    pub master: MeantNode,
    /// Who is meant to copy it, by address.
    pub replicas: Vec<MeantNode>,
}

/// A node as it is meant to be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MeantNode {
    /// Where it listens.
    pub address: Address,
    /// Where it stands.
    pub zone: Option<Box<str>>,
    /// What it called itself.
    pub id: Option<NodeId>,
}

/// A setting as it is meant to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeantSetting {
    /// What every node is to have.
    pub value: Box<str>,
    /// The nodes that are to have something else.
    pub except: BTreeMap<Address, Box<str>>,
}

impl MeantSetting {
    /// What the node at this address is to have.
    pub fn at(&self, address: &Address) -> &str {
        self.except.get(address).unwrap_or(&self.value)
    }
}

impl MeantShard {
    /// The master, then the replicas.
    pub fn nodes(&self) -> impl Iterator<Item = &MeantNode> {
        std::iter::once(&self.master).chain(&self.replicas)
    }
}

impl Baseline {
    /// The cluster as it is now. Nodes that belong to no shard are left out, and so are replicas whose address nobody knows.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`]: nobody knows the address of a master; the message names it.
    pub fn of(topology: &Topology, placement: &Placement, readings: &HashMap<NodeId, Readings>) -> Result<Self, Error> {
        let meant = |node: Node<'_>| {
            // What a node announces as its host may be any text.
            let address = address(node).filter(|address| address.to_string().parse().as_ref() == Ok(address))?;
            Some(MeantNode { address, zone: zone_name(topology, placement, node), id: Some(node.id()) })
        };
        let mut shards = Vec::new();
        for Shard { master, replicas } in topology.shards() {
            let slots = slots_of(topology, master);
            let master = meant(master).ok_or_else(|| {
                let (id, slots) = (master.id(), slots_text(&slots));
                wrong(format!("master {id} of slots {slots} has no address; a baseline needs one of each master"))
            })?;
            let mut replicas: Vec<MeantNode> = replicas.into_iter().filter_map(meant).collect();
            replicas.sort();
            shards.push(MeantShard { slots, master, replicas });
        }
        shards.sort_by(|a, b| order(a).cmp(&order(b)));
        let known = || shards.iter().flat_map(MeantShard::nodes);
        let settings = SETTINGS.into_iter().filter_map(|name| {
            let value = |node: &MeantNode| {
                let value = readings.get(&node.id?)?.settings.get(name)?;
                is_value(value).then(|| (node.address.clone(), value.clone()))
            };
            Some((name.into(), MeantSetting::of(known().filter_map(value).collect())?))
        });
        Ok(Self { settings: settings.collect(), shards })
    }
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{FORMAT} {VERSION}\n{COMMENT}")?;
        for shard in &self.shards {
            writeln!(f, "\nshard {}", slots_text(&shard.slots))?;
            writeln!(f, "  master {}", shard.master)?;
            shard.replicas.iter().try_for_each(|replica| writeln!(f, "  replica {replica}"))?;
        }
        if !self.settings.is_empty() {
            writeln!(f, "\n# For every node, and behind it those that are meant to differ.")?;
        }
        for (name, setting) in &self.settings {
            writeln!(f, "set {name} {}", setting.value)?;
            setting.except.iter().try_for_each(|(node, value)| writeln!(f, "set {name} {value} at {node}"))?;
        }
        Ok(())
    }
}

impl fmt::Display for MeantNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.address)?;
        self.zone.iter().try_for_each(|zone| write!(f, " zone {zone}"))?;
        self.id.iter().try_for_each(|id| write!(f, " id {id}"))
    }
}

impl FromStr for MeantNode {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let [address, rest @ ..] = &words[..] else {
            return Err(wrong("a node has no address; allowed is host:port, then zone and id"));
        };
        let address = address.parse().map_err(|error: Error| wrong(error.message()))?;
        let (rest, id) = match rest {
            [rest @ .., "id", id] => {
                let id =
                    id.parse().map_err(|()| wrong(format!("{} is no id; allowed are 40 hex digits", quote(id))))?;
                (rest, Some(id))
            }
            rest => (rest, None),
        };
        // What a server names as its zone may have blanks.
        let zone = match rest {
            [] => None,
            ["zone", zone @ ..] if !zone.is_empty() => Some(zone.join(" ").into()),
            [word, ..] => {
                return Err(wrong(format!(
                    "behind a node's address stands {}; allowed are zone <name> and id <40 hex digits>",
                    quote(word)
                )));
            }
        };
        Ok(Self { address, zone, id })
    }
}

impl MeantSetting {
    /// What most nodes have, of equals the first in the alphabet; `None` if nobody was read.
    fn of(values: BTreeMap<Address, Box<str>>) -> Option<Self> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        values.values().for_each(|value| *counts.entry(value).or_default() += 1);
        let (value, _) = counts.into_iter().rev().max_by_key(|&(_, count)| count)?;
        let value: Box<str> = value.into();
        Some(Self { except: values.into_iter().filter(|(_, other)| *other != value).collect(), value })
    }
}

/// The zone of a node as a baseline names it: with single blanks, as it stands on a line of words.
pub(super) fn zone_name(topology: &Topology, placement: &Placement, node: Node<'_>) -> Option<Box<str>> {
    let zone = placement.name(topology.nodes().position(node.id())?)?;
    let words: Vec<&str> = zone.split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" ").into())
}

/// The slots of a master, in order.
pub(super) fn slots_of(topology: &Topology, master: Node<'_>) -> Vec<SlotRange> {
    let place = topology.nodes().position(master.id());
    topology.owners().runs().filter(|&(_, owner)| Some(usize::from(owner)) == place).map(|(range, _)| range).collect()
}

fn slots_text(slots: &[SlotRange]) -> String {
    if slots.is_empty() {
        "none".to_owned()
    } else {
        slots.iter().map(SlotRange::to_string).collect::<Vec<_>>().join(" ")
    }
}

pub(super) fn order(shard: &MeantShard) -> (u16, &Address) {
    (shard.slots.first().map_or(u16::MAX, |range| range.first), &shard.master.address)
}

/// Whether the value can stand as a word: all of [`SETTINGS`] are numbers, yes or no.
pub(super) fn is_value(value: &str) -> bool {
    !value.is_empty() && value.len() <= 20 && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

pub(super) fn wrong(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::nodes_reply::MAX_NODES;

    const TEXT: &str = "\
slotkeeper baseline 1
shard 0-5460
  master 10.0.1.1:6379 zone A id 07c37dfeb235213a872192d90877d0cd55635b91
  replica 10.0.2.1:6379 zone B
shard 5461-16383
  master [2001:db8::1]:6379
set cluster-node-timeout 15000
set cluster-node-timeout 5000 at 10.0.2.1:6379
";

    fn reason(text: &str) -> String {
        Baseline::read(text.as_bytes()).unwrap_err().message().to_owned()
    }

    #[test]
    fn ok_lines_in_any_order_are_written_sorted() {
        let baseline = Baseline::read(TEXT.as_bytes()).unwrap();
        let (head, tail) = TEXT.split_once("shard 5461").unwrap();
        let (version, first) = head.split_once('\n').unwrap();
        let (second, settings) = tail.split_at(tail.find("set").unwrap());
        let turned = format!("# first\n{version}\r\n{settings}\n shard 5461{second}\n\n{first}");
        assert_eq!(Baseline::read(turned.as_bytes()), Ok(baseline.clone()));
        let told: Vec<String> =
            baseline.to_string().lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
        assert_eq!(told.join("\n").replace("\n\n", "\n"), TEXT.trim_end());
        assert_eq!(baseline.settings["cluster-node-timeout"].at(&Address::new("10.0.2.1", 6379)), "5000");
        assert_eq!(baseline.settings["cluster-node-timeout"].at(&Address::new("10.0.2.9", 6379)), "15000");
    }

    #[test]
    fn err_names_the_line_what_is_wrong_and_what_is_allowed() {
        for (from, to, message) in [
            ("baseline 1", "baseline 2", "line 1: version 2; this program reads version 1"),
            (
                "slotkeeper baseline 1",
                "shard 0",
                "line 1: \"shard 0\" is no baseline; its first line is slotkeeper baseline 1",
            ),
            (
                "shard 0-5460",
                "shard 0-16384",
                "line 2: \"0-16384\" is no slots; allowed are a number or two with a hyphen",
            ),
            ("shard 0-5460", "shard 5-1", "line 2: \"5-1\" is no slots"),
            ("shard 0-5460", "shard", "line 2: \"\" is no slots"),
            ("5461-", "5460-", "line 5: slot 5460 is of a shard already; allowed is each slot once"),
            (
                "  replica",
                "  slave",
                "line 4: \"slave 10.0.2.1:6379 zone B\" begins no line of a baseline; allowed are shard",
            ),
            ("  replica", "  master", "line 4: the shard has a master already, 10.0.1.1:6379; allowed is one"),
            ("  master [2001:db8::1]:6379", "", "line 5: the shard has no master; allowed is one"),
            ("shard 0-5460\n", "", "line 2: a master stands before the first shard"),
            ("10.0.2.1:6379 zone B", "10.0.1.1:6379", "line 4: node 10.0.1.1:6379 is named twice"),
            (
                "10.0.2.1:6379 zone B",
                "10.0.2.1:0",
                "line 4: \"10.0.2.1:0\" is not an address: the port is not a number from 1 to 65535",
            ),
            ("zone B", "in B", "line 4: behind a node's address stands \"in\"; allowed are zone <name> and id"),
            (
                "id 07",
                "id 7",
                "line 3: \"7c37dfeb235213a872192d90877d0cd55635b91\" is no id; allowed are 40 hex digits",
            ),
            (
                "set cluster-node-timeout 15000",
                "set maxmemory 1",
                "line 7: \"maxmemory\" is no setting of a baseline; allowed are cluster-allow",
            ),
            ("15000", "15_000", "line 7: \"15_000\" is no value of cluster-node-timeout"),
            ("5000 at", "5000 on", "line 8: behind a value stands \"on 10.0.2.1:6379\"; allowed is at <node>"),
            (" at 10.0.2.1:6379", "", "line 8: cluster-node-timeout is set already, to 15000"),
            ("set cluster-node-timeout 15000\n", "", "cluster-node-timeout is set for single nodes only"),
        ] {
            let text = TEXT.replacen(from, to, 1);
            assert_ne!(text, TEXT, "{from}");
            assert!(reason(&text).starts_with(message), "{message}: {}", reason(&text));
        }
        assert!(
            Baseline::read(b"slotkeeper baseline 1\n\xff").unwrap_err().message().starts_with("line 2: it is no UTF-8")
        );
        assert!(reason("").starts_with("line 1: \"\" is no baseline"));
        let large = format!("slotkeeper baseline 1\n#{}", "x".repeat(MAX_BASELINE));
        assert_eq!(Baseline::read(large.as_bytes()).unwrap_err().kind(), ErrorKind::TooLarge);
        let mut many = "slotkeeper baseline 1\nshard none\nmaster h:1\n".to_owned();
        (0..MAX_NODES).for_each(|node| many += &format!("replica h{node}:1\n"));
        assert_eq!(Baseline::read(many.as_bytes()).unwrap_err().kind(), ErrorKind::TooLarge);
    }
}
