//! Views in, topology out: what is true when nodes disagree.
//!
//! Pure, and deterministic: the same views in any order give the same topology. The rules, each with its reason:
//!
//! 1. **Identity.** Views that share fewer than half of the node ids of the smaller set with what is known are foreign: an
//!    address can be reused by another cluster (jedis#1816), so ids are compared, never addresses. Without anything known the
//!    largest family of related views speaks.
//! 2. **Outsiders.** A node that no other view names has been forgotten: it keeps a full, `ok` view for ever, and only the
//!    others' silence about it shows that. Its view is rejected as soon as another one is at hand.
//! 3. **Empty views** (a fresh or reset node) are rejected while others exist (jedis#3195).
//! 4. **Quorum.** A view whose node reaches no majority of the slot-owning masters never beats one that does: nothing it says has
//!    been agreed by anybody.
//! 5. **No way back.** A view whose current epoch is below the one already known is behind: epochs travel with each bus
//!    packet, so it was cut off or has just been resumed. It waits until it has caught up.
//! 6. **Claims.** A claim is (slot, master, config epoch), from a master's own line in any view; the highest epoch wins, as
//!    among the nodes themselves. Replica lines' epochs never count: up to Redis 6.0.8 they are the replica's own.
//! 7. **A master speaks for itself.** What another view says of a master's slots is void if that master's own view is at
//!    hand, at the same or a later config epoch: it gives a slot up only for a higher claim or by an operator's word, and
//!    knows first. So a slot that has just left a master is not given back to it by a node that has not heard yet.
//! 8. **What is known is a claim too**, void by rule 7 like any other, and by the owner being forgotten. Every vote raises the
//!    voters' current epoch before they hear who won, so a view can be as new as what is known and yet not know of it; a slot
//!    never goes back for that. A line whose slots all went to others is such an old word: the role known before stands.
//! 9. **Ties** (equal epochs: a collision that the nodes are about to solve) go to the known owner, then to the lower id.
//! 10. **Failure.** `fail` in an accepted view counts, unless the node itself has answered with a view that was accepted,
//!     takes requests and knows slots. `fail?` is one node's suspicion; it is kept for the alarm and changes nobody's slots.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::keyslot::SLOT_COUNT;
use super::nodes::{Decision, Flags, Node, NodeId, Nodes, NodesBuilder, Role};
use super::slots::SlotOwners;
use super::topology::Topology;
use super::view::View;

/// Why a view was not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rejection {
    /// The node knows no slots: it is fresh, or was reset.
    Empty,
    /// The node belongs to another cluster.
    Foreign,
    /// No other view names the node: it was forgotten.
    Outsider,
    /// The node reaches no majority of the masters, and another view's does.
    Minority,
    /// The node has not heard of an epoch that is known already.
    Behind,
}

impl Rejection {
    /// What is wrong with the view, to be put behind "the view of 10.0.0.1:6379 was not used: ".
    pub fn reason(self) -> &'static str {
        match self {
            Rejection::Empty => "it knows no slots",
            Rejection::Foreign => "it is of another cluster",
            Rejection::Outsider => "no other node names it: it was forgotten",
            Rejection::Minority => "its node reaches no majority of the masters",
            Rejection::Behind => "it is older than what is known",
        }
    }
}

/// What came of merging views.
#[derive(Clone, Debug)]
pub struct Merged {
    /// `None` if no view can be used; what is known then stands.
    pub topology: Option<Topology>,
    /// For each view, in order, why it was not used; `None` if it was.
    pub rejections: Vec<Option<Rejection>>,
}

/// Merges views into a topology, on top of what is known.
pub fn merge(known: Option<&Topology>, views: &[View]) -> Merged {
    let rejections = judge(known, views);
    let accepted = views.iter().zip(&rejections).filter(|(_, rejection)| rejection.is_none());
    let topology = merge_accepted(known, accepted.map(|(view, _)| view).collect());
    Merged { topology, rejections }
}

