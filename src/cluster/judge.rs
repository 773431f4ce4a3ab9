//! Which views are believed: rules 1 to 5 of [`super::merge`].

use std::cmp::Reverse;

use super::nodes::{Node, NodeId};
use super::roster::{Roster, Voice};
use super::topology::Topology;
use super::view::{Standing, View};

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
    /// All of them.
    pub const ALL: [Rejection; 5] =
        [Rejection::Empty, Rejection::Foreign, Rejection::Outsider, Rejection::Minority, Rejection::Behind];

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Rejection::Empty => "empty",
            Rejection::Foreign => "foreign",
            Rejection::Outsider => "outsider",
            Rejection::Minority => "minority",
            Rejection::Behind => "behind",
        }
    }

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

/// For each view the reason why it cannot be used, by rules 1 to 5; `None` for those that can.
pub fn judge(known: Option<&Topology>, views: &[View]) -> Vec<Option<Rejection>> {
    let mut witnesses = Witness::all(views);
    let roster = Witness::roster(&witnesses, known);
    hear(known, &mut witnesses, &roster);
    Witness::rejections(&witnesses)
}

/// The views that can be used, by what [`judge`] has said of each.
pub fn accepted<'v>(views: &'v [View], rejections: &[Option<Rejection>]) -> impl Iterator<Item = &'v View> {
    views.iter().zip(rejections).filter(|(_, rejection)| rejection.is_none()).map(|(view, _)| view)
}

/// The views that cannot, and why.
pub fn rejected<'v>(
    views: &'v [View],
    rejections: &[Option<Rejection>],
) -> impl Iterator<Item = (&'v View, Rejection)> {
    views.iter().zip(rejections).filter_map(|(view, rejection)| rejection.map(|rejection| (view, rejection)))
}

/// A view, and what is thought of it.
pub(super) struct Witness<'a> {
    pub(super) view: &'a View,
    standing: Standing,
    /// The view's place as the caller gave it.
    place: usize,
    /// Why the view is not used; `None` as long as nothing speaks against it.
    pub(super) rejection: Option<Rejection>,
}

