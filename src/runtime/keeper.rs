//! The keeper: one open cluster. Readers take the latest topology, callers ask for a fresh one, listeners take events.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use parking_lot::Mutex;
use tokio::task::{AbortHandle, JoinSet};

use super::access::Access;
use super::auditor::Auditor;
use super::events::{Event, Mail};
use super::last_good::LastGood;
use super::refresher::Refresher;
use super::shared::{SILENT_ROUNDS, Shared, State, after, closed};
use super::worker::Worker;
use crate::cluster::address::Address;
use crate::cluster::nodes::Flags;
use crate::cluster::topology::Topology;
use crate::config::Config;
use crate::error::Error;
use crate::policy::audited::{Audited, Start};
use crate::policy::exposition;
use crate::policy::health::Health;
use crate::policy::metric_table::samples;
use crate::policy::metrics::{Counts, Facts, Sample};
use crate::policy::unreachable::UnreachableNode;
use crate::policy::what_if::Assumptions;

/// One open cluster: the latest topology, and the refresher that keeps it fresh.
///
/// Clones share the same keeper. All methods may be called from any thread at any time. The last clone to be dropped closes it.
#[derive(Clone)]
pub struct Keeper(Arc<Open>);

struct Open {
    shared: Arc<Shared>,
    access: Arc<Access>,
    task: AbortHandle,
    opened: Instant,
    interval: Duration,
    auditor: Arc<Auditor>,
    last_good: Option<LastGood>,
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
    /// Those that the cluster holds for alive, and that have never answered at the address they announce.
    pub unreachable_nodes: Vec<UnreachableNode>,
    /// Whether a round is under way.
    pub refreshing: bool,
    /// When a round last gave a topology.
    pub last_refresh: Option<SystemTime>,
    /// How long ago a node last showed that the topology holds: in a round, or by a pulse. `None` before the first.
    pub age: Option<Duration>,
    /// The configured interval.
    pub refresh_interval: Duration,
    /// Rounds so far.
    pub rounds: u64,
    /// Rounds that gave no view that could be used.
    pub rounds_failed: u64,
    /// Views that were not used: foreign, outsiders, empty, without quorum, behind.
    pub views_rejected: u64,
    /// How often a node has refused the credentials, or has asked for some where none are set.
    pub credentials_refused: u64,
    /// Events that were lost because nobody came for them.
    pub events_dropped: u64,
    /// Connections that were opened.
    pub connections_opened: u64,
    /// Commands that were sent, those that open a connection included.
    pub requests: u64,
    /// Bytes that were sent, without those of TLS and the network.
    pub bytes_sent: u64,
    /// Bytes of replies.
    pub bytes_received: u64,
    /// How long replies were waited for, all told; side by side counts twice.
    pub waited: Duration,
}

impl Keeper {
    /// Opens a keeper for the cluster behind the configured seeds. Returns at once: the first topology is there when a node
    /// has answered, which [`Keeper::wait_newer`] waits for. With `audit.fail-start` it waits for the audit of that, up to
    /// `seeds.deadline-ms`; if no node has answered by then, nothing is known to be wrong, and the keeper is open.
    ///
    /// # Errors
    /// [`crate::ErrorKind::MissingProperty`] or [`crate::ErrorKind::InvalidAddress`] if no seed can be asked, [`crate::ErrorKind::InvalidValue`] for
    /// a file of TLS that cannot be used, [`crate::ErrorKind::System`] if the worker thread cannot be started;
    /// [`crate::ErrorKind::AuditFailed`] with `audit.fail-start`: the message names the critical findings.
    pub fn open(config: &Config) -> Result<Self, Error> {
        let shared = Arc::new(Shared::default());
        let access = Arc::new(Access::new(config)?);
        let last_good = LastGood::configured(config);
        let auditor = Auditor::new(shared.clone(), config);
        let refresher = Arc::new(Refresher {
            shared: shared.clone(),
            access: access.clone(),
            seeds: config.seed_addresses()?,
            last_good: last_good.clone(),
            auditor: auditor.clone(),
            probe_timeout: config.probe_timeout,
            interval: config.refresh_interval,
            pulse_interval: config.pulse_interval,
        });
        let worker = Worker::shared()?;
        let task = worker.handle().spawn(supervise(refresher)).abort_handle();
        let (interval, opened, worker) = (config.refresh_interval, Instant::now(), Mutex::new(Some(worker)));
        let keeper = Self(Arc::new(Open { shared, access, task, opened, interval, auditor, last_good, worker }));
        if config.audit_fail_start {
            keeper.pass_audit(config.seeds_deadline)?;
        }
        Ok(keeper)
    }

