//! The last-known-good file: where the nodes are remembered for the next start, when every configured seed may be dead.
//!
//! Written and read on a thread of its own, which lives as long as there is something to do: a disk that hangs must hold up neither
//! the network nor a caller. Of topologies that wait to be written the latest wins, so one waits at most.
//!
//! Many processes may share a file, each cluster and user their own. The newest wins whole: under a lock (`whole_file.rs`) a
//! writer looks at what is there, and leaves it if its stamp is later than that of the own topology. What is worth keeping at all, and
//! what a file is believed for, is decided by [`crate::policy::last_good`].
//!
//! Nothing that happens to a file is an error to anybody: it is logged, once as long as it stays the same, and told by [`LastGood::state`].

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use parking_lot::{Condvar, Mutex, MutexGuard};
use tokio::sync::oneshot;

use super::whole_file::{self, Writer};
use crate::cluster::address::Address;
use crate::cluster::last_good::{MAX_FILE, Remembered, Unusable, read, write};
use crate::cluster::topology::Topology;
use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::policy::last_good::{is_about, is_newer, is_worth_keeping};

/// How long a close waits for what is being written: a healthy disk needs a few milliseconds.
const CLOSE_PATIENCE: Duration = Duration::from_millis(200);

/// How long a topology that could not be written waits for the next attempt.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// One last-known-good file. Clones share it; any thread may use it.
///
/// The file holds nodes and no password, and is for its user alone (mode 0600). Beside it stand `<file>.lock`, always, and
/// `<file>.tmp` while it is written.
#[derive(Clone, Debug)]
pub struct LastGood(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    seeds: Vec<Address>,
    state: Mutex<State>,
    /// The thread has ended.
    idle: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// The latest that was given to us.
    latest: Option<Arc<Topology>>,
    /// When it could not be written.
    failed: Option<Instant>,
    to_write: Option<(Arc<Topology>, u64)>,
    to_read: Option<oneshot::Sender<Option<Remembered>>>,
    /// Whether the thread is alive.
    working: bool,
    closed: bool,
    told: FileState,
}

/// What has become of a file.
#[derive(Clone, Debug, Default)]
pub struct FileState {
    /// When it was last written by us.
    pub written: Option<SystemTime>,
    /// What is wrong with it; empty if nothing is.
    pub problem: String,
}

impl LastGood {
    /// The file at `path`, for the cluster behind `seeds`. Touches nothing yet; a missing file is made by the first save, a
    /// missing folder is not.
    pub fn open(path: impl AsRef<Path>, seeds: &[Address]) -> Self {
        // Without a current folder, which is the only thing that can go wrong, nothing is found at the path as given either.
        let path = std::path::absolute(&path).unwrap_or_else(|_| path.as_ref().to_owned());
        Self(Arc::new(Shared { path, seeds: seeds.to_vec(), state: Mutex::default(), idle: Condvar::new() }))
    }

    /// The configured file; `None` if there is none.
    pub(super) fn configured(config: &Config) -> Option<Self> {
        let seeds: Vec<_> = config.seeds.iter().filter_map(|seed| seed.address.clone().ok()).collect();
        (!config.last_good_file.is_empty()).then(|| Self::open(&config.last_good_file, &seeds))
    }

    /// Has the topology written, if it is worth it. Returns at once; of several that wait the latest is written.
    ///
    /// To be called whenever a round has shown the topology to be true: the same one again costs nothing, unless it could not be
    /// written, and then it is tried again after some seconds.
    pub fn save(&self, topology: Arc<Topology>) {
        let mut state = self.0.state.lock();
        let is_same = state.latest.as_ref().is_some_and(|latest| Arc::ptr_eq(latest, &topology));
        let is_settled = is_same && state.failed.is_none_or(|failed| failed.elapsed() < RETRY_AFTER);
        if !state.closed && !is_settled {
            state.failed = None;
            state.latest = Some(topology.clone());
            state.to_write = Some((topology, micros_now()));
            self.0.work(state);
        }
    }

    /// What the file remembers of the cluster behind our seeds; `None` if there is nothing that can be used. Blocks, as long as the disk does.
    ///
    /// # Errors
    /// [`ErrorKind::System`] for a file that cannot be read, or must not be believed; [`ErrorKind::BadReply`] for what stands in it.
    pub fn read(&self) -> Result<Option<Remembered>, Error> {
        self.0.read()
    }

    /// As [`LastGood::read`], on the file's own thread. Nothing comes at once if somebody else is waiting for a reading already:
    /// a disk that hangs gets one thread, and not one a round.
    pub(super) fn recall(&self) -> oneshot::Receiver<Option<Remembered>> {
        let (sender, receiver) = oneshot::channel();
        let mut state = self.0.state.lock();
        if !state.closed && state.to_read.is_none() {
            state.to_read = Some(sender);
            self.0.work(state);
        }
        receiver
    }

    /// What has become of the file.
    pub fn state(&self) -> FileState {
        self.0.state.lock().told.clone()
    }

