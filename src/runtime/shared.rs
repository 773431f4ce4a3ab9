//! What callers and the refresher share: the latest topology, the calls for a fresh one, the events.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use parking_lot::{Condvar, Mutex, MutexGuard};
use tokio::sync::Notify;

use super::events::{Cause, Event, Mailbox};
use crate::cluster::address::Address;
use crate::cluster::diff::Change;
use crate::cluster::merge::Rejection;
use crate::cluster::topology::Topology;
use crate::error::{Error, ErrorKind};
use crate::policy::audited::Audited;
use crate::policy::metrics::{Counts, Latencies};
use crate::policy::unreachable::UnreachableNode;

/// Nodes that said MOVED, or that callers had trouble with, and wait to be asked, at most. More share the round without being named.
const NAMED_AT_MOST: usize = 8;

/// So many rounds in a row without a usable view, and the health is unknown.
pub(super) const SILENT_ROUNDS: u32 = 2;

/// What callers and the refresher share.
#[derive(Default)]
pub(super) struct Shared {
    state: Mutex<State>,
    /// A topology was published, confirmed or audited, or the keeper was closed.
    changed: Condvar,
    /// The refresher's alarm clock.
    wake: Notify,
    pub(super) mailbox: Mailbox,
}

#[derive(Default)]
pub(super) struct State {
    /// The latest, as published.
    pub(super) topology: Option<Arc<Topology>>,
    /// What was found wrong with it, or, for a moment, with the one before.
    pub(super) audited: Option<Arc<Audited>>,
    /// The nodes' `cluster-node-timeout`, if one has told.
    pub(super) node_timeout: Option<Duration>,
    /// Tickets handed out: each call for a fresh view draws the next.
    asked: u64,
    /// Tickets that have been answered by a round which began after they were drawn.
    answered: u64,
    /// Nodes that said MOVED since the last round began.
    ask_first: Vec<Address>,
    /// Nodes that callers had trouble with, and that wait to be looked after.
    failures: Vec<Address>,
    /// The ticket of the last call that wants what is known to be forgotten; `None` once that is done.
    reset: Option<u64>,
    closed: bool,
    /// When a node last showed that the latest topology holds.
    pub(super) confirmed: Option<Instant>,
    pub(super) refreshing: bool,
    /// When a round last gave a topology.
    pub(super) last_refresh: Option<SystemTime>,
    /// What the last node that gave no usable view said.
    last_failure: String,
    /// Rounds in a row without a topology.
    pub(super) failing: u32,
    /// By cause, in the order of [`Cause::ALL`].
    rounds: [u64; Cause::ALL.len()],
    pub(super) rounds_failed: u64,
    /// From the beginning of each round to its topology.
    pub(super) latencies: Latencies,
    /// By reason, in the order of [`Rejection::ALL`].
    views_rejected: [u64; Rejection::ALL.len()],
    /// In the order of [`Trigger::ALL`].
    triggers: [u64; Trigger::ALL.len()],
    pub(super) unreachable: Vec<UnreachableNode>,
}

/// Which call asked for a round.
#[derive(Clone, Copy)]
pub(super) enum Trigger {
    Refresh,
    Moved,
    Failure,
    Reset,
    Credentials,
}

impl State {
    pub(super) fn rounds(&self) -> Counts {
        counts(Cause::ALL.map(Cause::name), self.rounds)
    }

    pub(super) fn views_rejected(&self) -> Counts {
        counts(Rejection::ALL.map(Rejection::name), self.views_rejected)
    }

    pub(super) fn triggers(&self) -> Counts {
        counts(Trigger::ALL.map(Trigger::name), self.triggers)
    }
}

