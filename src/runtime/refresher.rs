//! The task behind a keeper: pulses, rounds and watches; merges what they bring, publishes, then announces.
//!
//! One round at a time; probes run beside it. What is known here is confined to the task; readers see only what was published.
//!
//! - A **round** asks a few living nodes for their views, merges these and publishes what is new. It is made at intervals, when
//!   somebody asks, and as soon as a pulse or a watch tells of a difference.
//! - A **pulse** asks one node each second whether it says anything else than before; during an alarm ten times a second.
//! - A **watch** asks those that are silent or have failed whether they are back.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout};

use super::access::Access;
use super::auditor::Auditor;
use super::contacts::{Contacts, News};
use super::events::Cause;
use super::known::Known;
use super::last_good::LastGood;
use super::round::{self, Answer, Answers, Target};
use super::shared::Shared;
use crate::cluster::address::Address;
use crate::cluster::diff::{Change, diff};
use crate::cluster::last_good::Remembered;
use crate::cluster::merge::{Merged, Rejection, accepted, merge, rejected};
use crate::cluster::nodes::{Flags, Node, NodeId};
use crate::cluster::topology::Topology;
use crate::cluster::view::View;
use crate::policy::alarm::Alarm;
use crate::policy::choice::{Candidates, NODES_AT_MOST, Turnout, accused, choose, contested};
use crate::policy::last_good::{is_kin, whom_to_ask};
use crate::policy::outlook::Circumstances;
use crate::policy::readings::Readings;
use crate::policy::schedule::{MIN_GAP, Pace, asked_gap, next_pulse, next_round, overdue_after};
use crate::policy::unreachable::Unreachable;
use crate::policy::verdict::{Failure, Verdict};

/// For how long all views must contradict what is known until they are believed: a cluster that was rebuilt behind the same
/// addresses, or restored from a snapshot with lower epochs. A node that lags, or was resumed, has caught up long before.
const REPLACED_AFTER: Duration = Duration::from_secs(10);

/// What a refresher works with; all of it outlives a panic of the task.
pub(super) struct Refresher {
    pub(super) shared: Arc<Shared>,
    pub(super) access: Arc<Access>,
    pub(super) seeds: Vec<Address>,
    pub(super) last_good: Option<LastGood>,
    pub(super) auditor: Arc<Auditor>,
    pub(super) probe_timeout: Duration,
    pub(super) interval: Duration,
    pub(super) pulse_interval: Duration,
}

impl Refresher {
    /// Works until the task is aborted.
    pub(super) async fn run(&self) {
        let mut work = Work::new(self);
        loop {
            match work.next().await {
                Step::Round(cause) => work.round(cause).await,
                Step::Pulse => work.pulse(),
                Step::Watch => work.contacts.watch(),
                Step::Heard(address, news) => work.hear(&address, news),
            }
        }
    }
}

/// What is to be done next.
enum Step {
    Round(Cause),
    Pulse,
    Watch,
    Heard(Address, News),
}

/// What a refresher knows and has in hand.
struct Work<'a> {
    refresher: &'a Refresher,
    started: Instant,
    /// The latest merge: newer than what is published where nothing that a reader acts on has changed.
    known: Option<Known>,
    /// What a node has last told of its settings.
    settings: Readings,
    contacts: Contacts,
    unreachable: Unreachable,
    alarm: Alarm,
    /// What outlooks are judged by.
    circumstances: Circumstances,
    last_round: Option<Instant>,
    next_round: Instant,
    last_pulse: Instant,
    next_pulse: Instant,
    /// Whom the last pulse went to, until he has answered or failed to.
    unanswered: Option<Address>,
    /// Why a round is to be made at once, and who told so.
    news: Option<(Cause, Vec<Address>)>,
    /// Whether the last round was made for such news: others may not have heard yet, and are asked once more.
    is_settling: bool,
    /// Rounds in a row that gave no topology.
    failing: u32,
    /// Whether the last round had too few answers to go by: the seeds are asked again.
    widen: bool,
    /// Since when every view that came has contradicted what is known.
    contradicted: Option<Instant>,
    /// What the last-known-good file remembers, if it had to be asked: nothing was known, and no seed had answered.
    remembered: Option<Remembered>,
}

