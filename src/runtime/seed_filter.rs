//! The seed filter: which of the configured nodes can a client start from, answered however many of them are dead.
//!
//! All seeds are probed at once, and if none of them is healthy soon, the nodes of the last-known-good file beside them.
//! [`crate::policy::seeds`] decides how long the answers are waited for and which of them count.
//!
//! AUTH is sent to the nodes of the file as to configured ones: a majority named them when it was written, by this user and for
//! these seeds, and nobody else could have written to it since (owner and mode are checked).

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use tokio::sync::mpsc::Sender;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::access::Access;
use super::connection::{Connection, dial};
use super::last_good::LastGood;
use super::names::{first_of, resolve};
use super::probe;
use super::worker::Worker;
use crate::cluster::address::Address;
use crate::cluster::last_good::Remembered;
use crate::cluster::merge::{Rejection, accepted};
use crate::cluster::view::View;
use crate::config::{Config, Seed};
use crate::error::{Error, ErrorKind};
use crate::policy::last_good::{FILE_NODES_AT_MOST, is_kin, whom_to_ask};
use crate::policy::seeds::{Patience, Progress, ask_file_at, is_at_any, names_any, outsiders, wait_until};
use crate::policy::verdict::{Failure, Verdict};

/// What was found about one seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeedResult {
    /// `host:port`; the text as configured if it is no address.
    pub seed: String,
    /// What a client would find.
    pub verdict: Verdict,
    /// How long it took to know.
    pub took: Duration,
    /// The server's own words, the system's, or for a late one what the others say of it; empty if there is nothing to say.
    pub detail: String,
    /// Whether this is no configured seed, but a node that the last-known-good file remembers.
    pub from_file: bool,
}

/// What was found about all seeds, in the order of the configuration, without duplicates.
#[derive(Clone, Debug)]
pub struct SeedReport {
    /// One result a seed; and if none of them is healthy, one for each node of the last-known-good file that was asked.
    pub seeds: Vec<SeedResult>,
    /// How long it took in all.
    pub elapsed: Duration,
}

impl SeedReport {
    /// The seeds to start from, `host:port`: configured ones, or if none of those is healthy, nodes of the last-known-good
    /// file. If there are none, the configuration is to be left as it is.
    pub fn healthy(&self) -> impl Iterator<Item = &str> {
        self.seeds.iter().filter(|result| result.verdict == Verdict::Healthy).map(|result| result.seed.as_str())
    }
}

/// One line: how many are healthy, and what is wrong with the other seeds.
impl fmt::Display for SeedReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |from_file: bool| {
            let results = || self.seeds.iter().filter(move |result| result.from_file == from_file);
            (results().filter(|result| result.verdict == Verdict::Healthy).count(), results().count())
        };
        let (healthy, seeds) = count(false);
        write!(f, "{healthy} of {seeds} seeds healthy")?;
        if let (healthy, nodes @ 1..) = count(true) {
            write!(f, ", {healthy} of {nodes} nodes of the last-known-good file healthy,")?;
        }
        write!(f, " after {} ms", self.elapsed.as_millis())?;
        let is_bad = |result: &&SeedResult| !result.from_file && result.verdict != Verdict::Healthy;
        for result in self.seeds.iter().filter(is_bad) {
            write!(f, "; {} {}", result.seed, result.verdict)?;
            if !result.detail.is_empty() {
                write!(f, " ({})", result.detail)?;
            }
        }
        Ok(())
    }
}

