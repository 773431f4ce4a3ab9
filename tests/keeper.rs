//! The keeper on real clusters: it has the truth, learns of changes, and never takes an old word for a new one.

mod support;

use std::cell::Cell;
use std::time::{Duration, Instant};

use slotkeeper::cluster::diff::Change;
use slotkeeper::cluster::nodes::Role;
use slotkeeper::policy::health::Health;
use slotkeeper::{ErrorKind, Event, Topology};
use support::cluster::resp::Value;
use support::cluster::wait::until;
use support::cluster::{Cluster, Options, Outcome};
use support::kept::{next_change, open, open_known, owner, wait_for, wait_for_truth};

const SOON: Duration = Duration::from_secs(20);
const AT_ONCE: Duration = Duration::from_secs(2);

/// What the topology says of a node of the test cluster.
fn role(cluster: &Cluster, topology: &Topology, name: &str) -> Option<Role> {
    let id = cluster.node(name).unwrap().id.unwrap();
    topology.nodes().iter().find(|node| node.id().to_string() == id).and_then(|node| node.role())
}

#[test]
fn has_the_truth_agrees_with_cluster_slots_and_says_nothing_twice() -> Outcome {
    let cluster = Cluster::start(&Options::new("A/B B/A A/B").password("s3cret"))?;
    let (keeper, topology) = open_known(&cluster, &[]);
    wait_for_truth(&cluster, &keeper)?;
    assert_eq!((topology.generation(), topology.nodes().len(), topology.health()), (1, 6, Health::Ok));
    assert!(matches!(next_change(&keeper, AT_ONCE), Some(Event::Changed { generation: 1, .. })));

    let Value::List(ranges) = cluster.command("m1", &["CLUSTER", "SLOTS"])? else { panic!("no list") };
    let mut slots = 0;
    for range in ranges {
        let Value::List(parts) = range else { panic!("no list") };
        let [Value::Number(from), Value::Number(to), Value::List(master), ..] = &parts[..] else { panic!("{parts:?}") };
        for slot in *from..=*to {
            let owner = topology.owner_of(slot as u16).unwrap();
            assert_eq!((owner.host(), i64::from(owner.port())), (&*master[0].text(), port_of(&master[1])));
            slots += 1;
        }
    }
    assert_eq!(slots, 16384);

    let before = keeper.status().rounds;
    for _ in 0..20 {
        assert_eq!(keeper.refresh(AT_ONCE).unwrap().generation(), 1);
    }
    assert!(keeper.status().rounds > before, "refresh makes rounds");
    assert_eq!(next_change(&keeper, Duration::ZERO), None, "nothing changed, nothing is told");
    Ok(())
}

fn port_of(value: &Value) -> i64 {
    if let Value::Number(port) = value { *port } else { panic!("{value:?} is no port") }
}

#[test]
fn learns_of_a_killed_master_its_successor_and_its_return_although_nobody_asks() -> Outcome {
    let cluster = Cluster::start(&Options::new("A/B B/A B/A").password("s3cret"))?;
    let (keeper, _) = open_known(&cluster, &[]);
    cluster.kill("m0")?;
    cluster.wait_failover("m0", SOON)?;
    let topology = wait_for_truth(&cluster, &keeper)?;
    assert_eq!(owner(&cluster, &topology, 0).as_deref(), Some("r0"));
    // The nodes take a moment longer to say that they take requests again.
    until("the keeper to see the cluster ok", SOON, || match keeper.topology().unwrap().health() {
        Health::Ok => Ok(()),
        health => Err(health.name().to_owned()),
    })?;
    assert_eq!(keeper.status().failed_nodes.len(), 1);

    cluster.restart("m0")?;
    until("the keeper to see the recovery", SOON, || {
        let failed = keeper.status().failed_nodes;
        if failed.is_empty() { Ok(()) } else { Err(format!("{failed:?} failed")) }
    })?;
    let mut told: Vec<Change> = Vec::new();
    let mut last = 0;
    while last < keeper.topology().unwrap().generation() {
        let Some(Event::Changed { generation, changes, .. }) = next_change(&keeper, AT_ONCE) else {
            panic!("generation {} is not told", last + 1)
        };
        assert_eq!(generation, last + 1, "each change once, in order");
        last = generation;
        told.extend(changes);
    }
    for (what, is_told) in [
        ("failed", told.iter().any(|change| matches!(change, Change::Failed(..)))),
        ("promoted", told.iter().any(|change| matches!(change, Change::Promoted(..)))),
        ("slots moved", told.iter().any(|change| matches!(change, Change::SlotsMoved(Some(_), Some(_), _)))),
        ("recovered", told.iter().any(|change| matches!(change, Change::Recovered(..)))),
    ] {
        assert!(is_told, "{what} was not told in {told:?}");
    }
    Ok(())
}

