//! What is to be expected of each slot: of clusters that were really broken, and under every kind of circumstance.

#[path = "support/captured.rs"]
mod captured;

use slotkeeper::SLOT_COUNT;
use slotkeeper::cluster::merge::merge;
use slotkeeper::cluster::nodes::{Flags, Node, NodeId};
use slotkeeper::cluster::outlook::{SlotState, Trouble};
use slotkeeper::cluster::topology::Topology;
use slotkeeper::cluster::view::View;
use slotkeeper::policy::health::Health;
use slotkeeper::policy::outlook::Circumstances;

const BROKEN: [&str; 3] = ["redis-5.0.6", "redis-6.2.14", "redis-7.0.15"];
const STEADY: &str = "01-steady/node1";
/// Of the three masters of a steady cluster, the one that owns slot 0.
const FIRST: u16 = 0;

fn merged(view: &View) -> Topology {
    merge(None, std::slice::from_ref(view)).topology.unwrap()
}

/// The steady cluster with other flags for the owner of slot 0, its replica and another master, and what its nodes say of it.
fn steady(owner: &str, replica: &str, other: &str, state_ok: bool) -> Topology {
    let view = captured::view("redis-7.0.15", STEADY);
    let id = |slot| merged(&view).owner_of(slot).unwrap().id();
    let (first, last) = (id(FIRST).to_string(), id(SLOT_COUNT as u16 - 1).to_string());
    let mut view = captured::rewritten(&view, |line| {
        let words: Vec<&str> = line.split(' ').collect();
        let flags = match () {
            _ if words[0] == first => owner,
            _ if words[3] == first => replica,
            _ if words[0] == last => other,
            _ => return line.to_owned(),
        };
        line.replacen(words[2], flags, 1)
    });
    view.info.state_ok = state_ok;
    merged(&view)
}

fn owner(topology: &Topology) -> NodeId {
    topology.owner_of(FIRST).unwrap().id()
}

fn required() -> Circumstances {
    Circumstances { full_coverage: Some(true), ..Circumstances::default() }
}

/// The troubles of the first slot and of one of a master that is well, how many are served, and how the cluster is.
#[track_caller]
fn assert_outlook(topology: &Topology, first: Option<Trouble>, others: Option<Trouble>, health: Health) {
    let is_well = |node: Node<'_>| node.id() != owner(topology) && node.flags() == Flags::MASTER;
    let other = (0..SLOT_COUNT as u16).find(|&slot| topology.owner_of(slot).is_some_and(is_well));
    let troubles = (topology.slot_trouble(FIRST), topology.slot_trouble(other.unwrap()));
    assert_eq!((troubles, topology.health()), ((first, others), health));
    let state = |trouble: Option<Trouble>| trouble.map_or(SlotState::Served, Trouble::state);
    assert_eq!(topology.slot_state(FIRST), state(first));
    let served = (0..SLOT_COUNT as u16).filter(|&slot| topology.slot_state(slot) == SlotState::Served).count();
    assert_eq!(topology.served_slots(), served);
}

#[test]
fn while_all_is_well_every_slot_is_served() {
    for server in captured::SERVERS {
        let topology = merged(&captured::view(server, STEADY)).judged(&required());
        assert_eq!((topology.served_slots(), topology.health()), (SLOT_COUNT, Health::Ok), "{server}");
        assert_eq!(topology.outlook(), &Default::default(), "{server}");
    }
}

#[test]
fn a_suspected_owner_makes_its_own_slots_pending_and_no_others() {
    let pending = Some(Trouble::OwnerSuspected);
    let flagged = steady("master,fail?", "slave", "master", true);
    assert_outlook(&flagged.clone().judged(&required()), pending, None, Health::Degraded);
    assert_outlook(&flagged, pending, None, Health::Degraded);

    let topology = steady("master", "slave", "master", true);
    let suspects = [owner(&topology)].into();
    let suspected = topology.judged(&Circumstances { suspects, ..required() });
    assert_outlook(&suspected, pending, None, Health::Degraded);
}