impl<'a> Work<'a> {
    fn new(refresher: &'a Refresher) -> Self {
        let now = Instant::now();
        Self {
            refresher,
            started: now,
            known: refresher.shared.topology().map(|topology| Known::new((*topology).clone())),
            settings: Readings::default(),
            contacts: Contacts::new(refresher.access.clone()),
            unreachable: Unreachable::default(),
            alarm: Alarm::default(),
            circumstances: Circumstances::default(),
            last_round: None,
            next_round: now,
            last_pulse: now,
            next_pulse: now,
            unanswered: None,
            news: None,
            is_settling: false,
            failing: 0,
            widen: false,
            contradicted: None,
            remembered: None,
        }
    }

    /// Waits until something is to be done.
    async fn next(&mut self) -> Step {
        loop {
            let (due, cause) = self.due();
            let has_trouble = self.refresher.shared.has_trouble();
            let next_pulse = if has_trouble { self.last_pulse + MIN_GAP } else { self.next_pulse };
            let next_watch = self.contacts.next_watch();
            tokio::select! {
                biased;
                heard = self.contacts.heard(), if self.contacts.is_probing() => if let Some((address, news)) = heard {
                    return Step::Heard(address, news);
                },
                () = sleep_until(due) => return Step::Round(cause),
                () = sleep_until(next_pulse), if has_trouble || self.known.is_some() => return Step::Pulse,
                () = sleep_until(next_watch.unwrap_or(due)), if next_watch.is_some() => return Step::Watch,
                () = self.refresher.shared.asked() => {}
            }
        }
    }

    /// When the next round is due, and why.
    fn due(&self) -> (Instant, Cause) {
        let gap = self.last_round.map_or(self.started, |last| last + asked_gap(self.pace()));
        match (self.refresher.shared.pending(), &self.news) {
            (Some(Cause::Moved), _) => (self.started, Cause::Moved),
            (Some(cause), _) => (gap, cause),
            (None, Some((cause, _))) => (gap, *cause),
            (None, None) if self.last_round.is_none() => (self.started, Cause::Start),
            (None, None) => match self.pace() {
                Pace::Settled => (self.next_round, Cause::Interval),
                Pace::Settling => (self.next_round, Cause::Pulse),
                Pace::Unsettled | Pace::Failing(_) => (self.next_round, Cause::Failure),
            },
        }
    }

    fn pace(&self) -> Pace {
        match &self.known {
            _ if self.failing > 0 => Pace::Failing(self.failing),
            // In an alarm pulses ask all the time.
            _ if self.is_settling && !self.alarm.is_on(self.started.elapsed()) => Pace::Settling,
            Some(known) if known.topology.is_unsettled() || self.widen || self.is_troubled() => Pace::Unsettled,
            _ => Pace::Settled,
        }
    }

    async fn round(&mut self, cause: Cause) {
        let started = Instant::now();
        let request = self.refresher.shared.begin_round(cause);
        let before = if request.reset { self.forget() } else { None };
        self.recall().await;
        self.is_settling = self.news.is_some();
        let (_, tellers) = self.news.take().unwrap_or((cause, Vec::new()));
        let targets = self.targets(cause, request.ask_first.iter().chain(&tellers));
        let answers = round::ask(&self.refresher.access, targets, self.refresher.probe_timeout).await;
        let mut views = self.sort_out(answers);
        self.widen = views.len() < 2;
        let mut merged = self.merge(&views);
        let mut contested = self.contested(&views, &merged);
        let heard = self.hear_deciders(&views, &merged, &contested).await;
        if !heard.is_empty() {
            views.extend(heard);
            merged = self.merge(&views);
            contested = self.contested(&views, &merged);
        }
        match self.judge(&views, merged, contested.is_empty()) {
            Some((topology, is_replaced)) => {
                self.failing = 0;
                self.know(topology, &views);
                self.look_after_troubled();
                self.publish(if is_replaced || request.reset { Cause::Replaced } else { cause });
                self.remember();
                self.refresher.shared.round_succeeded(&request, started.elapsed());
            }
            None => {
                self.known = self.known.take().or(before);
                self.failing = self.failing.saturating_add(1);
                self.refresher.shared.round_failed(self.failing);
            }
        }
        self.last_round = Some(started);
        self.next_round = Instant::now() + next_round(self.refresher.interval, self.pace(), fastrand::f64());
    }

    /// Looks after the nodes that callers have trouble with: those who run into one by the thousand cost it no more than a probe.
    fn look_after_trouble(&mut self) {
        for node in self.refresher.shared.take_trouble() {
            if self.refresher.access.check(&node).is_ok() && !self.contacts.is_silent(&node) {
                // Not on the kept connection: the caller has just lost his.
                drop(self.contacts.take(&node));
                self.contacts.probe(&node);
            }
        }
    }

