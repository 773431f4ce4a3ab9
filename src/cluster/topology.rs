//! What we believe of the cluster: merged from views, immutable, numbered by a generation that only grows.

use std::sync::Arc;

use super::address::Address;
use super::keyslot::SLOT_COUNT;
use super::nodes::{Flags, Node, NodeId, Nodes, Role};
use super::outlook::{Outlook, SlotState, Trouble};
use super::slots::{SlotOwners, SlotRange, push_slot};

/// The nodes of a cluster and the owner of each slot, as the views of one moment agree on them.
///
/// Immutable, to be shared by [`Arc`] between any threads. At most seven blocks of memory however many nodes there are: 141 KB with 1000
/// nodes, 205 KB with as many whose slots are all ranges of their own (`tests/allocations.rs`). Copies share the nodes.
///
/// Freed by whoever lets go of it last: as a rule the worker, when it has published the next one. A reader that held it for longer
/// frees it instead, which takes a fifth of a microsecond. Commands never do: Java reads a copy of its own, and C frees what it asked for.
#[derive(Clone, Debug)]
pub struct Topology {
    pub(crate) generation: u64,
    pub(super) nodes: Arc<Nodes>,
    pub(super) owners: SlotOwners,
    pub(super) current_epoch: u64,
    pub(super) refuses: bool,
    pub(super) outlook: Outlook,
}

/// A master and those who copy it.
#[derive(Clone, Debug, PartialEq)]
pub struct Shard<'a> {
    /// The master, dead or alive, with slots or without.
    pub master: Node<'a>,
    /// Its replicas, dead or alive, by id.
    pub replicas: Vec<Node<'a>>,
}

impl Topology {
    /// The number of this topology within its keeper: from 1, growing with each change. 0 if no keeper published it.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The same topology as generation `generation`.
    pub(crate) fn published_as(self, generation: u64) -> Arc<Self> {
        Arc::new(Self { generation, ..self })
    }

    /// All nodes, sorted by id. Their flags and slots are the merged ones; none is in a handshake, none is `myself`.
    pub fn nodes(&self) -> &Nodes {
        &self.nodes
    }

    /// The node with this id.
    pub fn node(&self, id: NodeId) -> Option<Node<'_>> {
        self.position(id).and_then(|place| self.nodes.get(place))
    }

    /// The place in [`Topology::nodes`] of the node with this id.
    pub fn position(&self, id: NodeId) -> Option<usize> {
        self.nodes.position_sorted(id)
    }

    /// The owner of each slot, as a place in [`Topology::nodes`].
    pub fn owners(&self) -> &SlotOwners {
        &self.owners
    }

    /// The master that owns `slot` (0 to 16,383), dead or alive; `None` if nobody owns it.
    pub fn owner_of(&self, slot: u16) -> Option<Node<'_>> {
        self.owners.get(slot).and_then(|owner| self.nodes.get(owner))
    }

    /// The masters with their replicas, in the order of the masters' ids. A replica whose master is not known, or is no
    /// master itself, is in no shard.
    pub fn shards(&self) -> Vec<Shard<'_>> {
        let masters = self.nodes.iter().filter(|node| node.is_master());
        let mut shards: Vec<Shard<'_>> = masters.map(|master| Shard { master, replicas: Vec::new() }).collect();
        for replica in self.nodes.iter().filter(|node| node.role() == Some(Role::Replica)) {
            let Some(master) = replica.master_id() else { continue };
            if let Ok(place) = shards.binary_search_by_key(&master, |shard| shard.master.id()) {
                shards[place].replicas.push(replica);
            }
        }
        shards
    }

    /// The highest epoch that the views had seen; it rises with every failover.
    pub fn current_epoch(&self) -> u64 {
        self.current_epoch
    }

    /// Whether the cluster takes no requests at all: it requires full coverage and has none, or has no quorum.
    pub fn refuses_requests(&self) -> bool {
        self.refuses
    }

    /// The slots that nobody owns, or whose owner has failed, as ranges in order.
    pub fn lost_slots(&self) -> Vec<SlotRange> {
        let mut lost: Vec<SlotRange> = Vec::new();
        for slot in 0..SLOT_COUNT as u16 {
            if self.owner_of(slot).is_none_or(|owner| owner.has(Flags::FAILED)) {
                push_slot(&mut lost, slot);
            }
        }
        lost
    }

    /// How many slots have a living owner.
    pub fn covered_slots(&self) -> usize {
        let living = self.nodes.slot_owners().filter(|node| !node.has(Flags::FAILED));
        living.map(Node::slot_count).sum()
    }

    /// What is to be expected of the slots of each master.
    pub fn outlook(&self) -> &Outlook {
        &self.outlook
    }

    /// The same topology with an outlook that was made for it.
    pub fn with_outlook(self, outlook: Outlook) -> Self {
        Self { outlook, ..self }
    }

    /// The state of `slot` (0 to 16,383).
    pub fn slot_state(&self, slot: u16) -> SlotState {
        self.slot_trouble(slot).map_or(SlotState::Served, Trouble::state)
    }

    /// Why `slot` (0 to 16,383) is not served; `None` if it is.
    pub fn slot_trouble(&self, slot: u16) -> Option<Trouble> {
        self.trouble_of(self.owners.get(slot))
    }

    /// What is the matter with the slots of the master at this place; `None`: with those that nobody owns.
    pub(super) fn trouble_of(&self, owner: Option<usize>) -> Option<Trouble> {
        owner.map_or(Some(Trouble::NoOwner), |place| self.outlook.of_node(place))
    }

    /// How many slots are served.
    pub fn served_slots(&self) -> usize {
        if self.outlook == Outlook::default() {
            return self.owners.count();
        }
        (0..SLOT_COUNT as u16).filter(|&slot| self.slot_trouble(slot).is_none()).count()
    }

    /// Bytes on the heap, for budgets and metrics.
    pub fn heap_size(&self) -> usize {
        // An Arc has two counters beside what it holds.
        let table = 2 * size_of::<usize>() + size_of::<Nodes>() + self.nodes.heap_size();
        table + size_of_val(self.owners.as_array()) + self.outlook.heap_size()
    }

    /// Where the nodes can be reached, failed ones too; nodes without a known address are left out.
    pub fn addresses(&self) -> impl Iterator<Item = (Node<'_>, Address)> {
        self.nodes.iter().filter_map(|node| address(node).map(|address| (node, address)))
    }
}

/// Where a node of a topology can be reached; `None` if nobody knows its address.
pub fn address(node: Node<'_>) -> Option<Address> {
    (!node.host().is_empty() && node.port() != 0).then(|| Address::new(node.host(), node.port()))
}

/// What people call a node: its address, or its id where nobody knows that.
pub fn name(node: Node<'_>) -> String {
    address(node).map_or_else(|| node.id().to_string(), |address| address.to_string())
}
