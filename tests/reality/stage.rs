//! A real cluster on which everything that is foretold is tried: plans, drills, the loss of zones, a baseline.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use slotkeeper::cluster::nodes::{Flags, NodeId};
use slotkeeper::cluster::rehearsal::Command;
use slotkeeper::cluster::zone::Placement;
use slotkeeper::policy::audit::audit;
use slotkeeper::policy::baseline::Baseline;
use slotkeeper::policy::drift::drift;
use slotkeeper::policy::finding::{Finding, Rule};
use slotkeeper::policy::plan::{drill, plan, restore};
use slotkeeper::policy::readings::stale_replicas;
use slotkeeper::policy::steps::{Check, Plan, Typed};
use slotkeeper::policy::what_if::{Assumptions, Blow, Effect, Outcome as Foretold, strike};
use slotkeeper::{Config, SLOT_COUNT, Survey, survey};

use crate::cluster::views::{View, field};
use crate::cluster::wait::until;
use crate::cluster::{Cluster, Options, Outcome};
use crate::layout::Layout;

const PASSWORD: &str = "s3cret";

const NODE_TIMEOUT: Duration = Duration::from_secs(1);

/// For so long a cluster may take to become what was foretold, or whole again.
const SETTLED: Duration = Duration::from_secs(60);

/// For so long it must stay so: an election of a replica with the worst rank takes no longer.
const STAYS: Duration = Duration::from_secs(3);

/// The server gives up a failover by agreement after 5 s, silently.
const FAILOVER_GIVEN_UP: Duration = Duration::from_secs(6);

/// A cluster, and what is done to it.
pub struct Stage<'a> {
    cluster: Cluster,
    layout: &'a Layout,
    /// Whose link is to be down.
    cut: Vec<String>,
}

/// The cluster as the product sees it.
pub struct Seen {
    survey: Survey,
    placement: Placement,
}

impl<'a> Stage<'a> {
    /// Starts the cluster, and cuts the links that are to be.
    pub fn start(layout: &'a Layout) -> Outcome<Self> {
        let mut options = Options::new(&layout.text)
            .password(PASSWORD)
            .node_timeout(NODE_TIMEOUT)
            .full_coverage(layout.full_coverage)
            // Replicas that wander between shards would undo what is foretold.
            .config("cluster-migration-barrier 100");
        for replica in &layout.barred {
            options = options.node_config(replica, "cluster-replica-no-failover yes");
        }
        for (replica, factor) in &layout.cut {
            options = options.node_config(replica, &format!("cluster-replica-validity-factor {factor}"));
        }
        let cluster = Cluster::start(&options)?;
        let stage = Self { cut: layout.cut.iter().map(|(replica, _)| replica.clone()).collect(), cluster, layout };
        stage.cut_links()?;
        Ok(stage)
    }

    /// Lets replicas log in to their masters no more. The bus goes on.
    fn cut_links(&self) -> Outcome {
        for replica in &self.cut {
            self.cluster.command(replica, &["CONFIG", "SET", "masterauth", "wrong"])?;
            let shard = self.cluster.node(replica)?.shard.ok_or("a replica without a shard")?;
            self.cluster.command(&format!("m{shard}"), &["CLIENT", "KILL", "TYPE", "slave"])?;
        }
        self.settle()?;
        // With a factor of 1 data are too old after 2 s; after 11 s with the 10 that a plan may set.
        self.wait("links to be down for long", || {
            let is_old = |replica: &String| {
                let info = self.ask(replica, &["INFO", "replication"])?;
                let since = field(&info, "master_link_down_since_seconds").to_owned();
                let is_long = since.parse().is_ok_and(|seconds: i64| !(0..13).contains(&seconds));
                if is_long { Ok(()) } else { Err(format!("{replica}: {since} s")) }
            };
            self.cut.iter().try_for_each(is_old)
        })
    }

