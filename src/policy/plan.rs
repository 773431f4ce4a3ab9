//! What to type: the shortest list of commands with which a cluster satisfies the audit's rules, is again what its baseline says, or has
//! a zone without masters for a drill. Each with its reason, its checks and its way back. Nobody here types them.
//!
//! Pure. Roles and replicas are rearranged by the search of `plan_search`; settings by what the rules ask. What
//! the plan promises is what the audit, or the drift, says of the topology after a rehearsal of its steps. What no such command mends is told with
//! what would: nodes, zones, a network.
//!
//! A replica with `nofailover` is told that it may be promoted, and never made master as it is: it would carry the setting on, unseen.
//!
//! While masters have failed or slots are on the move no step is planned: a failover by hand beside one by vote, or one of a master in the
//! middle of a resharding, costs more than it mends.

use std::collections::{HashMap, HashSet};

use super::arrangement::{Arrangement, Move};
use super::audit::audit;
use super::baseline::Baseline;
use super::drift::{Recognized, drift};
use super::finding::{Finding, Rule};
use super::plan_search::search;
use super::planner::Planner;
use super::readings::Readings;
use super::steps::{Leftover, Plan};
use crate::cluster::nodes::{Flags, NodeId};
use crate::cluster::topology::Topology;
use crate::cluster::zone::Placement;

/// The steps after which the audit has as little to find as these commands can do, with each zone and each setting as they are.
///
/// Rules that cannot be satisfied all are satisfied in the order of their weight: the quorum, then shards in one zone or without an heir, then
/// the spread of masters. Nothing is typed for a rule that stays broken all the same.
pub fn plan(topology: &Topology, placement: &Placement, readings: &HashMap<NodeId, Readings>) -> Plan {
    let planner = Planner::new(topology, placement, readings);
    let before = audit(topology, placement, readings).findings;
    if let Some(obstacle) = planner.obstacle() {
        return planner.nothing(obstacle, before);
    }
    let found = search(&planner.board, &planner.start);
    let why = |before: &Arrangement, step: Move| planner.why_by_rules(before, step);
    let moves = planner.steps(&found.moves, why);
    let sets = planner.sets_by_rules(&moves);
    let (after, readings) = planner.outcome(&sets, &moves);
    let left = audit(&after, placement, &readings).findings;
    let leaves = left.iter().map(|finding| planner.leftover(finding)).collect();
    Plan {
        steps: [sets, moves].concat(),
        is_shortest: found.is_shortest,
        obstacle: None,
        after,
        mends: gone(before, &left),
        leaves,
    }
}

/// The fewest steps after which the cluster is what the baseline says, as far as nodes are where it has them: roles, replicas and settings.
pub fn restore(
    baseline: &Baseline,
    topology: &Topology,
    placement: &Placement,
    readings: &HashMap<NodeId, Readings>,
) -> Plan {
    let planner = Planner::new(topology, placement, readings);
    let before = drift(baseline, topology, placement, readings);
    if let Some(obstacle) = planner.obstacle() {
        return planner.nothing(obstacle, before);
    }
    let known = Recognized::of(baseline, topology);
    let mut moves = Vec::new();
    for (nodes, master) in known.nodes.iter().zip(&known.shards) {
        let shard = master.and_then(|master| planner.start.shards.iter().position(|seats| seats.master == master));
        let Some(shard) = shard else { continue };
        for (rank, node) in nodes.iter().enumerate().filter_map(|(rank, node)| node.map(|node| (rank, node))) {
            let Some(from) = planner.start.shard_of(node).filter(|_| planner.board.piece(node).is_movable) else {
                continue;
            };
            if from != shard {
                moves.push(Move::Replicate { node, from, to: shard });
            }
            let is_movable = planner.board.piece(planner.start.shards[shard].master).is_movable;
            if rank == 0 && planner.start.shards[shard].master != node && is_movable {
                moves.push(Move::Failover { shard, node });
            }
        }
    }
    let why = |_: &Arrangement, step: Move| match step {
        Move::Failover { shard, .. } => format!("the baseline has it as the master of {}", planner.slots(shard)),
        Move::Replicate { to, .. } => format!("the baseline has it in the shard of {}", planner.slots(to)),
    };
    let moves = planner.steps(&moves, why);
    let sets = planner.sets_by_baseline(baseline);
    let rules = audit(topology, placement, readings).findings;
    let (after, readings) = planner.outcome(&sets, &moves);
    let left = drift(baseline, &after, placement, &readings);
    let worse = gone(audit(&after, placement, &readings).findings, &rules);
    let needs = |finding: &Finding| Leftover { needs: finding.remedy.clone(), finding: finding.clone() };
    let leaves = left.iter().chain(&worse).map(needs).collect();
    Plan { steps: [sets, moves].concat(), is_shortest: true, obstacle: None, after, mends: gone(before, &left), leaves }
}

/// The steps after which no master stands in this zone (a place in [`Placement::names`]), for a drill that takes it away; and their way back.
///
/// Each master goes where the fewest are. One that cannot go is left over.
pub fn drill(topology: &Topology, placement: &Placement, readings: &HashMap<NodeId, Readings>, zone: usize) -> Plan {
    let planner = Planner::new(topology, placement, readings);
    if let Some(obstacle) = planner.obstacle() {
        return planner.nothing(obstacle, Vec::new());
    }
    let empty = planner.board.names.iter().position(|&name| name == zone);
    let name = placement.names().nth(zone).unwrap_or_default().to_owned();
    let mut masters = planner.board.masters(&planner.start);
    let (mut moves, mut leaves) = (Vec::new(), Vec::new());
    for (shard, seats) in planner.start.shards.iter().enumerate() {
        let own = planner.board.piece(seats.master);
        if own.zone.is_none() || own.zone != empty {
            continue;
        }
        let is_barred = |node: usize| topology.nodes().get(node).is_some_and(|node| node.has(Flags::NO_FAILOVER));
        let heirs = seats.heirs.iter().copied().filter(|&heir| {
            let piece = planner.board.piece(heir);
            own.is_movable && piece.is_movable && piece.zone != empty
        });
        let key = |&heir: &usize| {
            let zone = planner.board.piece(heir).zone;
            (is_barred(heir), zone.map_or(usize::MAX, |zone| masters[zone]), heir)
        };
        match heirs.min_by_key(key) {
            Some(node) => {
                planner.board.piece(node).zone.into_iter().for_each(|zone| masters[zone] += 1);
                moves.push(Move::Failover { shard, node });
            }
            None => leaves.push(planner.stays(shard, &name)),
        }
    }
    let why = |_: &Arrangement, step: Move| {
        let (Move::Failover { shard, .. } | Move::Replicate { to: shard, .. }) = step;
        format!("zone {name} is to have no master: this takes {} out of it", planner.slots(shard))
    };
    let steps = planner.steps(&moves, why);
    let (after, _) = planner.outcome(&[], &steps);
    Plan { steps, is_shortest: true, obstacle: None, after, mends: Vec::new(), leaves }
}

/// The findings that are not among the others, by rule and nodes.
fn gone(before: Vec<Finding>, after: &[Finding]) -> Vec<Finding> {
    let left: HashSet<(Rule, &str)> = after.iter().map(|finding| (finding.rule, &*finding.sentence)).collect();
    before.into_iter().filter(|finding| !left.contains(&(finding.rule, &*finding.sentence))).collect()
}
