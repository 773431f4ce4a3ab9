//! The task behind a keeper: makes rounds, merges what they bring, publishes, then announces.
//!
//! One round at a time. What is known here is confined to the task; readers see only what was published.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout};

use super::access::Access;
use super::connection::Connection;
use super::events::Cause;
use super::last_good::LastGood;
use super::round::{self, Answer, Target};
use super::shared::{Request, Shared};
use crate::cluster::address::Address;
use crate::cluster::diff::{Change, diff};
use crate::cluster::last_good::Remembered;
use crate::cluster::merge::{Merged, merge};
use crate::cluster::nodes::Flags;
use crate::cluster::topology::Topology;
use crate::cluster::view::View;
use crate::policy::last_good::{is_kin, whom_to_ask};
use crate::policy::schedule::{Pace, asked_gap, next_round};

/// Nodes that are asked in a round while all is well.
const NODES_A_ROUND: usize = 3;

/// Nodes that are asked at most when nobody has answered, and failed nodes that are watched at most in one round.
const NODES_AT_MOST: usize = 32;

/// Connections that are kept between rounds.
const KEPT_CONNECTIONS: usize = 3;

/// For how long all views must contradict what is known until they are believed: a cluster that was rebuilt behind the same
/// addresses, or restored from a snapshot with lower epochs. A node that lags, or was resumed, has caught up long before.
const REPLACED_AFTER: Duration = Duration::from_secs(10);

/// What a refresher works with; all of it outlives a panic of the task.
pub(super) struct Refresher {
    pub(super) shared: Arc<Shared>,
    pub(super) access: Arc<Access>,
    pub(super) seeds: Vec<Address>,
    pub(super) last_good: Option<LastGood>,
    pub(super) probe_timeout: Duration,
    pub(super) interval: Duration,
}

impl Refresher {
    /// Makes rounds until the task is aborted.
    pub(super) async fn run(&self) {
        let mut rounds = Rounds::new(self);
        let mut cause = Cause::Start;
        loop {
            let started = Instant::now();
            rounds.make(cause).await;
            cause = self.wait(started, rounds.pace()).await;
        }
    }

    /// Waits until the next round is due, or somebody asks for one.
    async fn wait(&self, last: Instant, pace: Pace) -> Cause {
        let due = Instant::now() + next_round(self.interval, pace, fastrand::f64());
        loop {
            match self.shared.pending() {
                Some(Cause::Moved) => return Cause::Moved,
                Some(cause) => {
                    sleep_until(last + asked_gap(pace)).await;
                    return cause;
                }
                None => {}
            }
            tokio::select! {
                () = sleep_until(due) => return if pace == Pace::Settled { Cause::Interval } else { Cause::Failure },
                () = self.shared.asked() => {}
            }
        }
    }
}

/// The state from round to round.
struct Rounds<'a> {
    refresher: &'a Refresher,
    /// The latest merge: newer than what is published where nothing that a reader acts on has changed.
    known: Option<Topology>,
    connections: HashMap<Address, Connection>,
    /// Rounds in a row that gave no topology.
    failing: u32,
    /// Whether the last round had too few answers to go by: the seeds are asked again.
    widen: bool,
    /// Since when every view that came has contradicted what is known.
    contradicted: Option<Instant>,
    /// What the last-known-good file remembers, if it had to be asked: nothing was known, and no seed had answered.
    remembered: Option<Remembered>,
}

impl<'a> Rounds<'a> {
    fn new(refresher: &'a Refresher) -> Self {
        Self {
            refresher,
            known: refresher.shared.topology().map(|topology| (*topology).clone()),
            connections: HashMap::new(),
            failing: 0,
            widen: false,
            contradicted: None,
            remembered: None,
        }
    }

    fn pace(&self) -> Pace {
        match &self.known {
            _ if self.failing > 0 => Pace::Failing(self.failing),
            Some(known) if known.is_unsettled() || self.widen => Pace::Unsettled,
            _ => Pace::Settled,
        }
    }