    /// Waits until all nodes live, agree on everything, and are in step but for those that are not to be.
    fn settle(&self) -> Outcome {
        self.wait("all nodes to be back and in step", || {
            let mut known = None;
            for node in self.cluster.nodes() {
                let info = self.ask(&node.name, &["CLUSTER", "INFO"])?;
                if field(&info, "cluster_state") != "ok" {
                    return Err(format!("{} says cluster_state:{}", node.name, field(&info, "cluster_state")));
                }
                let view = View::parse(&self.ask(&node.name, &["CLUSTER", "NODES"])?)?;
                if let Some(line) = view.lines.iter().find(|line| line.is("fail") || line.is("fail?")) {
                    return Err(format!("{} holds {} for failed", node.name, line.id));
                }
                let mut roles: Vec<_> = view.lines.iter().map(|line| (&line.id, &line.master, &line.slots)).collect();
                roles.sort();
                let roles = format!("{roles:?}");
                if known.get_or_insert_with(|| roles.clone()) != &roles {
                    return Err(format!("{} has another view of roles", node.name));
                }
                let replication = self.ask(&node.name, &["INFO", "replication"])?;
                let is_linked =
                    field(&replication, "role") == "master" || field(&replication, "master_link_status") == "up";
                if is_linked && self.cut.contains(&node.name) && field(&replication, "role") != "master"
                    || !is_linked && !self.cut.contains(&node.name)
                {
                    return Err(format!("the link of {} is not as it is to be", node.name));
                }
            }
            Ok(())
        })
    }

    /// Asks every node.
    pub fn look(&self) -> Outcome<Seen> {
        let mut config = Config::new();
        let zones = [("zone.A", "127.1."), ("zone.B", "127.2."), ("zone.C", "127.3.")];
        let properties = [("seeds", &*self.cluster.seeds()), ("password", PASSWORD)];
        for (name, value) in properties.into_iter().chain(zones) {
            config.set(name, value).map_err(|error| error.to_string())?;
        }
        let survey = survey(&config, Duration::from_secs(20)).map_err(|error| error.to_string())?;
        if !survey.gaps.is_empty() {
            return Err(format!("the survey has gaps: {:?}", survey.gaps).into());
        }
        let placement = config.zones().place(survey.topology.nodes());
        Ok(Seen { survey, placement })
    }

    /// Types the plan and its way back.
    pub fn plan_and_way_back(&self, start: &Seen) -> Outcome<String> {
        let before = start.findings();
        let plan = plan(&start.survey.topology, &start.placement, &start.survey.readings);
        if let Some(obstacle) = &plan.obstacle {
            return Err(format!("nothing may be typed: {obstacle}").into());
        }
        self.check_possible(start, &plan)?;
        for step in &plan.steps {
            self.carry_out(&step.typed, &step.checks)?;
        }
        let left: Vec<(Rule, Vec<NodeId>)> = plan.leaves.iter().map(|left| told(&left.finding)).collect();
        self.wait("the audit to find what the plan has left", || {
            let seen = self.look().map_err(|failure| failure.to_string())?;
            let found: Vec<_> = seen.findings().iter().map(told).collect();
            if found == left { Ok(()) } else { Err(format!("{found:?} instead of {left:?} after {:?}", typed(&plan))) }
        })?;
        self.lead_back(&plan, start)?;
        let reached = match plan.leaves.len() {
            0 => "all rules reached".to_owned(),
            count => format!("{count} findings left"),
        };
        Ok(format!("{} findings, {} steps and back, {reached}", before.len(), plan.steps.len()))
    }

