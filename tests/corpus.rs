//! What fuzzing has thought of: each input of the corpora through the check that it was made for.

use std::fs;
use std::path::Path;

#[path = "../fuzz/src/lib.rs"]
mod checks;

#[test]
fn addresses() {
    replay("address", checks::address);
}

#[test]
fn cluster_info() {
    replay("info", checks::info);
}

#[test]
fn cluster_nodes() {
    replay("nodes", checks::nodes);
}

#[test]
fn merges() {
    replay("merge", checks::merge);
}

fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut count = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let input = fs::read(&path).unwrap();
        if std::panic::catch_unwind(|| check(&input)).is_err() {
            panic!("{}", path.display());
        }
        count += 1;
    }
    assert!(count > 5, "only {count} inputs in {}", folder.display());
}
