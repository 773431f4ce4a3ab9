//! How fast the topology of 1000 nodes is merged from what three of them say, and compared with another.
//!
//! `make bench`, or `cargo bench --bench topology -- merge` for a part of it.

#[path = "../tests/support/scale.rs"]
mod scale;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use slotkeeper::cluster::diff::diff;
use slotkeeper::cluster::merge::merge;

fn merging(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("merge of 3 views of 1000 nodes");
    for (name, capture) in [("contiguous", scale::CONTIGUOUS), ("each slot a range", scale::FRAGMENTED)] {
        let views = scale::views(capture, 3);
        let known = merge(None, &views).topology;
        assert!(known.is_some());
        group.bench_function(name, |bencher| bencher.iter(|| merge(None, black_box(&views))));
        group.bench_function(format!("{name}, known"), |bencher| {
            bencher.iter(|| merge(black_box(known.as_ref()), black_box(&views)));
        });
    }
    group.finish();
}

fn comparing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("diff of two equal topologies of 1000 nodes");
    for (name, capture) in [("contiguous", scale::CONTIGUOUS), ("each slot a range", scale::FRAGMENTED)] {
        let views = scale::views(capture, 3);
        // Two allocations, as two rounds make them.
        let (old, new) = (merge(None, &views).topology, merge(None, &views).topology.unwrap());
        group.bench_function(name, |bencher| bencher.iter(|| diff(black_box(old.as_ref()), black_box(&new))));
    }
    group.finish();
}

criterion_group!(benches, merging, comparing);
criterion_main!(benches);
