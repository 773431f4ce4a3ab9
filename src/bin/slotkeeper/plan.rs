//! `slotkeeper plan`: what to type, so that a cluster satisfies the rules, is its baseline again, or has a zone without masters for a drill.

use std::io;
use std::path::PathBuf;

use serde::Serialize;
use slotkeeper::cluster::nodes::NodeId;
use slotkeeper::cluster::topology::address;
use slotkeeper::policy::finding::Finding;
use slotkeeper::policy::plan::{drill, plan, restore};
use slotkeeper::policy::readings::stale_replicas;
use slotkeeper::policy::steps::{Check, Leftover, Plan, Step, Typed};
use slotkeeper::policy::what_if::{Assumptions, Blow, strike};
use slotkeeper::words::{counted, list};

use crate::output::{NodeName, Output, Tone};
use crate::source::{Scene, Source};
use crate::{Failure, Outcome, Status, baseline};

/// Tell what to type, so that a cluster satisfies the rules of the audit
///
/// The fewest CLUSTER FAILOVER, CLUSTER REPLICATE and CONFIG SET, each with where to
/// type it, why, what to see before the next one, and what takes it back. Nothing is
/// typed by this program.
///
/// Exit code: 0 nothing is left then, 1 something is left that no such command mends,
/// 2 nothing may be typed now, 3 the cluster could not be read.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Arguments {
    #[command(flatten)]
    source: Source,
    /// Restore what this file says, which slotkeeper baseline has written
    #[arg(long, value_name = "FILE", conflicts_with = "drill")]
    baseline: Option<PathBuf>,
    /// Empty this zone of masters, for a drill that takes it away, and lead back
    #[arg(long, value_name = "zone=NAME")]
    drill: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the subcommand.
pub fn run(arguments: &Arguments, out: &mut Output) -> Outcome {
    let meant = arguments.baseline.as_deref().map(baseline::read).transpose()?;
    let scene = arguments.source.read()?;
    let zone = arguments.drill.as_deref().map(|zone| zone_of(zone, &scene)).transpose()?;
    let (topology, placement, readings) = (&scene.topology, &scene.placement, &scene.readings);
    let plan = match (&meant, zone) {
        (Some(meant), _) => restore(meant, topology, placement, readings),
        (None, Some(zone)) => drill(topology, placement, readings, zone),
        (None, None) => plan(topology, placement, readings),
    };
    let status = match &plan {
        Plan { obstacle: Some(_), .. } => Status::Critical,
        Plan { leaves, .. } if !leaves.is_empty() => Status::Warning,
        _ => Status::Fine,
    };
    let loss = zone.map(|zone| loss_of(zone, &plan, &scene));
    if arguments.json {
        out.json(&Report::of(&plan, loss, &scene))?;
    } else {
        write_text(&plan, status, loss, &scene, out)?;
    }
    Ok(status)
}

/// The zone that is named `zone=NAME`, as a place among the names.
fn zone_of(text: &str, scene: &Scene) -> Result<usize, Failure> {
    let names: Vec<&str> = scene.placement.names().collect();
    let zone = text.strip_prefix("zone=").and_then(|name| names.iter().position(|known| *known == name));
    zone.ok_or_else(|| {
        let names = if names.is_empty() { "none is defined".to_owned() } else { list(&names, ", ") };
        Failure::Unusable(format!("--drill {text:?} names no zone; allowed is zone=NAME (zones: {names})"))
    })
}

/// What the loss of the zone would do after the steps of a drill.
fn loss_of(zone: usize, plan: &Plan, scene: &Scene) -> String {
    let assumptions = Assumptions { stale: stale_replicas(&scene.readings), ..Assumptions::default() };
    let outcome = strike(&plan.after, &scene.placement, &assumptions, Blow::Zone(zone));
    let name = scene.placement.names().nth(zone).unwrap_or_default();
    let lost = match &outcome.lost_slots[..] {
        [] => "no slot is without a master, and nobody has to be promoted".to_owned(),
        lost => format!("slots {} would be lost", list(lost, ", ")),
    };
    let lost = if outcome.promotions.is_empty() { lost } else { lost.replace(", and nobody has to be promoted", "") };
    format!("With zone {name} gone then: {}; {lost}.", outcome.effect.name())
}

