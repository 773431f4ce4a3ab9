//! What becomes of the cluster if something is lost: the losses, the worst first, and for each shard what each zone's loss does to it.

use std::collections::{BTreeMap, HashMap};

use maud::{Markup, html};
use slotkeeper::policy::what_if::{Blow, Effect, Outcome};

use super::Facts;
use slotkeeper::cluster::topology::name;
use slotkeeper::words::{counted, list};

use crate::output::printable;
use crate::what_if::words::within;

/// More losses of single nodes that are not survived are only counted.
const MOST_NODES: usize = 30;
/// With more shards those that outlive every zone are only counted.
const MOST_SHARDS: usize = 40;
/// More zones do not fit beside each other.
const MOST_ZONES: usize = 16;

/// The losses, and the matrix.
pub fn losses(facts: &Facts<'_>) -> Markup {
    let is_node = |loss: &&Outcome| matches!(loss.blow, Blow::Node(_));
    // Whoever is dead already is no loss any more.
    let is_gone = |loss: &&Outcome| is_node(loss) && loss.dead == 0;
    let is_bad = |loss: &&Outcome| loss.effect != Effect::Survives;
    let nodes = facts.losses.iter().filter(|loss| is_node(loss) && !is_gone(loss));
    let (bad, spared) = (nodes.clone().filter(is_bad).count(), nodes.clone().filter(|loss| !is_bad(loss)).count());
    let mut seen = 0;
    let shown: Vec<&Outcome> = facts
        .losses
        .iter()
        .filter(|loss| !is_gone(loss))
        .filter(|loss| {
            seen += usize::from(is_node(loss) && is_bad(loss));
            !is_node(loss) || (is_bad(loss) && seen <= MOST_NODES)
        })
        .collect();
    html! {
        div.wide {
            table {
                thead { tr { th { "lost" } th.number { "nodes" } th { "effect" } th.number { "masters left" } th.number { "slots lost" } th { "requests" } th { "promoted" } th { "back after" } } }
                tbody { @for loss in shown { (row(loss, facts)) } }
            }
        }
        p.quiet {
            @if bad > MOST_NODES { "The loss of " (bad - MOST_NODES) " more nodes is not survived. " }
            @if spared > 0 { "The loss of any one of " (counted(spared, if bad > 0 { "other node" } else { "node" })) " is survived." }
        }
        (matrix(facts))
    }
}

fn row(loss: &Outcome, facts: &Facts<'_>) -> Markup {
    let lost: usize = loss.lost_slots.iter().map(|range| range.count()).sum();
    let (living, majority) = loss.living_masters;
    let takes = loss.takes_requests(facts.ground.full_coverage);
    let masters = loss.promotions.len() + loss.lost.len();
    html! {
        tr.bad[loss.effect != Effect::Survives] {
            td { (printable(&facts.teller().loss(loss))) }
            td.number { (loss.dead) }
            td { span.pill.(loss.effect.name()) { (loss.effect.name()) } }
            td.number title=(format!("a majority is {majority}")) { (living) }
            td.number { (lost) @if lost > 0 { " " span.quiet { (list(&loss.lost_slots, ", ")) } } }
            td { @if takes { "taken" } @else { b { "refused" } } }
            td { @if masters > 0 { (loss.promotions.len()) " of " (masters) } @else { "-" } }
            td { @match &loss.recovery { Some(recovery) => (within(recovery)), None => "-" } }
        }
    }
}

/// What one zone's loss does to a shard.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Unharmed,
    TakenOver,
    Lost,
}

/// Shards down, zones across.
fn matrix(facts: &Facts<'_>) -> Markup {
    let zones: BTreeMap<usize, HashMap<usize, Fate>> = facts
        .losses
        .iter()
        .filter_map(|loss| match loss.blow {
            Blow::Zone(zone) => Some((zone, fates(loss))),
            _ => None,
        })
        .collect();
    if zones.is_empty() || zones.len() > MOST_ZONES {
        return html! {};
    }
    let fate = |master: usize, fates: &HashMap<usize, Fate>| fates.get(&master).copied().unwrap_or(Fate::Unharmed);
    let topology = &facts.scene.topology;
    let shards = (1..).zip(&facts.shards.all).filter(|(_, shard)| !shard.master.ranges().is_empty());
    let rows: Vec<_> =
        shards.filter_map(|(number, shard)| Some((number, shard, topology.position(shard.master.id())?))).collect();
    let is_lost = |master: usize| zones.values().any(|fates| fate(master, fates) == Fate::Lost);
    let all = rows.len();
    let rows: Vec<_> =
        rows.into_iter().filter(|(.., master)| all <= MOST_SHARDS || is_lost(*master)).take(MOST_SHARDS).collect();
    html! {
        @if rows.len() < all { p.quiet { (counted(all, "shard")) "; shown are those that are lost with a zone, " (MOST_SHARDS) " of them at most." } }
        @if !rows.is_empty() {
            div.wide {
                table.matrix {
                    thead { tr { th { "shard" } th { "master" } @for zone in zones.keys() { th { "without " (printable(facts.teller().zone(*zone))) } } } }
                    tbody {
                        @for (number, shard, master) in rows {
                            tr {
                                td { b { (number) } } td { (printable(&name(shard.master))) }
                                @for fates in zones.values() { (cell(fate(master, fates))) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn fates(loss: &Outcome) -> HashMap<usize, Fate> {
    let promoted = loss.promotions.iter().map(|(master, _)| (*master, Fate::TakenOver));
    promoted.chain(loss.lost.iter().map(|(master, _)| (*master, Fate::Lost))).collect()
}

fn cell(fate: Fate) -> Markup {
    match fate {
        Fate::Unharmed => html! { td.unharmed { "unharmed" } },
        Fate::TakenOver => html! { td.survives { "taken over" } },
        Fate::Lost => html! { td.bad { "lost" } },
    }
}
