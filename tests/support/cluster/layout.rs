//! Where masters and replicas stand, and what each node is told of the cluster before it starts.
//!
//! A layout is a text of one word a shard: the zone of its master, then `/` and a zone for each of its replicas.
//! `"A/B B/A A"` is three shards; the first has its master in A and a replica in B, the last has no replica.
//! The slots are shared out evenly, in the order of the words.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::Ipv4Addr;

use super::server::Program;
use super::wait::Outcome;

/// The number of hash slots of every Redis Cluster.
pub const SLOTS: u16 = 16384;

/// A node of a layout: who it is before it runs.
#[derive(Debug, Clone)]
pub struct Place {
    /// `m0`, `m1`, … for the masters in the order of the layout; `r2`, `r2b`, `r2c` for the replicas of `m2`.
    pub name: String,
    /// `A`, `B` or `C`.
    pub zone: char,
    /// The address of its own: node k of zone A has 127.1.0.k, of B 127.2.0.k, of C 127.3.0.k.
    pub host: Ipv4Addr,
    /// The node id, 40 hexadecimal digits, different in each cluster.
    pub id: String,
    /// The index of the shard.
    pub shard: usize,
    /// Whether it starts as a replica of that shard.
    pub replica: bool,
}

/// Reads a layout: all masters first, then all replicas. The empty text is no node at all.
pub fn places(layout: &str) -> Outcome<Vec<Place>> {
    let (mut masters, mut replicas): (Vec<Place>, Vec<Place>) = (Vec::new(), Vec::new());
    for (shard, word) in layout.split_whitespace().enumerate() {
        for (rank, zone) in word.split('/').enumerate() {
            let mut letters = zone.chars();
            let (Some(zone), None) = (letters.next(), letters.next()) else {
                return Err(
                    format!("layout {layout:?}: {word:?} is not a zone, then / and a zone for each replica").into()
                );
            };
            let taken = masters.iter().chain(&replicas).filter(|place| place.zone == zone).count();
            let place = Place {
                name: name(shard, rank),
                zone,
                host: host(zone, taken)?,
                id: fresh_id(),
                shard,
                replica: rank > 0,
            };
            if rank == 0 { masters.push(place) } else { replicas.push(place) }
        }
    }
    masters.append(&mut replicas);
    Ok(masters)
}

/// The address of a node of a zone that already has `taken` nodes.
pub fn host(zone: char, taken: usize) -> Outcome<Ipv4Addr> {
    let net = match zone {
        'A' => 1,
        'B' => 2,
        'C' => 3,
        _ => return Err(format!("there is no zone {zone:?}, only A, B and C").into()),
    };
    let last = u8::try_from(taken + 1).map_err(|_| format!("zone {zone} is full"))?;
    Ok(Ipv4Addr::new(127, net, 0, last))
}

/// The slots, first and last, that shard number `shard` of `shards` has at the start.
pub fn slots(shard: usize, shards: usize) -> (u16, u16) {
    let start = |shard: usize| (usize::from(SLOTS) * shard / shards) as u16;
    (start(shard), start(shard + 1) - 1)
}

/// The `nodes.conf` of one node, in which it finds the whole cluster when it starts.
///
/// So no MEET, no gossip and no vote are needed to form the cluster. Each shard has an epoch of its own, as `redis-cli` gives them.
/// Behind the addresses stand the bus port and the shard's id, if the server writes them.
pub fn nodes_conf(places: &[Place], myself: usize, port: u16, program: &Program) -> String {
    let shards = places.iter().filter(|place| !place.replica).count();
    let mut text = String::new();
    for (index, place) in places.iter().enumerate() {
        let mut bus = if program.writes_bus_port() { format!("@{}", port + 10_000) } else { String::new() };
        if program.writes_shard_ids() {
            // Any id will do, as long as a shard's nodes have the same.
            bus += &format!(",,tls-port=0,shard-id={}", places[place.shard].id);
        }
        let myself = if index == myself { "myself," } else { "" };
        let epoch = place.shard + 1;
        let role = if place.replica {
            let master = &places[place.shard].id;
            format!("slave {master} 0 0 {epoch} connected")
        } else {
            let (first, last) = slots(place.shard, shards);
            format!("master - 0 0 {epoch} connected {first}-{last}")
        };
        text += &format!("{} {}:{port}{bus} {myself}{role}\n", place.id, place.host);
    }
    text + &format!("vars currentEpoch {shards} lastVoteEpoch 0\n")
}

/// A node id that no other cluster has: tests must be able to tell clusters apart, also those of the same port.
pub(super) fn fresh_id() -> String {
    let digits: String = (0..3).map(|part| format!("{:016x}", RandomState::new().hash_one(part))).collect();
    digits[..40].to_owned()
}

fn name(shard: usize, rank: usize) -> String {
    match rank {
        0 => format!("m{shard}"),
        1 => format!("r{shard}"),
        _ => format!("r{shard}{}", char::from(b'a' + (rank as u8 - 1).min(25))),
    }
}
