//! `slotkeeper report`: a cluster on one page of HTML, for those who were not there.
//!
//! This file gathers what is shown; what it looks like stands in [`page`] and below.

mod losses;
mod map;
mod node;
mod page;
mod slots;

use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;
use std::time::SystemTime;

use slotkeeper::cluster::nodes::Node;
use slotkeeper::cluster::topology::Shard;
use slotkeeper::policy::audit::{Audit, audit};
use slotkeeper::policy::drift::drift;
use slotkeeper::policy::finding::Finding;
use slotkeeper::policy::what_if::{Outcome as Loss, what_if};

use crate::output::Output;
use crate::source::{Scene, Source};
use crate::what_if::Ground;
use crate::what_if::words::Teller;
use crate::{Outcome, Status, baseline};

/// Write a cluster on one page of HTML: map, slots, findings, what-if, drift
///
/// The page goes to the standard output. It loads nothing from anywhere, and runs no
/// script: it may be mailed, printed, and kept.
///
/// Exit code: 0 it is written, 3 the cluster could not be read.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Arguments {
    #[command(flatten)]
    source: Source,
    /// The baseline, as `slotkeeper baseline` writes it: the page tells what has moved since;
    /// without it, since what the property audit.baseline-file names
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
}

/// Runs the subcommand.
pub fn run(arguments: &Arguments, out: &mut Output) -> Outcome {
    let config = arguments.source.config()?;
    // Before the cluster is asked, which may take a while.
    let baseline = baseline::meant(arguments.baseline.as_deref(), &config)?;
    let scene = arguments.source.read_with(&config)?;
    let ground = Ground::of(&scene);
    let facts = Facts {
        audit: audit(&scene.topology, &scene.placement, &scene.readings),
        losses: what_if(&scene.topology, &scene.placement, &ground.assumptions),
        drift: baseline.map(|baseline| drift(&baseline, &scene.topology, &scene.placement, &scene.readings)),
        shards: Shards::of(&scene),
        made: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
        scene: &scene,
        ground: &ground,
    };
    writeln!(out, "{}", page::page(&facts).into_string())?;
    Ok(Status::Fine)
}

/// All that the page shows.
struct Facts<'a> {
    scene: &'a Scene,
    ground: &'a Ground,
    audit: Audit,
    /// The worst first.
    losses: Vec<Loss>,
    /// `None` without a baseline.
    drift: Option<Vec<Finding>>,
    shards: Shards<'a>,
    /// When the cluster was read.
    made: String,
}

impl Facts<'_> {
    /// Puts losses into words.
    fn teller(&self) -> Teller<'_> {
        Teller { scene: self.scene, ground: self.ground, keys: None }
    }
}

/// The shards in order of their slots, and which one each node belongs to: their numbers are what connects the parts of the page.
struct Shards<'a> {
    all: Vec<Shard<'a>>,
    /// By place in the topology's table.
    numbers: HashMap<usize, usize>,
}

impl<'a> Shards<'a> {
    fn of(scene: &'a Scene) -> Self {
        let mut all = scene.topology.shards();
        all.sort_by_key(|shard| {
            (shard.master.ranges().first().map_or(u16::MAX, |range| range.first), shard.master.id())
        });
        let mut numbers = HashMap::new();
        for (number, shard) in (1..).zip(&all) {
            for node in [shard.master].iter().chain(&shard.replicas) {
                numbers.extend(scene.topology.position(node.id()).map(|place| (place, number)));
            }
        }
        Self { all, numbers }
    }

    /// From 1 on; `None` for a replica of nobody.
    fn number(&self, node: Node<'_>, scene: &Scene) -> Option<usize> {
        scene.topology.position(node.id()).and_then(|place| self.numbers.get(&place)).copied()
    }
}
