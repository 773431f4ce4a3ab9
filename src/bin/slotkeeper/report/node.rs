//! A node on the page: in small, by name, its state, and the colour of its zone.

use maud::{Markup, html};
use slotkeeper::cluster::nodes::{Flags, Node};

use super::Facts;
use slotkeeper::cluster::topology::name;
use slotkeeper::words::list;

use crate::output::printable;

/// How many colours the zones have among them; see the style sheet.
const COLOURS: usize = 8;

/// The class that colours a zone; the colours come again.
pub fn colour(zone: Option<usize>) -> String {
    zone.map_or("zn".to_owned(), |zone| format!("z{}", zone % COLOURS))
}

/// A node as a small thing, in the colour of its zone.
pub fn chip(node: Node<'_>, is_full: bool, is_at_risk: bool, facts: &Facts<'_>) -> Markup {
    let zone = facts.scene.topology.position(node.id()).and_then(|place| facts.scene.placement.zone(place));
    html! {
        span.chip.(colour(zone)).master[node.is_master()].risk[is_at_risk].dead[node.has(Flags::FAILED)] title=(told(node)) {
            b { @match facts.shards.number(node, facts.scene) { Some(number) => (number), None => "?" } }
            @if is_full { " " (printable(&name(node))) }
        }
    }
}

/// All that is known of a node, in one line.
fn told(node: Node<'_>) -> String {
    let role = if node.is_master() { "master" } else { "replica" };
    let slots = match node.ranges() {
        [] => String::new(),
        ranges => format!(", slots {}", list(ranges, ", ")),
    };
    format!("{} {role}, {}{slots}", named(node), state(node))
}

/// What is the matter with a node, in words.
pub fn state(node: Node<'_>) -> String {
    let flags = [
        (Flags::FAILED, "failed"),
        (Flags::SUSPECTED, "suspected"),
        (Flags::NO_ADDRESS, "no address"),
        (Flags::NO_FAILOVER, "nofailover"),
    ];
    let words: Vec<&str> = flags.into_iter().filter(|(flag, _)| node.has(*flag)).map(|(_, word)| word).collect();
    if words.is_empty() { "ok".to_owned() } else { words.join(", ") }
}

/// The node's address, and the host name that it announces.
pub fn named(node: Node<'_>) -> String {
    let host = if node.hostname().is_empty() { String::new() } else { format!(" ({})", node.hostname()) };
    printable(&(name(node) + &host))
}
