//! What the loss of a zone or a node does, and what an audit says of it beforehand.

#[path = "support/captured.rs"]
mod captured;
#[path = "support/shards.rs"]
mod shards;

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use fastrand::Rng;
use slotkeeper::SLOT_COUNT;
use slotkeeper::cluster::merge::merge;
use slotkeeper::cluster::nodes::{Flags, NodeId};
use slotkeeper::cluster::slots::SlotRange;
use slotkeeper::cluster::zone::{Placement, Zones};
use slotkeeper::policy::audit::{Audit, audit};
use slotkeeper::policy::failover::{Fate, Loss, foresee};
use slotkeeper::policy::finding::{Finding, Rule, Severity};
use slotkeeper::policy::readings::{Readings, stale_replicas};
use slotkeeper::policy::what_if::{Assumptions, Blow, Effect, Outcome, strike, what_if};

use shards::{DISASTER, SOUND, Shards, cluster, id, lines, place, topology};

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
    for _ in 0..100 {
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

fn audited(shards: Shards<'_>) -> Audit {
    let (topology, placement) = cluster(shards);
    audit(&topology, &placement, &HashMap::new())
}

fn rules(audit: &Audit) -> Vec<Rule> {
    audit.findings.iter().map(|finding| finding.rule).collect()
}

fn seconds(seconds: u64) -> Option<Duration> {
    Some(Duration::from_secs(seconds))
}

#[test]
fn the_audit_names_the_shard_and_the_slots_of_the_disaster() {
    let audit = audited(DISASTER);
    let [finding] = &audit.findings[..] else { panic!("{:?}", audit.findings) };
    let expected = Finding {
        rule: Rule::ShardInOneZone,
        sentence: "master 10.65.0.0:1 and all replicas that may take over (10.65.0.1:1) stand in zone A: with it slots 0-3275 are lost"
            .to_owned(),
        remedy: format!("CLUSTER REPLICATE {} on a node in another zone than the master's", id(0, 0)),
        nodes: vec![id(0, 0), id(0, 1)],
        slots: vec![SlotRange { first: 0, last: 3275 }],
    };
    assert_eq!(*finding, expected);
    assert_eq!(
        (finding.severity(), audit.compliance),
        (Severity::Critical, (SLOT_COUNT - 3276) as f64 / SLOT_COUNT as f64)
    );
    assert_eq!(audited(SOUND), Audit { findings: Vec::new(), compliance: 1.0 });
}

#[test]
fn each_layout_breaks_its_rules_and_no_others() {
    for (shards, expected, compliance) in [
        // Two zones can never both be spared.
        (&[("A", &["B"][..]), ("A", &["B"]), ("B", &["A"])][..], &[Rule::QuorumLostWithZone][..], 0.0),
        (&[("A", &["B"]), ("B", &["A"]), ("C", &[])], &[Rule::OrphanMaster], 2.0 / 3.0),
        (
            &[("A", &["B"]), ("B", &["A"]), ("C", &["A nofailover"])],
            &[Rule::NoPromotableReplica, Rule::ReplicaNoFailover],
            2.0 / 3.0,
        ),
        (&[("A", &["B"]), ("A", &["B"]), ("B", &["C"]), ("C", &["D"]), ("D", &["E"])], &[Rule::MastersTogether], 1.0),
        (
            &[
                ("A", &["B"]),
                ("A", &["B"]),
                ("A", &["B"]),
                ("B", &["C"]),
                ("B", &["C"]),
                ("C", &["A"]),
                ("C", &["B"]),
                ("D", &["A"]),
                ("D", &["A"]),
                ("E", &["A"]),
            ],
            &[Rule::UnevenMasters],
            1.0,
        ),
        (&[("A", &["B"]), ("B", &["-"]), ("C", &["A"])], &[Rule::NodeWithoutZone], 1.0),
    ] {
        let audit = audited(shards);
        assert_eq!(rules(&audit), expected, "{:?}", audit.findings);
        assert!((audit.compliance - compliance).abs() < 0.001, "{shards:?}: {}", audit.compliance);
        for finding in &audit.findings {
            assert!(
                !finding.sentence.is_empty() && !finding.remedy.is_empty() && !finding.nodes.is_empty(),
                "{finding:?}"
            );
        }
    }
}

#[test]
fn where_no_failover_can_save_the_quorum_zones_or_masters_are_asked_for() {
    for (shards, remedy) in [
        (&[("A", &["B"][..]), ("A", &["B"]), ("B", &["A"])][..], "add zones or masters: with 3 masters in 2 zones"),
        (
            &[("A", &["B"]), ("A", &["B"]), ("B", &["A"]), ("C", &["A"])],
            "add zones or masters: with 4 masters in 3 zones",
        ),
        (
            &[("A", &["B"]), ("A", &["B"]), ("B", &["C"])],
            "CLUSTER FAILOVER on replicas in other zones, until no zone holds more than 1",
        ),
    ] {
        let audit = audited(shards);
        assert_eq!(audit.findings[0].rule, Rule::QuorumLostWithZone);
        assert!(audit.findings[0].remedy.starts_with(remedy), "{}", audit.findings[0].remedy);
    }
}

#[test]
fn nodes_are_told_to_be_in_no_zone_as_long_as_none_is_defined() {
    let (topology, _) = cluster(DISASTER);
    let audit = audit(&topology, &Zones::default().place(topology.nodes()), &HashMap::new());
    assert_eq!(rules(&audit), [Rule::NodeWithoutZone]);
    assert_eq!((audit.findings[0].nodes.len(), audit.compliance), (10, 1.0));
    let mut zones = Zones::default();
    zones.define("x", "10.65.").unwrap();
    zones.define("y", "10.66.* 10.67.*, 10.65.0.*").unwrap();
    let audit = self::audit(&topology, &zones.place(topology.nodes()), &HashMap::new());
    let disputed: Vec<_> = audit.findings.iter().filter(|one| one.rule == Rule::ZonesInDispute).collect();
    assert_eq!(disputed.len(), 2, "{:?}", audit.findings);
    assert!(
        disputed[0].sentence.ends_with("zone x by \"10.65.\", zone y by \"10.65.0.*\""),
        "{}",
        disputed[0].sentence
    );
}

#[test]
fn what_is_broken_already_is_told_first() {
    let failed = format!("{} 10.65.0.0:1@2 myself,master", id(0, 0));
    let text = lines(&[("A", &[]), ("B", &["A"]), ("C", &["A"])])
        .replace(&failed, &failed.replace("myself,master", "master,fail"))
        .replace("5461-10921", "5461-10900 [10900->-0000000000000000000000000000000000000007]")
        .replace(" 3 connected", " 2 connected");
    let topology = topology(&text.replacen(" master -", " myself,master -", 1));
    let audit = audit(&topology, &Placement::default(), &HashMap::new());
    let expected =
        [Rule::UnownedSlots, Rule::FailedMaster, Rule::OpenSlots, Rule::EpochCollision, Rule::NodeWithoutZone];
    assert_eq!(rules(&audit), expected, "{:?}", audit.findings);
    assert!(
        audit.findings[1].sentence.ends_with("nobody takes over: it has no replica"),
        "{}",
        audit.findings[1].sentence
    );
    assert_eq!(audit.compliance, 0.0, "with one node more the quorum is lost");
}

#[test]
fn what_was_read_from_nodes_is_judged_and_what_was_not_is_left_alone() {
    let (topology, placement) = cluster(SOUND);
    let mut readings: HashMap<NodeId, Readings> =
        topology.nodes().iter().map(|node| (node.id(), Readings::default())).collect();
    assert_eq!(audit(&topology, &placement, &readings).findings, []);
    let with = |full_coverage, timeout| Readings {
        full_coverage: Some(full_coverage),
        node_timeout: seconds(timeout),
        validity_factor: Some(10),
        ..Readings::default()
    };
    readings.extend([(id(0, 0), with(true, 15)), (id(1, 0), with(false, 15)), (id(2, 1), with(true, 1))]);
    readings.insert(id(3, 1), Readings { validity_factor: Some(1), ..Readings::default() });
    readings.insert(id(4, 1), Readings { link_down: seconds(161), ..Readings::default() });
    let audit = audit(&topology, &placement, &readings);
    let expected = [
        Rule::NoPromotableReplica,
        Rule::ReplicaLinkDown,
        Rule::MixedFullCoverage,
        Rule::MixedNodeTimeout,
        Rule::ValidityForbidsFailover,
    ];
    assert_eq!(rules(&audit), expected, "{:?}", audit.findings);
    assert_eq!(
        audit.findings[2].sentence,
        "cluster-require-full-coverage differs between nodes: no on 10.65.1.0:1; yes on 10.65.0.0:1, 10.67.2.1:1"
    );
    assert_eq!(stale_replicas(&readings), HashSet::from([id(4, 1)]));
    // Ten seconds and ten times the node timeout are allowed.
    readings.insert(id(4, 1), Readings { link_down: seconds(160), ..Readings::default() });
    assert!(stale_replicas(&readings).is_empty());
}

/// A zone or a node is spared by the audit if and only if the what-if has it survive.
#[test]
fn the_audit_of_any_layout_says_what_its_losses_would_show() {
    let mut random = Rng::with_seed(11);
    for _ in 0..100 {
        let kinds = ["A", "B", "C", "D", "A nofailover", "B nofailover"];
        let shards: Vec<(&str, Vec<&str>)> = (0..random.usize(1..10))
            .map(|_| (kinds[random.usize(..4)], (0..random.usize(..3)).map(|_| kinds[random.usize(..6)]).collect()))
            .collect();
        let shards: Vec<(&str, &[&str])> = shards.iter().map(|(zone, replicas)| (*zone, &replicas[..])).collect();
        let (topology, placement) = cluster(&shards);
        let audit = audit(&topology, &placement, &HashMap::new());
        assert!(audit.findings.is_sorted_by_key(|finding| finding.rule));
        let mut is_safe = vec![true; SLOT_COUNT];
        for outcome in what_if(&topology, &placement, &Assumptions::default()) {
            let told = |rule: Rule| audit.findings.iter().filter(move |finding| finding.rule == rule);
            match outcome.blow {
                Blow::Zones(..) | Blow::Nodes(_) => continue,
                Blow::Zone(zone) => {
                    let name = format!("zone {} holds", placement.names().nth(zone).unwrap());
                    let is_told = told(Rule::QuorumLostWithZone).any(|finding| finding.sentence.starts_with(&name));
                    assert_eq!(is_told, outcome.effect == Effect::LosesQuorum, "{shards:?}");
                }
                Blow::Node(_) => {}
            }
            let all = [SlotRange { first: 0, last: 16383 }];
            let is_down = outcome.effect == Effect::LosesQuorum;
            let lost = if is_down { &all[..] } else { &outcome.lost_slots };
            lost.iter().for_each(|range| is_safe[usize::from(range.first)..=usize::from(range.last)].fill(false));
            for range in outcome.lost_slots.iter().filter(|_| !is_down) {
                let rules = [Rule::ShardInOneZone, Rule::OrphanMaster, Rule::NoPromotableReplica];
                let mut slots = rules.into_iter().flat_map(told).flat_map(|finding| &finding.slots);
                assert!(slots.any(|told| range.first <= told.first && told.last <= range.last), "{shards:?} {range}");
            }
        }
        let safe = is_safe.iter().filter(|&&is_safe| is_safe).count() as f64 / SLOT_COUNT as f64;
        assert_eq!(audit.compliance, safe, "{shards:?}");
    }
}

#[test]
fn clusters_that_were_captured_are_audited_without_surprise() {
    for server in captured::SERVERS {
        for one in captured::all(server) {
            let Some(topology) = merge(None, std::slice::from_ref(&one.view)).topology else { continue };
            let audit = audit(&topology, &Placement::default(), &HashMap::new());
            let moment = format!("{server} {} {}", one.scenario, one.moment);
            assert!((0.0..=1.0).contains(&audit.compliance), "{moment}");
            let failed = topology.nodes().slot_owners().filter(|node| node.has(Flags::FAILED)).count();
            let told = rules(&audit).into_iter().filter(|rule| *rule == Rule::FailedMaster).count();
            assert_eq!(told, failed, "{moment}");
            if one.scenario == "09-resharding" {
                let is_open = topology.nodes().iter().any(|node| !node.moving().is_empty());
                assert_eq!(rules(&audit).contains(&Rule::OpenSlots), is_open, "{moment}");
            }
        }
    }
}
