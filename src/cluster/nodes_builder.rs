//! How a table of nodes is made: lines go in, of a reply's text or of other tables.

use super::keyslot::SLOT_COUNT;
use super::nodes::{Flags, HAS_BUS_PORT, HAS_MASTER, IS_LINKED, MovingSlot, Node, NodeId, Nodes, Record, Role};
use super::slots::SlotRange;

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

/// The most slot ranges and slots on the move, all told, that are read of a reply. There are 16,384 slots, and no two masters of a
/// reply own the same; but servers repeat ranges (Valkey 9.0 after an upgrade in place, with each CLUSTER SHARDS).
pub(super) const MAX_SLOT_ITEMS: usize = u16::MAX as usize;

/// The longest text of a line: four of them stay within 16 bits.
pub(super) const MAX_TEXT: usize = 4096;

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
    pub(super) moving: &'a [MovingSlot],
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
        self.moving.extend_from_slice(decision.moving);
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
