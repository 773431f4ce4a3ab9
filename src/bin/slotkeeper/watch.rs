//! `slotkeeper watch`: a cluster as it changes. On a terminal a table that is drawn anew, else a line for each change.
//!
//! A thread of its own waits for signals and serves the metrics; it ends the wait for changes by closing the keeper.

use std::collections::{HashMap, VecDeque};
use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde::Serialize;
use slotkeeper::cluster::diff::Change;
use slotkeeper::cluster::zone::Zones;
use slotkeeper::policy::finding::Finding;
use slotkeeper::policy::health::Health;
use slotkeeper::{Config, ErrorKind, Event, Keeper, Topology};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};

use crate::audit::FindingReport;
use crate::output::Output;
use crate::settings::Settings;
use crate::source::{Scene, Seeds};
use crate::{Failure, Outcome, Status, baseline, metrics, nodes, tell};

/// How often the table is drawn while nothing changes, and a reader that is gone is noticed.
const BEAT: Duration = Duration::from_millis(500);

/// When it is to end, a line that is being written gets this long.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How many changes stand below the table.
const LAST_CHANGES: usize = 10;

/// Show a cluster as it changes: a table on a terminal, else a line for each change
///
/// Goes on until it is ended (Ctrl-C, SIGTERM, a closed pipe), also while nobody
/// answers. With --metrics-listen Prometheus reads there, at /metrics, what the keeper
/// behind it measures.
///
/// Exit code: 0 it was ended, 3 it could not begin.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Arguments {
    #[command(flatten)]
    seeds: Seeds,
    #[command(flatten)]
    settings: Settings,
    /// Serve metrics for Prometheus, such as at 127.0.0.1:9121
    #[arg(long, value_name = "IP:PORT")]
    metrics_listen: Option<SocketAddr>,
    /// The baseline, as `slotkeeper baseline` writes it: what has moved since is told and counted, as
    /// findings of the rule drift
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Print a JSON object for each change, a line each
    #[arg(long)]
    json: bool,
}

/// Runs the subcommand.
pub fn run(arguments: &Arguments, out: &mut Output) -> Outcome {
    let mut config = arguments.settings.read(Config::new())?;
    if let Some(file) = &arguments.baseline {
        config.set("audit.baseline-file", &file.to_string_lossy())?;
    }
    if let Some(file) = config.baseline_file() {
        // At once, while somebody looks.
        baseline::read(file)?;
    }
    arguments.seeds.put_into(&mut config)?;
    let keeper = Keeper::open(&config)?;
    let (runtime, listener) = begin(arguments.metrics_listen)?;
    let helper = std::thread::spawn({
        let keeper = keeper.clone();
        move || runtime.block_on(until_ended(listener, keeper))
    });
    let watch = Watch { keeper, zones: config.zones().clone(), changes: VecDeque::new(), helper };
    let is_live = io::stdout().is_terminal() && !arguments.json;
    if is_live { watch.draw(out) } else { watch.tell(arguments, out) }?;
    Ok(Status::Fine)
}

/// Before anything is shown: what cannot be done is told at once.
fn begin(metrics_listen: Option<SocketAddr>) -> Result<(Runtime, Option<TcpListener>), Failure> {
    let refused = |error: io::Error| Failure::Unusable(format!("signals cannot be waited for: {error}"));
    let runtime = Builder::new_current_thread().enable_all().build().map_err(refused)?;
    let listener = metrics_listen.map(|address| runtime.block_on(metrics::listen(address))).transpose();
    Ok((runtime, listener.map_err(Failure::Unusable)?))
}