/// While the news spreads, voters are asked that have not heard who won.
#[test]
fn planned_failovers_are_told_once_however_often_is_asked() -> Outcome {
    let cluster = Cluster::start(&Options::new("A/B B/A B/A").password("s3cret"))?;
    let (keeper, _) = open_known(&cluster, &[]);
    next_change(&keeper, AT_ONCE);
    for (promoted, demoted) in [("r0", "m0"), ("m0", "r0"), ("r1", "m1"), ("m1", "r1"), ("r2", "m2"), ("m2", "r2")] {
        std::thread::scope(|scope| {
            let failover = scope.spawn(|| cluster.failover(promoted, SOON));
            while !failover.is_finished() {
                keeper.refresh(AT_ONCE).unwrap();
            }
            failover.join().expect("the failover does not panic")
        })?;
        // All nodes agree by now.
        assert_eq!(role(&cluster, &keeper.refresh(AT_ONCE).unwrap(), promoted), Some(Role::Master));
        until("the old master to be known as a replica", SOON, || {
            let topology = keeper.refresh(AT_ONCE).map_err(|error| error.to_string())?;
            match role(&cluster, &topology, demoted) {
                Some(Role::Replica) => Ok(()),
                role => Err(format!("{role:?}")),
            }
        })?;
    }
    let mut moves = 0;
    while let Some(Event::Changed { changes, .. }) = next_change(&keeper, Duration::ZERO) {
        moves += changes.iter().filter(|change| matches!(change, Change::SlotsMoved(..))).count();
    }
    assert_eq!(moves, 6, "each failover moves its slots once");
    Ok(())
}

/// The epoch does not change: only the map itself shows it.
#[test]
fn learns_of_slots_that_move_although_nobody_asks() -> Outcome {
    let cluster = Cluster::start(&Options::new("A A A").password("s3cret"))?;
    let (keeper, _) = open_known(&cluster, &[]);
    for (from, to, slot) in [("m0", "m2", 5), ("m1", "m2", 6000), ("m0", "m2", 7)] {
        cluster.move_slots(from, to, slot, slot)?;
        wait_for_truth(&cluster, &keeper)?;
    }
    Ok(())
}

/// It keeps its own view, in which nothing is wrong, and may be one of those that are asked.
/// By CLUSTER SETSLOT at each node, as operators mend a cluster: the new owner's claim is older than that of the one that had them.
#[test]
fn slots_that_are_given_away_without_a_new_epoch_are_followed() -> Outcome {
    let cluster = Cluster::start(&Options::new("A/B B/A A/B"))?;
    let (keeper, first) = open_known(&cluster, &[]);
    let truth = cluster.truth()?;
    let epoch = |node: &str| first.owner_of(truth.slots_of(node)[0].0).map(|owner| owner.config_epoch());
    let mut masters = ["m0", "m1", "m2"];
    masters.sort_by_key(|node| epoch(node));
    let [to, other, from] = masters;
    let id = cluster.node(to)?.id.ok_or("it has no id")?;
    for slot in (truth.slots_of(from)[0].0..).take(5) {
        // First who has it, or it would take it back; as it does if a packet of before was under way. Then once more.
        until("the masters to give the slot away", SOON, || {
            for node in [from, to, other] {
                let words = ["CLUSTER", "SETSLOT", &slot.to_string(), "NODE", &id];
                cluster.command(node, &words).map_err(|failure| failure.to_string())?;
            }
            let owner = cluster.truth().map_err(|failure| failure.to_string())?.owner(slot).map(str::to_owned);
            if owner.as_deref() == Some(to) { Ok(()) } else { Err(format!("{owner:?} has it")) }
        })?;
        wait_for_truth(&cluster, &keeper)?;
    }
    Ok(())
}