    /// The latest topology; `None` until a node has answered. Still readable after close.
    pub fn topology(&self) -> Option<Arc<Topology>> {
        self.0.shared.topology()
    }

    /// The latest topology, as soon as its generation is above `after`; `None` if there is none within `timeout`.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Closed`].
    pub fn wait_newer(&self, after: u64, timeout: Duration) -> Result<Option<Arc<Topology>>, Error> {
        self.0.shared.wait_newer(after, timeout)
    }

    /// Makes a round, and returns the topology merged from views that were asked for after this call. Callers share rounds.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Timeout`] if no node gave a view that could be used within `timeout`; the message says what the nodes said.
    /// [`crate::ErrorKind::Closed`].
    pub fn refresh(&self, timeout: Duration) -> Result<Arc<Topology>, Error> {
        self.0.shared.wait_fresh(None, timeout)
    }

    /// As [`Keeper::refresh`], and the round is about the word of `node`, which said MOVED. A node that is neither configured nor
    /// named by the cluster is not asked: it would be sent the password.
    ///
    /// # Errors
    /// As [`Keeper::refresh`].
    pub fn refresh_from(&self, node: &Address, timeout: Duration) -> Result<Arc<Topology>, Error> {
        self.0.shared.wait_fresh(Some(node), timeout)
    }

    /// Connections that are made from now on use these credentials; without a `username` the one there is stays. An empty
    /// password stands for none. Gives whether they are others than before; if so, a round is made at once. Connections that
    /// stand go on with what they were opened with, as servers let them.
    ///
    /// Nodes that refuse are counted in [`Status::credentials_refused`]: when it grows, it is time for new ones.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Closed`].
    pub fn set_credentials(&self, username: Option<&str>, password: &str) -> Result<bool, Error> {
        let are_others = self.0.access.set_credentials(username, password);
        if are_others {
            self.0.shared.ask_for_round();
        }
        if self.0.shared.is_closed() { Err(closed()) } else { Ok(are_others) }
    }

    /// How often a node has refused the credentials, or has asked for some where none are set; as in the status.
    #[cfg(feature = "jni")]
    pub(crate) fn credentials_refused(&self) -> u64 {
        self.0.access.refused()
    }

    /// Forgets what is known, and takes the cluster as the configured seeds show it now: for one that was rebuilt or restored on
    /// purpose, which would be believed only after ten seconds of contradiction. The latest topology stands until then.
    ///
    /// # Errors
    /// As [`Keeper::refresh`]; the next round that gets an answer forgets all the same.
    pub fn reset(&self, timeout: Duration) -> Result<Arc<Topology>, Error> {
        self.0.shared.wait_reset(timeout)
    }

    /// Tells that a command to `node` has failed or hangs: it is looked after at once, and so is who has taken over. Does not wait;
    /// what comes of it is seen in the topology. A node that is neither configured nor named by the cluster is not asked.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Closed`].
    pub fn notify_failure(&self, node: &Address) -> Result<(), Error> {
        self.0.shared.note_trouble(node)
    }

    /// Takes the oldest event; waits for one up to `timeout`. Several callers share the events: each is taken once.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Closed`] once the keeper is closed and its last event was taken.
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

    /// What the audit finds wrong with the layout, as of the latest topology or, for a moment, the one before; `None` until a node has
    /// answered. Made anew whenever it may find something else; still readable after close.
    pub fn audit(&self) -> Option<Arc<Audited>> {
        self.0.shared.state().audited.clone()
    }

