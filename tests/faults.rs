//! Faults of which no other test shows what a keeper makes of them, on real clusters. All faults: docs/faults.md.

mod support;

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use slotkeeper::cluster::address::Address;
use slotkeeper::cluster::diff::{Change, NodeName, diff};
use slotkeeper::cluster::nodes::Flags;
use slotkeeper::cluster::outlook::{SlotState, Trouble};
use slotkeeper::policy::health::Health;
use slotkeeper::{Event, Keeper, Topology};
use support::cluster::wait::until;
use support::cluster::{Cluster, Options, Outcome, can_drop_packets, has};
use support::kept::{open_known, wait_for, wait_for_owner, wait_for_truth, wait_until_well};

const SOON: Duration = Duration::from_secs(30);

#[test]
fn a_zone_that_takes_the_majority_with_it_leaves_nothing_served_until_it_is_back() -> Outcome {
    let cluster = Cluster::start(&Options::new("A/B A/B B/A").password("s3cret"))?;
    let (keeper, _) = open_known(&cluster, &[]);
    cluster.stop("zone:A")?;
    wait_for(&keeper, "all slots to be without a quorum", |topology| {
        let troubles = [0, 8000, 16383].map(|slot| topology.slot_trouble(slot));
        (topology.health(), troubles) == (Health::Down, [Some(Trouble::NoQuorum); 3])
    })?;
    assert_eq!(keeper.topology().unwrap().served_slots(), 0);
    cluster.resume("zone:A")?;
    wait_until_well(&keeper).map(drop)
}

/// Nodes that go on after a stop hear only then that others of them had failed, and hold to it for two node timeouts.
#[test]
fn a_zone_that_is_back_does_not_fail_again_by_the_word_of_its_own_nodes() -> Outcome {
    let cluster = Cluster::start(&Options::new("A/B A/A B/C B/A C/B").password("s3cret"))?;
    let (keeper, _) = open_known(&cluster, &[]);
    let master = cluster.node("m1")?.id.ok_or("m1 has no id")?;
    let of_m1 = cluster.truth()?.slots_of("m1")[0].0;
    cluster.stop("zone:A")?;
    wait_for_owner(&cluster, &keeper, 0, "r0")?;
    wait_for(&keeper, "slots to be lost", |topology| topology.slot_trouble(of_m1) == Some(Trouble::NoReplica))?;
    cluster.resume("zone:A")?;
    wait_until_well(&keeper)?;
    while keeper.next_event(Duration::ZERO).unwrap().is_some() {}

    let accuses = |node: &str| -> Result<bool, String> {
        let told = cluster.command(node, &["CLUSTER", "NODES"]).map_err(|failure| failure.to_string())?.text();
        Ok(told.lines().any(|line| line.starts_with(&master) && line.contains(",fail ")))
    };
    let mut were_any = false;
    until("nobody to hold it for failed", SOON, || {
        let accusers: Vec<bool> = ["m0", "r1", "r3"].into_iter().map(accuses).collect::<Result<_, String>>()?;
        were_any |= accusers.contains(&true);
        if accusers.contains(&true) { Err(format!("{accusers:?}")) } else { Ok(()) }
    })?;
    assert!(were_any, "nobody has heard late that {master} had failed");
    while let Some(event) = keeper.next_event(Duration::ZERO).unwrap() {
        let Event::Changed { changes, .. } = event else { continue };
        let is_bad = |change: &Change| matches!(change, Change::Refusing(true) | Change::Slots(Some(_), _));
        assert!(!changes.iter().any(is_bad), "{changes:?}");
    }
    Ok(())
}

#[test]
fn a_cluster_whose_nodes_are_all_restarted_is_followed() -> Outcome {
    let cluster = Cluster::start(&Options::new("A/B B/A A/B").password("s3cret"))?;
    let (keeper, _) = open_known(&cluster, &[]);
    cluster.kill("all")?;
    until("nobody to be heard", SOON, || match keeper.status().health {
        Health::Unknown => Ok(()),
        health => Err(health.name().to_owned()),
    })?;
    assert_eq!(keeper.topology().unwrap().owners().count(), 16384, "what was known stands");
    cluster.restart("all")?;
    until("all to be well", SOON, || match keeper.status().health {
        Health::Ok if keeper.status().failed_nodes.is_empty() => Ok(()),
        health => Err(health.name().to_owned()),
    })?;
    cluster.wait_until_whole(SOON)?;
    wait_for_truth(&cluster, &keeper).map(drop)
}

