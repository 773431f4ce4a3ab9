//! Slots as values: ranges of them, and who owns each.

use std::fmt;

use super::keyslot::SLOT_COUNT;
use super::nodes::Nodes;

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
pub(super) fn push_slot(ranges: &mut Vec<SlotRange>, slot: u16) {
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

    /// The owners as one reply tells them. Where two nodes claim a slot (no server says so) the higher config epoch wins, then
    /// the node that stands first.
    pub fn of(nodes: &Nodes) -> Self {
        let mut owners = Self::none();
        let mut claims = 0;
        for (place, node) in nodes.iter().enumerate() {
            for range in node.ranges() {
                match &mut owners.0[usize::from(range.first)..=usize::from(range.last)] {
                    [slot] => *slot = place as u16,
                    slots => slots.fill(place as u16),
                }
                claims += range.count();
            }
        }
        // As many claims as slots: nobody has been overwritten.
        if claims != owners.count() {
            owners.settle(nodes);
        }
        owners
    }

    /// Gives each slot to the best of its claims.
    fn settle(&mut self, nodes: &Nodes) {
        for (place, node) in nodes.iter().enumerate().rev() {
            for slot in node.ranges().iter().flat_map(|range| range.slots()) {
                let owner = &mut self.0[usize::from(slot)];
                if nodes.get(usize::from(*owner)).is_none_or(|rival| rival.config_epoch() <= node.config_epoch()) {
                    *owner = place as u16;
                }
            }
        }
    }

    /// The place of the owner of `slot` (0 to 16,383); `None` if nobody owns it.
    pub fn get(&self, slot: u16) -> Option<usize> {
        let owner = self.0[usize::from(slot)];
        (owner != Self::NOBODY).then_some(usize::from(owner))
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

    /// The runs of slots with one owner, in order, each with its owner; slots that nobody owns are left out.
    pub fn runs(&self) -> impl Iterator<Item = (SlotRange, u16)> {
        let mut next = 0;
        std::iter::from_fn(move || {
            let first = next;
            let owner = *self.0.get(first)?;
            next += self.0[first..].iter().position(|&other| other != owner).unwrap_or(SLOT_COUNT - first);
            Some((SlotRange { first: first as u16, last: (next - 1) as u16 }, owner))
        })
        .filter(|&(_, owner)| owner != Self::NOBODY)
    }
}

impl fmt::Debug for SlotOwners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SlotOwners({} of {SLOT_COUNT})", self.count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_nodes;

    #[test]
    fn owners_are_those_of_the_lines_and_the_higher_epoch_wins() {
        let text = "07c37dfeb235213a872192d90877d0cd55635b91 h:1@2 master - 0 0 1 connected 0-9 20\n\
                    17c37dfeb235213a872192d90877d0cd55635b92 h:2@3 master - 0 0 3 connected 8-11\n\
                    27c37dfeb235213a872192d90877d0cd55635b93 h:3@4 master - 0 0 1 connected 5 9 12 20\n";
        let owners = SlotOwners::of(&parse_nodes(text.as_bytes()).unwrap().nodes);
        let expected = |slot: u16| match slot {
            0..8 | 20 => Some(0),
            8..12 => Some(1),
            12 => Some(2),
            _ => None,
        };
        for slot in 0..SLOT_COUNT as u16 {
            assert_eq!(owners.get(slot), expected(slot), "slot {slot}");
        }
    }
}
