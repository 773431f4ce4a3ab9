//! The keeper: one open cluster. Readers take the latest topology, callers ask for a fresh one, listeners take events.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use parking_lot::{Condvar, Mutex, MutexGuard};
use tokio::sync::Notify;
use tokio::task::{AbortHandle, JoinSet};

use super::connection::Access;
use super::events::{Cause, Event, Mail, Mailbox};
use super::refresher::Refresher;
use super::worker::Worker;
use crate::cluster::address::Address;
use crate::cluster::nodes::Flags;
use crate::cluster::topology::Topology;
use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::policy::health::Health;

/// Nodes that said MOVED and wait to be asked, at most. More share the round without being asked first.
const ASK_FIRST_AT_MOST: usize = 8;

/// So many rounds in a row without a usable view, and the health is unknown.
const SILENT_ROUNDS: u32 = 2;

/// One open cluster: the latest topology, and the refresher that keeps it fresh.
///
/// Clones share the same keeper. All methods may be called from any thread at any time. The last clone to be dropped closes it.
#[derive(Clone)]
pub struct Keeper(Arc<Open>);

struct Open {
    shared: Arc<Shared>,
    task: AbortHandle,
    interval: Duration,
    /// Taken at close: the last keeper stops the worker.
    worker: Mutex<Option<Arc<Worker>>>,
}

/// How a keeper is doing.
#[derive(Clone, Debug)]
pub struct Status {
    /// The number of the latest topology; 0 before the first.
    pub generation: u64,
    /// The cluster's health; [`Health::Unknown`] before the first topology and while nobody answers.
    pub health: Health,
    /// Nodes of the topology.
    pub known_nodes: usize,
    /// Those of them that have failed, in order.
    pub failed_nodes: Vec<Address>,
    /// Whether a round is under way.
    pub refreshing: bool,
    /// When a round last gave a topology.
    pub last_refresh: Option<SystemTime>,
    /// The configured interval.
    pub refresh_interval: Duration,
    /// Rounds so far.
    pub rounds: u64,
    /// Rounds that gave no view that could be used.
    pub rounds_failed: u64,
    /// Views that were not used: foreign, outsiders, empty, without quorum, behind.
    pub views_rejected: u64,
    /// Events that were lost because nobody came for them.
    pub events_dropped: u64,
}

impl Keeper {
    /// Opens a keeper for the cluster behind the configured seeds. Returns at once: the first topology is there when a node
    /// has answered, which [`Keeper::wait_newer`] waits for.
    ///
    /// # Errors
    /// [`ErrorKind::MissingProperty`] or [`ErrorKind::InvalidAddress`] if no seed can be asked, [`ErrorKind::InvalidValue`] for
    /// a CA file that cannot be used, [`ErrorKind::System`] if the worker thread cannot be started.
    pub fn open(config: &Config) -> Result<Self, Error> {
        let shared = Arc::new(Shared::default());
        let refresher = Arc::new(Refresher {
            shared: shared.clone(),
            access: Arc::new(Access::new(config)?),
            seeds: config.seed_addresses()?,
            probe_timeout: config.probe_timeout,
            interval: config.refresh_interval,
        });
        let worker = Worker::shared()?;
        let task = worker.handle().spawn(supervise(refresher)).abort_handle();
        let interval = config.refresh_interval;
        Ok(Self(Arc::new(Open { shared, task, interval, worker: Mutex::new(Some(worker)) })))
    }

    /// The latest topology; `None` until a node has answered. Still readable after close.
    pub fn topology(&self) -> Option<Arc<Topology>> {
        self.0.shared.topology()
    }

    /// The latest topology, as soon as its generation is above `after`; `None` if there is none within `timeout`.
    ///
    /// # Errors
    /// [`ErrorKind::Closed`].
    pub fn wait_newer(&self, after: u64, timeout: Duration) -> Result<Option<Arc<Topology>>, Error> {
        let newer = |state: &State| state.topology.as_ref().filter(|topology| topology.generation() > after).cloned();
        self.0.shared.wait(timeout, newer)
    }

    /// Makes a round, and returns the topology merged from views that were asked for after this call. Callers share rounds.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`] if no node gave a view that could be used within `timeout`; the message says what the nodes said.
    /// [`ErrorKind::Closed`].
    pub fn refresh(&self, timeout: Duration) -> Result<Arc<Topology>, Error> {
        self.refresh_asking(None, timeout)
    }

