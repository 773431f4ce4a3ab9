//! The merge on what real servers said: each trap that a view can be, from the captures.
//!
//! | trap | captures | what an operator expects |
//! |---|---|---|
//! | a stale master is back | `02-sigstop…/resumed-immediately-node0` (7.0.15: the others were captured too late) | its slots stay with its successor |
//! | two views during a failover | `03-kill-master…/at-fail-…` and `04-after-failover-node0` | the successor has the slots, the dead one none |
//! | a minority's view | `05-two-of-three-masters-killed…/end-node2` | it never beats the majority's |
//! | a forgotten node | `10-misc/forgot5-…` | it is gone, however whole its own view is |
//! | a fresh node, one that was reset hard | `10-misc/fresh-…`, `node4-identity-wiped-self` | it wipes nothing |
//! | another cluster at the same addresses | `02-sigstop…` and `03-kill-master…` of one server | it is not believed |
//! | resharding | `09-resharding/…` | each master's own word counts, at each moment |
//!
//! Traps of addresses are in `tests/merge_addresses.rs`; CLUSTER RESET is in `tests/merge_live.rs`, on real servers.

#[path = "support/captured.rs"]
mod captured;

use captured::{SERVERS, rewritten, view};
use slotkeeper::cluster::diff::diff;
use slotkeeper::cluster::merge::{Rejection, judge, merge};
use slotkeeper::cluster::nodes::{Flags, NodeId, Role};
use slotkeeper::cluster::slots::SlotRange;
use slotkeeper::cluster::topology::{Topology, address};
use slotkeeper::cluster::view::View;

/// The servers that all of the first scenarios were captured of.
const FAILING_OVER: [&str; 3] = ["redis-5.0.6", "redis-6.2.14", "redis-7.0.15"];

fn owner(topology: &Topology, slot: u16) -> NodeId {
    topology.owner_of(slot).unwrap().id()
}

/// Every order of the views gives the same topology.
fn merged(known: Option<&Topology>, views: &[View]) -> Topology {
    let topology = merge(known, views).topology.expect("a topology");
    let mut turned = views.to_vec();
    for _ in 0..views.len() {
        turned.rotate_left(1);
        let again = merge(known, &turned).topology.unwrap();
        assert_eq!((again.nodes(), again.owners()), (topology.nodes(), topology.owners()), "the order decides");
    }
    topology
}

#[test]
fn views_of_a_steady_cluster_give_its_nodes_and_all_slots() {
    for server in SERVERS {
        let views: Vec<View> = (0..6).map(|node| view(server, &format!("01-steady/node{node}"))).collect();
        let topology = merged(None, &views);
        assert_eq!((topology.nodes().len(), topology.owners().count()), (6, 16384), "{server}");
        assert_eq!(topology.nodes().slot_owners().count(), 3, "{server}");
        assert!(topology.nodes().iter().all(|node| !node.has(Flags::MYSELF) && !node.host().is_empty()), "{server}");
    }
}

#[test]
fn resumed_master_loses_to_higher_epoch() {
    // On the other servers the capture came after the few milliseconds in which the old master still believed in itself.
    let stale = view("redis-7.0.15", "02-sigstop-master-to1000/resumed-immediately-node0");
    let fresh = view("redis-7.0.15", "02-sigstop-master-to1000/after-rejoin-node1");
    let old_master = stale.id().unwrap();
    assert!(stale.nodes().myself().unwrap().slot_count() > 5000, "the capture holds the trap");
    let topology = merged(None, &[stale, fresh]);
    assert_ne!(owner(&topology, 0), old_master);
    assert_eq!(topology.nodes().find(old_master).unwrap().role(), Some(Role::Replica));
}