/// Finds out which of the configured seeds a client can start from. Blocks, at most for `seeds.deadline-ms`.
///
/// With one healthy seed at hand the others are waited for during `seeds.grace-ms` only. Malformed seeds are reported as
/// [`Verdict::Invalid`]. With none for half a second, nodes that `last-good.file` remembers are asked as well.
///
/// # Errors
/// [`ErrorKind::MissingProperty`] if there are no seeds, [`ErrorKind::InvalidValue`] for a CA file that cannot be used,
/// [`ErrorKind::System`] if the worker thread cannot be started. A seed that cannot be reached is a verdict, not an error.
pub fn check_seeds(config: &Config) -> Result<SeedReport, Error> {
    if config.seeds.is_empty() {
        config.seed_addresses()?;
    }
    let access = Arc::new(Access::new(config)?);
    let patience = Patience { grace: config.seeds_grace, deadline: config.seeds_deadline, all: config.seeds_wait_all };
    let seeds = config.seeds.clone();
    let file = LastGood::configured(config);
    let worker = Worker::shared()?;
    let (sender, receiver) = mpsc::sync_channel(1);
    let task = worker.handle().spawn(async move {
        // The receiver is gone only if the caller has given up.
        let _ = sender.send(Check::new(seeds, patience, access, file).run().await);
    });
    // The check keeps its own deadline; the second more is for a machine that stands still.
    let report = receiver.recv_timeout(patience.deadline + Duration::from_secs(1)).map_err(|error| {
        task.abort();
        Error::new(ErrorKind::System, format!("the seed check has not ended: {error}"))
    })?;
    log::info!(target: "slotkeeper", "{report}");
    Ok(report)
}

/// The most steps that the conversation with one seed has, if it is one address.
const STEPS: usize = 4;

/// How far the conversation with one seed is.
enum Step {
    Resolved(Vec<Address>),
    Connected,
    /// Ready for commands: TLS stands, if it is configured.
    Open,
    Done(Result<Box<View>, Failure>),
}

/// A seed, or a node of the file, under way.
struct Probe {
    seed: Seed,
    from_file: bool,
    asked: Instant,
    /// The address as configured, and those that the name stands for.
    addresses: Vec<Address>,
    resolved: bool,
    connected: bool,
    open: bool,
    /// The place of its view among those of the seeds, or of the file.
    outcome: Option<(Result<usize, Failure>, Duration)>,
}

impl Probe {
    fn new(seed: Seed, from_file: bool) -> Self {
        Self {
            from_file,
            asked: Instant::now(),
            addresses: seed.address.iter().cloned().collect(),
            outcome: seed
                .address
                .as_ref()
                .err()
                .map(|error| (Err(Failure::new(Verdict::Invalid, error.message())), Duration::ZERO)),
            resolved: false,
            connected: false,
            open: false,
            seed,
        }
    }
}

/// What the seeds have said, or the nodes of the file; judged apart, so that the file can speak against no seed.
#[derive(Default)]
struct Heard {
    views: Vec<View>,
    /// For each view why a client must not start from its node; judged anew when a view comes.
    rejections: Vec<Option<Rejection>>,
    first_healthy: Option<Duration>,
}

impl Heard {
    fn add(&mut self, view: View, elapsed: Duration) {
        self.views.push(view);
        self.rejections = outsiders(&self.views);
        if self.first_healthy.is_none() && self.healthy().next().is_some() {
            self.first_healthy = Some(elapsed);
        }
    }

    /// The views that a client could start from.
    fn healthy(&self) -> impl Iterator<Item = &View> {
        accepted(&self.views, &self.rejections)
    }
}

struct Check {
    started: Instant,
    patience: Patience,
    access: Arc<Access>,
    probes: Vec<Probe>,
    conversations: JoinSet<()>,
    seeds: Heard,
    /// Until it is read.
    file: Option<LastGood>,
    reading: Option<oneshot::Receiver<Option<Remembered>>>,
    remembered: Option<Remembered>,
    of_file: Heard,
}

impl Check {
    fn new(seeds: Vec<Seed>, patience: Patience, access: Arc<Access>, file: Option<LastGood>) -> Self {
        Self {
            started: Instant::now(),
            patience,
            access,
            probes: seeds.into_iter().map(|seed| Probe::new(seed, false)).collect(),
            conversations: JoinSet::new(),
            seeds: Heard::default(),
            file,
            reading: None,
            remembered: None,
            of_file: Heard::default(),
        }
    }

