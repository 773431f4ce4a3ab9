//! What changed between two topologies, as values and as an operator would say it.

use std::collections::BTreeMap;
use std::fmt;

use super::nodes::{Flags, Node, NodeId, Role};
use super::slots::{SlotRange, push_slot};
use super::topology::{Topology, address};

/// A node as a change names it: what it was called, and where it stood when it happened.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeName {
    /// The node.
    pub id: NodeId,
    /// `host:port`; `None` if nobody knows its address.
    pub address: Option<super::address::Address>,
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.address {
            Some(address) => address.fmt(f),
            None => write!(f, "{} (no address)", self.id),
        }
    }
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A node is new.
    Joined(NodeName, Option<Role>),
    /// A node is no longer named by the others.
    Left(NodeName),
    /// The masters agreed that a node has failed.
    Failed(NodeName, Option<Role>),
    /// A failed node is back.
    Recovered(NodeName, Option<Role>),
    /// A replica became a master.
    Promoted(NodeName),
    /// A master became a replica.
    Demoted(NodeName),
    /// A replica copies another master than before: the replica, the master (`None`: it does not know one).
    Follows(NodeName, Option<NodeName>),
    /// A node has another address: the old name, the new one.
    Moved(NodeName, NodeName),
    /// Slots changed hands: from whom, to whom (`None`: nobody), which.
    SlotsMoved(Option<NodeName>, Option<NodeName>, Vec<SlotRange>),
    /// The cluster refuses all requests from now on (`true`), or takes them again.
    Refusing(bool),
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let role = |role: &Option<Role>| role.map_or("node", Role::name);
        let owner = |owner: &Option<NodeName>| owner.as_ref().map_or("nobody".to_owned(), NodeName::to_string);
        match self {
            Change::Joined(node, kind) => write!(f, "{} {node} joined", role(kind)),
            Change::Left(node) => write!(f, "node {node} left"),
            Change::Failed(node, kind) => write!(f, "{} {node} failed", role(kind)),
            Change::Recovered(node, kind) => write!(f, "{} {node} recovered", role(kind)),
            Change::Promoted(node) => write!(f, "replica {node} was promoted to master"),
            Change::Demoted(node) => write!(f, "master {node} is a replica now"),
            Change::Follows(replica, Some(master)) => write!(f, "replica {replica} copies {master} now"),
            Change::Follows(replica, None) => write!(f, "replica {replica} knows no master"),
            Change::Moved(old, new) => write!(f, "node {old} has moved to {new}"),
            Change::SlotsMoved(from, to, ranges) => {
                let count: usize = ranges.iter().map(|range| range.count()).sum();
                write!(f, "{count} slots ({}) went from {} to {}", list(ranges), owner(from), owner(to))
            }
            Change::Refusing(true) => write!(f, "the cluster refuses all requests"),
            Change::Refusing(false) => write!(f, "the cluster takes requests again"),
        }
    }
}

/// What changed from `old` to `new`, in a stable order: nodes by id, then slots, then the state of the whole. Empty if
/// nothing that a reader acts on has changed: `fail?`, link states, times and epochs are no change.
///
/// Without an `old` topology each node joined, and no more is said.
pub fn diff(old: Option<&Topology>, new: &Topology) -> Vec<Change> {
    let Some(old) = old else {
        let mut changes: Vec<_> = new.nodes().iter().map(|node| Change::Joined(name(node), node.role())).collect();
        changes.extend(new.refuses_requests().then_some(Change::Refusing(true)));
        return changes;
    };
    let topology = new;
    let mut changes = Vec::new();
    // Both tables are sorted by id: one walk pairs them.
    let (mut olds, mut news) = (old.nodes().iter().peekable(), new.nodes().iter().peekable());
    let mut same_places = old.nodes().len() == new.nodes().len();
    loop {
        match (olds.peek().copied(), news.peek().copied()) {
            (Some(old), Some(new)) if old.id() == new.id() => {
                node_changes(old, new, &mut changes);
                if old.role() == Some(Role::Replica) && new.role() == old.role() && new.master_id() != old.master_id() {
                    let master = new.master_id().and_then(|id| topology.nodes().find(id));
                    changes.push(Change::Follows(name(new), master.map(name)));
                }
                olds.next();
                news.next();
                continue;
            }
            (Some(old), new) if new.is_none_or(|new| old.id() < new.id()) => {
                changes.push(Change::Left(name(old)));
                olds.next();
            }
            (_, Some(new)) => {
                changes.push(Change::Joined(name(new), new.role()));
                news.next();
            }
            (_, None) => break,
        }
        same_places = false;
    }
    // With the same nodes an owner has the same place in both, and the two maps can be compared as they are.
    if !same_places || old.owners() != new.owners() {
        changes.extend(slot_changes(old, new));
    }
    if old.refuses_requests() != new.refuses_requests() {
        changes.push(Change::Refusing(new.refuses_requests()));
    }
    changes
}

fn node_changes(old: Node<'_>, new: Node<'_>, changes: &mut Vec<Change>) {
    if (old.host(), old.port()) != (new.host(), new.port()) {
        changes.push(Change::Moved(name(old), name(new)));
    }
    match (old.has(Flags::FAILED), new.has(Flags::FAILED)) {
        (false, true) => changes.push(Change::Failed(name(new), new.role())),
        (true, false) => changes.push(Change::Recovered(name(new), new.role())),
        _ => {}
    }
    match (old.role(), new.role()) {
        (Some(Role::Replica), Some(Role::Master)) => changes.push(Change::Promoted(name(new))),
        (Some(Role::Master), Some(Role::Replica)) => changes.push(Change::Demoted(name(new))),
        _ => {}
    }
}

fn slot_changes(old: &Topology, new: &Topology) -> Vec<Change> {
    let mut moved: BTreeMap<(Option<NodeName>, Option<NodeName>), Vec<SlotRange>> = BTreeMap::new();
    for slot in 0..super::keyslot::SLOT_COUNT as u16 {
        let (from, to) = (old.owner_of(slot), new.owner_of(slot));
        if from.map(Node::id) == to.map(Node::id) {
            continue;
        }
        push_slot(moved.entry((from.map(name), to.map(name))).or_default(), slot);
    }
    moved.into_iter().map(|((from, to), ranges)| Change::SlotsMoved(from, to, ranges)).collect()
}

fn name(node: Node<'_>) -> NodeName {
    NodeName { id: node.id(), address: address(node) }
}

/// The first ranges, and how many more there are: a log line has an end.
fn list(ranges: &[SlotRange]) -> String {
    const SHOWN: usize = 5;
    let mut text = ranges.iter().take(SHOWN).map(SlotRange::to_string).collect::<Vec<_>>().join(" ");
    if ranges.len() > SHOWN {
        text.push_str(&format!(" and {} more ranges", ranges.len() - SHOWN));
    }
    text
}
