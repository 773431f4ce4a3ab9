//! What is wrong with a cluster's layout before anything happens to it: the rules of [`super::finding`], judged.
//!
//! Pure. What CLUSTER NODES does not tell (settings, the state of replication) is taken from what nodes were read to say, where it is
//! known; a rule that needs more than is known is silent. Drift from a baseline is told by [`super::drift`].
//!
//! Of the masters N, of which a zone may hold ⌈N/2⌉ − 1 if the quorum is to outlive it, it is also asked whether they could be spread
//! better: over Z zones no zone needs more than ⌈N/Z⌉. Two masters of five in one of three zones are the best there is; two of five zones are not.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use super::failover::{Loss, is_barred};
use super::finding::{Finding, Rule};
use super::readings::{Readings, stale_replicas};
use super::what_if::{Assumptions, Blow, Effect, Outcome, strike};
use crate::cluster::keyslot::SLOT_COUNT;
use crate::cluster::nodes::{Direction, Flags, Node, NodeId, Role};
use crate::cluster::slots::{SlotRange, push_slot};
use crate::cluster::topology::{Shard, Topology, name};
use crate::cluster::zone::Placement;
use crate::words::{counted, list};

/// What an audit has found.
#[derive(Clone, Debug, PartialEq)]
pub struct Audit {
    /// The worst first; of one rule those with the most slots first. The same for the same cluster, however it was read.
    pub findings: Vec<Finding>,
    /// The share of the 16384 slots, 0 to 1, that have an owner now, and a master again after the loss of any one zone and of any one
    /// node. 0 as soon as the quorum hangs on one zone or node. A node in no zone counts as a node alone.
    pub compliance: f64,
}

/// What is wrong with the layout of a cluster; `readings`: what was read from its nodes, as far as it was.
pub fn audit(topology: &Topology, placement: &Placement, readings: &HashMap<NodeId, Readings>) -> Audit {
    let assumptions = Assumptions { stale: stale_replicas(readings), ..Assumptions::default() };
    let now = strike(topology, placement, &assumptions, Blow::Nodes(Vec::new()));
    let populated = placement.populated();
    let blows: Vec<Outcome> =
        populated.keys().map(|&zone| strike(topology, placement, &assumptions, Blow::Zone(zone))).collect();
    let mut auditor = Auditor { topology, placement, readings, stale: &assumptions.stale, findings: Vec::new() };
    auditor.look_at_masters(&now);
    let fragile = auditor.look_at_shards();
    auditor.look_at_zones(&populated, &blows);
    auditor.look_at_replicas();
    auditor.look_at_epochs_and_moves();
    auditor.look_at_places();
    auditor.look_at_settings();
    let mut findings = auditor.findings;
    let slots = |finding: &Finding| finding.slots.iter().map(|range| range.count()).sum::<usize>();
    findings.sort_by_cached_key(|finding| (finding.rule, Reverse(slots(finding)), finding.nodes.clone()));
    Audit { findings, compliance: compliance(&now, &blows, &fragile) }
}

/// `fragile`: the slots that are lost with one node.
fn compliance(now: &Outcome, blows: &[Outcome], fragile: &[SlotRange]) -> f64 {
    let (living, majority) = now.living_masters;
    if living <= majority || blows.iter().any(|blow| blow.effect == Effect::LosesQuorum) {
        return 0.0;
    }
    let mut is_safe = vec![true; SLOT_COUNT];
    let at_risk = blows.iter().flat_map(|blow| &blow.lost_slots).chain(&now.lost_slots).chain(fragile);
    at_risk.for_each(|range| is_safe[usize::from(range.first)..=usize::from(range.last)].fill(false));
    is_safe.iter().filter(|&&is_safe| is_safe).count() as f64 / SLOT_COUNT as f64
}

struct Auditor<'a> {
    topology: &'a Topology,
    placement: &'a Placement,
    readings: &'a HashMap<NodeId, Readings>,
    stale: &'a HashSet<NodeId>,
    findings: Vec<Finding>,
}

impl<'a> Auditor<'a> {
    fn find(
        &mut self,
        rule: Rule,
        nodes: Vec<NodeId>,
        slots: &[SlotRange],
        sentence: String,
        remedy: impl Into<String>,
    ) {
        self.findings.push(Finding { rule, sentence, remedy: remedy.into(), nodes, slots: slots.to_vec() });
    }

