//! The library's log lines on their way to the host: a bounded queue that the host drains.
//!
//! No host code is called from our threads. Whoever waits for a keeper's event gets the log lines by the same call, so a
//! host needs one thread for both. The queue is the process's: a line belongs to no keeper, and goes to whoever asks first.

use std::collections::VecDeque;
use std::sync::Once;
use std::time::{Duration, Instant};

use log::{Level, LevelFilter, Log, Metadata};
use parking_lot::Mutex;

use super::handles::KEEPERS;
use crate::{Error, Event, Keeper};

/// Lines kept for a host that does not ask; the oldest go first.
const CAPACITY: usize = 512;

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// How grave it is.
    pub level: Level,
    /// The sentence; names no password.
    pub message: String,
}

impl Record {
    /// `error`, `warn`, `info`, `debug` or `trace`.
    pub fn level_name(&self) -> &'static str {
        match self.level {
            Level::Error => "error",
            Level::Warn => "warn",
            Level::Info => "info",
            Level::Debug => "debug",
            Level::Trace => "trace",
        }
    }
}

/// What a host waits for.
pub enum Notice {
    /// Something happened to the keeper's topology.
    Event(Event),
    /// The library has something to say.
    Log(Record),
}

/// Sends the crate's log lines into the queue from now on; any number of times.
///
/// Lines of other crates stay out: they are not ours to vouch for, and might show what they sent.
pub fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        // It fails where a Rust host that links the crate has a logger of its own, which then gets the lines.
        if log::set_logger(&Logger).is_ok() {
            log::set_max_level(LevelFilter::Info);
        }
    });
}

/// The next event of the keeper or the next log line, whichever is first; `None` if `timeout` passes without either.
///
/// # Errors
/// [`crate::ErrorKind::Closed`] if the keeper is closed, also while waiting.
pub fn wait_event(keeper: &Keeper, timeout: Duration) -> Result<Option<Notice>, Error> {
    let start = Instant::now();
    loop {
        // A line that is queued from here on rings the keeper, which ends the wait below: none is overlooked.
        if let Some(event) = keeper.next_event(Duration::ZERO)? {
            return Ok(Some(Notice::Event(event)));
        }
        if let Some(record) = next() {
            return Ok(Some(Notice::Log(record)));
        }
        let left = timeout.saturating_sub(start.elapsed());
        if left.is_zero() {
            return Ok(None);
        }
        if let Some(event) = keeper.next_event(left)? {
            return Ok(Some(Notice::Event(event)));
        }
    }
}

/// The oldest line; before it, how many were dropped.
pub fn next() -> Option<Record> {
    QUEUE.lock().pop()
}

/// All lines that are queued now, oldest first.
#[cfg(feature = "jni")]
pub fn drain() -> Vec<Record> {
    std::iter::from_fn(next).take(CAPACITY + 1).collect()
}

static QUEUE: Mutex<Queue> = Mutex::new(Queue { records: VecDeque::new(), dropped: 0 });

struct Queue {
    records: VecDeque<Record>,
    dropped: u64,
}

impl Queue {
    fn push(&mut self, record: Record) {
        if self.records.len() == CAPACITY {
            self.records.pop_front();
            self.dropped += 1;
        }
        self.records.push_back(record);
    }

    fn pop(&mut self) -> Option<Record> {
        match std::mem::take(&mut self.dropped) {
            0 => self.records.pop_front(),
            dropped => Some(Record {
                level: Level::Warn,
                message: format!("{dropped} older log lines were dropped: nobody asked for them in time"),
            }),
        }
    }
}

struct Logger;

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().split("::").next() == Some("slotkeeper")
    }

    fn log(&self, record: &log::Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        // Formatted before the lock is taken: an argument's Display might log as well.
        let record = Record { level: record.level(), message: record.args().to_string() };
        QUEUE.lock().push(record);
        KEEPERS.for_each(Keeper::wake);
    }

    fn flush(&self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_drops_the_oldest_and_says_so() {
        let mut queue = Queue { records: VecDeque::new(), dropped: 0 };
        for number in 0..CAPACITY + 3 {
            queue.push(Record { level: Level::Info, message: number.to_string() });
        }
        let said = queue.pop().unwrap();
        assert_eq!(said.level, Level::Warn);
        assert!(said.message.starts_with("3 older log lines"), "{}", said.message);
        let rest: Vec<Record> = std::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(rest.len(), CAPACITY);
        assert_eq!((rest[0].message.as_str(), rest[0].level_name()), ("3", "info"));
    }

    #[test]
    fn only_our_own_lines_are_taken() {
        let taken = |target: &str| Logger.enabled(&Metadata::builder().target(target).build());
        assert!(taken("slotkeeper") && taken("slotkeeper::runtime::keeper"));
        assert!(!taken("redis") && !taken("slotkeeperish"));
    }
}
