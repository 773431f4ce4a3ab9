//! Who takes over when nodes die: the rules of Redis Cluster, worked out beforehand.
//!
//! Pure, for any topology and any set of nodes that are taken for dead. With N masters that own slots, the dead ones counted in, a
//! majority is Q = ⌊N/2⌋ + 1, and A of them are left (source lines of redis 7.0.15 `src/cluster.c`):
//!
//! 1. A < Q: nobody is agreed to have failed (`markNodeAsFailingIfNeeded` L1505) and nobody is elected, since only masters that own
//!    slots vote (`clusterSendFailoverAuthIfNeeded` L3335); and each node that is left refuses all requests, whatever the setting of
//!    coverage (`clusterUpdateState` L4429). It stays so until nodes return, or an operator runs CLUSTER FAILOVER TAKEOVER. Exactly
//!    half is no majority: of two equal halves neither goes on without the other.
//! 2. A ≥ Q: a dead master is replaced by a replica of its own that lives and is not `nofailover` (`clusterHandleSlaveFailover`
//!    L3575). Where there is none its slots are lost; if the cluster requires full coverage it then refuses all requests.
//!
//! The same function also asks that the replica's data be recent: its link to the master was up until at most T ×
//! replica-validity-factor ago, about 175 s by default. CLUSTER NODES does not tell that, so a replica is taken to have been linked
//! until its master died, unless somebody knows better ([`foresee_with_stale`]). The link state that it does tell is the answering
//! node's own, and no sign of health (redis#6458).
//!
//! When it will happen, and whether it is late, is not known here.

use crate::cluster::nodes::{Flags, Node, NodeId, Role};
use crate::cluster::slots::SlotRange;
use crate::cluster::topology::{Topology, address};

/// What becomes of a cluster if some of its nodes are dead.
#[derive(Clone, Debug)]
pub struct Forecast<'a> {
    topology: &'a Topology,
    /// The masters that own slots, dead or alive: N.
    pub voters: usize,
    /// Those of them that live: A.
    pub living: usize,
    /// What becomes of each of them and its slots, in the order of the topology's table.
    pub shards: Vec<ShardFate>,
    unowned: Vec<SlotRange>,
}

/// What becomes of a master and its slots.
#[derive(Clone, Debug, PartialEq)]
pub struct ShardFate {
    /// The master's place in the topology's table.
    pub master: usize,
    /// What becomes of its slots.
    pub fate: Fate,
}

/// What becomes of the slots of one master.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// The master lives.
    Unharmed,
    /// The master is dead, and one of these replicas takes over: places in the topology's table, never none.
    TakenOver(Vec<usize>),
    /// The master is dead, and nobody takes over.
    Lost(Loss),
}

/// Why nobody takes over from a dead master.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Loss {
    /// Fewer than a majority of the masters are left: nobody can be elected.
    NoQuorum,
    /// It has no replica.
    NoReplica,
    /// All of its replicas are dead.
    ReplicasDead,
    /// Of its replicas some live, and none of those may be promoted: they are `nofailover`, their data are too old, or no node knows their
    /// address.
    ReplicasBarred,
}

impl Loss {
    /// All of them.
    pub const ALL: [Loss; 4] = [Loss::NoQuorum, Loss::NoReplica, Loss::ReplicasDead, Loss::ReplicasBarred];

    /// What is the matter, to be put behind "nobody takes over from 10.0.0.1:6379: ".
    pub fn reason(self) -> &'static str {
        match self {
            Loss::NoQuorum => "fewer than a majority of the masters are left",
            Loss::NoReplica => "it has no replica",
            Loss::ReplicasDead => "all of its replicas are dead",
            Loss::ReplicasBarred => "none of its living replicas may be promoted",
        }
    }
}

