//! How much a keeper asks, and whom it suspects, when a node flaps or the machine it runs on stands still.

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use slotkeeper::cluster::nodes::Flags;
use slotkeeper::{Config, Keeper, Topology};
use support::cluster::server::signal;
use support::cluster::wait::until;
use support::cluster::{Cluster, Options, Outcome};
use support::kept::{open_known, value, wait_for, wait_for_owner};

const SOON: Duration = Duration::from_secs(40);

/// Lets time pass while something goes on elsewhere.
fn pass(time: Duration) {
    let end = Instant::now() + time;
    until("the end", SOON, || if Instant::now() >= end { Ok(()) } else { Err("not yet".to_owned()) }).unwrap();
}

#[test]
fn a_replica_that_flaps_raises_no_alarm() -> Outcome {
    let cluster = Cluster::start(&Options::new("A/B B/A A/B").password("s3cret"))?;
    let (keeper, _) = open_known(&cluster, &[]);
    let id = cluster.node("r1")?.id.ok_or("a node without an id")?.parse().map_err(|()| "no id")?;
    let has_failed = |topology: &Topology| topology.node(id).is_some_and(|node| node.has(Flags::FAILED));
    for _ in 0..3 {
        cluster.stop("r1")?;
        wait_for(&keeper, "the replica to have failed", has_failed)?;
        cluster.resume("r1")?;
        wait_for(&keeper, "the replica to be well", |topology| !has_failed(topology))?;
    }
    cluster.stop("r1")?;
    wait_for(&keeper, "the replica to have failed once more", has_failed)?;
    // The rounds that this made.
    pass(Duration::from_secs(2));
    let (before, start) = (keeper.status(), Instant::now());
    pass(Duration::from_secs(5));
    let requests = (keeper.status().requests - before.requests) as f64 / start.elapsed().as_secs_f64();
    // A pulse and a look at the replica a second, and a round in five; an alarm would add ten pulses a second.
    assert!(requests < 12.0, "{requests} requests a second");
    Ok(())
}

/// It may be the one that has fallen silent, and another may know that already.
#[test]
fn while_a_pulse_is_unanswered_another_node_is_asked() -> Outcome {
    let options = Options::new("A B C").password("s3cret").node_timeout(Duration::from_secs(15));
    let cluster = Cluster::start(&options)?;
    let (keeper, _) = open_known(&cluster, &[("pulse.interval-ms", "700")]);
    let pulses = || value(&keeper, "slotkeeper_pulses_total", "");
    // One in three meets the silent node, and is given up a second later: only then is it suspected, and pulses are quick for that.
    let mut last = (pulses(), None::<Instant>);
    cluster.stop("m0")?;
    until("a pulse and at once another", SOON, || {
        let is_suspected = keeper.topology().is_some_and(|topology| topology.served_slots() < 16384);
        assert!(!is_suspected, "pulses were not quick before the silent node was suspected");
        let (before, at) = last;
        let now = pulses();
        if now > before {
            last = (now, Some(Instant::now()));
        }
        let is_soon = now > before && at.is_some_and(|at| at.elapsed() < Duration::from_millis(350));
        if is_soon || now >= before + 2.0 { Ok(()) } else { Err("pulses come at the usual pace".to_owned()) }
    })
}

/// It asks each of them once, to see whether it can be reached: of many nodes one is untried for long.
#[test]
fn slots_that_move_are_seen_by_the_next_pulse_although_most_nodes_are_untried_yet() -> Outcome {
    let options = Options::new("A/B/B A/B/B A/B/B").password("s3cret").node_timeout(Duration::from_secs(15));
    let cluster = Cluster::start(&options)?;
    let seeds = ["m0", "m1"].map(|node| cluster.node(node).unwrap().address().to_string()).join(",");
    let (keeper, _) = open_known(&cluster, &[("seeds", &seeds)]);
    cluster.move_slots("m0", "m1", 5, 5)?;
    let moved = Instant::now();
    wait_for_owner(&cluster, &keeper, 5, "m1")?;
    // Seven untried ones would take seven seconds.
    assert!(moved.elapsed() < Duration::from_secs(5), "after {:?}", moved.elapsed());
    Ok(())
}

#[test]
fn a_process_that_was_paused_suspects_nobody() -> Outcome {
    pause_a_process(&[7000, 1000, 600, 2500])
}

#[test]
#[ignore = "takes more than half a minute: make soak"]
fn a_process_that_was_paused_for_half_a_minute_suspects_nobody() -> Outcome {
    pause_a_process(&[30_000, 2500])
}

/// For so many milliseconds, one time after the other.
fn pause_a_process(pauses: &[u64]) -> Outcome {
    let cluster = Cluster::start(&Options::new("A/B B/A A/B").password("s3cret"))?;
    let mut process = Process(
        Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture", "keeper_that_is_paused"])
            .env("SEEDS", cluster.seeds())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let child = &mut process.0;
    let mut told = BufReader::new(child.stdout.take().ok_or("no output")?);
    let mut line = String::new();
    while !line.contains("generation 1") {
        line.clear();
        assert!(told.read_line(&mut line).unwrap() > 0, "the keeper's process has ended");
    }
    // Pulses are under way again and again.
    for &pause in pauses {
        signal("STOP", &[child.id()])?;
        pass(Duration::from_millis(pause));
        signal("CONT", &[child.id()])?;
        pass(Duration::from_millis(1700));
    }
    child.stdin.take().ok_or("no input")?.write_all(b"end\n").unwrap();
    let mut rest = String::new();
    told.read_to_string(&mut rest).unwrap();
    assert!(child.wait().unwrap().success(), "{rest}");
    assert!(rest.contains("generation 1 still"), "{rest}");
    Ok(())
}

/// Ends with the test, whatever becomes of it.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only if it has ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Not a test of its own: the process of those above.
#[test]
#[ignore = "a part of other tests"]
fn keeper_that_is_paused() {
    let mut config = Config::new();
    config.set("seeds", &std::env::var("SEEDS").expect("SEEDS names the nodes")).unwrap();
    config.set("password", "s3cret").unwrap();
    let keeper = Keeper::open(&config).unwrap();
    println!("generation {}", keeper.wait_newer(0, SOON).unwrap().expect("a first topology").generation());
    // The first topology, and what its audit finds.
    for _ in 0..2 {
        keeper.next_event(SOON).unwrap().expect("an event");
    }
    std::io::stdin().read_line(&mut String::new()).unwrap();
    let mut told = 0;
    while let Some(event) = keeper.next_event(Duration::ZERO).unwrap() {
        println!("{event:?}");
        told += 1;
    }
    assert_eq!(told, 0);
    println!("generation {} still", keeper.topology().unwrap().generation());
}