    /// As [`Keeper::refresh`]; `node`, which said MOVED, is among those that are asked, whether it is known or not.
    ///
    /// # Errors
    /// As [`Keeper::refresh`].
    pub fn refresh_from(&self, node: &Address, timeout: Duration) -> Result<Arc<Topology>, Error> {
        self.refresh_asking(Some(node), timeout)
    }

    fn refresh_asking(&self, node: Option<&Address>, timeout: Duration) -> Result<Arc<Topology>, Error> {
        let shared = &self.0.shared;
        let ticket = shared.ask(node);
        let answered = |state: &State| if state.answered >= ticket { state.topology.clone() } else { None };
        shared.wait(timeout, answered)?.ok_or_else(|| {
            let last = shared.state.lock().last_failure.clone();
            let reason =
                if last.is_empty() { "the round is still under way".to_owned() } else { format!("last heard: {last}") };
            Error::new(
                ErrorKind::Timeout,
                format!("no node gave a view that could be used within {} ms; {reason}", timeout.as_millis()),
            )
        })
    }

    /// Takes the oldest event; waits for one up to `timeout`. Several callers share the events: each is taken once.
    ///
    /// # Errors
    /// [`ErrorKind::Closed`] once the keeper is closed and its last event was taken.
    pub fn next_event(&self, timeout: Duration) -> Result<Option<Event>, Error> {
        match self.0.shared.mailbox.take(after(timeout)) {
            Mail::Event(event) => Ok(Some(event)),
            Mail::Nothing => Ok(None),
            Mail::Closed => Err(closed()),
        }
    }

    /// Lets one wait in [`Keeper::next_event`], this or the next one, return without an event.
    pub(crate) fn wake(&self) {
        self.0.shared.mailbox.wake();
    }

    /// How the keeper is doing.
    pub fn status(&self) -> Status {
        let shared = &self.0.shared;
        let state = shared.state.lock();
        let topology = state.topology.as_deref();
        let failed = |topology: &Topology| {
            topology.addresses().filter(|(node, _)| node.has(Flags::FAILED)).map(|(_, address)| address).collect()
        };
        Status {
            generation: topology.map_or(0, Topology::generation),
            health: match topology {
                Some(topology) if state.failing < SILENT_ROUNDS => topology.health(),
                _ => Health::Unknown,
            },
            known_nodes: topology.map_or(0, |topology| topology.nodes().len()),
            failed_nodes: topology.map_or_else(Vec::new, failed),
            refreshing: state.refreshing,
            last_refresh: state.last_refresh,
            refresh_interval: self.0.interval,
            rounds: state.rounds,
            rounds_failed: state.rounds_failed,
            views_rejected: state.views_rejected,
            events_dropped: shared.mailbox.dropped(),
        }
    }

    /// Ends the refresher, closes its connections, and lets all who wait return [`ErrorKind::Closed`]. Any number of times.
    pub fn close(&self) {
        self.0.close();
    }
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Keeper").field(&self.status()).finish()
    }
}

impl Open {
    fn close(&self) {
        self.shared.close();
        self.task.abort();
        // Not under the lock: the last worker's end is waited for.
        let worker = self.worker.lock().take();
        drop(worker);
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.close();
    }
}

