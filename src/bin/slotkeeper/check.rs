//! `slotkeeper check`: which of the seeds a client can start from.

use serde::Serialize;
use slotkeeper::runtime::seed_filter::SeedResult;
use slotkeeper::{Config, SeedReport, Verdict, check_seeds};

use crate::output::{Output, Tone, plain};
use crate::settings::Settings;
use crate::source::Seeds;
use crate::{Outcome, Status};

/// Tell which of the configured nodes a client can start from
///
/// The first line is for monitoring; behind it each seed with its verdict. All seeds
/// are waited for, unless --set seeds.wait=first says otherwise.
///
/// Exit code: 0 all are healthy, 1 some are not, 2 none is, 3 they could not be asked.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Arguments {
    #[command(flatten)]
    seeds: Seeds,
    #[command(flatten)]
    settings: Settings,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Runs the subcommand.
pub fn run(arguments: &Arguments, out: &mut Output) -> Outcome {
    let mut config = Config::new();
    config.set("seeds.wait", "all")?;
    let mut config = arguments.settings.read(config)?;
    arguments.seeds.put_into(&mut config)?;
    config.set("seeds.deadline-ms", &arguments.seeds.timeout.as_millis().to_string())?;
    let report = check_seeds(&config)?;
    let status = status_of(&report);
    if arguments.json {
        out.json(&Report {
            status: status.name(),
            summary: report.to_string(),
            elapsed_ms: report.elapsed.as_secs_f64() * 1000.0,
            seeds: report.seeds.iter().map(SeedRow::of).collect(),
        })?;
    } else {
        out.marked(status.tone(), &format!("{}:", status.name()), &report.to_string())?;
        out.line("")?;
        out.table(["seed", "verdict", "ms", "what was said"], report.seeds.iter().map(row))?;
    }
    Ok(status)
}

/// Nodes of the last-known-good file are no seeds: they only say what could be started from instead.
fn status_of(report: &SeedReport) -> Status {
    let seeds = || report.seeds.iter().filter(|result| !result.from_file);
    match seeds().filter(|result| result.verdict == Verdict::Healthy).count() {
        0 => Status::Critical,
        healthy if healthy < seeds().count() => Status::Warning,
        _ => Status::Fine,
    }
}

fn row(result: &SeedResult) -> [(Tone, String); 4] {
    let tone = match result.verdict {
        Verdict::Healthy => Tone::Good,
        Verdict::Late => Tone::Odd,
        _ => Tone::Bad,
    };
    let seed = format!("{}{}", result.seed, if result.from_file { " (of the last-known-good file)" } else { "" });
    let took = format!("{:.1}", result.took.as_secs_f64() * 1000.0);
    [plain(seed), (tone, result.verdict.to_string()), plain(took), plain(&*result.detail)]
}

/// What is printed; the names are those of the JSON.
#[derive(Serialize)]
struct Report<'a> {
    status: &'static str,
    summary: String,
    elapsed_ms: f64,
    seeds: Vec<SeedRow<'a>>,
}

#[derive(Serialize)]
struct SeedRow<'a> {
    seed: &'a str,
    verdict: &'static str,
    took_ms: f64,
    detail: &'a str,
    from_file: bool,
}

impl<'a> SeedRow<'a> {
    fn of(result: &'a SeedResult) -> Self {
        Self {
            seed: &result.seed,
            verdict: result.verdict.name(),
            took_ms: result.took.as_secs_f64() * 1000.0,
            detail: &result.detail,
            from_file: result.from_file,
        }
    }
}
