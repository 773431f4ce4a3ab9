//! What becomes of a cluster after losses, as JSON: the names are those of the members.

use serde::Serialize;
use slotkeeper::policy::what_if::{Blow, Outcome};

use super::words::Teller;
use crate::Status;
use crate::output::NodeName;

/// All of it.
#[derive(Serialize)]
pub struct Report<'a> {
    status: &'static str,
    summary: String,
    node_timeout_ms: u128,
    full_coverage: bool,
    outcomes: Vec<OutcomeReport<'a>>,
    gaps: &'a [String],
}

#[derive(Serialize)]
struct OutcomeReport<'a> {
    lost: Lost<'a>,
    dead: usize,
    effect: &'static str,
    takes_requests: bool,
    living_masters: usize,
    majority: usize,
    promotions: Vec<Promotion>,
    lost_masters: Vec<LostMaster>,
    lost_slots: Vec<(u16, u16)>,
    recovery_ms: Option<RecoveryReport>,
    keys: Option<TakenReport<'a>>,
}

#[derive(Serialize)]
struct Lost<'a> {
    kind: &'static str,
    zones: Vec<&'a str>,
    nodes: Vec<NodeName>,
}

#[derive(Serialize)]
struct Promotion {
    master: NodeName,
    replicas: Vec<NodeName>,
}

#[derive(Serialize)]
struct LostMaster {
    master: NodeName,
    reason: &'static str,
}

#[derive(Serialize)]
struct RecoveryReport {
    earliest: u128,
    latest: u128,
    repeated: Option<u128>,
}

#[derive(Serialize)]
struct TakenReport<'a> {
    lost: Vec<&'a str>,
    lost_in_part: Vec<&'a str>,
}

impl<'a> Report<'a> {
    /// What `outcomes` come to.
    pub fn of(teller: &'a Teller<'_>, status: Status, summary: String, outcomes: &'a [Outcome]) -> Self {
        Self {
            status: status.name(),
            summary,
            node_timeout_ms: teller.ground.assumptions.node_timeout.as_millis(),
            full_coverage: teller.ground.full_coverage,
            outcomes: outcomes.iter().map(|outcome| OutcomeReport::of(teller, outcome)).collect(),
            gaps: &teller.scene.gaps,
        }
    }
}

impl<'a> OutcomeReport<'a> {
    fn of(teller: &'a Teller<'_>, outcome: &'a Outcome) -> Self {
        let named = |place: usize| NodeName::of(teller.node(place).id(), &teller.scene.topology);
        let (kind, zones, nodes) = match &outcome.blow {
            Blow::Zone(zone) => ("zone", vec![teller.zone(*zone)], Vec::new()),
            Blow::Zones(one, other) => ("zones", vec![teller.zone(*one), teller.zone(*other)], Vec::new()),
            Blow::Node(node) => ("node", Vec::new(), vec![named(*node)]),
            Blow::Nodes(nodes) => ("nodes", Vec::new(), nodes.iter().map(|&node| named(node)).collect()),
        };
        let (living_masters, majority) = outcome.living_masters;
        let promotion = |(master, heirs): &(usize, Vec<usize>)| Promotion {
            master: named(*master),
            replicas: heirs.iter().map(|&heir| named(heir)).collect(),
        };
        Self {
            lost: Lost { kind, zones, nodes },
            dead: outcome.dead,
            effect: outcome.effect.name(),
            takes_requests: outcome.takes_requests(teller.ground.full_coverage),
            living_masters,
            majority,
            promotions: outcome.promotions.iter().map(promotion).collect(),
            lost_masters: outcome
                .lost
                .iter()
                .map(|(master, loss)| LostMaster { master: named(*master), reason: loss.reason() })
                .collect(),
            lost_slots: outcome.lost_slots.iter().map(|range| (range.first, range.last)).collect(),
            recovery_ms: outcome.recovery.map(|recovery| RecoveryReport {
                earliest: recovery.earliest.as_millis(),
                latest: recovery.latest.as_millis(),
                repeated: recovery.repeated.map(|repeated| repeated.as_millis()),
            }),
            keys: teller.keys.map(|keys| {
                let taken = keys.taken_by(&outcome.lost_slots);
                TakenReport { lost: taken.whole, lost_in_part: taken.in_part }
            }),
        }
    }
}
