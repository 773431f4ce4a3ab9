//! Views of a cluster of many nodes, as several of its nodes would give them: the capture of one node, told by others.

// Every test program compiles this module for itself and uses a part of it.
#![allow(dead_code)]

use std::fs;
use std::path::Path;

use slotkeeper::cluster::address::Address;
use slotkeeper::cluster::info_reply::ClusterInfo;
use slotkeeper::cluster::view::View;
use slotkeeper::{SLOT_COUNT, parse_nodes};

/// A tenth of the next.
pub const SMALL: &str = "50m-100n-contig";
/// 1000 nodes, each master one run of slots.
pub const CONTIGUOUS: &str = "500m-1000n-contig";
/// The same, each slot a range of its own.
pub const FRAGMENTED: &str = "500m-1000n-frag1";

/// The reply of the capture, as it came.
pub fn reply(capture: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/scale/{capture}.cluster_nodes.txt"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// So many views of the capture, each of another master, which names the nodes in an order of its own, as nodes do.
pub fn views(capture: &str, count: usize) -> Vec<View> {
    let reply = reply(capture).replace("myself,", "");
    let lines: Vec<&str> = reply.lines().collect();
    let masters: Vec<&str> = lines.iter().copied().filter(|line| line.contains(" master ")).collect();
    let mut random = fastrand::Rng::with_seed(4);
    let one = |master: &str| {
        let own = master.replace(" master ", " myself,master ");
        let mut told: Vec<&str> = lines.iter().map(|line| if *line == master { own.as_str() } else { line }).collect();
        random.shuffle(&mut told);
        let reply = parse_nodes(told.join("\n").as_bytes()).unwrap();
        let me = reply.nodes.myself().unwrap();
        let info = ClusterInfo {
            state_ok: true,
            slots_assigned: SLOT_COUNT as u32,
            slots_ok: SLOT_COUNT as u32,
            known_nodes: lines.len() as u32,
            size: masters.len() as u32,
            current_epoch: masters.len() as u64,
            my_epoch: me.config_epoch(),
            ..ClusterInfo::default()
        };
        View { from: Address::new(me.host(), me.port()), reply, info }
    };
    masters.iter().copied().step_by(7).take(count).map(one).collect()
}