    async fn run(mut self) -> SeedReport {
        // Room for all the steps of every node: only names of several addresses may wait for it, a moment.
        let (sender, mut steps) = tokio::sync::mpsc::channel(STEPS * (self.probes.len() + FILE_NODES_AT_MOST));
        self.ask(0, &sender);
        let mut in_time = true;
        loop {
            let ask_file_at = self.file.as_ref().and_then(|_| ask_file_at(self.progress(false)));
            if ask_file_at.is_some_and(|at| at <= self.started.elapsed()) {
                self.reading = self.file.take().map(|file| file.recall());
                continue;
            }
            let Some(until) = wait_until(self.patience, self.progress(false), self.progress(true)) else { break };
            let alarm = ask_file_at.map_or(until, |at| at.min(until));
            tokio::select! {
                biased;
                Some((index, step)) = steps.recv() => self.note(index, step),
                remembered = finished(&mut self.reading) => {
                    self.reading = None;
                    self.recall(remembered, &sender);
                }
                () = sleep_until(self.started + alarm) => {
                    if alarm == until {
                        in_time = until < self.patience.deadline;
                        break;
                    }
                }
            }
        }
        self.report(in_time)
    }

    /// Begins the conversations with those from the place `first` on.
    fn ask(&mut self, first: usize, steps: &Sender<(usize, Step)>) {
        for (index, probe) in self.probes.iter().enumerate().skip(first) {
            if let Ok(address) = &probe.seed.address {
                self.conversations.spawn(converse(self.access.clone(), address.clone(), index, steps.clone()));
            }
        }
    }

    /// Asks the nodes of the file, those that are seeds aside.
    fn recall(&mut self, remembered: Option<Remembered>, steps: &Sender<(usize, Step)>) {
        let Some(remembered) = remembered else { return };
        let asked: Vec<Address> = self.probes.iter().flat_map(|probe| &probe.addresses).cloned().collect();
        let nodes = whom_to_ask(&remembered, &asked, || fastrand::u64(..));
        let first = self.probes.len();
        let seed = |address: Address| Seed { text: address.to_string(), address: Ok(address) };
        self.probes.extend(nodes.into_iter().map(|address| Probe::new(seed(address), true)));
        self.access.recall(&remembered);
        self.remembered = Some(remembered);
        self.ask(first, steps);
    }

    fn note(&mut self, index: usize, step: Step) {
        let probe = &mut self.probes[index];
        let took = probe.asked.elapsed();
        match step {
            Step::Resolved(addresses) => {
                probe.resolved = true;
                probe.addresses.extend(addresses);
            }
            Step::Connected => probe.connected = true,
            Step::Open => probe.open = true,
            Step::Done(Err(failure)) => probe.outcome = Some((Err(failure), took)),
            Step::Done(Ok(view)) => {
                let is_strange =
                    probe.from_file && !self.remembered.as_ref().is_some_and(|remembered| is_kin(remembered, &view));
                if is_strange {
                    let reason = "the address is now of another cluster than the file remembers";
                    probe.outcome = Some((Err(Failure::new(Verdict::Outsider, reason)), took));
                    return;
                }
                let heard = if probe.from_file { &mut self.of_file } else { &mut self.seeds };
                probe.outcome = Some((Ok(heard.views.len()), took));
                heard.add(*view, self.started.elapsed());
            }
        }
    }

    /// How far the seeds are, or the nodes of the file.
    fn progress(&self, from_file: bool) -> Progress {
        let heard = if from_file { &self.of_file } else { &self.seeds };
        let probes = || self.probes.iter().filter(|probe| probe.from_file == from_file);
        let names_another = |view: &View| probes().any(|probe| names_any(view, &probe.addresses));
        let is_being_read = from_file && self.reading.is_some();
        Progress {
            pending: probes().filter(|probe| probe.outcome.is_none()).count() + usize::from(is_being_read),
            healthy: heard.healthy().count(),
            first_healthy: heard.first_healthy,
            confirmed: heard.healthy().any(names_another),
        }
    }

