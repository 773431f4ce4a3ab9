//! What is done to the cluster, when it is over, and how the cluster becomes whole again.

use std::time::Duration;

use slotkeeper::SLOT_COUNT;

use crate::RESTORED;
use crate::cluster::views::Map;
use crate::cluster::{Cluster, Node, Outcome};

/// One way in which slots change hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A master is killed: connections are refused.
    Kill,
    /// A master is stopped: connections are taken, and nothing answers.
    Stop,
    /// All nodes of a zone are stopped.
    Zone,
    /// `CLUSTER FAILOVER`.
    Planned,
    /// A few slots go to another master; in every other run to the one that has the highest epoch, so that no epoch changes.
    Reshard,
}

/// A fault with all that chance had to decide.
pub struct Plan {
    fault: Fault,
    /// Whom it is done to; in a resharding the giver.
    who: String,
    /// The replica that is to be master, or the master that takes the slots.
    to: String,
    first: u16,
    /// Ids that must own nothing any more.
    gone: Vec<String>,
    /// The id that must own all from `first` to `slot` when it is over; empty if any may.
    owner: String,
    /// The last slot that changes hands, or one of those that change together.
    pub slot: u16,
    /// The whole in words.
    pub words: String,
}

/// So many slots a resharding moves.
const SLOTS_MOVED: u16 = 3;

impl Fault {
    /// All, in the order of a round.
    pub const ALL: [Fault; 5] = [Fault::Kill, Fault::Planned, Fault::Stop, Fault::Reshard, Fault::Zone];

    /// The name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Fault::Kill => "kill",
            Fault::Stop => "stop",
            Fault::Zone => "zone",
            Fault::Planned => "planned",
            Fault::Reshard => "reshard",
        }
    }

    /// Decides whom it meets, given the map as it is.
    pub fn plan(self, cluster: &Cluster, map: &Map, run: usize) -> Outcome<Plan> {
        let nodes = cluster.nodes();
        let owns = |node: &Node| node.id.as_ref().is_some_and(|id| map.iter().any(|range| range.owner == *id));
        let masters: Vec<&Node> = nodes.iter().filter(|node| owns(node)).collect();
        let first_slot =
            |node: &Node| map.iter().find(|range| Some(&range.owner) == node.id.as_ref()).map(|range| range.first);
        let master = any(&masters);
        let id = |node: &Node| node.id.clone().unwrap_or_default();
        let slot = first_slot(master).ok_or("a master without slots")?;
        let plan = |who: &str, gone, words| Plan {
            fault: self,
            who: who.to_owned(),
            to: String::new(),
            first: slot,
            gone,
            owner: String::new(),
            slot,
            words,
        };
        Ok(match self {
            Fault::Kill => plan(&master.name, vec![id(master)], format!("{} is killed", master.name)),
            Fault::Stop => plan(&master.name, vec![id(master)], format!("{} is stopped", master.name)),
            Fault::Zone => {
                // Roles drift; two of five may be lost, and one at least.
                let inside =
                    |zone: char| masters.iter().filter(move |node| node.zone == zone).copied().collect::<Vec<_>>();
                let zones = ['A', 'B', 'C'].map(|zone| (inside(zone), zone)).into_iter();
                let (lost, zone) = zones
                    .filter(|(lost, _)| (1..=2).contains(&lost.len()))
                    .max_by_key(|(lost, _)| lost.len())
                    .ok_or("no zone can be lost")?;
                let names: Vec<&str> = lost.iter().map(|node| node.name.as_str()).collect();
                let words = format!("zone {zone} with {} is stopped", names.join(" and "));
                let slot = first_slot(lost[0]).ok_or("a master without slots")?;
                Plan { slot, ..plan(&format!("zone:{zone}"), lost.into_iter().map(id).collect(), words) }
            }
            Fault::Planned => {
                let heir = nodes.iter().find(|node| node.shard == master.shard && node.name != master.name);
                let heir = heir.ok_or("a master without a replica")?;
                let words = format!("{} takes over from {}", heir.name, master.name);
                Plan { to: heir.name.clone(), owner: id(heir), ..plan(&master.name, vec![id(master)], words) }
            }
            Fault::Reshard => {
                let highest = highest_epoch(cluster, &masters)?;
                let others =
                    |than: &Node| masters.iter().filter(|node| node.name != than.name).copied().collect::<Vec<_>>();
                let (from, to) = match masters.iter().find(|node| node.name == highest) {
                    Some(highest) if run.is_multiple_of(2) => (any(&others(highest)), *highest),
                    _ => (master, any(&others(master))),
                };
                let slot = first_slot(from).ok_or("a master without slots")?;
                let mark = if to.name == highest { ", which has the highest epoch" } else { "" };
                let words = format!("{SLOTS_MOVED} slots go from {} to {}{mark}", from.name, to.name);
                Plan {
                    to: to.name.clone(),
                    owner: id(to),
                    first: slot,
                    slot: slot + SLOTS_MOVED - 1,
                    ..plan(&from.name, Vec::new(), words)
                }
            }
        })
    }
}

impl Plan {
    /// Does it.
    pub fn carry_out(&self, cluster: &Cluster) -> Outcome {
        match self.fault {
            Fault::Kill => cluster.kill(&self.who),
            Fault::Stop | Fault::Zone => cluster.stop(&self.who),
            Fault::Planned => cluster.failover(&self.to, Duration::from_secs(15)),
            Fault::Reshard => cluster.move_slots(&self.who, &self.to, self.first, self.slot),
        }
    }

    /// Whether this is the map that was to come of it.
    pub fn is_over(&self, map: &Map) -> bool {
        let owned: usize = map.iter().map(|range| usize::from(range.last - range.first) + 1).sum();
        let has =
            |slot: u16| map.iter().any(|range| (range.first..=range.last).contains(&slot) && range.owner == self.owner);
        owned == SLOT_COUNT
            && !map.iter().any(|range| self.gone.contains(&range.owner))
            && (self.owner.is_empty() || (self.first..=self.slot).all(has))
    }

    /// Undoes what is not undone by itself. Roles stay where they have gone: the next run takes them as they are.
    pub fn restore(&self, cluster: &Cluster) -> Outcome {
        match self.fault {
            Fault::Kill => cluster.restart(&self.who)?,
            Fault::Stop | Fault::Zone => cluster.resume(&self.who)?,
            Fault::Planned | Fault::Reshard => {}
        }
        cluster.make_whole(RESTORED)
    }
}

/// The master whose epoch is the highest: to move slots there changes no epoch.
fn highest_epoch(cluster: &Cluster, masters: &[&Node]) -> Outcome<String> {
    let mut epochs = Vec::new();
    for node in masters {
        let info = cluster.command(&node.name, &["CLUSTER", "INFO"])?.text();
        let epoch = crate::cluster::views::field(&info, "cluster_my_epoch").parse::<u64>();
        epochs.push((epoch.map_err(|error| format!("{}: {error}", node.name))?, node.name.clone()));
    }
    epochs.into_iter().max().map(|(_, name)| name).ok_or_else(|| "no masters".into())
}

fn any<'a>(nodes: &[&'a Node]) -> &'a Node {
    nodes[fastrand::usize(0..nodes.len())]
}