    /// Types the steps of a drill of the zone with the most masters, and its way back.
    pub fn drill_and_way_back(&self, start: &Seen) -> Outcome<String> {
        let masters = |seen: &Seen, zone: usize| {
            let nodes = seen.survey.topology.nodes().iter().enumerate();
            nodes.filter(|(place, node)| node.is_master() && seen.placement.zone(*place) == Some(zone)).count()
        };
        let zones = 0..start.placement.names().len();
        let zone = zones.max_by_key(|&zone| masters(start, zone)).ok_or("there is no zone")?;
        let plan = drill(&start.survey.topology, &start.placement, &start.survey.readings, zone);
        for step in &plan.steps {
            self.carry_out(&step.typed, &step.checks)?;
        }
        self.wait("the zone to have those masters only that cannot leave it", || {
            let seen = self.look().map_err(|failure| failure.to_string())?;
            let (left, told) = (masters(&seen, zone), plan.leaves.len());
            if left == told { Ok(()) } else { Err(format!("{left} instead of {told} after {:?}", typed(&plan))) }
        })?;
        self.lead_back(&plan, start)?;
        Ok(format!("a drill of {} steps and back", plan.steps.len()))
    }

    /// Types the way back of a plan.
    fn lead_back(&self, plan: &Plan, start: &Seen) -> Outcome {
        for (typed, checks) in plan.rollback() {
            self.carry_out(typed, checks)?;
        }
        let roles = start.roles();
        self.wait("every role to be as before", || {
            let seen = self.look().map_err(|failure| failure.to_string())?.roles();
            if seen == roles { Ok(()) } else { Err(format!("{seen:?} instead of {roles:?}")) }
        })
    }

    /// Types what restores the baseline of the start, from which failovers have moved the roles since.
    pub fn restore(&self, start: &Seen) -> Outcome<String> {
        let baseline = Baseline::of(&start.survey.topology, &start.placement, &start.survey.readings);
        let baseline = baseline.map_err(|error| error.to_string())?;
        self.settle()?;
        let Seen { survey, placement } = self.look()?;
        let moved = drift(&baseline, &survey.topology, &placement, &survey.readings).len();
        let plan = restore(&baseline, &survey.topology, &placement, &survey.readings);
        if let Some(obstacle) = &plan.obstacle {
            return Err(format!("nothing may be typed: {obstacle}").into());
        }
        for step in &plan.steps {
            self.carry_out(&step.typed, &step.checks)?;
        }
        self.wait("nothing to be elsewhere than in the baseline, but for what the plan has left", || {
            let Seen { survey, placement } = self.look().map_err(|failure| failure.to_string())?;
            let found = drift(&baseline, &survey.topology, &placement, &survey.readings).len();
            let left = plan.leaves.iter().filter(|left| left.finding.rule == Rule::Drift).count();
            // A replica without a link can be told nothing.
            let is_excused = left == 0 || !self.cut.is_empty();
            if found == left && is_excused {
                Ok(())
            } else {
                Err(format!("{found} findings instead of {left} after {:?}", typed(&plan)))
            }
        })?;
        Ok(format!("{moved} moved since, {} steps to restore", plan.steps.len()))
    }

    /// Whether what the plan leaves cannot be had: by counting nodes, not by the plan's own ways. Each shard takes a node, a safe one a second
    /// one in another zone, and the quorum outlives each zone if the masters fit into the zones so.
    fn check_possible(&self, seen: &Seen, plan: &Plan) -> Outcome {
        let stale: Vec<&String> =
            self.layout.cut.iter().filter(|(_, factor)| *factor == 1).map(|(name, _)| name).collect();
        let nodes = self.cluster.nodes();
        let usable = || nodes.iter().filter(|node| !stale.contains(&&node.name));
        let zones: Vec<usize> = ['A', 'B', 'C'].map(|zone| usable().filter(|node| node.zone == zone).count()).into();
        let (all, shards) = (zones.iter().sum::<usize>(), self.layout.text.split(' ').count());
        let largest = zones.iter().max().copied().unwrap_or(0);
        let safe = shards.min(all - shards).min(all / 2).min(all - largest);
        let spare = shards.div_ceil(2) - 1;
        let fits = zones.iter().map(|&nodes| nodes.min(spare)).sum::<usize>() >= shards && all > shards;
        let left = |rules: &[Rule]| plan.leaves.iter().filter(|left| rules.contains(&left.finding.rule)).count();
        let at_risk = left(&[Rule::ShardInOneZone, Rule::OrphanMaster, Rule::NoPromotableReplica]);
        // A replica without a link is an heir where it is, and can be moved nowhere.
        let is_had = at_risk <= shards - safe + self.layout.cut.len()
            && !(fits && self.layout.cut.is_empty() && left(&[Rule::QuorumLostWithZone]) > 0);
        let others = plan.leaves.len()
            - at_risk
            - left(&[Rule::QuorumLostWithZone, Rule::MastersTogether, Rule::UnevenMasters, Rule::ReplicaLinkDown]);
        if is_had && others == 0 {
            return Ok(());
        }
        let (left, before) = (&plan.leaves, seen.findings());
        Err(format!("more could be had of {zones:?} in each zone: {left:?} of {before:?} after {:?}", typed(plan))
            .into())
    }

