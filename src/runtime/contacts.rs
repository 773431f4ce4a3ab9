//! Whom the refresher can talk to: connections that are kept, what each node said last, who is away, and the probes under way.
//!
//! A probe is a small question to one node beside the rounds, under a deadline of its own: the pulse of a living one, or a look
//! whether one that is silent or has failed is back. What its answer means is for the refresher.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{Id, JoinSet};
use tokio::time::Instant;

use super::access::Access;
use super::connection::Connection;
use super::known::Known;
use super::probe::{Pulse, converse};
use crate::cluster::address::Address;
use crate::cluster::nodes::{Flags, Node};
use crate::cluster::view::View;
use crate::policy::pulse::{
    QUICK_REPLY, Question, SILENT_AFTER, question, question_in_alarm, sign_of_info, sign_of_losses, sign_of_nodes,
};
use crate::policy::schedule::next_watch;
use crate::policy::verdict::Failure;

/// Connections that are kept between rounds and pulses.
const KEPT_CONNECTIONS: usize = 3;

/// Probes of living nodes that are under way at the same time, at most, and as many of those that are away: the dead of a whole zone
/// must not keep us from hearing the living.
const PROBES_AT_MOST: usize = 32;

pub(super) struct Contacts {
    access: Arc<Access>,
    kept: HashMap<Address, Connection>,
    /// What each node said last, as the sign of its answer to each question.
    signs: HashMap<(Address, Question), u64>,
    /// The signs that all views have in common that the topology was last merged from.
    agreed: HashMap<Question, u64>,
    away: HashMap<Address, Away>,
    probes: JoinSet<Answer>,
    under_way: HashMap<Address, Id>,
    /// What pulses ask for, and how many of them in a row were answered slowly since the last round.
    question: Question,
    slow: u32,
    /// When a pulse has last asked for CLUSTER NODES.
    last_nodes: Instant,
    /// Whether the last probe gave nothing, from one of whom nothing was expected: silent as before, or refusing us.
    in_vain: bool,
}

/// A node that is watched beside rounds and pulses: it is silent, or others say that it is.
struct Away {
    since: Instant,
    next: Instant,
    /// It leaves our own probes unanswered.
    is_silent: bool,
    /// The others agree that it has failed.
    has_failed: bool,
    /// One of them suspects it.
    is_suspected: bool,
    /// It has answered since. While others still hold it for failed, that is news only once.
    has_answered: bool,
}

type Answer = (Address, Result<(Pulse, Connection), Failure>);

/// What a probe has come to.
pub(super) enum News {
    /// The node says what it said before.
    Same,
    /// It is asked this for the first time: there is nothing to compare with.
    First,
    /// It says what it said before, and is heard for the first time since another suspects it.
    Unfounded,
    /// It says something else, or is heard for the first time since it was silent or failed.
    Changed,
    /// It leaves our probes unanswered, on a fresh connection as well, and did not before.
    Silent(Failure),
    /// It gave no answer, as before, or one that could not be used.
    Failed(Failure),
}

impl Contacts {
    pub(super) fn new(access: Arc<Access>) -> Self {
        Self {
            access,
            kept: HashMap::new(),
            signs: HashMap::new(),
            agreed: HashMap::new(),
            away: HashMap::new(),
            probes: JoinSet::new(),
            under_way: HashMap::new(),
            question: Question::Info,
            slow: 0,
            last_nodes: Instant::now(),
            in_vain: false,
        }
    }

    /// The kept connection to a node, for a round.
    pub(super) fn take(&mut self, address: &Address) -> Option<Connection> {
        self.kept.remove(address)
    }

    pub(super) fn has_kept(&self, address: &Address) -> bool {
        self.kept.contains_key(address)
    }

    /// Takes down the view that a node gave in a round.
    pub(super) fn told(&mut self, view: &View, connection: Connection) {
        for (question, sign) in signs(view) {
            self.signs.insert((view.from.clone(), question), sign);
        }
        self.note_answer(&view.from);
        // The table takes about as much as the text.
        (self.question, self.slow) = (question(view.nodes().heap_size(), 0), 0);
        self.keep(view.from.clone(), connection);
    }

