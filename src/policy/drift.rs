//! What has moved since the baseline, in words: roles above all, which a drill moves and nobody moves back.
//!
//! Pure. A shard is the one that owns most of the slots of the baseline's shard, so a failover is told as what it is, another master of the same
//! slots. A node is the one at the baseline's address; where nobody is there, the one of its id, which then has another address. A node that was
//! rebuilt at its address is no drift. What other rules tell is not told again: failed nodes, slots that nobody owns.
//!
//! Since when is not told. Nodes say who they are, not since when: an epoch has an order and no time, and a server's uptime is that of its
//! process, not of its role.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use super::audit::names;
use super::baseline::{Baseline, MeantNode, slots_of, zone_name};
use super::finding::{Finding, Rule};
use super::readings::Readings;
use crate::cluster::address::Address;
use crate::cluster::keyslot::SLOT_COUNT;
use crate::cluster::nodes::{Flags, Node, NodeId};
use crate::cluster::slots::{SlotRange, push_slot};
use crate::cluster::topology::{Topology, address, name};
use crate::cluster::zone::Placement;
use crate::words::list;

/// What has moved since the baseline: masters first, then replicas and slots, nodes, zones, and settings as far as they were read.
pub fn drift(
    baseline: &Baseline,
    topology: &Topology,
    placement: &Placement,
    readings: &HashMap<NodeId, Readings>,
) -> Vec<Finding> {
    let known = Recognized::of(baseline, topology);
    let mut teller = Teller { baseline, topology, placement, known, findings: Vec::new() };
    teller.tell_masters();
    teller.tell_replicas();
    teller.tell_slots();
    teller.tell_nodes();
    teller.tell_zones();
    teller.tell_settings(readings);
    teller.findings
}

/// What of the baseline is which part of the cluster.
pub(super) struct Recognized {
    /// For each shard of the baseline the place of its nodes in the topology's table, the master's first; `None` for one that is gone.
    pub(super) nodes: Vec<Vec<Option<usize>>>,
    /// For each shard of the baseline the place of the master that owns most of its slots now.
    pub(super) shards: Vec<Option<usize>>,
    /// For each node of the topology's table the shard of the baseline that it is meant for.
    pub(super) meant: Vec<Option<usize>>,
}

impl Recognized {
    pub(super) fn of(baseline: &Baseline, topology: &Topology) -> Self {
        let table = topology.nodes();
        // Of a node that was rebuilt the old self may still be remembered, as failed, at the same address.
        let mut by_address: HashMap<Address, (bool, usize)> = HashMap::new();
        for (place, node) in table.iter().enumerate() {
            let Some(address) = address(node) else { continue };
            let living = (!node.has(Flags::FAILED), place);
            by_address.entry(address).and_modify(|best| *best = living.max(*best)).or_insert(living);
        }
        let by_id: HashMap<NodeId, usize> = table.iter().enumerate().map(|(place, node)| (node.id(), place)).collect();
        let mut meant = vec![None; table.len()];
        let mut nodes: Vec<Vec<Option<usize>>> = Vec::new();
        for (shard, wanted) in baseline.shards.iter().enumerate() {
            let find = |node: &MeantNode| by_address.get(&node.address).map(|&(_, place)| place);
            nodes.push(wanted.nodes().map(find).collect());
            nodes[shard].iter().flatten().for_each(|&place| meant[place] = Some(shard));
        }
        for (shard, wanted) in baseline.shards.iter().enumerate() {
            for (found, node) in nodes[shard].iter_mut().zip(wanted.nodes()).filter(|(found, _)| found.is_none()) {
                *found = node.id.and_then(|id| by_id.get(&id)).copied().filter(|&place| meant[place].is_none());
                found.iter().for_each(|&place| meant[place] = Some(shard));
            }
        }
        let shards = Self::shards(baseline, topology, &meant);
        Self { nodes, shards, meant }
    }

    fn shards(baseline: &Baseline, topology: &Topology, meant: &[Option<usize>]) -> Vec<Option<usize>> {
        // How many slots, and then how many nodes, a shard of now has in common with one of the baseline.
        let mut common: BTreeMap<(usize, usize), (usize, usize)> = BTreeMap::new();
        for (shard, wanted) in baseline.shards.iter().enumerate() {
            for slot in wanted.slots.iter().flat_map(|range| range.slots()) {
                if let Some(owner) = topology.owners().get(slot) {
                    common.entry((shard, owner)).or_default().0 += 1;
                }
            }
        }
        for (place, node) in topology.nodes().iter().enumerate() {
            let master = if node.is_master() { Some(place) } else { master_of(topology, node) };
            if let (Some(shard), Some(master)) = (meant[place], master) {
                common.entry((shard, master)).or_default().1 += 1;
            }
        }
        let mut pairs: Vec<_> = common.into_iter().collect();
        pairs.sort_by_key(|&(pair, common)| (Reverse(common), pair));
        let mut shards = vec![None; baseline.shards.len()];
        let mut is_taken = vec![false; topology.nodes().len()];
        for ((shard, master), _) in pairs {
            if shards[shard].is_none() && !is_taken[master] {
                shards[shard] = Some(master);
                is_taken[master] = true;
            }
        }
        shards
    }
}

