//! What one keeper and what many cost a cluster, and this process: at rest, and while a master fails over.
//!
//! `make bench-fleet`, or `cargo bench --bench fleet -- --keepers 200 --seconds 30`. Leaves `target/fleet.json`.
//!
//! Three masters and three replicas, each a process; all keepers in this one, on its one worker thread. The servers' side is counted by the
//! servers: commands by `INFO commandstats`, processor time by `INFO cpu`, less what they use before the first keeper is opened. Our side is
//! the process's own: processor time and resident memory. From the cost of one keeper follows the table of what more would cost each server:
//! costs add up, and the masters' share is the same for all.

#[path = "../../tests/support/cluster.rs"]
mod cluster;
#[path = "../../tests/support/process.rs"]
mod process;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use cluster::views::field;
use cluster::{Cluster, Options, Outcome};
use slotkeeper::{Config, Keeper};
use support::{number, verdict};

const PASSWORD: &str = "s3cret";

/// For so long after the failure of a master its cost is counted: with a node timeout of 1 s all is over by then.
const FAILOVER: Duration = Duration::from_secs(10);

/// What is promised of one keeper at six nodes: so much of a core in percent, and so many KB.
const OWN_AT_MOST: f64 = 0.1;
const MEMORY_AT_MOST: u64 = 2048;

/// What was used up to a moment.
#[derive(Clone, Default)]
struct Usage {
    commands: BTreeMap<String, u64>,
    /// Processor time of the servers, in seconds.
    servers: f64,
    /// The same of this process.
    own: f64,
}

/// What was used a second.
struct Rate {
    commands: BTreeMap<String, f64>,
    servers: f64,
    own: f64,
}

fn main() -> Outcome {
    // `cargo test --benches` runs this as well, and is not to wait for it.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let (count, seconds) = (number("--keepers", 200)?, number("--seconds", 30)?);
    let cluster = Cluster::start(&Options::new("A/B B/C C/A").password(PASSWORD))?;
    let nodes = cluster.nodes().len() as f64;
    let rest = Duration::from_secs(seconds);
    let idle = measure(&cluster, rest)?;

    let before = process::status("RssAnon:")?;
    let first = open_all(&cluster, 1)?;
    let alone = process::status("RssAnon:")?.saturating_sub(before);
    let usage = measure(&cluster, rest)?.less(&idle);
    println!("one keeper alone, at rest, with the threads that all share:");
    usage.print();
    println!("    {}  (at most {OWN_AT_MOST} %)", verdict(100.0 * usage.own <= OWN_AT_MOST));
    println!(
        "  memory of this process: {alone} KB: {}  (at most {MEMORY_AT_MOST} KB)",
        verdict(alone <= MEMORY_AT_MOST)
    );
    first.iter().for_each(Keeper::close);

    let before = process::memory()?;
    let keepers = open_all(&cluster, count)?;
    let memory = process::memory()?.saturating_sub(before) as f64 * 1024.0 / count as f64;
    let at_rest = measure(&cluster, rest)?.less(&idle).by(count as f64);
    println!("{count} keepers, each, at rest:");
    at_rest.print();
    println!("  memory of this process: {:.0} KB", memory / 1024.0);

    cluster.kill("m0")?;
    let failing = measure(&cluster, FAILOVER)?.less(&idle).by(count as f64);
    println!("each, in the {} s after a master was killed:", FAILOVER.as_secs());
    failing.print();

    println!("\n{:>12} {:>22} {:>26}", "applications", "a server's core, at rest", "the same, in a failover");
    let share = |rate: &Rate, applications: f64| 100.0 * rate.servers / nodes * applications;
    for applications in [1.0, 200.0, 1_000.0, 10_000.0] {
        println!(
            "{applications:>12} {:>22.3} % {:>24.3} %",
            share(&at_rest, applications),
            share(&failing, applications)
        );
    }
    let json = format!(
        "{{\"keepers\":{count},\"memory_bytes\":{memory:.0},\"at_rest\":{},\"failover\":{}}}\n",
        at_rest.json(),
        failing.json()
    );
    fs::write(support::target().join("fleet.json"), json).map_err(|error| error.to_string())?;
    keepers.iter().for_each(Keeper::close);
    Ok(())
}