fn merge_accepted(known: Option<&Topology>, mut accepted: Vec<&View>) -> Option<Topology> {
    if accepted.is_empty() {
        return None;
    }
    // The best-informed first: it has the highest epochs. The rest of the key only makes the order total.
    accepted.sort_by_cached_key(|view| {
        let highest_claim = view.nodes().slot_owners().map(Node::config_epoch).max();
        std::cmp::Reverse((
            view.info.current_epoch,
            highest_claim,
            view.info.slots_assigned,
            view.id(),
            view.from.clone(),
        ))
    });

    let lines = choose_lines(&accepted);
    let ids: Vec<NodeId> = lines.keys().copied().collect();
    let places: HashMap<NodeId, usize> = ids.iter().enumerate().map(|(place, &id)| (id, place)).collect();
    let claims = settle_claims(known, &accepted, &places);
    let ranges = claims.owners.ranges(ids.len());
    let epochs = claims.epochs_by_owner(ids.len());

    let failed = failed_nodes(&accepted);
    let suspected = flagged(&accepted, Flags::SUSPECTED);
    let mut builder = NodesBuilder::default();
    for (((id, (view, line)), won), epoch) in lines.iter().zip(&ranges).zip(&epochs) {
        let lost_all = won.is_empty() && !line.ranges().is_empty();
        let known_line = known.filter(|_| lost_all).and_then(|known| known.nodes().find(*id));
        let (role, master) = match known_line {
            // It won claims, so it is a master, even where the chosen line has not heard of the promotion.
            _ if !won.is_empty() => (Some(Role::Master), None),
            Some(known) => (known.role(), known.master_id()),
            None => (line.role(), line.master_id()),
        };
        let failure = match (failed.contains(id), suspected.contains(id)) {
            (true, _) => Some(Flags::FAILED),
            (false, true) => Some(Flags::SUSPECTED),
            (false, false) => None,
        };
        let (host, port) = view.address_of(*line);
        let config_epoch = epoch.unwrap_or(line.config_epoch());
        builder.copy(*line, Decision { host, port, role, master, failure, config_epoch, ranges: won });
    }
    let refusing = accepted.iter().filter(|view| view.refuses()).count();
    Some(Topology {
        generation: 0,
        nodes: builder.build(),
        owners: claims.owners,
        current_epoch: accepted[0].info.current_epoch,
        refuses: refusing * 2 > accepted.len(),
    })
}

/// For each view the reason why it cannot be used, by rules 1 to 5; `None` for those that can.
pub fn judge(known: Option<&Topology>, views: &[View]) -> Vec<Option<Rejection>> {
    let ids: Vec<HashSet<NodeId>> = views.iter().map(|view| view.nodes().iter().map(Node::id).collect()).collect();
    let mut judged: Vec<Option<Rejection>> =
        views.iter().map(|view| (!view.knows_slots()).then_some(Rejection::Empty)).collect();
    let is_open = |judged: &[Option<Rejection>], index: usize| judged[index].is_none();

    let family = match known {
        Some(topology) => topology.nodes().iter().map(Node::id).collect(),
        None => largest_family(views, &ids, &judged),
    };
    for (index, ids) in ids.iter().enumerate() {
        if is_open(&judged, index) && !are_related(&family, ids) {
            judged[index] = Some(Rejection::Foreign);
        }
    }

    for index in 0..views.len() {
        let Some(id) = views[index].id() else { continue };
        let mut others = (0..views.len()).filter(|&other| other != index && is_open(&judged, other)).peekable();
        let is_known = known.is_some_and(|topology| topology.nodes().position(id).is_some());
        if is_open(&judged, index)
            && others.peek().is_some()
            && !is_known
            && !others.any(|other| ids[other].contains(&id))
        {
            judged[index] = Some(Rejection::Outsider);
        }
    }

    reject_unless(&mut judged, Rejection::Minority, |index| views[index].has_quorum());
    if let Some(known) = known {
        for (view, judged) in views.iter().zip(&mut judged) {
            if judged.is_none() && view.info.current_epoch < known.current_epoch {
                *judged = Some(Rejection::Behind);
            }
        }
    }
    judged
}

/// Rejects the open views that fail `test`, if any open view passes it.
fn reject_unless(judged: &mut [Option<Rejection>], rejection: Rejection, test: impl Fn(usize) -> bool) {
    let passes: Vec<bool> = (0..judged.len()).map(|index| judged[index].is_none() && test(index)).collect();
    if passes.contains(&true) {
        for (judged, passes) in judged.iter_mut().zip(passes) {
            if judged.is_none() && !passes {
                *judged = Some(rejection);
            }
        }
    }
}

/// The ids that the most open views are related to; among equals the larger set, then the one with the lower ids.
fn largest_family(views: &[View], ids: &[HashSet<NodeId>], judged: &[Option<Rejection>]) -> HashSet<NodeId> {
    let open: Vec<&HashSet<NodeId>> = ids.iter().zip(judged).filter(|(_, j)| j.is_none()).map(|(ids, _)| ids).collect();
    let quorums = |ids: &HashSet<NodeId>| {
        views.iter().filter(|v| v.has_quorum() && v.id().is_some_and(|id| ids.contains(&id))).count()
    };
    open.iter()
        .max_by_key(|ids| {
            let relatives = open.iter().filter(|other| are_related(ids, other)).count();
            (relatives, quorums(ids), ids.len(), std::cmp::Reverse(ids.iter().min().copied()))
        })
        .map(|ids| (*ids).clone())
        .unwrap_or_default()
}