#[test]
fn a_replica_that_is_forgotten_leaves_although_it_answers() -> Outcome {
    let cluster = Cluster::start(&Options::new("A/B B/A").password("s3cret"))?;
    let (keeper, _) = open_known(&cluster, &[]);
    let replica = cluster.node("r1")?.id.unwrap();
    cluster.forget("r1")?;
    until("the replica to leave", SOON, || {
        let topology = keeper.topology().unwrap();
        let stays = topology.nodes().iter().any(|node| node.id().to_string() == replica);
        if stays { Err("it is still known".to_owned()) } else { Ok(()) }
    })?;
    Ok(())
}

#[test]
fn hardly_asks_and_keeps_three_connections_while_all_is_well() -> Outcome {
    let cluster = Cluster::start(&Options::new("A/B B/A A/B B/A").password("s3cret"))?;
    let (keeper, _) = open_known(&cluster, &[]);
    // The first round asks all seeds, and the next pulses make up for connections that it did not keep.
    let settled = Instant::now() + Duration::from_secs(2);
    until("the start to be over", SOON, || if Instant::now() > settled { Ok(()) } else { Err("not yet".to_owned()) })?;
    let (before, start) = (keeper.status(), Instant::now());
    until("ten pulses", SOON, || match keeper.status().requests - before.requests {
        requests if requests >= 10 => Ok(()),
        requests => Err(format!("{requests} requests")),
    })?;
    assert!(start.elapsed() >= Duration::from_secs(8), "ten requests within {:?}", start.elapsed());
    let after = keeper.status();
    assert_eq!(after.connections_opened, before.connections_opened);
    assert!(after.bytes_sent > before.bytes_sent && after.bytes_received > before.bytes_received);
    assert_eq!(connections_to(&cluster)?.iter().sum::<usize>(), 3);

    // All are asked now, whoever answers.
    cluster.stop("m0")?;
    let most = Cell::new(0);
    wait_for(&keeper, "slot 0 to have another owner", |topology| {
        most.set(connections_to(&cluster).unwrap().into_iter().chain([most.get()]).max().unwrap());
        owner(&cluster, topology, 0).is_some_and(|owner| owner != "m0")
    })?;
    assert_eq!(most.get(), 1, "connections to a node");
    cluster.resume("m0")?;
    until("three connections to be left", SOON, || match connections_to(&cluster) {
        Ok(connections) if connections.iter().sum::<usize>() == 3 => Ok(()),
        connections => Err(format!("{connections:?}")),
    })
}

/// How many connections of keepers each node has that is not stopped.
fn connections_to(cluster: &Cluster) -> Outcome<Vec<usize>> {
    let up = cluster.nodes().into_iter().filter(|node| !node.stopped);
    up.map(|node| Ok(cluster.command(&node.name, &["CLIENT", "LIST"])?.text().matches("name=slotkeeper ").count()))
        .collect()
}

