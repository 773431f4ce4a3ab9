//! Rules of the merge that no capture shows by itself: captures with a few words changed, as they would be in the situation told.

#[path = "support/captured.rs"]
mod captured;

use captured::{rewritten, view};
use slotkeeper::cluster::merge::{Rejection, judge, merge};
use slotkeeper::cluster::nodes::{Flags, NodeId, Role};
use slotkeeper::cluster::topology::Topology;
use slotkeeper::cluster::view::View;
use slotkeeper::parse_nodes;

const SERVER: &str = "redis-7.0.15";

fn merged(known: Option<&Topology>, views: &[View]) -> Topology {
    merge(known, views).topology.expect("a topology")
}

fn steady(node: usize) -> View {
    view(SERVER, &format!("01-steady/node{node}"))
}

/// The master that owns `slot`, as text.
fn owner(view: &View, slot: u16) -> String {
    let owner = view
        .nodes()
        .slot_owners()
        .find(|node| node.ranges().iter().any(|range| (range.first..=range.last).contains(&slot)));
    owner.unwrap().id().to_string()
}

/// The view with its lines of one node changed.
fn with(view: &View, id: &str, change: impl Fn(&str) -> String) -> View {
    rewritten(view, |line| if line.starts_with(id) { change(line) } else { line.to_owned() })
}

#[test]
fn a_lone_stranger_does_not_speak_however_high_its_epoch() {
    let mut stranger = view("redis-6.2.14", "01-steady/node0");
    stranger.info.current_epoch = 1000;
    let views = [stranger, steady(1), steady(2)];
    assert_eq!(judge(None, &views), [Some(Rejection::Foreign), None, None]);
}

#[test]
fn a_cluster_that_has_taken_over_one_of_our_nodes_is_foreign_all_the_same() {
    let ours = steady(0);
    let theirs = view("redis-6.2.14", "01-steady/node0");
    let (our_replica, their_replica) = [&ours, &theirs]
        .map(|view| view.nodes().iter().find(|node| node.role() == Some(Role::Replica)).unwrap().id().to_string())
        .into();
    let sharing = with(&theirs, &their_replica, |line| line.replace(&their_replica, &our_replica));
    let known = merged(None, std::slice::from_ref(&ours));
    assert_eq!(judge(Some(&known), &[sharing.clone(), ours.clone()]), [Some(Rejection::Foreign), None]);
    assert_eq!(judge(Some(&known), std::slice::from_ref(&sharing)), [Some(Rejection::Foreign)]);
    assert_eq!(judge(None, &[sharing, ours, steady(1)]), [Some(Rejection::Foreign), None, None]);
}

/// A node that has just been met knows few others, and its word must not make strangers of the rest.
#[test]
fn a_known_node_that_a_newcomer_does_not_name_yet_is_no_outsider() {
    let ours = steady(0);
    let (own, other) = (ours.id().unwrap().to_string(), owner(&ours, 16000));
    let newcomer = format!("{} 127.0.0.1:7199@17199", "f".repeat(40));
    let met = with(&ours, &other, |line| format!("{line}\n{newcomer} master - 0 0 0 connected"));
    let mut partial = rewritten(&ours, |line| if line.starts_with(&other) { line.to_owned() } else { String::new() });
    let text = format!("{newcomer} myself,master - 0 0 0 connected\n{}", captured::lines_of(&partial)[0]);
    partial.reply = parse_nodes(text.as_bytes()).unwrap();
    let known = merged(None, &[ours]);
    let views = [met, partial];
    assert_eq!(judge(Some(&known), &views), [None, None]);
    let topology = merged(Some(&known), &views);
    assert_eq!((topology.nodes().len(), topology.owners().count()), (7, 16384));
    assert_eq!(topology.owner_of(0).unwrap().id().to_string(), own);
}

/// Up to Redis 6.0.8 a replica's epoch is its own, and may be the highest of all.
#[test]
fn a_replica_claims_nothing() {
    let view = steady(0);
    let replica = view.nodes().iter().find(|node| node.role() == Some(Role::Replica)).unwrap().id().to_string();
    let boasting = with(&view, &replica, |line| {
        let mut words: Vec<&str> = line.split(' ').collect();
        words[6] = "99";
        words.push("0-16383");
        words.join(" ")
    });
    assert_eq!(merged(None, &[boasting]).owners(), merged(None, &[view]).owners());
}

/// Two masters with one epoch: a collision that the nodes are about to solve.
#[test]
fn ties_go_to_the_known_owner_and_then_to_the_lower_id() {
    let seen_by = [steady(2), steady(5)];
    let (a, b) = (owner(&seen_by[0], 0), owner(&seen_by[0], 6000));
    let claims = |view: &View, slots: [&str; 2]| {
        rewritten(view, |line| match [&a, &b].iter().position(|id| line.starts_with(id.as_str())) {
            Some(which) => {
                let mut words: Vec<&str> = line.split(' ').collect();
                (words[6], words[8]) = ("5", slots[which]);
                words.join(" ")
            }
            None => line.to_owned(),
        })
    };
    let views = [claims(&seen_by[0], ["0-5460", "5461-10921"]), claims(&seen_by[1], ["1-5460", "0-0"])];
    let id_of_0 = |topology: &Topology| topology.owner_of(0).unwrap().id().to_string();
    assert_eq!(&id_of_0(&merged(None, &views)), a.clone().min(b.clone()).as_str());
    for (known, expected) in [(&views[0], &a), (&views[1], &b)] {
        let known = merged(None, std::slice::from_ref(known));
        assert_eq!(&id_of_0(&known), expected);
        assert_eq!(&id_of_0(&merged(Some(&known), &views)), expected);
    }
}