impl<'a> Witness<'a> {
    /// All views, the best-informed first: it has the highest epochs. The rest of the key only makes the order total, so that
    /// it does not matter who answered first.
    pub(super) fn all(views: &'a [View]) -> Vec<Self> {
        let witness =
            |(place, view): (usize, &'a View)| Witness { view, standing: view.standing(), place, rejection: None };
        let mut witnesses: Vec<Self> = views.iter().enumerate().map(witness).collect();
        let key = |witness: &Self| {
            let Witness { view, standing, .. } = witness;
            (view.info.current_epoch, standing.highest_claim, view.info.slots_assigned, witness.own())
        };
        // One node at one address, asked twice: whatever tells the two apart.
        let text = |witness: &Self| format!("{:?}", witness.view.nodes());
        witnesses
            .sort_by(|a, b| (key(b), &b.view.from).cmp(&(key(a), &a.view.from)).then_with(|| text(b).cmp(&text(a))));
        witnesses
    }

    /// What all of them say, by node.
    pub(super) fn roster(witnesses: &[Self], known: Option<&'a Topology>) -> Roster<'a> {
        let was_failing = |id: NodeId| known.and_then(|known| known.node(id)).is_some_and(Node::is_failing);
        let voice = |witness: &Self| Voice {
            view: witness.view,
            own: witness.standing.own,
            is_returned: witness.own().is_some_and(was_failing),
        };
        Roster::new(known, witnesses.iter().map(voice).collect())
    }

    /// What is thought of each, in the order of the caller.
    pub(super) fn rejections(witnesses: &[Self]) -> Vec<Option<Rejection>> {
        let mut rejections = vec![None; witnesses.len()];
        witnesses.iter().for_each(|witness| rejections[witness.place] = witness.rejection);
        rejections
    }

    pub(super) fn is_accepted(&self) -> bool {
        self.rejection.is_none()
    }

    fn own(&self) -> Option<NodeId> {
        self.standing.own.and_then(|place| self.view.nodes().get(place)).map(Node::id)
    }
}

/// Judges the views, by rules 1 to 5.
pub(super) fn hear(known: Option<&Topology>, witnesses: &mut [Witness<'_>], roster: &Roster<'_>) {
    for witness in witnesses.iter_mut().filter(|witness| witness.standing.highest_claim.is_none()) {
        witness.rejection = Some(Rejection::Empty);
    }

    let kinship = Kinship::of(roster, known, witnesses.len());
    let family = if known.is_some() { Some(kinship.known()) } else { kinship.largest_family(witnesses) };
    reject(witnesses, Rejection::Foreign, |_, view| !family.is_some_and(|family| kinship.are_related(family, view)));

    let is_named = |witnesses: &[Witness<'_>], view: usize| {
        let own = witnesses[view].own();
        let is_other = |other: usize| witnesses[other].is_accepted() && witnesses[other].own() != own;
        own.is_none()
            || kinship.names(kinship.known(), view)
            || (0..witnesses.len()).any(|other| is_other(other) && kinship.names(other, view))
    };
    match known {
        Some(_) => reject(witnesses, Rejection::Outsider, |witnesses, view| !is_named(witnesses, view)),
        None => reject_unless(witnesses, Rejection::Outsider, is_named),
    }
    reject_unless(witnesses, Rejection::Minority, |witnesses, view| witnesses[view].standing.has_quorum);
    if let Some(known) = known {
        let is_behind = |view: &View| view.info.current_epoch < known.current_epoch;
        reject(witnesses, Rejection::Behind, |witnesses, view| is_behind(witnesses[view].view));
    }
}

/// Rejects those of the views still believed that a test is true of.
fn reject(witnesses: &mut [Witness<'_>], rejection: Rejection, test: impl Fn(&[Witness<'_>], usize) -> bool) {
    let is_rejected = |view: &usize| witnesses[*view].is_accepted() && test(witnesses, *view);
    let rejected: Vec<usize> = (0..witnesses.len()).filter(is_rejected).collect();
    rejected.into_iter().for_each(|view| witnesses[view].rejection = Some(rejection));
}

/// Rejects those of the views still believed that fail a test, if any of them passes it.
fn reject_unless(witnesses: &mut [Witness<'_>], rejection: Rejection, test: impl Fn(&[Witness<'_>], usize) -> bool) {
    if (0..witnesses.len()).any(|view| witnesses[view].is_accepted() && test(witnesses, view)) {
        reject(witnesses, rejection, |witnesses, view| !test(witnesses, view));
    }
}

/// How many nodes the views, and what is known, have in common. Each view is a member by its place; behind them stands
/// what is known.
struct Kinship {
    views: usize,
    /// A square of all members; a member shares all its nodes with itself.
    shared: Vec<usize>,
    /// A square of all members: whether the first names the node that gave the second.
    names: Vec<bool>,
}

impl Kinship {
    fn of(roster: &Roster<'_>, known: Option<&Topology>, views: usize) -> Self {
        let members = views + 1;
        let mut kinship = Self { views, shared: vec![0; members * members], names: vec![false; members * members] };
        let (mut naming, mut before, mut alike): (Vec<usize>, Vec<usize>, _) = (Vec::new(), Vec::new(), 0);
        for (places, known) in roster.iter() {
            naming.clear();
            naming.extend(places.clone().map(|place| place.view).chain(known.map(|_| views)));
            // A faulty view may name a node twice.
            naming.dedup();
            for own in places.filter(|&place| roster.is_own(place)) {
                naming.iter().for_each(|&a| kinship.names[a * members + own.view] = true);
            }
            // Most nodes are named by the same members: these are counted together.
            if naming != before {
                kinship.share(&before, alike);
                std::mem::swap(&mut naming, &mut before);
                alike = 0;
            }
            alike += 1;
        }
        kinship.share(&before, alike);
        // Of what is known, the nodes that no view names count as well.
        kinship.shared[members * members - 1] = known.map_or(0, |known| known.nodes().len());
        kinship
    }

    /// Counts so many nodes that these members name.
    fn share(&mut self, naming: &[usize], nodes: usize) {
        for (place, &a) in naming.iter().enumerate() {
            naming[place..].iter().for_each(|&b| self.shared[a * (self.views + 1) + b] += nodes);
        }
    }

    fn known(&self) -> usize {
        self.views
    }

    fn shared(&self, a: usize, b: usize) -> usize {
        self.shared[a.min(b) * (self.views + 1) + a.max(b)]
    }

    fn names(&self, a: usize, b: usize) -> bool {
        self.names[a * (self.views + 1) + b]
    }

    /// Whether two members name the same cluster: they share at least half of the nodes of the smaller one.
    fn are_related(&self, a: usize, b: usize) -> bool {
        let shared = self.shared(a, b);
        shared > 0 && shared * 2 >= self.shared(a, a).min(self.shared(b, b))
    }

    /// The view that the most others are related to, of those still believed; among equals the one that names more nodes
    /// with a quorum, then the larger one, then the better-informed.
    fn largest_family(&self, witnesses: &[Witness<'_>]) -> Option<usize> {
        let believed = || (0..self.views).filter(|&view| witnesses[view].is_accepted());
        believed().max_by_key(|&view| {
            let relatives = believed().filter(|&other| self.are_related(view, other)).count();
            let has_quorum = |other: usize| witnesses[other].standing.has_quorum;
            let quorums = (0..self.views).filter(|&other| has_quorum(other) && self.names(view, other)).count();
            (relatives, quorums, self.shared(view, view), Reverse(view))
        })
    }
}