    /// The nodes to ask; the word of `tellers`, if there are any, is what the round is about.
    fn targets<'t>(&mut self, cause: Cause, tellers: impl Iterator<Item = &'t Address>) -> Vec<Target> {
        let tellers: HashSet<&Address> = tellers.filter(|node| self.refresher.access.check(node).is_ok()).collect();
        let chosen: Vec<Address> = match &self.known {
            Some(known) => choose(&self.candidates(known, &tellers), self.turnout()).into_iter().cloned().collect(),
            None => {
                let seeds = &self.refresher.seeds;
                let remembered = self.remembered.iter().flat_map(|file| whom_to_ask(file, seeds, || fastrand::u64(..)));
                seeds.iter().cloned().chain(remembered).collect()
            }
        };
        let wants_settings = matches!(cause, Cause::Start | Cause::Interval);
        let target = |(place, address): (usize, Address)| Target {
            wanted: tellers.is_empty() || tellers.contains(&address),
            for_settings: wants_settings && (place == 0 || self.known.is_none()),
            connection: self.contacts.take(&address),
            address,
        };
        chosen.into_iter().enumerate().map(target).collect()
    }

    /// The views of those whose own word decides what these views say, as far as they answer.
    async fn hear_deciders(&mut self, views: &[View], merged: &Merged, contested: &HashSet<NodeId>) -> Vec<View> {
        let Some(known) = &self.known else { return Vec::new() };
        let accepted: Vec<&View> = accepted(views, &merged.rejections).collect();
        let mut deciders = accused(&known.topology, &accepted);
        deciders.extend(contested);
        let is_to_speak =
            |(node, address): &(Node<'_>, &Address)| deciders.contains(&node.id()) && !self.contacts.is_silent(address);
        let deciders = known.members().filter(is_to_speak).map(|(_, address)| address.clone()).take(NODES_AT_MOST);
        let deciders: Vec<Address> = deciders.collect();
        if deciders.is_empty() {
            return Vec::new();
        }
        let target =
            |address| Target { wanted: true, for_settings: false, connection: self.contacts.take(&address), address };
        let targets = deciders.into_iter().map(target).collect();
        let answers = round::ask_briefly(&self.refresher.access, targets, self.refresher.probe_timeout).await;
        self.sort_out(answers)
    }

    fn turnout(&self) -> Turnout {
        match () {
            () if self.failing > 0 => Turnout::None,
            () if self.widen => Turnout::Poor,
            () => Turnout::Enough,
        }
    }

    fn candidates<'c>(&'c self, known: &'c Known, tellers: &HashSet<&'c Address>) -> Candidates<'c> {
        let mut candidates = Candidates { tellers: tellers.iter().copied().collect(), ..Candidates::default() };
        for (node, address) in known.members() {
            let list = match () {
                () if is_failed(node) || self.contacts.is_silent(address) => &mut candidates.away,
                () if self.contacts.has_kept(address) => &mut candidates.kept,
                () => &mut candidates.others,
            };
            list.push(address);
        }
        candidates.seeds = self.refresher.seeds.iter().collect();
        for list in [&mut candidates.kept, &mut candidates.others, &mut candidates.away] {
            fastrand::shuffle(list);
        }
        candidates
    }

    /// Has what is published written to the last-known-good file, if it is not there yet.
    fn remember(&self) {
        if let (Some(file), Some(topology)) = (&self.refresher.last_good, self.refresher.shared.topology()) {
            file.save(topology);
        }
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

    /// Keeps connections, notes who gave no answer, returns the views.
    fn sort_out(&mut self, Answers { answers, late }: Answers) -> Vec<View> {
        let mut views = Vec::new();
        for Answer { address, outcome } in answers {
            match outcome {
                Ok((view, ..)) if !self.is_to_be_heard(&view) => {
                    let words = format!("{address}: the address is now of another cluster than the file remembers");
                    self.refresher.shared.note_rejection(Rejection::Foreign, words);
                }
                Ok((view, settings, connection)) => {
                    self.reached(&address);
                    self.contacts.told(&view, connection);
                    if let Some(settings) = settings {
                        self.settings = settings;
                    }
                    views.push(view);
                }
                Err(failure) => {
                    log::debug!(target: "slotkeeper", "{address} gave no view: {}: {}", failure.verdict, failure.detail);
                    self.refresher.shared.note_failure(format!("{address}: {}: {}", failure.verdict, failure.detail));
                    self.missed(&address, &failure);
                    if self.contacts.missed(&address, &failure) {
                        tell_silent(&address, &failure.detail);
                    }
                }
            }
        }
        // Slow, or silent? A probe has more time than the round.
        for address in &late {
            self.refresher.access.traffic.probed(Verdict::Late);
            self.contacts.probe(address);
        }
        views
    }

    /// Gives up what is known, and gives it.
    fn forget(&mut self) -> Option<Known> {
        self.contradicted = None;
        self.known.take()
    }

    fn merge(&self, views: &[View]) -> Merged {
        merge(self.known.as_ref().map(|known| &known.topology), views)
    }

    /// Between whom slots have changed hands, as these views say, and nobody knows but they.
    fn contested(&self, views: &[View], merged: &Merged) -> HashSet<NodeId> {
        let accepted: Vec<&View> = accepted(views, &merged.rejections).collect();
        self.known.as_ref().map_or_else(HashSet::new, |known| contested(&known.topology, &accepted))
    }

    /// The topology that these views gave, if they can be used, and whether what was known had to be given up for it. Whether they `agree`
    /// with it: else what all of them say, and what is known nevertheless, would be no news from anybody.
    fn judge(&mut self, views: &[View], merged: Merged, agree: bool) -> Option<(Topology, bool)> {
        self.refresher.access.trust(views, &merged);
        let Merged { topology, rejections } = merged;
        let followed: Vec<&View> = accepted(views, &rejections).filter(|_| agree).collect();
        self.contacts.merged(&followed);
        for (view, rejection) in rejected(views, &rejections) {
            log::debug!(target: "slotkeeper", "the view of {} is not used: {}", view.from, rejection.reason());
            self.refresher.shared.note_rejection(rejection, format!("{}: {}", view.from, rejection.reason()));
        }
        if topology.is_some() || views.is_empty() {
            self.contradicted = None;
            return topology.map(|topology| (topology, false));
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
        merged.topology.map(|topology| (topology, true))
    }

    /// Takes over what a round has shown.
    fn know(&mut self, topology: Topology, views: &[View]) {
        let known = Known::new(topology);
        self.contacts.know(&known, views);
        self.known = Some(known);
        self.refresher.shared.state().node_timeout = self.settings.node_timeout;
        self.look_for_unreachable();
    }

    /// Takes down that a node has answered.
    fn reached(&mut self, address: &Address) {
        if let Some(node) = self.unreachable.answered(address) {
            log::warn!(target: "slotkeeper", "node {node} is reached now, at {address}");
        }
    }

    /// Takes down that a node has not.
    fn missed(&mut self, address: &Address, failure: &Failure) {
        self.unreachable.missed(self.started.elapsed(), address, failure.verdict, &failure.detail);
    }

    /// Tells of nodes that live, as the cluster says, and have never answered where they announce themselves.
    fn look_for_unreachable(&mut self) {
        let Some(known) = &self.known else { return };
        let patience = overdue_after(self.settings.node_timeout);
        for node in self.unreachable.judge(self.started.elapsed(), &known.topology, patience) {
            log::warn!(target: "slotkeeper", "{node}");
        }
        self.refresher.shared.state().unreachable = self.unreachable.all();
    }

    /// Sends a pulse to a living node, which may know already who has taken over from those that callers have trouble with.
    fn pulse(&mut self) {
        self.look_after_trouble();
        let known = || self.known.iter().flat_map(Known::members);
        // Whether those in trouble can be reached does not count, and the watch sees to them.
        let may_be_tried = |(node, _): &(Node<'_>, &Address)| !node.is_failing();
        let untried = known().filter(may_be_tried).find(|(_, address)| !self.unreachable.has_tried(address));
        let is_alarmed = self.alarm.is_on(self.started.elapsed());
        self.unanswered = self.contacts.pulse(&known().map(|(_, address)| address).collect::<Vec<_>>(), is_alarmed);
        // Each node once: else nobody would know whether it can be reached before it is needed. Beside the pulse, since who is heard
        // for the first time shows no change, and of a thousand nodes one is untried for a quarter of an hour.
        if let Some((_, untried)) = untried
            && !self.alarm.is_on(self.started.elapsed())
        {
            self.contacts.probe(untried);
        }
        self.judge_again(Cause::Failure);
        self.refresher.auditor.tick();
        self.last_pulse = Instant::now();
        self.plan_pulse();
    }

    fn plan_pulse(&mut self) {
        let is_urgent = self.unanswered.is_some() || self.alarm.is_on(self.started.elapsed());
        self.next_pulse = self.last_pulse + next_pulse(self.refresher.pulse_interval, is_urgent, fastrand::f64());
    }

    /// What a probe has come to: whether a round is to be made.
    fn hear(&mut self, address: &Address, news: News) {
        if self.unanswered.as_ref() == Some(address) {
            self.unanswered = None;
            self.plan_pulse();
        }
        match &news {
            News::Same | News::First | News::Unfounded | News::Changed => self.reached(address),
            News::Silent(failure) | News::Failed(failure) => {
                self.missed(address, failure);
                self.look_for_unreachable();
            }
        }
        let cause = match news {
            News::Same => return self.refresher.shared.confirm(),
            // In an alarm it may already know what we wait for: with nothing to compare with, only a round tells.
            News::First if !self.alarm.is_on(self.started.elapsed()) => return,
            News::First => Cause::Pulse,
            News::Unfounded => {
                self.refresher.shared.confirm();
                return self.judge_again(Cause::Pulse);
            }
            News::Changed => Cause::Pulse,
            News::Silent(failure) => {
                tell_silent(address, &failure.detail);
                Cause::Failure
            }
            News::Failed(failure) => {
                log::debug!(target: "slotkeeper", "{address}: {}: {}", failure.verdict, failure.detail);
                return;
            }
        };
        let tellers = self.news.take().map_or_else(Vec::new, |(_, tellers)| tellers);
        let told = (cause == Cause::Pulse).then(|| address.clone());
        self.news = Some((cause, tellers.into_iter().chain(told).collect()));
        self.judge_again(cause);
    }

    /// Publishes what is known with another outlook, if what is known beside it has changed.
    fn judge_again(&mut self, cause: Cause) {
        if self.look_after_troubled() {
            self.publish(cause);
        }
    }

    /// Sees which masters with slots are in trouble: from now on pulses are quick, if they are not yet. Who answers is in none for being
    /// suspected. Says whether what is known beside the topology has changed.
    fn look_after_troubled(&mut self) -> bool {
        let known = || self.known.iter().flat_map(Known::members);
        let ids = |holds: fn(&Contacts, &Address) -> bool| {
            known().filter(|(_, address)| holds(&self.contacts, address)).map(|(node, _)| node.id()).collect()
        };
        let mut circumstances = Circumstances {
            full_coverage: self.settings.full_coverage,
            suspects: ids(Contacts::is_silent),
            answering: ids(Contacts::answers),
            overdue: HashSet::new(),
        };
        let owners = known().map(|(node, _)| node).filter(|node| node.is_slot_owner());
        let is_troubled = |&node: &Node<'_>| is_failed(node) || circumstances.doubt(node);
        let mut troubled: HashSet<_> = owners.filter(is_troubled).map(Node::id).collect();

        let now = self.started.elapsed();
        // A failover is over when the cluster takes requests again: that is a moment after a replica has taken over.
        if self.known.as_ref().is_some_and(|known| known.topology.refuses_requests()) {
            troubled.extend(self.alarm.troubled(now).map(|(id, _)| id));
        }
        let was_on = self.alarm.is_on(now);
        self.alarm.note(now, &troubled);
        if self.alarm.is_on(now) && !was_on {
            self.next_pulse = Instant::now();
        }
        let limit = overdue_after(self.settings.node_timeout);
        circumstances.overdue = self.alarm.troubled(now).filter(|&(_, time)| time > limit).map(|(id, _)| id).collect();
        let have_changed = circumstances != self.circumstances;
        self.circumstances = circumstances;
        have_changed
    }

    fn is_troubled(&self) -> bool {
        self.alarm.troubled(self.started.elapsed()).next().is_some()
    }

    /// Published first, announced after: who hears of a generation can read it.
    fn publish(&mut self, cause: Cause) {
        let Some(known) = &self.known else { return };
        let topology = known.topology.clone().judged(&self.circumstances);
        let Refresher { shared, auditor, .. } = self.refresher;
        let latest = shared.topology();
        let changes = diff(latest.as_deref(), &topology);
        if changes.is_empty() {
            // What no reader acts on may be a finding all the same: `nofailover`, slots on the move.
            return auditor.look(topology.published_as(latest.map_or(0, |latest| latest.generation())));
        }
        let topology = shared.publish(topology);
        tell(&topology, cause, &changes);
        shared.announce(topology.generation(), cause, changes);
        auditor.look(topology);
    }
}

fn is_failed(node: Node<'_>) -> bool {
    node.has(Flags::FAILED)
}

fn tell_silent(address: &Address, detail: &str) {
    log::info!(target: "slotkeeper", "{address} leaves our probes unanswered: {detail}");
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