#[test]
fn a_view_that_lags_behind_a_failover_makes_no_master_of_its_loser() {
    let capture = |name: &str| view("redis-7.0.15", &format!("02-sigstop-master-to1000/{name}"));
    let (loser, fresh) = (capture("after-rejoin-node0"), capture("after-rejoin-node1"));
    let id = loser.id().unwrap();
    for lagging in (1..=5).map(|node| capture(&format!("end-node{node}"))) {
        let line = lagging.nodes().find(id).unwrap();
        assert!(line.is_master() && line.ranges().is_empty(), "the capture holds the trap");
        for views in [[fresh.clone(), lagging.clone()], [loser.clone(), lagging.clone()]] {
            for known in [None, Some(&merged(None, std::slice::from_ref(&fresh)))] {
                let merged = merged(known, &views);
                let node = merged.nodes().find(id).unwrap();
                assert_eq!((node.role(), node.master_id().is_some()), (Some(Role::Replica), true));
            }
        }
    }
}

#[test]
fn a_resumed_master_that_answers_alone_takes_nothing_back() {
    let stale = view("redis-7.0.15", "02-sigstop-master-to1000/resumed-immediately-node0");
    let known = merged(None, &[view("redis-7.0.15", "02-sigstop-master-to1000/after-rejoin-node1")]);
    assert_eq!(judge(Some(&known), std::slice::from_ref(&stale)), [None], "it has heard of the epoch");
    let topology = merged(Some(&known), &[stale]);
    assert_eq!(topology.owners(), known.owners());
}

#[test]
fn of_two_views_during_a_failover_the_one_that_knows_the_successor_is_right() {
    let servers = ["redis-5.0.6", "redis-6.2.14", "redis-7.0.15", "redis-8.0.2", "valkey-9.0.0"];
    for (server, seen_by) in servers.into_iter().zip([5, 0, 4, 0, 0]) {
        let before = view(server, &format!("03-kill-master-to1000/at-fail-victim1-seenby{seen_by}"));
        let after = view(server, "03-kill-master-to1000/04-after-failover-node0");
        let failing = merged(None, std::slice::from_ref(&before));
        let dead = owner(&failing, 6000);
        assert!(failing.node(dead).unwrap().has(Flags::FAILED), "{server}: the capture holds the trap");
        assert_eq!(failing.covered_slots(), 16384 - failing.node(dead).unwrap().slot_count());
        for known in [None, Some(&failing)] {
            let topology = merged(known, &[before.clone(), after.clone()]);
            let successor = topology.owner_of(6000).unwrap();
            assert_eq!(failing.node(successor.id()).unwrap().master_id(), Some(dead), "{server}: it was its replica");
            assert!(successor.is_master() && successor.master_id().is_none(), "{server}");
            let old = topology.node(dead).unwrap();
            assert!(old.has(Flags::FAILED) && old.ranges().is_empty(), "{server}");
            assert_eq!(topology.covered_slots(), 16384, "{server}");
        }
    }
}

#[test]
fn a_view_behind_the_known_epoch_is_not_used() {
    let known = merged(None, &[view("redis-7.0.15", "02-sigstop-master-to1000/after-rejoin-node1")]);
    let before = view("redis-7.0.15", "02-sigstop-master-to1000/before-node1");
    assert_eq!(judge(Some(&known), std::slice::from_ref(&before)), [Some(Rejection::Behind)]);
    assert!(merge(Some(&known), &[before]).topology.is_none());
}

/// A vote raises the voters' current epoch before they hear who won.
#[test]
fn a_view_at_the_known_epoch_that_has_not_heard_of_the_failover_takes_nothing_back() {
    let known = merged(None, &[view("redis-7.0.15", "02-sigstop-master-to1000/after-rejoin-node1")]);
    let mut voter = view("redis-7.0.15", "02-sigstop-master-to1000/before-node1");
    assert_ne!(owner(&known, 0), owner(&merged(None, std::slice::from_ref(&voter)), 0), "the capture holds the trap");
    voter.info.current_epoch = known.current_epoch();
    let topology = merged(Some(&known), &[voter]);
    assert_eq!(topology.owners(), known.owners());
    for (before, after) in known.nodes().iter().zip(topology.nodes().iter()) {
        assert_eq!((before.id(), before.role(), before.master_id()), (after.id(), after.role(), after.master_id()));
        assert!(!after.is_master() || before.config_epoch() == after.config_epoch());
    }
}

