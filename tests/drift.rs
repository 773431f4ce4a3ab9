//! What a baseline holds, and what an audit tells of what has moved since.

#[path = "support/captured.rs"]
mod captured;
#[path = "support/scale.rs"]
mod scale;
#[path = "support/shards.rs"]
mod shards;

use std::collections::{BTreeMap, HashMap};

use fastrand::Rng;
use slotkeeper::cluster::address::Address;
use slotkeeper::cluster::merge::merge;
use slotkeeper::cluster::nodes::NodeId;
use slotkeeper::cluster::slots::SlotRange;
use slotkeeper::cluster::zone::{Placement, Zones};
use slotkeeper::policy::baseline::{Baseline, MeantNode, MeantSetting, MeantShard};
use slotkeeper::policy::drift::drift;
use slotkeeper::policy::finding::{Rule, Severity};
use slotkeeper::policy::readings::{Readings, SETTINGS};

use shards::{SOUND, cluster, id, lines, topology};

fn baseline() -> Baseline {
    let (topology, placement) = cluster(SOUND);
    Baseline::of(&topology, &placement, &HashMap::new()).unwrap()
}

fn zones() -> Zones {
    let mut zones = Zones::default();
    for zone in 'A'..='Z' {
        zones.define(&zone.to_string(), &format!("10.{}.", zone as u8)).unwrap();
    }
    zones
}

/// What has moved in the cluster of these lines since it was sound.
fn moved(lines: &str) -> Vec<String> {
    let topology = topology(lines);
    let findings = drift(&baseline(), &topology, &zones().place(topology.nodes()), &HashMap::new());
    assert!(findings.iter().all(|one| one.rule == Rule::Drift && one.severity() == Severity::Warning));
    findings.into_iter().map(|finding| finding.sentence).collect()
}

