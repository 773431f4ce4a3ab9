//! `slotkeeper baseline`: what a cluster is meant to look like, as text for version control; and how other commands read it.

use std::io::Write;
use std::path::Path;

use slotkeeper::Config;
use slotkeeper::policy::audit::audit;
use slotkeeper::policy::baseline::{Baseline, MAX_BASELINE};
use slotkeeper::words::counted;

use crate::output::Output;
use crate::source::Source;
use crate::{Failure, Outcome, Status, input, tell};

/// Write down what a cluster looks like, as it is meant to stay
///
/// For version control: sorted, the same for the same cluster, without epochs and
/// times. audit --baseline tells what has moved since, plan --baseline the way back.
///
/// Exit code: 0 written, 3 the cluster could not be read.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Arguments {
    #[command(flatten)]
    source: Source,
}

/// Runs the subcommand.
pub fn run(arguments: &Arguments, out: &mut Output) -> Outcome {
    let scene = arguments.source.read()?;
    let baseline = Baseline::of(&scene.topology, &scene.placement, &scene.readings)?;
    write!(out, "{baseline}")?;
    out.flush()?;
    let findings = audit(&scene.topology, &scene.placement, &scene.readings).findings.len();
    if findings > 0 {
        let findings = counted(findings, "finding");
        tell(&format!("the audit has {findings} in this cluster; the baseline holds what they are about, too"));
    }
    Ok(Status::Fine)
}

/// What a cluster is meant to look like: by this file, else by the one that the property `audit.baseline-file` names.
///
/// # Errors
/// As [`read`].
pub fn meant(file: Option<&Path>, config: &Config) -> Result<Option<Baseline>, Failure> {
    file.or(config.baseline_file()).map(read).transpose()
}

/// Reads a baseline.
///
/// # Errors
/// The file cannot be read, or is no baseline; the sentence names the line.
pub fn read(path: &Path) -> Result<Baseline, Failure> {
    let text = input::read(path, MAX_BASELINE)?;
    Baseline::read(&text).map_err(|error| Failure::Unusable(format!("{}: {}", input::name(path), error.message())))
}
