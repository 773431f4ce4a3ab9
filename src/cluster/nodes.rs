//! The table of nodes that a reply, or the merged topology, consists of: compact, immutable, shared by `Arc`.
//!
//! One allocation each for the text, the records, the slot ranges and the slots on the move, however many nodes there
//! are. A record points into the text; [`Node`] is the view of one record that readers use.

use std::fmt::{self, Write as _};
use std::ops::Range;
use std::str::FromStr;

use super::slots::SlotRange;

/// A node's name for itself: 40 hex digits on the wire, 20 bytes here.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId([u8; 20]);

impl NodeId {
    pub(super) const fn from_bytes(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    /// The 40 hex digits in lower case, as the servers write them.
    pub fn hex(self) -> [u8; 40] {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 40];
        for (pair, byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(self.0) {
            *pair = [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
        }
        text
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.hex().into_iter().try_for_each(|digit| f.write_char(digit.into()))
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for NodeId {
    type Err = ();

    /// Reads 40 hex digits, of either case; anything else is no id.
    fn from_str(text: &str) -> Result<Self, ()> {
        let digits: &[u8; 40] = text.as_bytes().try_into().map_err(|_| ())?;
        let mut id = [0; 20];
        for (byte, pair) in id.iter_mut().zip(digits.as_chunks::<2>().0) {
            let high = char::from(pair[0]).to_digit(16).ok_or(())?;
            let low = char::from(pair[1]).to_digit(16).ok_or(())?;
            *byte = (high << 4 | low) as u8;
        }
        Ok(Self(id))
    }
}

/// What a node is, as flags of CLUSTER NODES say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// May own slots.
    Master,
    /// Copies a master. On the wire: `slave`.
    Replica,
}

impl Role {
    /// `master` or `replica`.
    pub fn name(self) -> &'static str {
        match self {
            Role::Master => "master",
            Role::Replica => "replica",
        }
    }
}

/// The flags of CLUSTER NODES that are known; what else was sent stands in [`Node::flags_text`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(u16);

impl Flags {
    /// The line of the node that answered.
    pub const MYSELF: Flags = Flags(1);
    /// May own slots.
    pub const MASTER: Flags = Flags(1 << 1);
    /// Copies a master.
    pub const REPLICA: Flags = Flags(1 << 2);
    /// `fail?`: one node's suspicion.
    pub const SUSPECTED: Flags = Flags(1 << 3);
    /// `fail`: agreed by a majority of the masters, if the view has quorum.
    pub const FAILED: Flags = Flags(1 << 4);
    /// Met and not yet known: a temporary id, no role.
    pub const HANDSHAKE: Flags = Flags(1 << 5);
    /// The address is not known.
    pub const NO_ADDRESS: Flags = Flags(1 << 6);
    /// A replica that will not be promoted (`cluster-replica-no-failover`).
    pub const NO_FAILOVER: Flags = Flags(1 << 7);

    /// The flag of this word of the protocol; `None` for a word that is not known, and for `noflags`.
    pub fn from_word(word: &str) -> Option<Flags> {
        Some(match word {
            "myself" => Flags::MYSELF,
            "master" => Flags::MASTER,
            "slave" => Flags::REPLICA,
            // Nobody sends it yet; a server that drops the old word would send this one.
            "replica" => Flags::REPLICA,
            "fail?" => Flags::SUSPECTED,
            "fail" => Flags::FAILED,
            "handshake" => Flags::HANDSHAKE,
            "noaddr" => Flags::NO_ADDRESS,
            "nofailover" => Flags::NO_FAILOVER,
            _ => return None,
        })
    }

    /// The known flags of a list of words with commas between.
    pub(super) fn from_words(words: &str) -> Flags {
        words.split(',').filter_map(Flags::from_word).fold(Flags::default(), Flags::with)
    }

    /// The flags as bits: those of the constants above.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// Whether all of `other` are set.
    pub fn contains(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }

    /// These flags and those of `other`.
    pub fn with(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }

    /// These flags without those of `other`.
    pub fn without(self, other: Flags) -> Flags {
        Flags(self.0 & !other.0)
    }
}

/// A slot on its way from one master to another, as told by one of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MovingSlot {
    /// The slot.
    pub slot: u16,
    /// Leaving for `other`, or coming from it.
    pub direction: Direction,
    /// The master at the other end.
    pub other: NodeId,
}

/// Which way a slot moves, seen from the node that tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// `[slot->-id]`: the node still owns the slot.
    Migrating,
    /// `[slot-<-id]`: the node does not own it yet.
    Importing,
}

