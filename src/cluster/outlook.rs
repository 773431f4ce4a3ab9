//! What is to be expected of each slot: served, pending or unserved, and why, as values.
//!
//! Values only. What a topology alone tells is told here (`of_flags`); whether a failover is possible, and what lies
//! beyond the topology, is judged in `policy::outlook`, which makes the outlook that a keeper publishes.

use super::nodes::{Flags, Node, Nodes};

/// Whether commands for a slot can succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SlotState {
    /// Its owner lives, and the cluster takes requests.
    Served,
    /// Its owner is silent or failed, or the cluster refuses for another that has: a failover is possible and not overdue.
    Pending,
    /// Nobody serves it, and nobody is about to: worth no wait.
    Unserved,
}

impl SlotState {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            SlotState::Served => "served",
            SlotState::Pending => "pending",
            SlotState::Unserved => "unserved",
        }
    }
}

/// Why a slot is not served. Its numbers cross to C and Java: none is ever used again for another meaning; 0 is no trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Trouble {
    /// The owner is suspected: one node says `fail?`, or it leaves our own probes unanswered.
    OwnerSuspected = 1,
    /// The owner has failed, and a failover is under way or about to be.
    OwnerFailed = 2,
    /// The cluster takes no requests until the failover of other slots is over: it requires full coverage.
    ClusterPending = 3,
    /// Nobody owns the slot.
    NoOwner = 4,
    /// So many masters are gone that the rest can elect nobody, and refuse every request.
    NoQuorum = 5,
    /// The owner has failed, and no replica of it lives that may be promoted.
    NoReplica = 6,
    /// The owner is gone, and its failover should have been over.
    FailoverOverdue = 7,
    /// The owner's address is not known to any node that was asked.
    NoAddress = 8,
    /// The cluster refuses every request: it requires full coverage, and other slots have nobody to serve them.
    ClusterRefuses = 9,
}

impl Trouble {
    /// All of them, in the order of their numbers, which begin with 1.
    pub const ALL: [Trouble; 9] = [
        Trouble::OwnerSuspected,
        Trouble::OwnerFailed,
        Trouble::ClusterPending,
        Trouble::NoOwner,
        Trouble::NoQuorum,
        Trouble::NoReplica,
        Trouble::FailoverOverdue,
        Trouble::NoAddress,
        Trouble::ClusterRefuses,
    ];

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Trouble::OwnerSuspected => "owner-suspected",
            Trouble::OwnerFailed => "owner-failed",
            Trouble::ClusterPending => "cluster-pending",
            Trouble::NoOwner => "no-owner",
            Trouble::NoQuorum => "no-quorum",
            Trouble::NoReplica => "no-replica",
            Trouble::FailoverOverdue => "failover-overdue",
            Trouble::NoAddress => "no-address",
            Trouble::ClusterRefuses => "cluster-refuses",
        }
    }

    /// What is the matter, as an operator would say it of one slot or of many, to be put behind "slot 7 is not served: ".
    pub fn sentence(self) -> &'static str {
        match self {
            Trouble::OwnerSuspected => "the master does not answer, and may have failed",
            Trouble::OwnerFailed => "the master has failed, and a replica is about to take over",
            Trouble::ClusterPending => "the cluster refuses all requests until a replica has taken over other slots",
            Trouble::NoOwner => "no master is assigned",
            Trouble::NoQuorum => "fewer than a majority of the masters are left, so the cluster refuses all requests",
            Trouble::NoReplica => "the master has failed, and no replica is left that may take over",
            Trouble::FailoverOverdue => "the master is gone, and no replica has taken over in time",
            Trouble::NoAddress => "no node knows the master's address",
            Trouble::ClusterRefuses => {
                "other slots have no master, so the cluster refuses all requests (it requires full coverage)"
            }
        }
    }

    /// What a slot with this trouble is: never [`SlotState::Served`].
    pub fn state(self) -> SlotState {
        match self {
            Trouble::OwnerSuspected | Trouble::OwnerFailed | Trouble::ClusterPending => SlotState::Pending,
            Trouble::NoOwner
            | Trouble::NoQuorum
            | Trouble::NoReplica
            | Trouble::FailoverOverdue
            | Trouble::NoAddress
            | Trouble::ClusterRefuses => SlotState::Unserved,
        }
    }

    /// Of a node's own trouble and the whole cluster's, the one to be told: the graver, then its own, which says more.
    fn graver(own: Option<Trouble>, whole: Option<Trouble>) -> Option<Trouble> {
        let state = |trouble: Option<Trouble>| trouble.map(Trouble::state);
        if state(whole) > state(own) { whole } else { own }
    }
}

/// What is the matter with the slots of each master, and with the cluster as a whole. One byte a node; while all is well, no memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outlook {
    /// By place in the topology's table, what holds for the slots of that node; empty if nothing is the matter with any.
    nodes: Box<[Option<Trouble>]>,
    refusal: Option<Trouble>,
}

impl Outlook {
    /// An outlook of the troubles of the masters that own slots, each with its place in `nodes`, and of what makes the whole cluster
    /// refuse all requests, which then is the trouble of each of them that has no graver one.
    pub(crate) fn new(
        nodes: &Nodes,
        owners: impl Iterator<Item = (usize, Option<Trouble>)>,
        refusal: Option<Trouble>,
    ) -> Self {
        let mut troubles = vec![None; nodes.len()].into_boxed_slice();
        owners.for_each(|(place, own)| troubles[place] = Trouble::graver(own, refusal));
        let is_well = troubles.iter().all(Option::is_none);
        Self { nodes: if is_well { Box::default() } else { troubles }, refusal }
    }

    /// What the flags of the nodes alone tell, and whether the cluster refuses: every failover is taken for possible, every refusal
    /// for lasting.
    pub(super) fn of_flags(nodes: &Nodes, refuses: bool) -> Self {
        let refusal = refuses.then_some(Trouble::ClusterRefuses);
        let owners = || nodes.iter().enumerate().filter(|(_, node)| node.is_slot_owner());
        if !refuses && owners().all(|(_, node)| flagged(node).is_none()) {
            return Self::default();
        }
        Self::new(nodes, owners().map(|(place, node)| (place, flagged(node))), refusal)
    }

    /// What is the matter with the slots of the master at `place` in the topology's table; `None` if they are served.
    pub fn of_node(&self, place: usize) -> Option<Trouble> {
        self.nodes.get(place).copied().flatten()
    }

    /// Why the cluster refuses every request; `None` if it takes some.
    pub fn refusal(&self) -> Option<Trouble> {
        self.refusal
    }

    pub(super) fn heap_size(&self) -> usize {
        size_of_val(&*self.nodes)
    }
}

fn flagged(node: Node<'_>) -> Option<Trouble> {
    if node.has(Flags::FAILED) {
        Some(Trouble::OwnerFailed)
    } else {
        node.has(Flags::SUSPECTED).then_some(Trouble::OwnerSuspected)
    }
}