/// The lines after a failover to a shard's only replica.
fn failed_over(text: &str, shard: usize) -> String {
    let (master, replica) = (id(shard, 0).to_string(), id(shard, 1).to_string());
    let lines = text.lines().map(|line| {
        let place = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
        let find = |id: &str| text.lines().find(|line| line.starts_with(id)).unwrap();
        if line.starts_with(&master) {
            format!("{} slave {replica} 0 0 9 connected", place(line))
        } else if line.starts_with(&replica) {
            let slots = find(&master).rsplit(' ').next().unwrap();
            format!("{} myself,master - 0 0 9 connected {slots}", place(line))
        } else {
            line.replace("myself,", "")
        }
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

#[test]
fn a_baseline_is_a_node_a_line_and_holds_nothing_that_changes_by_itself() {
    let text = baseline().to_string();
    let shards: String =
        text.lines().filter(|line| !line.starts_with('#')).take(6).map(|line| format!("{line}\n")).collect();
    let expected = format!(
        "slotkeeper baseline 1\n\nshard 0-3275\n  master 10.65.0.0:1 zone A id {}\n  replica 10.66.0.1:1 zone B id {}\n\n",
        id(0, 0),
        id(0, 1)
    );
    assert_eq!(shards, expected);
    // Another epoch, a lost link, another order of the lines: the same text.
    let other: Vec<String> =
        lines(SOUND).lines().rev().map(|line| line.replace(" 0 0 3 connected", " 7 8 30 disconnected")).collect();
    let other = topology(&(other.join("\n") + "\n"));
    assert_eq!(Baseline::of(&other, &zones().place(other.nodes()), &HashMap::new()).unwrap().to_string(), text);
}

#[test]
fn of_a_setting_the_most_frequent_value_is_meant_for_all() {
    let (topology, placement) = cluster(SOUND);
    let told = |timeout: &str| {
        let settings = [("cluster-node-timeout", timeout), ("cluster-migration-barrier", "1")];
        Readings { settings: settings.map(|(name, value)| (name, value.into())).into(), ..Readings::default() }
    };
    let mut readings: HashMap<NodeId, Readings> =
        topology.nodes().iter().map(|node| (node.id(), told("15000"))).collect();
    readings.insert(id(1, 1), told("5000"));
    readings.remove(&id(2, 0));
    let baseline = Baseline::of(&topology, &placement, &readings).unwrap();
    let text = baseline.to_string();
    let settings = "set cluster-migration-barrier 1\nset cluster-node-timeout 15000\nset cluster-node-timeout 5000 at 10.67.1.1:1\n";
    assert!(text.ends_with(&format!("\n{settings}")), "{text}");
    assert_eq!(drift(&baseline, &topology, &placement, &readings), []);
    readings.insert(id(1, 1), told("15000"));
    readings.insert(id(2, 0), told("1"));
    readings.insert(id(3, 0), told("1"));
    let sentences: Vec<String> =
        drift(&baseline, &topology, &placement, &readings).into_iter().map(|one| one.sentence).collect();
    let expected = [
        "cluster-node-timeout is 1 on 10.66.2.0:1, 10.66.3.0:1; the baseline has 15000",
        "cluster-node-timeout is 15000 on 10.67.1.1:1; the baseline has 5000",
    ];
    assert_eq!(sentences, expected);
}

#[test]
fn nothing_has_moved_in_the_cluster_that_the_baseline_is_of() {
    assert_eq!(moved(&lines(SOUND)), [""; 0]);
    for server in captured::SERVERS {
        for one in captured::all(server) {
            let Some(topology) = merge(None, std::slice::from_ref(&one.view)).topology else { continue };
            // A master without an address has none to be named by.
            let Ok(baseline) = Baseline::of(&topology, &Placement::default(), &HashMap::new()) else { continue };
            assert_eq!(Baseline::read(baseline.to_string().as_bytes()), Ok(baseline.clone()));
            let findings = drift(&baseline, &topology, &Placement::default(), &HashMap::new());
            assert_eq!(findings, [], "{server} {} {}", one.scenario, one.moment);
        }
    }
}

#[test]
fn a_role_that_a_failover_moved_is_one_finding_with_both_places() {
    let sentences = moved(&failed_over(&lines(SOUND), 0));
    assert_eq!(
        sentences,
        ["the master of slots 0-3275 is 10.66.0.1:1 in zone B; the baseline has 10.65.0.0:1 in zone A"]
    );
    let topology = topology(&failed_over(&lines(SOUND), 0));
    let findings = drift(&baseline(), &topology, &Placement::default(), &HashMap::new());
    assert_eq!(findings[0].nodes, [id(0, 1), id(0, 0)]);
    assert_eq!(findings[0].slots, [SlotRange { first: 0, last: 3275 }]);
    assert_eq!(findings[0].remedy, "CLUSTER FAILOVER on 10.65.0.0:1; if it is meant so, write the baseline anew");
}

#[test]
fn what_else_may_move_is_told_in_words() {
    let text = lines(SOUND);
    let (replica, line) = (id(0, 1), |shard, replica| {
        let own = id(shard, replica).to_string();
        text.lines().find(|line| line.starts_with(&own)).unwrap().to_owned() + "\n"
    });
    let copies = |master: NodeId| line(0, 1).replace(&format!("slave {}", id(0, 0)), &format!("slave {master}"));
    for (lines, expected) in [
        // Another master's replica.
        (
            text.replace(&line(0, 1), &copies(id(2, 0))),
            &[
                "10.66.0.1:1 in zone B is a replica of 10.66.2.0:1 in zone B (slots 6553-9829); the baseline has it as a replica of slots 0-3275",
            ][..],
        ),
        // Gone, and a new one in its stead.
        (
            text.replace(
                &line(0, 1),
                &line(0, 1).replace("10.66.0.1", "10.66.0.9").replace(&replica.to_string(), &"7".repeat(40)),
            ),
            &[
                "10.66.0.1:1 in zone B is not in the cluster; the baseline has it",
                "10.66.0.9:1 in zone B is new, a replica of 10.65.0.0:1; the baseline does not have it",
            ],
        ),
        // Rebuilt where it was; its old self is remembered.
        (
            format!(
                "{}{}",
                text.replace(&line(0, 1), &line(0, 1).replace("slave ", "slave,fail ")),
                line(0, 1).replace(&replica.to_string(), &"7".repeat(40))
            ),
            &[],
        ),
        // Announced anew, in another zone.
        (
            text.replace("10.66.0.1:1@2", "10.67.0.1:1@2"),
            &[
                "10.67.0.1:1 in zone C has another address; the baseline has 10.66.0.1:1",
                "10.67.0.1:1 stands in zone C; the baseline has it in zone B",
            ],
        ),
        // Slots moved.
        (
            text.replace(" 0-3275", " 100-3275").replace(" 3276-6552", " 0-99 3276-6552"),
            &["the owner of slots 0-99 is 10.65.1.0:1 in zone A; the baseline has 10.65.0.0:1 in zone A"],
        ),
        // A master is gone, and its replica has taken over.
        (
            failed_over(&text, 0)
                .lines()
                .filter(|line| !line.starts_with(&id(0, 0).to_string()))
                .map(|line| format!("{line}\n"))
                .collect(),
            &[
                "the master of slots 0-3275 is 10.66.0.1:1 in zone B; the baseline has 10.65.0.0:1 in zone A, which is gone",
            ],
        ),
    ] {
        assert_eq!(moved(&lines), expected, "{lines}");
    }
}

#[test]
fn a_cluster_of_a_thousand_nodes_is_written_and_read_back() {
    for capture in [scale::CONTIGUOUS, scale::FRAGMENTED] {
        let topology = merge(None, &scale::views(capture, 1)).topology.unwrap();
        let baseline = Baseline::of(&topology, &Placement::default(), &HashMap::new()).unwrap();
        assert_eq!(baseline.shards.iter().map(|shard| shard.nodes().count()).sum::<usize>(), 1000);
        assert_eq!(Baseline::read(baseline.to_string().as_bytes()), Ok(baseline.clone()));
        assert_eq!(drift(&baseline, &topology, &Placement::default(), &HashMap::new()), []);
    }
}

#[test]
fn any_baseline_is_read_back_as_it_was_written() {
    let mut random = Rng::with_seed(17);
    for _ in 0..300 {
        let baseline = any_baseline(&mut random);
        let text = baseline.to_string();
        assert_eq!(Baseline::read(text.as_bytes()), Ok(baseline), "{text}");
    }
}

#[test]
fn any_text_is_read_or_refused_with_the_line_that_is_wrong() {
    let mut random = Rng::with_seed(18);
    const PIECES: [&str; 16] = [
        " ",
        "\n",
        "shard ",
        "none",
        "master ",
        "replica ",
        "set ",
        "id ",
        "zone ",
        "at ",
        "0-16383",
        "-1",
        "é",
        "#",
        ":",
        "10.0.0.1:1",
    ];
    for _ in 0..500 {
        let mut text = any_baseline(&mut random).to_string().into_bytes();
        for _ in 0..random.usize(1..4) {
            let at = random.usize(..=text.len());
            let until = (at + random.usize(..6)).min(text.len());
            text.splice(at..until, random.choice(PIECES).unwrap().bytes());
        }
        match Baseline::read(&text) {
            Ok(baseline) => assert_eq!(Baseline::read(baseline.to_string().as_bytes()), Ok(baseline)),
            Err(error) => assert!(
                error.message().starts_with("line ") || error.message().contains(" is set for single nodes only"),
                "{error}"
            ),
        }
    }
}

fn any_baseline(random: &mut Rng) -> Baseline {
    let shards = random.usize(1..6);
    let mut next = 0;
    let mut node = |random: &mut Rng| {
        next += 1;
        let host = random.choice(["10.0.0.1", "redis-1.example", "2001:db8::1", "fe80::1%eth0"]).unwrap();
        let zone =
            random.choice([None, Some("A"), Some("dc-b.room_1"), Some("a zone of two words"), Some("id")]).unwrap();
        let id = random.bool().then(|| format!("{next:040x}").parse().unwrap());
        MeantNode { address: Address::new(host, next), zone: zone.map(Into::into), id }
    };
    let mut first = 0;
    let mut shards: Vec<MeantShard> = (0..shards)
        .map(|number| {
            let last = first + random.u16(1..3000);
            let ranges = [SlotRange { first, last: first }, SlotRange { first: first + 1, last }];
            first = last + 1;
            let slots = if number == shards - 1 { Vec::new() } else { ranges[random.usize(..2)..].to_vec() };
            let mut replicas: Vec<MeantNode> = (0..random.usize(..3)).map(|_| node(random)).collect();
            replicas.sort();
            MeantShard { slots, master: node(random), replicas }
        })
        .collect();
    random.shuffle(&mut shards);
    shards.sort_by_key(|shard| shard.slots.first().map_or(u16::MAX, |range| range.first));
    let settings = SETTINGS.into_iter().filter(|_| random.bool()).collect::<Vec<_>>();
    let settings = settings.into_iter().map(|name| {
        let except: BTreeMap<Address, Box<str>> =
            (0..random.u16(..3)).map(|port| (Address::new("h", port + 1), "no".into())).collect();
        (name.into(), MeantSetting { value: random.choice(["yes", "15000", "0"]).unwrap().into(), except })
    });
    Baseline { shards, settings: settings.collect() }
}
