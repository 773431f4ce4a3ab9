//! A node as plain data: all that a line of CLUSTER NODES says, for those who read whole tables without a call for each fact.

use super::super::codes::{slotkeeper_direction, slotkeeper_role};
use super::text::{lend, slotkeeper_slot_ranges, slotkeeper_str};
use crate::cluster::nodes::{MovingSlot, Node, Nodes};

/// A slot on its way from one master to another.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct slotkeeper_moving_slot {
    /// The id of the master at the other end.
    pub other_id: slotkeeper_str,
    /// The slot.
    pub slot: u16,
    /// Leaving for the other master, or coming from it.
    pub direction: slotkeeper_direction,
}

/// Slots on the move. `data` is never NULL.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct slotkeeper_moving_slots {
    /// The first of them.
    pub data: *const slotkeeper_moving_slot,
    /// How many there are.
    pub length: usize,
}

lend!(slotkeeper_moving_slots of slotkeeper_moving_slot);

/// A node: what its line in CLUSTER NODES says, or what a topology believes of it.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct slotkeeper_node {
    /// The node's name for itself, 40 hex digits.
    pub id: slotkeeper_str,
    /// Name or address of the host, IPv6 without brackets; empty if it is not known.
    pub host: slotkeeper_str,
    /// The announced host name; empty if there is none.
    pub hostname: slotkeeper_str,
    /// Auxiliary fields behind the address as they were sent, `key=value` between commas; empty if there are none.
    pub auxiliary: slotkeeper_str,
    /// The flags as they were sent, between commas, unknown ones too. In a topology `flags` is right where the two differ.
    pub flags_text: slotkeeper_str,
    /// The id of the master that a replica copies; empty for masters, and if it is not known.
    pub master_id: slotkeeper_str,
    /// The slots that the node owns.
    pub slots: slotkeeper_slot_ranges,
    /// The slots that it tells to be on the move; only the node that gave a reply tells of its own.
    pub moving: slotkeeper_moving_slots,
    /// Since when a ping is unanswered, in ms of the answering node's clock; 0 if none is.
    pub ping_sent: u64,
    /// When the last pong came, in ms of the answering node's clock.
    pub pong_received: u64,
    /// The config epoch; a replica's decides nothing.
    pub config_epoch: u64,
    /// The known flags: SLOTKEEPER_FLAG_MYSELF and its kin. Later versions may set more.
    pub flags: u32,
    /// The port for clients; 0 if it is not known.
    pub port: u16,
    /// The port of the cluster bus; 0 if `has_bus_port` is false.
    pub bus_port: u16,
    /// Whether the port of the cluster bus is told, as it is since Redis 4.
    pub has_bus_port: bool,
    /// Whether the answering node's bus link to this one stands. Says nothing about health.
    pub is_linked: bool,
    /// What the node is.
    pub role: slotkeeper_role,
}

/// Nodes. `data` is never NULL.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct slotkeeper_node_list {
    /// The first node.
    pub data: *const slotkeeper_node,
    /// How many nodes.
    pub length: usize,
}

lend!(slotkeeper_node_list of slotkeeper_node);

/// A whole table as C reads it: three allocations, however many nodes there are. Points into the table it was made of.
pub(super) struct Lines {
    nodes: Box<[slotkeeper_node]>,
    /// What `nodes` points to.
    _moving: Box<[slotkeeper_moving_slot]>,
    _ids: Box<[[u8; 40]]>,
}

// SAFETY: all pointers lead to lists that nobody changes: those of this object, and those of the table, which outlives it.
unsafe impl Send for Lines {}
// SAFETY: as above.
unsafe impl Sync for Lines {}

impl Lines {
    pub(super) fn new(table: &Nodes) -> Self {
        let all_moving = || table.iter().flat_map(Node::moving);
        let masters = || table.iter().filter_map(Node::master_id);
        let mut ids = Vec::with_capacity(table.len() + masters().count() + all_moving().count());
        ids.extend(table.iter().map(|node| node.id().hex()));
        ids.extend(masters().map(|id| id.hex()));
        ids.extend(all_moving().map(|slot| slot.other.hex()));
        let ids = ids.into_boxed_slice();

        let mut texts = ids.iter().map(slotkeeper_str::from);
        let mut nodes: Box<[_]> = table.iter().zip(texts.by_ref()).map(|(node, id)| line(id, node)).collect();
        for (line, node) in nodes.iter_mut().zip(table.iter()) {
            let master = node.master_id().and_then(|_| texts.next());
            line.master_id = master.unwrap_or_default();
        }
        let moving: Box<[_]> = texts.zip(all_moving()).map(|(other, slot)| moving_slot(other, slot)).collect();
        let mut rest = &*moving;
        for (line, node) in nodes.iter_mut().zip(table.iter()) {
            let own;
            (own, rest) = rest.split_at(node.moving().len());
            line.moving = own.into();
        }
        Self { nodes, _moving: moving, _ids: ids }
    }

    pub(super) fn all(&self) -> &[slotkeeper_node] {
        &self.nodes
    }
}

/// All of a node but the id of its master and the slots on the move.
fn line(id: slotkeeper_str, node: Node<'_>) -> slotkeeper_node {
    slotkeeper_node {
        id,
        host: node.host().into(),
        hostname: node.hostname().into(),
        auxiliary: node.auxiliary().into(),
        flags_text: node.flags_text().into(),
        slots: node.ranges().into(),
        ping_sent: node.ping_sent(),
        pong_received: node.pong_received(),
        config_epoch: node.config_epoch(),
        flags: node.flags().bits().into(),
        port: node.port(),
        bus_port: node.bus_port().unwrap_or_default(),
        has_bus_port: node.bus_port().is_some(),
        is_linked: node.is_linked(),
        role: node.role().into(),
        ..slotkeeper_node::default()
    }
}

fn moving_slot(other_id: slotkeeper_str, moving: &MovingSlot) -> slotkeeper_moving_slot {
    slotkeeper_moving_slot { other_id, slot: moving.slot, direction: moving.direction.into() }
}
