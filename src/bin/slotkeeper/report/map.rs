//! The cluster by zone: every node where it stands, with the number of its shard, so that a shard that stands in one place is seen.

use std::collections::{BTreeMap, HashSet};

use maud::{Markup, html};
use slotkeeper::cluster::nodes::{Node, NodeId};
use slotkeeper::policy::finding::Severity;

use super::Facts;
use super::node::{chip, colour};
use slotkeeper::words::counted;

use crate::output::printable;

/// With more nodes each is but the number of its shard; what else is known of it shows the pointer, and the table below.
const MOST_IN_FULL: usize = 120;

/// All zones side by side.
pub fn map(facts: &Facts<'_>) -> Markup {
    let topology = &facts.scene.topology;
    let mut zones: BTreeMap<Option<usize>, Vec<Node<'_>>> = BTreeMap::new();
    for (place, node) in topology.nodes().iter().enumerate() {
        zones.entry(facts.scene.placement.zone(place)).or_default().push(node);
    }
    // Nobody's nodes come last.
    let homeless = zones.remove(&None);
    let is_full = topology.nodes().len() <= MOST_IN_FULL;
    let critical: HashSet<NodeId> = facts
        .audit
        .findings
        .iter()
        .filter(|found| found.severity() == Severity::Critical && !found.slots.is_empty())
        .flat_map(|found| found.nodes.iter().copied())
        .collect();
    html! {
        p.quiet {
            "Each node with the number of its shard, masters filled, replicas outlined. In a red frame: its slots are lost, or would be with one zone \
             or node. Struck out: failed."
        }
        div.zones {
            @for (zone, nodes) in zones.into_iter().chain(homeless.map(|nodes| (None, nodes))) {
                (one(zone, nodes, is_full, &critical, facts))
            }
        }
    }
}

fn one(
    zone: Option<usize>,
    mut nodes: Vec<Node<'_>>,
    is_full: bool,
    critical: &HashSet<NodeId>,
    facts: &Facts<'_>,
) -> Markup {
    nodes.sort_by_key(|node| (!node.is_master(), facts.shards.number(*node, facts.scene), node.id()));
    let masters = nodes.iter().filter(|node| !node.ranges().is_empty()).count();
    let title = zone.and_then(|zone| facts.scene.placement.names().nth(zone)).unwrap_or("no zone");
    html! {
        div.zone.(colour(zone)) {
            h3 { (printable(title)) " " span.quiet { (counted(masters, "master")) " of " (counted(nodes.len(), "node")) } }
            div.chips.full[is_full] {
                @for node in nodes { (chip(node, is_full, critical.contains(&node.id()), facts)) }
            }
        }
    }
}
