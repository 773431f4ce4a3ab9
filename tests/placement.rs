//! What the loss of a zone or a node does, and what an audit says of it beforehand.

use std::collections::HashSet;
use std::time::Duration;

use fastrand::Rng;
use slotkeeper::cluster::address::Address;
use slotkeeper::cluster::info_reply::ClusterInfo;
use slotkeeper::cluster::merge::merge;
use slotkeeper::cluster::nodes::{Flags, NodeId};
use slotkeeper::cluster::slots::SlotRange;
use slotkeeper::cluster::topology::Topology;
use slotkeeper::cluster::view::View;
use slotkeeper::cluster::zone::{Placement, Zones};
use slotkeeper::policy::failover::{Fate, Loss, foresee};
use slotkeeper::policy::what_if::{Assumptions, Blow, Effect, Outcome, strike, what_if};
use slotkeeper::{SLOT_COUNT, parse_nodes};

/// A shard each: the zone of the master, and those of its replicas with their flags, such as `A`, `["B", "C nofailover"]`.
type Shards<'a> = &'a [(&'a str, &'a [&'a str])];

/// The project's disaster: after a drill the replica of the first shard stands where its master does.
const DISASTER: Shards<'_> = &[("A", &["A"]), ("A", &["B"]), ("B", &["C"]), ("B", &["A"]), ("C", &["B"])];
/// The same before the drill.
const SOUND: Shards<'_> = &[("A", &["B"]), ("A", &["C"]), ("B", &["C"]), ("B", &["A"]), ("C", &["A"])];

/// Zone A is 10.65.0.0/16, B 10.66.0.0/16, …; a node in zone `-` stands in none. Replica 2 of shard 3 has the id `…03…02`.
fn cluster(shards: Shards<'_>) -> (Topology, Placement) {
    let topology = topology(&lines(shards));
    let mut zones = Zones::default();
    for zone in 'A'..='Z' {
        zones.define(&zone.to_string(), &format!("10.{}.", zone as u8)).unwrap();
    }
    let placement = zones.place(topology.nodes());
    (topology, placement)
}

fn lines(shards: Shards<'_>) -> String {
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

fn topology(text: &str) -> Topology {
    let info = ClusterInfo { state_ok: true, ..ClusterInfo::default() };
    let view = View { from: Address::new("10.0.0.0", 1), reply: parse_nodes(text.as_bytes()).unwrap(), info };
    merge(None, &[view]).topology.unwrap()
}

fn id(shard: usize, replica: usize) -> NodeId {
    format!("{shard:020x}{replica:020x}").parse().unwrap()
}

fn place(topology: &Topology, shard: usize, replica: usize) -> usize {
    topology.nodes().position(id(shard, replica)).unwrap()
}

/// Zone A is the 0th.
fn loss_of<'a>(outcomes: &'a [Outcome], blow: &Blow) -> &'a Outcome {
    outcomes.iter().find(|outcome| outcome.blow == *blow).unwrap_or_else(|| panic!("{blow:?} is not among them"))
}

#[test]
fn the_disaster_is_named_before_the_blow() {
    let (topology, placement) = cluster(DISASTER);
    let outcomes = what_if(&topology, &placement, &Assumptions::default());
    let outcome = loss_of(&outcomes, &Blow::Zone(0));
    assert_eq!((outcome.effect, outcome.living_masters, outcome.dead), (Effect::LosesSlots, (3, 3), 4));
    assert_eq!(outcome.lost, [(place(&topology, 0, 0), Loss::ReplicasDead)]);
    assert_eq!(outcome.lost_slots, [SlotRange { first: 0, last: 3275 }]);
    assert_eq!(outcome.promotions, [(place(&topology, 1, 0), vec![place(&topology, 1, 1)])]);
    assert!(outcome.takes_requests(false) && !outcome.takes_requests(true));
    assert_eq!((outcome.unserved_slots(false), outcome.unserved_slots(true)), (3276, SLOT_COUNT));
    for zone in [1, 2] {
        assert_eq!(loss_of(&outcomes, &Blow::Zone(zone)).effect, Effect::Survives);
    }
}

#[test]
fn the_layout_before_the_drill_survives_each_zone_and_each_node() {
    let (topology, placement) = cluster(SOUND);
    let outcomes = what_if(&topology, &placement, &Assumptions::default());
    for outcome in &outcomes {
        let is_pair = matches!(outcome.blow, Blow::Zones(..));
        assert_eq!(
            outcome.effect == Effect::Survives,
            !is_pair || outcome.living_masters.0 >= 3 && outcome.lost.is_empty()
        );
    }
    assert_eq!(outcomes.len(), 3 + 3 + 10);
}

#[test]
fn the_worst_comes_first_and_of_equals_the_smaller_blow() {
    let (topology, placement) = cluster(DISASTER);
    let outcomes = what_if(&topology, &placement, &Assumptions::default());
    assert_eq!(outcomes[0].effect, Effect::LosesQuorum);
    let slots = |outcome: &Outcome| outcome.lost_slots.iter().map(|range| range.count()).sum::<usize>();
    assert!(outcomes.is_sorted_by(|one, next| {
        let harm = |outcome: &Outcome| (outcome.effect, slots(outcome), outcome.promotions.len());
        harm(one) > harm(next) || harm(one) == harm(next) && one.dead <= next.dead
    }));
    // A replica alone is missed by nobody.
    assert!(
        matches!(outcomes.last().unwrap().blow, Blow::Node(node) if !topology.nodes().get(node).unwrap().is_master())
    );
    assert_eq!(outcomes, what_if(&topology, &placement, &Assumptions::default()));
}

#[test]
fn a_stale_replica_is_not_promoted() {
    let (topology, placement) = cluster(SOUND);
    let assumptions = Assumptions { stale: HashSet::from([id(0, 1)]), ..Assumptions::default() };
    let outcome = strike(&topology, &placement, &assumptions, Blow::Node(place(&topology, 0, 0)));
    assert_eq!(outcome.lost, [(place(&topology, 0, 0), Loss::ReplicasBarred)]);
}

/// As it was measured with a node timeout of 1 s: a new master was known everywhere after 1.6 to 2.7 s.
#[test]
fn the_time_to_recover_holds_what_was_measured() {
    let (topology, placement) = cluster(SOUND);
    let assumptions = Assumptions { node_timeout: Duration::from_secs(1), ..Assumptions::default() };
    let one = strike(&topology, &placement, &assumptions, Blow::Node(place(&topology, 0, 0))).recovery.unwrap();
    assert_eq!((one.earliest.as_millis(), one.latest.as_millis(), one.repeated), (1500, 2700, None));
    let two = strike(&topology, &placement, &assumptions, Blow::Zone(0)).recovery.unwrap();
    assert_eq!(two.repeated.map(|time| time.as_millis()), Some(6700));
    let none = strike(&topology, &placement, &assumptions, Blow::Node(place(&topology, 0, 1)));
    assert_eq!((none.recovery, none.effect), (None, Effect::Survives));
}

#[test]
fn any_layout_and_any_blow_end_as_foreseen() {
    let mut random = Rng::with_seed(7);
    for _ in 0..300 {
        let masters = random.usize(1..10);
        let text = |random: &mut Rng| -> Vec<(&str, Vec<&str>)> {
            let place = |random: &mut Rng| random.choice(["A", "B", "C", "-", "A nofailover"]).unwrap();
            (0..masters)
                .map(|_| {
                    let replicas = (0..random.usize(..3)).map(|_| place(random)).collect();
                    (&place(random)[..1], replicas)
                })
                .collect()
        };
        let shards = text(&mut random);
        let shards: Vec<(&str, &[&str])> = shards.iter().map(|(master, replicas)| (*master, &replicas[..])).collect();
        let (topology, placement) = cluster(&shards);
        let nodes = topology.nodes();
        let dead: Vec<usize> = (0..nodes.len()).filter(|_| random.u8(..4) == 0).collect();
        let assumptions = Assumptions::default();
        let mut outcomes = what_if(&topology, &placement, &assumptions);
        outcomes.push(strike(&topology, &placement, &assumptions, Blow::Nodes(dead)));
        for outcome in outcomes {
            let is_lost = |place: usize| match &outcome.blow {
                Blow::Node(node) => place == *node,
                Blow::Nodes(nodes) => nodes.contains(&place),
                Blow::Zone(zone) => placement.zone(place) == Some(*zone),
                Blow::Zones(one, other) => [Some(*one), Some(*other)].contains(&placement.zone(place)),
            };
            let dead: HashSet<NodeId> =
                nodes.iter().enumerate().filter(|&(place, _)| is_lost(place)).map(|(_, node)| node.id()).collect();
            let forecast = foresee(&topology, |node| dead.contains(&node.id()));
            assert_eq!(outcome.effect == Effect::LosesQuorum, !forecast.has_quorum());
            assert_eq!((outcome.dead, &outcome.lost_slots), (dead.len(), &forecast.lost_slots()));
            for full_coverage in [false, true] {
                assert_eq!(outcome.takes_requests(full_coverage), forecast.takes_requests(full_coverage));
            }
            let fates = forecast.shards.iter().filter(|shard| shard.fate != Fate::Unharmed).count();
            assert_eq!(outcome.promotions.len() + outcome.lost.len(), fates);
        }
    }
}

#[test]
fn whoever_has_failed_already_is_dead_in_each_blow() {
    let text = lines(SOUND)
        .replace(&format!("{} 10.66.0.1:1@2 slave", id(0, 1)), &format!("{} 10.66.0.1:1@2 slave,fail", id(0, 1)));
    let topology = topology(&text);
    assert!(topology.node(id(0, 1)).unwrap().has(Flags::FAILED));
    let outcome = strike(&topology, &Placement::default(), &Assumptions::default(), Blow::Node(place(&topology, 0, 0)));
    assert_eq!((outcome.effect, outcome.dead), (Effect::LosesSlots, 1));
}