/// The table. Made by the parser and by the merge; never changed afterwards.
#[derive(Clone, Default)]
pub struct Nodes {
    text: Box<str>,
    records: Box<[Record]>,
    ranges: Box<[SlotRange]>,
    moving: Box<[MovingSlot]>,
}

impl Nodes {
    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The node at `index`, in the order of the reply (a topology: by id).
    pub fn get(&self, index: usize) -> Option<Node<'_>> {
        self.records.get(index).map(|record| Node { table: self, record })
    }

    /// All nodes, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Node<'_>> + ExactSizeIterator {
        self.records.iter().map(|record| Node { table: self, record })
    }

    /// The place of the node with this id; looks at each.
    pub fn position(&self, id: NodeId) -> Option<usize> {
        self.records.iter().position(|record| record.id == id)
    }

    /// The node with this id; looks at each.
    pub fn find(&self, id: NodeId) -> Option<Node<'_>> {
        self.position(id).and_then(|index| self.get(index))
    }

    /// The node that answered, if the table is a reply.
    pub fn myself(&self) -> Option<Node<'_>> {
        self.iter().find(|node| node.has(Flags::MYSELF))
    }

    /// The masters that own at least one slot: they vote, and make the quorum.
    pub fn slot_owners(&self) -> impl Iterator<Item = Node<'_>> {
        self.iter().filter(|node| node.is_master() && !node.ranges().is_empty())
    }

    /// Bytes on the heap, for budgets and metrics.
    pub fn heap_size(&self) -> usize {
        self.text.len() + size_of_val(&*self.records) + size_of_val(&*self.ranges) + size_of_val(&*self.moving)
    }
}

impl fmt::Debug for Nodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl PartialEq for Nodes {
    /// Equal as readers see it: the same nodes in the same order, wherever their texts lie.
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().zip(other.iter()).all(|(a, b)| a == b)
    }
}

/// One node of a table.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    table: &'a Nodes,
    record: &'a Record,
}

impl<'a> Node<'a> {
    /// The node's name for itself.
    pub fn id(self) -> NodeId {
        self.record.id
    }

    /// Name or address of the host; empty if the node was sent without one (it answered by itself, or has `noaddr`).
    pub fn host(self) -> &'a str {
        self.text(&self.record.host)
    }

    /// The port for clients; 0 if unknown.
    pub fn port(self) -> u16 {
        self.record.port
    }

    /// The port of the cluster bus; `None` before Redis 4.
    pub fn bus_port(self) -> Option<u16> {
        self.record.bus_port
    }

    /// The announced host name (7.0+); empty if none.
    pub fn hostname(self) -> &'a str {
        self.text(&self.record.hostname)
    }

    /// Auxiliary fields behind the address as sent, `key=value` between commas; empty if none.
    pub fn auxiliary(self) -> &'a str {
        self.text(&self.record.auxiliary)
    }

    /// The known flags.
    pub fn flags(self) -> Flags {
        self.record.flags
    }

    /// All flags as sent, between commas, unknown ones too.
    pub fn flags_text(self) -> &'a str {
        self.text(&self.record.flags_text)
    }

    /// Whether all of these flags are set.
    pub fn has(self, flags: Flags) -> bool {
        self.record.flags.contains(flags)
    }

    /// Master, replica, or `None` in a handshake.
    pub fn role(self) -> Option<Role> {
        if self.has(Flags::MASTER) {
            Some(Role::Master)
        } else if self.has(Flags::REPLICA) {
            Some(Role::Replica)
        } else {
            None
        }
    }

    /// Whether the node is a master.
    pub fn is_master(self) -> bool {
        self.has(Flags::MASTER)
    }

    /// The master that a replica copies; `None` for masters, and for a replica that does not know it.
    pub fn master_id(self) -> Option<NodeId> {
        self.record.master
    }

    /// Since when a ping is unanswered, in ms of the answering node's clock; 0 if none is pending.
    pub fn ping_sent(self) -> u64 {
        self.record.ping_sent
    }

    /// When the last pong came, in ms of the answering node's clock.
    pub fn pong_received(self) -> u64 {
        self.record.pong_received
    }

    /// The config epoch. A replica's is its own up to Redis 6.0.8, its master's from 6.0.9, and decides nothing.
    pub fn config_epoch(self) -> u64 {
        self.record.config_epoch
    }

    /// Whether the answering node's bus link to this one stands. Says nothing about health (redis#6458).
    pub fn is_linked(self) -> bool {
        self.record.linked
    }

    /// The slots that the node owns, as sent.
    pub fn ranges(self) -> &'a [SlotRange] {
        &self.table.ranges[to_usize(&self.record.ranges)]
    }

    /// How many slots the node owns.
    pub fn slot_count(self) -> usize {
        self.ranges().iter().map(|range| range.count()).sum()
    }

    /// The slots that the node tells to be on the move; only the answering node tells of its own.
    pub fn moving(self) -> &'a [MovingSlot] {
        &self.table.moving[to_usize(&self.record.moving)]
    }

    fn text(self, span: &Range<u32>) -> &'a str {
        &self.table.text[to_usize(span)]
    }

    /// All parts of the record, for [`PartialEq`] and [`fmt::Debug`].
    fn parts(self) -> impl PartialEq + fmt::Debug {
        (
            (self.id(), self.host(), self.port(), self.bus_port(), self.hostname(), self.auxiliary()),
            (self.flags_text(), self.flags(), self.master_id(), self.ping_sent(), self.pong_received()),
            (self.config_epoch(), self.is_linked(), self.ranges(), self.moving()),
        )
    }
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts().fmt(f)
    }
}