fn counts<const N: usize>(names: [&'static str; N], counts: [u64; N]) -> Counts {
    names.into_iter().zip(counts).collect()
}

impl Trigger {
    const ALL: [Trigger; 5] =
        [Trigger::Refresh, Trigger::Moved, Trigger::Failure, Trigger::Reset, Trigger::Credentials];

    fn name(self) -> &'static str {
        match self {
            Trigger::Refresh => "refresh",
            Trigger::Moved => "moved",
            Trigger::Failure => "failure",
            Trigger::Reset => "reset",
            Trigger::Credentials => "credentials",
        }
    }
}

/// What a round has to answer.
pub(super) struct Request {
    ticket: u64,
    pub(super) ask_first: Vec<Address>,
    /// Whether what is known is to be forgotten.
    pub(super) reset: bool,
}

impl Shared {
    /// The state, locked: to be let go of before anything that waits.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// The latest topology, as soon as its generation is above `after`; `None` if there is none within `timeout`.
    pub(super) fn wait_newer(&self, after: u64, timeout: Duration) -> Result<Option<Arc<Topology>>, Error> {
        self.wait(timeout, |state| state.topology.as_ref().filter(|topology| topology.generation() > after).cloned())
    }

    /// The topology of a round that began after this call; `node` is among those that it asks.
    pub(super) fn wait_fresh(&self, node: Option<&Address>, timeout: Duration) -> Result<Arc<Topology>, Error> {
        let trigger = if node.is_some() { Trigger::Moved } else { Trigger::Refresh };
        self.wait_for(self.ask(trigger, node), timeout)
    }

    /// The topology of a round that begins after this call, and knows nothing of those before.
    pub(super) fn wait_reset(&self, timeout: Duration) -> Result<Arc<Topology>, Error> {
        self.wait_for(self.ask(Trigger::Reset, None), timeout)
    }

    fn wait_for(&self, ticket: u64, timeout: Duration) -> Result<Arc<Topology>, Error> {
        let answered = |state: &State| if state.answered >= ticket { state.topology.clone() } else { None };
        self.wait(timeout, answered)?.ok_or_else(|| {
            let last = self.state.lock().last_failure.clone();
            let reason =
                if last.is_empty() { "no node has answered yet".to_owned() } else { format!("last heard: {last}") };
            Error::new(
                ErrorKind::Timeout,
                format!("no node gave a view that could be used within {} ms; {reason}", timeout.as_millis()),
            )
        })
    }

    /// Asks for a round with new credentials, and waits for nothing.
    pub(super) fn ask_for_round(&self) {
        self.ask(Trigger::Credentials, None);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state.lock().closed
    }

    pub(super) fn topology(&self) -> Option<Arc<Topology>> {
        self.state.lock().topology.clone()
    }

    /// Why a round is asked for, if one is.
    pub(super) fn pending(&self) -> Option<Cause> {
        let state = self.state.lock();
        if !state.ask_first.is_empty() {
            Some(Cause::Moved)
        } else if state.asked > state.answered {
            Some(Cause::Asked)
        } else {
            None
        }
    }

    /// Whether callers have had trouble with nodes since it was last taken.
    pub(super) fn has_trouble(&self) -> bool {
        !self.state.lock().failures.is_empty()
    }

    /// The nodes that callers have had trouble with since it was last taken.
    pub(super) fn take_trouble(&self) -> Vec<Address> {
        std::mem::take(&mut self.state.lock().failures)
    }

    /// Completes when somebody has asked for a round, or has had trouble.
    pub(super) async fn asked(&self) {
        self.wake.notified().await;
    }

    pub(super) fn begin_round(&self, cause: Cause) -> Request {
        let mut state = self.state.lock();
        state.refreshing = true;
        let cause = if state.reset.is_some() { Cause::Replaced } else { cause };
        state.rounds[cause as usize] += 1;
        state.last_failure.clear();
        let ask_first = std::mem::take(&mut state.ask_first);
        Request { ticket: state.asked, ask_first, reset: state.reset.is_some() }
    }

    pub(super) fn note_failure(&self, words: String) {
        self.state.lock().last_failure = words;
    }

