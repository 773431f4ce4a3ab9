//! The table, the floors, and the same as JSON.

use std::fmt::Write;
use std::time::{Duration, Instant};

use crate::cluster::Outcome;
use crate::cost::Steady;
use crate::support::{percentile, target, verdict};
use crate::{PATIENCE, STILL_AT_MOST};

/// What a run has come to: each who watched, and how long after the zero it had the map, in ms; `None`: not within [`PATIENCE`].
pub type Delays = Vec<(&'static str, Option<f64>)>;

/// All that was measured.
#[derive(Default)]
pub struct Report {
    pub series: Vec<Series>,
    pub steady: Option<Steady>,
}

/// The runs of one fault.
pub struct Series {
    fault: &'static str,
    timeout: Duration,
    /// For each who watched the delays of the runs that count, in ms.
    delays: Vec<(&'static str, Vec<f64>)>,
    left_out: usize,
}

/// What is promised of the delays, in ms.
struct Floor {
    median: f64,
    percentile95: f64,
}

impl Series {
    pub fn new(fault: &'static str, timeout: Duration) -> Series {
        Series { fault, timeout, delays: Vec::new(), left_out: 0 }
    }

    /// One run more, in which this machine stood still for at most `still`.
    pub fn add(&mut self, run: &Delays, still: Duration) {
        if still > STILL_AT_MOST {
            self.left_out += 1;
            return;
        }
        for &(watcher, delay) in run {
            let delay = delay.unwrap_or(PATIENCE.as_secs_f64() * 1000.0);
            match self.delays.iter_mut().find(|(known, _)| *known == watcher) {
                Some((_, delays)) => delays.push(delay),
                None => self.delays.push((watcher, vec![delay])),
            }
        }
    }

    /// Whether what was promised for this watcher is held, and what that is; nothing is promised for the servers' usual node timeout,
    /// nor of others.
    fn verdict(&self, watcher: &str, delays: &[f64]) -> Option<(bool, Floor)> {
        let is_failure = !matches!(self.fault, "planned" | "reshard");
        let floor = match (watcher, is_failure) {
            _ if self.timeout > Duration::from_secs(1) => return None,
            ("triggered", _) => Floor { median: 50.0, percentile95: 200.0 },
            ("idle", true) => Floor { median: 100.0, percentile95: 300.0 },
            // At most so long, whichever run.
            ("idle", false) => Floor { median: 1200.0, percentile95: 1200.0 },
            _ => return None,
        };
        let held = percentile(delays, 50)? <= floor.median && percentile(delays, 95)? <= floor.percentile95;
        Some((held, floor))
    }
}

/// The steady state's promise: requests a second.
const STEADY_AT_MOST: f64 = 1.2;

impl Report {
    /// The table, for people.
    pub fn print(&self) {
        println!(
            "\nms from the moment when all owners agree to the keeper's generation; {} ms: not by then",
            PATIENCE.as_millis()
        );
        println!(
            "{:<9} {:>8} {:<14} {:>5} {:>8} {:>8} {:>8} {:>8}  {:<8}  floor",
            "fault", "timeout", "who", "runs", "left out", "median", "95 %", "max", ""
        );
        for series in &self.series {
            for (name, delays) in &series.delays {
                let verdict = series.verdict(name, delays).map_or(String::new(), |(held, floor)| {
                    format!("{:<8}  median {:.0}, 95 % {:.0}", verdict(held), floor.median, floor.percentile95)
                });
                println!(
                    "{:<9} {:>6.0} s {:<14} {:>5} {:>8} {:>8} {:>8} {:>8}  {verdict}",
                    series.fault,
                    series.timeout.as_secs_f64(),
                    name,
                    delays.len(),
                    series.left_out,
                    percentile(delays, 50).map_or("-".to_owned(), |value| format!("{value:.0}")),
                    percentile(delays, 95).map_or("-".to_owned(), |value| format!("{value:.0}")),
                    percentile(delays, 100).map_or("-".to_owned(), |value| format!("{value:.0}")),
                );
            }
        }
        if let Some(steady) = &self.steady {
            println!(
                "\nsteady state, {:.0} s: {:.2} requests a second of one keeper: {}  (at most {STEADY_AT_MOST})",
                steady.seconds,
                steady.rate(),
                verdict(steady.rate() <= STEADY_AT_MOST)
            );
            println!(
                "  of the keeper {:?}; of the harness {:?}; of replication {:?}",
                steady.keeper, steady.harness, steady.replication
            );
        }
    }

    /// The same, and each single delay, in `target/convergence.json`.
    pub fn write_json(&self) -> Outcome {
        let mut series = Vec::new();
        for of_fault in &self.series {
            for (name, delays) in &of_fault.delays {
                let number =
                    |percent| percentile(delays, percent).map_or("null".to_owned(), |value| format!("{value:.2}"));
                let all: Vec<String> = delays.iter().map(|delay| format!("{delay:.2}")).collect();
                let held = of_fault.verdict(name, delays).map_or("null".to_owned(), |(held, _)| held.to_string());
                series.push(format!(
                    "    {{\"fault\": \"{}\", \"node_timeout_ms\": {}, \"who\": \"{name}\", \"runs\": {}, \"left_out\": {}, \
                     \"median_ms\": {}, \"p95_ms\": {}, \"max_ms\": {}, \"held\": {held}, \"delays_ms\": [{}]}}",
                    of_fault.fault,
                    of_fault.timeout.as_millis(),
                    delays.len(),
                    of_fault.left_out,
                    number(50),
                    number(95),
                    number(100),
                    all.join(", ")
                ));
            }
        }
        let mut json =
            format!("{{\n  \"patience_ms\": {},\n  \"series\": [\n{}\n  ]", PATIENCE.as_millis(), series.join(",\n"));
        if let Some(steady) = &self.steady {
            let keeper: Vec<String> =
                steady.keeper.iter().map(|(name, count)| format!("\"{name}\": {count}")).collect();
            write!(
                json,
                ",\n  \"steady\": {{\"seconds\": {:.1}, \"requests_per_second\": {:.3}, \"held\": {}, \"commands\": {{{}}}}}",
                steady.seconds,
                steady.rate(),
                steady.rate() <= STEADY_AT_MOST,
                keeper.join(", ")
            )
            .map_err(|error| error.to_string())?;
        }
        let path = target().join("convergence.json");
        std::fs::write(&path, json + "\n}\n").map_err(|error| format!("{}: {error}", path.display()))?;
        println!("\nthe same as JSON: {}", path.display());
        Ok(())
    }
}

/// From one moment to the other in ms, below zero if the other was before.
pub fn signed(from: Instant, to: Instant) -> f64 {
    match to.checked_duration_since(from) {
        Some(after) => after.as_secs_f64() * 1000.0,
        None => -((from - to).as_secs_f64() * 1000.0),
    }
}

/// A delay in words.
pub fn shown(delay: Option<f64>) -> String {
    delay.map_or(format!("not within {} ms", PATIENCE.as_millis()), |delay| format!("{delay:>5.0} ms"))
}
