//! `slotkeeper audit`: what is wrong with a layout before anything happens to it.

use std::path::PathBuf;

use serde::Serialize;
use slotkeeper::Topology;
use slotkeeper::policy::audit::{Audit, audit};
use slotkeeper::policy::drift::drift;
use slotkeeper::policy::finding::{Finding, Severity};
use slotkeeper::words::counted;

use crate::output::{NodeName, Output};
use crate::source::{Scene, Source};
use crate::{Outcome, Status, baseline};

/// Tell what is wrong with a cluster's layout, before anything happens to it
///
/// The first line is for monitoring; behind it each finding, the worst first, with
/// what mends it.
///
/// Exit code: 0 nothing is wrong, 1 warnings only, 2 one failure would lose slots, or
/// some are lost now, 3 the cluster could not be read.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Arguments {
    #[command(flatten)]
    source: Source,
    /// Tell as well what has moved since this file was written, by slotkeeper baseline; without
    /// it, since what the property audit.baseline-file names
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Runs the subcommand.
pub fn run(arguments: &Arguments, out: &mut Output) -> Outcome {
    let config = arguments.source.config()?;
    // Before the cluster is asked, which may take a while.
    let meant = baseline::meant(arguments.baseline.as_deref(), &config)?;
    let scene = arguments.source.read_with(&config)?;
    let mut audit = audit(&scene.topology, &scene.placement, &scene.readings);
    if let Some(meant) = &meant {
        // The least of the rules: the worst stays first.
        audit.findings.extend(drift(meant, &scene.topology, &scene.placement, &scene.readings));
    }
    let status = audit.findings.iter().map(|finding| Status::of(finding.severity())).max().unwrap_or(Status::Fine);
    if arguments.json {
        out.json(&Report::of(status, &audit, &scene))?;
    } else {
        write_text(status, &audit, out)?;
    }
    Ok(status)
}

fn write_text(status: Status, audit: &Audit, out: &mut Output) -> std::io::Result<()> {
    out.marked(status.tone(), &format!("{}:", status.name()), &summary(audit))?;
    for Finding { rule, sentence, remedy, .. } in &audit.findings {
        let severity = rule.severity();
        out.line("")?;
        out.marked(Status::of(severity).tone(), severity.name(), &format!("{}: {sentence}", rule.id()))?;
        out.line(&format!("    mend: {remedy}"))?;
    }
    Ok(())
}

/// One line: how many, the worst of them, and how many slots outlive any one failure.
fn summary(audit: &Audit) -> String {
    let count = |severity| audit.findings.iter().filter(|finding| finding.severity() == severity).count();
    let (critical, warnings) = (count(Severity::Critical), count(Severity::Warning));
    let worst = audit.findings.first().map_or(String::new(), |finding| format!("; {}", finding.sentence));
    let compliance = audit.compliance * 100.0;
    // Never rounded up to all.
    let compliance = (compliance * 10.0).floor() / 10.0;
    format!("{critical} critical, {}, {compliance} % of the slots safe{worst}", counted(warnings, "warning"))
}

/// What is printed; the names are those of the JSON.
#[derive(Serialize)]
struct Report<'a> {
    status: &'static str,
    summary: String,
    compliance: f64,
    findings: Vec<FindingReport<'a>>,
    gaps: &'a [String],
}

/// A finding.
#[derive(Serialize)]
pub struct FindingReport<'a> {
    rule: &'static str,
    severity: &'static str,
    sentence: &'a str,
    remedy: &'a str,
    nodes: Vec<NodeName>,
    slots: Vec<(u16, u16)>,
}

impl<'a> FindingReport<'a> {
    /// A finding about nodes of this topology.
    pub fn of(finding: &'a Finding, topology: &Topology) -> Self {
        Self {
            rule: finding.rule.id(),
            severity: finding.severity().name(),
            sentence: &finding.sentence,
            remedy: &finding.remedy,
            nodes: finding.nodes.iter().map(|id| NodeName::of(*id, topology)).collect(),
            slots: finding.slots.iter().map(|range| (range.first, range.last)).collect(),
        }
    }
}

impl<'a> Report<'a> {
    fn of(status: Status, audit: &'a Audit, scene: &'a Scene) -> Self {
        let finding = |finding| FindingReport::of(finding, &scene.topology);
        Self {
            status: status.name(),
            summary: summary(audit),
            compliance: audit.compliance,
            findings: audit.findings.iter().map(finding).collect(),
            gaps: &scene.gaps,
        }
    }
}