#[test]
fn a_replica_of_another_master_is_a_change() {
    let steady = view("redis-7.0.15", "01-steady/node0");
    let old = merged(None, std::slice::from_ref(&steady));
    let replica = old.nodes().iter().find(|node| node.role() == Some(Role::Replica)).unwrap();
    let other = old.nodes().slot_owners().find(|node| Some(node.id()) != replica.master_id()).unwrap();
    let moved = rewritten(&steady, |line| {
        let is_it = line.starts_with(&replica.id().to_string());
        if is_it {
            line.replace(&replica.master_id().unwrap().to_string(), &other.id().to_string())
        } else {
            line.to_owned()
        }
    });
    let changes = diff(Some(&old), &merged(Some(&old), &[moved]));
    let [change] = &changes[..] else { panic!("{changes:?}") };
    let expected = format!("replica 127.0.0.1:{} copies 127.0.0.1:{} now", replica.port(), other.port());
    assert_eq!(change.to_string(), expected);
    assert_eq!(diff(Some(&old), &old), []);
}

#[test]
fn a_forgotten_node_is_an_outsider_as_soon_as_another_speaks_or_has_spoken() {
    for server in SERVERS {
        let forgotten = view(server, "10-misc/forgot5-node5");
        let other = view(server, "10-misc/forgot5-node0");
        let id = forgotten.id().unwrap();
        assert!(other.nodes().find(id).is_none(), "{server}: the capture holds the trap");
        assert_eq!(judge(None, &[forgotten.clone(), other.clone()]), [Some(Rejection::Outsider), None], "{server}");
        let known = merged(None, std::slice::from_ref(&other));
        let alone = std::slice::from_ref(&forgotten);
        assert_eq!(judge(Some(&known), alone), [Some(Rejection::Outsider)], "{server}: what is known speaks as well");
        let topology = merged(None, &[forgotten, other]);
        assert!(topology.nodes().find(id).is_none(), "{server}");
    }
}

#[test]
fn a_forgotten_node_that_was_known_leaves_when_two_others_do_not_name_it() {
    for server in SERVERS {
        let forgotten = view(server, "10-misc/forgot5-3s-later-node5");
        let id = forgotten.id().unwrap();
        let known = merged(None, std::slice::from_ref(&forgotten));
        assert!(known.node(id).is_some());
        let others = ["10-misc/forgot5-node0", "10-misc/forgot5-3s-later-node0"].map(|capture| view(server, capture));
        let topology = merged(Some(&known), &[others[0].clone(), forgotten, others[1].clone()]);
        assert!(topology.node(id).is_none(), "{server}");
        let told: Vec<String> = diff(Some(&known), &topology).iter().map(|change| change.to_string()).collect();
        assert_eq!(told, [format!("node {} left", address(known.node(id).unwrap()).unwrap())], "{server}");
    }
}

#[test]
fn a_fresh_node_and_one_that_was_reset_wipe_nothing() {
    for server in SERVERS {
        let steady = view(server, "10-misc/node4-identity-wiped-seenby0");
        let known = merged(None, std::slice::from_ref(&steady));
        for capture in ["fresh-single-node-empty-ip", "node4-identity-wiped-self", "handshake-to-dead-port"] {
            let fresh = view(server, &format!("10-misc/{capture}"));
            assert_eq!(judge(None, &[fresh.clone(), steady.clone()]), [Some(Rejection::Empty), None], "{server}");
            assert!(merge(Some(&known), std::slice::from_ref(&fresh)).topology.is_none(), "{server} {capture}");
            assert!(merge(None, &[fresh]).topology.is_none(), "{server} {capture}");
        }
    }
}

#[test]
fn another_cluster_at_the_same_addresses_is_foreign() {
    for server in FAILING_OVER {
        let ours = view(server, "02-sigstop-master-to1000/before-node1");
        let known = merged(None, std::slice::from_ref(&ours));
        // Later started anew on the same ports.
        let other = view(server, "03-kill-master-to1000/end-node2");
        let addresses = |topology: &Topology| -> Vec<String> {
            let mut all: Vec<_> = topology.addresses().map(|(_, address)| address.to_string()).collect();
            all.sort();
            all
        };
        assert_eq!(
            addresses(&merged(None, std::slice::from_ref(&other))),
            addresses(&known),
            "the captures hold the trap"
        );
        assert_eq!(judge(Some(&known), &[other.clone(), ours.clone()]), [Some(Rejection::Foreign), None], "{server}");
        assert!(merge(Some(&known), &[other]).topology.is_none(), "{server}");
    }
}