/// Serves metrics until a signal comes, then closes the keeper.
async fn until_ended(listener: Option<TcpListener>, keeper: Keeper) {
    let serve = async {
        match listener {
            Some(listener) => metrics::serve(listener, keeper.clone()).await,
            None => std::future::pending().await,
        }
    };
    let signals = async {
        match (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
            (Ok(mut interrupt), Ok(mut terminate)) => {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
            }
            // Then they end the process, as they do with others.
            _ => std::future::pending().await,
        }
    };
    tokio::select! {
        () = serve => {}
        () = signals => {}
    }
    keeper.close();
    // Who reads the output may have stopped to: then the watch stands, and does not see that it is to end.
    tokio::time::sleep(LAST_WORDS).await;
    std::process::exit(0);
}

struct Watch {
    keeper: Keeper,
    zones: Zones,
    /// The last ones, with their times, as sentences.
    changes: VecDeque<String>,
    /// Waits for signals and serves metrics.
    helper: JoinHandle<()>,
}

/// What came of a wait.
enum News {
    Event(Event),
    Nothing,
    Ended,
}

impl Watch {
    fn wait(&self) -> Result<News, Failure> {
        if is_reader_gone() {
            return Ok(News::Ended);
        }
        if self.helper.is_finished() {
            return Err(Failure::Unusable(
                "the thread that waits for signals and serves metrics ended in a panic".to_owned(),
            ));
        }
        match self.keeper.next_event(BEAT) {
            Ok(Some(event)) => Ok(News::Event(event)),
            Ok(None) => Ok(News::Nothing),
            Err(error) if error.kind() == ErrorKind::Closed => Ok(News::Ended),
            Err(error) => Err(error.into()),
        }
    }

    /// A line for each change.
    fn tell(self, arguments: &Arguments, out: &mut Output) -> Result<(), Failure> {
        let patience = Instant::now() + arguments.seeds.timeout;
        let mut is_told = false;
        loop {
            match self.wait()? {
                News::Ended => return Ok(()),
                News::Event(event) => {
                    if arguments.json {
                        out.json(&Line::of(&event, &self.keeper))?;
                    } else {
                        sentences(&event, &self.keeper).iter().try_for_each(|line| out.line(line))?;
                    }
                    out.flush()?;
                }
                News::Nothing if !is_told && self.keeper.topology().is_none() && Instant::now() > patience => {
                    is_told = true;
                    let nobody = self.keeper.refresh(Duration::from_millis(1)).err();
                    tell(&format!("{}; it is tried on", nobody.map_or_else(String::new, |error| error.to_string())));
                }
                News::Nothing => {}
            }
        }
    }

    /// The table, drawn anew.
    fn draw(mut self, out: &mut Output) -> Result<(), Failure> {
        write!(out, "\x1b[H\x1b[2J")?;
        loop {
            self.frame(out)?;
            match self.wait()? {
                News::Ended => return Ok(()),
                News::Event(event) => {
                    self.changes.extend(sentences(&event, &self.keeper));
                    let too_many = self.changes.len().saturating_sub(LAST_CHANGES);
                    self.changes.drain(..too_many);
                }
                News::Nothing => {}
            }
        }
    }

    /// One write, so that it does not flicker. Lines are cut at the edge, not continued, and each leaves nothing of the one before it.
    fn frame(&self, out: &mut Output) -> io::Result<()> {
        let status = self.keeper.status();
        let age =
            status.age.map_or("nobody has answered yet".to_owned(), |age| format!("{:.0} s old", age.as_secs_f64()));
        write!(out, "\x1b[?7l\x1b[H")?;
        out.begin_frame();
        match self.keeper.topology() {
            Some(topology) => {
                let health = if status.health == Health::Unknown { "; nobody answers" } else { "" };
                out.line(&format!(
                    "{}; generation {}, {age}{health}",
                    nodes::summary(&topology),
                    topology.generation()
                ))?;
                out.line("")?;
                let scene = self.scene(topology);
                let rows = out.height().saturating_sub(LAST_CHANGES + 6).max(1);
                let all = nodes::by_shard(&scene);
                nodes::write_table(&all[..all.len().min(rows)], &scene, out)?;
                if all.len() > rows {
                    out.line(&format!("and {} more nodes", all.len() - rows))?;
                }
            }
            None => out.line(&age)?,
        }
        out.line("")?;
        self.changes.iter().try_for_each(|change| out.line(change))?;
        out.end_frame();
        write!(out, "\x1b[J\x1b[?7h")?;
        out.flush()
    }