/// So many keepers, once their first conversations are over.
fn open_all(cluster: &Cluster, count: u64) -> Outcome<Vec<Keeper>> {
    let keepers: Vec<Keeper> = (0..count).map(|_| open(cluster)).collect();
    for keeper in &keepers {
        keeper.wait_newer(0, Duration::from_secs(30)).map_err(|error| error.to_string())?.ok_or("no topology")?;
    }
    std::thread::sleep(Duration::from_secs(3));
    Ok(keepers)
}

fn open(cluster: &Cluster) -> Keeper {
    let mut config = Config::new();
    config.set("seeds", &cluster.seeds()).expect("addresses");
    config.set("password", PASSWORD).expect("a password");
    Keeper::open(&config).expect("the seeds are addresses")
}

/// What is used while some time passes.
fn measure(cluster: &Cluster, time: Duration) -> Outcome<Rate> {
    let (before, start) = (usage(cluster)?, Instant::now());
    std::thread::sleep(time);
    let (after, seconds) = (usage(cluster)?, start.elapsed().as_secs_f64());
    let grown = |name: &String, count: u64| count.saturating_sub(before.commands.get(name).copied().unwrap_or(0));
    Ok(Rate {
        commands: after.commands.iter().map(|(name, &n)| (name.clone(), grown(name, n) as f64 / seconds)).collect(),
        servers: (after.servers - before.servers).max(0.0) / seconds,
        own: (after.own - before.own) / seconds,
    })
}

fn usage(cluster: &Cluster) -> Outcome<Usage> {
    let mut usage = Usage { own: process::processor_time()?.as_secs_f64(), ..Usage::default() };
    for node in cluster.nodes().iter().filter(|node| node.pid.is_some()) {
        let stats = cluster.command(&node.name, &["INFO", "commandstats"])?.text();
        for line in stats.lines().filter_map(|line| line.strip_prefix("cmdstat_")) {
            let Some((name, rest)) = line.split_once(":calls=") else { continue };
            let calls = rest.split(',').next().and_then(|calls| calls.parse::<u64>().ok());
            *usage.commands.entry(name.to_owned()).or_default() += calls.ok_or("commandstats without calls")?;
        }
        let cpu = cluster.command(&node.name, &["INFO", "cpu"])?.text();
        for name in ["used_cpu_sys", "used_cpu_user"] {
            usage.servers += field(&cpu, name).parse::<f64>().map_err(|error| format!("{name}: {error}"))?;
        }
    }
    Ok(usage)
}

impl Rate {
    /// What is left if nobody had opened a keeper.
    fn less(self, idle: &Rate) -> Rate {
        let left = |name: &String, rate: f64| (rate - idle.commands.get(name).copied().unwrap_or(0.0)).max(0.0);
        Rate {
            commands: self.commands.iter().map(|(name, &rate)| (name.clone(), left(name, rate))).collect(),
            servers: (self.servers - idle.servers).max(0.0),
            own: (self.own - idle.own).max(0.0),
        }
    }

    fn by(self, keepers: f64) -> Rate {
        Rate {
            commands: self.commands.into_iter().map(|(name, rate)| (name, rate / keepers)).collect(),
            servers: self.servers / keepers,
            own: self.own / keepers,
        }
    }

    fn requests(&self) -> f64 {
        self.commands.values().sum()
    }

    fn print(&self) {
        println!("  requests a second: {:.2}", self.requests());
        for (name, rate) in self.commands.iter().filter(|(_, rate)| **rate >= 0.005) {
            println!("    {name}: {rate:.3}");
        }
        println!("  processor time of all servers together: {:.1} us a second", 1e6 * self.servers);
        println!("  of this process: {:.1} us a second, {:.4} % of a core", 1e6 * self.own, 100.0 * self.own);
    }

    fn json(&self) -> String {
        format!(
            "{{\"requests_a_second\":{:.3},\"servers_us_a_second\":{:.1},\"own_us_a_second\":{:.1}}}",
            self.requests(),
            1e6 * self.servers,
            1e6 * self.own
        )
    }
}
