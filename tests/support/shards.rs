//! Clusters on paper: shards over zones, as values.

// Every test program compiles this module for itself and uses a part of it.
#![allow(dead_code)]

use slotkeeper::cluster::address::Address;
use slotkeeper::cluster::info_reply::ClusterInfo;
use slotkeeper::cluster::merge::merge;
use slotkeeper::cluster::nodes::NodeId;
use slotkeeper::cluster::topology::Topology;
use slotkeeper::cluster::view::View;
use slotkeeper::cluster::zone::{Placement, Zones};
use slotkeeper::{SLOT_COUNT, parse_nodes};

/// A shard each: the zone of the master, and those of its replicas with their flags, such as `A`, `["B", "C nofailover"]`.
pub type Shards<'a> = &'a [(&'a str, &'a [&'a str])];

/// The project's disaster: after a drill the replica of the first shard stands where its master does.
pub const DISASTER: Shards<'_> = &[("A", &["A"]), ("A", &["B"]), ("B", &["C"]), ("B", &["A"]), ("C", &["B"])];
/// The same before the drill.
pub const SOUND: Shards<'_> = &[("A", &["B"]), ("A", &["C"]), ("B", &["C"]), ("B", &["A"]), ("C", &["A"])];

/// Zone A is 10.65.0.0/16, B 10.66.0.0/16, …; a node in zone `-` stands in none. Replica 2 of shard 3 has the id `…03…02`.
pub fn cluster(shards: Shards<'_>) -> (Topology, Placement) {
    let topology = topology(&lines(shards));
    let mut zones = Zones::default();
    for zone in 'A'..='Z' {
        zones.define(&zone.to_string(), &format!("10.{}.", zone as u8)).unwrap();
    }
    let placement = zones.place(topology.nodes());
    (topology, placement)
}

pub fn lines(shards: Shards<'_>) -> String {
    let mut text = String::new();
    for (number, (zone, replicas)) in shards.iter().enumerate() {
        let (first, next) = (number * SLOT_COUNT / shards.len(), (number + 1) * SLOT_COUNT / shards.len());
        let (myself, master, epoch) = (if number == 0 { "myself," } else { "" }, id(number, 0), number + 1);
        let host = |place: &str| format!("10.{}.{number}", place.as_bytes()[0]);
        text += &format!("{master} {}.0:1@2 {myself}master - 0 0 {epoch} connected {first}-{}\n", host(zone), next - 1);
        for (place, replica) in (1..).zip(*replicas) {
            let flags = replica.get(2..).map_or(String::new(), |flags| format!(",{flags}"));
            let (replica, own) = (host(replica), id(number, place));
            text += &format!("{own} {replica}.{place}:1@2 slave{flags} {master} 0 0 {epoch} connected\n");
        }
    }
    text
}

pub fn topology(text: &str) -> Topology {
    let info = ClusterInfo { state_ok: true, ..ClusterInfo::default() };
    let view = View { from: Address::new("10.0.0.0", 1), reply: parse_nodes(text.as_bytes()).unwrap(), info };
    merge(None, &[view]).topology.unwrap()
}

pub fn id(shard: usize, replica: usize) -> NodeId {
    format!("{shard:020x}{replica:020x}").parse().unwrap()
}

pub fn place(topology: &Topology, shard: usize, replica: usize) -> usize {
    topology.nodes().position(id(shard, replica)).unwrap()
}