#[test]
fn another_cluster_behind_a_reused_address_is_foreign() {
    let known = merged(None, &[view("redis-7.0.15", "01-steady/node0")]);
    let other = view("redis-6.2.14", "01-steady/node0");
    assert_eq!(judge(Some(&known), std::slice::from_ref(&other)), [Some(Rejection::Foreign)]);
    let ours = view("redis-7.0.15", "01-steady/node1");
    let without_known = judge(None, &[other, ours, view("redis-7.0.15", "01-steady/node2")]);
    assert_eq!(without_known, [Some(Rejection::Foreign), None, None], "the larger family speaks");
}

#[test]
fn without_quorum_a_view_never_beats_one_with_it() {
    for server in FAILING_OVER {
        for scenario in ["05-two-of-three-masters-killed-cov-yes", "05-two-of-three-masters-killed-cov-no"] {
            let minority = view(server, &format!("{scenario}/end-node2"));
            let majority = view(server, &format!("{scenario}/after-takeover-node3"));
            assert!(!minority.has_quorum() && majority.has_quorum(), "{server}: the captures hold the trap");
            for known in [None, Some(&merged(None, std::slice::from_ref(&minority)))] {
                let views = [minority.clone(), majority.clone()];
                assert_eq!(judge(known, &views), [Some(Rejection::Minority), None], "{server} {scenario}");
                let topology = merged(known, &views);
                assert_eq!(owner(&topology, 0), majority.id().unwrap(), "{server} {scenario}");
                assert_eq!(
                    topology.owners(),
                    merged(None, std::slice::from_ref(&majority)).owners(),
                    "{server} {scenario}"
                );
                assert!(!topology.refuses_requests(), "{server} {scenario}");
            }
        }
    }
}

#[test]
fn a_lone_minority_view_is_better_than_none() {
    let minority = view("redis-7.0.15", "05-two-of-three-masters-killed-cov-yes/end-node2");
    let topology = merged(None, &[minority]);
    assert!(topology.refuses_requests());
}

#[test]
fn during_resharding_the_slots_are_where_the_masters_say() {
    for server in SERVERS {
        for moment in ["migrating", "after93"] {
            let views: Vec<View> =
                (0..3).map(|node| view(server, &format!("09-resharding/{moment}-node{node}"))).collect();
            let topology = merged(None, &views);
            for view in &views {
                let me = view.nodes().myself().unwrap();
                for slot in me.ranges().iter().flat_map(|range| range.slots()) {
                    assert_eq!(owner(&topology, slot), me.id(), "{server} {moment} slot {slot}");
                }
            }
        }
    }
}

#[test]
fn a_slot_that_has_moved_stays_moved_for_those_who_have_not_heard() {
    for server in SERVERS {
        let heard = view(server, "09-resharding/after93-node0");
        let not_yet = view(server, "09-resharding/migrating-node2");
        let known = merged(None, std::slice::from_ref(&heard));
        assert_ne!(
            owner(&known, 93),
            owner(&merged(None, std::slice::from_ref(&not_yet)), 93),
            "the captures hold the trap"
        );
        for known in [None, Some(&known)] {
            let topology = merged(known, &[not_yet.clone(), heard.clone()]);
            assert_eq!(owner(&topology, 93), owner(&merged(None, std::slice::from_ref(&heard)), 93), "{server}");
            assert_eq!(topology.owners().count(), 16384, "{server}");
        }
    }
}

