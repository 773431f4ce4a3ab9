//! What a keeper tells: each change once, in order, through a bounded mailbox.
//!
//! A listener that does not come for its mail never delays the refresher: when the mailbox is full, all that is in it collapses
//! into one [`Event::Resynchronise`], which says how many were lost. Whoever gets it reads the topology anew.

use std::collections::VecDeque;
use std::time::Instant;

use parking_lot::{Condvar, Mutex};

use crate::cluster::diff::Change;
use crate::policy::finding::Finding;

/// The most events that wait for a listener.
const CAPACITY: usize = 256;

/// Why a round was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The keeper was opened.
    Start,
    /// The interval was over.
    Interval,
    /// Somebody called `refresh`.
    Asked,
    /// A client was told MOVED.
    Moved,
    /// A node is silent or has failed, a caller told so, or nobody answered the last time.
    Failure,
    /// A node says something else than before.
    Pulse,
    /// What was known was given up: somebody called `reset`, or every view has contradicted it for ten seconds. The cluster was
    /// replaced behind its addresses, or restored.
    Replaced,
}

impl Cause {
    /// All of them.
    pub const ALL: [Cause; 7] =
        [Cause::Start, Cause::Interval, Cause::Asked, Cause::Moved, Cause::Failure, Cause::Pulse, Cause::Replaced];

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Cause::Start => "start",
            Cause::Interval => "interval",
            Cause::Asked => "asked",
            Cause::Moved => "moved",
            Cause::Failure => "failure",
            Cause::Pulse => "pulse",
            Cause::Replaced => "replaced",
        }
    }
}

/// Something that a keeper tells.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A new generation of the topology was published, and is readable by now.
    Changed {
        /// Its number.
        generation: u64,
        /// Why it was looked for.
        cause: Cause,
        /// What is different from the generation before; never empty.
        changes: Vec<Change>,
    },
    /// The audit of the layout finds something else than what was told before; of the first one all that it finds. What comes and goes
    /// is told less and less often, as the difference to what was told last.
    Audited {
        /// The generation that was audited.
        generation: u64,
        /// Findings that were not there before, the worst first.
        appeared: Vec<Finding>,
        /// Those that are not there any more, as they were told.
        vanished: Vec<Finding>,
    },
    /// Events were lost because nobody came for them: read the topology anew.
    Resynchronise {
        /// The latest generation.
        generation: u64,
        /// How many events this one stands for.
        lost: u64,
    },
}

/// The mailbox of one keeper.
#[derive(Default)]
pub(super) struct Mailbox {
    inner: Mutex<Inner>,
    changed: Condvar,
}

#[derive(Default)]
struct Inner {
    events: VecDeque<Event>,
    dropped: u64,
    woken: bool,
    closed: bool,
}

/// What waiting for mail has come to.
#[derive(Debug, PartialEq)]
pub(super) enum Mail {
    /// The oldest event.
    Event(Event),
    /// Nothing within the time, or somebody called [`Mailbox::wake`].
    Nothing,
    /// The keeper is closed, and no event is left.
    Closed,
}

impl Mailbox {
    /// Takes the oldest event; waits for one until `deadline`, or until [`Mailbox::wake`] is called.
    pub fn take(&self, deadline: Instant) -> Mail {
        let mut inner = self.inner.lock();
        loop {
            if let Some(event) = inner.events.pop_front() {
                return Mail::Event(event);
            }
            if inner.closed {
                return Mail::Closed;
            }
            if std::mem::take(&mut inner.woken) || self.changed.wait_until(&mut inner, deadline).timed_out() {
                return Mail::Nothing;
            }
        }
    }

    /// Lets one who waits in [`Mailbox::take`] return, or else the next who would wait, so that he can look elsewhere: whatever
    /// was put elsewhere before the wake is seen in time, whenever the look and the wait were.
    pub fn wake(&self) {
        self.inner.lock().woken = true;
        self.changed.notify_all();
    }

    /// How many events were lost in all.
    pub fn dropped(&self) -> u64 {
        self.inner.lock().dropped
    }

    pub(super) fn put(&self, event: Event) {
        let mut inner = self.inner.lock();
        if inner.closed {
            return;
        }
        if inner.events.len() == CAPACITY {
            let waiting: u64 = inner.events.drain(..).map(|event| event.weight()).sum();
            let lost = waiting + event.weight();
            inner.dropped += lost;
            inner.events.push_back(Event::Resynchronise { generation: event.generation(), lost });
        } else {
            inner.events.push_back(event);
        }
        self.changed.notify_all();
    }

    pub(super) fn close(&self) {
        self.inner.lock().closed = true;
        self.changed.notify_all();
    }
}

impl Event {
    /// The generation that was the latest when this was told.
    pub fn generation(&self) -> u64 {
        match self {
            Event::Changed { generation, .. }
            | Event::Audited { generation, .. }
            | Event::Resynchronise { generation, .. } => *generation,
        }
    }

    fn weight(&self) -> u64 {
        match self {
            Event::Changed { .. } | Event::Audited { .. } => 1,
            Event::Resynchronise { lost, .. } => *lost,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn changed(generation: u64) -> Event {
        Event::Changed { generation, cause: Cause::Interval, changes: vec![Change::Refusing(true)] }
    }

    #[test]
    fn events_come_in_order_and_then_nothing() {
        let mailbox = Mailbox::default();
        (1..=3).for_each(|generation| mailbox.put(changed(generation)));
        for generation in 1..=3 {
            assert_eq!(mailbox.take(Instant::now()), Mail::Event(changed(generation)));
        }
        assert_eq!(mailbox.take(Instant::now()), Mail::Nothing);
    }

    #[test]
    fn overflow_collapses_into_resynchronise_and_counts() {
        let mailbox = Mailbox::default();
        let last = 3 * CAPACITY as u64;
        (1..=last).for_each(|generation| mailbox.put(changed(generation)));
        let mut told = 0;
        while let Mail::Event(event) = mailbox.take(Instant::now()) {
            told += event.weight();
            assert!(event.generation() <= last);
        }
        assert_eq!(told, last, "no event is lost without being counted");
        assert!(mailbox.dropped() > 0);
    }

    #[test]
    fn close_and_wake_end_the_wait_whichever_is_first() {
        let mailbox = std::sync::Arc::new(Mailbox::default());
        let far = Instant::now() + Duration::from_secs(60);
        for (end, expected) in [(Mailbox::wake as fn(&Mailbox), Mail::Nothing), (Mailbox::close, Mail::Closed)] {
            let waiter = std::thread::spawn({
                let mailbox = mailbox.clone();
                move || mailbox.take(far)
            });
            end(&mailbox);
            assert_eq!(waiter.join().unwrap(), expected);
        }
    }
}
