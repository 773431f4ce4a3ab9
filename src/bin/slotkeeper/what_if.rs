//! `slotkeeper what-if`: what the loss of zones and nodes does to a cluster, and to the keys of a business.

mod report;
pub mod words;

use std::path::PathBuf;

use slotkeeper::policy::readings::{Readings, stale_replicas};
use slotkeeper::policy::what_if::{Assumptions, Blow, Effect, strike, what_if};

use crate::keys::Keys;
use crate::output::Output;
use crate::source::{Scene, Source};
use crate::{Outcome, Status};
use report::Report;
use words::Teller;

/// Tell what the loss of zones and nodes does: who takes over, which slots are lost
///
/// Without --lose: of each zone, each two zones and each node, the worst first. The
/// first line is for monitoring.
///
/// Exit code: 0 all is survived (two zones at once are not asked for), 2 something is
/// not, 3 the cluster could not be read. With --lose: whether that is.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Arguments {
    #[command(flatten)]
    source: Source,
    /// What is lost: zone=NAME, host:port, host (all nodes there), or a node's id, between commas;
    /// as often as needed, all at once
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    lose: Vec<String>,
    /// A file of keys: which of them each loss takes. A key, a pattern such as {order}:*, or
    /// name = key a line; - is the standard input
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Runs the subcommand.
pub fn run(arguments: &Arguments, out: &mut Output) -> Outcome {
    let keys = arguments.keys.as_deref().map(Keys::read).transpose()?;
    let scene = arguments.source.read()?;
    let ground = Ground::of(&scene);
    let outcomes = match arguments.lose.is_empty() {
        true => what_if(&scene.topology, &scene.placement, &ground.assumptions),
        false => {
            let blow = Blow::named(&arguments.lose, &scene.topology, &scene.placement)?;
            vec![strike(&scene.topology, &scene.placement, &ground.assumptions, blow)]
        }
    };
    let teller = Teller { scene: &scene, ground: &ground, keys: keys.as_ref() };
    let counted = outcomes.iter().filter(|outcome| !matches!(outcome.blow, Blow::Zones(..)));
    let is_survived = counted.clone().all(|outcome| outcome.effect == Effect::Survives);
    let status = if is_survived { Status::Fine } else { Status::Critical };
    let summary = match &outcomes[..] {
        [outcome] => teller.sentence(outcome),
        _ => teller.summary(&counted.collect::<Vec<_>>()),
    };
    if arguments.json {
        out.json(&Report::of(&teller, status, summary, &outcomes))?;
        return Ok(status);
    }
    out.marked(status.tone(), &format!("{}:", status.name()), &summary)?;
    out.line("")?;
    match &outcomes[..] {
        [outcome] => teller.write_one(outcome, out)?,
        _ => teller.write_table(&outcomes, out)?,
    }
    out.line("")?;
    out.line(&ground.sentence())?;
    Ok(status)
}

/// What the outcomes are judged by, and whether that was read.
pub struct Ground {
    pub assumptions: Assumptions,
    pub full_coverage: bool,
    is_timeout_read: bool,
    is_coverage_read: bool,
}

impl Ground {
    /// Where nodes differ the worse of their settings counts.
    pub fn of(scene: &Scene) -> Self {
        let told = || scene.readings.values();
        let timeout = told().filter_map(|readings: &Readings| readings.node_timeout).max();
        let coverage = told().filter_map(|readings: &Readings| readings.full_coverage).max();
        let default = Assumptions::default();
        Self {
            assumptions: Assumptions {
                node_timeout: timeout.unwrap_or(default.node_timeout),
                stale: stale_replicas(&scene.readings),
            },
            full_coverage: coverage.unwrap_or(true),
            is_timeout_read: timeout.is_some(),
            is_coverage_read: coverage.is_some(),
        }
    }

    pub fn sentence(&self) -> String {
        let from = |is_read: bool| if is_read { "" } else { " (not read: the servers' default)" };
        format!(
            "Judged by cluster-node-timeout {} ms{} and cluster-require-full-coverage {}{}.",
            self.assumptions.node_timeout.as_millis(),
            from(self.is_timeout_read),
            if self.full_coverage { "yes" } else { "no" },
            from(self.is_coverage_read)
        )
    }
}