    fn carry_out(&self, typed: &Typed, checks: &[Check]) -> Outcome {
        let (node, words) = (self.name(typed.node)?, typed.command.to_string());
        let words: Vec<&str> = words.split(' ').collect();
        let mut asked: Option<Instant> = None;
        self.wait(&format!("{} at {node} to show {checks:?}", typed.command), || {
            let is_given_up = |at: Instant| typed.command == Command::Failover && at.elapsed() > FAILOVER_GIVEN_UP;
            if asked.is_none_or(is_given_up) {
                // It may not have heard yet who is master since the step before.
                self.ask(&node, &words)?;
                asked = Some(Instant::now());
            }
            for Check { node, command, expect } in checks {
                let name = self.name(*node).map_err(|failure| failure.to_string())?;
                let answer = self.ask(&name, &command.split(' ').collect::<Vec<_>>())?;
                let lines: Vec<&str> = answer.lines().map(str::trim).collect();
                if let Some(missing) = expect.iter().find(|expected| !lines.contains(&expected.as_str())) {
                    return Err(format!("{name} does not show {missing}"));
                }
            }
            Ok(())
        })
    }

    /// Kills each zone, and starts it again.
    pub fn lose_each_zone(&mut self) -> Outcome<String> {
        let mut effects = Vec::new();
        for zone in ["A", "B", "C"] {
            let who = format!("zone:{zone}");
            if !self.cluster.nodes().iter().any(|node| node.zone.to_string() == zone) {
                continue;
            }
            self.settle()?;
            let seen = self.look()?;
            let place = seen.placement.names().position(|name| name == zone).ok_or("the zone has no name")?;
            let assumptions = Assumptions { node_timeout: NODE_TIMEOUT, stale: stale_replicas(&seen.survey.readings) };
            let foretold = strike(&seen.survey.topology, &seen.placement, &assumptions, Blow::Zone(place));
            effects.push(format!("{zone} {}", foretold.effect.name()));
            self.cluster.kill(&who)?;
            self.wait(&format!("zone {zone} lost to end as foretold: {foretold:?}"), || self.check(&seen, &foretold))?;
            let end = Instant::now() + STAYS;
            until("what was foretold to last", STAYS * 2, || {
                let outcome = self.check(&seen, &foretold);
                if outcome.is_err() || Instant::now() >= end { Ok(outcome) } else { Err("it lasts".to_owned()) }
            })?
            .map_err(|reason| format!("zone {zone} lost, foretold {foretold:?}: it did not last: {reason}"))?;
            // They come back with what stands in their configuration.
            self.cut.retain(|name| self.cluster.node(name).is_ok_and(|node| node.zone.to_string() != zone));
            self.cluster.restart(&who)?;
        }
        Ok(effects.join(", "))
    }

