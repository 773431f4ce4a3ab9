//! The merge on real servers, for what no capture shows: CLUSTER RESET, and a node that owns slots and knows no address.

mod support;

use std::time::Duration;

use slotkeeper::cluster::address::Address;
use slotkeeper::cluster::diff::diff;
use slotkeeper::cluster::info_reply::parse_info;
use slotkeeper::cluster::merge::{Rejection, merge};
use slotkeeper::cluster::nodes::{Flags, NodeId};
use slotkeeper::cluster::topology::{Topology, address};
use slotkeeper::cluster::view::View;
use slotkeeper::parse_nodes;
use support::cluster::wait::until;
use support::cluster::{Cluster, Extra, Options, is_from};

const SOON: Duration = Duration::from_secs(15);

/// What a node says now.
fn view(cluster: &Cluster, node: &str) -> View {
    let says = |topic: &str| cluster.command(node, &["CLUSTER", topic]).unwrap().text();
    let at = cluster.node(node).unwrap();
    View {
        from: Address::new(at.host.to_string(), at.port),
        reply: parse_nodes(says("NODES").as_bytes()).unwrap(),
        info: parse_info(says("INFO").as_bytes()).unwrap(),
    }
}

fn id(cluster: &Cluster, node: &str) -> NodeId {
    cluster.command(node, &["CLUSTER", "MYID"]).unwrap().text().parse().unwrap()
}

/// Asks these nodes again and again, each time on top of what is known, until the topology is as it should be. All the while no
/// slot may be lost.
fn follow(cluster: &Cluster, known: Topology, nodes: &[&str], is_there: impl Fn(&Topology) -> bool) -> Topology {
    let mut known = known;
    let attempt = || {
        let views: Vec<View> = nodes.iter().map(|node| view(cluster, node)).collect();
        if let Some(topology) = merge(Some(&known), &views).topology {
            known = topology;
        }
        assert_eq!(known.covered_slots(), 16384, "{known:?}");
        if is_there(&known) { Ok(()) } else { Err(format!("{known:?}")) }
    };
    until("the topology to be as it should", SOON, attempt).unwrap();
    known
}

#[test]
fn a_replica_that_is_reset_takes_nothing_with_it() {
    let cluster = Cluster::start(&Options::new("A/B A/B B/A")).unwrap();
    let everybody = ["m0", "m1", "m2", "r0", "r1", "r2"];
    let before = merge(None, &everybody.map(|node| view(&cluster, node))).topology.unwrap();
    assert_eq!((before.nodes().len(), before.covered_slots()), (6, 16384));

    // Softly: it keeps its id, and forgets all else.
    let soft = id(&cluster, "r0");
    cluster.command("r0", &["CLUSTER", "RESET", "SOFT"]).unwrap();
    let reset = view(&cluster, "r0");
    assert_eq!((reset.id(), reset.nodes().len()), (Some(soft), 1), "the server does as the trap has it");
    let merged = merge(Some(&before), &[reset, view(&cluster, "m1"), view(&cluster, "m2")]);
    assert_eq!(merged.rejections, [Some(Rejection::Empty), None, None]);
    assert_eq!(merged.topology.unwrap().owners(), before.owners());
    let known = follow(&cluster, before, &["r0", "m1", "m2"], |topology| {
        topology.node(soft).is_some_and(|node| node.is_master() && node.ranges().is_empty())
    });

    // Hard: the address has another id from now on, and the old one has no address.
    let hard = id(&cluster, "r1");
    cluster.command("r1", &["CLUSTER", "RESET", "HARD"]).unwrap();
    assert_ne!(id(&cluster, "r1"), hard);
    let after = follow(&cluster, known.clone(), &["r1", "m1", "m2"], |topology| {
        topology.node(hard).is_some_and(|node| node.has(Flags::NO_ADDRESS))
    });
    let told: Vec<String> = diff(Some(&known), &after).iter().map(|change| change.to_string()).collect();
    let old = address(known.node(hard).unwrap()).unwrap();
    assert!(told.contains(&format!("node {old} has no known address any more")), "{told:?}");
    assert!(after.addresses().all(|(node, address)| node.id() != hard && address != old));
}

#[test]
fn a_node_that_owns_slots_and_knows_no_address_is_where_it_was_dialled() {
    let options = Options::new("");
    // Before 4.0 there is nothing that a node could announce instead.
    let options = if is_from(4, 0).unwrap() { options.config("cluster-announce-ip \"\"") } else { options };
    let cluster = Cluster::launch(&options).unwrap();
    let alone = cluster.add('A', &Extra::Fresh).unwrap();
    let slots: Vec<String> = (0..16384).map(|slot| slot.to_string()).collect();
    let words: Vec<&str> = ["CLUSTER", "ADDSLOTS"].into_iter().chain(slots.iter().map(String::as_str)).collect();
    cluster.command(&alone.name, &words).unwrap();
    let view = view(&cluster, &alone.name);
    assert_eq!(view.nodes().myself().unwrap().host(), "", "the server does as the trap has it");
    let topology = merge(None, &[view]).topology.unwrap();
    let addresses: Vec<String> = topology.addresses().map(|(_, address)| address.to_string()).collect();
    assert_eq!((addresses, topology.covered_slots()), (vec![alone.address().to_string()], 16384));
}
