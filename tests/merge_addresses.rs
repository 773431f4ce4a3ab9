//! The merge on what real servers said of addresses: each trap, from the captures.
//!
//! | trap | captures | what an operator expects |
//! |---|---|---|
//! | `noaddr` | `10-misc/node4-identity-wiped-seenby0` | the node stays, without an address, and takes another view's |
//! | an empty own address | `10-misc/handshake-to-dead-port`; with slots: on a real server | the address that was dialled stands for it |
//! | host names preferred | `11-announce/pref-hostname-…`, `pref-unknown-endpoint-…` | addresses stay, host names are kept |
//! | differing addresses | `11-announce/ip-just-changed-node0` and `ip-changed-2.5s-node0` | no flapping, and a real change is told |
//! | IPv6 | `12-ipv6/…` | brackets where a port follows |

#[path = "support/captured.rs"]
mod captured;

use captured::{SERVERS, rewritten, view};
use slotkeeper::cluster::address::Address;
use slotkeeper::cluster::diff::diff;
use slotkeeper::cluster::merge::merge;
use slotkeeper::cluster::nodes::Flags;
use slotkeeper::cluster::topology::{Topology, address};
use slotkeeper::cluster::view::View;

fn merged(known: Option<&Topology>, views: &[View]) -> Topology {
    merge(known, views).topology.expect("a topology")
}

#[test]
fn a_node_without_an_address_stays_and_takes_that_of_another_view() {
    for server in SERVERS {
        let blind = view(server, "10-misc/node4-identity-wiped-seenby0");
        let lost = blind.nodes().iter().find(|node| node.has(Flags::NO_ADDRESS)).unwrap().id();
        let topology = merged(None, std::slice::from_ref(&blind));
        assert_eq!(address(topology.node(lost).unwrap()), None, "{server}");
        assert!(topology.addresses().all(|(node, _)| node.id() != lost), "{server}");
        let seeing = view(server, "10-misc/nofailover-on-replica3-self");
        let expected = address(seeing.nodes().find(lost).unwrap());
        assert!(expected.is_some(), "{server}: the captures hold the trap");
        let topology = merged(None, &[blind, seeing]);
        assert_eq!(address(topology.node(lost).unwrap()), expected, "{server}");
    }
}

#[test]
fn host_names_are_kept_beside_the_addresses_whatever_the_server_prefers() {
    for server in ["redis-7.0.15", "redis-8.0.2", "valkey-9.0.0"] {
        for preferred in ["ip", "hostname", "unknown-endpoint"] {
            let views = [0, 1].map(|node| view(server, &format!("11-announce/pref-{preferred}-node{node}")));
            let topology = merged(None, &views);
            assert_eq!(topology.addresses().filter(|(_, address)| address.ip().is_some()).count(), 6, "{server}");
            let mut names: Vec<&str> = topology.nodes().iter().map(|node| node.hostname()).collect();
            names.sort_unstable();
            assert_eq!(
                names[4..],
                ["node0.dc-a.example.internal", "node2.dc-b.example.internal"],
                "{server} {preferred}"
            );
        }
    }
}

#[test]
fn differing_addresses_do_not_flap_and_a_real_change_is_told() {
    for server in ["redis-7.0.15", "redis-8.0.2", "valkey-9.0.0"] {
        let olds =
            ["ip-just-changed-node0", "node2", "node3"].map(|moment| view(server, &format!("11-announce/{moment}")));
        let new = view(server, "11-announce/ip-changed-2.5s-node0");
        let known = merged(None, &olds);
        let has_moved = |topology: &Topology| -> Vec<String> {
            diff(Some(&known), topology).iter().map(|change| change.to_string()).collect()
        };
        for old in &olds[1..] {
            assert_eq!(has_moved(&merged(Some(&known), &[new.clone(), old.clone()])), [""; 0], "{server}");
        }
        let told = has_moved(&merged(Some(&known), &[new]));
        let [change] = &told[..] else { panic!("{server}: {told:?}") };
        assert!(change.contains(" 127.0.0.2:") && change.contains(" has moved to 127.0.0.1:"), "{server}: {change}");
    }
}

#[test]
fn ipv6_addresses_are_read_bare_and_shown_in_brackets() {
    for server in SERVERS {
        let topology = merged(None, &[0, 3].map(|node| view(server, &format!("12-ipv6/node{node}"))));
        assert_eq!((topology.nodes().len(), topology.owners().count()), (6, 16384), "{server}");
        for (node, address) in topology.addresses() {
            assert_eq!((address.host(), address.to_string()), ("::1", format!("[::1]:{}", node.port())), "{server}");
        }
    }
}

#[test]
fn an_empty_own_address_is_the_one_that_was_dialled() {
    for server in SERVERS {
        let fresh = view(server, "10-misc/handshake-to-dead-port");
        let me = fresh.nodes().myself().unwrap();
        assert!(me.host().is_empty() && me.port() != 0, "{server}: the capture holds the trap");
        assert_eq!(fresh.address_of(me), ("dialled", me.port()), "{server}");
        let id = me.id().to_string();
        let owning =
            rewritten(&fresh, |line| if line.starts_with(&id) { format!("{line} 0-16383") } else { line.to_owned() });
        let topology = merged(None, std::slice::from_ref(&owning));
        let addresses: Vec<Address> = topology.addresses().map(|(_, address)| address).collect();
        assert_eq!(addresses, [Address::new("dialled", me.port())], "{server}: and no node of a handshake");
    }
}
