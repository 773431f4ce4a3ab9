//! What the last-known-good file is good for: which topology goes into it, which file is believed, and who may answer for it.
//!
//! A topology in the file is only a list of addresses to ask, never the truth: slots and roles of then would send commands to
//! nodes that have lost them since, and what is true only the nodes themselves can say. So nothing of it is ever published.

use std::collections::HashSet;
use std::time::Duration;

use super::seeds::is_at_any;
use crate::cluster::address::Address;
use crate::cluster::keyslot::SLOT_COUNT;
use crate::cluster::last_good::Remembered;
use crate::cluster::nodes::{Flags, NodeId};
use crate::cluster::topology::{Topology, address};
use crate::cluster::view::View;

/// The most nodes of a file that are asked at once: of a thousand nodes so many, taken at random, are not all dead.
pub const FILE_NODES_AT_MOST: usize = 32;

/// A stamp further ahead of our clock than this is not believed: the clock was set back since, and the file would stand for
/// as long as it was wrong.
const CLOCKS_APART: Duration = Duration::from_secs(60);

/// Whether a topology may replace what the file remembers.
///
/// None that lacks a majority of living masters: who is asked for the password's sake must be named by one. One that serves every
/// slot always may. Of others only what still knows every node of the file: a view of a half that was cut off, or of a
/// cluster under construction, would else leave fewer addresses to start from next time.
pub fn is_worth_keeping(topology: &Topology, remembered: Option<&Remembered>) -> bool {
    let voters = || topology.nodes().slot_owners();
    let living = voters().filter(|node| !node.is_failing()).count();
    if living * 2 <= voters().count() {
        return false;
    }
    let is_whole = !topology.refuses_requests() && topology.covered_slots() == SLOT_COUNT;
    is_whole || remembered.is_none_or(|file| file.nodes.iter().all(|node| topology.node(node.id()).is_some()))
}

/// Whether a file of the stamp `remembered` is newer than a topology of the stamp `stamp` and stands, at the time `now` (all in
/// microseconds since 1970).
pub fn is_newer(remembered: u64, stamp: u64, now: u64) -> bool {
    remembered > stamp && remembered <= now.saturating_add(CLOCKS_APART.as_micros() as u64)
}

/// Whether the file is about the cluster behind these seeds: it was written under one of them, or one of its nodes is there.
///
/// Who points the seeds at another cluster must not be led back to the old one as soon as the new one does not answer.
pub fn is_about(remembered: &Remembered, seeds: &[Address]) -> bool {
    seeds.iter().any(|seed| remembered.seeds.contains(seed))
        || remembered.nodes.iter().any(|node| is_at_any(node, seeds))
}

/// Whether a view is of the cluster that the file remembers: they share at least half of the node ids of the smaller set. An address of the
/// file may be another cluster's by now (rule 1 of [`crate::cluster::merge`]).
pub fn is_kin(remembered: &Remembered, view: &View) -> bool {
    let ids: HashSet<NodeId> = remembered.nodes.iter().map(|node| node.id()).collect();
    let shared = view.nodes().iter().filter(|node| ids.contains(&node.id())).count();
    shared > 0 && shared * 2 >= ids.len().min(view.nodes().len())
}