#[test]
fn a_node_with_another_password_is_no_hindrance() -> Outcome {
    let cluster = Cluster::start(&Options::new("A A A").password("s3cret"))?;
    cluster.change_password("m1", "0ther")?;
    let (keeper, _) = open_known(&cluster, &[]);
    until("the credentials to be refused", SOON, || match keeper.status().credentials_refused {
        0 => Err("not yet".to_owned()),
        _ => Ok(()),
    })?;
    cluster.move_slots("m0", "m2", 5, 5)?;
    let topology = wait_for_owner(&cluster, &keeper, 5, "m2")?;
    assert_eq!(topology.health(), Health::Ok, "it refuses us, and serves all the same");
    Ok(())
}

#[test]
fn a_replica_that_was_dead_before_us_does_not_keep_us_from_hearing_the_living() -> Outcome {
    let cluster = Cluster::start(&Options::new("A/B A A").password("s3cret"))?;
    cluster.kill("r0")?;
    until("all to hold it for failed", SOON, || {
        let is_failed = |node: &str| Ok(cluster.command(node, &["CLUSTER", "NODES"])?.text().contains("slave,fail "));
        let told: Outcome<Vec<bool>> = ["m0", "m1", "m2"].into_iter().map(is_failed).collect();
        let told = told.map_err(|failure| failure.to_string())?;
        if told == [true; 3] { Ok(()) } else { Err(format!("{told:?}")) }
    })?;
    let (keeper, _) = open_known(&cluster, &[]);
    let mut waited = Duration::ZERO;
    for (from, to) in [("m0", "m1"), ("m1", "m2"), ("m2", "m0")] {
        cluster.move_slots(from, to, 5, 5)?;
        let start = Instant::now();
        wait_for_owner(&cluster, &keeper, 5, to)?;
        waited += start.elapsed();
    }
    // Rounds alone come every four to five seconds while a node has failed.
    assert!(waited < Duration::from_secs(8), "three changes were known after {waited:?} in all");
    Ok(())
}

#[test]
fn a_master_that_one_other_loses_sight_of_goes_on_serving() -> Outcome {
    if !can_drop_packets() {
        println!("left out here: this test, which drops packets (needs root and iptables)");
        return Ok(());
    }
    let cluster = Cluster::start(&Options::new("A/B B/A A/B").password("s3cret"))?;
    let (keeper, _) = open_known(&cluster, &[]);
    cluster.drop_between("m0", "m1")?;
    // Each of the two suspects the other, and answers us: nobody else joins them.
    let witness = cluster.node("m0")?.address();
    let witness = Address::new(witness.ip().to_string(), witness.port());
    until("a master to be suspected, and all slots to be served", SOON, || {
        let topology = keeper.refresh_from(&witness, SOON).map_err(|error| error.to_string())?;
        let is_suspected = topology.nodes().slot_owners().any(|master| master.has(Flags::SUSPECTED));
        if is_suspected && topology.health() == Health::Ok { Ok(()) } else { Err(format!("{topology:?}")) }
    })?;
    cluster.heal("all")?;
    wait_for(&keeper, "nobody to be suspected", |topology| {
        !topology.nodes().iter().any(|node| node.has(Flags::SUSPECTED)) && topology.health() == Health::Ok
    })?;
    Ok(())
}