#[test]
fn a_reported_failure_is_looked_after_at_once() -> Outcome {
    let options = Options::new("A/B B/A B/A").password("s3cret").node_timeout(Duration::from_secs(60));
    let cluster = Cluster::start(&options)?;
    let (keeper, _) = open_known(&cluster, &[("pulse.interval-ms", "60000")]);
    cluster.failover("r0", SOON)?;
    let node = cluster.node("m0")?.address().to_string().parse().unwrap();
    keeper.notify_failure(&node).unwrap();
    let topology = wait_for_truth(&cluster, &keeper)?;
    assert_eq!(owner(&cluster, &topology, 0).as_deref(), Some("r0"));
    keeper.close();
    assert_eq!(keeper.notify_failure(&node).unwrap_err().kind(), ErrorKind::Closed);
    Ok(())
}

#[test]
fn a_resumed_master_takes_no_slot_back() -> Outcome {
    let cluster = Cluster::start(&Options::new("A/B B/A B/A").password("s3cret"))?;
    let (keeper, _) = open_known(&cluster, &[("refresh.interval-ms", "100")]);
    cluster.stop("m0")?;
    cluster.wait_failover("m0", SOON)?;
    wait_for_truth(&cluster, &keeper)?;
    let old_master = cluster.node("m0")?.address().to_string().parse().unwrap();
    cluster.resume("m0")?;
    let end = Instant::now() + AT_ONCE;
    while Instant::now() < end {
        // The old master itself is asked, again and again, while it still believes in itself.
        let topology = keeper.refresh_from(&old_master, AT_ONCE).unwrap();
        assert_eq!(owner(&cluster, &topology, 0).as_deref(), Some("r0"));
    }
    Ok(())
}

#[test]
fn a_moved_slot_is_known_as_soon_as_its_old_owner_is_asked() -> Outcome {
    let cluster = Cluster::start(&Options::new("A A A").password("s3cret"))?;
    let (keeper, _) = open_known(&cluster, &[]);
    for (from, to, slot) in [("m0", "m1", 5), ("m1", "m2", 5), ("m2", "m0", 5), ("m0", "m2", 6), ("m2", "m1", 16383)] {
        cluster.move_slots(from, to, slot, slot)?;
        let said_moved = cluster.node(from)?.address().to_string().parse().unwrap();
        let topology = keeper.refresh_from(&said_moved, AT_ONCE).unwrap();
        assert_eq!(owner(&cluster, &topology, slot).as_deref(), Some(to), "slot {slot} from {from} to {to}");
    }
    wait_for_truth(&cluster, &keeper)?;
    Ok(())
}

