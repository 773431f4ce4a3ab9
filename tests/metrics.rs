//! Metrics of a keeper on a real cluster, and their text as Prometheus's own tool sees it.

mod support;

use std::collections::HashMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use slotkeeper::policy::exposition::lines;
use slotkeeper::policy::metric_table::METRICS;
use slotkeeper::policy::verdict::Verdict;
use slotkeeper::{Config, Keeper};
use support::cluster::wait::until;
use support::cluster::{Cluster, Options, Outcome};
use support::kept::{open_known, wait_for};

const SOON: Duration = Duration::from_secs(20);
const PASSWORD: &str = "s3cret-of-metrics";

/// Every line of the text, by its name with labels.
fn values(keeper: &Keeper) -> HashMap<String, f64> {
    let shown = |name: String, labels: &str| if labels.is_empty() { name } else { format!("{name}{{{labels}}}") };
    keeper.metrics().iter().flat_map(lines).map(|line| (shown(line.name, &line.labels), line.value)).collect()
}

fn wait_for_value(keeper: &Keeper, name: &str, holds: impl Fn(f64) -> bool) -> Outcome {
    until(name, SOON, || match values(keeper).get(name) {
        Some(&value) if holds(value) => Ok(()),
        value => Err(format!("{value:?}")),
    })
}

#[test]
fn a_healthy_cluster_and_the_death_of_a_master_are_seen_in_the_values() -> Outcome {
    let cluster = Cluster::start(&Options::new("A/B B/A A/B").password(PASSWORD))?;
    let (keeper, _) = open_known(&cluster, &[]);
    keeper.refresh(SOON).unwrap();
    let well = values(&keeper);
    for (name, value) in [
        ("redis_cluster_health", 1.0),
        ("redis_slot_coverage", 1.0),
        ("redis_node_distribution{zone=\"none\",role=\"master\"}", 3.0),
        ("redis_node_distribution{zone=\"none\",role=\"replica\"}", 3.0),
        ("slotkeeper_topology_generation", 1.0),
        ("slotkeeper_slots{state=\"served\"}", 16384.0),
        ("slotkeeper_slots{state=\"unserved\"}", 0.0),
        ("slotkeeper_failed_nodes", 0.0),
        ("slotkeeper_rounds_total{cause=\"start\"}", 1.0),
        ("slotkeeper_rounds_failed_total", 0.0),
        ("slotkeeper_triggers_total{trigger=\"refresh\"}", 1.0),
        ("slotkeeper_credentials_refused_total", 0.0),
    ] {
        assert_eq!(well.get(name), Some(&value), "{name}");
    }
    let rounds: f64 = well.iter().filter(|(name, _)| name.starts_with("slotkeeper_rounds_total")).map(|(_, n)| n).sum();
    let timed = well["redis_topology_refresh_latency_count"];
    assert!(timed == rounds || timed == rounds - 1.0, "all but one that may be under way: {well:?}");
    assert_eq!(well["redis_topology_refresh_latency_bucket{le=\"+Inf\"}"], timed);
    assert!(well["redis_topology_refresh_latency_sum"] > 0.0 && well["slotkeeper_topology_age_seconds"] < 10.0);
    assert!(well["slotkeeper_probes_total{verdict=\"healthy\"}"] >= timed);
    assert!((1.0..=6.0).contains(&well["slotkeeper_connections"]), "{well:?}");
    assert!(well["slotkeeper_received_bytes_total"] > well["slotkeeper_sent_bytes_total"]);

    cluster.kill("m0,r0")?;
    wait_for(&keeper, "the loss to be known", |topology| topology.served_slots() < 16384)?;
    wait_for_value(&keeper, "redis_slot_coverage", |share| share < 1.0)?;
    wait_for_value(&keeper, "slotkeeper_failed_nodes", |nodes| nodes == 2.0)?;
    wait_for_value(&keeper, "slotkeeper_slots{state=\"unserved\"}", |slots| slots >= 5461.0)?;
    // The others may have told of the dead before we have asked these ourselves.
    wait_for_value(&keeper, "slotkeeper_probes_total{verdict=\"refused\"}", |probes| probes > 0.0)?;
    let lost = values(&keeper);
    assert!(lost["redis_cluster_health"] < 1.0, "{lost:?}");
    assert!(lost["slotkeeper_pulses_total"] > well["slotkeeper_pulses_total"]);

    keeper.close();
    assert_eq!(well.len(), values(&keeper).len(), "no series comes or goes");
    wait_for_value(&keeper, "slotkeeper_connections", |open| open == 0.0)
}

/// Every metric that the core knows has samples; those of Java have none.
#[test]
fn nobody_answers_and_every_metric_is_there_all_the_same() -> Outcome {
    let mut config = Config::new();
    config.set("seeds", "127.3.3.3:1").unwrap();
    config.set("password", PASSWORD).unwrap();
    let keeper = Keeper::open(&config).unwrap();
    wait_for_value(&keeper, "slotkeeper_rounds_failed_total", |rounds| rounds >= 2.0)?;
    let (told, text) = (values(&keeper), keeper.metrics_text());
    assert_eq!((told["redis_cluster_health"], told["redis_slot_coverage"]), (-1.0, 0.0));
    assert_eq!((told["redis_topology_refresh_latency_count"], told["slotkeeper_topology_generation"]), (0.0, 0.0));
    assert!(told["slotkeeper_topology_age_seconds"] > 0.0, "it grows although nobody has ever answered");
    for metric in METRICS {
        let kind = format!("# TYPE {} {}\n", metric.name, metric.kind.name());
        assert_eq!(text.contains(&kind), !metric.is_of_java(), "{}", metric.name);
    }
    for verdict in Verdict::ALL {
        assert!(told.contains_key(&format!("slotkeeper_probes_total{{verdict=\"{}\"}}", verdict.name())), "{verdict}");
    }
    assert!(!text.contains(PASSWORD), "{text}");
    Ok(())
}

/// Needs `promtool`, of Debian's package prometheus.
#[test]
fn promtool_has_nothing_to_say() -> Outcome {
    let cluster = Cluster::start(&Options::new("A/B B/A A/B").password(PASSWORD))?;
    let (keeper, _) = open_known(&cluster, &[]);
    let mut command = Command::new("promtool");
    command.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut promtool = match command.spawn() {
        Ok(promtool) => promtool,
        Err(error) => {
            eprintln!("left out: promtool cannot be started ({error}); scripts/setup.sh installs it as root");
            return Ok(());
        }
    };
    promtool.stdin.take().expect("it is piped").write_all(keeper.metrics_text().as_bytes()).unwrap();
    let output = promtool.wait_with_output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    assert!(output.status.success() && told.is_empty(), "{}", String::from_utf8_lossy(&told));
    Ok(())
}
