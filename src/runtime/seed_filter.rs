//! The seed filter: which of the configured nodes can a client start from, answered however many of them are dead.
//!
//! All seeds are probed at once. [`crate::policy::seeds`] decides how long the answers are waited for and which of them count.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::access::Access;
use super::connection::{Connection, dial};
use super::names::{first_of, resolve};
use super::probe;
use super::worker::Worker;
use crate::cluster::address::Address;
use crate::cluster::merge::Rejection;
use crate::cluster::view::View;
use crate::config::{Config, Seed};
use crate::error::{Error, ErrorKind};
use crate::policy::seeds::{Patience, Progress, is_at_any, names_any, outsiders, wait_until};
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
}

/// What was found about all seeds, in the order of the configuration, without duplicates.
#[derive(Clone, Debug)]
pub struct SeedReport {
    /// One result a seed.
    pub seeds: Vec<SeedResult>,
    /// How long it took in all.
    pub elapsed: Duration,
}

impl SeedReport {
    /// The seeds to start from, `host:port`. If there are none, the configuration is to be left as it is.
    pub fn healthy(&self) -> impl Iterator<Item = &str> {
        self.seeds.iter().filter(|result| result.verdict == Verdict::Healthy).map(|result| result.seed.as_str())
    }
}

/// One line: how many are healthy, and what is wrong with the others.
impl fmt::Display for SeedReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let healthy = self.healthy().count();
        write!(f, "{healthy} of {} seeds healthy after {} ms", self.seeds.len(), self.elapsed.as_millis())?;
        for result in self.seeds.iter().filter(|result| result.verdict != Verdict::Healthy) {
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
/// [`Verdict::Invalid`].
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
    let worker = Worker::shared()?;
    let (sender, receiver) = mpsc::sync_channel(1);
    let task = worker.handle().spawn(async move {
        // The receiver is gone only if the caller has given up.
        let _ = sender.send(Check::new(seeds, patience).run(access).await);
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

/// A seed under way.
struct Probe {
    seed: Seed,
    /// The address as configured, and those that the name stands for.
    addresses: Vec<Address>,
    resolved: bool,
    connected: bool,
    open: bool,
    /// The place of its view among those of the check.
    outcome: Option<(Result<usize, Failure>, Duration)>,
}

struct Check {
    started: Instant,
    patience: Patience,
    probes: Vec<Probe>,
    views: Vec<View>,
    /// For each view why a client must not start from its seed; judged anew when a view comes.
    rejections: Vec<Option<Rejection>>,
    first_healthy: Option<Duration>,
}

impl Check {
    fn new(seeds: Vec<Seed>, patience: Patience) -> Self {
        let probe = |seed: Seed| Probe {
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
        };
        Self {
            started: Instant::now(),
            patience,
            probes: seeds.into_iter().map(probe).collect(),
            views: Vec::new(),
            rejections: Vec::new(),
            first_healthy: None,
        }
    }

    async fn run(mut self, access: Arc<Access>) -> SeedReport {
        // Room for all the steps of every seed: only names of several addresses may wait for it, a moment.
        let (sender, mut steps) = tokio::sync::mpsc::channel(STEPS * self.probes.len());
        let mut conversations = JoinSet::new();
        for (index, probe) in self.probes.iter().enumerate() {
            if let Ok(address) = &probe.seed.address {
                conversations.spawn(converse(access.clone(), address.clone(), index, sender.clone()));
            }
        }
        drop(sender);
        let mut in_time = true;
        while let Some(until) = wait_until(self.patience, self.progress()) {
            match timeout_at(self.started + until, steps.recv()).await {
                Ok(Some((index, step))) => self.note(index, step),
                Ok(None) => break,
                Err(_) => {
                    in_time = until < self.patience.deadline;
                    break;
                }
            }
        }
        self.report(in_time)
    }

    fn note(&mut self, index: usize, step: Step) {
        let elapsed = self.started.elapsed();
        let probe = &mut self.probes[index];
        match step {
            Step::Resolved(addresses) => {
                probe.resolved = true;
                probe.addresses.extend(addresses);
            }
            Step::Connected => probe.connected = true,
            Step::Open => probe.open = true,
            Step::Done(Err(failure)) => probe.outcome = Some((Err(failure), elapsed)),
            Step::Done(Ok(view)) => {
                probe.outcome = Some((Ok(self.views.len()), elapsed));
                self.views.push(*view);
                self.rejections = outsiders(&self.views);
            }
        }
        if self.first_healthy.is_none() && self.healthy_views().next().is_some() {
            self.first_healthy = Some(elapsed);
        }
    }

    /// The views that a client could start from.
    fn healthy_views(&self) -> impl Iterator<Item = &View> {
        self.views.iter().zip(&self.rejections).filter(|(_, rejection)| rejection.is_none()).map(|(view, _)| view)
    }

    fn progress(&self) -> Progress {
        let names_a_seed = |view: &View| self.probes.iter().any(|probe| names_any(view, &probe.addresses));
        Progress {
            pending: self.probes.iter().filter(|probe| probe.outcome.is_none()).count(),
            healthy: self.healthy_views().count(),
            first_healthy: self.first_healthy,
            confirmed: self.healthy_views().any(names_a_seed),
        }
    }

    fn report(self, was_grace: bool) -> SeedReport {
        let elapsed = self.started.elapsed();
        let result = |probe: &Probe| {
            let (verdict, detail, took) = match &probe.outcome {
                Some((Ok(view), took)) => {
                    let (verdict, detail) = match self.rejections[*view] {
                        None => (Verdict::Healthy, ""),
                        Some(Rejection::Empty) => {
                            (Verdict::NoSlots, "the node knows no slots: it is fresh, or was reset")
                        }
                        Some(rejection) => (Verdict::Outsider, rejection.reason()),
                    };
                    (verdict, detail.to_owned(), *took)
                }
                Some((Err(failure), took)) => (failure.verdict, failure.detail.clone(), *took),
                None if was_grace => (Verdict::Late, self.late(probe), elapsed),
                None => {
                    let (verdict, what) = stuck(probe);
                    (verdict, format!("{what} within {} ms", self.patience.deadline.as_millis()), elapsed)
                }
            };
            let seed = match &probe.seed.address {
                Ok(address) => address.to_string(),
                Err(_) => probe.seed.text.clone(),
            };
            SeedResult { seed, verdict, took, detail }
        };
        SeedReport { seeds: self.probes.iter().map(result).collect(), elapsed }
    }

    /// What is known of a seed that was not waited for: where it hangs, and what the others say of it.
    fn late(&self, probe: &Probe) -> String {
        let (_, what) = stuck(probe);
        let said = self.healthy_views().find_map(|view| {
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
