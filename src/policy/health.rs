//! How the whole cluster is: what its slots come to.

use crate::cluster::keyslot::SLOT_COUNT;
use crate::cluster::nodes::Node;
use crate::cluster::topology::Topology;

/// How the whole cluster is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Health {
    /// Every slot is served.
    Ok,
    /// Some slots are not, or are being failed over; the cluster serves the others.
    Degraded,
    /// The cluster refuses every request: coverage is required and incomplete, or there is no quorum. Whether that is about to
    /// change, the slots' states tell.
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

impl Topology {
    /// How the cluster is, as this topology and its outlook show it; never [`Health::Unknown`].
    pub fn health(&self) -> Health {
        if self.outlook().refusal().is_some() {
            Health::Down
        } else if self.served_slots() == SLOT_COUNT {
            Health::Ok
        } else {
            Health::Degraded
        }
    }

    /// Whether something is under way: a suspicion, a failure, slots without an owner. The next round then comes soon.
    pub fn is_unsettled(&self) -> bool {
        self.refuses_requests() || self.owners().count() < SLOT_COUNT || self.nodes().iter().any(Node::is_failing)
    }
}
