//! What metrics, their samples and the facts behind them are.
//!
//! Which metrics there are stands in [`super::metric_table`]. Counting is left to the runtime, and of some metrics to the Java side;
//! writing samples as text to [`super::exposition`].

use std::sync::Arc;
use std::time::Duration;

use super::audited::Audited;
use super::health::Health;
use crate::cluster::topology::Topology;

/// One row of the table.
pub struct Metric {
    /// The name in the text exposition, in Java and in Micrometer.
    pub name: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// What its values count: `seconds`, `bytes`, `nodes`, …; empty where a number stands for a state.
    pub unit: &'static str,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// What it tells, and what its values mean.
    pub sentence: &'static str,
    pub(super) read: Read,
}

/// What the values of a metric are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// What holds now; may rise and fall.
    Gauge,
    /// How often something has happened since the keeper was opened; only grows.
    Counter,
    /// How many values were at most so high, for each of these bounds.
    Histogram(&'static [f64]),
}

/// Where a metric's values come from.
pub(super) enum Read {
    Number(fn(&Facts) -> f64),
    Labelled(fn(&Facts) -> Vec<Labelled>),
    Histogram(fn(&Facts) -> &Latencies),
    /// Only the Java side knows them, and adds its samples itself.
    Java,
}

/// The values of the labels, in the order of the row, and the number.
pub(super) type Labelled = (Vec<String>, f64);

/// How often something happened, by the stable name of its kind: each name there is, also those of zero.
pub type Counts = Vec<(&'static str, u64)>;

/// What a keeper knows of itself and its cluster, at one moment.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The latest; `None` before the first.
    pub topology: Option<Arc<Topology>>,
    /// Where its nodes stand, and what is wrong with that; a moment behind the latest. `None` before the first.
    pub audited: Option<Arc<Audited>>,
    /// How the cluster is.
    pub health: Health,
    /// Since a node last showed that the topology holds; before the first, since the keeper was opened.
    pub age: Duration,
    /// Nodes that have never answered at the address they announce.
    pub unreachable_nodes: usize,
    /// From the beginning of each round to its topology.
    pub refresh_latency: Latencies,
    /// By cause.
    pub rounds: Counts,
    /// Those that gave no topology.
    pub rounds_failed: u64,
    /// By reason.
    pub views_rejected: Counts,
    /// Calls that asked to look anew, by what they are.
    pub triggers: Counts,
    /// Small questions beside the rounds.
    pub pulses: u64,
    /// Conversations with nodes, by verdict.
    pub probes: Counts,
    /// Connections that were opened.
    pub connections_opened: u64,
    /// Those that are open.
    pub connections_open: u64,
    /// Commands that were sent.
    pub requests: u64,
    /// Of all commands.
    pub bytes_sent: u64,
    /// Of all replies.
    pub bytes_received: u64,
    /// For replies; side by side counts twice.
    pub waited: Duration,
    /// How often a node has refused the credentials.
    pub credentials_refused: u64,
    /// Events that nobody came for.
    pub events_dropped: u64,
}

/// The values of one series at one moment.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The row of the table.
    pub metric: &'static Metric,
    /// A value for each of the row's labels.
    pub labels: Vec<String>,
    /// What was measured.
    pub value: Value,
}

/// What was measured.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Of a gauge or a counter.
    Number(f64),
    /// Of a histogram.
    Latencies(Latencies),
}

/// How many times were how long.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Latencies {
    counts: [u64; Latencies::BOUNDS.len() + 1],
    sum: Duration,
}

impl Metric {
    /// Whether only the Java side knows its values: the core gives no samples of it.
    pub fn is_of_java(&self) -> bool {
        matches!(self.read, Read::Java)
    }

    pub(super) fn samples(&'static self, facts: &Facts) -> Vec<Sample> {
        let sample = |(labels, value)| Sample { metric: self, labels, value };
        match self.read {
            Read::Number(read) => vec![sample((Vec::new(), Value::Number(read(facts))))],
            Read::Labelled(read) => {
                read(facts).into_iter().map(|(labels, number)| sample((labels, Value::Number(number)))).collect()
            }
            Read::Histogram(read) => vec![sample((Vec::new(), Value::Latencies(read(facts).clone())))],
            Read::Java => Vec::new(),
        }
    }
}

impl std::fmt::Debug for Metric {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Kind {
    /// The word of the text exposition: `gauge`, `counter` or `histogram`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Gauge => "gauge",
            Kind::Counter => "counter",
            Kind::Histogram(_) => "histogram",
        }
    }
}

impl Latencies {
    /// The bounds of a histogram of rounds, in seconds. A round in one room takes some milliseconds, one with a slow second opinion
    /// 20 ms, one with a node that does not answer 100 ms; where none answers at first, a half of `probe.timeout-ms` and more.
    pub const BOUNDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

    /// Takes down one more.
    pub fn note(&mut self, took: Duration) {
        let seconds = took.as_secs_f64();
        let place = Self::BOUNDS.iter().take_while(|&&bound| seconds > bound).count();
        self.counts[place] += 1;
        self.sum += took;
    }

    /// For each bound how many were at most so long and above the bound before; last, how many were longer than all bounds.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// How long all were together.
    pub fn sum(&self) -> Duration {
        self.sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_latency_is_counted_under_the_first_bound_that_is_not_below_it() {
        let mut latencies = Latencies::default();
        for (micros, place) in [(0, 0), (1000, 0), (1001, 1), (10_000_000, 13), (10_000_001, 14), (u64::MAX >> 8, 14)] {
            let before = latencies.counts()[place];
            latencies.note(Duration::from_micros(micros));
            assert_eq!(latencies.counts()[place], before + 1, "{micros} us");
        }
        assert_eq!(latencies.counts().iter().sum::<u64>(), 6);
    }
}
