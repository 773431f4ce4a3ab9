//! How much memory tables and topologies take, and how often it is asked for: a few times, however many nodes there are.

#[path = "support/counting.rs"]
mod counting;
#[path = "support/scale.rs"]
mod scale;

use counting::counted;
use slotkeeper::cluster::diff::diff;
use slotkeeper::cluster::merge::merge;
use slotkeeper::parse_nodes;

/// Ten times the nodes may ask so many times as often: lists that grow by doubling do.
const FACTOR: f64 = 1.5;

/// What a piece of work asks for with 100 nodes, with 1000, and with 1000 whose slots are all ranges of their own.
fn calls<T>(name: &str, limit: usize, work: impl Fn(&str) -> Box<dyn FnOnce() -> T>) {
    let [small, large, fragmented] =
        [scale::SMALL, scale::CONTIGUOUS, scale::FRAGMENTED].map(|capture| counted(work(capture)).1.calls);
    println!("{name}: {small} times for 100 nodes, {large} for 1000, {fragmented} fragmented");
    assert!(large <= limit && fragmented <= limit, "{name}: {large} and {fragmented} times");
    assert!(large as f64 <= small as f64 * FACTOR, "{name}: {small} times for 100 nodes, {large} for 1000");
}

#[test]
fn a_reply_is_read_with_few_allocations_however_many_nodes_it_names() {
    calls("parse", 20, |capture| {
        let reply = scale::reply(capture);
        Box::new(move || parse_nodes(reply.as_bytes()).unwrap())
    });
}

#[test]
fn views_are_merged_with_few_allocations_however_many_nodes_they_name() {
    calls("merge of 3 views", 40, |capture| {
        let views = scale::views(capture, 3);
        Box::new(move || (merge(None, &views), views))
    });
    calls("merge on top of what is known", 40, |capture| {
        let views = scale::views(capture, 3);
        let known = merge(None, &views).topology;
        Box::new(move || (merge(known.as_ref(), &views), known, views))
    });
}

#[test]
fn equal_topologies_are_compared_without_an_allocation() {
    calls("diff", 0, |capture| {
        let views = scale::views(capture, 3);
        let [old, new] = [(); 2].map(|()| merge(None, &views).topology.unwrap());
        Box::new(move || (diff(Some(&old), &new), old, new))
    });
}

#[test]
fn a_topology_takes_the_bytes_that_it_says_and_no_more() {
    for (capture, limit) in [(scale::SMALL, 100_000), (scale::CONTIGUOUS, 400_000), (scale::FRAGMENTED, 700_000)] {
        let views = scale::views(capture, 3);
        let (topology, taken) = counted(|| merge(None, &views).topology.unwrap());
        println!("{capture}: {} bytes in all, {} at the peak of the merge", topology.heap_size(), taken.peak);
        assert_eq!(topology.heap_size(), taken.held, "{capture}");
        assert!(topology.heap_size() <= limit, "{capture}: {} bytes", topology.heap_size());
        let reply = &views[0].reply.nodes;
        let (copy, taken) = counted(|| reply.clone());
        assert_eq!(copy.heap_size(), taken.held, "{capture}");
    }
}
