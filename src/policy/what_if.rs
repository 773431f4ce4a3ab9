//! What becomes of the cluster if a zone, two zones or a node is lost: all such blows, the worst first.
//!
//! The rules are those of [`super::failover`]; this asks them for one loss after the other. Whoever is flagged `fail` now is dead in each.
//!
//! How long it takes until new masters serve, with T = cluster-node-timeout and at most R replicas of one shard that may be promoted (source
//! lines of redis 7.0.15 `src/cluster.c`):
//!
//! - at best T + 0.5 s: a ping is unanswered for T (`clusterCron` L4144), all agree at once, and the replica waits 0.5 s
//!   (`clusterHandleSlaveFailover` L3575);
//! - at worst 1.5 T + 0.1 s until the last master suspects, 0.1 s until all have heard (seen on real servers), 1 s of the replica's delay, and
//!   1 s more for each rank that it has among R;
//! - each master votes once in an epoch, so of several shards that elect at the same moment one may have to elect again, after
//!   max(4 T, 4 s) (L3591: `auth_retry_time`). That is told apart, as it is rare.
//!
//! With T = 1 s new masters were known everywhere 1.6 to 2.7 s after the blow.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::time::Duration;

use super::failover::{Fate, Forecast, Loss, foresee_with_stale};
use crate::cluster::keyslot::SLOT_COUNT;
use crate::cluster::nodes::{Flags, NodeId};
use crate::cluster::slots::SlotRange;
use crate::cluster::topology::Topology;
use crate::cluster::zone::Placement;

/// The most zones whose pairs are looked at: there are 496 of them.
pub const MAX_PAIRED_ZONES: usize = 32;

/// What is known beside the topology.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumptions {
    /// The nodes' `cluster-node-timeout`; 15 s by default, as theirs.
    pub node_timeout: Duration,
    /// Replicas whose data are too old for a promotion.
    pub stale: HashSet<NodeId>,
}

impl Default for Assumptions {
    fn default() -> Self {
        Self { node_timeout: Duration::from_secs(15), stale: HashSet::new() }
    }
}

/// What is lost at one blow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Blow {
    /// All nodes of a zone: a place in [`Placement::names`].
    Zone(usize),
    /// One node: a place in the topology's table.
    Node(usize),
    /// All nodes of two zones.
    Zones(usize, usize),
    /// These nodes: places in the topology's table.
    Nodes(Vec<usize>),
}

/// What a blow does, from the least to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Every slot has a master again once the failovers are over.
    Survives,
    /// Some slots stay without a master.
    LosesSlots,
    /// Nobody is promoted, and no node takes requests.
    LosesQuorum,
}

/// What becomes of the cluster after a blow.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What is lost.
    pub blow: Blow,
    /// How many nodes that lived until then.
    pub dead: usize,
    /// What it comes to.
    pub effect: Effect,
    /// The masters with slots that are left, and how many a majority needs.
    pub living_masters: (usize, usize),
    /// The dead masters, by place in the topology's table, each with the replicas one of which takes over.
    pub promotions: Vec<(usize, Vec<usize>)>,
    /// The dead masters that nobody takes over from, by place in the topology's table.
    pub lost: Vec<(usize, Loss)>,
    /// Their slots, and those that nobody owned before, in order.
    pub lost_slots: Vec<SlotRange>,
    /// How long the failovers take; `None` if there are none.
    pub recovery: Option<Recovery>,
}

/// How long the failovers take, from the blow on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// At best.
    pub earliest: Duration,
    /// At worst, if each shard's first election succeeds.
    pub latest: Duration,
    /// At worst, if one has to be repeated; `None` where only one shard elects.
    pub repeated: Option<Duration>,
}

impl Effect {
    /// All of them, from the least to the worst.
    pub const ALL: [Effect; 3] = [Effect::Survives, Effect::LosesSlots, Effect::LosesQuorum];

    /// The stable name: `survives`, `loses-slots`, `loses-quorum`.
    pub fn name(self) -> &'static str {
        match self {
            Effect::Survives => "survives",
            Effect::LosesSlots => "loses-slots",
            Effect::LosesQuorum => "loses-quorum",
        }
    }
}

impl Outcome {
    /// Whether the cluster takes requests once the failovers are over, given its `cluster-require-full-coverage`.
    pub fn takes_requests(&self, full_coverage: bool) -> bool {
        match self.effect {
            Effect::Survives => true,
            Effect::LosesSlots => !full_coverage,
            Effect::LosesQuorum => false,
        }
    }