    fn look_at_masters(&mut self, now: &Outcome) {
        let unowned = self.topology.owners().unowned();
        if !unowned.is_empty() {
            let sentence = format!("slots {} have no owner", list(&unowned, ", "));
            self.find(
                Rule::UnownedSlots,
                Vec::new(),
                &unowned,
                sentence,
                "CLUSTER ADDSLOTS on a master that is to own them",
            );
        }
        for (place, master) in self.topology.nodes().iter().enumerate() {
            if !master.is_slot_owner() || !master.has(Flags::FAILED) {
                continue;
            }
            let loss = now.lost.iter().find(|(lost, _)| *lost == place).map(|(_, loss)| *loss);
            let outlook = match loss {
                None => "one of its replicas is to take over".to_owned(),
                Some(loss) => format!("nobody takes over: {}", loss.reason()),
            };
            let remedy = match loss {
                None => "wait for the failover; if it does not come, CLUSTER FAILOVER FORCE on a replica",
                Some(Loss::NoQuorum) => {
                    "bring masters back; where that cannot be, CLUSTER FAILOVER TAKEOVER on a replica"
                }
                Some(_) => "bring the master or one of its replicas back",
            };
            let sentence =
                format!("master {} has failed with slots {}; {outlook}", name(master), list(master.ranges(), ", "));
            self.find(Rule::FailedMaster, vec![master.id()], master.ranges(), sentence, remedy);
        }
    }