#[test]
fn who_answers_us_is_not_suspected_at_the_word_of_one_other() {
    let flagged = steady("master,fail?", "slave", "master", true);
    let answering = [owner(&flagged)].into();
    let circumstances = Circumstances { answering, ..required() };
    assert_outlook(&flagged.clone().judged(&circumstances), None, None, Health::Ok);
    // Its failover cannot be overdue either; but what all have agreed on stands, and so does a silence that we hear ourselves.
    let late = Circumstances { overdue: [owner(&flagged)].into(), ..circumstances.clone() };
    assert_outlook(&flagged.clone().judged(&late), None, None, Health::Ok);
    let failed = steady("master,fail", "slave", "master", true).judged(&circumstances);
    assert_outlook(&failed, Some(Trouble::OwnerFailed), Some(Trouble::ClusterPending), Health::Down);
    let silent = Circumstances { suspects: [owner(&flagged)].into(), ..circumstances };
    assert_outlook(&flagged.judged(&silent), Some(Trouble::OwnerSuspected), None, Health::Degraded);
}

#[test]
fn our_own_suspicion_makes_nobody_elses_failover_impossible() {
    // The only replica, and all the other masters: a network trouble of ours.
    let topology = steady("master,fail", "slave", "master", true);
    let suspects = topology.nodes().iter().map(|node| node.id()).collect();
    let topology = topology.judged(&Circumstances { suspects, ..Circumstances::default() });
    assert_outlook(&topology, Some(Trouble::OwnerFailed), Some(Trouble::OwnerSuspected), Health::Degraded);
}

#[test]
fn a_failed_owner_is_pending_while_a_replica_may_take_over() {
    let topology = steady("master,fail", "slave", "master", true);
    assert_outlook(&topology.judged(&Circumstances::default()), Some(Trouble::OwnerFailed), None, Health::Degraded);
}

#[test]
fn a_failed_owner_without_a_replica_that_may_take_over_is_unserved() {
    for replica in ["slave,fail", "slave,nofailover"] {
        let topology = steady("master,fail", replica, "master", true).judged(&Circumstances::default());
        assert_outlook(&topology, Some(Trouble::NoReplica), None, Health::Degraded);
    }
}

#[test]
fn a_failover_that_should_have_been_over_is_not_waited_for() {
    for flags in ["master,fail", "master,fail?"] {
        let topology = steady(flags, "slave", "master", true);
        let overdue = [owner(&topology)].into();
        let topology = topology.judged(&Circumstances { overdue, ..Circumstances::default() });
        assert_outlook(&topology, Some(Trouble::FailoverOverdue), None, Health::Degraded);
    }
    // Back in time after all.
    let topology = steady("master", "slave", "master", true);
    let overdue = [owner(&topology)].into();
    assert_outlook(&topology.judged(&Circumstances { overdue, ..required() }), None, None, Health::Ok);
}

#[test]
fn while_the_cluster_refuses_for_a_failover_that_is_possible_all_slots_are_pending() {
    let pending = Some(Trouble::ClusterPending);
    // The nodes say so, or it is known that they will.
    let said = steady("master,fail", "slave", "master", false).judged(&Circumstances::default());
    assert_outlook(&said, Some(Trouble::OwnerFailed), pending, Health::Down);
    let known = steady("master,fail", "slave", "master", true).judged(&required());
    assert_outlook(&known, Some(Trouble::OwnerFailed), pending, Health::Down);
    // Without either, the nodes that serve do so without full coverage.
    let unknown = steady("master,fail", "slave", "master", true).judged(&Circumstances::default());
    assert_outlook(&unknown, Some(Trouble::OwnerFailed), None, Health::Degraded);
}

#[test]
fn while_the_cluster_refuses_for_slots_that_nobody_will_serve_all_are_unserved() {
    let refuses = Some(Trouble::ClusterRefuses);
    let lost = steady("master,fail", "slave,fail", "master", false).judged(&Circumstances::default());
    assert_outlook(&lost, Some(Trouble::NoReplica), refuses, Health::Down);
    // A failover beside it helps nobody.
    let both = steady("master,fail", "slave", "master,fail", false);
    let overdue = [both.owner_of(SLOT_COUNT as u16 - 1).unwrap().id()].into();
    let view = both.judged(&Circumstances { overdue, ..required() });
    assert_eq!(view.health(), Health::Down);
    assert!((0..SLOT_COUNT as u16).all(|slot| view.slot_state(slot) == SlotState::Unserved));
}

