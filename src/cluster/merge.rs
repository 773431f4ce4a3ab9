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

use super::claims::Claims;
use super::judge::{Witness, hear};
use super::nodes::{Decision, Flags, Node, NodesBuilder, Role};
use super::roster::{Line, Roster};
use super::slots::SlotRange;
use super::topology::Topology;
use super::view::View;

pub use super::judge::{Rejection, judge};

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
    let mut witnesses = Witness::all(views);
    let roster = Witness::roster(&witnesses, known);
    hear(known, &mut witnesses, &roster);
    let topology = merge_accepted(known, &witnesses, &roster);
    Merged { topology, rejections: Witness::rejections(&witnesses) }
}

fn merge_accepted(known: Option<&Topology>, witnesses: &[Witness<'_>], roster: &Roster<'_>) -> Option<Topology> {
    let accepted = || witnesses.iter().filter(|witness| witness.is_accepted()).map(|witness| witness.view);
    let (best, count) = (accepted().next()?, accepted().count());

    let mut members: Vec<Member<'_>> = Vec::with_capacity(roster.len());
    let mut claims = Claims::default();
    for (lines, known) in roster.iter() {
        let lines = lines.iter().filter(|line| witnesses[line.view].is_accepted());
        let Some(&Line { view, node, .. }) = choose_line(witnesses, lines.clone(), count) else { continue };
        claims.enter(members.len(), lines.clone(), known);
        members.push(Member { line: node, view: witnesses[view].view, known, failure: failure(witnesses, lines) });
    }

    let owned = claims.settle(known, members.len());
    let mut builder = NodesBuilder::for_topology(members.len(), owned.range_count());
    for (place, member) in members.iter().enumerate() {
        builder.copy(member.line, decide(member, owned.ranges(place), owned.epoch(place)));
    }
    Some(Topology {
        generation: 0,
        nodes: builder.build(),
        owners: owned.owners,
        current_epoch: best.info.current_epoch,
        refuses: accepted().filter(|view| view.refuses()).count() * 2 > count,
    })
}

/// A node of the topology, before slots are given.
struct Member<'a> {
    /// The line that tells of it, and its view.
    line: Node<'a>,
    view: &'a View,
    known: Option<Node<'a>>,
    failure: Option<Flags>,
}

/// The line that tells of a node: from the best-informed view that names it, with an address if any view has one. `None` for
/// nodes in a handshake, and for those that most views have forgotten.
fn choose_line<'r, 'a: 'r>(
    witnesses: &[Witness<'_>],
    lines: impl Iterator<Item = &'r Line<'a>> + Clone,
    accepted: usize,
) -> Option<&'r Line<'a>> {
    let mut lines = lines.filter(|line| !line.node.has(Flags::HANDSHAKE));
    if lines.clone().count() * 2 < accepted {
        return None;
    }
    let has_address = |line: &&Line<'_>| witnesses[line.view].view.address_of(line.node).1 != 0;
    lines.clone().find(has_address).or_else(|| lines.next())
}

/// Whether a node counts as failed or suspected, by rule 10.
fn failure<'r, 'a: 'r>(witnesses: &[Witness<'_>], lines: impl Iterator<Item = &'r Line<'a>> + Clone) -> Option<Flags> {
    let said = lines.clone().fold(Flags::default(), |said, line| said.with(line.node.flags()));
    let serves = |line: &Line<'_>| line.is_own && witnesses[line.view].view.info.state_ok;
    if said.contains(Flags::FAILED) && !{ lines }.any(serves) {
        Some(Flags::FAILED)
    } else {
        said.contains(Flags::SUSPECTED).then_some(Flags::SUSPECTED)
    }
}

/// What a node is, given the slots that it has won and by which epoch.
fn decide<'m>(member: &'m Member<'_>, won: &'m [SlotRange], epoch: Option<u64>) -> Decision<'m> {
    let lost_all = won.is_empty() && !member.line.ranges().is_empty();
    let (role, master) = match member.known.filter(|_| lost_all) {
        // It won claims, so it is a master, even where the chosen line has not heard of the promotion.
        _ if !won.is_empty() => (Some(Role::Master), None),
        Some(known) => (known.role(), known.master_id()),
        None => (member.line.role(), member.line.master_id()),
    };
    let (host, port) = member.view.address_of(member.line);
    let config_epoch = epoch.unwrap_or(member.line.config_epoch());
    Decision { host, port, role, master, failure: member.failure, config_epoch, ranges: won }
}
