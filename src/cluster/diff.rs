//! What changed between two topologies, as values and as an operator would say it.
//!
//! Nothing is left out that a reader acts on: whoever applies the changes to the nodes' addresses, roles, masters, failures and
//! suspicions, to the owners and troubles of the slots and to whether requests are taken, has those of the new topology.

use std::collections::BTreeMap;
use std::fmt;

use super::keyslot::SLOT_COUNT;
use super::nodes::{Flags, Node, NodeId, Role};
use super::outlook::{SlotState, Trouble};
use super::slots::{SlotRange, push_slot};
use super::topology::{Topology, address};
use crate::words::counted;

/// A node as a change names it: what it was called, and where it stood when it happened.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeName {
    /// The node.
    pub id: NodeId,
    /// `host:port`; `None` if nobody knows its address.
    pub address: Option<super::address::Address>,
}

impl NodeName {
    /// What this node is called now.
    pub fn of(node: Node<'_>) -> Self {
        Self { id: node.id(), address: address(node) }
    }
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
    /// A node is new. If it has failed, is suspected, or copies a master, that is told behind.
    Joined(NodeName, Option<Role>),
    /// A node is no longer named by the others.
    Left(NodeName),
    /// The masters agreed that a node has failed.
    Failed(NodeName, Option<Role>),
    /// A failed node is back.
    Recovered(NodeName, Option<Role>),
    /// A node is suspected: `fail?`, the word of one node.
    Suspected(NodeName, Option<Role>),
    /// A suspected node is trusted again; if it had failed instead, that is told alone.
    Trusted(NodeName, Option<Role>),
    /// A replica became a master.
    Promoted(NodeName),
    /// A master became a replica. What it copies is told behind.
    Demoted(NodeName),
    /// A replica copies another master than before: the replica, the master (`None`: it does not know one).
    Follows(NodeName, Option<NodeName>),
    /// A node has another address: the old name, the new one.
    Moved(NodeName, NodeName),
    /// Slots changed hands: from whom, to whom (`None`: nobody), which.
    SlotsMoved(Option<NodeName>, Option<NodeName>, Vec<SlotRange>),
    /// The number of slots whose owner lives has changed.
    Coverage {
        /// How many there were.
        before: usize,
        /// How many there are.
        after: usize,
    },
    /// The cluster refuses all requests from now on (`true`), or takes them again.
    Refusing(bool),
    /// Slots are served again (`None`), or have this trouble from now on, which tells their state: which.
    Slots(Option<Trouble>, Vec<SlotRange>),
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
            Change::Suspected(node, kind) => write!(f, "{} {node} is suspected to have failed", role(kind)),
            Change::Trusted(node, kind) => write!(f, "{} {node} is not suspected any more", role(kind)),
            Change::Promoted(node) => write!(f, "replica {node} was promoted to master"),
            Change::Demoted(node) => write!(f, "master {node} is a replica now"),
            Change::Follows(replica, Some(master)) => write!(f, "replica {replica} copies {master} now"),
            Change::Follows(replica, None) => write!(f, "replica {replica} knows no master"),
            Change::Moved(old, NodeName { address: None, .. }) => write!(f, "node {old} has no known address any more"),
            Change::Moved(old, new) => write!(f, "node {old} has moved to {new}"),
            Change::SlotsMoved(from, to, ranges) => {
                write!(f, "{} went from {} to {}", slots(ranges), owner(from), owner(to))
            }
            Change::Coverage { before, after } => {
                let way = if after < before { "down" } else { "up" };
                write!(f, "{after} of {SLOT_COUNT} slots have a living owner, {way} from {before}")
            }
            Change::Refusing(true) => write!(f, "the cluster refuses all requests"),
            Change::Refusing(false) => write!(f, "the cluster takes requests again"),
            Change::Slots(trouble, ranges) => {
                let are = if matches!(ranges[..], [range] if range.count() == 1) { "is" } else { "are" };
                let state = trouble.map_or(SlotState::Served, Trouble::state).name();
                let reason = trouble.map_or(" again".to_owned(), |trouble| format!(": {}", trouble.sentence()));
                write!(f, "{} {are} {state}{reason}", slots(ranges))
            }
        }
    }
}

/// What changed from `old` to `new`, in a stable order: nodes by id, then who owns slots, then the state of the whole, then what is
/// the matter with slots. Empty if nothing that a reader acts on has changed: link states, times and epochs are no change, nor is the
/// name of a host, nor what CLUSTER NODES says beyond its flags.
///
/// Without an `old` topology each node joined, and of the rest only a refusal is told, and which slots are not served.
pub fn diff(old: Option<&Topology>, new: &Topology) -> Vec<Change> {
    let mut changes = Vec::new();
    let Some(old) = old else {
        changes.extend(new.nodes().iter().map(|node| Change::Joined(NodeName::of(node), node.role())));
        changes.extend(new.refuses_requests().then_some(Change::Refusing(true)));
        trouble_changes(|_| None, |slot| new.slot_trouble(slot), &mut changes);
        return changes;
    };
    let same_places = node_changes(old, new, &mut changes);
    // With the same nodes an owner has the same place in both, and the two maps can be compared as they are.
    let same_owners = same_places && old.owners() == new.owners();
    if !same_owners {
        slot_changes(old, new, &mut changes);
    }
    if !changes.is_empty() {
        let (before, after) = (old.covered_slots(), new.covered_slots());
        changes.extend((before != after).then_some(Change::Coverage { before, after }));
    }
    if old.refuses_requests() != new.refuses_requests() {
        changes.push(Change::Refusing(new.refuses_requests()));
    }
    if !same_owners || old.outlook() != new.outlook() {
        trouble_changes(|slot| old.slot_trouble(slot), |slot| new.slot_trouble(slot), &mut changes);
    }
    changes
}