    pub(super) fn note_rejection(&self, rejection: Rejection, words: String) {
        let mut state = self.state.lock();
        state.views_rejected[rejection as usize] += 1;
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

    /// Makes `topology` the latest one, under the next number.
    pub(super) fn publish(&self, topology: Topology) -> Arc<Topology> {
        let mut state = self.state.lock();
        let generation = state.topology.as_ref().map_or(0, |topology| topology.generation()) + 1;
        let topology = topology.published_as(generation);
        let old = state.topology.replace(topology.clone());
        self.changed.notify_all();
        drop(state);
        // The old one is freed here, outside the lock, if nobody reads it any more.
        drop(old);
        topology
    }

    /// Makes `audited` the latest audit.
    pub(super) fn note_audit(&self, audited: Arc<Audited>) {
        // The old one is freed outside the lock.
        let _old = self.state.lock().audited.replace(audited);
        self.changed.notify_all();
    }

    /// The latest audit, as soon as there is one; `None` if there is none within `timeout`.
    pub(super) fn wait_audited(&self, timeout: Duration) -> Result<Option<Arc<Audited>>, Error> {
        self.wait(timeout, |state| state.audited.clone())
    }

    /// What the round showed is published by now, `took` after it began: callers who asked for it have their answer.
    pub(super) fn round_succeeded(&self, request: &Request, took: Duration) {
        let mut state = self.state.lock();
        state.latencies.note(took);
        if state.failing >= SILENT_ROUNDS {
            log::warn!(target: "slotkeeper", "nodes answer again, after {} rounds without a view", state.failing);
        }
        state.failing = 0;
        state.refreshing = false;
        state.last_refresh = Some(SystemTime::now());
        state.confirmed = Some(Instant::now());
        state.reset = state.reset.filter(|&ticket| ticket > request.ticket);
        state.answered = state.answered.max(request.ticket);
        self.changed.notify_all();
    }

    /// A node has shown that the latest topology holds.
    pub(super) fn confirm(&self) {
        self.state.lock().confirmed = Some(Instant::now());
    }

    pub(super) fn announce(&self, generation: u64, cause: Cause, changes: Vec<Change>) {
        self.mailbox.put(Event::Changed { generation, cause, changes });
    }

    /// Draws a ticket for a view asked for from now on.
    fn ask(&self, trigger: Trigger, node: Option<&Address>) -> u64 {
        let mut state = self.state.lock();
        state.asked += 1;
        state.triggers[trigger as usize] += 1;
        if matches!(trigger, Trigger::Reset) {
            state.reset = Some(state.asked);
        }
        if let Some(node) = node {
            name(&mut state.ask_first, node);
        }
        self.wake.notify_one();
        state.asked
    }

    /// Takes down that a caller has trouble with a node.
    pub(super) fn note_trouble(&self, node: &Address) -> Result<(), Error> {
        let mut state = self.state.lock();
        if state.closed {
            return Err(closed());
        }
        state.triggers[Trigger::Failure as usize] += 1;
        name(&mut state.failures, node);
        self.wake.notify_one();
        Ok(())
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

    /// Lets all who wait, now and later, return [`ErrorKind::Closed`].
    pub(super) fn close(&self) {
        self.state.lock().closed = true;
        self.changed.notify_all();
        self.mailbox.close();
    }
}

fn name(nodes: &mut Vec<Address>, node: &Address) {
    if nodes.len() < NAMED_AT_MOST && !nodes.contains(node) {
        nodes.push(node.clone());
    }
}

/// The moment `timeout` from now; a year stands for all longer times, which the clock may not be able to hold.
pub(super) fn after(timeout: Duration) -> Instant {
    Instant::now() + timeout.min(Duration::from_secs(365 * 24 * 3600))
}

pub(super) fn closed() -> Error {
    Error::new(ErrorKind::Closed, "the keeper is closed")
}
