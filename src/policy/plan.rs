//! What to type: the shortest list of commands with which a cluster satisfies the audit's rules, is again what its baseline says, or has
//! a zone without masters for a drill. Each with its reason, its checks and its way back. Nobody here types them.
//!
//! Pure. Roles and replicas are rearranged by the search of [`super::plan_search`]; settings by what the rules ask. What
//! the plan promises is what the audit, or the drift, says of the topology after a rehearsal of its steps. What no such command mends is told with
//! what would: nodes, zones, a network.
//!
//! A replica with `nofailover` is told that it may be promoted, and never made master as it is: it would carry the setting on, unseen.
//!
//! While masters have failed or slots are on the move no step is planned: a failover by hand beside one by vote, or one of a master in the
//! middle of a resharding, costs more than it mends.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::arrangement::{Arrangement, Board, Move, Risk, Seats};
use super::audit::{audit, counted, list, name};
use super::baseline::{Baseline, slots_of};
use super::drift::{Recognized, drift};
use super::finding::{Finding, Rule};
use super::plan_search::search;
use super::readings::{Readings, stale_replicas};
use crate::cluster::nodes::{Flags, Node, NodeId, Role};
use crate::cluster::rehearsal::{NO_FAILOVER, rehearse};
use crate::cluster::topology::{Topology, address};
use crate::cluster::zone::Placement;

pub use crate::cluster::rehearsal::Command;

/// What to type, and what comes of it.
#[derive(Clone, Debug)]
pub struct Plan {
    /// One after the other, each when the checks of the one before show what they should.
    pub steps: Vec<Step>,
    /// Whether no shorter list does as much. If not, the search was ended at its bounds.
    pub is_shortest: bool,
    /// Why nothing is to be typed now; `None` if steps may be.
    pub obstacle: Option<String>,
    /// The cluster afterwards.
    pub after: Topology,
    /// The findings that are gone then.
    pub mends: Vec<Finding>,
    /// What is left, and what these commands cannot mend.
    pub leaves: Vec<Leftover>,
}

/// A command and where it is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// The node at which it is typed.
    pub node: NodeId,
    /// The command.
    pub command: Command,
}

/// One command of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What to type.
    pub typed: Typed,
    /// What for.
    pub why: String,
    /// What to see before the next step.
    pub checks: Vec<Check>,
    /// What takes it back, once all later steps have been.
    pub rollback: Typed,
    /// What to see after that.
    pub rollback_checks: Vec<Check>,
}

/// What a node has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The node that is asked.
    pub node: NodeId,
    /// What it is asked.
    pub command: String,
    /// Lines, or words, that its answer must have; until then one waits.
    pub expect: Vec<String>,
}

/// What a plan cannot mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// What is the matter.
    pub finding: Finding,
    /// What would mend it.
    pub needs: String,
}

impl Plan {
    /// The way back to the start: the last step's first.
    pub fn rollback(&self) -> impl Iterator<Item = (&Typed, &[Check])> {
        self.steps.iter().rev().map(|step| (&step.rollback, &step.rollback_checks[..]))
    }
}

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
    let (after, readings) = planner.outcome(&sets, &moves);
    let left = drift(baseline, &after, placement, &readings);
    let rules = audit(topology, placement, planner.readings).findings;
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

struct Planner<'a> {
    topology: &'a Topology,
    placement: &'a Placement,
    readings: &'a HashMap<NodeId, Readings>,
    board: Board,
    start: Arrangement,
}

impl<'a> Planner<'a> {
    fn new(topology: &'a Topology, placement: &'a Placement, readings: &'a HashMap<NodeId, Readings>) -> Self {
        let stale = stale_replicas(readings);
        let is_linked = |id: NodeId| readings.get(&id).is_none_or(|readings| readings.link_down.is_none());
        let (board, start) = Board::of(topology, placement, |id| !stale.contains(&id), is_linked);
        Self { topology, placement, readings, board, start }
    }

