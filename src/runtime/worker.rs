//! The one thread that does the network I/O: started with the first user, stopped with the last.
//!
//! Nothing is left in a static that could not be shut down: the static only remembers who is alive, so a process, or a JVM
//! whose class loader goes away, ends up with no thread of ours.

use std::sync::{Arc, Weak};
use std::thread::JoinHandle;

use once_cell::sync::Lazy;
use parking_lot::Mutex;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use crate::error::{Error, ErrorKind};

static SHARED: Lazy<Mutex<Weak<Worker>>> = Lazy::new(Mutex::default);

/// Looking at the files of TLS is the only thing that blocks here; its thread comes and goes, and nobody waits for it at the end.
const BLOCKING_THREADS: usize = 1;

/// The thread and its runtime. The last one to let go of it stops it.
pub(super) struct Worker {
    handle: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// The worker of this process; started if there is none.
    pub(super) fn shared() -> Result<Arc<Worker>, Error> {
        let mut shared = SHARED.lock();
        if let Some(worker) = shared.upgrade() {
            return Ok(worker);
        }
        let worker = Arc::new(Worker::start()?);
        *shared = Arc::downgrade(&worker);
        Ok(worker)
    }

    /// Runs tasks on the worker's thread.
    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }

    fn start() -> Result<Worker, Error> {
        let refused = |what: &str, error: std::io::Error| {
            Error::new(ErrorKind::System, format!("the worker thread cannot be started: {what}: {error}"))
        };
        let runtime = Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(BLOCKING_THREADS)
            .thread_name("slotkeeper-tls")
            .build()
            .map_err(|error| refused("the runtime", error))?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::Builder::new()
            .name("slotkeeper".to_owned())
            .spawn(move || {
                // An error means that the sender was dropped: the end as well.
                let _ = runtime.block_on(stopped);
                runtime.shutdown_background();
            })
            .map_err(|error| refused("the thread", error))?;
        Ok(Worker { handle, stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take()
            // A task that held the last reference would wait for itself.
            && thread.thread().id() != std::thread::current().id()
            && thread.join().is_err()
        {
            log::error!(target: "slotkeeper", "the worker thread ended in a panic");
        }
    }
}