    /// Whether every node that lives shows what was foretold.
    fn check(&self, seen: &Seen, foretold: &Foretold) -> Result<(), String> {
        let table = seen.survey.topology.nodes();
        let id = |place: usize| table.get(place).map(|node| node.id().to_string()).unwrap_or_default();
        let takes_requests = foretold.takes_requests(self.layout.full_coverage);
        let lost: usize = foretold.lost_slots.iter().map(|range| range.count()).sum();
        for node in self.cluster.nodes().into_iter().filter(|node| node.pid.is_some()) {
            let info = self.ask(&node.name, &["CLUSTER", "INFO"])?;
            let (state, served) = (field(&info, "cluster_state"), field(&info, "cluster_slots_ok"));
            if (state == "ok") != takes_requests {
                return Err(format!("{} says cluster_state:{state}", node.name));
            }
            if foretold.effect != Effect::LosesQuorum && served != (SLOT_COUNT - lost).to_string() {
                return Err(format!("{} says cluster_slots_ok:{served}", node.name));
            }
            let view = View::parse(&self.ask(&node.name, &["CLUSTER", "NODES"])?)?;
            let owners: BTreeMap<u16, String> =
                view.map().into_iter().map(|range| (range.first, range.owner)).collect();
            let owner = |slot: u16| owners.range(..=slot).next_back().map(|(_, owner)| owner.clone());
            for (master, heirs) in &foretold.promotions {
                let slots = table.get(*master).map_or(&[][..], |node| node.ranges());
                let heirs: Vec<String> = heirs.iter().map(|&heir| id(heir)).collect();
                if let Some(slot) =
                    slots.iter().find(|range| !owner(range.first).is_some_and(|own| heirs.contains(&own)))
                {
                    return Err(format!(
                        "{}: slots {slot} are {:?}'s, not one of {heirs:?}",
                        node.name,
                        owner(slot.first)
                    ));
                }
            }
            for (master, loss) in &foretold.lost {
                let slots = table.get(*master).map_or(&[][..], |node| node.ranges());
                if let Some(slot) = slots.iter().find(|range| owner(range.first) != Some(id(*master))) {
                    return Err(format!("{}: slots {slot} have been taken over, in spite of {loss:?}", node.name));
                }
            }
        }
        Ok(())
    }

    fn name(&self, id: NodeId) -> Outcome<String> {
        let id = id.to_string();
        let node = self.cluster.nodes().into_iter().find(|node| node.id.as_ref() == Some(&id));
        node.map(|node| node.name).ok_or_else(|| format!("no node has the id {id}").into())
    }

    fn ask(&self, node: &str, words: &[&str]) -> Result<String, String> {
        self.cluster.command(node, words).map(|value| value.text()).map_err(|failure| format!("{node}: {failure}"))
    }

    fn wait(&self, what: &str, attempt: impl FnMut() -> Result<(), String>) -> Outcome {
        until(what, SETTLED, attempt).map_err(|failure| failure.with(&self.cluster.describe_nodes()))
    }
}

impl Seen {
    fn findings(&self) -> Vec<Finding> {
        audit(&self.survey.topology, &self.placement, &self.survey.readings).findings
    }

    /// Who copies whom, who owns what, and who may be promoted.
    fn roles(&self) -> Vec<String> {
        let nodes = self.survey.topology.nodes().iter();
        nodes
            .map(|node| {
                let barred = node.has(Flags::NO_FAILOVER);
                format!("{} {:?} {:?} {barred}", node.id(), node.master_id(), node.ranges())
            })
            .collect()
    }
}

/// What a finding is about. Its sentence may hold seconds.
fn told(finding: &Finding) -> (Rule, Vec<NodeId>) {
    let mut nodes = finding.nodes.clone();
    nodes.sort_unstable();
    (finding.rule, nodes)
}

fn typed(plan: &Plan) -> Vec<String> {
    plan.steps.iter().map(|step| format!("{}: {}", step.typed.node, step.typed.command)).collect()
}