impl Forecast<'_> {
    /// How many masters make a majority, the dead ones counted in the whole: Q.
    pub fn majority(&self) -> usize {
        self.voters / 2 + 1
    }

    /// Whether the masters that are left can agree on anything. Never, if no master owns slots.
    pub fn has_quorum(&self) -> bool {
        self.living >= self.majority()
    }

    /// The slots that nobody serves once all failovers that are possible are over, in order: those that nobody takes over, and those that
    /// nobody owned.
    pub fn lost_slots(&self) -> Vec<SlotRange> {
        let lost = self.shards.iter().filter(|shard| matches!(shard.fate, Fate::Lost(_)));
        let masters = lost.filter_map(|shard| self.topology.nodes().get(shard.master));
        let mut slots: Vec<SlotRange> = masters.flat_map(Node::ranges).chain(&self.unowned).copied().collect();
        slots.sort();
        slots.dedup_by(|next, range| {
            let is_next = range.last + 1 == next.first;
            range.last = if is_next { next.last } else { range.last };
            is_next
        });
        slots
    }

    /// Whether the cluster takes requests once all failovers that are possible are over, given its `cluster-require-full-coverage`.
    pub fn takes_requests(&self, full_coverage: bool) -> bool {
        let is_complete =
            || self.unowned.is_empty() && !self.shards.iter().any(|shard| matches!(shard.fate, Fate::Lost(_)));
        self.has_quorum() && (!full_coverage || is_complete())
    }

    /// Whether some slots have no owner at all.
    pub fn has_unowned_slots(&self) -> bool {
        !self.unowned.is_empty()
    }
}

/// What becomes of the cluster if the nodes for which `is_dead` is true are dead, and all others live.
pub fn foresee<'a>(topology: &'a Topology, is_dead: impl Fn(Node<'a>) -> bool) -> Forecast<'a> {
    foresee_with_stale(topology, |_, node| is_dead(node), |_| false)
}

/// As [`foresee`], with each node's place in the topology's table told as well; the replicas for which `is_stale` is true have data
/// too old to be promoted.
pub fn foresee_with_stale<'a>(
    topology: &'a Topology,
    is_dead: impl Fn(usize, Node<'a>) -> bool,
    is_stale: impl Fn(Node<'a>) -> bool,
) -> Forecast<'a> {
    let nodes = topology.nodes();
    let masters = || nodes.iter().enumerate().filter(|(_, node)| node.is_slot_owner());
    // The dead masters, by id as the table is, each with what is known of its replicas.
    let mut dead: Vec<Heirs> = masters().filter(|&(place, node)| is_dead(place, node)).map(Heirs::none).collect();
    if !dead.is_empty() {
        for (place, node) in nodes.iter().enumerate().filter(|(_, node)| node.role() == Some(Role::Replica)) {
            let Some(master) = node.master_id() else { continue };
            if let Ok(found) = dead.binary_search_by_key(&master, |heirs| heirs.master) {
                dead[found].enter(place, node, is_dead(place, node), is_stale(node));
            }
        }
    }

    let voters = masters().count();
    let living = voters - dead.len();
    let has_quorum = living > voters / 2;
    let mut shards: Vec<ShardFate> = masters().map(|(master, _)| ShardFate { master, fate: Fate::Unharmed }).collect();
    for heirs in dead {
        if let Ok(shard) = shards.binary_search_by_key(&heirs.place, |shard| shard.master) {
            shards[shard].fate = heirs.fate(has_quorum);
        }
    }
    Forecast { topology, voters, living, shards, unowned: topology.owners().unowned() }
}

/// The replicas of a dead master.
struct Heirs {
    master: NodeId,
    place: usize,
    /// Those that may be promoted.
    eligible: Vec<usize>,
    /// How many there are, and how many of them live.
    count: usize,
    living: usize,
}

impl Heirs {
    fn none((place, master): (usize, Node<'_>)) -> Self {
        Self { master: master.id(), place, eligible: Vec::new(), count: 0, living: 0 }
    }

    fn enter(&mut self, place: usize, replica: Node<'_>, is_dead: bool, is_stale: bool) {
        self.count += 1;
        self.living += usize::from(!is_dead);
        if !is_dead && !is_stale && !is_barred(replica) {
            self.eligible.push(place);
        }
    }

    fn fate(self, has_quorum: bool) -> Fate {
        match self {
            _ if !has_quorum => Fate::Lost(Loss::NoQuorum),
            Heirs { eligible, .. } if !eligible.is_empty() => Fate::TakenOver(eligible),
            Heirs { count: 0, .. } => Fate::Lost(Loss::NoReplica),
            Heirs { living: 0, .. } => Fate::Lost(Loss::ReplicasDead),
            _ => Fate::Lost(Loss::ReplicasBarred),
        }
    }
}

/// Whether the replica is not promoted however recent its data are.
pub(super) fn is_barred(replica: Node<'_>) -> bool {
    replica.has(Flags::NO_FAILOVER) || is_out_of_reach(replica)
}

/// Whether no node that was asked knows where the node is. It is not marked `fail` for it by Redis, nor by Valkey up to 8.0, and yet
/// nobody reaches it.
pub(super) fn is_out_of_reach(node: Node<'_>) -> bool {
    node.has(Flags::NO_ADDRESS) && address(node).is_none()
}