    /// Tells of each shard whether it outlives its master, alone and with its zone; gives the slots that do not outlive the master alone.
    fn look_at_shards(&mut self) -> Vec<SlotRange> {
        let mut fragile = Vec::new();
        for Shard { master, replicas } in self.topology.shards() {
            if master.ranges().is_empty() || master.has(Flags::FAILED) {
                continue;
            }
            let living: Vec<Node<'_>> = replicas.iter().filter(|node| !node.has(Flags::FAILED)).copied().collect();
            let is_heir = |node: &&Node<'_>| !is_barred(**node) && !self.stale.contains(&node.id());
            let heirs: Vec<Node<'_>> = living.iter().filter(is_heir).copied().collect();
            let (slots, ranges) = (list(master.ranges(), ", "), master.ranges());
            let nodes = |others: &[Node<'_>]| [master].iter().chain(others).map(|node| node.id()).collect();
            let add = format!("CLUSTER REPLICATE {} on a node in another zone than the master's", master.id());
            if heirs.is_empty() {
                fragile.extend_from_slice(ranges);
            }
            if living.is_empty() {
                let sentence = format!("master {} has no living replica: with it slots {slots} are lost", name(master));
                self.find(Rule::OrphanMaster, nodes(&replicas), ranges, sentence, add);
            } else if heirs.is_empty() {
                let sentence = format!(
                    "master {} has {} living, but none that may be promoted: with it slots {slots} are lost",
                    name(master),
                    counted(living.len(), "replica")
                );
                let remedy =
                    format!("on a replica CONFIG SET cluster-replica-no-failover no, or see to its link; or {add}");
                self.find(Rule::NoPromotableReplica, nodes(&living), ranges, sentence, remedy);
            } else if let Some(zone) =
                self.zone(master).filter(|&zone| heirs.iter().all(|heir| self.zone(*heir) == Some(zone)))
            {
                let sentence = format!(
                    "master {} and all replicas that may take over ({}) stand in zone {zone}: with it slots {slots} are lost",
                    name(master),
                    names(&heirs)
                );
                self.find(Rule::ShardInOneZone, nodes(&heirs), ranges, sentence, add);
            }
        }
        fragile
    }

    fn look_at_zones(&mut self, populated: &BTreeMap<usize, Vec<usize>>, blows: &[Outcome]) {
        let masters = self.topology.nodes().slot_owners().count();
        let masters_in = |zone: &[usize]| -> Vec<Node<'a>> {
            let nodes = zone.iter().filter_map(|&node| self.topology.nodes().get(node));
            nodes.filter(|node| node.is_slot_owner()).collect()
        };
        let spread: Vec<(&str, Vec<Node<'a>>)> = populated
            .values()
            .map(|nodes| {
                (nodes.first().and_then(|&node| self.placement.name(node)).unwrap_or_default(), masters_in(nodes))
            })
            .collect();
        let fair = masters.div_ceil(spread.len().max(1));
        let told = self.findings.len();
        for ((zone, own), blow) in spread.iter().zip(blows) {
            let (living, majority) = blow.living_masters;
            let nodes = own.iter().map(|node| node.id()).collect();
            let most = masters.div_ceil(2).saturating_sub(1);
            let share = format!("zone {zone} holds {} of {masters} masters ({})", own.len(), names(own));
            if blow.effect == Effect::LosesQuorum && !own.is_empty() {
                let sentence =
                    format!("{share}: with it {living} are left, and a majority is {majority}; nobody is promoted");
                let count = spread.len();
                let remedy = if fair > most {
                    format!(
                        "add zones or masters: with {masters} masters in {} one zone always holds {fair} or more, and {most} can be spared",
                        counted(count, "zone")
                    )
                } else {
                    format!("CLUSTER FAILOVER on replicas in other zones, until no zone holds more than {most} masters")
                };
                self.find(Rule::QuorumLostWithZone, nodes, &[], sentence, remedy);
            } else if own.len() > 1 && living == majority && own.len() > fair {
                let sentence = format!("{share}: with it {living} are left, and no further one can be spared");
                let remedy =
                    format!("CLUSTER FAILOVER on a replica in another zone, until the zone holds {fair} at most");
                self.find(Rule::MastersTogether, nodes, &[], sentence, remedy);
            }
        }
        let (fewest, most) =
            (spread.iter().map(|(_, own)| own.len()).min(), spread.iter().map(|(_, own)| own.len()).max());
        // What is worse has been told of the same zones.
        if self.findings.len() == told && most.zip(fewest).is_some_and(|(most, fewest)| most > fewest + 1) {
            let counts: Vec<String> = spread.iter().map(|(zone, own)| format!("{zone} {}", own.len())).collect();
            let nodes =
                spread.iter().filter(|(_, own)| Some(own.len()) == most).flat_map(|(_, own)| own).map(|node| node.id());
            let sentence = format!("masters are unevenly spread over the zones: {}", counts.join(", "));
            let remedy =
                format!("CLUSTER FAILOVER on replicas in zones with fewer masters, until none holds more than {fair}");
            self.find(Rule::UnevenMasters, nodes.collect(), &[], sentence, remedy);
        }
    }

    fn look_at_replicas(&mut self) {
        for replica in self.topology.nodes().iter().filter(|node| node.role() == Some(Role::Replica)) {
            let (id, named) = (vec![replica.id()], name(replica));
            if replica.has(Flags::NO_FAILOVER) {
                let sentence = format!("replica {named} is flagged nofailover: it is never promoted");
                let remedy = "CONFIG SET cluster-replica-no-failover no on it, unless it is meant so";
                self.find(Rule::ReplicaNoFailover, id.clone(), &[], sentence, remedy);
            }
            if replica.has(Flags::FAILED) {
                let remedy = "bring it back, or CLUSTER FORGET it on every node";
                self.find(Rule::FailedReplica, id.clone(), &[], format!("replica {named} has failed"), remedy);
            }
            let Some(readings) = self.readings.get(&replica.id()) else { continue };
            if let Some(down) = readings.link_down {
                let stale = if readings.is_stale() { ", too long for it to be promoted" } else { "" };
                let since = match down {
                    Duration::MAX => "since it was started".to_owned(),
                    down => format!("for {} s", down.as_secs()),
                };
                let sentence = format!("replica {named} has had no link to its master {since}{stale}");
                self.find(
                    Rule::ReplicaLinkDown,
                    id.clone(),
                    &[],
                    sentence,
                    "see its log for why; the network, or masterauth",
                );
            }
            if let Some((validity, slow)) = readings.too_short_validity() {
                let sentence = format!(
                    "replica {named} is not promoted if its data are older than {} s (cluster-replica-validity-factor), and a failover may take {} s",
                    validity.as_secs_f64(),
                    slow.as_secs_f64()
                );
                let remedy =
                    "CONFIG SET cluster-replica-validity-factor 10 on it, or 0 where old data are better than none";
                self.find(Rule::ValidityForbidsFailover, id, &[], sentence, remedy);
            }
        }
    }

    fn look_at_epochs_and_moves(&mut self) {
        let mut by_epoch: BTreeMap<u64, Vec<Node<'a>>> = BTreeMap::new();
        for master in self.topology.nodes().slot_owners() {
            by_epoch.entry(master.config_epoch()).or_default().push(master);
        }
        for (epoch, masters) in by_epoch.into_iter().filter(|(_, masters)| masters.len() > 1) {
            let sentence = format!(
                "masters {} have the same config epoch {epoch}: which one owns a slot is left to chance",
                names(&masters)
            );
            let nodes = masters.iter().map(|node| node.id()).collect();
            self.find(Rule::EpochCollision, nodes, &[], sentence, "CLUSTER BUMPEPOCH on all of them but one");
        }
        for node in self.topology.nodes().iter() {
            for (direction, words) in [(Direction::Migrating, "are leaving"), (Direction::Importing, "are coming to")] {
                let moving: Vec<_> = node.moving().iter().filter(|moving| moving.direction == direction).collect();
                if moving.is_empty() {
                    continue;
                }
                let mut slots: Vec<u16> = moving.iter().map(|moving| moving.slot).collect();
                slots.sort_unstable();
                let mut ranges = Vec::new();
                slots.into_iter().for_each(|slot| push_slot(&mut ranges, slot));
                let mut others: Vec<NodeId> = moving.iter().map(|moving| moving.other).collect();
                others.sort_unstable();
                others.dedup();
                let sentence = format!("slots {} {words} master {}", list(&ranges, ", "), name(node));
                let remedy = "let the resharding end (redis-cli --cluster fix), or CLUSTER SETSLOT <slot> STABLE on both masters";
                self.find(Rule::OpenSlots, [vec![node.id()], others].concat(), &ranges, sentence, remedy);
            }
        }
    }

    fn look_at_places(&mut self) {
        let nodes = self.topology.nodes();
        for dispute in &self.placement.disputes {
            let Some(node) = nodes.get(dispute.node) else { continue };
            let sentence = format!("node {} is claimed by two zones and counts for neither: {dispute}", name(node));
            self.find(
                Rule::ZonesInDispute,
                vec![node.id()],
                &[],
                sentence,
                "define the zones so that one item fits it best",
            );
        }
        let is_disputed = |place: usize| self.placement.disputes.iter().any(|dispute| dispute.node == place);
        let unplaced =
            nodes.iter().enumerate().filter(|&(place, _)| self.placement.zone(place).is_none() && !is_disputed(place));
        let unplaced: Vec<Node<'_>> = unplaced.map(|(_, node)| node).collect();
        if !unplaced.is_empty() {
            let (sentence, remedy) = if self.placement.names().len() == 0 {
                (
                    "no zone is defined: what is lost with a data centre cannot be told".to_owned(),
                    "define zones: zone.<name>=10.1.0.0/16",
                )
            } else {
                (
                    format!("{} in no zone: {}", counted(unplaced.len(), "node"), names(&unplaced)),
                    "add an item to a zone that takes them",
                )
            };
            let nodes = unplaced.iter().map(|node| node.id()).collect();
            self.find(Rule::NodeWithoutZone, nodes, &[], sentence, remedy);
        }
    }

    fn look_at_settings(&mut self) {
        self.look_at_mixed(Rule::MixedFullCoverage, "cluster-require-full-coverage", |readings| {
            readings.full_coverage.map(|is_required| if is_required { "yes" } else { "no" }.to_owned())
        });
        self.look_at_mixed(Rule::MixedNodeTimeout, "cluster-node-timeout", |readings| {
            readings.node_timeout.map(|timeout| timeout.as_millis().to_string())
        });
    }

    fn look_at_mixed(&mut self, rule: Rule, setting: &str, value: fn(&Readings) -> Option<String>) {
        let mut values: BTreeMap<String, Vec<Node<'a>>> = BTreeMap::new();
        for node in self.topology.nodes().iter() {
            if let Some(value) = self.readings.get(&node.id()).and_then(value) {
                values.entry(value).or_default().push(node);
            }
        }
        if values.len() > 1 {
            let words: Vec<String> =
                values.iter().map(|(value, nodes)| format!("{value} on {}", names(nodes))).collect();
            let sentence = format!("{setting} differs between nodes: {}", words.join("; "));
            let nodes = values.values().flatten().map(|node| node.id()).collect();
            self.find(
                rule,
                nodes,
                &[],
                sentence,
                format!("CONFIG SET {setting} to one value on every node, and in its file"),
            );
        }
    }

    fn zone(&self, node: Node<'_>) -> Option<&'a str> {
        self.topology.position(node.id()).and_then(|place| self.placement.name(place))
    }
}

pub(super) fn names(nodes: &[Node<'_>]) -> String {
    list(&nodes.iter().copied().map(name).collect::<Vec<_>>(), ", ")
}
