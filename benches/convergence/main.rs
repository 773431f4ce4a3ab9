//! How soon a keeper has the new map once the cluster agrees on it, on a real cluster with real faults, and what that costs the servers.
//!
//! `make bench-convergence`, or `cargo bench --bench convergence -- --runs 20 --slow-runs 2`. Leaves `target/convergence.json`.
//!
//! Five masters and five replicas over three zones, the node timeout 1 s. In each run one thing is done to the cluster (see
//! [`faults`]); all nodes are asked every few milliseconds by the harness itself, and the run's zero is the moment from which on all
//! owners of the new map have it by their own word. What is measured is how long after that zero each keeper publishes that map: below zero if
//! it knew before the last master did. Two keepers watch the same runs: `idle`, which nobody asks for anything, and `triggered`, of which
//! a client makes use, and tells it what it meets (see [`client`]). Beside them Lettuce, if it was built ([`lettuce`]).
//!
//! A run in which this machine stood still for more than 50 ms is counted and left out. Floors are told as held or MISSED, and the program
//! fails for none of them: they are for a machine that does nothing else.

// The launcher of real clusters, of which a part is used here.
#[path = "../../tests/support/cluster.rs"]
mod cluster;

mod client;
mod cost;
mod faults;
mod lettuce;
mod report;
#[path = "../support/mod.rs"]
mod support;
#[path = "../../tests/support/watch.rs"]
mod watch;

use std::time::{Duration, Instant};

use cluster::samples::Samples;
use cluster::wait::until;
use cluster::{Cluster, Options, Outcome};
use slotkeeper::{Config, Keeper};

use client::Client;
use faults::Fault;
use lettuce::Lettuce;
use report::{Delays, Report, Series};
use watch::{Still, Watch, map_of};

/// Masters in A, A, B, B and C: any zone may be lost.
const LAYOUT: &str = "A/B A/C B/C B/A C/A";

const PASSWORD: &str = "s3cret";

/// How often each node is asked during a run: the error of the zero is at most so much, and what a thread is late.
const SAMPLE_EVERY: Duration = Duration::from_millis(4);

/// For so long after the zero a keeper is waited for. One that has not published the map by then counts with this time.
const PATIENCE: Duration = Duration::from_secs(5);

/// A machine that stood still for longer spoils the run.
const STILL_AT_MOST: Duration = Duration::from_millis(50);

/// For so long the cluster may take to become whole, and the keepers to settle.
const RESTORED: Duration = Duration::from_secs(90);

struct Arguments {
    runs: usize,
    slow_runs: usize,
    quiet: Duration,
}

fn main() -> Outcome {
    // `cargo test --benches` runs this as well, and is not to wait for it.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let arguments = arguments()?;
    let mut report = Report::default();
    {
        let bench = Bench::start(Duration::from_secs(1))?;
        report.steady = Some(cost::measure(&bench.cluster, arguments.quiet, || bench.open())?);
        let series = report.series.len();
        for fault in Fault::ALL {
            report.series.push(Series::new(fault.name(), bench.timeout));
        }
        // One of each in turn: what else this machine does is shared out over all.
        for run in 0..arguments.runs {
            for (place, fault) in Fault::ALL.into_iter().enumerate() {
                bench.run(fault, run, &mut report.series[series + place])?;
            }
        }
    }
    if arguments.slow_runs > 0 {
        let bench = Bench::start(Duration::from_secs(15))?;
        for fault in [Fault::Kill, Fault::Stop] {
            let mut series = Series::new(fault.name(), bench.timeout);
            (0..arguments.slow_runs).try_for_each(|run| bench.run(fault, run, &mut series))?;
            report.series.push(series);
        }
    }
    report.print();
    report.write_json()
}

fn arguments() -> Outcome<Arguments> {
    let mut arguments = Arguments { runs: 20, slow_runs: 2, quiet: Duration::from_secs(60) };
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    while let Some(name) = words.next() {
        let value = words.next().and_then(|value| value.parse::<u32>().ok());
        let value = value.ok_or_else(|| format!("{name} needs a whole number"))?;
        match name.as_str() {
            "--runs" => arguments.runs = value as usize,
            "--slow-runs" => arguments.slow_runs = value as usize,
            "--quiet-seconds" => arguments.quiet = Duration::from_secs(value.into()),
            _ => return Err(format!("there is no {name}, only --runs, --slow-runs, --quiet-seconds").into()),
        }
    }
    Ok(arguments)
}

/// A cluster and all who watch it.
struct Bench {
    cluster: Cluster,
    timeout: Duration,
    samples: Samples,
    still: Still,
    watches: std::cell::OnceCell<Watches>,
}

struct Watches {
    idle: Watch,
    triggered: Watch,
    client: Client,
    /// If it was built.
    lettuce: Option<Lettuce>,
}

