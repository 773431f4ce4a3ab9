//! The audit inside a keeper, on real clusters: what is found at the start, what is told when the layout changes, and what forbids a start.

mod support;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use slotkeeper::policy::baseline::Baseline;
use slotkeeper::policy::finding::{Finding, Rule};
use slotkeeper::{Config, ErrorKind, Event, Keeper};
use support::cluster::wait::until;
use support::cluster::{Cluster, Options, Outcome, has};
use support::kept::{open, value};

const SOON: Duration = Duration::from_secs(30);
const ZONES: &[(&str, &str)] = &[("zone.A", "127.1."), ("zone.B", "127.2."), ("zone.C", "127.3.")];
/// The project's disaster: two of five masters in zone A, and one of them with its replica.
const DISASTER: &str = "A/A A/B B/C B/A C/B";
const SOUND: &str = "A/B A/C B/C B/A C/A";

fn start(layout: &str) -> Outcome<Cluster> {
    Cluster::start(&Options::new(layout).password("s3cret"))
}

fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [ZONES, more].concat()
}

fn config(cluster: &Cluster, settings: &[(&str, &str)]) -> Config {
    let mut config = Config::new();
    config.set("seeds", &cluster.seeds()).unwrap();
    config.set("password", "s3cret").unwrap();
    settings.iter().for_each(|(name, value)| config.set(name, value).unwrap());
    config
}

/// Takes events until one tells of an audit of which this is true.
fn told(keeper: &Keeper, what: &str, holds: impl Fn(&[Finding], &[Finding]) -> bool) -> Outcome {
    until(what, SOON, || match keeper.next_event(Duration::from_secs(1)) {
        Ok(Some(Event::Audited { appeared, vanished, .. })) if holds(&appeared, &vanished) => Ok(()),
        other => Err(format!("{other:?}")),
    })
}

#[test]
fn the_disaster_is_found_at_the_start_and_a_failover_is_judged() -> Outcome {
    let cluster = start(DISASTER)?;
    let keeper = open(&cluster, &with(&[("pulse.interval-ms", "100")]));
    let names_it = |finding: &&Finding| {
        let sentence = &finding.sentence;
        finding.rule == Rule::ShardInOneZone && sentence.contains("127.1.0.1:") && sentence.contains("zone A")
    };
    told(&keeper, "the shard in one zone", |appeared, _| appeared.iter().any(|finding| names_it(&finding)))?;
    let audited = keeper.audit().expect("it was told of");
    assert!(audited.findings().iter().any(|finding| names_it(&finding)) && audited.compliance() < 0.81);
    assert_eq!(value(&keeper, "slotkeeper_audit_findings", "rule=\"shard-in-one-zone\""), 1.0);
    assert_eq!(value(&keeper, "slotkeeper_audit_findings", "rule=\"quorum-lost-with-zone\""), 0.0);
    assert_eq!(value(&keeper, "redis_node_distribution", "zone=\"A\",role=\"master\""), 2.0);

    // The drill: then three of five masters stand in zone B.
    cluster.failover("r1", SOON)?;
    told(&keeper, "the quorum that hangs on zone B", |appeared, _| {
        appeared.iter().any(|finding| finding.rule == Rule::QuorumLostWithZone && finding.sentence.contains("zone B"))
    })?;
    assert_eq!(value(&keeper, "slotkeeper_audit_findings", "rule=\"quorum-lost-with-zone\""), 1.0);
    assert_eq!(value(&keeper, "slotkeeper_audit_compliance", ""), 0.0);
    assert_eq!(value(&keeper, "redis_node_distribution", "zone=\"B\",role=\"master\""), 3.0);
    cluster.failover("m1", SOON)?;
    told(&keeper, "that it is over", |_, vanished| {
        vanished.iter().any(|finding| finding.rule == Rule::QuorumLostWithZone)
    })?;
    assert!(value(&keeper, "slotkeeper_audit_compliance", "") > 0.79);
    Ok(())
}

