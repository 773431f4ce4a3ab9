//! Views in, topology out: what is true when nodes disagree.
//!
//! Pure, and deterministic: the same views in any order give the same topology. The rules, each with its reason:
//!
//! 1. **Identity.** Views that share fewer than half of the node ids of the smaller set with what is known are foreign: an
//!    address can be reused by another cluster (jedis#1816), so ids are compared, never addresses. Without anything known the
//!    largest family of related views speaks.
//! 2. **Outsiders.** A node that no other view names, and that is not known, has been forgotten: it keeps a full, `ok` view for
//!    ever, and only the others' silence about it shows that. Its view is rejected; where nothing is known, as soon as one of a
//!    node that is named is at hand. (A known node is not: beside the view of a newcomer, who names few, it would be an outsider
//!    as well.)
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
//!     Not that of a node which was itself failed or suspected until now: one that was stopped finds all its pings unanswered.
//! 11. **Roles.** Who owns slots is a master. Of the others each speaks for itself where its own view is at hand; else it is a
//!     replica if any view calls it one: a node begins as a master without slots, and a demoted one has lost its slots before
//!     all have heard that it copies now. So a view that lags behind a failover makes no master of its loser.
//! 12. **Addresses.** Nodes may see another one at different addresses, behind NAT for good, else until word of a new address is
//!     around. The known address stands as long as one accepted view confirms it: else it would change with whom we ask.
//! 13. **Slots on the move.** A node tells of its own alone, so what it said last stands until it is heard again.
//! 14. **Refusal.** The cluster refuses requests if more than half of the accepted views say so, and a slot has no owner, or one that
//!     fails. Who says so for a failure that is over, as nodes do that were away, refuses alone.

use std::sync::Arc;

use super::address::Address;
use super::claims::Claims;
use super::info_reply::ClusterInfo;
use super::judge::{Witness, hear};
use super::keyslot::SLOT_COUNT;
use super::nodes::{Flags, MovingSlot, Node, Role};
use super::nodes_builder::{Decision, NodesBuilder};
use super::nodes_reply::NodesReply;
use super::outlook::Outlook;
use super::roster::{Line, Roster};
use super::slots::SlotRange;
use super::topology::Topology;
use super::view::View;
use crate::error::{Error, ErrorKind};

pub use super::judge::{Rejection, accepted, judge, rejected};

/// What came of merging views.
#[derive(Clone, Debug)]
pub struct Merged {
    /// `None` if no view can be used; what is known then stands.
    pub topology: Option<Topology>,
    /// For each view, in order, why it was not used; `None` if it was.
    pub rejections: Vec<Option<Rejection>>,
}

/// Merges views into a topology, on top of what is known. Its outlook is what the flags alone tell, until it is judged
/// (`policy::outlook`).
pub fn merge(known: Option<&Topology>, views: &[View]) -> Merged {
    let mut witnesses = Witness::all(views);
    let roster = Witness::roster(&witnesses, known);
    hear(known, &mut witnesses, &roster);
    let topology = merge_accepted(&witnesses, roster);
    Merged { topology, rejections: Witness::rejections(&witnesses) }
}

/// The topology that one node's CLUSTER NODES text tells, as it may be saved to a file: whether the cluster takes requests does not stand in
/// it, nor as a rule the node's own address.
///
/// # Errors
/// [`ErrorKind::BadReply`]: it tells of no cluster; the message says why.
pub fn topology_of(reply: NodesReply) -> Result<Topology, Error> {
    let current_epoch = reply.nodes.iter().map(Node::config_epoch).max().unwrap_or(0);
    let info = ClusterInfo { state_ok: true, current_epoch, ..ClusterInfo::default() };
    let merged = merge(None, &[View { from: Address::new("", 0), reply, info }]);
    merged.topology.ok_or_else(|| {
        let rejection = merged.rejections.iter().flatten().next();
        Error::new(ErrorKind::BadReply, rejection.map_or("it tells of no node", |rejection| rejection.reason()))
    })
}

