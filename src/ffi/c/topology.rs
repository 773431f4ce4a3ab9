//! What a keeper believed of its cluster at one moment.

use std::collections::HashMap;
use std::ptr;
use std::sync::{Arc, OnceLock};

use super::super::codes::{slotkeeper_health, slotkeeper_slot_state, slotkeeper_trouble};
use super::nodes::{slotkeeper_nodes, slotkeeper_nodes_owners};
use super::text::{lend, slotkeeper_slot_ranges, slotkeeper_str};
use super::{free, get};
use crate::cluster::nodes::{Node, NodeId};
use crate::cluster::outlook::Trouble;
use crate::cluster::slots::{SlotOwners, SlotRange};
use crate::cluster::topology::Shard;
use crate::{SLOT_COUNT, Topology};

/// The owner of a slot that nobody owns.
pub const SLOTKEEPER_NO_OWNER: u16 = 0xFFFF;
const _: () = assert!(SLOTKEEPER_NO_OWNER == SlotOwners::NOBODY);

/// A topology: the nodes, and the owner and state of each slot. Immutable; it outlives the keeper that gave it.
pub struct slotkeeper_topology {
    topology: Arc<Topology>,
    nodes: slotkeeper_nodes,
    /// Made when first asked for: a snapshot alone costs next to nothing.
    states: OnceLock<Box<[slotkeeper_slot_state]>>,
    lost: OnceLock<Box<[SlotRange]>>,
    shards: OnceLock<Shards>,
}

impl From<Arc<Topology>> for slotkeeper_topology {
    fn from(topology: Arc<Topology>) -> Self {
        let nodes = slotkeeper_nodes::of_topology(topology.clone());
        Self { topology, nodes, states: OnceLock::new(), lost: OnceLock::new(), shards: OnceLock::new() }
    }
}

impl slotkeeper_topology {
    pub(super) fn core(&self) -> &Topology {
        &self.topology
    }

    fn states(&self) -> &[slotkeeper_slot_state] {
        let state = |slot| self.topology.slot_state(slot).into();
        self.states.get_or_init(|| (0..SLOT_COUNT as u16).map(state).collect())
    }

    fn lost(&self) -> &[SlotRange] {
        self.lost.get_or_init(|| self.topology.lost_slots().into())
    }
}

/// A master and those who copy it, as indices into the nodes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct slotkeeper_shard {
    /// Its replicas, dead or alive, in the order of their ids; never NULL.
    pub replicas: *const u16,
    /// How many replicas.
    pub replica_count: usize,
    /// The master, dead or alive, with slots or without.
    pub master: u16,
}

/// Shards. `data` is never NULL.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct slotkeeper_shard_list {
    /// The first shard.
    pub data: *const slotkeeper_shard,
    /// How many shards.
    pub length: usize,
}

lend!(slotkeeper_shard_list of slotkeeper_shard);

/// The shards of a topology as C reads them.
struct Shards {
    list: Box<[slotkeeper_shard]>,
    /// What `list` points to.
    _replicas: Box<[u16]>,
}

// SAFETY: the pointers lead to a list of this object, which nobody changes.
unsafe impl Send for Shards {}
// SAFETY: as above.
unsafe impl Sync for Shards {}

impl Shards {
    fn new(topology: &Topology) -> Self {
        let places: HashMap<NodeId, u16> = topology.nodes().iter().map(Node::id).zip(0..).collect();
        let shards = topology.shards();
        let replicas: Box<[u16]> = shards.iter().flat_map(|s| &s.replicas).map(|node| places[&node.id()]).collect();
        let mut rest = &*replicas;
        let shard = |shard: &Shard<'_>| {
            let own;
            (own, rest) = rest.split_at(shard.replicas.len());
            slotkeeper_shard { replicas: own.as_ptr(), replica_count: own.len(), master: places[&shard.master.id()] }
        };
        Self { list: shards.iter().map(shard).collect(), _replicas: replicas }
    }
}

/// The number of this topology within its keeper: from 1, growing with each change; 0 if no keeper gave it. Any
/// thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_topology_generation(topology: Option<&slotkeeper_topology>) -> u64 {
    get(|| topology.map(|topology| topology.topology.generation()))
}

/// How the cluster is, as this topology shows it; SLOTKEEPER_HEALTH_UNKNOWN for NULL. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_topology_health(topology: Option<&slotkeeper_topology>) -> slotkeeper_health {
    get(|| topology.map(|topology| topology.topology.health().into()))
}

/// The highest epoch that the cluster had reached; it rises with every failover. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_topology_current_epoch(topology: Option<&slotkeeper_topology>) -> u64 {
    get(|| topology.map(|topology| topology.topology.current_epoch()))
}

/// The nodes, sorted by id. They belong to the topology and must not be freed; NULL for NULL. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_topology_nodes(topology: Option<&slotkeeper_topology>) -> Option<&slotkeeper_nodes> {
    get(|| topology.map(|topology| Some(&topology.nodes)))
}

/// The owner of each slot: SLOTKEEPER_SLOT_COUNT indices into the nodes, SLOTKEEPER_NO_OWNER where there is none. NULL for
/// NULL. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_topology_owners(topology: Option<&slotkeeper_topology>) -> *const u16 {
    slotkeeper_nodes_owners(topology.map(|topology| &topology.nodes))
}

/// The state of each slot: SLOTKEEPER_SLOT_COUNT values. NULL for NULL. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_topology_states(topology: Option<&slotkeeper_topology>) -> *const slotkeeper_slot_state {
    let states = get(|| topology.map(|topology| Some(topology.states())));
    states.map_or(ptr::null(), |states| states.as_ptr())
}

/// Why a slot (0 to 16,383) is not served; SLOTKEEPER_TROUBLE_NONE if it is, for NULL, and for what is no slot. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_topology_trouble(topology: Option<&slotkeeper_topology>, slot: u16) -> slotkeeper_trouble {
    get(|| {
        let topology = topology.filter(|_| usize::from(slot) < SLOT_COUNT)?;
        Some(topology.topology.slot_trouble(slot).into())
    })
}

/// The stable name of a slotkeeper_trouble, as `no-quorum`; empty for SLOTKEEPER_TROUBLE_NONE, and for what is no trouble. Valid for
/// ever. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_trouble_name(trouble: u8) -> slotkeeper_str {
    named(trouble).map_or("", Trouble::name).into()
}

/// What a slotkeeper_trouble is, as an operator would say it, to be put behind "slot 7 is not served: "; empty for
/// SLOTKEEPER_TROUBLE_NONE, and for what is no trouble. Valid for ever. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_trouble_sentence(trouble: u8) -> slotkeeper_str {
    named(trouble).map_or("", Trouble::sentence).into()
}

fn named(trouble: u8) -> Option<Trouble> {
    Trouble::ALL.into_iter().find(|named| *named as u8 == trouble)
}

/// The slots that nobody owns, or whose owner has failed. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_topology_lost_slots(topology: Option<&slotkeeper_topology>) -> slotkeeper_slot_ranges {
    get(|| topology.map(|topology| topology.lost().into()))
}

/// The masters with their replicas, in the order of the masters' ids. A replica whose master is not known is in no shard. Any
/// thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_topology_shards(topology: Option<&slotkeeper_topology>) -> slotkeeper_shard_list {
    get(|| topology.map(|topology| (&*topology.shards.get_or_init(|| Shards::new(&topology.topology)).list).into()))
}

/// Frees a topology; NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_topology_free(topology: Option<Box<slotkeeper_topology>>) {
    free(topology);
}
