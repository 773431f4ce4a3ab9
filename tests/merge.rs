//! The merge on what real servers said: each trap that a view can be, from the captures.

use std::fs;
use std::path::Path;

use slotkeeper::cluster::address::Address;
use slotkeeper::cluster::diff::diff;
use slotkeeper::cluster::info_reply::parse_info;
use slotkeeper::cluster::merge::{Rejection, judge, merge};
use slotkeeper::cluster::nodes::{Flags, NodeId, Role};
use slotkeeper::cluster::topology::Topology;
use slotkeeper::cluster::view::View;
use slotkeeper::parse_nodes;

const SERVERS: [&str; 3] = ["redis-5.0.6", "redis-6.2.14", "redis-7.0.15"];

fn view(server: &str, capture: &str) -> View {
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(server).join(capture);
    let read = |kind: &str| fs::read(format!("{}.{kind}.txt", base.display())).unwrap();
    let reply = parse_nodes(&read("cluster_nodes")).unwrap();
    let info = parse_info(&read("cluster_info")).unwrap();
    let from = reply.nodes.myself().map_or(Address::new("dialled", 1), |me| Address::new("dialled", me.port()));
    View { from, reply, info }
}

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
    for server in ["redis-3.0.5", "redis-5.0.6", "redis-6.2.14", "redis-7.0.15", "redis-8.0.2", "valkey-9.0.0"] {
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
            for known in [None, Some(&merged(None, &[fresh.clone()]))] {
                let merged = merged(known, &views);
                let node = merged.nodes().find(id).unwrap();
                assert_eq!((node.role(), node.master_id().is_some()), (Some(Role::Replica), true));
            }
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
fn a_forgotten_node_is_an_outsider_as_soon_as_another_speaks() {
    for server in SERVERS {
        let forgotten = view(server, "10-misc/forgot5-node5");
        let other = view(server, "10-misc/forgot5-node0");
        let id = forgotten.id().unwrap();
        assert!(other.nodes().find(id).is_none(), "{server}: the capture holds the trap");
        assert_eq!(judge(None, &[forgotten.clone(), other.clone()]), [Some(Rejection::Outsider), None], "{server}");
        let topology = merged(None, &[forgotten, other]);
        assert!(topology.nodes().find(id).is_none(), "{server}");
    }
}

#[test]
fn a_fresh_node_wipes_nothing() {
    let fresh = view("redis-7.0.15", "10-misc/fresh-single-node-empty-ip");
    let steady = view("redis-7.0.15", "01-steady/node0");
    assert_eq!(judge(None, &[fresh.clone(), steady.clone()]), [Some(Rejection::Empty), None]);
    let known = merged(None, &[steady]);
    assert!(merge(Some(&known), &[fresh]).topology.is_none());
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
    let minority = view("redis-7.0.15", "05-two-of-three-masters-killed-cov-yes/end-node2");
    assert!(!minority.has_quorum() && minority.refuses());
    let steady = {
        // The same cluster before the blow, seen by another node.
        let mut view = minority.clone();
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(
            "tests/data/redis-7.0.15/05-two-of-three-masters-killed-cov-yes/after-takeover-node3.cluster_nodes.txt",
        ));
        view.reply = parse_nodes(text.unwrap().as_bytes()).unwrap();
        view
    };
    assert!(steady.has_quorum());
    assert_eq!(judge(None, &[minority, steady]), [Some(Rejection::Minority), None]);
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

/// The same view with other lines.
fn rewritten(view: &View, line: impl Fn(&str) -> String) -> View {
    let lines: Vec<String> = lines_of(view).iter().map(|text| line(text)).collect();
    View { reply: parse_nodes(lines.join("\n").as_bytes()).unwrap(), ..view.clone() }
}

/// The lines of a view of masters and replicas with one slot range each, as the steady captures are.
fn lines_of(view: &View) -> Vec<String> {
    let line = |node: slotkeeper::cluster::nodes::Node<'_>| {
        let master = node.master_id().map_or("-".to_owned(), |id| id.to_string());
        let slots: String = node.ranges().iter().map(|range| format!(" {range}")).collect();
        let bus_port = node.bus_port().unwrap();
        format!(
            "{} {}:{}@{bus_port} {} {master} 0 0 {} connected{slots}",
            node.id(),
            node.host(),
            node.port(),
            node.flags_text(),
            node.config_epoch()
        )
    };
    view.nodes().iter().map(line).collect()
}