/// The place of the master that a replica copies.
pub(super) fn master_of(topology: &Topology, replica: Node<'_>) -> Option<usize> {
    let master = topology.node(replica.master_id()?)?;
    master.is_master().then(|| topology.nodes().position(master.id()))?
}

struct Teller<'a> {
    baseline: &'a Baseline,
    topology: &'a Topology,
    placement: &'a Placement,
    known: Recognized,
    findings: Vec<Finding>,
}

const WAY_BACK: &str = "slotkeeper plan --baseline tells the way back; if it is meant so, write the baseline anew";

impl<'a> Teller<'a> {
    fn tell(&mut self, nodes: Vec<NodeId>, slots: Vec<SlotRange>, sentence: String, remedy: impl Into<String>) {
        self.findings.push(Finding { rule: Rule::Drift, sentence, remedy: remedy.into(), nodes, slots });
    }

    fn tell_masters(&mut self) {
        for (shard, wanted) in self.baseline.shards.iter().enumerate() {
            let found = self.known.nodes[shard][0];
            let Some(master) = self.known.shards[shard].filter(|&master| Some(master) != found) else { continue };
            let Some(now) = self.topology.nodes().get(master) else { continue };
            let slots = slots_of(self.topology, now);
            let subject = if slots.is_empty() {
                "a shard without slots".to_owned()
            } else {
                format!("slots {}", list(&slots, ", "))
            };
            let before = found.and_then(|place| self.topology.nodes().get(place));
            let remedy = match before {
                Some(node) if !node.has(Flags::FAILED) && node.master_id() == Some(now.id()) => {
                    format!("CLUSTER FAILOVER on {}; if it is meant so, write the baseline anew", name(node))
                }
                _ => WAY_BACK.to_owned(),
            };
            let fate = match before {
                None => ", which is gone",
                Some(node) if node.has(Flags::FAILED) => ", which has failed",
                Some(_) => "",
            };
            let sentence = format!(
                "the master of {subject} is {}; the baseline has {}{fate}",
                self.placed(now),
                meant(&wanted.master)
            );
            let nodes = [Some(now), before].into_iter().flatten().map(|node| node.id()).collect();
            self.tell(nodes, slots, sentence, remedy);
        }
    }

    /// Nodes that belong to another shard than the baseline has them in.
    fn tell_replicas(&mut self) {
        for (shard, wanted) in self.baseline.shards.iter().enumerate() {
            let own = self.known.shards[shard];
            for rank in 0..self.known.nodes[shard].len() {
                let Some(place) = self.known.nodes[shard][rank] else { continue };
                let Some(now) = self.topology.nodes().get(place) else { continue };
                let master = if now.is_master() { Some(place) } else { master_of(self.topology, now) };
                // The master of a shard that was dissolved, without slots, is what is left of it.
                let is_rest = rank == 0 && own.is_none() && now.is_master();
                if now.has(Flags::FAILED) || master == own && own.is_some() || is_rest {
                    continue;
                }
                let (role, slots) = match master.and_then(|master| self.topology.nodes().get(master)) {
                    _ if now.is_master() => ("a master of its own".to_owned(), slots_of(self.topology, now)),
                    Some(other) => (format!("a replica of {}", self.placed(other)), slots_of(self.topology, other)),
                    None => ("a replica of nobody that is known".to_owned(), Vec::new()),
                };
                let with = if slots.is_empty() { String::new() } else { format!(" (slots {})", list(&slots, ", ")) };
                let part = if rank == 0 { "master" } else { "a replica" };
                let there = if wanted.slots.is_empty() {
                    "a shard without slots".to_owned()
                } else {
                    format!("slots {}", list(&wanted.slots, ", "))
                };
                let sentence =
                    format!("{} is {role}{with}; the baseline has it as {part} of {there}", self.placed(now));
                self.tell(vec![now.id()], Vec::new(), sentence, WAY_BACK);
            }
        }
    }

    fn tell_slots(&mut self) {
        let mut wanted = vec![None; SLOT_COUNT];
        for (shard, meant) in self.baseline.shards.iter().enumerate() {
            let slots = meant.slots.iter().flat_map(|range| range.slots());
            slots.for_each(|slot| wanted[usize::from(slot)] = Some(shard));
        }
        let mut moved: BTreeMap<(Option<usize>, usize), Vec<SlotRange>> = BTreeMap::new();
        for (slot, owner) in (0..SLOT_COUNT as u16).zip(self.topology.owners().iter()) {
            let shard = wanted[usize::from(slot)];
            if let Some(owner) = owner.filter(|&owner| shard.and_then(|shard| self.known.shards[shard]) != Some(owner))
            {
                push_slot(moved.entry((shard, owner)).or_default(), slot);
            }
        }
        for ((shard, owner), slots) in moved {
            let Some(now) = self.topology.nodes().get(owner) else { continue };
            let before = shard.map_or("nobody".to_owned(), |shard| meant(&self.baseline.shards[shard].master));
            let sentence =
                format!("the owner of slots {} is {}; the baseline has {before}", list(&slots, ", "), self.placed(now));
            let remedy = "redis-cli --cluster reshard moves them back; if it is meant so, write the baseline anew";
            self.tell(vec![now.id()], slots, sentence, remedy);
        }
    }