#[test]
fn who_answers_and_serves_has_not_failed_whatever_others_still_say() {
    let accuser = view(SERVER, "02-sigstop-master-to1000/at-fail-victim0-seenby1");
    let back = view(SERVER, "02-sigstop-master-to1000/resumed-immediately-node0");
    let id = back.id().unwrap();
    let has_failed = |views: &[View]| merged(None, views).node(id).unwrap().has(Flags::FAILED);
    assert!(has_failed(std::slice::from_ref(&accuser)), "the capture holds the trap");
    assert!(!has_failed(&[accuser.clone(), back.clone()]));
    // After its start a master takes no requests for 2 s.
    let mut starting = back;
    starting.info.state_ok = false;
    assert!(has_failed(&[accuser, starting]));
}

#[test]
fn a_suspicion_is_kept_and_costs_no_slot() {
    let view = view(SERVER, "03-kill-master-to1000/at-fail_maybe-victim1-seenby4");
    let suspected =
        |node: &slotkeeper::cluster::nodes::Node<'_>| node.has(Flags::SUSPECTED) && !node.has(Flags::FAILED);
    let topology = merged(None, &[view]);
    let suspects: Vec<_> = topology.nodes().iter().filter(suspected).collect();
    assert_eq!(suspects.len(), 1);
    assert!(suspects[0].slot_count() > 5000 && topology.covered_slots() == 16384);
}

/// One that was stopped finds all its pings unanswered when it goes on.
#[test]
fn who_was_itself_away_suspects_nobody() {
    let (accuser, other) = (steady(0), owner(&steady(0), 16000));
    let id = accuser.id().unwrap().to_string();
    let accusing = with(&accuser, &other, |line| line.replacen("master", "master,fail?", 1));
    for (flags, is_believed) in [("master", true), ("master,fail?", false), ("master,fail", false)] {
        let before = with(&steady(1), &id, |line| line.replacen("master", flags, 1));
        let known = merged(None, &[before]);
        let topology = merged(Some(&known), &[accusing.clone(), steady(2)]);
        let is_suspected = topology.node(other.parse().unwrap()).unwrap().has(Flags::SUSPECTED);
        assert_eq!(is_suspected, is_believed, "the accuser was {flags}");
    }
}

/// A replica that has just been made a master without slots, to be given some.
#[test]
fn a_node_without_slots_tells_its_own_role() {
    let replica: NodeId = steady(3).id().unwrap();
    let becoming = with(&steady(3), &replica.to_string(), |line| {
        let mut words: Vec<&str> = line.split(' ').collect();
        (words[2], words[3]) = ("myself,master", "-");
        words.join(" ")
    });
    let topology = merged(None, &[steady(0), becoming, steady(1)]);
    let node = topology.node(replica).unwrap();
    assert_eq!((node.role(), node.master_id()), (Some(Role::Master), None));
}

#[test]
fn one_of_two_views_that_refuses_is_no_majority() {
    let failing = view(SERVER, "03-kill-master-to1000/at-fail-victim1-seenby4");
    assert!(failing.refuses(), "the capture holds the trap");
    let recovered = view(SERVER, "03-kill-master-to1000/04-after-failover-node0");
    assert!(merged(None, std::slice::from_ref(&failing)).refuses_requests());
    assert!(!merged(None, &[failing, recovered]).refuses_requests());
}

/// As it does for two node timeouts after a failure of which it has heard late.
#[test]
fn who_refuses_for_a_failure_that_is_over_refuses_alone() {
    let lost = owner(&steady(0), 16000);
    let back = (0..6).map(steady).find(|view| view.id().unwrap().to_string() == lost).unwrap();
    let late: Vec<View> = (0..6)
        .map(|node| with(&steady(node), &lost, |line| line.replacen("master", "master,fail", 1)))
        .filter(|view| view.id() != back.id())
        .map(|mut view| {
            view.info.state_ok = false;
            view
        })
        .collect();
    assert!(merged(None, &late[..2]).refuses_requests());
    let topology = merged(None, &[late[0].clone(), late[1].clone(), back]);
    assert!(!topology.refuses_requests() && topology.served_slots() == 16384, "the lost one is back, and says so");
}

#[test]
fn slots_on_the_move_stand_until_their_node_is_heard_again() {
    let teller = steady(0).nodes().myself().unwrap().id();
    let opened = with(&steady(0), &teller.to_string(), |line| format!("{line} [7->-{:040}]", 1));
    let moving = |topology: &Topology| topology.node(teller).unwrap().moving().len();
    for views in [[opened.clone(), steady(1)], [steady(1), opened]] {
        let known = merged(None, &views);
        assert_eq!(moving(&known), 1, "whoever is best informed");
        assert_eq!(moving(&merged(Some(&known), &[steady(1), steady(2)])), 1, "it was not asked");
        assert_eq!(moving(&merged(Some(&known), &[steady(1), steady(0)])), 0);
    }
}