/// Runs the refresher, again if it panics: a fault of ours costs a second, not the keeper.
async fn supervise(refresher: Arc<Refresher>) {
    loop {
        // A set aborts its tasks when it is dropped, and so when this task is aborted.
        let mut set = JoinSet::new();
        let task = refresher.clone();
        set.spawn(async move { task.run().await });
        if let Some(Err(error)) = set.join_next().await {
            log::error!(target: "slotkeeper", "the refresher ended in a panic, and starts again: {error}");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// What callers and the refresher share.
#[derive(Default)]
pub(super) struct Shared {
    state: Mutex<State>,
    /// A topology was published or confirmed, or the keeper was closed.
    changed: Condvar,
    /// The refresher's alarm clock.
    wake: Notify,
    mailbox: Mailbox,
}

#[derive(Default)]
struct State {
    topology: Option<Arc<Topology>>,
    /// Tickets handed out: each call for a fresh view draws the next.
    asked: u64,
    /// Tickets that have been answered by a round which began after they were drawn.
    answered: u64,
    /// Nodes that said MOVED since the last round began.
    ask_first: Vec<Address>,
    closed: bool,
    refreshing: bool,
    last_refresh: Option<SystemTime>,
    /// What the last node that gave no usable view said.
    last_failure: String,
    /// Rounds in a row without a topology.
    failing: u32,
    rounds: u64,
    rounds_failed: u64,
    views_rejected: u64,
}

/// What a round has to answer.
pub(super) struct Request {
    ticket: u64,
    pub(super) ask_first: Vec<Address>,
}

impl Shared {
    pub(super) fn topology(&self) -> Option<Arc<Topology>> {
        self.state.lock().topology.clone()
    }

    /// Why a round is asked for, if one is.
    pub(super) fn pending(&self) -> Option<Cause> {
        let state = self.state.lock();
        if !state.ask_first.is_empty() {
            Some(Cause::Moved)
        } else if state.asked > state.answered && state.failing == 0 {
            Some(Cause::Asked)
        } else {
            None
        }
    }

    /// Completes when somebody has asked for a round.
    pub(super) async fn asked(&self) {
        self.wake.notified().await;
    }

    pub(super) fn begin_round(&self) -> Request {
        let mut state = self.state.lock();
        state.refreshing = true;
        state.rounds += 1;
        state.last_failure.clear();
        Request { ticket: state.asked, ask_first: std::mem::take(&mut state.ask_first) }
    }

    pub(super) fn note_failure(&self, words: String) {
        self.state.lock().last_failure = words;
    }

    pub(super) fn note_rejection(&self, words: String) {
        let mut state = self.state.lock();
        state.views_rejected += 1;
        state.last_failure = words;
    }

    pub(super) fn round_failed(&self, failing: u32) {
        let mut state = self.state.lock();
        state.refreshing = false;
        state.rounds_failed += 1;
        state.failing = failing;
        if failing == SILENT_ROUNDS {
            log::warn!(
                target: "slotkeeper",
                "no node gives a view that can be used ({}); the last topology stands", state.last_failure
            );
        }
    }

    /// The round showed what is published already.
    pub(super) fn confirm(&self, request: &Request) {
        self.round_succeeded(self.state.lock(), request);
    }

    /// Makes `topology` the latest one, under the next number.
    pub(super) fn publish(&self, topology: Topology, request: &Request) -> Arc<Topology> {
        let mut state = self.state.lock();
        let generation = state.topology.as_ref().map_or(0, |topology| topology.generation()) + 1;
        let topology = topology.published_as(generation);
        let old = state.topology.replace(topology.clone());
        self.round_succeeded(state, request);
        // The old one is freed here, outside the lock, if nobody reads it any more.
        drop(old);
        topology
    }

    fn round_succeeded(&self, mut state: MutexGuard<'_, State>, request: &Request) {
        if state.failing >= SILENT_ROUNDS {
            log::warn!(target: "slotkeeper", "nodes answer again, after {} rounds without a view", state.failing);
        }
        state.failing = 0;
        state.refreshing = false;
        state.last_refresh = Some(SystemTime::now());
        state.answered = state.answered.max(request.ticket);
        self.changed.notify_all();
    }

    pub(super) fn announce(&self, generation: u64, cause: Cause, changes: Vec<crate::cluster::diff::Change>) {
        self.mailbox.put(Event::Changed { generation, cause, changes });
    }

    /// Draws a ticket for a view asked for from now on.
    fn ask(&self, node: Option<&Address>) -> u64 {
        let mut state = self.state.lock();
        state.asked += 1;
        if let Some(node) = node
            && state.ask_first.len() < ASK_FIRST_AT_MOST
            && !state.ask_first.contains(node)
        {
            state.ask_first.push(node.clone());
        }
        self.wake.notify_one();
        state.asked
    }

    /// Waits until `ready` gives something, at most `timeout`.
    fn wait<T>(&self, timeout: Duration, ready: impl Fn(&State) -> Option<T>) -> Result<Option<T>, Error> {
        let deadline = after(timeout);
        let mut state = self.state.lock();
        loop {
            if state.closed {
                return Err(closed());
            }
            if let Some(found) = ready(&state) {
                return Ok(Some(found));
            }
            if self.changed.wait_until(&mut state, deadline).timed_out() {
                return Ok(ready(&state));
            }
        }
    }

    fn close(&self) {
        self.state.lock().closed = true;
        self.changed.notify_all();
        self.mailbox.close();
    }
}

/// The moment `timeout` from now; a year stands for all longer times, which the clock may not be able to hold.
fn after(timeout: Duration) -> Instant {
    Instant::now() + timeout.min(Duration::from_secs(365 * 24 * 3600))
}

fn closed() -> Error {
    Error::new(ErrorKind::Closed, "the keeper is closed")
}
