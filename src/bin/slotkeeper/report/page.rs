//! The page: what stands where, and the parts that are mostly text. Everything that comes from a server or a file is escaped by the
//! template; the page allows itself neither scripts nor anything from outside.

use std::collections::HashMap;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use slotkeeper::SLOT_COUNT;
use slotkeeper::cluster::nodes::{Node, Role};
use slotkeeper::policy::finding::{Finding, Rule, Severity};
use slotkeeper::policy::what_if::{Blow, Effect};

use super::{Facts, losses, map, node, slots};
use slotkeeper::words::{counted, list};

use crate::output::printable;

/// Of one rule no more findings are shown; how many there are is told.
const MOST_OF_A_RULE: usize = 20;
/// More nodes of one finding are counted.
const MOST_NODES_OF_A_FINDING: usize = 8;
/// With more nodes their table is folded up.
const MOST_NODES_OPEN: usize = 60;
/// What the page may load and run: nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// The whole page.
pub fn page(facts: &Facts<'_>) -> Markup {
    let topology = &facts.scene.topology;
    let nodes = topology.nodes().len();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Redis Cluster of " (counted(nodes, "node")) ", " (facts.made) }
                style { (PreEscaped(include_str!("style.css"))) }
            }
            body {
                header {
                    h1 { "Redis Cluster " span.pill.(topology.health().name()) { (topology.health().name()) } }
                    p.quiet { "Read at " time datetime=(facts.made) { (facts.made) } ". " (facts.ground.sentence()) }
                }
                main {
                    (tiles(facts))
                    (part("findings", "Findings", html! { (findings(facts)) (gaps(facts)) }))
                    (part("map", "Zones", map::map(facts)))
                    (part("slots", "Slots", slots::picture(facts)))
                    (part("losses", "What if", losses::losses(facts)))
                    (part("drift", "Drift", drift(facts)))
                    (part("nodes", "Nodes", all_nodes(facts)))
                }
                footer.quiet { "slotkeeper " (env!("CARGO_PKG_VERSION")) }
            }
        }
    }
}

fn part(id: &str, title: &str, body: Markup) -> Markup {
    html! { section id=(id) { h2 { (title) } (body) } }
}

/// The figures that say most.
fn tiles(facts: &Facts<'_>) -> Markup {
    let topology = &facts.scene.topology;
    let masters = topology.nodes().slot_owners().count();
    let served = topology.served_slots();
    let findings = |severity| facts.audit.findings.iter().filter(|found| found.severity() == severity).count();
    let (critical, warnings) = (findings(Severity::Critical), findings(Severity::Warning));
    // What is lost already is no loss any more.
    let single = || facts.losses.iter().filter(|loss| !matches!(loss.blow, Blow::Zones(..)) && loss.dead > 0);
    let bad = single().filter(|loss| loss.effect != Effect::Survives).count();
    let all = single().count();
    // Never rounded up to all.
    let safe = (facts.audit.compliance * 1000.0).floor() / 10.0;
    html! {
        div.tiles {
            (tile("slots served", &format!("{served}"), &format!("of {SLOT_COUNT}"), served == SLOT_COUNT))
            (tile("slots safe", &format!("{safe} %"), "outlive any one zone and node", facts.audit.compliance == 1.0))
            (tile("critical findings", &critical.to_string(), &counted(warnings, "warning"), critical == 0))
            (tile("losses not survived", &bad.to_string(), &format!("of {all}, each of a zone or a node"), bad == 0))
            div.tile {
                span.label { "nodes" } b { (topology.nodes().len()) }
                span.quiet { (counted(masters, "master")) " with slots, " (counted(facts.scene.placement.populated().len(), "zone")) }
            }
        }
    }
}

fn tile(label: &str, figure: &str, rest: &str, is_good: bool) -> Markup {
    html! { div.tile.good[is_good].bad[!is_good] { span.label { (label) } b { (figure) } span.quiet { (rest) } } }
}