    fn obstacle(&self) -> Option<String> {
        let nodes = self.topology.nodes();
        let failed: Vec<String> = nodes.slot_owners().filter(|node| node.has(Flags::FAILED)).map(name).collect();
        if !failed.is_empty() {
            let masters = counted(failed.len(), "master");
            return Some(format!(
                "{masters} with slots failed ({}): wait for the failover or bring them back, then plan anew",
                list(&failed)
            ));
        }
        let moving: Vec<String> = nodes.iter().filter(|node| !node.moving().is_empty()).map(name).collect();
        if !moving.is_empty() {
            let nodes = list(&moving);
            return Some(format!("slots are on the move ({nodes}): let the resharding end, then plan anew"));
        }
        None
    }

    fn nothing(&self, obstacle: String, findings: Vec<Finding>) -> Plan {
        let leaves = findings.into_iter().map(|finding| Leftover { needs: finding.remedy.clone(), finding }).collect();
        let after = self.topology.clone();
        Plan { steps: Vec::new(), is_shortest: true, obstacle: Some(obstacle), after, mends: Vec::new(), leaves }
    }

    /// The moves as steps, in an order in which as few shards as possible hang on one node or zone meanwhile. Those whose turn never comes are left out.
    fn steps(&self, moves: &[Move], why: impl Fn(&Arrangement, Move) -> String) -> Vec<Step> {
        let (mut here, mut left, mut steps) = (self.start.clone(), moves.to_vec(), Vec::new());
        while let Some(next) =
            (0..left.len()).filter(|&next| here.allows(left[next])).min_by_key(|&next| self.danger(&here, left[next]))
        {
            let step = left.remove(next);
            let reason = why(&here, step);
            steps.push(self.step(&here, step, reason));
            here.play(step);
        }
        steps
    }

    /// What the shards that a move touches hang on afterwards, against before.
    fn danger(&self, here: &Arrangement, step: Move) -> i32 {
        let weight = |seats: &Seats| self.board.risk(seats) as i32;
        match step {
            Move::Failover { .. } => 0,
            Move::Replicate { node, from, to } => {
                let (mut giver, mut taker) = (here.shards[from].clone(), here.shards[to].clone());
                let before = weight(&giver) + weight(&taker);
                giver.heirs.retain(|&heir| heir != node);
                taker.heirs.push(node);
                weight(&giver) + weight(&taker) - before
            }
        }
    }

    fn step(&self, here: &Arrangement, step: Move, why: String) -> Step {
        match step {
            Move::Failover { shard, node } => {
                let (new, old) = (self.id(node), self.id(here.shards[shard].master));
                Step {
                    typed: Typed { node: new, command: Command::Failover },
                    why,
                    checks: self.checks_of_failover(new, old),
                    rollback: Typed { node: old, command: Command::Failover },
                    rollback_checks: self.checks_of_failover(old, new),
                }
            }
            Move::Replicate { node, from, to } => {
                let (node, new) = (self.id(node), self.id(here.shards[to].master));
                let old = self.id(here.shards[from].master);
                Step {
                    typed: Typed { node, command: Command::Replicate(new) },
                    why: format!("{why}; it copies all of their data"),
                    checks: vec![self.check_of_link(node, new)],
                    rollback: Typed { node, command: Command::Replicate(old) },
                    rollback_checks: vec![self.check_of_link(node, old)],
                }
            }
        }
    }

    fn checks_of_failover(&self, new: NodeId, old: NodeId) -> Vec<Check> {
        let master =
            Check { node: new, command: "INFO replication".to_owned(), expect: vec!["role:master".to_owned()] };
        vec![master, self.check_of_link(old, new)]
    }

    /// That the node copies this master, and is in step with it.
    fn check_of_link(&self, node: NodeId, master: NodeId) -> Check {
        let mut expect = vec!["role:slave".to_owned()];
        if let Some(address) = self.topology.node(master).and_then(address) {
            expect.extend([format!("master_host:{}", address.host()), format!("master_port:{}", address.port())]);
        }
        expect.push("master_link_status:up".to_owned());
        Check { node, command: "INFO replication".to_owned(), expect }
    }

    fn set(&self, node: NodeId, setting: &'static str, value: &str, before: &str, why: &str) -> Step {
        let typed = |value: &str| Typed { node, command: Command::Set(setting, value.into()) };
        let check =
            |value: &str| Check { node, command: format!("CONFIG GET {setting}"), expect: vec![value.to_owned()] };
        Step {
            typed: typed(value),
            why: format!("{why}; CONFIG REWRITE behind it, or its file, keeps it for the next start"),
            checks: vec![check(value)],
            rollback: typed(before),
            rollback_checks: vec![check(before)],
        }
    }

