//! What a plan types, what comes of it, and that nothing shorter does: against a naive rehearsal and a search through everything.

#[path = "support/scale.rs"]
mod scale;
#[path = "support/shards.rs"]
mod shards;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

use fastrand::Rng;
use slotkeeper::cluster::merge::merge;
use slotkeeper::cluster::nodes::{Flags, NodeId, Role};
use slotkeeper::cluster::rehearsal::{Command, rehearse};
use slotkeeper::cluster::topology::Topology;
use slotkeeper::cluster::zone::{Placement, Zones};
use slotkeeper::policy::audit::audit;
use slotkeeper::policy::baseline::Baseline;
use slotkeeper::policy::drift::drift;
use slotkeeper::policy::finding::{Finding, Rule};
use slotkeeper::policy::plan::{drill, plan, restore};
use slotkeeper::policy::readings::Readings;
use slotkeeper::policy::steps::{Plan, Typed};

use shards::{DISASTER, SOUND, Shards, cluster, id, lines, topology};

/// A shard each: the zone of the master, and what [`Shards`] has for its replicas.
type Layout = Vec<(&'static str, Vec<&'static str>)>;

fn on_paper(layout: &Layout) -> (Topology, Placement) {
    let shards: Vec<(&str, &[&str])> = layout.iter().map(|(zone, replicas)| (*zone, &replicas[..])).collect();
    cluster(&shards)
}

fn planned(shards: Shards<'_>) -> Plan {
    let (topology, placement) = cluster(shards);
    plan(&topology, &placement, &HashMap::new())
}

fn typed(plan: &Plan) -> Vec<String> {
    plan.steps.iter().map(|step| format!("{} {}", step.typed.node, step.typed.command)).collect()
}

/// How bad it is: zones with the quorum, shards that hang on a zone or a node, the spread of masters, settings.
fn harm(findings: &[Finding]) -> [usize; 5] {
    let count = |rule: Rule| findings.iter().filter(|finding| finding.rule == rule).count();
    let alone = count(Rule::OrphanMaster) + count(Rule::NoPromotableReplica);
    [
        count(Rule::QuorumLostWithZone),
        2 * alone + count(Rule::ShardInOneZone),
        count(Rule::MastersTogether),
        count(Rule::UnevenMasters),
        count(Rule::ReplicaNoFailover),
    ]
}

/// Of each node its role, its master, whether it may be promoted, and its slots.
fn roles(topology: &Topology) -> Vec<impl PartialEq + std::fmt::Debug + use<>> {
    let nodes = topology.nodes().iter();
    nodes
        .map(|node| (node.id(), node.role(), node.master_id(), node.has(Flags::NO_FAILOVER), node.ranges().to_vec()))
        .collect()
}

fn taken_back(plan: &Plan) -> Topology {
    let commands: Vec<&Typed> = plan.rollback().map(|(typed, _)| typed).collect();
    rehearse(&plan.after, commands.iter().map(|typed| (typed.node, &typed.command))).unwrap()
}

#[test]
fn the_disaster_is_mended_by_two_replicas_that_change_places() {
    let plan = planned(DISASTER);
    assert_eq!((plan.steps.len(), plan.is_shortest, &plan.leaves[..]), (2, true, &[][..]), "{:?}", typed(&plan));
    assert_eq!(plan.mends.iter().map(|finding| finding.rule).collect::<Vec<_>>(), [Rule::ShardInOneZone]);
    let (first, last) = (&plan.steps[0], &plan.steps[1]);
    assert!(plan.steps.iter().any(|step| step.typed.command == Command::Replicate(id(0, 0))));
    assert!([first, last].iter().all(|step| !step.why.is_empty() && !step.checks.is_empty()));
    let (_, placement) = cluster(DISASTER);
    assert_eq!(audit(&plan.after, &placement, &HashMap::new()).findings, []);
    assert_eq!(plan.rollback().next().map(|(typed, _)| typed), Some(&last.rollback));
}

#[test]
fn a_sound_cluster_needs_no_step() {
    let plan = planned(SOUND);
    assert_eq!((plan.steps.len(), plan.is_shortest, plan.leaves.len(), plan.mends.len()), (0, true, 0, 0));
    assert_eq!(plan.obstacle, None);
}

