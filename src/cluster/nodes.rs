//! The table of nodes that a reply, or the merged topology, consists of: compact, immutable, shared by `Arc`.
//!
//! One allocation each for the records, their texts, the slot ranges and the slots on the move, however many nodes there
//! are. A record has 96 bytes and points into the other three; [`Node`] is the view of one record that readers use.

use std::cmp::Reverse;
use std::fmt;

use super::keyslot::SLOT_COUNT;
use super::slots::{SlotOwners, SlotRange};

pub use super::flags::{Flags, Role};
pub use super::node_id::NodeId;

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
    pub(super) records: Box<[Record]>,
    pub(super) text: Box<str>,
    pub(super) ranges: Box<[SlotRange]>,
    pub(super) moving: Box<[MovingSlot]>,
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

    /// The place of the node with this id, in a table that is sorted by id.
    pub(super) fn position_sorted(&self, id: NodeId) -> Option<usize> {
        self.records.binary_search_by_key(&id, |record| record.id).ok()
    }

    /// The node that answered, if the table is a reply.
    pub fn myself(&self) -> Option<Node<'_>> {
        self.iter().find(|node| node.has(Flags::MYSELF))
    }

    /// The masters that own at least one slot: they vote, and make the quorum.
    pub fn slot_owners(&self) -> impl Iterator<Item = Node<'_>> {
        self.iter().filter(|node| node.is_slot_owner())
    }

    /// Who owns each slot, as places in this table. Where several nodes claim a slot (no server says so) the highest config epoch
    /// wins, then the node that stands first.
    pub fn owners(&self) -> SlotOwners {
        let mut owners = SlotOwners::none();
        let mut claims = 0;
        for (place, node) in self.iter().enumerate() {
            for &range in node.ranges() {
                owners.set(range, place);
                claims += range.count();
            }
        }
        // As many claims as slots: nobody has been overwritten.
        if claims == owners.count() { owners } else { self.contested_owners() }
    }

    fn contested_owners(&self) -> SlotOwners {
        let mut claimants: Vec<(usize, Node<'_>)> = self.iter().enumerate().collect();
        claimants.sort_by_key(|&(place, node)| (Reverse(node.config_epoch()), place));
        let mut owners = SlotOwners::none();
        for (place, node) in claimants {
            for &range in node.ranges() {
                owners.fill(range, place);
            }
        }
        owners
    }

    /// Whether a reader who acts on addresses, roles, masters and failures sees the same nodes in the same places.
    pub(super) fn is_alike(&self, other: &Self) -> bool {
        // Equal texts are the rule, and then it is enough that hosts lie at the same places.
        let same_text = self.text == other.text;
        let is_alike = |(a, b): (Node<'_>, Node<'_>)| {
            let numbers =
                |record: &Record| (record.id, record.master, record.tells(HAS_MASTER), record.flags, record.port);
            let place = |record: &Record| (record.text, record.host);
            numbers(a.record) == numbers(b.record)
                && (same_text && place(a.record) == place(b.record) || a.host() == b.host())
        };
        self.len() == other.len() && self.iter().zip(other.iter()).all(is_alike)
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

    /// Whether it is flagged `fail` or `fail?`.
    pub(crate) fn is_failing(self) -> bool {
        self.has(Flags::FAILED) || self.has(Flags::SUSPECTED)
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

    /// Whether it is a master that owns at least one slot: it votes.
    pub(crate) fn is_slot_owner(self) -> bool {
        self.is_master() && self.has_slots()
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

    /// Whether the node owns slots.
    pub(super) fn has_slots(self) -> bool {
        self.record.ranges != 0
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

/// A line in the table. Its texts lie one behind the other from `text` on: host, host name, auxiliary fields, flags (none if
/// they are a role and no more).
#[derive(Clone)]
pub(super) struct Record {
    pub(super) id: NodeId,
    pub(super) master: NodeId,
    pub(super) ping_sent: u64,
    pub(super) pong_received: u64,
    pub(super) config_epoch: u64,
    pub(super) text: u32,
    pub(super) first_range: u32,
    pub(super) first_moving: u32,
    pub(super) ranges: u16,
    pub(super) moving: u16,
    pub(super) host: u16,
    pub(super) hostname: u16,
    pub(super) auxiliary: u16,
    pub(super) flags_text: u16,
    pub(super) port: u16,
    pub(super) bus_port: u16,
    pub(super) flags: Flags,
    /// Which of the next three hold.
    pub(super) told: u8,
}

pub(super) const HAS_MASTER: u8 = 1;
pub(super) const HAS_BUS_PORT: u8 = 1 << 1;
pub(super) const IS_LINKED: u8 = 1 << 2;
const _: () = assert!(size_of::<Record>() == 96);

impl Record {
    fn tells(&self, what: u8) -> bool {
        self.told & what != 0
    }
}

fn part<T>(list: &[T], first: u32, count: u16) -> &[T] {
    &list[first as usize..first as usize + usize::from(count)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_nodes;

    #[test]
    fn owners_are_those_of_the_lines_and_the_higher_epoch_wins() {
        let text = "07c37dfeb235213a872192d90877d0cd55635b91 h:1@2 master - 0 0 1 connected 0-9 20\n\
                    17c37dfeb235213a872192d90877d0cd55635b92 h:2@3 master - 0 0 3 connected 8-11\n\
                    27c37dfeb235213a872192d90877d0cd55635b93 h:3@4 master - 0 0 1 connected 5 9 12 20\n";
        let owners = parse_nodes(text.as_bytes()).unwrap().nodes.owners();
        let expected = |slot: u16| match slot {
            0..8 | 20 => Some(0),
            8..12 => Some(1),
            12 => Some(2),
            _ => None,
        };
        for slot in 0..SLOT_COUNT as u16 {
            assert_eq!(owners.get(slot), expected(slot), "slot {slot}");
        }
    }
}
