//! How the cluster is, and which slots it serves: judged from the topology alone.

use crate::cluster::keyslot::SLOT_COUNT;
use crate::cluster::nodes::Flags;
use crate::cluster::topology::Topology;

/// How the whole cluster is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Health {
    /// Every slot has a living master.
    Ok,
    /// Some slots have none; the cluster serves the others.
    Degraded,
    /// The cluster refuses every request: coverage is required and incomplete, or there is no quorum.
    Down,
    /// Nobody has answered; the last topology stands.
    Unknown,
}

impl Health {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Health::Ok => "ok",
            Health::Degraded => "degraded",
            Health::Down => "down",
            Health::Unknown => "unknown",
        }
    }
}

/// Whether commands for a slot can succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SlotState {
    /// Its owner lives, and the cluster takes requests.
    Served,
    /// Nobody owns it, its owner has failed, or the whole cluster refuses.
    Unserved,
}

impl Topology {
    /// How the cluster is, as this topology shows it; never [`Health::Unknown`].
    pub fn health(&self) -> Health {
        if self.refuses_requests() {
            Health::Down
        } else if self.lost_slots().is_empty() {
            Health::Ok
        } else {
            Health::Degraded
        }
    }

    /// The state of `slot` (0 to 16,383).
    pub fn slot_state(&self, slot: u16) -> SlotState {
        let lives = self.owner_of(slot).is_some_and(|owner| !owner.has(Flags::FAILED));
        if lives && !self.refuses_requests() { SlotState::Served } else { SlotState::Unserved }
    }

    /// How many slots are served.
    pub fn served_slots(&self) -> usize {
        (0..SLOT_COUNT as u16).filter(|&slot| self.slot_state(slot) == SlotState::Served).count()
    }

    /// Whether something is under way: a suspicion, a failure, slots without an owner. The next round then comes soon.
    pub fn is_unsettled(&self) -> bool {
        self.refuses_requests()
            || self.owners().count() < SLOT_COUNT
            || self.nodes().iter().any(|node| node.has(Flags::FAILED) || node.has(Flags::SUSPECTED))
    }
}