    /// Takes down from which views, all told before, the topology was merged. What they agree on is no news if another says it as well;
    /// where they differ, who changes his mind is heard.
    pub(super) fn merged(&mut self, views: &[&View]) {
        let tellers: Vec<&Address> = views.iter().map(|view| &view.from).collect();
        let sign = |teller: &Address, question| self.signs.get(&(teller.clone(), question)).copied();
        let agreed = Question::ALL.into_iter().filter_map(|question| {
            let (first, others) = tellers.split_first()?;
            let first = sign(first, question)?;
            others.iter().all(|other| sign(other, question) == Some(first)).then_some((question, first))
        });
        self.agreed = agreed.collect();
        // In an alarm what others said before is no measure: who has heard of the failure and of its end between two pulses says the same.
        if !tellers.is_empty() {
            let is_told = |address: &Address| tellers.contains(&address);
            self.signs.retain(|(address, question), _| *question != Question::Losses || is_told(address));
        }
    }

    /// Takes down that a node gave no view in a round. Says whether it is silent, and was not before.
    pub(super) fn missed(&mut self, address: &Address, failure: &Failure) -> bool {
        failure.verdict.is_silence() && self.note_silent(address)
    }

    /// Whether a node leaves our own probes unanswered.
    pub(super) fn is_silent(&self, address: &Address) -> bool {
        self.away.get(address).is_some_and(|away| away.is_silent)
    }

    /// Whether a node answers our own probes although others say that it fails.
    pub(super) fn answers(&self, address: &Address) -> bool {
        self.away.get(address).is_some_and(|away| away.has_answered && !away.is_silent)
    }

    /// Watches those that fail, as others say, and forgets all that is not among the known. `views` are those of the round that has
    /// shown it.
    pub(super) fn know(&mut self, known: &Known, views: &[View]) {
        let addresses = |holds: fn(Node<'_>) -> bool| -> HashSet<&Address> {
            known.members().filter(|(node, _)| holds(*node)).map(|(_, address)| address).collect()
        };
        let all = addresses(|_| true);
        let failed = addresses(|node| node.has(Flags::FAILED));
        let suspected = addresses(|node| node.has(Flags::SUSPECTED) && !node.has(Flags::FAILED));
        self.kept.retain(|address, _| all.contains(address) && !failed.contains(address));
        self.signs.retain(|(address, _), _| all.contains(address));
        for (address, away) in &mut self.away {
            (away.has_failed, away.is_suspected) = (failed.contains(address), suspected.contains(address));
        }
        for &address in &failed {
            self.away.entry(address.clone()).or_insert_with(Away::from_now).has_failed = true;
        }
        for &address in &suspected {
            self.away.entry(address.clone()).or_insert_with(Away::from_now).is_suspected = true;
        }
        self.away.retain(|address, away| all.contains(address) && away.is_away());
        // The word of one node, who may be the one that is cut off, takes nobody's slots: the suspected are asked themselves, at once.
        for address in suspected {
            if views.iter().any(|view| view.from == *address) {
                self.note_answer(address);
            } else if self.away.get(address).is_some_and(|away| !away.has_answered && !away.is_silent) {
                self.probe(address);
            }
        }
    }

    /// Sends a pulse to one of the living nodes, and gives whom: one on a kept connection, as long as enough are kept.
    pub(super) fn pulse(&mut self, living: &[&Address], is_alarmed: bool) -> Option<Address> {
        let is_idle = |address: &&Address| !self.under_way.contains_key(*address) && !self.away.contains_key(*address);
        let idle = living.iter().copied().filter(is_idle);
        let (kept, others): (Vec<&Address>, Vec<&Address>) = idle.partition(|address| self.kept.contains_key(*address));
        let wanted = KEPT_CONNECTIONS.min(living.len());
        let wants_more = kept.len() + self.probed(false) < wanted && !others.is_empty();
        // Who refuses us must not keep us from hearing those who answer: they take turns.
        let in_vain = std::mem::take(&mut self.in_vain);
        let choice = if kept.is_empty() || wants_more && !in_vain { others } else { kept };
        let address = fastrand::choice(choice)?;
        let question = match is_alarmed {
            true => question_in_alarm(self.question, self.last_nodes.elapsed()),
            false => self.question,
        };
        if question == Question::Nodes {
            self.last_nodes = Instant::now();
        }
        self.ask(address, question);
        Some(address.clone())
    }

    /// When the next of those that are away is to be asked.
    pub(super) fn next_watch(&self) -> Option<Instant> {
        let idle = self.away.iter().filter(|(address, _)| !self.under_way.contains_key(*address));
        idle.map(|(_, away)| away.next).min()
    }

    /// Asks those that are away and due whether they are back.
    pub(super) fn watch(&mut self) {
        let now = Instant::now();
        let mut due: Vec<Address> = Vec::new();
        for (address, away) in self.away.iter_mut().filter(|(_, away)| away.next <= now) {
            away.next = now + next_watch(now - away.since, fastrand::f64());
            due.push(address.clone());
        }
        fastrand::shuffle(&mut due);
        due.iter().for_each(|address| self.probe(address));
    }