fn write_text(plan: &Plan, status: Status, loss: Option<String>, scene: &Scene, out: &mut Output) -> io::Result<()> {
    out.marked(status.tone(), &format!("{}:", status.name()), &summary(plan))?;
    for finding in &plan.mends {
        out.line(&format!("    mends {}: {}", finding.rule.id(), finding.sentence))?;
    }
    if let Some(loss) = &loss {
        out.line(&format!("    {loss}"))?;
    }
    let teller = Teller { scene };
    if !plan.steps.is_empty() {
        out.line("")?;
        out.line("The password is REDISCLI_AUTH's; add --tls where the nodes want it. A check is repeated until it shows all of that.")?;
    }
    for (number, Step { typed, why, checks, .. }) in (1..).zip(&plan.steps) {
        out.line("")?;
        out.marked(Tone::Plain, &format!("{number}."), &teller.typed(typed))?;
        out.line(&format!("    why    {why}"))?;
        teller.write_checks(checks, out)?;
    }
    if !plan.steps.is_empty() {
        out.line("")?;
        out.line("The way back:")?;
    }
    for (number, (typed, checks)) in (1..).zip(plan.rollback()) {
        out.line("")?;
        out.marked(Tone::Plain, &format!("{number}."), &teller.typed(typed))?;
        teller.write_checks(checks, out)?;
    }
    for Leftover { finding, needs } in &plan.leaves {
        out.line("")?;
        let severity = finding.severity();
        out.marked(Status::of(severity).tone(), "left", &format!("{}: {}", finding.rule.id(), finding.sentence))?;
        out.line(&format!("    needs {needs}"))?;
    }
    Ok(())
}

fn summary(plan: &Plan) -> String {
    if let Some(obstacle) = &plan.obstacle {
        return format!("nothing is to be typed now: {obstacle}");
    }
    let left = match plan.leaves.len() {
        0 => String::new(),
        count => format!("; {} left that no such command mends", counted(count, "finding")),
    };
    match plan.steps.len() {
        0 => format!("nothing is to be typed{left}"),
        count => {
            let which = if plan.is_shortest { "the shortest list" } else { "not shown to be the shortest list" };
            format!("{}, {which}{left}", counted(count, "step"))
        }
    }
}

struct Teller<'a> {
    scene: &'a Scene,
}

impl Teller<'_> {
    /// What an operator copies into a shell.
    fn typed(&self, typed: &Typed) -> String {
        format!("{} {}", self.client(typed.node), typed.command)
    }

    fn write_checks(&self, checks: &[Check], out: &mut Output) -> io::Result<()> {
        checks.iter().try_for_each(|check| {
            let expect = check.expect.join(", ");
            out.line(&format!("    check  {} {}  shows {expect}", self.client(check.node), check.command))
        })
    }

    fn client(&self, node: NodeId) -> String {
        match self.scene.topology.node(node).and_then(address) {
            Some(address) => format!("redis-cli -h {} -p {}", quoted(address.host()), address.port()),
            None => format!("redis-cli, at node {node}:"),
        }
    }
}

/// What a node announces as its host may be any text, and this goes into a shell.
fn quoted(host: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | ':' | '-' | '_' | '%');
    if host.chars().all(is_plain) && !host.starts_with('-') {
        host.to_owned()
    } else {
        format!("'{}'", host.replace('\'', "'\\''"))
    }
}

/// What is printed; the names are those of the JSON.
#[derive(Serialize)]
struct Report {
    summary: String,
    obstacle: Option<String>,
    is_shortest: bool,
    steps: Vec<StepReport>,
    rollback: Vec<TypedReport>,
    mends: Vec<FindingReport>,
    leaves: Vec<FindingReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    loss: Option<String>,
}

#[derive(Serialize)]
struct StepReport {
    #[serde(flatten)]
    typed: TypedReport,
    why: String,
}

#[derive(Serialize)]
struct TypedReport {
    node: NodeName,
    command: String,
    checks: Vec<CheckReport>,
}

#[derive(Serialize)]
struct CheckReport {
    node: NodeName,
    command: String,
    expect: Vec<String>,
}

#[derive(Serialize)]
struct FindingReport {
    rule: &'static str,
    sentence: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    needs: Option<String>,
}

impl Report {
    fn of(plan: &Plan, loss: Option<String>, scene: &Scene) -> Self {
        let typed = |typed: &Typed, checks: &[Check]| TypedReport {
            node: NodeName::of(typed.node, &scene.topology),
            command: typed.command.to_string(),
            checks: checks
                .iter()
                .map(|check| CheckReport {
                    node: NodeName::of(check.node, &scene.topology),
                    command: check.command.clone(),
                    expect: check.expect.clone(),
                })
                .collect(),
        };
        let finding = |finding: &Finding, needs: Option<&str>| FindingReport {
            rule: finding.rule.id(),
            sentence: finding.sentence.clone(),
            needs: needs.map(str::to_owned),
        };
        let step = |step: &Step| StepReport { typed: typed(&step.typed, &step.checks), why: step.why.clone() };
        Self {
            summary: summary(plan),
            obstacle: plan.obstacle.clone(),
            is_shortest: plan.is_shortest,
            steps: plan.steps.iter().map(step).collect(),
            rollback: plan.rollback().map(|(back, checks)| typed(back, checks)).collect(),
            mends: plan.mends.iter().map(|one| finding(one, None)).collect(),
            leaves: plan.leaves.iter().map(|left| finding(&left.finding, Some(&left.needs))).collect(),
            loss,
        }
    }
}