fn merge_accepted(witnesses: &[Witness<'_>], roster: Roster<'_>) -> Option<Topology> {
    let accepted = || witnesses.iter().filter(|witness| witness.is_accepted()).map(|witness| witness.view);
    let (best, count) = (accepted().next()?, accepted().count());

    let mut members: Vec<Member<'_>> = Vec::with_capacity(roster.len());
    let mut claims = Claims::default();
    let mut told: Vec<Line<'_>> = Vec::new();
    for (places, known) in roster.iter() {
        told.clear();
        told.extend(places.filter(|place| witnesses[place.view].is_accepted()).map(|place| roster.line(place)));
        let Some(member) = Member::new(&told, known, count) else { continue };
        claims.enter(members.len(), &told, known);
        members.push(member);
    }
    // What it took is there for the topology.
    drop(roster);

    let owned = claims.settle(members.iter().map(|member| member.known));
    let mut builder = NodesBuilder::for_topology(members.len(), owned.range_count());
    for (place, member) in members.iter().enumerate() {
        builder.copy(member.line, member.decide(owned.ranges(place), owned.epoch(place)));
    }
    let nodes = builder.build();
    let has_reason = nodes.slot_owners().any(Node::is_failing) || owned.owners.count() < SLOT_COUNT;
    let refuses = has_reason && accepted().filter(|view| view.refuses()).count() * 2 > count;
    let outlook = Outlook::of_flags(&nodes, refuses);
    Some(Topology {
        generation: 0,
        nodes: Arc::new(nodes),
        owners: owned.owners,
        current_epoch: best.info.current_epoch,
        refuses,
        outlook,
    })
}

/// A node of the topology, before slots are given.
struct Member<'a> {
    /// The line that tells of it: of the best-informed view that names it, with an address if any view has one.
    line: Node<'a>,
    address: (&'a str, u16),
    /// The line that tells its role, if it owns no slots: its own, else one that calls it a replica, else any.
    role_line: Node<'a>,
    known: Option<Node<'a>>,
    failure: Option<Flags>,
    moving: &'a [MovingSlot],
}

impl<'a> Member<'a> {
    /// The node that the accepted views tell of, the best-informed first. `None` for one in a handshake or
    /// without a role, and for one that most of so many views have forgotten.
    fn new(told: &[Line<'a>], known: Option<Node<'a>>, accepted: usize) -> Option<Self> {
        let (mut best, mut own, mut replica): (Option<&Line<'a>>, _, _) = (None, None, None);
        let (mut named, mut said, mut serves) = (0, Flags::default(), false);
        let mut moving = known.map_or(&[][..], Node::moving);
        for line @ &Line { view, node, is_own, is_of_returned } in told {
            said = said.with(if is_of_returned { node.flags().without(Flags::SUSPECTED) } else { node.flags() });
            serves |= is_own && view.info.state_ok;
            if node.has(Flags::HANDSHAKE) || node.role().is_none() {
                continue;
            }
            named += 1;
            moving = if is_own { node.moving() } else { moving };
            // With slots it is a master; one that claims slots and gets none has not heard of its loss.
            own = own.or((is_own && !node.has_slots()).then_some(node));
            replica = replica.or((node.role() == Some(Role::Replica)).then_some(node));
            if best.is_none_or(|best| !has_address(best) && has_address(line)) {
                best = Some(line);
            }
        }
        let best = best.filter(|_| named * 2 >= accepted)?;
        let failure = if said.contains(Flags::FAILED) && !serves {
            Some(Flags::FAILED)
        } else {
            said.contains(Flags::SUSPECTED).then_some(Flags::SUSPECTED)
        };
        let mut address = best.view.address_of(best.node);
        let known_address = known.map(|known| (known.host(), known.port())).filter(|&(_, port)| port != 0);
        if known_address.is_some_and(|known| known != address) {
            // Rule 12.
            let addresses = || told.iter().map(|line| line.view.address_of(line.node));
            address = addresses().find(|&told| Some(told) == known_address).unwrap_or(address);
        }
        Some(Self { line: best.node, address, role_line: own.or(replica).unwrap_or(best.node), known, failure, moving })
    }

    /// What the node is, given the slots that it has won and by which epoch.
    fn decide<'m>(&'m self, won: &'m [SlotRange], epoch: Option<u64>) -> Decision<'m> {
        let lost_all = won.is_empty() && self.role_line.has_slots();
        let (role, copied) = match self.known.filter(|_| lost_all) {
            // It won claims, so it is a master, even where the chosen line has not heard of the promotion.
            _ if !won.is_empty() => (Some(Role::Master), None),
            Some(known) => (known.role(), known.master_id()),
            None => (self.role_line.role(), self.role_line.master_id()),
        };
        let master = copied.filter(|_| role == Some(Role::Replica));
        let (host, port) = self.address;
        let config_epoch = epoch.unwrap_or(self.line.config_epoch());
        Decision { host, port, role, master, failure: self.failure, config_epoch, ranges: won, moving: self.moving }
    }
}

fn has_address(line: &Line<'_>) -> bool {
    line.node.port() != 0 || line.view.address_of(line.node).1 != 0
}
