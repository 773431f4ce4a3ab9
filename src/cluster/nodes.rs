//! The table of nodes that a reply, or the merged topology, consists of: compact, immutable, shared by `Arc`.
//!
//! One allocation each for the records, their texts, the slot ranges and the slots on the move, however many nodes there
//! are. A record has 96 bytes and points into the other three; [`Node`] is the view of one record that readers use.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use super::keyslot::SLOT_COUNT;
use super::slots::SlotRange;

/// A node's name for itself: 40 hex digits on the wire, 20 bytes here.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId([u8; 20]);

impl NodeId {
    /// Where there is none: nobody reads it.
    const NONE: NodeId = NodeId([0; 20]);

    pub(super) const fn from_bytes(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    /// The first eight bytes as a number, in the order of the ids.
    pub(super) const fn beginning(self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
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

    /// The word of a lone role; empty for all others.
    fn word(self) -> &'static str {
        match self {
            Flags::MASTER => "master",
            Flags::REPLICA => "slave",
            _ => "",
        }
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
    records: Box<[Record]>,
    text: Box<str>,
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

    /// The node with this id, in a table that is sorted by id.
    pub(super) fn find_sorted(&self, id: NodeId) -> Option<Node<'_>> {
        self.records.binary_search_by_key(&id, |record| record.id).ok().and_then(|index| self.get(index))
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
        self.text(0, self.record.host)
    }

    /// The port for clients; 0 if unknown.
    pub fn port(self) -> u16 {
        self.record.port
    }

    /// The port of the cluster bus; `None` before Redis 4.
    pub fn bus_port(self) -> Option<u16> {
        self.record.tells(HAS_BUS_PORT).then_some(self.record.bus_port)
    }

    /// The announced host name (7.0+); empty if none.
    pub fn hostname(self) -> &'a str {
        self.text(self.record.host, self.record.hostname)
    }

    /// Auxiliary fields behind the address as sent, `key=value` between commas; empty if none.
    pub fn auxiliary(self) -> &'a str {
        self.text(self.record.host + self.record.hostname, self.record.auxiliary)
    }

    /// The known flags.
    pub fn flags(self) -> Flags {
        self.record.flags
    }

    /// All flags as sent, between commas, unknown ones too.
    pub fn flags_text(self) -> &'a str {
        match self.record.flags_text {
            0 => self.record.flags.word(),
            length => self.text(self.record.host + self.record.hostname + self.record.auxiliary, length),
        }
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
        self.record.tells(HAS_MASTER).then_some(self.record.master)
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
        self.record.tells(IS_LINKED)
    }

    /// The slots that the node owns, as sent.
    pub fn ranges(self) -> &'a [SlotRange] {
        part(&self.table.ranges, self.record.first_range, self.record.ranges)
    }

    /// How many slots the node owns, each counted once: some servers repeat ranges (Valkey 9.0 once for each CLUSTER SHARDS,
    /// if it started with a `nodes.conf` from before shard ids).
    pub fn slot_count(self) -> usize {
        let ranges = self.ranges();
        if ranges.is_sorted_by(|a, b| a.last < b.first) {
            return ranges.iter().map(|range| range.count()).sum();
        }
        let mut owned = [false; SLOT_COUNT];
        ranges.iter().for_each(|range| owned[usize::from(range.first)..=usize::from(range.last)].fill(true));
        owned.iter().filter(|&&owned| owned).count()
    }

    /// The slots that the node tells to be on the move; only the answering node tells of its own.
    pub fn moving(self) -> &'a [MovingSlot] {
        part(&self.table.moving, self.record.first_moving, self.record.moving)
    }

    /// The text of so many bytes, so far behind the start of this node's texts.
    fn text(self, behind: u16, length: u16) -> &'a str {
        let start = self.record.text as usize + usize::from(behind);
        &self.table.text[start..start + usize::from(length)]
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

/// A node as it goes into a table. Texts are UTF-8, as bytes since that is how the quick reader finds them; one of more than
/// [`MAX_TEXT`] bytes is no text.
pub(super) struct Line<'a> {
    pub(super) id: NodeId,
    pub(super) host: &'a [u8],
    pub(super) port: u16,
    pub(super) bus_port: Option<u16>,
    pub(super) hostname: &'a [u8],
    pub(super) auxiliary: &'a [u8],
    pub(super) flags: Flags,
    pub(super) flags_text: &'a [u8],
    pub(super) master: Option<NodeId>,
    pub(super) ping_sent: u64,
    pub(super) pong_received: u64,
    pub(super) config_epoch: u64,
    pub(super) is_linked: bool,
}

/// The longest text of a line: four of them stay within 16 bits.
pub(super) const MAX_TEXT: usize = 4096;

/// A line in the table. Its texts lie one behind the other from `text` on: host, host name, auxiliary fields, flags (none if
/// they are a role and no more).
#[derive(Clone)]
struct Record {
    id: NodeId,
    master: NodeId,
    ping_sent: u64,
    pong_received: u64,
    config_epoch: u64,
    text: u32,
    first_range: u32,
    first_moving: u32,
    ranges: u16,
    moving: u16,
    host: u16,
    hostname: u16,
    auxiliary: u16,
    flags_text: u16,
    port: u16,
    bus_port: u16,
    flags: Flags,
    /// Which of the next three hold.
    told: u8,
}

const HAS_MASTER: u8 = 1;
const HAS_BUS_PORT: u8 = 1 << 1;
const IS_LINKED: u8 = 1 << 2;
const _: () = assert!(size_of::<Record>() == 96);