    fn scene(&self, topology: Arc<Topology>) -> Scene {
        let placement = self.zones.place(topology.nodes());
        Scene { topology: (*topology).clone(), placement, readings: HashMap::new(), gaps: Vec::new() }
    }
}

/// What an event tells, each sentence with the time; of the first topology only what is the matter.
fn sentences(event: &Event, keeper: &Keeper) -> Vec<String> {
    let health = keeper.status().health.name();
    let found = |what: &str, finding: &Finding| {
        let Finding { rule, sentence, .. } = finding;
        format!("{what} {}, {}: {sentence}", finding.severity().name(), rule.id())
    };
    let words: Vec<String> = match event {
        Event::Changed { generation: 1, changes, .. } => {
            let first = keeper.topology().map(|topology| nodes::summary(&topology));
            let troubles = changes.iter().filter(|change| !matches!(change, Change::Joined(..) | Change::Follows(..)));
            first.into_iter().chain(troubles.map(|change| change.to_string())).collect()
        }
        Event::Changed { changes, .. } => {
            let last = changes.len().saturating_sub(1);
            let health = |place: usize| if place == last { format!("; health {health}") } else { String::new() };
            changes.iter().enumerate().map(|(place, change)| format!("{change}{}", health(place))).collect()
        }
        Event::Audited { appeared, vanished, .. } => {
            let gone = vanished.iter().map(|finding| found("no more", finding));
            appeared.iter().map(|finding| found("found", finding)).chain(gone).collect()
        }
        Event::Resynchronise { lost, .. } => {
            vec![format!("{lost} events were lost, as nobody came for them; health {health}")]
        }
        _ => Vec::new(),
    };
    words.into_iter().map(|words| format!("{} {words}", now())).collect()
}

fn now() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}

/// Whether the standard output is a pipe that nobody reads any more: a watch that has nothing to say would not notice.
fn is_reader_gone() -> bool {
    let stdout = io::stdout();
    let mut watched = [PollFd::new(&stdout, PollFlags::empty())];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut watched, Some(&at_once)).is_ok() && watched[0].revents().intersects(PollFlags::ERR | PollFlags::HUP)
}

/// A line of JSON.
#[derive(Serialize)]
struct Line<'a> {
    time: String,
    generation: u64,
    health: &'static str,
    /// Why it was looked for; `null` for what the audit finds.
    cause: Option<&'static str>,
    changes: Vec<String>,
    /// Findings of the audit that are new.
    appeared: Vec<FindingReport<'a>>,
    /// Those that are gone.
    vanished: Vec<FindingReport<'a>>,
    /// How many events were lost before this one.
    lost: u64,
}

impl<'a> Line<'a> {
    fn of(event: &'a Event, keeper: &Keeper) -> Self {
        let health = keeper.status().health.name();
        let (appeared, vanished) = (Vec::new(), Vec::new());
        let mut line = Self {
            time: now(),
            generation: event.generation(),
            health,
            cause: None,
            changes: Vec::new(),
            appeared,
            vanished,
            lost: 0,
        };
        let topology = keeper.topology();
        let told = |findings: &'a [Finding]| {
            let reports = |topology| findings.iter().map(move |finding| FindingReport::of(finding, topology));
            topology.as_deref().into_iter().flat_map(reports).collect()
        };
        match event {
            Event::Changed { cause, changes, .. } => {
                line.cause = Some(cause.name());
                line.changes = changes.iter().map(ToString::to_string).collect();
            }
            Event::Audited { appeared, vanished, .. } => {
                (line.appeared, line.vanished) = (told(appeared), told(vanished));
            }
            Event::Resynchronise { lost, .. } => line.lost = *lost,
            _ => {}
        }
        line
    }
}