#[test]
fn a_failover_that_was_possible_and_does_not_come_is_not_waited_for_for_ever() -> Outcome {
    // Its data being older than its master's silence plus 2 s, the replica does not stand for election; nobody else can see that.
    let old_data = "cluster-slave-validity-factor 1\nrepl-ping-slave-period 1";
    let cluster = Cluster::start(&Options::new("A/B B/A A/B").password("s3cret").config(old_data))?;
    let (keeper, _) = open_known(&cluster, &[]);
    cluster.command("r0", &["CONFIG", "SET", "masterauth", "0ther"])?;
    cluster.command("m0", &["CLIENT", "KILL", "TYPE", "slave"])?;
    until("the replica to be left behind", SOON, || {
        let info = cluster.command("r0", &["INFO", "replication"]).map_err(|failure| failure.to_string())?.text();
        let since = info.lines().find_map(|line| line.strip_prefix("master_link_down_since_seconds:"));
        match since.and_then(|seconds| seconds.trim().parse::<u32>().ok()) {
            Some(seconds) if seconds > 4 => Ok(()),
            _ => Err(format!("{since:?}")),
        }
    })?;
    cluster.kill("m0")?;
    let killed = Instant::now();
    let trouble = |topology: &Topology| topology.slot_trouble(0);
    wait_for(&keeper, "a failover to be expected", |topology| {
        trouble(topology).is_some_and(|it| it.state() == SlotState::Pending)
    })?;
    wait_for(&keeper, "it to be overdue", |topology| trouble(topology) == Some(Trouble::FailoverOverdue))?;
    // Twice the node timeout and 5 s, from the moment when its master was first missed.
    assert!(killed.elapsed() > Duration::from_secs(6), "after {:?}", killed.elapsed());
    cluster.restart("m0")?;
    wait_until_well(&keeper).map(drop)
}

#[test]
fn a_loading_node_is_no_hindrance() -> Outcome {
    if !has("this test: data that is read slowly", 6, 0)? {
        return Ok(());
    }
    let cluster = Cluster::start(&Options::new("A/B B/A A/B").password("s3cret"))?;
    let (keeper, _) = open_known(&cluster, &[]);
    cluster.kill("m0")?;
    cluster.wait_failover("m0", SOON)?;
    cluster.restart_loading("m0", Duration::from_secs(5))?;
    wait_until_well(&keeper)?;
    until("it to have loaded, and to be back", SOON, || match &keeper.status().failed_nodes[..] {
        [] => Ok(()),
        failed => Err(format!("{failed:?}")),
    })
}

#[test]
fn a_node_that_comes_back_at_another_address_with_its_id_is_asked_there_and_no_longer_at_the_old_one() -> Outcome {
    let options = Options::new("A/B B/A A/B").password("s3cret").node_timeout(Duration::from_secs(15));
    let cluster = Cluster::start(&options)?;
    let seeds = ["m0", "m2", "r2"].map(|node| cluster.node(node).unwrap().address().to_string()).join(",");
    let (keeper, first) = open_known(&cluster, &[("seeds", &seeds)]);
    for (node, host) in [("r0", Ipv4Addr::new(127, 2, 0, 140)), ("m1", Ipv4Addr::new(127, 2, 0, 141))] {
        let before = cluster.node(node)?;
        cluster.relocate(node, host)?;
        let moved = |topology: &Topology| {
            let mut nodes = topology.addresses();
            nodes.any(|(known, address)| Some(known.id().to_string()) == before.id && address.ip() == Some(host.into()))
        };
        wait_for(&keeper, "the new address", moved)?;
        // A replica of it asks the old one until it has heard.
        cluster.wait_until_whole(SOON)?;
        wait_until_well(&keeper)?;
        let old = TcpListener::bind(before.address()).unwrap();
        old.set_nonblocking(true).unwrap();
        let requests = keeper.status().requests;
        for _ in 0..5 {
            keeper.refresh(SOON).unwrap();
        }
        until("three pulses more", SOON, || match keeper.status().requests - requests {
            asked if asked >= 5 * 9 + 3 => Ok(()),
            asked => Err(format!("{asked} requests")),
        })?;
        assert_eq!(old.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "{node} is asked at its old address");
        let told = told(&keeper);
        let is_move = |change: &Change| {
            let name = |name: &NodeName| name.address.as_ref().and_then(Address::ip);
            matches!(change, Change::Moved(old, new) if name(old) == Some(before.host.into()) && name(new) == Some(host.into()))
        };
        assert_eq!(told.iter().filter(|change| is_move(change)).count(), 1, "{told:?}");
    }
    let all = diff(Some(&first), &keeper.topology().unwrap());
    assert!(all.len() == 2 && all.iter().all(|change| matches!(change, Change::Moved(..))), "{all:?}");
    Ok(())
}

/// All that the keeper has told of and nobody has taken.
fn told(keeper: &Keeper) -> Vec<Change> {
    let events = std::iter::from_fn(|| keeper.next_event(Duration::ZERO).unwrap());
    let changes =
        events.filter_map(|event| if let Event::Changed { changes, .. } = event { Some(changes) } else { None });
    changes.flat_map(|changes| changes.to_vec()).collect()
}
