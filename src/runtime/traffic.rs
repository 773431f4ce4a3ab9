//! What one keeper, or one check, asks of the servers: counted where it is sent and read.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::policy::metrics::Counts;
use crate::policy::verdict::Verdict;

/// Counters that only grow.
#[derive(Default)]
pub(super) struct Traffic {
    connections: AtomicU64,
    closed: AtomicU64,
    pulses: AtomicU64,
    /// By verdict, in the order of [`Verdict::ALL`].
    probes: [AtomicU64; Verdict::ALL.len()],
    requests: AtomicU64,
    bytes_sent: AtomicU64,
    bytes_received: AtomicU64,
    waited_micros: AtomicU64,
}

/// The counters at one moment.
pub(super) struct Totals {
    pub(super) connections: u64,
    /// Those of them that are open.
    pub(super) connections_open: u64,
    /// Questions beside the rounds.
    pub(super) pulses: u64,
    /// Conversations by verdict.
    pub(super) probes: Counts,
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

    pub(super) fn disconnected(&self) {
        self.closed.fetch_add(1, Ordering::Release);
    }

    /// A question beside the rounds is asked.
    pub(super) fn pulsed(&self) {
        self.pulses.fetch_add(1, Ordering::Relaxed);
    }

    /// What came of a conversation with a node.
    pub(super) fn probed(&self, verdict: Verdict) {
        self.probes[verdict as usize].fetch_add(1, Ordering::Relaxed);
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
        let probes = Verdict::ALL.iter().zip(&self.probes);
        // Before those that were opened: none is closed that is not counted there.
        let closed = self.closed.load(Ordering::Acquire);
        let connections = self.connections.load(Ordering::Acquire);
        Totals {
            connections,
            connections_open: connections.saturating_sub(closed),
            pulses: self.pulses.load(Ordering::Relaxed),
            probes: probes.map(|(verdict, count)| (verdict.name(), count.load(Ordering::Relaxed))).collect(),
            requests: self.requests.load(Ordering::Relaxed),
            bytes_sent: self.bytes_sent.load(Ordering::Relaxed),
            bytes_received: self.bytes_received.load(Ordering::Relaxed),
            waited: Duration::from_micros(self.waited_micros.load(Ordering::Relaxed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_verdict_is_counted_under_its_own_name() {
        let traffic = Traffic::default();
        for (times, &verdict) in Verdict::ALL.iter().enumerate() {
            (0..times).for_each(|_| traffic.probed(verdict));
        }
        let expected: Counts = Verdict::ALL.iter().zip(0..).map(|(verdict, times)| (verdict.name(), times)).collect();
        assert_eq!(traffic.totals().probes, expected);
    }
}
