//! Slots as values: ranges of them, and who owns each.

use std::fmt;

use super::keyslot::SLOT_COUNT;

/// A run of slots, both ends included. Laid out as C does, so that lists of them can be lent to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(C)]
pub struct SlotRange {
    /// The first slot.
    pub first: u16,
    /// The last slot, not below the first.
    pub last: u16,
}

impl SlotRange {
    /// The slots of the range, in order.
    pub fn slots(self) -> impl Iterator<Item = u16> {
        self.first..=self.last
    }

    /// How many slots the range has, at least 1.
    pub fn count(self) -> usize {
        usize::from(self.last - self.first) + 1
    }
}

impl fmt::Display for SlotRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last { write!(f, "{}", self.first) } else { write!(f, "{}-{}", self.first, self.last) }
    }
}

/// Adds a slot above all that are in `ranges`: to the last range if it is next to it.
pub(crate) fn push_slot(ranges: &mut Vec<SlotRange>, slot: u16) {
    match ranges.last_mut() {
        Some(range) if range.last + 1 == slot => range.last = slot,
        _ => ranges.push(SlotRange { first: slot, last: slot }),
    }
}

/// Which node owns each slot: one array read. An owner is a place in the table the map was made for.
#[derive(Clone, PartialEq, Eq)]
pub struct SlotOwners(Box<[u16; SLOT_COUNT]>);

impl SlotOwners {
    /// The place in [`SlotOwners::as_array`] that is none.
    pub const NOBODY: u16 = u16::MAX;

    /// A map in which nobody owns a slot.
    pub fn none() -> Self {
        Self(Box::new([Self::NOBODY; SLOT_COUNT]))
    }

    /// The place of the owner of `slot` (0 to 16,383); `None` if nobody owns it.
    pub fn get(&self, slot: u16) -> Option<usize> {
        let owner = self.0[usize::from(slot)];
        (owner != Self::NOBODY).then_some(usize::from(owner))
    }

    /// Gives the slots of `range` to the node at `owner`, whoever owned them.
    pub(super) fn set(&mut self, range: SlotRange, owner: usize) {
        match &mut self.0[usize::from(range.first)..=usize::from(range.last)] {
            // After much resharding ranges are single slots, by the thousand.
            [slot] => *slot = owner as u16,
            slots => slots.fill(owner as u16),
        }
    }

    /// Gives the slots of `range` that nobody owns to the node at `owner`; says how many there were.
    pub(super) fn fill(&mut self, range: SlotRange, owner: usize) -> usize {
        let slots = &mut self.0[usize::from(range.first)..=usize::from(range.last)];
        let mut free = 0;
        for slot in slots {
            let is_free = *slot == Self::NOBODY;
            *slot = if is_free { owner as u16 } else { *slot };
            free += u16::from(is_free);
        }
        usize::from(free)
    }

    /// The slots of `range` that belong to the node at `owner`, in order.
    pub(super) fn slots_of(&self, owner: usize, range: SlotRange) -> impl Iterator<Item = u16> {
        let owners = &self.0[usize::from(range.first)..=usize::from(range.last)];
        (range.first..).zip(owners).filter(move |&(_, &other)| usize::from(other) == owner).map(|(slot, _)| slot)
    }

    /// The owner of each slot in order, as [`SlotOwners::get`] tells it.
    pub fn iter(&self) -> impl Iterator<Item = Option<usize>> {
        self.0.iter().map(|&owner| (owner != Self::NOBODY).then_some(usize::from(owner)))
    }

    /// The owner of each slot as a place, [`SlotOwners::NOBODY`] where there is none: for those who copy the map whole.
    pub fn as_array(&self) -> &[u16; SLOT_COUNT] {
        &self.0
    }

    /// How many slots have an owner.
    pub fn count(&self) -> usize {
        // In sums of 16 bits, which the compiler makes of several slots at a time.
        let count = |slots: &[u16; 256]| slots.iter().map(|&owner| u16::from(owner != Self::NOBODY)).sum::<u16>();
        self.0.as_chunks().0.iter().map(|slots| usize::from(count(slots))).sum()
    }

    /// The slots that nobody owns, in order.
    pub fn unowned(&self) -> Vec<SlotRange> {
        // The rule, and told at once.
        if self.count() == SLOT_COUNT {
            return Vec::new();
        }
        self.all_runs().filter(|&(_, owner)| owner == Self::NOBODY).map(|(range, _)| range).collect()
    }

    /// The runs of slots with one owner, in order, each with its owner; slots that nobody owns are left out.
    pub fn runs(&self) -> impl Iterator<Item = (SlotRange, u16)> {
        self.all_runs().filter(|&(_, owner)| owner != Self::NOBODY)
    }

    fn all_runs(&self) -> impl Iterator<Item = (SlotRange, u16)> {
        let mut next = 0;
        std::iter::from_fn(move || {
            let first = next;
            let owner = *self.0.get(first)?;
            next += self.0[first..].iter().position(|&other| other != owner).unwrap_or(SLOT_COUNT - first);
            Some((SlotRange { first: first as u16, last: (next - 1) as u16 }, owner))
        })
    }
}

impl fmt::Debug for SlotOwners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SlotOwners({} of {SLOT_COUNT})", self.count())
    }
}