    /// What the rules ask of settings: of all replicas that may be told, before the moves or after.
    fn sets_by_rules(&self, moves: &[Step]) -> Vec<Step> {
        let (after, _) = self.outcome(&[], moves);
        let is_told = |node: &Node<'_>| !node.has(Flags::FAILED) && address(*node).is_some();
        let nodes = || self.topology.nodes().iter().filter(is_told);
        let is_replica =
            |topology: &Topology, id: NodeId| topology.node(id).is_some_and(|node| node.role() == Some(Role::Replica));
        let mut sets = Vec::new();
        for node in nodes().filter(|node| node.has(Flags::NO_FAILOVER)) {
            if is_replica(self.topology, node.id()) || is_replica(&after, node.id()) {
                let why = "it is never promoted as it is set; if that is meant so, leave this out";
                sets.push(self.set(node.id(), NO_FAILOVER, "no", "yes", why));
            }
        }
        let coverage =
            |readings: &Readings| readings.full_coverage.map(|is_on| if is_on { "yes" } else { "no" }.to_owned());
        self.unify("cluster-require-full-coverage", coverage, &mut sets);
        let timeout = |readings: &Readings| readings.node_timeout.map(|timeout| timeout.as_millis().to_string());
        self.unify("cluster-node-timeout", timeout, &mut sets);
        let readings = with_sets(self.readings, &sets);
        for node in nodes().filter(|node| is_replica(&after, node.id())) {
            let Some(own) = readings.get(&node.id()).filter(|own| own.too_short_validity().is_some()) else { continue };
            let usual = Readings { validity_factor: Some(10), ..own.clone() };
            let value = if usual.too_short_validity().is_some() { "0" } else { "10" };
            let before = own.validity_factor.unwrap_or_default().to_string();
            let why = "as it is set its data may be too old for a promotion before its turn comes";
            sets.push(self.set(node.id(), "cluster-replica-validity-factor", value, &before, why));
        }
        sets
    }

    /// To what most nodes have; not where as many have something else.
    fn unify(&self, setting: &'static str, value: impl Fn(&Readings) -> Option<String>, sets: &mut Vec<Step>) {
        let mut values: BTreeMap<String, Vec<NodeId>> = BTreeMap::new();
        for node in self.topology.nodes().iter() {
            if let Some(value) = self.readings.get(&node.id()).and_then(&value) {
                values.entry(value).or_default().push(node.id());
            }
        }
        let most = values.values().map(Vec::len).max().unwrap_or(0);
        let mut common = values.iter().filter(|(_, nodes)| nodes.len() == most).map(|(value, _)| value);
        let (Some(common), None) = (common.next(), common.next()) else { return };
        for (value, nodes) in values.iter().filter(|(value, _)| *value != common) {
            let why = format!("most nodes have {common}");
            sets.extend(nodes.iter().map(|&node| self.set(node, setting, common, value, &why)));
        }
    }

    fn sets_by_baseline(&self, baseline: &Baseline) -> Vec<Step> {
        let mut sets = Vec::new();
        for node in self.topology.nodes().iter() {
            let Some((readings, address)) = self.readings.get(&node.id()).zip(address(node)) else { continue };
            for (&setting, value) in &readings.settings {
                let Some(meant) = baseline.settings.get(setting).map(|setting| setting.at(&address)) else { continue };
                if **value != *meant {
                    sets.push(self.set(node.id(), setting, meant, value, &format!("the baseline has {meant}")));
                }
            }
        }
        sets
    }

    /// The cluster after these steps, and what its nodes would then say of their settings.
    fn outcome(&self, sets: &[Step], moves: &[Step]) -> (Topology, HashMap<NodeId, Readings>) {
        let commands = sets.iter().chain(moves).map(|step| (step.typed.node, &step.typed.command));
        // Each was allowed on the board, whose rules are stricter than the nodes'.
        let after = rehearse(self.topology, commands).unwrap_or_else(|error| panic!("{error}"));
        (after, with_sets(self.readings, sets))
    }