#[test]
fn a_slot_without_an_owner_is_lost_and_told() {
    for server in SERVERS {
        let views = [0, 2].map(|node| view(server, &format!("09-resharding/slot16000-unassigned-node{node}")));
        let topology = merged(None, &views);
        assert_eq!(topology.lost_slots(), [SlotRange { first: 16000, last: 16000 }], "{server}");
        assert!(topology.refuses_requests() && topology.covered_slots() == 16383, "{server}");
        // It was removed by hand, from its owner first: what is known must not give it back.
        let known = merged(None, &[0, 2].map(|node| view(server, &format!("09-resharding/after93-node{node}"))));
        let told: Vec<String> =
            diff(Some(&known), &merged(Some(&known), &views)).iter().map(|c| c.to_string()).collect();
        let slot = "1 slot (16000) went from ";
        assert!(told.iter().any(|text| text.starts_with(slot) && text.ends_with("to nobody")), "{server}: {told:?}");
        assert!(told.contains(&"16383 of 16384 slots have a living owner, down from 16384".to_owned()), "{told:?}");
    }
}

/// A slot went to a master, and a third node has not heard: the old owner's own word stands against the third's.
#[test]
fn a_master_that_gave_a_slot_up_is_not_given_it_back() {
    let giver = view("redis-7.0.15", "01-steady/node0");
    let taker = view("redis-7.0.15", "01-steady/node1").id().unwrap();
    let third = view("redis-7.0.15", "01-steady/node2");
    assert_eq!(giver.nodes().myself().unwrap().ranges()[0].first, 0);
    let without_slot_0 = rewritten(&giver, |line| {
        if line.contains("myself") {
            line.replace(" 0-5460", " 1-5460")
        } else if line.starts_with(&taker.to_string()) {
            format!("{line} 0")
        } else {
            line.to_owned()
        }
    });
    assert_eq!(owner(&merged(None, &[without_slot_0, third]), 0), taker);
}

#[test]
fn nodes_in_a_handshake_cost_nothing() {
    let handshake = "dbd92d8b21fde9f5ee0fcdb98035f6154be92faf 127.0.0.1:13199@23199 handshake - 0 0 0 disconnected";
    let steady = view("redis-5.0.6", "01-steady/node0");
    let met =
        rewritten(
            &steady,
            |line| if line.contains("myself") { format!("{handshake}\n{line}") } else { line.to_owned() },
        );
    assert_eq!(met.nodes().len(), steady.nodes().len() + 1);
    let topology = merged(None, &[met]);
    assert_eq!((topology.nodes().len(), topology.owners().count()), (6, 16384));
}

#[test]
fn shards_are_the_masters_with_their_replicas_by_id() {
    let view = view("redis-7.0.15", "01-steady/node0");
    let topology = merged(None, std::slice::from_ref(&view));
    let shards = topology.shards();
    assert_eq!((shards.len(), shards.iter().map(|shard| shard.replicas.len()).sum::<usize>()), (3, 3));
    assert!(shards.is_sorted_by_key(|shard| shard.master.id()));
    for shard in &shards {
        assert!(shard.master.is_master() && shard.replicas.is_sorted_by_key(|replica| replica.id()));
        assert!(shard.replicas.iter().all(|replica| replica.master_id() == Some(shard.master.id())));
    }
}

#[test]
fn a_replica_whose_master_is_unknown_or_no_master_is_in_no_shard() {
    let view = view("redis-7.0.15", "01-steady/node0");
    let steady = merged(None, std::slice::from_ref(&view));
    let replicas: Vec<NodeId> =
        steady.nodes().iter().filter(|node| node.role() == Some(Role::Replica)).map(|node| node.id()).collect();
    let master_of = |id: NodeId| steady.nodes().find(id).unwrap().master_id().unwrap().to_string();
    let changed = rewritten(&view, |line| match replicas.iter().position(|id| line.starts_with(&id.to_string())) {
        Some(0) => line.replace(&master_of(replicas[0]), "-"),
        Some(1) => line.replace(&master_of(replicas[1]), &"f".repeat(40)),
        Some(2) => line.replace(&master_of(replicas[2]), &replicas[0].to_string()),
        _ => line.to_owned(),
    });
    let topology = merged(None, &[changed]);
    let shards = topology.shards();
    assert_eq!((shards.len(), shards.iter().all(|shard| shard.replicas.is_empty())), (3, true));
}
