//! The 16384 slots as a picture: 64 rows of 256, each slot in the colour of the zone that its master stands in, those that nobody serves in red.
//!
//! Runs of slots are outlines, not squares of their own, and of many runs those of one colour are one outline: so the picture of 1000 nodes
//! with every slot a range of its own is as small as any other.

use std::collections::BTreeMap;
use std::fmt::Write;

use maud::{Markup, html};
use slotkeeper::SLOT_COUNT;
use slotkeeper::cluster::outlook::SlotState;
use slotkeeper::cluster::slots::SlotRange;

use super::Facts;
use super::node::colour;
use slotkeeper::cluster::topology::name;
use slotkeeper::words::counted;

use crate::output::printable;

const COLUMNS: u16 = 256;
const ROWS: u16 = 64;
/// With more runs they have no text under the pointer.
const MOST_TOLD: usize = 512;

/// With more runs there is no line between them: there would be nothing but lines.
const MOST_PARTED: usize = 64;

/// What a slot looks like: one colour.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Look {
    Zone(Option<usize>),
    Pending,
    Unserved,
    Unowned,
}

/// A run of slots that look the same and have the same owner.
struct Run {
    look: Look,
    owner: Option<usize>,
    range: SlotRange,
}

/// The picture with its legend.
pub fn picture(facts: &Facts<'_>) -> Markup {
    let runs = runs(facts);
    let mut looks: BTreeMap<Look, Vec<SlotRange>> = BTreeMap::new();
    for Run { look, range, .. } in &runs {
        let ranges = looks.entry(*look).or_default();
        match ranges.last_mut() {
            // Another owner, who looks the same.
            Some(last) if last.last + 1 == range.first => last.last = range.last,
            _ => ranges.push(*range),
        }
    }
    let is_told = runs.len() <= MOST_TOLD;
    html! {
        ul.legend {
            @for (look, ranges) in &looks {
                li { i.(class(*look)) {} (title(*look, facts)) ": " (counted(ranges.iter().map(|range| range.count()).sum(), "slot")) }
            }
        }
        svg.slots.few[runs.len() <= MOST_PARTED] viewBox=(format!("0 0 {COLUMNS} {ROWS}")) preserveAspectRatio="none" role="img" aria-label="The zone of each slot's master" {
            @if is_told {
                @for run in &runs { path.(class(run.look)) d=(outline(&[run.range])) { title { (told(run, facts)) } } }
            } @else {
                @for (look, ranges) in &looks { path.(class(*look)) d=(outline(ranges)) {} }
            }
        }
        p.quiet { "From slot 0 at the top left to 16383 at the bottom right, 256 a row. " (counted(runs.len(), "run")) "." }
    }
}

fn runs(facts: &Facts<'_>) -> Vec<Run> {
    let topology = &facts.scene.topology;
    let mut runs: Vec<Run> = Vec::new();
    for slot in 0..SLOT_COUNT as u16 {
        let owner = topology.owners().get(slot);
        let look = match (owner, topology.slot_state(slot)) {
            (None, _) => Look::Unowned,
            (_, SlotState::Unserved) => Look::Unserved,
            (_, SlotState::Pending) => Look::Pending,
            (Some(owner), SlotState::Served) => Look::Zone(facts.scene.placement.zone(owner)),
        };
        match runs.last_mut() {
            Some(run) if (run.look, run.owner) == (look, owner) => run.range.last = slot,
            _ => runs.push(Run { look, owner, range: SlotRange { first: slot, last: slot } }),
        }
    }
    runs
}

fn class(look: Look) -> String {
    match look {
        Look::Zone(zone) => colour(zone),
        Look::Pending => "pending".to_owned(),
        Look::Unserved | Look::Unowned => "lost".to_owned(),
    }
}

fn title(look: Look, facts: &Facts<'_>) -> String {
    match look {
        Look::Zone(Some(zone)) => printable(facts.scene.placement.names().nth(zone).unwrap_or_default()),
        Look::Zone(None) => "master in no zone".to_owned(),
        Look::Pending => "pending".to_owned(),
        Look::Unserved => "not served".to_owned(),
        Look::Unowned => "no owner".to_owned(),
    }
}

fn told(run: &Run, facts: &Facts<'_>) -> String {
    let owner = run.owner.and_then(|place| facts.scene.topology.nodes().get(place));
    let owner = owner.map_or("nobody".to_owned(), |node| printable(&name(node)));
    format!("{}: {owner}, {}", run.range, title(run.look, facts))
}

/// The outline of these slots in the grid: what fills a row with its neighbours is one rectangle.
fn outline(ranges: &[SlotRange]) -> String {
    let mut path = String::new();
    let mut rectangle = |column: u16, row: u16, width: u16, height: u16| {
        write!(path, "M{column} {row}h{width}v{height}h-{width}z").expect("a String takes every text");
    };
    for range in ranges {
        let (first, last) = (range.first / COLUMNS, range.last / COLUMNS);
        let (from, to) = (range.first % COLUMNS, range.last % COLUMNS + 1);
        if first == last {
            rectangle(from, first, to - from, 1);
            continue;
        }
        let (top, bottom) = (first + u16::from(from > 0), last + u16::from(to == COLUMNS));
        if from > 0 {
            rectangle(from, first, COLUMNS - from, 1);
        }
        if bottom > top {
            rectangle(0, top, COLUMNS, bottom - top);
        }
        if to < COLUMNS {
            rectangle(0, last, to, 1);
        }
    }
    path
}
