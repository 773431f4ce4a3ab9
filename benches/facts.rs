//! How fast facts are read: CLUSTER NODES replies, and the slots of keys.
//!
//! `make bench`, or `cargo bench --bench facts -- key_slot` for a part of it.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use slotkeeper::{key_slot, parse_nodes};

const REPLIES: [(&str, &[u8]); 4] = [
    ("6 nodes", include_bytes!("../tests/data/redis-7.0.15/01-steady/node0.cluster_nodes.txt")),
    ("100 nodes", include_bytes!("../tests/data/scale/50m-100n-contig.cluster_nodes.txt")),
    ("1000 nodes", include_bytes!("../tests/data/scale/500m-1000n-contig.cluster_nodes.txt")),
    ("1000 nodes, each slot a range", include_bytes!("../tests/data/scale/500m-1000n-frag1.cluster_nodes.txt")),
];

fn parsing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("parse_nodes");
    for (name, reply) in REPLIES {
        group.throughput(Throughput::Bytes(reply.len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| parse_nodes(black_box(reply))));
    }
    group.finish();
    let mut group = criterion.benchmark_group("parse_nodes_and_owners");
    for (name, reply) in REPLIES {
        group.throughput(Throughput::Bytes(reply.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let reply = parse_nodes(black_box(reply)).expect("a capture can be read");
                let owners = reply.nodes.owners();
                (reply, owners)
            })
        });
    }
    group.finish();
}

fn slots(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("key_slot");
    for (name, key) in [
        ("8 bytes", &b"user:123"[..]),
        ("24 bytes", &[b'k'; 24]),
        ("40 bytes", &[b'k'; 40]),
        ("256 bytes", &[b'k'; 256]),
        ("hash tag", b"{user1000}.following"),
    ] {
        group.throughput(Throughput::Bytes(key.len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| key_slot(black_box(key))));
        // Beside it what Redis clients in Rust use, which looks for no hash tag.
        let crate_crc16 = |key: &[u8]| crc16::State::<crc16::XMODEM>::calculate(key) % 16384;
        group.bench_function(format!("{name}, crc16"), |bencher| bencher.iter(|| crate_crc16(black_box(key))));
    }
    group.finish();
}

criterion_group!(benches, parsing, slots);
criterion_main!(benches);
