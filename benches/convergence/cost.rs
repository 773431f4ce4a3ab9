//! What a keeper asks of the servers while all is well, counted at the servers.
//!
//! INFO commandstats counts by command and not by connection, so all else that asks is kept away or told apart: the harness rests, the
//! masters' own pings to their replicas are put off for the time, and what replicas tell their masters (REPLCONF) no client ever sends.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use slotkeeper::Keeper;

use crate::cluster::{Cluster, Outcome};

/// Commands that were processed within a time, all servers together.
pub struct Steady {
    /// The time.
    pub seconds: f64,
    /// How many of each came from the keeper.
    pub keeper: BTreeMap<String, u64>,
    /// How many of each came from the harness.
    pub harness: BTreeMap<String, u64>,
    /// What the servers told each other.
    pub replication: BTreeMap<String, u64>,
}

impl Steady {
    /// The keeper's requests a second, of all kinds.
    pub fn rate(&self) -> f64 {
        self.keeper.values().sum::<u64>() as f64 / self.seconds
    }
}

/// Opens one keeper, lets it come to rest, and counts for so long.
pub fn measure(cluster: &Cluster, time: Duration, open: impl Fn() -> Keeper) -> Outcome<Steady> {
    println!("steady state: counting for {} s", time.as_secs());
    // The link between master and replica is given up after so many seconds without a word.
    configure(cluster, &[("repl-timeout", "3600"), ("repl-ping-replica-period", "1800")])?;
    let keeper = open();
    keeper.wait_newer(0, Duration::from_secs(10)).map_err(|error| error.to_string())?.ok_or("no first topology")?;
    // Its first conversations are no steady state.
    std::thread::sleep(Duration::from_secs(3));
    let (before, start) = (counts(cluster)?, Instant::now());
    std::thread::sleep(time);
    let (after, seconds) = (counts(cluster)?, start.elapsed().as_secs_f64());
    keeper.close();
    configure(cluster, &[("repl-timeout", "60"), ("repl-ping-replica-period", "1")])?;
    let mut steady =
        Steady { seconds, keeper: BTreeMap::new(), harness: BTreeMap::new(), replication: BTreeMap::new() };
    let nodes = cluster.nodes().len() as u64;
    for (command, count) in after {
        // A count begins anew when a server is restarted, which nobody does meanwhile.
        let mut grown = count.saturating_sub(before.get(&command).copied().unwrap_or(0));
        if command == "replconf" {
            steady.replication.insert(command, grown);
            continue;
        }
        // Between the two looks at each server come the first one's INFO and the second one's AUTH.
        if matches!(command.as_str(), "info" | "auth") {
            let own = grown.min(nodes);
            steady.harness.insert(command.clone(), own);
            grown -= own;
        }
        if grown > 0 {
            steady.keeper.insert(command, grown);
        }
    }
    Ok(steady)
}

fn configure(cluster: &Cluster, settings: &[(&str, &str)]) -> Outcome {
    for node in cluster.nodes() {
        for (name, value) in settings {
            cluster.command(&node.name, &["CONFIG", "SET", name, value])?;
        }
    }
    Ok(())
}

/// How often each command was processed, all servers together.
fn counts(cluster: &Cluster) -> Outcome<BTreeMap<String, u64>> {
    let mut counts = BTreeMap::new();
    for node in cluster.nodes() {
        let info = cluster.command(&node.name, &["INFO", "commandstats"])?.text();
        for line in info.lines().filter_map(|line| line.strip_prefix("cmdstat_")) {
            let calls = line.split_once(":calls=").and_then(|(name, rest)| Some((name, rest.split(',').next()?)));
            let (name, calls) = calls.ok_or_else(|| format!("{}: not a line of commandstats: {line}", node.name))?;
            *counts.entry(name.to_owned()).or_default() += calls.parse::<u64>().map_err(|error| error.to_string())?;
        }
    }
    Ok(counts)
}