/// One line: numbers, and places in the table's text and lists.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) id: NodeId,
    pub(super) master: Option<NodeId>,
    pub(super) host: Range<u32>,
    pub(super) hostname: Range<u32>,
    pub(super) auxiliary: Range<u32>,
    pub(super) flags_text: Range<u32>,
    pub(super) ranges: Range<u32>,
    pub(super) moving: Range<u32>,
    pub(super) ping_sent: u64,
    pub(super) pong_received: u64,
    pub(super) config_epoch: u64,
    pub(super) port: u16,
    pub(super) bus_port: Option<u16>,
    pub(super) flags: Flags,
    pub(super) linked: bool,
}

/// What a merge has decided about a node.
pub(super) struct Decision<'a> {
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) role: Option<Role>,
    pub(super) master: Option<NodeId>,
    /// [`Flags::FAILED`] or [`Flags::SUSPECTED`].
    pub(super) failure: Option<Flags>,
    pub(super) config_epoch: u64,
    pub(super) ranges: &'a [SlotRange],
}

/// Collects a table: the parser pushes spans of the reply's text, the merge copies nodes of other tables.
#[derive(Default)]
pub(super) struct NodesBuilder {
    pub(super) records: Vec<Record>,
    pub(super) ranges: Vec<SlotRange>,
    pub(super) moving: Vec<MovingSlot>,
    text: String,
}

impl NodesBuilder {
    /// Copies a node of another table, with what the merge has decided.
    pub(super) fn copy(&mut self, node: Node<'_>, decision: Decision<'_>) {
        let role = match decision.role {
            Some(Role::Master) => Flags::MASTER,
            Some(Role::Replica) => Flags::REPLICA,
            None => Flags::default(),
        };
        let decided = [Flags::MYSELF, Flags::MASTER, Flags::REPLICA, Flags::FAILED, Flags::SUSPECTED];
        let others = decided.into_iter().fold(node.flags(), Flags::without);
        let record = Record {
            master: decision.master,
            host: self.add_text(decision.host),
            hostname: self.add_text(node.hostname()),
            auxiliary: self.add_text(node.auxiliary()),
            flags_text: self.add_text(node.flags_text()),
            ranges: span(self.ranges.len(), decision.ranges.len()),
            moving: span(self.moving.len(), node.moving().len()),
            port: decision.port,
            config_epoch: decision.config_epoch,
            flags: others.with(role).with(decision.failure.unwrap_or_default()),
            ..node.record.clone()
        };
        self.ranges.extend_from_slice(decision.ranges);
        self.moving.extend_from_slice(node.moving());
        self.records.push(record);
    }

    /// The table, over the text that was copied together.
    pub(super) fn build(mut self) -> Nodes {
        let text = std::mem::take(&mut self.text);
        self.build_over(text.into())
    }

    /// The table, over the text that the spans were cut from.
    pub(super) fn build_over(self, text: Box<str>) -> Nodes {
        Nodes { text, records: self.records.into(), ranges: self.ranges.into(), moving: self.moving.into() }
    }

    fn add_text(&mut self, text: &str) -> Range<u32> {
        let range = span(self.text.len(), text.len());
        self.text.push_str(text);
        range
    }
}

pub(super) fn span(start: usize, length: usize) -> Range<u32> {
    start as u32..(start + length) as u32
}

fn to_usize(range: &Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}
