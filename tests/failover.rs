//! Who takes over when nodes die: what the rules say of clusters of any shape, and of those that were really broken.

#[path = "support/captured.rs"]
mod captured;

use std::collections::HashSet;

use slotkeeper::cluster::address::Address;
use slotkeeper::cluster::info_reply::ClusterInfo;
use slotkeeper::cluster::merge::merge;
use slotkeeper::cluster::nodes::{Flags, Node, NodeId};
use slotkeeper::cluster::slots::SlotRange;
use slotkeeper::cluster::topology::Topology;
use slotkeeper::cluster::view::View;
use slotkeeper::policy::failover::{Fate, Forecast, Loss, foresee};
use slotkeeper::{SLOT_COUNT, parse_nodes};

/// A cluster of so many masters, each with replicas of these flags; the id of master 3 begins with `3`, its replicas' with `3` too.
fn cluster(masters: usize, replicas: &[&str]) -> Topology {
    cluster_with_slots(masters, replicas, SLOT_COUNT)
}

fn cluster_with_slots(masters: usize, replicas: &[&str], slots: usize) -> Topology {
    let mut text = String::new();
    for master in 0..masters {
        let (first, next) = (master * slots / masters, (master + 1) * slots / masters);
        let myself = if master == 0 { "myself," } else { "" };
        text +=
            &format!("{} 10.0.0.{master}:1@2 {myself}master - 0 0 1 connected {first}-{}\n", id(master, 0), next - 1);
        for (place, flags) in replicas.iter().enumerate() {
            text +=
                &format!("{} 10.0.1.{master}:1@2 {flags} {} 0 0 1 connected\n", id(master, place + 1), id(master, 0));
        }
    }
    let info = ClusterInfo { state_ok: true, ..ClusterInfo::default() };
    let view = View { from: Address::new("10.0.0.0", 1), reply: parse_nodes(text.as_bytes()).unwrap(), info };
    merge(None, &[view]).topology.unwrap()
}

fn id(master: usize, replica: usize) -> NodeId {
    format!("{master:020x}{replica:020x}").parse().unwrap()
}

fn without<'a>(topology: &'a Topology, dead: &[NodeId]) -> Forecast<'a> {
    let dead: HashSet<NodeId> = dead.iter().copied().collect();
    foresee(topology, |node| dead.contains(&node.id()))
}

fn masters(count: usize) -> Vec<NodeId> {
    (0..count).map(|master| id(master, 0)).collect()
}

/// As it was checked on real servers: masters, how many of them die, whether the cluster recovers.
#[test]
fn a_cluster_recovers_if_a_majority_of_its_masters_is_left() {
    for (count, dead, recovers) in [
        (3, 1, true),
        (3, 2, false),
        (4, 1, true),
        (4, 2, false),
        (5, 2, true),
        (5, 3, false),
        (9, 4, true),
        (9, 5, false),
        (1, 1, false),
        (2, 1, false),
    ] {
        let topology = cluster(count, &["slave"]);
        let forecast = without(&topology, &masters(dead));
        assert_eq!((forecast.voters, forecast.living, forecast.majority()), (count, count - dead, count / 2 + 1));
        assert_eq!(forecast.has_quorum(), recovers, "{dead} of {count}");
        for full_coverage in [false, true] {
            assert_eq!(forecast.takes_requests(full_coverage), recovers, "{dead} of {count}");
        }
        assert_eq!(forecast.lost_slots().is_empty(), recovers, "{dead} of {count}");
        for (shard, fate) in forecast.shards.iter().map(|shard| &shard.fate).enumerate() {
            match fate {
                Fate::Unharmed => assert!(shard >= dead),
                Fate::TakenOver(heirs) => assert!(shard < dead && recovers && heirs.len() == 1),
                Fate::Lost(loss) => assert!(shard < dead && !recovers && *loss == Loss::NoQuorum),
            }
        }
    }
}

#[test]
fn exactly_half_of_the_masters_never_recovers() {
    for count in (2..=20).step_by(2) {
        let topology = cluster(count, &["slave", "slave"]);
        assert!(!without(&topology, &masters(count / 2)).has_quorum(), "{count}");
        assert!(without(&topology, &masters(count / 2 - 1)).has_quorum(), "{count}");
    }
}