/// Whom to ask: at most [`FILE_NODES_AT_MOST`] nodes of the file, those that lived when it was written first, by `rank` (a random
/// number for each, so that a fleet does not ask the same ones), without those at the addresses `but`.
pub fn whom_to_ask(remembered: &Remembered, but: &[Address], mut rank: impl FnMut() -> u64) -> Vec<Address> {
    let mut nodes: Vec<_> = remembered
        .nodes
        .iter()
        .filter(|node| !is_at_any(*node, but))
        .filter_map(|node| Some((node.has(Flags::FAILED), rank(), address(node)?)))
        .collect();
    nodes.sort_unstable();
    nodes.truncate(FILE_NODES_AT_MOST);
    nodes.into_iter().map(|(_, _, address)| address).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::info_reply::parse_info;
    use crate::cluster::merge::merge;
    use crate::parse_nodes;

    /// Node `n` is at 10.0.0.n:7000.
    fn line(n: u8, rest: &str) -> String {
        format!("{n:02x}c37dfeb235213a872192d90877d0cd55635b91 10.0.0.{n}:7000@17000 {rest}\n")
    }

    fn view(lines: &[String], state: &str) -> View {
        let info = parse_info(format!("cluster_state:{state}\r\ncluster_current_epoch:3\r\n").as_bytes()).unwrap();
        View { from: Address::new("10.0.0.1", 7000), reply: parse_nodes(lines.concat().as_bytes()).unwrap(), info }
    }

    fn topology(lines: &[String], state: &str) -> Topology {
        merge(None, &[view(lines, state)]).topology.unwrap()
    }

    fn remembered(nodes: &[String]) -> Remembered {
        let nodes = parse_nodes(nodes.concat().as_bytes()).unwrap().nodes;
        Remembered { stamp: 1, seeds: vec![Address::new("redis1", 6379)], nodes }
    }

    fn whole() -> [String; 3] {
        [
            line(1, "myself,master - 0 0 3 connected 0-8000"),
            line(2, "master - 0 0 2 connected 8001-16383"),
            line(3, "master - 0 0 1 connected"),
        ]
    }

    #[test]
    fn a_whole_topology_replaces_every_file() {
        let file = remembered(&[line(8, "master - 0 0 1 connected 0-16383"), line(9, "master - 0 0 0 connected")]);
        let topology = topology(&whole(), "ok");
        assert!(is_worth_keeping(&topology, Some(&file)) && is_worth_keeping(&topology, None));
    }

    #[test]
    fn a_half_lost_topology_replaces_no_file_that_knows_more_nodes() {
        let [one, _, three] = whole();
        let lost = topology(&[one.clone(), three], "ok");
        assert!(!is_worth_keeping(&lost, Some(&remembered(&whole()))));
        assert!(is_worth_keeping(&lost, Some(&remembered(&[one]))), "it forgets nobody");
        assert!(is_worth_keeping(&lost, None), "better than nothing");
    }

    #[test]
    fn a_topology_with_failed_nodes_that_forgets_nobody_is_kept() {
        let masters = |two: &str| {
            let lines = ["myself,master - 0 0 3 connected 0-8000", two, "master - 0 0 1 connected 9001-16383"];
            [(1, lines[0]), (2, lines[1]), (3, lines[2])].map(|(n, rest)| line(n, rest))
        };
        let file = remembered(&masters("master - 0 0 2 connected 8001-9000"));
        let refusing = topology(&masters("master,fail - 0 0 2 connected 8001-9000"), "fail");
        assert!(refusing.refuses_requests() && is_worth_keeping(&refusing, Some(&file)));
    }

    #[test]
    fn a_topology_without_a_majority_of_living_masters_is_not_kept() {
        let [one, _, three] = whole();
        for flags in ["master,fail", "master,fail?"] {
            let minority = topology(
                &[one.clone(), line(2, &format!("{flags} - 0 0 2 connected 8001-16383")), three.clone()],
                "fail",
            );
            assert!(!is_worth_keeping(&minority, None), "{flags}");
        }
        assert!(!is_worth_keeping(&topology(&[one, line(2, "master,fail - 0 0 2 connected 8001-16383")], "ok"), None));
    }

    #[test]
    fn the_higher_stamp_is_newer_unless_it_is_of_a_wrong_clock() {
        let now = 1_763_855_522_000_000;
        assert!(is_newer(now - 1, now - 2, now));
        assert!(!is_newer(now - 2, now - 2, now) && !is_newer(now - 3, now - 2, now));
        assert!(is_newer(now + 60_000_000, now, now) && !is_newer(now + 60_000_001, now, now));
    }

    #[test]
    fn a_file_is_about_the_cluster_that_it_was_written_under_or_that_a_seed_is_of() {
        let file = remembered(&whole());
        for (seed, about) in
            [("redis1:6379", true), ("10.0.0.2:7000", true), ("redis1:6380", false), ("10.0.0.9:7000", false)]
        {
            assert_eq!(is_about(&file, &[Address::new("x", 1), seed.parse().unwrap()]), about, "{seed}");
        }
        assert!(!is_about(&file, &[]));
    }

    #[test]
    fn a_view_is_kin_if_it_shares_half_of_the_ids_of_the_smaller_set() {
        let file = remembered(&whole());
        let [one, two, _] = whole();
        let other = |n: u8| line(n, "master - 0 0 1 connected");
        assert!(is_kin(&file, &view(&[one.clone(), two, other(9)], "ok")));
        assert!(is_kin(&file, &view(&[one.clone(), other(9)], "ok")));
        assert!(!is_kin(&file, &view(&[one, other(7), other(8), other(9)], "ok")));
        assert!(!is_kin(&file, &view(&[other(9)], "ok")));
    }

    #[test]
    fn living_nodes_are_asked_first_and_not_more_than_the_bound() {
        let lines: Vec<String> = (1..=60)
            .map(|n| line(n, if n <= 10 { "master,fail - 0 0 1 connected" } else { "master - 0 0 1 connected" }))
            .collect();
        let file = remembered(&lines);
        let mut rank = 0;
        let mut ask = |but: &[Address]| {
            whom_to_ask(&file, but, || {
                rank += 1;
                rank
            })
        };
        let asked = ask(&[Address::new("10.0.0.11", 7000)]);
        let expected: Vec<_> = (12..44).map(|n| Address::new(format!("10.0.0.{n}"), 7000)).collect();
        assert_eq!(asked, expected);
        let all_but_two: Vec<_> = (3..=60).map(|n| Address::new(format!("10.0.0.{n}"), 7000)).collect();
        assert_eq!(ask(&all_but_two).len(), 2, "failed ones, where there is nobody else");
    }
}
