//! How moves and settings become the steps of a plan: in which order, with which words, checks and way back; and what is left over.
//!
//! Which moves these are is decided in [`super::plan`] and [`super::plan_search`].

use std::collections::{BTreeMap, HashMap};

use super::arrangement::{Arrangement, Board, Move, Risk, Seats};
use super::baseline::{Baseline, slots_of};
use super::finding::{Finding, Rule};
use super::readings::{Readings, stale_replicas};
use super::steps::{Check, Leftover, Plan, Step, Typed};
use crate::cluster::nodes::{Flags, Node, NodeId, Role};
use crate::cluster::rehearsal::{Command, NO_FAILOVER, rehearse};
use crate::cluster::topology::{Topology, address, name};
use crate::cluster::zone::Placement;
use crate::words::{counted, list};

/// A cluster for which steps are made.
pub(super) struct Planner<'a> {
    topology: &'a Topology,
    placement: &'a Placement,
    readings: &'a HashMap<NodeId, Readings>,
    pub(super) board: Board,
    pub(super) start: Arrangement,
}

impl<'a> Planner<'a> {
    pub(super) fn new(
        topology: &'a Topology,
        placement: &'a Placement,
        readings: &'a HashMap<NodeId, Readings>,
    ) -> Self {
        let stale = stale_replicas(readings);
        let is_linked = |id: NodeId| readings.get(&id).is_none_or(|readings| readings.link_down.is_none());
        let (board, start) = Board::of(topology, placement, |id| !stale.contains(&id), is_linked);
        Self { topology, placement, readings, board, start }
    }

    pub(super) fn obstacle(&self) -> Option<String> {
        let nodes = self.topology.nodes();
        let failed: Vec<String> = nodes.slot_owners().filter(|node| node.has(Flags::FAILED)).map(name).collect();
        if !failed.is_empty() {
            let masters = counted(failed.len(), "master");
            return Some(format!(
                "{masters} with slots failed ({}): wait for the failover or bring them back, then plan anew",
                list(&failed, ", ")
            ));
        }
        let moving: Vec<String> = nodes.iter().filter(|node| !node.moving().is_empty()).map(name).collect();
        if !moving.is_empty() {
            let nodes = list(&moving, ", ");
            return Some(format!("slots are on the move ({nodes}): let the resharding end, then plan anew"));
        }
        None
    }

    pub(super) fn nothing(&self, obstacle: String, findings: Vec<Finding>) -> Plan {
        let leaves = findings.into_iter().map(|finding| Leftover { needs: finding.remedy.clone(), finding }).collect();
        let after = self.topology.clone();
        Plan { steps: Vec::new(), is_shortest: true, obstacle: Some(obstacle), after, mends: Vec::new(), leaves }
    }

    /// The moves as steps, in an order in which as few shards as possible hang on one node or zone meanwhile. Those whose turn never comes are left out.
    pub(super) fn steps(&self, moves: &[Move], why: impl Fn(&Arrangement, Move) -> String) -> Vec<Step> {
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
    pub(super) fn sets_by_rules(&self, moves: &[Step]) -> Vec<Step> {
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

    pub(super) fn sets_by_baseline(&self, baseline: &Baseline) -> Vec<Step> {
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
    pub(super) fn outcome(&self, sets: &[Step], moves: &[Step]) -> (Topology, HashMap<NodeId, Readings>) {
        let commands = sets.iter().chain(moves).map(|step| (step.typed.node, &step.typed.command));
        // Each was allowed on the board, whose rules are stricter than the nodes'.
        let after = rehearse(self.topology, commands).unwrap_or_else(|error| panic!("{error}"));
        (after, with_sets(self.readings, sets))
    }

    pub(super) fn why_by_rules(&self, here: &Arrangement, step: Move) -> String {
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

    pub(super) fn leftover(&self, finding: &Finding) -> Leftover {
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

    pub(super) fn stays(&self, shard: usize, zone: &str) -> Leftover {
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
    pub(super) fn slots(&self, shard: usize) -> String {
        let master = self.topology.nodes().get(self.start.shards[shard].master);
        format!("slots {}", list(&master.map_or(Vec::new(), |master| slots_of(self.topology, master)), ", "))
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