#[test]
fn a_shard_without_a_replica_that_may_be_promoted_is_lost_with_its_master() {
    for (replicas, dead, loss) in [
        (&[][..], &[][..], Loss::NoReplica),
        (&["slave"], &[id(1, 1)], Loss::ReplicasDead),
        (&["slave", "slave"], &[id(1, 1), id(1, 2)], Loss::ReplicasDead),
        (&["slave,nofailover"], &[], Loss::ReplicasBarred),
        (&["slave,nofailover", "slave"], &[id(1, 2)], Loss::ReplicasBarred),
    ] {
        let topology = cluster(3, replicas);
        let forecast = without(&topology, &[&[id(1, 0)], dead].concat());
        assert_eq!(forecast.shards[1].fate, Fate::Lost(loss), "{replicas:?}");
        assert!(forecast.has_quorum() && forecast.takes_requests(false) && !forecast.takes_requests(true));
        assert_eq!(forecast.lost_slots(), [SlotRange { first: 5461, last: 10921 }], "{replicas:?}");
        assert!(!loss.reason().is_empty());
    }
}

#[test]
fn of_the_replicas_those_that_live_and_may_be_promoted_take_over() {
    let topology = cluster(3, &["slave", "slave,nofailover", "slave", "slave"]);
    let forecast = without(&topology, &[id(2, 0), id(2, 3)]);
    let Fate::TakenOver(heirs) = &forecast.shards[2].fate else { panic!("{forecast:?}") };
    let heirs: Vec<NodeId> = heirs.iter().filter_map(|&place| topology.nodes().get(place)).map(Node::id).collect();
    assert_eq!(heirs, [id(2, 1), id(2, 4)]);
    assert!(forecast.lost_slots().is_empty() && forecast.takes_requests(true));
}

#[test]
fn slots_without_an_owner_are_lost_whoever_lives() {
    let topology = cluster_with_slots(3, &["slave"], 9000);
    let forecast = without(&topology, &[]);
    assert_eq!(forecast.lost_slots(), [SlotRange { first: 9000, last: 16383 }]);
    assert!(forecast.has_unowned_slots() && forecast.takes_requests(false) && !forecast.takes_requests(true));
    // A master's slots beside them: one range.
    let topology = cluster_with_slots(3, &[], 9000);
    let forecast = without(&topology, &[id(2, 0)]);
    assert_eq!(forecast.lost_slots(), [SlotRange { first: 6000, last: 16383 }]);
}

/// Every break that was captured, judged by the flags of a node that lived through it, against what the servers then did.
#[test]
fn clusters_that_were_really_broken_end_as_foreseen() {
    let flagged = |node: Node<'_>| node.has(Flags::FAILED) || node.has(Flags::SUSPECTED);
    for server in ["redis-5.0.6", "redis-6.2.14", "redis-7.0.15"] {
        for (scenario, moment, full_coverage) in [
            ("05-two-of-three-masters-killed-cov-yes", "end-node2", true),
            ("05-two-of-three-masters-killed-cov-no", "end-node2", false),
            ("06-master0-and-its-replica-killed-cov-yes", "end-node1", true),
            ("06-master0-and-its-replica-killed-cov-no", "end-node1", false),
            ("08-4m4r-kill-2-masters-exact-half", "end-node2", true),
        ] {
            let view = captured::view(server, &format!("{scenario}/{moment}"));
            let topology = merge(None, std::slice::from_ref(&view)).topology.unwrap();
            let forecast = foresee(&topology, flagged);
            assert_eq!(forecast.takes_requests(full_coverage), view.info.state_ok, "{server} {scenario}");
            assert_eq!(forecast.has_quorum(), scenario.starts_with("06"), "{server} {scenario}");
            let lost: usize = forecast.lost_slots().iter().map(|range| range.count()).sum();
            let silent = view.info.slots_pfail + view.info.slots_fail;
            assert_eq!(lost, silent as usize, "{server} {scenario}: nobody took over what nobody may take over");
        }
    }
}

#[test]
fn a_master_that_was_really_killed_is_replaced_by_a_replica_that_was_foreseen() {
    for server in &captured::SERVERS[1..] {
        let early = captured::all(server)
            .into_iter()
            .find(|one| one.scenario == "03-kill-master-to1000" && one.moment.starts_with("at-fail-victim1"));
        let Some(early) = early else { panic!("{server} was captured at the failure") };
        let topology = merge(None, std::slice::from_ref(&early.view)).topology.unwrap();
        let forecast = foresee(&topology, |node| node.has(Flags::FAILED));
        let victim = topology.nodes().iter().find(|node| node.has(Flags::FAILED)).unwrap();
        let lost = forecast.shards.iter().find(|shard| topology.nodes().get(shard.master) == Some(victim)).unwrap();
        let Fate::TakenOver(heirs) = &lost.fate else { panic!("{server}: {forecast:?}") };
        let later = captured::view(server, "03-kill-master-to1000/end-node0");
        let heir = later.nodes().slot_owners().find(|node| node.ranges() == victim.ranges()).unwrap();
        let foreseen = heirs.iter().filter_map(|&place| topology.nodes().get(place)).any(|node| node.id() == heir.id());
        assert!(foreseen, "{server}");
    }
}
