//! What one keeper, or one check, asks of the servers: counted where it is sent and read.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Counters that only grow.
#[derive(Default)]
pub(super) struct Traffic {
    connections: AtomicU64,
    requests: AtomicU64,
    bytes_sent: AtomicU64,
    bytes_received: AtomicU64,
    waited_micros: AtomicU64,
}

/// The counters at one moment.
pub(super) struct Totals {
    pub(super) connections: u64,
    pub(super) requests: u64,
    pub(super) bytes_sent: u64,
    pub(super) bytes_received: u64,
    /// For replies, side by side counted twice.
    pub(super) waited: Duration,
}

impl Traffic {
    pub(super) fn connected(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn sent(&self, requests: usize, bytes: usize) {
        self.requests.fetch_add(requests as u64, Ordering::Relaxed);
        self.bytes_sent.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn received(&self, bytes: u64, waited: Duration) {
        self.bytes_received.fetch_add(bytes, Ordering::Relaxed);
        self.waited_micros.fetch_add(waited.as_micros() as u64, Ordering::Relaxed);
    }

    pub(super) fn totals(&self) -> Totals {
        Totals {
            connections: self.connections.load(Ordering::Relaxed),
            requests: self.requests.load(Ordering::Relaxed),
            bytes_sent: self.bytes_sent.load(Ordering::Relaxed),
            bytes_received: self.bytes_received.load(Ordering::Relaxed),
            waited: Duration::from_micros(self.waited_micros.load(Ordering::Relaxed)),
        }
    }
}