    async fn make(&mut self, cause: Cause) {
        let request = self.refresher.shared.begin_round();
        self.recall().await;
        let targets = self.choose(&request, cause);
        let answers = round::ask(&self.refresher.access, targets, self.refresher.probe_timeout).await;
        let views = self.sort_out(answers);
        self.widen = views.len() < 2;
        match self.merge(&views) {
            Some(topology) => {
                self.failing = 0;
                self.publish(topology, cause, &request);
            }
            None => {
                self.failing = self.failing.saturating_add(1);
                self.refresher.shared.round_failed(self.failing);
            }
        }
    }

    /// Whom to ask: those who said MOVED, whose word is then what the round is about; nodes on kept connections and random
    /// others. As long as nothing answers, everybody. Failed ones are watched for their return, but not while a caller
    /// waits and others answer: they may be silent, and then hold up the round.
    fn choose(&mut self, request: &Request, cause: Cause) -> Vec<Target> {
        let first: Vec<Address> = request.ask_first.iter().filter(|node| self.may_ask(node)).cloned().collect();
        let mut chosen = first.clone();
        let seeds = self.refresher.seeds.iter().cloned();
        match &self.known {
            Some(known) => {
                let (failed, mut living): (Vec<_>, Vec<_>) =
                    known.addresses().partition(|(node, _)| node.has(Flags::FAILED));
                fastrand::shuffle(&mut living);
                // All but one of the kept connections first: one place a round goes to somebody else.
                living.sort_by_key(|(_, address)| !self.connections.contains_key(address));
                let (kept, others) = living.split_at(living.len().min(NODES_A_ROUND - 1));
                let living = kept.iter().chain(others).map(|(_, address)| address.clone());
                let limit = match (self.failing > 0, first.len()) {
                    (true, _) => NODES_AT_MOST,
                    (false, 0) => NODES_A_ROUND,
                    // A second opinion beside the node that said MOVED: it may itself be behind.
                    (false, moved) => moved + 1,
                };
                extend_distinct(&mut chosen, living, limit);
                if self.widen || self.failing > 0 {
                    extend_distinct(&mut chosen, seeds, limit + NODES_AT_MOST);
                }
                if self.failing > 0 || !matches!(cause, Cause::Asked | Cause::Moved) {
                    let mut failed: Vec<_> = failed.into_iter().map(|(_, address)| address).collect();
                    fastrand::shuffle(&mut failed);
                    let limit = chosen.len() + NODES_AT_MOST;
                    extend_distinct(&mut chosen, failed.into_iter(), limit);
                }
            }
            None => {
                extend_distinct(&mut chosen, seeds, usize::MAX);
                if let Some(remembered) = &self.remembered {
                    let nodes = whom_to_ask(remembered, &chosen, || fastrand::u64(..));
                    extend_distinct(&mut chosen, nodes.into_iter(), usize::MAX);
                }
            }
        }
        let target = |address: Address| Target {
            wanted: first.is_empty() || first.contains(&address),
            connection: self.connections.remove(&address),
            address,
        };
        chosen.into_iter().map(target).collect()
    }

    /// While nothing is known and no seed answers, the nodes of the last-known-good file are asked as well. They are only
    /// addresses: what the file says of slots and roles is old, and is never published.
    async fn recall(&mut self) {
        self.remembered = match &self.refresher.last_good {
            Some(file) if self.known.is_none() && self.failing > 0 => {
                // An error: the disk hangs, or the reading ended in a panic. The next round tries again.
                timeout(self.refresher.probe_timeout, file.recall()).await.ok().and_then(Result::ok).flatten()
            }
            _ => None,
        };
        if let Some(remembered) = &self.remembered {
            self.refresher.access.recall(remembered);
        }
    }

    /// Whether a view may tell us the cluster: where the file led us, only if it is the cluster of the file.
    fn is_to_be_heard(&self, view: &View) -> bool {
        let is_kin = |remembered: &Remembered| self.refresher.seeds.contains(&view.from) || is_kin(remembered, view);
        self.remembered.as_ref().is_none_or(is_kin)
    }