fn findings(facts: &Facts<'_>) -> Markup {
    if facts.audit.findings.is_empty() {
        return html! { p.good { "Nothing is wrong with the layout." } };
    }
    let mut counts: HashMap<Rule, usize> = HashMap::new();
    facts.audit.findings.iter().for_each(|found| *counts.entry(found.rule).or_default() += 1);
    let mut shown: HashMap<Rule, usize> = HashMap::new();
    html! {
        ol.findings {
            @for found in &facts.audit.findings {
                @let seen = { let seen = shown.entry(found.rule).or_default(); *seen += 1; *seen };
                @if seen <= MOST_OF_A_RULE { (finding(found, facts)) }
                @if seen == MOST_OF_A_RULE + 1 {
                    li.quiet { (counts[&found.rule] - MOST_OF_A_RULE) " more of " code { (found.rule.id()) } ", which are not shown" }
                }
            }
        }
    }
}

fn finding(found: &Finding, facts: &Facts<'_>) -> Markup {
    let nodes = || found.nodes.iter().filter_map(|id| facts.scene.topology.node(*id));
    html! {
        li.(found.severity().name()) {
            p { span.pill.(found.severity().name()) { (found.severity().name()) } " " code { (found.rule.id()) } }
            p { (printable(&found.sentence)) }
            p.mend { (printable(&found.remedy)) }
            div.chips {
                @for node in nodes().take(MOST_NODES_OF_A_FINDING) { (node::chip(node, true, false, facts)) }
                @if let Some(more @ 1..) = nodes().count().checked_sub(MOST_NODES_OF_A_FINDING) { span.quiet { "and " (more) " more" } }
            }
        }
    }
}

/// What could not be learned.
fn gaps(facts: &Facts<'_>) -> Markup {
    html! {
        @if !facts.scene.gaps.is_empty() {
            h3 { "What could not be learned" }
            ul.quiet { @for gap in facts.scene.gaps.iter().take(MOST_OF_A_RULE) { li { (printable(gap)) } } }
            @if let Some(more @ 1..) = facts.scene.gaps.len().checked_sub(MOST_OF_A_RULE) { p.quiet { "and " (more) " more" } }
        }
    }
}

fn drift(facts: &Facts<'_>) -> Markup {
    match facts.drift.as_deref() {
        None => {
            html! { p.quiet { "No baseline was given: " code { "slotkeeper baseline" } " writes one, " code { "--baseline" } " compares." } }
        }
        Some([]) => html! { p.good { "Nothing has moved since the baseline." } },
        Some(moved) => html! {
            ol.findings {
                @for found in moved.iter().take(MOST_OF_A_RULE) {
                    li.warning { p { (printable(&found.sentence)) } p.mend { (printable(&found.remedy)) } }
                }
                @if let Some(more @ 1..) = moved.len().checked_sub(MOST_OF_A_RULE) { li.quiet { (more) " more" } }
            }
        },
    }
}

fn all_nodes(facts: &Facts<'_>) -> Markup {
    let topology = &facts.scene.topology;
    let mut nodes: Vec<Node<'_>> = topology.nodes().iter().collect();
    let place = |node: &Node<'_>| (facts.shards.number(*node, facts.scene).unwrap_or(usize::MAX), !node.is_master());
    nodes.sort_by_key(|node| (place(node), node.id()));
    html! {
        details open[nodes.len() <= MOST_NODES_OPEN] {
            summary { (counted(nodes.len(), "node")) ", by shard" }
            div.wide {
                table {
                    thead { tr { th { "shard" } th { "zone" } th { "address" } th { "role" } th { "state" } th.number { "epoch" } th.number { "slots" } th {} } }
                    tbody {
                        @for node in nodes {
                            tr {
                                td { @if let Some(number) = facts.shards.number(node, facts.scene) { (number) } }
                                td { (printable(facts.scene.zone(node).unwrap_or("-"))) }
                                td { (node::named(node)) }
                                td { (node.role().map_or("-", Role::name)) }
                                td { (node::state(node)) }
                                td.number { (node.config_epoch()) }
                                td.number { @if node.slot_count() > 0 { (node.slot_count()) } }
                                td { (list(node.ranges(), ", ")) }
                            }
                        }
                    }
                }
            }
        }
    }
}
