//! What is true of the cluster by the word of all of its nodes, and whether a keeper says the same.

use std::collections::BTreeMap;
use std::fmt::Write;

use slotkeeper::Topology;
use slotkeeper::cluster::nodes::{Flags, Role};

use crate::cluster::samples::Samples;
use crate::cluster::views::{Line, View};

/// All that a topology tells of a node and that nodes agree on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is; `None` if nodes may differ on that for good.
    ///
    /// They do on a dead node without slots: one that was itself away when a third was demoted never hears of it, if the third is silent now.
    pub role: Option<Seen>,
    /// Whether the masters have agreed that it failed.
    pub has_failed: bool,
    /// First and last of each of its runs of slots.
    pub slots: Vec<(u16, u16)>,
}

/// A node's role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    Master,
    /// Of this master.
    Replica(Option<String>),
}

/// The nodes by their ids.
pub type Facts = BTreeMap<String, Fact>;

/// Whether the node of this view reaches more than half of the masters that own slots.
pub fn has_quorum(view: &View) -> bool {
    let reached = view.lines.iter().filter(|line| line.is_voter() && !line.is("fail") && !line.is("fail?")).count();
    reached * 2 > view.voters()
}

/// What all nodes say that are of the cluster, once nothing is under way any more.
///
/// A node is of it if all masters with a quorum name it, and it knows of one; a forgotten node or one that was reset says what it likes.
///
/// # Errors
/// Why it cannot be said: who disagrees, whom somebody suspects, which slots have no living owner.
pub fn settled(samples: &Samples) -> Result<Facts, String> {
    let latest = samples.latest();
    let said: Vec<(&View, Facts)> = latest
        .iter()
        .map(|episode| &*episode.view)
        .filter(|view| view.voters() > 0 && has_quorum(view))
        .map(|view| (view, facts(view)))
        .collect();
    let masters: Vec<&Facts> = said.iter().filter(|(view, _)| view.is_of_voter()).map(|(_, facts)| facts).collect();
    let mut truth: Facts = (*masters.first().ok_or("no master with a quorum answers")?).clone();
    for (view, facts) in &said {
        let Some(own) = view.myself() else { continue };
        if !masters.iter().all(|facts| facts.contains_key(&own.id)) {
            continue;
        }
        if let Some(line) = view.lines.iter().find(|line| line.is("fail?") || line.is("handshake")) {
            return Err(format!("{} says {} of {}", own.id, line.flags.join(","), line.id));
        }
        for (id, fact) in facts {
            match truth.get_mut(id) {
                Some(same) if same.has_failed && fact.has_failed && same.slots.is_empty() && same.role != fact.role => {
                    same.role = None;
                }
                _ => {}
            }
        }
        let facts = without_disputed(facts.clone(), &truth);
        if facts != truth {
            return Err(format!("{} disagrees with another: {}", own.id, differences(&truth, &facts)));
        }
    }
    let living = truth.values().filter(|fact| !fact.has_failed).flat_map(|fact| &fact.slots);
    let served: u32 = living.map(|(first, last)| u32::from(last - first) + 1).sum();
    if served == 16384 { Ok(truth) } else { Err(format!("only {served} slots have a living owner")) }
}

/// What a topology says.
pub fn facts_of(topology: &Topology) -> Facts {
    let fact = |node: slotkeeper::cluster::nodes::Node<'_>| {
        let fact = Fact {
            role: node.role().map(|role| match role {
                Role::Master => Seen::Master,
                Role::Replica => Seen::Replica(node.master_id().map(|id| id.to_string())),
            }),
            has_failed: node.has(Flags::FAILED),
            slots: node.ranges().iter().map(|range| (range.first, range.last)).collect(),
        };
        (node.id().to_string(), fact)
    };
    topology.nodes().iter().map(fact).collect()
}

/// What somebody says, without that on which the nodes themselves differ.
pub fn without_disputed(mut told: Facts, truth: &Facts) -> Facts {
    for (id, fact) in &mut told {
        if truth.get(id).is_some_and(|truth| truth.role.is_none()) {
            fact.role = None;
        }
    }
    told
}

/// In words what is different, the first few of it.
pub fn differences(truth: &Facts, other: &Facts) -> String {
    let ids = truth.keys().chain(other.keys().filter(|id| !truth.contains_key(*id)));
    let differ = ids.filter(|id| truth.get(*id) != other.get(*id)).take(3);
    differ.fold(String::new(), |mut text, id| {
        let _ = write!(text, "\n  {id}: {:?}\n  and not: {:?}", other.get(id), truth.get(id));
        text
    })
}

fn facts(view: &View) -> Facts {
    let fact = |line: &Line| {
        let mut slots = line.slots.clone();
        slots.sort_unstable();
        let role = if line.is("master") { Seen::Master } else { Seen::Replica(line.master.clone()) };
        let fact = Fact { role: Some(role), has_failed: line.is("fail"), slots };
        (line.id.clone(), fact)
    };
    view.lines.iter().filter(|line| !line.is("handshake")).map(fact).collect()
}
