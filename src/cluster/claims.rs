//! Who owns each slot: claims in, owners out, by rules 6 to 9 of [`super::merge`].
//!
//! The claims are taken from the highest epoch down, and a slot that has an owner is not given again. So each claim is looked
//! at once, by ranges; what several views say alike is one claim; and whoever gets all that it claims owns just that.

use std::cell::LazyCell;

use super::keyslot::SLOT_COUNT;
use super::nodes::{Flags, Node};
use super::roster::Line;
use super::slots::{SlotOwners, SlotRange};

/// What is claimed so far.
#[derive(Default)]
pub(super) struct Claims<'a> {
    /// By place.
    claims: Vec<Claim<'a>>,
}

/// Somebody's word that a master owns slots.
struct Claim<'a> {
    /// The master's place in the topology.
    place: usize,
    node: Node<'a>,
}

impl<'a> Claims<'a> {
    /// Enters what the views claim for the node at `place`, and what is known of it. Places come in order, which is that of ids.
    pub(super) fn enter(&mut self, place: usize, told: &[Line<'a>], known: Option<Node<'a>>) {
        let first = self.claims.len();
        let own = || told.iter().filter(|line| line.is_own);
        let own_epoch = LazyCell::new(|| own().map(|line| line.node.config_epoch()).max());
        let said = told.iter().map(|line| (line.node, line.is_own)).chain(known.map(|node| (node, false)));
        for (node, is_own) in said.filter(|(node, _)| is_claim(*node)) {
            let epoch = node.config_epoch();
            let is_same = |claim: &Claim<'_>| claim.epoch() == epoch && claim.node.ranges() == node.ranges();
            // Twice is no harm: only what nearly always comes is left out, that the view before says the same.
            if !self.claims[first..].last().is_some_and(is_same) && (is_own || own_epoch.is_none_or(|own| own < epoch))
            {
                self.claims.push(Claim { place, node });
            }
        }
    }

    /// The owners among the nodes; `known` is what is known of each, by place.
    pub(super) fn settle(self, known: impl ExactSizeIterator<Item = Option<Node<'a>>>) -> Owned<'a> {
        let mut shares = vec![Share::default(); known.len()];
        // The highest epoch first, then the lowest place. Numbers are sorted faster than claims.
        let key = |(number, claim): (u128, &Claim<'_>)| u128::from(!claim.epoch()) << 64 | number;
        let mut order: Vec<u128> = (0..).zip(&self.claims).map(key).collect();
        order.sort_unstable();

        // Only ties ask who owned a slot.
        let known = LazyCell::new(|| known_owners(known));
        let mut owners = SlotOwners::none();
        for rivals in order.chunk_by(|a, b| a >> 64 == b >> 64) {
            let rivals = || rivals.iter().map(|&key| &self.claims[key as u64 as usize]);
            for claim in rivals().filter(|_| rivals().nth(1).is_some()) {
                let slots = claim.node.ranges().iter().flat_map(|&range| known.slots_of(claim.place, range));
                let won = slots.map(|slot| owners.fill(SlotRange { first: slot, last: slot }, claim.place)).sum();
                shares[claim.place].add(claim, won);
            }
            for claim in rivals() {
                let won = claim.node.ranges().iter().map(|&range| owners.fill(range, claim.place)).sum();
                shares[claim.place].add(claim, won);
            }
        }
        Owned::new(owners, shares)
    }
}

impl Claim<'_> {
    fn epoch(&self) -> u64 {
        self.node.config_epoch()
    }
}

/// Who is known to own each slot, as a place.
fn known_owners<'a>(known: impl Iterator<Item = Option<Node<'a>>>) -> SlotOwners {
    let mut owners = SlotOwners::none();
    for (place, node) in known.enumerate() {
        for &range in node.into_iter().flat_map(Node::ranges) {
            owners.fill(range, place);
        }
    }
    owners
}

/// Whether it is a master's line with slots. In a handshake nothing is agreed yet.
fn is_claim(node: Node<'_>) -> bool {
    node.is_slot_owner() && !node.has(Flags::HANDSHAKE)
}

/// What a node has won.
#[derive(Clone, Copy, Default)]
struct Share<'a> {
    /// The highest epoch by which it owns a slot.
    epoch: Option<u64>,
    /// The claim that it owns its slots by, if it won that one whole and no other.
    whole: Option<&'a [SlotRange]>,
}

impl<'a> Share<'a> {
    /// Adds so many slots that a claim has won; claims come from the highest epoch down.
    fn add(&mut self, claim: &Claim<'a>, won: usize) {
        if won > 0 {
            let is_whole = self.epoch.is_none() && won == claim.node.slot_count() && is_tidy(claim.node.ranges());
            self.whole = is_whole.then_some(claim.node.ranges());
            self.epoch = self.epoch.or(Some(claim.epoch()));
        }
    }

    /// Whether its slots are other than a claim says.
    fn is_mixed(&self) -> bool {
        self.epoch.is_some() && self.whole.is_none()
    }
}

/// Whether ranges are in order, with gaps between: as servers write them.
fn is_tidy(ranges: &[SlotRange]) -> bool {
    ranges.is_sorted_by(|a, b| usize::from(a.last) + 1 < usize::from(b.first))
}

/// The owners of the slots, and what each of them owns.
pub(super) struct Owned<'a> {
    pub(super) owners: SlotOwners,
    shares: Vec<Share<'a>>,
    /// If any share is mixed: all ranges, by owner, each one's in order; and where each owner's end.
    ranges: Vec<SlotRange>,
    ends: Vec<usize>,
}

impl<'a> Owned<'a> {
    fn new(owners: SlotOwners, shares: Vec<Share<'a>>) -> Self {
        if !shares.iter().any(Share::is_mixed) {
            return Self { owners, shares, ranges: Vec::new(), ends: Vec::new() };
        }
        let mut runs: Vec<(SlotRange, u16)> = Vec::with_capacity(SLOT_COUNT);
        runs.extend(owners.runs());
        // How many ranges each owner has, then where they start, then, as they are put down, where they end.
        let mut ends = vec![0; shares.len()];
        runs.iter().for_each(|&(_, owner)| ends[usize::from(owner)] += 1);
        let mut start = 0;
        for end in &mut ends {
            start += std::mem::replace(end, start);
        }
        let mut ranges = vec![SlotRange { first: 0, last: 0 }; runs.len()];
        for (range, owner) in runs {
            let end = &mut ends[usize::from(owner)];
            ranges[*end] = range;
            *end += 1;
        }
        Self { owners, shares, ranges, ends }
    }

    /// What the node at `place` owns, in order.
    pub(super) fn ranges(&self, place: usize) -> &[SlotRange] {
        let share = &self.shares[place];
        match share.whole {
            Some(ranges) => ranges,
            None if share.epoch.is_none() => &[],
            None => &self.ranges[if place == 0 { 0 } else { self.ends[place - 1] }..self.ends[place]],
        }
    }

    /// The highest epoch by which the node at `place` owns a slot.
    pub(super) fn epoch(&self, place: usize) -> Option<u64> {
        self.shares[place].epoch
    }

    /// How many ranges there are.
    pub(super) fn range_count(&self) -> usize {
        (0..self.shares.len()).map(|place| self.ranges(place).len()).sum()
    }
}