    /// Whether this node may be sent the password: it is configured, or the cluster names it.
    fn may_ask(&self, node: &Address) -> bool {
        let is_known = |known: &Topology| known.addresses().any(|(_, address)| address == *node);
        self.refresher.seeds.contains(node) || self.known.as_ref().is_some_and(is_known)
    }

    /// Keeps connections, tells failures, returns the views.
    fn sort_out(&mut self, answers: Vec<Answer>) -> Vec<View> {
        let mut views = Vec::new();
        for Answer { address, outcome } in answers {
            match outcome {
                Ok((view, _)) if !self.is_to_be_heard(&view) => {
                    let words = format!("{address}: the address is now of another cluster than the file remembers");
                    self.refresher.shared.note_rejection(words);
                }
                Ok((view, connection)) => {
                    if self.connections.len() < KEPT_CONNECTIONS {
                        self.connections.insert(address, connection);
                    }
                    views.push(view);
                }
                Err(failure) => {
                    log::debug!(target: "slotkeeper", "{address} gave no view: {}: {}", failure.verdict, failure.detail);
                    self.refresher.shared.note_failure(format!("{address}: {}: {}", failure.verdict, failure.detail));
                }
            }
        }
        views
    }

    fn merge(&mut self, views: &[View]) -> Option<Topology> {
        let merged = merge(self.known.as_ref(), views);
        self.refresher.access.trust(views, &merged);
        let Merged { topology, rejections } = merged;
        for (view, rejection) in views.iter().zip(&rejections) {
            if let Some(rejection) = rejection {
                log::debug!(target: "slotkeeper", "the view of {} is not used: {}", view.from, rejection.reason());
                self.refresher.shared.note_rejection(format!("{}: {}", view.from, rejection.reason()));
            }
        }
        if topology.is_some() || views.is_empty() {
            self.contradicted = None;
            return topology;
        }
        let since = *self.contradicted.get_or_insert_with(Instant::now);
        if since.elapsed() < REPLACED_AFTER {
            return None;
        }
        log::error!(
            target: "slotkeeper",
            "for {} s every view has contradicted what was known: the cluster was replaced or restored, and is taken as it is now",
            REPLACED_AFTER.as_secs()
        );
        self.contradicted = None;
        let merged = merge(None, views);
        self.refresher.access.trust(views, &merged);
        merged.topology
    }

    /// Published first, announced after: who hears of a generation can read it.
    fn publish(&mut self, topology: Topology, cause: Cause, request: &Request) {
        let shared = &self.refresher.shared;
        let changes = diff(shared.topology().as_deref(), &topology);
        self.known = Some(topology.clone());
        if changes.is_empty() {
            shared.confirm(request);
            return;
        }
        let topology = shared.publish(topology, request);
        if let Some(file) = &self.refresher.last_good {
            file.save(topology.clone());
        }
        tell(&topology, cause, &changes);
        shared.announce(topology.generation(), cause, changes);
    }
}

/// One line a change, as an operator would say it.
fn tell(topology: &Topology, cause: Cause, changes: &[Change]) {
    let generation = topology.generation();
    let health = topology.health().name();
    if generation == 1 {
        let masters = topology.nodes().slot_owners().count();
        log::info!(
            target: "slotkeeper",
            "generation 1: {} nodes, {masters} masters with slots, {} of 16384 slots served, health {health}",
            topology.nodes().len(), topology.served_slots()
        );
        return;
    }
    for change in changes {
        log::info!(target: "slotkeeper", "generation {generation} ({}): {change}; health {health}", cause.name());
    }
}

/// Appends those of `more` that are not there yet, up to `limit` in all.
fn extend_distinct(addresses: &mut Vec<Address>, more: impl Iterator<Item = Address>, limit: usize) {
    let mut seen: HashSet<Address> = addresses.iter().cloned().collect();
    for address in more {
        if addresses.len() >= limit {
            break;
        }
        if seen.insert(address.clone()) {
            addresses.push(address);
        }
    }
}