    /// Waits until nothing is left to be written, at most `timeout`. Returns whether nothing is.
    pub fn settle(&self, timeout: Duration) -> bool {
        let deadline = Instant::now() + timeout;
        let mut state = self.0.state.lock();
        while state.working {
            if self.0.idle.wait_until(&mut state, deadline).timed_out() {
                return !state.working;
            }
        }
        true
    }

    /// Takes nothing more, and waits a moment for what is being written. Not for the network thread.
    pub(super) fn close(&self) {
        self.0.state.lock().closed = true;
        if !self.settle(CLOSE_PATIENCE) {
            log::warn!(target: "slotkeeper", "{} is still being written, and is not waited for", self.0.path.display());
        }
    }
}

impl Shared {
    /// Sees to it that the thread is at work.
    fn work(self: &Arc<Self>, mut state: MutexGuard<'_, State>) {
        if state.working {
            return;
        }
        state.working = true;
        let shared = self.clone();
        let thread = thread::Builder::new().name("slotkeeper-file".to_owned());
        if let Err(error) = thread.spawn(move || Working(shared).run()) {
            // The closure, and so `Working`, was dropped: it never ran.
            state.working = false;
            state.failed = Some(Instant::now());
            state.to_write = None;
            state.to_read = None;
            drop(state);
            self.tell(Err(Error::new(
                ErrorKind::System,
                format!("no thread to write {} on: {error}", self.path.display()),
            )));
        }
    }

    fn read(&self) -> Result<Option<Remembered>, Error> {
        let Some(bytes) = whole_file::read(&self.path, MAX_FILE)? else { return Ok(None) };
        let remembered = read(&bytes).map_err(|unusable| self.unusable(&unusable.reason()))?;
        if !is_about(&remembered, &self.seeds) {
            return Err(self.unusable(
                "is about another cluster: it was written under other seeds, and no seed is among its nodes",
            ));
        }
        Ok(Some(remembered))
    }

    /// Writes the topology, unless something better or of somebody else stands there.
    fn write(&self, topology: &Topology, stamp: u64) -> Result<bool, Error> {
        let writer = Writer::lock(&self.path)?;
        let remembered = match whole_file::read(&self.path, MAX_FILE)?.map(|bytes| read(&bytes)) {
            Some(Ok(remembered)) => Some(remembered),
            None | Some(Err(Unusable::Torn)) => None,
            // A path that was mistyped must not cost another program its file, nor a later version its own.
            Some(Err(unusable)) => {
                return Err(self.unusable(&format!("{}; it is not replaced", unusable.reason())));
            }
        };
        let stands = remembered.as_ref().is_some_and(|file| is_newer(file.stamp, stamp, micros_now()));
        if stands || !is_worth_keeping(topology, remembered.as_ref()) {
            return Ok(false);
        }
        if remembered.is_some_and(|file| !is_about(&file, &self.seeds)) {
            log::warn!(target: "slotkeeper", "{} was about another cluster, and is replaced", self.path.display());
        }
        let text = write(topology, &self.seeds, stamp);
        if text.len() > MAX_FILE {
            return Err(self.unusable(&format!("would have {} bytes; allowed are {MAX_FILE}", text.len())));
        }
        writer.replace(text.as_bytes()).map(|()| true)
    }

    fn unusable(&self, reason: &str) -> Error {
        Error::new(ErrorKind::BadReply, format!("{} {reason}", self.path.display()))
    }

    /// Tells how it went; the same complaint once.
    fn tell(&self, outcome: Result<bool, Error>) {
        let mut state = self.state.lock();
        let problem = match outcome {
            Ok(written) => {
                if written {
                    state.told.written = Some(SystemTime::now());
                }
                String::new()
            }
            Err(error) => error.message().to_owned(),
        };
        if problem != state.told.problem {
            if problem.is_empty() {
                log::info!(target: "slotkeeper", "{} can be used again", self.path.display());
            } else {
                log::warn!(target: "slotkeeper", "the last-known-good file cannot be used: {problem}");
            }
            state.told.problem = problem;
        }
    }
}

/// The thread at work; it has ended when this is dropped, a panic included.
struct Working(Arc<Shared>);

impl Working {
    fn run(&self) {
        loop {
            let mut state = self.0.state.lock();
            if let Some(sender) = state.to_read.take() {
                drop(state);
                let outcome = self.0.read();
                self.0.tell(outcome.as_ref().map(|_| false).map_err(Clone::clone));
                // Who asked may have given up.
                let _ = sender.send(outcome.unwrap_or(None));
            } else if let Some((topology, stamp)) = state.to_write.take() {
                drop(state);
                let outcome = self.0.write(&topology, stamp);
                self.0.state.lock().failed = outcome.is_err().then(Instant::now);
                self.0.tell(outcome);
            } else {
                // Under the same lock as the look at what is to be done, so that nothing is left lying.
                state.working = false;
                self.0.idle.notify_all();
                return;
            }
        }
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        if thread::panicking() {
            let mut state = self.0.state.lock();
            state.working = false;
            self.0.idle.notify_all();
        }
    }
}

fn micros_now() -> u64 {
    // A clock before 1970 gives the oldest stamp that there is.
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as u64)
}