    fn why_by_rules(&self, here: &Arrangement, step: Move) -> String {
        match step {
            Move::Failover { shard, node } => {
                let masters = self.board.masters(here);
                let zone = |node: usize| self.board.piece(node).zone;
                let own = zone(here.shards[shard].master);
                let held = own.map_or(0, |zone| masters[zone]);
                let (from, to) = (self.zone(own), self.zone(zone(node)));
                let all = here.shards.len();
                format!(
                    "takes the master of {} from {from}, which holds {held} of {all} masters, to {to}",
                    self.slots(shard)
                )
            }
            Move::Replicate { node, from, to } => {
                let (zone, slots) = (self.zone(self.board.piece(node).zone), self.slots(to));
                let before = self.board.risk(&here.shards[to]);
                let gain = match before {
                    Risk::Node => format!("{slots} have nobody who may take over, and get a replica in {zone}"),
                    Risk::Zone => {
                        let own = self.zone(self.board.piece(here.shards[to].master).zone);
                        format!("{slots} stand in {own} alone, and get a replica in {zone}")
                    }
                    Risk::None => format!("{slots} get a replica in {zone}, to be their master"),
                };
                let mut giver = here.shards[from].clone();
                giver.heirs.retain(|&heir| heir != node);
                let cost = match self.board.risk(&giver) {
                    Risk::Node => format!("; {} have no other replica until the next step", self.slots(from)),
                    _ => String::new(),
                };
                gain + &cost
            }
        }
    }

    fn leftover(&self, finding: &Finding) -> Leftover {
        let zones = self.board.zones.max(1);
        let masters = self.start.shards.len();
        let needs = match finding.rule {
            Rule::QuorumLostWithZone if masters.div_ceil(zones) > masters.div_ceil(2).saturating_sub(1) => {
                finding.remedy.clone()
            }
            Rule::QuorumLostWithZone | Rule::MastersTogether | Rule::UnevenMasters => {
                "replicas in the zones with fewer masters, for shards whose masters stand elsewhere; then plan anew"
                    .to_owned()
            }
            Rule::ShardInOneZone | Rule::OrphanMaster | Rule::NoPromotableReplica => {
                format!("a node more, as no replica was found that could be spared: {}", finding.remedy)
            }
            _ => finding.remedy.clone(),
        };
        Leftover { finding: finding.clone(), needs }
    }

    fn stays(&self, shard: usize, zone: &str) -> Leftover {
        let master = self.id(self.start.shards[shard].master);
        let node = self.topology.node(master).map_or(String::new(), name);
        let finding = Finding {
            rule: Rule::ShardInOneZone,
            sentence: format!(
                "master {node} of {} cannot leave zone {zone}: no replica elsewhere can take over",
                self.slots(shard)
            ),
            remedy: format!("CLUSTER REPLICATE {master} on a node in another zone, before the drill"),
            nodes: vec![master],
            slots: self.topology.node(master).map_or(Vec::new(), |node| slots_of(self.topology, node)),
        };
        Leftover { needs: finding.remedy.clone(), finding }
    }

    /// `slots 0-5460`
    fn slots(&self, shard: usize) -> String {
        let master = self.topology.nodes().get(self.start.shards[shard].master);
        format!("slots {}", list(&master.map_or(Vec::new(), |master| slots_of(self.topology, master))))
    }

    fn zone(&self, zone: Option<usize>) -> String {
        let name = zone.and_then(|zone| self.placement.names().nth(self.board.names[zone]));
        name.map_or("no known zone".to_owned(), |name| format!("zone {name}"))
    }

    fn id(&self, place: usize) -> NodeId {
        self.topology.nodes().get(place).expect("pieces are places of the table").id()
    }
}

/// What nodes would say of their settings after these steps.
fn with_sets(readings: &HashMap<NodeId, Readings>, sets: &[Step]) -> HashMap<NodeId, Readings> {
    let mut readings = readings.clone();
    for Step { typed: Typed { node, command }, .. } in sets {
        if let (Command::Set(name, value), Some(own)) = (command, readings.get_mut(node)) {
            own.take_settings([(*name, &**value)]);
        }
    }
    readings
}