#[test]
fn what_makes_no_new_generation_is_found_as_well() -> Outcome {
    if !has("this test: cluster-replica-no-failover", 5, 0)? {
        return Ok(());
    }
    let cluster = start(SOUND)?;
    let keeper = open(&cluster, &with(&[("pulse.interval-ms", "100")]));
    until("the first audit", SOON, || keeper.audit().map(drop).ok_or("none".to_owned()))?;
    let generation = keeper.status().generation;
    cluster.command("r0", &["CONFIG", "SET", "cluster-replica-no-failover", "yes"])?;
    told(&keeper, "the barred replica", |appeared, _| {
        let rules: Vec<Rule> = appeared.iter().map(|finding| finding.rule).collect();
        rules == [Rule::NoPromotableReplica, Rule::ReplicaNoFailover]
    })?;
    assert_eq!(keeper.status().generation, generation);
    Ok(())
}

#[test]
fn what_has_moved_since_the_baseline_is_told_and_that_it_is_back() -> Outcome {
    let cluster = start(SOUND)?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("cluster.baseline");
    let settings = with(&[("pulse.interval-ms", "100"), ("audit.baseline-file", file.to_str().unwrap())]);
    let keeper = open(&cluster, &settings);
    let is_drift = |finding: &Finding, part: &str| finding.rule == Rule::Drift && finding.sentence.contains(part);
    let drifts = |findings: &[Finding], part: &str| findings.iter().any(|finding| is_drift(finding, part));
    told(&keeper, "that there is no file", |appeared, _| drifts(appeared, "cluster.baseline: No such file"))?;
    assert_eq!(value(&keeper, "slotkeeper_audit_findings", "rule=\"drift\""), 1.0);

    let audited = keeper.audit().unwrap();
    let baseline = Baseline::of(audited.topology(), audited.placement(), &HashMap::new()).unwrap();
    std::fs::write(&file, baseline.to_string())?;
    cluster.failover("r1", SOON)?;
    let master = cluster.node("r1")?.address().to_string();
    told(&keeper, "the other master", |appeared, vanished| {
        drifts(appeared, &format!("{master} in zone C")) && drifts(vanished, "No such file")
    })?;
    cluster.failover("m1", SOON)?;
    told(&keeper, "that it is over", |_, vanished| drifts(vanished, &format!("{master} in zone C")))?;
    assert_eq!(value(&keeper, "slotkeeper_audit_findings", "rule=\"drift\""), 0.0);
    Ok(())
}

#[test]
fn fail_start_refuses_the_disaster_and_lets_what_is_sound_begin() -> Outcome {
    let cluster = start(DISASTER)?;
    let strict = with(&[("audit.fail-start", "true")]);
    let error = Keeper::open(&config(&cluster, &strict)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AuditFailed);
    let master = cluster.node("m0")?.address().to_string();
    for part in ["shard-in-one-zone", &master, "zone A", "slots 0-32"] {
        assert!(error.message().contains(part), "{part}: {error}");
    }
    drop(cluster);

    let cluster = start(SOUND)?;
    let keeper = Keeper::open(&config(&cluster, &strict)).unwrap();
    assert!(keeper.audit().is_some_and(|audited| audited.findings().is_empty() && audited.compliance() == 1.0));
    keeper.close();
    assert!(keeper.audit().is_some(), "still readable");

    // In an outage the layout is what is left: who restarts then must come up.
    cluster.kill("m0")?;
    cluster.wait_failover("m0", SOON)?;
    let keeper = Keeper::open(&config(&cluster, &strict)).unwrap();
    let critical = |keeper: &Keeper| keeper.audit().unwrap().findings().iter().any(|f| f.rule == Rule::OrphanMaster);
    assert!(critical(&keeper), "{:?}", keeper.audit().unwrap().findings());
    Ok(())
}

#[test]
fn fail_start_does_not_wait_for_a_cluster_that_is_silent_beyond_the_deadline() {
    let mut config = Config::new();
    for (name, value) in
        [("seeds", "127.3.3.3:1"), ("audit.fail-start", "true"), ("seeds.deadline-ms", "300"), ("zone.A", "127.1.")]
    {
        config.set(name, value).unwrap();
    }
    let start = Instant::now();
    let keeper = Keeper::open(&config).unwrap();
    assert!(keeper.audit().is_none() && start.elapsed() >= Duration::from_millis(300), "{:?}", start.elapsed());
    assert!(start.elapsed() < Duration::from_secs(5));
}
