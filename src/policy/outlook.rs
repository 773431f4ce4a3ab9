//! What is to be expected of each slot: whether it is served, and if not, why, and whether that is about to change.
//!
//! Pure: a topology and what is known beside it in, an [`Outlook`] out. The keeper keeps the clocks: since when a node is silent, and
//! since when it is flagged. The rules:
//!
//! 1. A slot without an owner is unserved.
//! 2. A silent owner (`fail?`, or our own suspicion) may answer again or be replaced: pending. It kills nobody's failover: one
//!    node's suspicion, or our own, must not make others look lost. And where our own probes are answered, one node's suspicion is
//!    void: the link between the two is cut, which takes no slot from anybody; if most nodes come to think so, they say `fail`.
//! 3. A failed owner is pending if a failover is possible by the rules of [`super::failover`], else unserved.
//! 4. Where the failover should have been over, pending has become unserved.
//! 5. The whole cluster refuses if most nodes that were asked say so and can tell why, or if it is known to require full coverage and a
//!    slot's owner has failed. Then no slot is served: without a quorum, or with slots that nobody will serve, each is unserved;
//!    while all that is missing is about to be taken over, each is pending. That an owner is missing is for the nodes to say: while
//!    slots move, views of different moments, put together, leave one without an owner that all nodes know.
//! 6. Without a word about `cluster-require-full-coverage` the nodes' own state tells it: they judge by it in the same moment in
//!    which they flag a node (`clusterUpdateState`, called wherever flags change). A node that refuses with a slot missing requires coverage;
//!    one that does not refuse does not.

use std::collections::HashSet;

use super::failover::{Fate, Forecast, Loss, foresee, is_out_of_reach};
use crate::cluster::nodes::{Flags, Node, NodeId};
use crate::cluster::outlook::{Outlook, SlotState, Trouble};
use crate::cluster::topology::Topology;

/// What is known beside the topology. By default nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// The nodes' `cluster-require-full-coverage`; `None` if nobody may tell: it is then taken from their state.
    pub full_coverage: Option<bool>,
    /// The nodes that leave our own probes unanswered.
    pub suspects: HashSet<NodeId>,
    /// The nodes that answer our own probes although another node says that they fail.
    pub answering: HashSet<NodeId>,
    /// The nodes whose failover should have been over: flagged for longer than twice the node timeout and five seconds.
    pub overdue: HashSet<NodeId>,
}

impl Circumstances {
    /// Whether it is doubtful that the node lives, for all that is known: rule 2.
    pub fn doubt(&self, node: Node<'_>) -> bool {
        node.has(Flags::SUSPECTED) && !self.answering.contains(&node.id())
            || !self.suspects.is_empty() && self.suspects.contains(&node.id())
    }
}

/// What is to be expected of the slots of a topology. Made for this table of nodes and no other.
pub fn judge(topology: &Topology, circumstances: &Circumstances) -> Outlook {
    let mut masters = topology.nodes().slot_owners();
    let is_well = masters.all(|node| is_well(node, circumstances));
    if is_well && !topology.refuses_requests() {
        return Outlook::default();
    }

    // While the cluster refuses, its suspicions are part of the reason: without quorum nobody is ever agreed to have failed.
    let refuses = topology.refuses_requests();
    let forecast =
        foresee(topology, |node| node.has(Flags::FAILED) || refuses && node.is_master() && node.has(Flags::SUSPECTED));
    let owner = |place: usize| topology.nodes().get(place);
    let trouble = |place: usize, fate: &Fate| owner(place).and_then(|node| own_trouble(node, fate, circumstances));
    let troubles: Vec<(usize, Option<Trouble>)> =
        forecast.shards.iter().map(|shard| (shard.master, trouble(shard.master, &shard.fate))).collect();
    let failed = || troubles.iter().filter(|(place, _)| owner(*place).is_some_and(|node| node.has(Flags::FAILED)));
    let is_lost = |trouble: Option<Trouble>| trouble.map(Trouble::state) == Some(SlotState::Unserved);
    let lacks = forecast.has_unowned_slots() || failed().any(|&(_, trouble)| is_lost(trouble));
    let must_refuse = circumstances.full_coverage == Some(true) && failed().next().is_some();
    let refusal = (refuses || must_refuse).then(|| refusal(&forecast, lacks));
    Outlook::new(topology.nodes(), troubles.into_iter(), refusal)
}

impl Topology {
    /// The same topology with the outlook that [`judge`] gives it.
    pub fn judged(self, circumstances: &Circumstances) -> Self {
        let outlook = judge(&self, circumstances);
        self.with_outlook(outlook)
    }
}

fn is_well(node: Node<'_>, circumstances: &Circumstances) -> bool {
    !node.has(Flags::FAILED) && !node.has(Flags::NO_ADDRESS) && !circumstances.doubt(node)
}

/// What is the matter with the slots of a master, whatever the rest of the cluster does.
fn own_trouble(master: Node<'_>, fate: &Fate, circumstances: &Circumstances) -> Option<Trouble> {
    let is_overdue = circumstances.overdue.contains(&master.id());
    if master.has(Flags::FAILED) {
        return Some(match fate {
            Fate::Lost(Loss::NoQuorum) => Trouble::NoQuorum,
            Fate::Lost(_) => Trouble::NoReplica,
            _ if is_overdue => Trouble::FailoverOverdue,
            _ => Trouble::OwnerFailed,
        });
    }
    if is_out_of_reach(master) {
        return Some(Trouble::NoAddress);
    }
    circumstances.doubt(master).then_some(if is_overdue { Trouble::FailoverOverdue } else { Trouble::OwnerSuspected })
}

/// Why the whole cluster refuses; `lacks`: there are slots that nobody will serve.
fn refusal(forecast: &Forecast<'_>, lacks: bool) -> Trouble {
    if !forecast.has_quorum() {
        Trouble::NoQuorum
    } else if lacks {
        Trouble::ClusterRefuses
    } else {
        // For failovers that are possible; or for one that is just over, of which not all that were asked have heard.
        Trouble::ClusterPending
    }
}
