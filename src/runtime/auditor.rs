//! Audits of a keeper's layout, beside its network I/O: one when there is something new to look at, on a thread that lives as long as there is.
//!
//! 1000 nodes take 10 ms with their zones, in which no node would be asked. Of topologies that wait the latest wins, so one waits at most. What
//! is found is told by the keeper's mailbox and the log, as [`crate::policy::audit_news`] decides. Where there is a baseline to compare with,
//! what has not changed is audited as well, now and then: the baseline may have.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use log::Level;
use parking_lot::{Condvar, Mutex, MutexGuard};

use super::baseline_file;
use super::events::Event;
use super::shared::Shared;
use crate::cluster::topology::Topology;
use crate::cluster::zone::Zones;
use crate::config::Config;
use crate::policy::audit_news::{AuditNews, Difference};
use crate::policy::audited::{Audited, is_due};
use crate::policy::finding::{Finding, Severity};

/// How long a close waits for an audit that is being made.
const CLOSE_PATIENCE: Duration = Duration::from_millis(200);

/// The most findings of one event that get a line in the log.
const LINES: usize = 20;

/// Audits what it is shown.
pub(super) struct Auditor {
    shared: Arc<Shared>,
    zones: Zones,
    /// What the layout is compared with.
    baseline: Option<PathBuf>,
    opened: Instant,
    state: Mutex<State>,
    /// The thread has ended.
    idle: Condvar,
}

#[derive(Default)]
struct State {
    /// What was audited last, or is about to be, and when it was shown.
    seen: Option<(Arc<Topology>, Instant)>,
    to_audit: Option<Arc<Topology>>,
    news: AuditNews,
    /// Whether the thread is alive.
    working: bool,
    /// Whether it was said that there is none to be had.
    complained: bool,
    closed: bool,
}

impl Auditor {
    pub(super) fn new(shared: Arc<Shared>, config: &Config) -> Arc<Self> {
        let (zones, baseline) = (config.zones.clone(), config.audit_baseline_file.clone());
        let (opened, state, idle) = (Instant::now(), Mutex::default(), Condvar::new());
        Arc::new(Self { shared, zones, baseline, opened, state, idle })
    }

    /// Has this audited, if that may find anything else than before. Returns at once.
    pub(super) fn look(self: &Arc<Self>, topology: Arc<Topology>) {
        let mut state = self.state.lock();
        let before = state.seen.as_ref().map(|(seen, since)| (&**seen, since.elapsed()));
        if state.closed || !is_due(before, &topology, self.baseline.is_some()) {
            return;
        }
        state.seen = Some((topology.clone(), Instant::now()));
        state.to_audit = Some(topology);
        self.work(state);
    }

    /// Tells what has waited until it may be told, and tries again where no thread was to be had. For now and then.
    pub(super) fn tick(self: &Arc<Self>) {
        self.tell(|news, now| news.due(now));
        let state = self.state.lock();
        if state.to_audit.is_some() {
            self.work(state);
        }
    }

    /// Takes nothing more, and waits a moment for what is being done. Not for the network thread.
    pub(super) fn close(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        state.to_audit = None;
        let deadline = Instant::now() + CLOSE_PATIENCE;
        while state.working && !self.idle.wait_until(&mut state, deadline).timed_out() {}
    }

    /// Sees to it that the thread is at work.
    fn work(self: &Arc<Self>, mut state: MutexGuard<'_, State>) {
        if state.working {
            return;
        }
        state.working = true;
        let auditor = self.clone();
        let thread = thread::Builder::new().name("slotkeeper-audit".to_owned());
        if let Err(error) = thread.spawn(move || Working(auditor).run()) {
            // The closure, and so `Working`, was dropped: it never ran.
            state.working = false;
            let is_told = std::mem::replace(&mut state.complained, true);
            drop(state);
            if !is_told {
                log::warn!(target: "slotkeeper", "no thread to audit the layout on, which is tried again: {error}");
            }
        }
    }

    /// Tells what there is to tell; events in order, so under the lock, and lines of the log behind it.
    fn tell(&self, news: impl FnOnce(&mut AuditNews, Duration) -> Option<Difference>) {
        let mut state = self.state.lock();
        let Some(Difference { appeared, vanished }) = news(&mut state.news, self.opened.elapsed()) else { return };
        let generation = self.shared.state().audited.as_ref().map_or(0, |audited| audited.topology().generation());
        self.shared.mailbox.put(Event::Audited { generation, appeared: appeared.clone(), vanished: vanished.clone() });
        drop(state);
        log_all(&appeared, &vanished);
    }
}

/// The thread at work; it has ended when this is dropped, a panic included.
struct Working(Arc<Auditor>);

impl Working {
    fn run(&self) {
        loop {
            let mut state = self.0.state.lock();
            let Some(topology) = state.to_audit.take() else {
                // Under the same lock as the look at what is to be done, so that nothing is left lying.
                state.working = false;
                self.0.idle.notify_all();
                return;
            };
            drop(state);
            let audited = Audited::new(topology, &self.0.zones);
            let audited = Arc::new(match &self.0.baseline {
                Some(file) => audited.compared(baseline_file::read(file)),
                None => audited,
            });
            self.0.shared.note_audit(audited.clone());
            self.0.tell(|news, now| news.note(now, audited.findings()));
        }
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.state.lock().working = false;
            self.0.idle.notify_all();
            log::error!(target: "slotkeeper", "an audit ended in a panic; there is another when the layout changes");
        }
    }
}

/// One line a finding, as an operator would say it.
fn log_all(appeared: &[Finding], vanished: &[Finding]) {
    for finding in appeared.iter().take(LINES) {
        let (id, severity) = (finding.rule.id(), finding.severity());
        let level = if severity == Severity::Critical { Level::Warn } else { Level::Info };
        log::log!(
            target: "slotkeeper", level,
            "audit: {} {id}: {}; to mend it: {}", severity.name(), finding.sentence, finding.remedy
        );
    }
    for finding in vanished.iter().take(LINES) {
        log::info!(target: "slotkeeper", "audit: no longer {}: {}", finding.rule.id(), finding.sentence);
    }
    let untold = appeared.len().saturating_sub(LINES) + vanished.len().saturating_sub(LINES);
    if untold > 0 {
        log::info!(target: "slotkeeper", "audit: {untold} more findings have appeared or gone");
    }
}