/// Whether two sets of ids name the same cluster: they share at least half of the smaller one.
fn are_related(a: &HashSet<NodeId>, b: &HashSet<NodeId>) -> bool {
    let shared = a.intersection(b).count();
    shared > 0 && shared * 2 >= a.len().min(b.len())
}

/// The line that tells of each node: from the best-informed view that names it. Nodes in a handshake, and those that most
/// views have forgotten, are left out.
fn choose_lines<'a>(accepted: &[&'a View]) -> BTreeMap<NodeId, (&'a View, Node<'a>)> {
    let mut lines: BTreeMap<NodeId, (&View, Node<'_>, usize)> = BTreeMap::new();
    for view in accepted {
        for node in view.nodes().iter().filter(|node| !node.has(Flags::HANDSHAKE)) {
            let line = lines.entry(node.id()).or_insert((view, node, 0));
            line.2 += 1;
            // A line without an address gives way to one that has it.
            if view.address_of(node).1 != 0 && line.0.address_of(line.1).1 == 0 {
                (line.0, line.1) = (view, node);
            }
        }
    }
    lines
        .into_iter()
        .filter(|(_, (_, _, names))| names * 2 >= accepted.len())
        .map(|(id, (view, node, _))| (id, (view, node)))
        .collect()
}

/// Who owns each slot and by which epoch, by rules 6 to 9.
fn settle_claims(known: Option<&Topology>, accepted: &[&View], places: &HashMap<NodeId, usize>) -> Claims {
    let own_epochs: HashMap<NodeId, u64> =
        accepted.iter().filter_map(|view| view.nodes().myself()).map(|me| (me.id(), me.config_epoch())).collect();
    let mut claims = Claims { owners: SlotOwners::none(), epochs: vec![0; SLOT_COUNT] };
    let tables = known.map(Topology::nodes).into_iter().chain(accepted.iter().map(|view| view.nodes()));
    for node in tables.flat_map(Nodes::slot_owners).filter(|node| !node.has(Flags::HANDSHAKE)) {
        let Some(&place) = places.get(&node.id()) else { continue };
        let speaks_for_itself = own_epochs.get(&node.id()).is_some_and(|&own| own >= node.config_epoch());
        if speaks_for_itself && !node.has(Flags::MYSELF) {
            continue;
        }
        for slot in node.ranges().iter().flat_map(|range| range.slots()) {
            claims.settle(slot, place, node.config_epoch(), || known_owner(known, places, slot));
        }
    }
    claims
}

fn known_owner(known: Option<&Topology>, places: &HashMap<NodeId, usize>, slot: u16) -> Option<usize> {
    places.get(&known?.owner_of(slot)?.id()).copied()
}

/// The best claim to each slot so far.
struct Claims {
    owners: SlotOwners,
    epochs: Vec<u64>,
}

impl Claims {
    /// Enters a claim, if it is better than the one at hand.
    fn settle(&mut self, slot: u16, place: usize, epoch: u64, known_owner: impl Fn() -> Option<usize>) {
        let at_hand = self.epochs[usize::from(slot)];
        let wins = match self.owners.get(slot) {
            None => true,
            Some(owner) if owner == place || epoch != at_hand => epoch > at_hand,
            // Places are in the order of ids.
            Some(owner) => match known_owner() {
                Some(known) if known == place || known == owner => known == place,
                _ => place < owner,
            },
        };
        if wins {
            self.owners.set(slot, place);
            self.epochs[usize::from(slot)] = epoch;
        }
    }

    /// The highest epoch by which each of `nodes` nodes owns a slot.
    fn epochs_by_owner(&self, nodes: usize) -> Vec<Option<u64>> {
        let mut epochs = vec![None; nodes];
        for (owner, &epoch) in self.owners.iter().zip(&self.epochs) {
            if let Some(owner) = owner {
                epochs[owner] = epochs[owner].max(Some(epoch));
            }
        }
        epochs
    }
}

/// The nodes that count as failed, by rule 10.
fn failed_nodes(accepted: &[&View]) -> HashSet<NodeId> {
    let mut failed = flagged(accepted, Flags::FAILED);
    for view in accepted.iter().filter(|view| view.info.state_ok) {
        if let Some(id) = view.id() {
            failed.remove(&id);
        }
    }
    failed
}

fn flagged(accepted: &[&View], flag: Flags) -> HashSet<NodeId> {
    accepted.iter().flat_map(|view| view.nodes().iter()).filter(|node| node.has(flag)).map(Node::id).collect()
}