#[test]
fn a_stranger_is_never_sent_the_password() -> Outcome {
    let cluster = Cluster::start(&Options::new("A A A").password("s3cret"))?;
    let (keeper, _) = open_known(&cluster, &[]);
    let stranger = std::net::TcpListener::bind("127.3.0.202:0").unwrap();
    stranger.set_nonblocking(true).unwrap();
    let address = stranger.local_addr().unwrap().to_string().parse().unwrap();
    assert_eq!(keeper.refresh_from(&address, AT_ONCE).unwrap().generation(), 1);
    assert_eq!(stranger.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    Ok(())
}

#[test]
fn half_a_data_centre_lost_is_down_and_back_by_itself() -> Outcome {
    let cluster = Cluster::start(&Options::new("A/B A/A B/A B/A B/B").password("s3cret"))?;
    let (keeper, _) = open_known(&cluster, &[]);
    cluster.stop("zone:A")?;
    until("the cluster to be down", SOON, || {
        let topology = keeper.refresh(AT_ONCE).map_err(|error| error.to_string())?;
        if topology.health() == Health::Down { Ok(()) } else { Err(topology.health().name().to_owned()) }
    })?;
    until("only m1's slots to be lost", SOON, || {
        let topology = keeper.topology().unwrap();
        let lost: usize = topology.lost_slots().iter().map(|range| range.count()).sum();
        if (3276..=3277).contains(&lost) { Ok(()) } else { Err(format!("{lost} slots are lost")) }
    })?;
    cluster.resume("zone:A")?;
    until("the keeper to see all slots served", SOON, || {
        let topology = keeper.topology().unwrap();
        if topology.served_slots() == 16384 { Ok(()) } else { Err(format!("{} are served", topology.served_slots())) }
    })?;
    wait_for_truth(&cluster, &keeper)?;
    Ok(())
}

#[test]
fn a_cluster_that_is_dead_at_first_is_found_as_soon_as_one_node_answers() -> Outcome {
    let cluster = Cluster::start(&Options::new("A B A").password("s3cret").node_timeout(Duration::from_secs(60)))?;
    cluster.stop("all")?;
    let keeper = open(&cluster, &[("probe.timeout-ms", "200")]);
    assert_eq!(keeper.wait_newer(0, Duration::from_millis(500)).unwrap().map(|t| t.generation()), None);
    let error = keeper.refresh(Duration::from_millis(300)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.message().contains("within 300 ms"), "{error}");
    until("the keeper to have backed off", SOON, || match keeper.status().rounds_failed {
        rounds if rounds >= 4 => Ok(()),
        rounds => Err(format!("{rounds} rounds have failed")),
    })?;
    assert_eq!(keeper.status().health, Health::Unknown);
    cluster.resume("m1")?;
    // Who asks need not wait for the end of the back-off.
    assert_eq!(keeper.refresh(AT_ONCE).unwrap().owners().count(), 16384);
    cluster.resume("all")?;
    wait_for_truth(&cluster, &keeper)?;
    Ok(())
}

#[test]
fn a_cluster_of_another_name_behind_the_same_addresses_is_not_believed_at_once() -> Outcome {
    let cluster = Cluster::start(&Options::new("A A A").password("s3cret").node_timeout(Duration::from_secs(60)))?;
    let (keeper, known) = open_known(&cluster, &[]);
    for node in ["m0", "m1", "m2"] {
        cluster.command(node, &["FLUSHALL"])?;
        cluster.command(node, &["CLUSTER", "RESET", "HARD"])?;
    }
    // Fresh nodes know no slots: nothing of that is taken over.
    let error = keeper.refresh(AT_ONCE).unwrap_err();
    assert!(error.message().contains("it knows no slots"), "{error}");
    assert_eq!(keeper.topology().unwrap().generation(), known.generation());
    assert!(keeper.status().views_rejected >= 3);
    Ok(())
}

#[test]
fn close_lets_everybody_go() -> Outcome {
    let cluster = Cluster::start(&Options::new("A A A").password("s3cret"))?;
    let (keeper, _) = open_known(&cluster, &[]);
    for _ in ["the first topology", "its audit"] {
        keeper.next_event(AT_ONCE).unwrap().expect("an event");
    }
    let waiters: Vec<_> = (0..2)
        .map(|kind| {
            let keeper = keeper.clone();
            std::thread::spawn(move || match kind {
                0 => keeper.wait_newer(1, SOON).unwrap_err().kind(),
                _ => keeper.next_event(SOON).unwrap_err().kind(),
            })
        })
        .collect();
    keeper.close();
    keeper.close();
    for waiter in waiters {
        assert_eq!(waiter.join().unwrap(), ErrorKind::Closed);
    }
    assert_eq!(keeper.refresh(AT_ONCE).unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(keeper.topology().unwrap().generation(), 1, "what was known stays readable");
    Ok(())
}

#[test]
fn callers_share_rounds() -> Outcome {
    let cluster = Cluster::start(&Options::new("A A A").password("s3cret"))?;
    let (keeper, _) = open_known(&cluster, &[]);
    let before = keeper.status().rounds;
    std::thread::scope(|scope| {
        for _ in 0..32 {
            scope.spawn(|| keeper.refresh(AT_ONCE).unwrap());
        }
    });
    let made = keeper.status().rounds - before;
    assert!((1..=8).contains(&made), "32 callers at once made {made} rounds");
    Ok(())
}