    /// What [`crate::policy::what_if`] may go by beside the topology: the nodes' `cluster-node-timeout`, where one has told it.
    pub fn assumptions(&self) -> Assumptions {
        let usual = Assumptions::default();
        let node_timeout = self.0.shared.state().node_timeout.unwrap_or(usual.node_timeout);
        Assumptions { node_timeout, ..usual }
    }

    /// How the keeper is doing.
    pub fn status(&self) -> Status {
        let shared = &self.0.shared;
        let state = shared.state();
        let topology = state.topology.as_deref();
        let traffic = self.0.access.traffic.totals();
        let failed = |topology: &Topology| {
            topology.addresses().filter(|(node, _)| node.has(Flags::FAILED)).map(|(_, address)| address).collect()
        };
        Status {
            generation: topology.map_or(0, Topology::generation),
            health: health(&state),
            known_nodes: topology.map_or(0, |topology| topology.nodes().len()),
            failed_nodes: topology.map_or_else(Vec::new, failed),
            unreachable_nodes: state.unreachable.clone(),
            refreshing: state.refreshing,
            last_refresh: state.last_refresh,
            age: state.confirmed.map(|confirmed| confirmed.elapsed()),
            refresh_interval: self.0.interval,
            rounds: total(state.rounds()),
            rounds_failed: state.rounds_failed,
            views_rejected: total(state.views_rejected()),
            credentials_refused: self.0.access.refused(),
            events_dropped: shared.mailbox.dropped(),
            connections_opened: traffic.connections,
            requests: traffic.requests,
            bytes_sent: traffic.bytes_sent,
            bytes_received: traffic.bytes_received,
            waited: traffic.waited,
        }
    }

    /// What the keeper measures: the samples of all metrics but those of the Java side, in the order of
    /// [`crate::policy::metric_table::METRICS`].
    pub fn metrics(&self) -> Vec<Sample> {
        samples(&self.facts())
    }

    /// The same as text, as Prometheus reads it: to be served as `text/plain; version=0.0.4`.
    pub fn metrics_text(&self) -> String {
        exposition::text(&self.metrics())
    }

    /// Whether what the first audit finds allows a start.
    fn pass_audit(&self, limit: Duration) -> Result<(), Error> {
        let Some(audited) = self.0.shared.wait_audited(limit)? else {
            log::warn!(
                target: "slotkeeper",
                "audit.fail-start: no node has told of the cluster within {} ms, and the start goes on unaudited", limit.as_millis()
            );
            return Ok(());
        };
        match audited.start() {
            Start::Fine => Ok(()),
            Start::Excused(words) => {
                log::warn!(target: "slotkeeper", "audit.fail-start: {words}");
                Ok(())
            }
            Start::Refused(error) => Err(error),
        }
    }

    fn facts(&self) -> Facts {
        let Open { shared, access, opened, .. } = &*self.0;
        let traffic = access.traffic.totals();
        let state = shared.state();
        Facts {
            topology: state.topology.clone(),
            audited: state.audited.clone(),
            health: health(&state),
            age: state.confirmed.unwrap_or(*opened).elapsed(),
            unreachable_nodes: state.unreachable.len(),
            refresh_latency: state.latencies.clone(),
            rounds: state.rounds(),
            rounds_failed: state.rounds_failed,
            views_rejected: state.views_rejected(),
            triggers: state.triggers(),
            pulses: traffic.pulses,
            probes: traffic.probes,
            connections_opened: traffic.connections,
            connections_open: traffic.connections_open,
            requests: traffic.requests,
            bytes_sent: traffic.bytes_sent,
            bytes_received: traffic.bytes_received,
            waited: traffic.waited,
            credentials_refused: access.refused(),
            events_dropped: shared.mailbox.dropped(),
        }
    }

    /// Ends the refresher, closes its connections, and lets all who wait return [`crate::ErrorKind::Closed`]. Any number of times.
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
        self.auditor.close();
        if let Some(file) = &self.last_good {
            file.close();
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.close();
    }
}

fn health(state: &State) -> Health {
    match &state.topology {
        Some(topology) if state.failing < SILENT_ROUNDS => topology.health(),
        _ => Health::Unknown,
    }
}

fn total(counts: Counts) -> u64 {
    counts.into_iter().map(|(_, count)| count).sum()
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