    fn report(self, was_grace: bool) -> SeedReport {
        let result = |probe: &Probe| {
            let heard = if probe.from_file { &self.of_file } else { &self.seeds };
            let (verdict, detail, took) = match &probe.outcome {
                Some((Ok(view), took)) => {
                    let (verdict, detail) = match heard.rejections[*view] {
                        None => (Verdict::Healthy, ""),
                        Some(Rejection::Empty) => {
                            (Verdict::NoSlots, "the node knows no slots: it is fresh, or was reset")
                        }
                        Some(rejection) => (Verdict::Outsider, rejection.reason()),
                    };
                    (verdict, detail.to_owned(), *took)
                }
                Some((Err(failure), took)) => (failure.verdict, failure.detail.clone(), *took),
                None if was_grace => (Verdict::Late, self.late(probe), probe.asked.elapsed()),
                None => {
                    let (verdict, what) = stuck(probe);
                    (verdict, format!("{what} within {} ms", self.patience.deadline.as_millis()), probe.asked.elapsed())
                }
            };
            let seed = match &probe.seed.address {
                Ok(address) => address.to_string(),
                Err(_) => probe.seed.text.clone(),
            };
            SeedResult { seed, verdict, took, detail, from_file: probe.from_file }
        };
        let is_of_use = |probe: &&Probe| !probe.from_file || self.seeds.healthy().next().is_none();
        SeedReport {
            seeds: self.probes.iter().filter(is_of_use).map(result).collect(),
            elapsed: self.started.elapsed(),
        }
    }

    /// What is known of a seed that was not waited for: where it hangs, and what the others say of it.
    fn late(&self, probe: &Probe) -> String {
        let (_, what) = stuck(probe);
        let said = self.seeds.healthy().chain(self.of_file.healthy()).find_map(|view| {
            let node = view.nodes().iter().find(|node| is_at_any(*node, &probe.addresses))?;
            Some(format!("{what} so far; {} shows it as {}", view.from, node.flags_text()))
        });
        said.unwrap_or_else(|| format!("{what} so far; no healthy seed names it"))
    }
}

/// Where a seed that has not answered hangs.
fn stuck(probe: &Probe) -> (Verdict, &'static str) {
    if probe.open {
        (Verdict::Silent, "connected, but no answer")
    } else if probe.connected {
        (Verdict::Tls, "connected, but no TLS handshake")
    } else if probe.resolved {
        (Verdict::Unreachable, "no connection")
    } else {
        (Verdict::Unresolved, "no answer from the name service")
    }
}

/// What the file remembers, once it is read; never, if it is not being read.
async fn finished(reading: &mut Option<oneshot::Receiver<Option<Remembered>>>) -> Option<Remembered> {
    match reading {
        // An error: the reading ended in a panic, which the log tells.
        Some(reading) => reading.await.unwrap_or(None),
        None => std::future::pending().await,
    }
}

async fn converse(access: Arc<Access>, address: Address, index: usize, steps: Sender<(usize, Step)>) {
    let tell = async |step| {
        // The check has ended: what would be told is no longer waited for.
        let _ = steps.send((index, step)).await;
    };
    let conversation = async {
        let addresses = resolve(&address).await?;
        tell(Step::Resolved(addresses.iter().map(|a| Address::new(a.ip().to_string(), a.port())).collect())).await;
        let (access, address, tell) = (&access, &address, &tell);
        let first_view = |socket| async move {
            let stream = dial(socket).await?;
            tell(Step::Connected).await;
            let mut connection = Connection::open(access, address, stream).await?;
            tell(Step::Open).await;
            probe::view(&mut connection, address).await
        };
        first_of(&addresses, first_view).await
    };
    let outcome = conversation.await;
    tell(Step::Done(outcome.map(Box::new))).await;
}