#[test]
fn masters_leave_a_zone_that_holds_the_quorum_and_each_step_says_what_to_see() {
    let plan = planned(&[("A", &["B"]), ("A", &["C"]), ("B", &["A"])]);
    let [step] = &plan.steps[..] else { panic!("{:?}", typed(&plan)) };
    assert_eq!(step.typed, Typed { node: id(1, 1), command: Command::Failover });
    assert_eq!(step.rollback, Typed { node: id(1, 0), command: Command::Failover });
    assert_eq!(step.why, "takes the master of slots 5461-10921 from zone A, which holds 2 of 3 masters, to zone C");
    let told: Vec<String> =
        step.checks.iter().map(|check| format!("{}: {}: {:?}", check.node, check.command, check.expect)).collect();
    let expected = [
        format!("{}: INFO replication: [\"role:master\"]", id(1, 1)),
        format!(
            "{}: INFO replication: [\"role:slave\", \"master_host:10.67.1.1\", \"master_port:1\", \"master_link_status:up\"]",
            id(1, 0)
        ),
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_no_such_command_mends_is_told_with_what_would() {
    for (shards, rule, needs) in [
        (
            &[("A", &["B"][..]), ("A", &["B"]), ("B", &["A"])][..],
            Rule::QuorumLostWithZone,
            "add zones or masters: with 3 masters in 2 zones",
        ),
        (
            &[("A", &[]), ("B", &["C"]), ("C", &["B"])],
            Rule::OrphanMaster,
            "a node more, as no replica was found that could be spared: CLUSTER REPLICATE",
        ),
        (&[("A", &["A"]), ("A", &["A"]), ("A", &["A"])], Rule::QuorumLostWithZone, "add zones or masters"),
    ] {
        let plan = planned(shards);
        assert_eq!(plan.steps, [], "{shards:?}");
        assert_eq!(plan.leaves[0].finding.rule, rule, "{:?}", plan.leaves);
        assert!(plan.leaves[0].needs.starts_with(needs), "{}", plan.leaves[0].needs);
    }
}

#[test]
fn a_node_of_which_nobody_knows_where_it_stands_mends_nothing() {
    let plan = planned(&[("A", &["-"]), ("A", &["B"]), ("A", &["A"]), ("B", &["-", "-"]), ("C", &["-"])]);
    assert_eq!(typed(&plan), [format!("{} CLUSTER FAILOVER", id(1, 1))]);
    assert_eq!(
        plan.leaves.iter().map(|left| left.finding.rule).collect::<Vec<_>>(),
        [Rule::ShardInOneZone, Rule::NodeWithoutZone]
    );
    // Without any zone there is still somebody to take over.
    let (topology, _) = cluster(&[("A", &[]), ("A", &["B", "B"])]);
    let plan = self::plan(&topology, &Placement::default(), &HashMap::new());
    assert_eq!(typed(&plan), [format!("{} CLUSTER REPLICATE {}", id(1, 1), id(0, 0))]);
}

#[test]
fn settings_that_the_rules_ask_for_come_first() {
    let (topology, placement) = cluster(&[("A", &["B nofailover"]), ("B", &["C"]), ("C", &["A"])]);
    let told = |timeout: u64| Readings {
        node_timeout: Some(Duration::from_secs(timeout)),
        validity_factor: Some(if timeout == 15 { 10 } else { 1 }),
        ..Readings::default()
    };
    let mut readings: HashMap<NodeId, Readings> = topology.nodes().iter().map(|node| (node.id(), told(15))).collect();
    readings.insert(id(2, 1), told(5));
    let plan = plan(&topology, &placement, &readings);
    let commands: Vec<String> = plan.steps.iter().map(|step| step.typed.command.to_string()).collect();
    let expected = [
        "CONFIG SET cluster-replica-no-failover no",
        "CONFIG SET cluster-node-timeout 15000",
        "CONFIG SET cluster-replica-validity-factor 10",
    ];
    assert_eq!(commands, expected);
    assert_eq!((&plan.leaves[..], plan.mends.len()), (&[][..], 3), "{:?}", plan.mends);
    assert_eq!(roles(&taken_back(&plan)), roles(&topology));
}

#[test]
fn nothing_is_typed_while_masters_have_failed_or_slots_move() {
    for (from, to) in [
        (" slave", " slave"),
        ("myself,master", "master,fail"),
        ("0-3275", "0-3275 [7->-0000000000000000000000000000000000000007]"),
    ] {
        let text = lines(DISASTER).replacen(from, to, 1);
        let text = if text.contains("myself") { text } else { text.replacen(" master -", " myself,master -", 1) };
        let topology = topology(&text);
        let (_, placement) = cluster(DISASTER);
        let plan = plan(&topology, &placement, &HashMap::new());
        assert_eq!(plan.obstacle.is_some(), from != to, "{to}");
        assert_eq!(plan.steps.is_empty(), from != to, "{to}");
        assert_eq!(drill(&topology, &placement, &HashMap::new(), 0).obstacle, plan.obstacle);
    }
}

#[test]
fn a_drill_leaves_the_zone_without_masters_and_leads_back() {
    let (topology, placement) = cluster(SOUND);
    for zone in 0..3 {
        let plan = drill(&topology, &placement, &HashMap::new(), zone);
        assert_eq!(plan.leaves, []);
        assert!(
            plan.after
                .nodes()
                .iter()
                .enumerate()
                .all(|(place, node)| !node.is_master() || placement.zone(place) != Some(zone))
        );
        assert_eq!(roles(&taken_back(&plan)), roles(&topology));
    }
    let (topology, placement) = cluster(DISASTER);
    let plan = drill(&topology, &placement, &HashMap::new(), 0);
    assert_eq!((plan.steps.len(), plan.leaves.len()), (1, 1));
    let sentence = &plan.leaves[0].finding.sentence;
    assert_eq!(sentence, "master 10.65.0.0:1 of slots 0-3275 cannot leave zone A: no replica elsewhere can take over");
}

#[test]
fn a_baseline_is_restored_by_no_more_steps_than_have_moved_it() {
    let mut random = Rng::with_seed(23);
    for _ in 0..200 {
        let (start, placement) =
            cluster(&[("A", &["B", "C"]), ("A", &["C"]), ("B", &["C", "A"]), ("B", &["A"]), ("C", &["A"])]);
        let baseline = Baseline::of(&start, &placement, &HashMap::new()).unwrap();
        let (mut now, mut moved) = (start.clone(), 0);
        for _ in 0..random.usize(1..5) {
            let replicas: Vec<NodeId> =
                now.nodes().iter().filter(|node| node.role() == Some(Role::Replica)).map(|node| node.id()).collect();
            let masters: Vec<NodeId> = now.nodes().slot_owners().map(|node| node.id()).collect();
            let node = *random.choice(&replicas).unwrap();
            let command =
                if random.bool() { Command::Failover } else { Command::Replicate(*random.choice(&masters).unwrap()) };
            let next = rehearse(&now, [(node, &command)]).unwrap();
            moved += usize::from(roles(&next) != roles(&now));
            now = next;
        }
        let plan = restore(&baseline, &now, &placement, &HashMap::new());
        assert!(plan.steps.len() <= moved, "{:?} after {moved}", typed(&plan));
        let left = drift(&baseline, &plan.after, &placement, &HashMap::new());
        assert_eq!(left, [], "{:?}", typed(&plan));
        assert_eq!(roles(&plan.after), roles(&start));
        assert_eq!(roles(&taken_back(&plan)), roles(&now));
    }
}

#[test]
fn a_large_cluster_whose_nodes_stand_at_random_gets_a_list_that_mends_it_all() {
    let mut random = Rng::with_seed(31);
    let topology = merge(None, &scale::views(scale::SMALL, 1)).topology.unwrap();
    let mut items = [const { Vec::new() }; 3];
    topology.addresses().for_each(|(_, address)| items[random.usize(..3)].push(address.to_string()));
    let mut zones = Zones::default();
    for (zone, items) in ["a", "b", "c"].into_iter().zip(items) {
        zones.define(zone, &items.join(",")).unwrap();
    }
    let placement = zones.place(topology.nodes());
    let before = harm(&audit(&topology, &placement, &HashMap::new()).findings);
    let plan = plan(&topology, &placement, &HashMap::new());
    let after = harm(&audit(&plan.after, &placement, &HashMap::new()).findings);
    // A third of the shards stands in one zone, and each takes one step at least.
    assert!(
        before[1] > 10 && plan.steps.len() >= before[1] && plan.steps.len() < 3 * before[1],
        "{}",
        plan.steps.len()
    );
    assert_eq!(after, [0; 5], "{:?}", typed(&plan));
    assert_eq!(roles(&taken_back(&plan)), roles(&topology));
}

#[test]
fn any_plan_mends_what_it_promises_leads_back_and_is_the_shortest() {
    let mut random = Rng::with_seed(29);
    let (mut steps, mut mended) = (0, 0);
    for _ in 0..80 {
        let kinds = ["A", "B", "A nofailover", "A", "B", "C", "C"];
        let kinds = &kinds[..if random.bool() { 7 } else { 5 }];
        let kind = |random: &mut Rng| *random.choice(kinds).unwrap();
        let layout: Layout = (0..random.usize(1..5))
            .map(|_| (&kind(&mut random)[..1], (0..random.usize(..3)).map(|_| kind(&mut random)).collect()))
            .collect();
        let (topology, placement) = on_paper(&layout);
        let before = harm(&audit(&topology, &placement, &HashMap::new()).findings);
        let plan = plan(&topology, &placement, &HashMap::new());
        let after = harm(&audit(&plan.after, &placement, &HashMap::new()).findings);
        assert!(plan.is_shortest, "{layout:?}");
        assert!(after < before || after == before && plan.steps.is_empty(), "{layout:?}: {before:?} {after:?}");
        assert_eq!(roles(&taken_back(&plan)), roles(&topology), "{layout:?}");
        let left: Vec<&Finding> = plan.leaves.iter().map(|leftover| &leftover.finding).collect();
        assert_eq!(left, audit(&plan.after, &placement, &HashMap::new()).findings.iter().collect::<Vec<_>>());
        // Whatever is typed instead, in fewer steps it comes to less, and in a few more to no more.
        let all = everything(&layout, plan.steps.len().clamp(2, 3));
        for (depth, reached) in all.iter().enumerate() {
            for other in reached {
                let (topology, placement) = on_paper(other);
                let harm = harm(&audit(&topology, &placement, &HashMap::new()).findings);
                let is_ruled_out = harm[0] > 0 && crowds(&layout, other);
                assert!(
                    is_ruled_out || harm > after || harm == after && depth >= plan.steps.len(),
                    "{layout:?}: {:?}: {depth} steps to {other:?}: {harm:?} {after:?}",
                    typed(&plan)
                );
            }
        }
        steps += plan.steps.len();
        mended += usize::from(after == [0; 5] && before != [0; 5]);
    }
    assert!(steps > 80 && mended > 3, "{steps} steps, {mended} mended");
}

/// Whether a zone has more masters than before, and more than its share, though the quorum is lost with a zone: of two zones with half of the masters each one could be made
/// safe to lose by moving all to the other, and no plan does that.
fn crowds(before: &Layout, after: &Layout) -> bool {
    let zones: BTreeSet<&str> = before
        .iter()
        .flat_map(|(zone, replicas)| [vec![*zone], replicas.clone()].concat())
        .map(|kind| &kind[..1])
        .collect();
    let fair = before.len().div_ceil(zones.len());
    let masters = |layout: &Layout, zone: &str| layout.iter().filter(|(own, _)| *own == zone).count();
    zones.iter().any(|zone| masters(after, zone) > masters(before, zone).max(fair))
}

/// All layouts that commands can make of this one, by the number of commands.
fn everything(layout: &Layout, depth: usize) -> Vec<BTreeSet<Layout>> {
    let sorted = |mut layout: Layout| {
        layout.iter_mut().for_each(|(_, replicas)| replicas.sort_unstable());
        layout.sort();
        layout
    };
    let mut seen: HashSet<Layout> = HashSet::from([sorted(layout.clone())]);
    let mut all = vec![BTreeSet::from([sorted(layout.clone())])];
    for _ in 0..depth {
        let mut next = BTreeSet::new();
        for layout in all.last().unwrap() {
            for (shard, (_, replicas)) in layout.iter().enumerate() {
                for (place, &replica) in replicas.iter().enumerate() {
                    let mut push = |change: &dyn Fn(&mut Layout)| {
                        let mut other = layout.clone();
                        change(&mut other);
                        let other = sorted(other);
                        if seen.insert(other.clone()) {
                            next.insert(other);
                        }
                    };
                    if replica.len() == 1 {
                        push(&|other| {
                            let master = std::mem::replace(&mut other[shard].0, replica);
                            other[shard].1[place] = master;
                        });
                    } else {
                        push(&|other| other[shard].1[place] = &replica[..1]);
                    }
                    for to in (0..layout.len()).filter(|&to| to != shard) {
                        push(&|other| {
                            other[shard].1.remove(place);
                            other[to].1.push(replica);
                        });
                    }
                }
            }
        }
        all.push(next);
    }
    all
}