impl Watches {
    /// How long after `zero` each had this map.
    fn delays(&self, start: Instant, zero: Instant, map: &cluster::views::Map) -> Delays {
        let own = [&self.idle, &self.triggered].map(|watch| (watch.name, watch.published(start, map)));
        let others = self.lettuce.iter().flat_map(|lettuce| lettuce.had(start, map));
        own.into_iter().chain(others).map(|(name, at)| (name, at.map(|at| report::signed(zero, at)))).collect()
    }
}

impl Bench {
    fn start(timeout: Duration) -> Outcome<Bench> {
        println!("starting 5 masters and 5 replicas, node timeout {} ms", timeout.as_millis());
        let cluster = Cluster::start(&Options::new(LAYOUT).password(PASSWORD).node_timeout(timeout))?;
        let samples = Samples::start(&cluster, SAMPLE_EVERY, 512);
        samples.set_active(false);
        Ok(Bench { cluster, timeout, samples, still: Still::start(), watches: std::cell::OnceCell::new() })
    }

    fn open(&self) -> Keeper {
        let mut config = Config::new();
        let set = |config: &mut Config, name, value: &str| config.set(name, value).expect("the property is known");
        set(&mut config, "seeds", &self.cluster.seeds());
        set(&mut config, "password", PASSWORD);
        Keeper::open(&config).expect("the keeper opens")
    }

    fn watches(&self) -> &Watches {
        self.watches.get_or_init(|| {
            let triggered = self.open();
            let client = Client::start(triggered.clone(), PASSWORD);
            Watches {
                idle: Watch::start("idle", self.open()),
                triggered: Watch::start("triggered", triggered),
                client,
                lettuce: Lettuce::start(&self.cluster.seeds(), PASSWORD),
            }
        })
    }

    /// Does one thing to the cluster, measures, and makes the cluster whole again.
    fn run(&self, fault: Fault, number: usize, series: &mut Series) -> Outcome {
        let watches = self.watches();
        self.cluster.make_whole(RESTORED)?;
        self.settle(&[&watches.idle, &watches.triggered])?;
        // The pulse must be met at any place of its period.
        std::thread::sleep(Duration::from_millis(fastrand::u64(0..1000)));
        self.samples.set_active(true);
        let before = self.agreed(Duration::from_secs(5), |_| true)?.1;
        let plan = fault.plan(&self.cluster, &before, number)?;
        watches.client.ask(plan.slot);
        watches.lettuce.iter().try_for_each(|lettuce| lettuce.ask(client::key_of(plan.slot)))?;
        let start = Instant::now();
        plan.carry_out(&self.cluster)?;
        let (zero, map) = self.agreed(self.timeout * 4 + Duration::from_secs(20), |map| plan.is_over(map))?;
        let delays = loop {
            let delays = watches.delays(start, zero, &map);
            if delays.iter().all(|(_, delay)| delay.is_some()) || zero.elapsed() >= PATIENCE {
                break delays;
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        watches.client.rest();
        watches.lettuce.iter().try_for_each(Lettuce::rest)?;
        self.samples.set_active(false);
        let still = self.still.longest_since(start);
        series.add(&delays, still);
        let told: Vec<String> =
            delays.iter().map(|(name, delay)| format!("{name} {}", report::shown(*delay))).collect();
        println!(
            "{:<8} {:>3}: {:<52} agreed after {:>5.0} ms; {}{}",
            fault.name(),
            number + 1,
            plan.words,
            report::signed(start, zero),
            told.join(", "),
            if still > STILL_AT_MOST { format!("  (left out: stood still for {still:.0?})") } else { String::new() }
        );
        plan.restore(&self.cluster)
    }

    fn agreed(
        &self,
        limit: Duration,
        wanted: impl Fn(&cluster::views::Map) -> bool,
    ) -> Outcome<(Instant, std::sync::Arc<cluster::views::Map>)> {
        until("all owners to agree on a new map", limit, || {
            self.samples.agreement(&wanted).ok_or_else(|| "they do not".to_owned())
        })
    }

    /// Waits until the keepers have the truth, and no reason left to look more often than they do at rest.
    fn settle(&self, watches: &[&Watch]) -> Outcome {
        until("the keepers to settle", RESTORED, || {
            let truth = self.cluster.truth().map_err(|failure| failure.to_string())?;
            for watch in watches {
                // Between runs they may be asked.
                let topology = watch.keeper.refresh(Duration::from_secs(2)).map_err(|error| error.to_string())?;
                let owner = |slot| topology.owner_of(slot).map(|node| node.id().to_string());
                let nodes = self.cluster.nodes();
                let named = |id: Option<String>| nodes.iter().find(|node| node.id == id).map(|node| node.name.clone());
                let known = map_of(&topology)
                    .iter()
                    .all(|range| truth.owner(range.first) == named(owner(range.first)).as_deref());
                if !known || topology.is_unsettled() {
                    return Err(format!("{} has not: {:?}", watch.name, watch.keeper.status()));
                }
            }
            Ok(())
        })
    }
}
