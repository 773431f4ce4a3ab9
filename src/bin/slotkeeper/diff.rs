//! `slotkeeper diff`: what changed between two saved CLUSTER NODES texts.

use std::path::PathBuf;

use serde::Serialize;
use slotkeeper::cluster::diff::diff;
use slotkeeper::cluster::zone::Zones;

use crate::output::Output;
use crate::source::Scene;
use crate::{Outcome, Status, tell};

/// Tell what changed between two saved CLUSTER NODES texts
///
/// Exit code: 0 nothing, 1 something, 3 one of them could not be read.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Arguments {
    /// The earlier text; - is the standard input
    old: PathBuf,
    /// The later text; - is the standard input
    new: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// What is printed; the names are those of the JSON.
#[derive(Serialize)]
struct Report {
    changes: Vec<String>,
    gaps: Vec<String>,
}

/// Runs the subcommand.
pub fn run(arguments: &Arguments, out: &mut Output) -> Outcome {
    let [old, new] = [&arguments.old, &arguments.new].map(|path| Scene::of_file(path, &Zones::default()));
    let (old, new) = (old?, new?);
    let gaps = [old.gaps, new.gaps].concat();
    gaps.iter().for_each(|gap| tell(gap));
    let changes: Vec<String> =
        diff(Some(&old.topology), &new.topology).iter().map(|change| change.to_string()).collect();
    let status = if changes.is_empty() { Status::Fine } else { Status::Warning };
    if arguments.json {
        out.json(&Report { changes, gaps })?;
    } else {
        changes.iter().try_for_each(|change| out.line(change))?;
    }
    Ok(status)
}