#[test]
fn slots_without_an_owner_are_unserved_and_all_are_where_coverage_is_required() {
    for server in captured::SERVERS {
        let view = captured::view(server, "09-resharding/slot16000-unassigned-node0");
        let topology = merged(&view).judged(&Circumstances::default());
        assert_eq!(topology.slot_trouble(16000), Some(Trouble::NoOwner), "{server}");
        assert_outlook(&topology, Some(Trouble::ClusterRefuses), Some(Trouble::ClusterRefuses), Health::Down);
        let mut view = view;
        view.info.state_ok = true;
        let topology = merged(&view).judged(&Circumstances::default());
        assert_eq!(
            (topology.slot_trouble(16000), topology.served_slots()),
            (Some(Trouble::NoOwner), 16383),
            "{server}"
        );
        assert_outlook(&topology, None, None, Health::Degraded);
        // As it seems for a moment while slots move: the nodes would refuse if it were so.
        assert_outlook(&topology.judged(&required()), None, None, Health::Degraded);
    }
}

#[test]
fn without_quorum_every_slot_is_unserved_whatever_the_coverage() {
    for server in BROKEN {
        for scenario in [
            "05-two-of-three-masters-killed-cov-yes",
            "05-two-of-three-masters-killed-cov-no",
            "08-4m4r-kill-2-masters-exact-half",
        ] {
            for moment in ["end-node2", "end-node3", "end-node4"] {
                let topology = merged(&captured::view(server, &format!("{scenario}/{moment}")));
                let topology = topology.judged(&Circumstances::default());
                assert_eq!((topology.health(), topology.served_slots()), (Health::Down, 0), "{server} {scenario}");
                for slot in [0, 5000, 10000, 16383] {
                    assert_eq!(topology.slot_trouble(slot), Some(Trouble::NoQuorum), "{server} {scenario} {slot}");
                }
            }
        }
    }
}

#[test]
fn a_lost_shard_takes_its_own_slots_or_all_as_coverage_is_required() {
    for server in BROKEN {
        for (scenario, others, health) in [
            ("06-master0-and-its-replica-killed-cov-yes", Some(Trouble::ClusterRefuses), Health::Down),
            ("06-master0-and-its-replica-killed-cov-no", None, Health::Degraded),
        ] {
            let topology = merged(&captured::view(server, &format!("{scenario}/end-node1")));
            assert_outlook(&topology.judged(&Circumstances::default()), Some(Trouble::NoReplica), others, health);
        }
    }
}

#[test]
fn a_master_whose_address_nobody_knows_serves_nobody() {
    let view = captured::view("redis-7.0.15", STEADY);
    let first = owner(&merged(&view)).to_string();
    let view = captured::rewritten(&view, |line| {
        let lost = |line: &str| {
            line.replacen("master", "master,noaddr", 1).replacen(line.split(' ').nth(1).unwrap(), ":0@0", 1)
        };
        if line.starts_with(&first) { lost(line) } else { line.to_owned() }
    });
    let topology = merged(&view).judged(&required());
    assert_outlook(&topology, Some(Trouble::NoAddress), None, Health::Degraded);
}

#[test]
fn a_trouble_has_a_name_a_sentence_and_a_number_of_its_own() {
    let names: std::collections::HashSet<&str> = Trouble::ALL.iter().map(|trouble| trouble.name()).collect();
    assert_eq!(names.len(), Trouble::ALL.len());
    for (number, trouble) in (1..).zip(Trouble::ALL) {
        assert_eq!(trouble as u8, number);
        assert!(!trouble.sentence().is_empty() && !trouble.sentence().ends_with('.'));
        assert_ne!(trouble.state(), SlotState::Served);
    }
}

#[test]
fn java_has_the_same_troubles_in_the_same_order_with_the_same_sentences() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/java/slotkeeper/src/main/java/io/slotkeeper/Trouble.java");
    let text = std::fs::read_to_string(file).unwrap();
    let constants: Vec<&str> = text.lines().map(str::trim).filter(|line| line.contains("(\"")).collect();
    assert_eq!(constants.len(), Trouble::ALL.len());
    for (constant, trouble) in constants.iter().zip(Trouble::ALL) {
        let name = trouble.name().replace('-', "_").to_uppercase();
        assert_eq!(constant[..constant.len() - 1], format!("{name}(\"{}\")", trouble.sentence()), "{file}");
    }
}
