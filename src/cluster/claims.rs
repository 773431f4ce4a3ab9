//! Who owns each slot: claims in, owners out, by rules 6 to 9 of [`super::merge`].
//!
//! The claims are taken from the highest epoch down, and a slot that has an owner is not given again. So each claim is looked
//! at once, by ranges; and what several views say alike is one claim.

use std::cmp::Reverse;

use super::nodes::{Flags, Node};
use super::roster::Line;
use super::slots::{SlotOwners, SlotRange};
use super::topology::Topology;

/// What is claimed so far.
#[derive(Default)]
pub(super) struct Claims<'a> {
    claims: Vec<Claim<'a>>,
}

/// Somebody's word that a master owns slots.
struct Claim<'a> {
    epoch: u64,
    /// The master's place in the topology.
    place: usize,
    node: Node<'a>,
}

impl<'a> Claims<'a> {
    /// Enters what the views claim for the node at `place`, and what is known of it. Places are in the order of ids.
    pub(super) fn enter<'r>(
        &mut self,
        place: usize,
        lines: impl Iterator<Item = &'r Line<'a>> + Clone,
        known: Option<Node<'a>>,
    ) where
        'a: 'r,
    {
        let own_epoch = lines.clone().find(|line| line.is_own).map(|line| line.node.config_epoch());
        let first = self.claims.len();
        let known = known.map(|node| (node, false));
        for (node, is_own) in lines.map(|line| (line.node, line.is_own)).chain(known) {
            let is_claim = node.is_master() && !node.ranges().is_empty() && !node.has(Flags::HANDSHAKE);
            let epoch = node.config_epoch();
            let is_void = !is_own && own_epoch.is_some_and(|own| own >= epoch);
            let is_same = |claim: &Claim<'_>| claim.epoch == epoch && claim.node.ranges() == node.ranges();
            if is_claim && !is_void && !self.claims[first..].iter().any(is_same) {
                self.claims.push(Claim { epoch, place, node });
            }
        }
    }

    /// The owners, among so many nodes.
    pub(super) fn settle(mut self, known: Option<&Topology>, nodes: usize) -> Owned {
        self.claims.sort_unstable_by_key(|claim| (Reverse(claim.epoch), claim.place));
        let mut owners = SlotOwners::none();
        let mut epochs: Vec<Option<u64>> = vec![None; nodes];
        for rivals in self.claims.chunk_by(|a, b| a.epoch == b.epoch) {
            if let (Some(known), true) = (known, rivals.len() > 1) {
                for claim in rivals {
                    let is_known = |slot: &u16| known.owner_of(*slot).is_some_and(|node| node.id() == claim.node.id());
                    for slot in claim.node.ranges().iter().flat_map(|range| range.slots()).filter(is_known) {
                        if owners.fill(SlotRange { first: slot, last: slot }, claim.place) {
                            epochs[claim.place].get_or_insert(claim.epoch);
                        }
                    }
                }
            }
            for claim in rivals {
                for &range in claim.node.ranges() {
                    if owners.fill(range, claim.place) {
                        epochs[claim.place].get_or_insert(claim.epoch);
                    }
                }
            }
        }
        Owned::new(owners, epochs)
    }
}

/// The owners of the slots, and what each of them owns.
pub(super) struct Owned {
    pub(super) owners: SlotOwners,
    /// The highest epoch by which each node owns a slot.
    epochs: Vec<Option<u64>>,
    /// By owner, each one's in order.
    ranges: Vec<SlotRange>,
    /// Where in `ranges` each node's end.
    ends: Vec<usize>,
}

impl Owned {
    fn new(owners: SlotOwners, epochs: Vec<Option<u64>>) -> Self {
        let runs: Vec<(SlotRange, usize)> = owners.runs().collect();
        let mut starts = vec![0; epochs.len() + 1];
        runs.iter().for_each(|&(_, owner)| starts[owner + 1] += 1);
        let mut end = 0;
        for start in &mut starts {
            end += *start;
            *start = end;
        }
        // Each start moves on to the end while its ranges are put down.
        let mut ranges = vec![SlotRange { first: 0, last: 0 }; runs.len()];
        for (range, owner) in runs {
            ranges[starts[owner]] = range;
            starts[owner] += 1;
        }
        Self { owners, epochs, ranges, ends: starts }
    }

    /// What the node at `place` owns.
    pub(super) fn ranges(&self, place: usize) -> &[SlotRange] {
        let start = if place == 0 { 0 } else { self.ends[place - 1] };
        &self.ranges[start..self.ends[place]]
    }

    /// The highest epoch by which the node at `place` owns a slot.
    pub(super) fn epoch(&self, place: usize) -> Option<u64> {
        self.epochs[place]
    }

    /// How many ranges there are.
    pub(super) fn range_count(&self) -> usize {
        self.ranges.len()
    }
}