/// Tells what became of the nodes; says whether they are the same nodes in the same places.
fn node_changes(old: &Topology, new: &Topology, changes: &mut Vec<Change>) -> bool {
    if old.nodes().is_alike(new.nodes()) {
        return true;
    }
    // Both tables are sorted by id: one walk pairs them.
    let mut news = new.nodes().iter();
    let mut next = news.next();
    let mut pairs = 0;
    for was in old.nodes().iter() {
        while let Some(is) = next
            && is.id() != was.id()
            && is.id() < was.id()
        {
            joined(is, new, changes);
            next = news.next();
        }
        if let Some(is) = next
            && is.id() == was.id()
        {
            pairs += 1;
            node_change(was, is, new, changes);
            next = news.next();
        } else {
            changes.push(Change::Left(NodeName::of(was)));
        }
    }
    next.into_iter().chain(news).for_each(|is| joined(is, new, changes));
    pairs == old.nodes().len() && pairs == new.nodes().len()
}

fn joined(node: Node<'_>, new: &Topology, changes: &mut Vec<Change>) {
    changes.push(Change::Joined(NodeName::of(node), node.role()));
    if node.has(Flags::FAILED) {
        changes.push(Change::Failed(NodeName::of(node), node.role()));
    }
    if is_suspected(node) {
        changes.push(Change::Suspected(NodeName::of(node), node.role()));
    }
    if node.master_id().is_some() {
        changes.push(follows(node, new));
    }
}

fn node_change(was: Node<'_>, is: Node<'_>, new: &Topology, changes: &mut Vec<Change>) {
    if address(was) != address(is) {
        changes.push(Change::Moved(NodeName::of(was), NodeName::of(is)));
    }
    match (was.has(Flags::FAILED), is.has(Flags::FAILED)) {
        (false, true) => changes.push(Change::Failed(NodeName::of(is), is.role())),
        (true, false) => changes.push(Change::Recovered(NodeName::of(is), is.role())),
        _ => {}
    }
    match (is_suspected(was), is_suspected(is)) {
        (false, true) => changes.push(Change::Suspected(NodeName::of(is), is.role())),
        (true, false) if !is.has(Flags::FAILED) => changes.push(Change::Trusted(NodeName::of(is), is.role())),
        _ => {}
    }
    match (was.role(), is.role()) {
        (Some(Role::Replica), Some(Role::Master)) => changes.push(Change::Promoted(NodeName::of(is))),
        (Some(Role::Master), Some(Role::Replica)) => changes.push(Change::Demoted(NodeName::of(is))),
        _ => {}
    }
    if is.role() == Some(Role::Replica) && was.master_id() != is.master_id() {
        changes.push(follows(is, new));
    }
}

fn follows(replica: Node<'_>, new: &Topology) -> Change {
    let master = replica.master_id().map(|id| new.node(id).map_or(NodeName { id, address: None }, NodeName::of));
    Change::Follows(NodeName::of(replica), master)
}

/// Tells which slots changed hands: by the old owner, then by the new one.
fn slot_changes(old: &Topology, new: &Topology, changes: &mut Vec<Change>) {
    let (before, after) = (old.owners().as_array(), new.owners().as_array());
    // Runs with one owner before and one after; the owners' places are in the order of ids.
    let mut moved: Vec<(Option<Node<'_>>, Option<Node<'_>>, SlotRange)> = Vec::new();
    let mut first = 0;
    while first < SLOT_COUNT {
        let owners = (before[first], after[first]);
        let count = before[first..].iter().zip(&after[first..]).take_while(|&(&a, &b)| (a, b) == owners).count();
        let (from, to) = (old.nodes().get(owners.0.into()), new.nodes().get(owners.1.into()));
        if from.map(Node::id) != to.map(Node::id) {
            moved.push((from, to, SlotRange { first: first as u16, last: (first + count - 1) as u16 }));
        }
        first += count;
    }
    let owners =
        |(from, to, _): &(Option<Node<'_>>, Option<Node<'_>>, SlotRange)| (from.map(Node::id), to.map(Node::id));
    moved.sort_by_key(owners);
    for moved in moved.chunk_by(|a, b| owners(a) == owners(b)) {
        let (from, to, _) = moved[0];
        let ranges = moved.iter().map(|(_, _, range)| *range).collect();
        changes.push(Change::SlotsMoved(from.map(NodeName::of), to.map(NodeName::of), ranges));
    }
}

/// Tells what is the matter with slots that it was not the matter with before: the served ones first, then by the trouble's number.
fn trouble_changes(
    before: impl Fn(u16) -> Option<Trouble>,
    after: impl Fn(u16) -> Option<Trouble>,
    changes: &mut Vec<Change>,
) {
    let mut told: BTreeMap<Option<Trouble>, Vec<SlotRange>> = BTreeMap::new();
    for slot in 0..SLOT_COUNT as u16 {
        let trouble = after(slot);
        if trouble != before(slot) {
            push_slot(told.entry(trouble).or_default(), slot);
        }
    }
    changes.extend(told.into_iter().map(|(trouble, ranges)| Change::Slots(trouble, ranges)));
}

/// Whether one node suspects it, and the others have not agreed.
fn is_suspected(node: Node<'_>) -> bool {
    node.has(Flags::SUSPECTED) && !node.has(Flags::FAILED)
}

/// How many slots, and which.
fn slots(ranges: &[SlotRange]) -> String {
    let count: usize = ranges.iter().map(|range| range.count()).sum();
    format!("{} ({})", counted(count, "slot"), list(ranges))
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