    /// Nodes that have come, have gone, or are somewhere else.
    fn tell_nodes(&mut self) {
        for (shard, wanted) in self.baseline.shards.iter().enumerate() {
            for (rank, node) in wanted.nodes().enumerate() {
                let now = self.known.nodes[shard][rank].and_then(|place| self.topology.nodes().get(place));
                match now {
                    // Of a master it has been told.
                    None if rank == 0 && self.known.shards[shard].is_some() => {}
                    None => {
                        let sentence = format!("{} is not in the cluster; the baseline has it", meant(node));
                        self.tell(Vec::new(), Vec::new(), sentence, "bring it back, or write the baseline anew");
                    }
                    Some(now) if address(now).as_ref() != Some(&node.address) => {
                        let sentence =
                            format!("{} has another address; the baseline has {}", self.placed(now), node.address);
                        self.tell(vec![now.id()], Vec::new(), sentence, "write the baseline anew");
                    }
                    Some(_) => {}
                }
            }
        }
        let mut news = Vec::new();
        for (now, _) in self.topology.nodes().iter().zip(&self.known.meant).filter(|(_, meant)| meant.is_none()) {
            // The old self of a node that was rebuilt, and what a baseline does not hold either.
            let master = if now.is_master() {
                Some(now)
            } else {
                master_of(self.topology, now).and_then(|place| self.topology.nodes().get(place))
            };
            let Some(master) = master.filter(|_| !now.has(Flags::FAILED) && address(now).is_some()) else { continue };
            let role = if now.is_master() { "a master".to_owned() } else { format!("a replica of {}", name(master)) };
            let sentence = format!("{} is new, {role}; the baseline does not have it", self.placed(now));
            news.push((now.id(), sentence));
        }
        for (id, sentence) in news {
            self.tell(vec![id], Vec::new(), sentence, "write the baseline anew, or take the node out");
        }
    }

    fn tell_zones(&mut self) {
        // Without definitions no node is in a zone: another rule tells that.
        if self.placement.names().len() == 0 {
            return;
        }
        for (shard, wanted) in self.baseline.shards.iter().enumerate() {
            for (rank, node) in wanted.nodes().enumerate() {
                let now = self.known.nodes[shard][rank].and_then(|place| self.topology.nodes().get(place));
                let Some((now, before)) = now.zip(node.zone.as_deref()) else { continue };
                let zone = zone_name(self.topology, self.placement, now);
                if zone.as_deref() != Some(before) {
                    let words = zone.map_or("in no zone".to_owned(), |zone| format!("in zone {zone}"));
                    let sentence = format!("{} stands {words}; the baseline has it in zone {before}", name(now));
                    let remedy = "look whether the node has moved or the zones are defined otherwise; then write the baseline anew";
                    self.tell(vec![now.id()], Vec::new(), sentence, remedy);
                }
            }
        }
    }

    fn tell_settings(&mut self, readings: &HashMap<NodeId, Readings>) {
        for (setting, wanted) in &self.baseline.settings {
            let mut other: BTreeMap<(&str, &str), Vec<Node<'a>>> = BTreeMap::new();
            for node in self.topology.nodes().iter() {
                let value = readings.get(&node.id()).and_then(|readings| readings.settings.get(&**setting));
                let Some((value, address)) = value.zip(self.address_meant(node)) else { continue };
                let meant = wanted.at(&address);
                if **value != *meant {
                    other.entry((value, meant)).or_default().push(node);
                }
            }
            for ((value, meant), nodes) in other {
                let sentence = format!("{setting} is {value} on {}; the baseline has {meant}", names(&nodes));
                let remedy = format!(
                    "CONFIG SET {setting} {meant} there, and in its file (CONFIG REWRITE); if it is meant so, write the baseline anew"
                );
                self.tell(nodes.iter().map(|node| node.id()).collect(), Vec::new(), sentence, remedy);
            }
        }
    }

    /// Where the baseline has a node, or where it is, if it is new.
    fn address_meant(&self, node: Node<'_>) -> Option<Address> {
        let place = self.topology.nodes().position(node.id())?;
        let shard = self.known.meant[place];
        let meant = shard.and_then(|shard| {
            let mut nodes = self.baseline.shards[shard].nodes().zip(&self.known.nodes[shard]);
            nodes.find(|(_, found)| **found == Some(place)).map(|(node, _)| node.address.clone())
        });
        meant.or_else(|| address(node))
    }

    fn placed(&self, node: Node<'_>) -> String {
        let zone = zone_name(self.topology, self.placement, node);
        name(node) + &zone.map_or(String::new(), |zone| format!(" in zone {zone}"))
    }
}

fn meant(node: &MeantNode) -> String {
    node.address.to_string() + &node.zone.as_ref().map_or(String::new(), |zone| format!(" in zone {zone}"))
}
