//! What a keeper believed of its cluster at one moment.

use std::ptr;
use std::sync::Arc;

use super::super::codes::{slotkeeper_health, slotkeeper_slot_state};
use super::nodes::slotkeeper_nodes;
use super::text::{slotkeeper_slot_range, slotkeeper_slot_ranges};
use super::{free, get};
use crate::cluster::slots::SlotOwners;
use crate::{SLOT_COUNT, Topology};

/// The owner of a slot that nobody owns.
pub const SLOTKEEPER_NO_OWNER: u16 = 0xFFFF;
const _: () = assert!(SLOTKEEPER_NO_OWNER == SlotOwners::NOBODY);

/// A topology: the nodes, and the owner and state of each slot. Immutable; it outlives the keeper that gave it.
pub struct slotkeeper_topology {
    topology: Arc<Topology>,
    nodes: slotkeeper_nodes,
    states: Box<[slotkeeper_slot_state]>,
    lost: Box<[slotkeeper_slot_range]>,
}

impl From<Arc<Topology>> for slotkeeper_topology {
    fn from(topology: Arc<Topology>) -> Self {
        Self {
            nodes: slotkeeper_nodes::of_topology(topology.clone()),
            states: (0..SLOT_COUNT as u16).map(|slot| topology.slot_state(slot).into()).collect(),
            lost: topology.lost_slots().into_iter().map(slotkeeper_slot_range::from).collect(),
            topology,
        }
    }
}

/// The number of this topology within its keeper: from 1, growing with each change. Any thread.
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
    let owners = get(|| topology.map(|topology| Some(topology.topology.owners().as_array())));
    owners.map_or(ptr::null(), |owners| owners.as_ptr())
}

/// The state of each slot: SLOTKEEPER_SLOT_COUNT values. NULL for NULL. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_topology_states(topology: Option<&slotkeeper_topology>) -> *const slotkeeper_slot_state {
    let states = get(|| topology.map(|topology| Some(&topology.states)));
    states.map_or(ptr::null(), |states| states.as_ptr())
}

/// The slots that nobody owns, or whose owner has failed. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_topology_lost_slots(topology: Option<&slotkeeper_topology>) -> slotkeeper_slot_ranges {
    get(|| topology.map(|topology| (&*topology.lost).into()))
}

/// Frees a topology; NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_topology_free(topology: Option<Box<slotkeeper_topology>>) {
    free(topology);
}