impl Record {
    fn tells(&self, what: u8) -> bool {
        self.told & what != 0
    }
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

/// Collects a table. A line's slots are pushed first, then the line.
#[derive(Default)]
pub(super) struct NodesBuilder {
    records: Vec<Record>,
    text: Vec<u8>,
    ranges: Vec<SlotRange>,
    moving: Vec<MovingSlot>,
    /// Where the slots of the next line begin.
    first_range: usize,
    first_moving: usize,
}

impl NodesBuilder {
    /// With room for what a reply of so many bytes is likely to hold: a line has about 130.
    pub(super) fn for_reply(length: usize) -> Self {
        Self {
            records: Vec::with_capacity((length / 120 + 1).min(SLOT_COUNT)),
            text: Vec::with_capacity(length / 6),
            ranges: Vec::with_capacity(length / 200 + 1),
            ..Self::default()
        }
    }

    /// With room for so many nodes with so many slot ranges in all.
    pub(super) fn for_topology(nodes: usize, ranges: usize) -> Self {
        // An address; host names, auxiliary fields and unusual flags are rare.
        const TEXT_A_NODE: usize = 16;
        Self {
            records: Vec::with_capacity(nodes),
            text: Vec::with_capacity(nodes * TEXT_A_NODE),
            ranges: Vec::with_capacity(ranges),
            ..Self::default()
        }
    }

    /// How many lines there are.
    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// How many slot items there are in all.
    pub(super) fn slot_items(&self) -> usize {
        self.ranges.len() + self.moving.len()
    }

    /// Slots that the next line's node owns.
    pub(super) fn push_range(&mut self, range: SlotRange) {
        self.ranges.push(range);
    }

    /// A slot that the next line tells to be on the move.
    pub(super) fn push_moving(&mut self, moving: MovingSlot) {
        self.moving.push(moving);
    }

    /// Forgets the slots of a line that turned out to be none.
    pub(super) fn drop_slots(&mut self) {
        self.ranges.truncate(self.first_range);
        self.moving.truncate(self.first_moving);
    }

    /// A line, with the slots that were pushed for it.
    #[inline(always)]
    pub(super) fn push(&mut self, line: Line<'_>) {
        let mut told = 0;
        if line.master.is_some() {
            told |= HAS_MASTER;
        }
        if line.bus_port.is_some() {
            told |= HAS_BUS_PORT;
        }
        if line.is_linked {
            told |= IS_LINKED;
        }
        // Nearly all nodes are a plain `master` or `slave`, and need no text for it.
        let flags_text = match (line.flags, line.flags_text) {
            (Flags::MASTER, b"master") | (Flags::REPLICA, b"slave") => &[],
            (_, text) => text,
        };
        let text = self.text.len() as u32;
        let host = self.add_text(line.host);
        let hostname = self.add_text(line.hostname);
        let auxiliary = self.add_text(line.auxiliary);
        let flags_text = self.add_text(flags_text);
        self.records.push(Record {
            id: line.id,
            master: line.master.unwrap_or(NodeId::NONE),
            ping_sent: line.ping_sent,
            pong_received: line.pong_received,
            config_epoch: line.config_epoch,
            text,
            first_range: self.first_range as u32,
            first_moving: self.first_moving as u32,
            ranges: (self.ranges.len() - self.first_range) as u16,
            moving: (self.moving.len() - self.first_moving) as u16,
            host,
            hostname,
            auxiliary,
            flags_text,
            port: line.port,
            bus_port: line.bus_port.unwrap_or_default(),
            flags: line.flags,
            told,
        });
        self.first_range = self.ranges.len();
        self.first_moving = self.moving.len();
    }

    /// Copies a node of another table, with what the merge has decided.
    pub(super) fn copy(&mut self, node: Node<'_>, decision: Decision<'_>) {
        let role = match decision.role {
            Some(Role::Master) => Flags::MASTER,
            Some(Role::Replica) => Flags::REPLICA,
            None => Flags::default(),
        };
        let decided = [Flags::MYSELF, Flags::MASTER, Flags::REPLICA, Flags::FAILED, Flags::SUSPECTED];
        let others = decided.into_iter().fold(node.flags(), Flags::without);
        let flags = others.with(role).with(decision.failure.unwrap_or_default());
        self.ranges.extend_from_slice(decision.ranges);
        self.moving.extend_from_slice(node.moving());
        self.push(Line {
            id: node.id(),
            host: decision.host.as_bytes(),
            port: decision.port,
            bus_port: node.bus_port(),
            hostname: node.hostname().as_bytes(),
            auxiliary: node.auxiliary().as_bytes(),
            flags,
            flags_text: node.flags_text().as_bytes(),
            master: decision.master,
            ping_sent: node.ping_sent(),
            pong_received: node.pong_received(),
            config_epoch: decision.config_epoch,
            is_linked: node.is_linked(),
        });
    }

    /// Its length in the table.
    #[inline(always)]
    fn add_text(&mut self, text: &[u8]) -> u16 {
        if text.is_empty() || text.len() > MAX_TEXT {
            return 0;
        }
        self.text.extend_from_slice(text);
        text.len() as u16
    }

    /// The table.
    pub(super) fn build(self) -> Nodes {
        Nodes {
            records: self.records.into(),
            text: String::from_utf8(self.text).expect("nothing but UTF-8 is pushed").into(),
            ranges: self.ranges.into(),
            moving: self.moving.into(),
        }
    }
}

fn part<T>(list: &[T], first: u32, count: u16) -> &[T] {
    &list[first as usize..first as usize + usize::from(count)]
}