    /// How many slots are not served once the failovers are over, given the nodes' `cluster-require-full-coverage`.
    pub fn unserved_slots(&self, full_coverage: bool) -> usize {
        if self.takes_requests(full_coverage) { self.lost_slot_count() } else { SLOT_COUNT }
    }

    fn lost_slot_count(&self) -> usize {
        self.lost_slots.iter().map(|range| range.count()).sum()
    }
}

/// What becomes of the cluster after each loss of a zone, of two, and of a node: the worst first, and of equals the smaller blow.
///
/// Pairs only of up to [`MAX_PAIRED_ZONES`] zones, and only while a third one is left. Zones without a node are left out.
pub fn what_if(topology: &Topology, placement: &Placement, assumptions: &Assumptions) -> Vec<Outcome> {
    let count = topology.nodes().len();
    let populated: Vec<usize> = placement.populated().into_keys().collect();
    let mut blows: Vec<Blow> = populated.iter().map(|&zone| Blow::Zone(zone)).collect();
    if (3..=MAX_PAIRED_ZONES).contains(&populated.len()) {
        let pairs = populated
            .iter()
            .enumerate()
            .flat_map(|(at, &one)| populated[at + 1..].iter().map(move |&other| Blow::Zones(one, other)));
        blows.extend(pairs);
    }
    blows.extend((0..count).map(Blow::Node));
    let outcome = |blow| strike(topology, placement, assumptions, blow);
    let mut outcomes: Vec<Outcome> = blows.into_iter().map(outcome).collect();
    outcomes.sort_by_cached_key(|outcome| {
        let harm = (outcome.effect, outcome.lost_slot_count(), outcome.promotions.len());
        (Reverse(harm), outcome.dead, outcome.blow.clone())
    });
    outcomes
}

/// What becomes of the cluster after one blow.
pub fn strike(topology: &Topology, placement: &Placement, assumptions: &Assumptions, blow: Blow) -> Outcome {
    let nodes = topology.nodes();
    let mut is_dead: Vec<bool> = nodes.iter().map(|node| node.has(Flags::FAILED)).collect();
    let mut dead = 0;
    let mut kill = |place: usize| {
        if let Some(is_dead) = is_dead.get_mut(place) {
            dead += usize::from(!std::mem::replace(is_dead, true));
        }
    };
    let in_zone = |zone: usize| (0..nodes.len()).filter(move |&node| placement.zone(node) == Some(zone));
    match &blow {
        Blow::Node(node) => kill(*node),
        Blow::Nodes(places) => places.iter().copied().for_each(&mut kill),
        Blow::Zone(zone) => in_zone(*zone).for_each(&mut kill),
        Blow::Zones(one, other) => in_zone(*one).chain(in_zone(*other)).for_each(&mut kill),
    }
    let forecast = foresee_with_stale(
        topology,
        |place, _| is_dead[place],
        |node| !assumptions.stale.is_empty() && assumptions.stale.contains(&node.id()),
    );
    Outcome::of(forecast, blow, dead, assumptions)
}

impl Outcome {
    fn of(forecast: Forecast<'_>, blow: Blow, dead: usize, assumptions: &Assumptions) -> Self {
        let lost_slots = forecast.lost_slots();
        let effect = match (forecast.has_quorum(), lost_slots.is_empty()) {
            (false, _) => Effect::LosesQuorum,
            (true, false) => Effect::LosesSlots,
            (true, true) => Effect::Survives,
        };
        let living_masters = (forecast.living, forecast.majority());
        let (mut promotions, mut lost) = (Vec::new(), Vec::new());
        for shard in forecast.shards {
            match shard.fate {
                Fate::Unharmed => {}
                Fate::TakenOver(heirs) => promotions.push((shard.master, heirs)),
                Fate::Lost(loss) => lost.push((shard.master, loss)),
            }
        }
        let recovery = Recovery::of(&promotions, assumptions.node_timeout);
        Self { blow, dead, effect, living_masters, promotions, lost, lost_slots, recovery }
    }
}

impl Recovery {
    fn of(promotions: &[(usize, Vec<usize>)], node_timeout: Duration) -> Option<Self> {
        let heirs = promotions.iter().map(|(_, heirs)| heirs.len()).max()?;
        let ranks = Duration::from_secs(heirs.saturating_sub(1) as u64);
        let delay = Duration::from_millis(1200) + ranks;
        let latest = node_timeout.saturating_add(node_timeout / 2).saturating_add(delay);
        let again = node_timeout.saturating_mul(4).max(Duration::from_secs(4));
        Some(Self {
            earliest: node_timeout.saturating_add(Duration::from_millis(500)),
            latest,
            repeated: (promotions.len() > 1).then(|| latest.saturating_add(again)),
        })
    }
}