    /// Asks a node, unless it is being asked.
    pub(super) fn probe(&mut self, address: &Address) {
        self.ask(address, self.question);
    }

    fn ask(&mut self, address: &Address, question: Question) {
        let is_away = self.away.contains_key(address);
        if self.under_way.contains_key(address) || self.probed(is_away) >= PROBES_AT_MOST {
            return;
        }
        let kept = self.kept.remove(address);
        let patience = if kept.is_some() { 2 * SILENT_AFTER } else { SILENT_AFTER };
        let (access, target) = (self.access.clone(), address.clone());
        let task = self
            .probes
            .spawn(async move { (target.clone(), converse(access, target, kept, patience, question).await) });
        self.access.traffic.pulsed();
        self.under_way.insert(address.clone(), task.id());
    }

    /// How many of those that are away, or are not, are being asked.
    fn probed(&self, are_away: bool) -> usize {
        self.under_way.keys().filter(|address| self.away.contains_key(*address) == are_away).count()
    }

    pub(super) fn is_probing(&self) -> bool {
        !self.probes.is_empty()
    }

    /// The next answer to a probe; `None` if none is under way, or one has ended in a panic. Nothing is lost if it is not awaited
    /// to the end.
    pub(super) async fn heard(&mut self) -> Option<(Address, News)> {
        match self.probes.join_next().await? {
            Ok((address, outcome)) => {
                self.under_way.remove(&address);
                let news = match outcome {
                    Ok((pulse, connection)) => self.answered(&address, pulse, connection),
                    Err(failure) if failure.verdict.is_silence() && self.note_silent(&address) => News::Silent(failure),
                    Err(failure) => {
                        self.in_vain = true;
                        News::Failed(failure)
                    }
                };
                Some((address, news))
            }
            Err(panic) => {
                log::error!(target: "slotkeeper", "a probe ended in a panic: {panic}");
                self.under_way.retain(|_, task| *task != panic.id());
                None
            }
        }
    }

    fn answered(&mut self, address: &Address, pulse: Pulse, connection: Connection) -> News {
        if pulse.question == Question::Nodes {
            self.slow = if pulse.took > QUICK_REPLY { self.slow + 1 } else { 0 };
            self.question = question(pulse.bytes, self.slow);
        }
        let before = self.signs.insert((address.clone(), pulse.question), pulse.sign);
        let is_known = self.agreed.get(&pulse.question) == Some(&pulse.sign);
        let before = if is_known { Some(pulse.sign) } else { before };
        let news = self.note_answer(address);
        self.keep(address.clone(), connection);
        match before {
            Some(before) if before != pulse.sign => News::Changed,
            None if matches!(news, News::Same) => News::First,
            _ => news,
        }
    }

    /// What it means that a node has answered, whatever it said.
    fn note_answer(&mut self, address: &Address) -> News {
        let Some(away) = self.away.get_mut(address) else { return News::Same };
        let is_first = !std::mem::replace(&mut away.has_answered, true);
        let was_silent = std::mem::take(&mut away.is_silent);
        let news = match () {
            () if was_silent || is_first && away.has_failed => News::Changed,
            () if is_first => News::Unfounded,
            () => News::Same,
        };
        if !away.is_away() {
            self.away.remove(address);
        }
        news
    }

    fn keep(&mut self, address: Address, connection: Connection) {
        if self.kept.len() < KEPT_CONNECTIONS {
            self.kept.insert(address, connection);
        }
    }

    /// Says whether the node was not silent before.
    fn note_silent(&mut self, address: &Address) -> bool {
        let away = self.away.entry(address.clone()).or_insert_with(Away::from_now);
        !std::mem::replace(&mut away.is_silent, true)
    }
}

/// The sign of what a view says to each question.
fn signs(view: &View) -> [(Question, u64); 3] {
    [
        (Question::Nodes, sign_of_nodes(view.nodes())),
        (Question::Info, sign_of_info(&view.info)),
        (Question::Losses, sign_of_losses(&view.info)),
    ]
}

impl Away {
    fn from_now() -> Self {
        let now = Instant::now();
        let next = now + next_watch(Duration::ZERO, fastrand::f64());
        Self { since: now, next, is_silent: false, has_failed: false, is_suspected: false, has_answered: false }
    }

    fn is_away(&self) -> bool {
        self.is_silent || self.has_failed || self.is_suspected
    }
}
