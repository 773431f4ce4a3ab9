//! The storeys of the house: a file uses its own and those above it, never those below, and the pure ones know no world.

use std::fs;
use std::path::{Path, PathBuf};

/// From the top: each may use itself and those before it.
const STOREYS: [&str; 4] = ["cluster", "policy", "runtime", "ffi"];

/// What facts and judgement must not know: sockets, clocks, files, threads, the log, and what brings them.
const WORLD: [&str; 12] = [
    "std::fs",
    "std::thread",
    "std::process",
    "std::io",
    "TcpStream",
    "SystemTime",
    "Instant",
    "tokio",
    "redis::",
    "log::",
    "parking_lot",
    "fastrand",
];

#[test]
fn no_storey_uses_one_below_it() {
    for (height, storey) in STOREYS.iter().enumerate() {
        for (file, code) in sources(storey) {
            for below in &STOREYS[height + 1..] {
                let used = [format!("crate::{below}::"), format!("super::super::{below}")];
                assert!(!used.iter().any(|path| code.contains(path.as_str())), "{} uses {below}", file.display());
            }
        }
    }
}

#[test]
fn facts_and_judgement_know_no_world() {
    for storey in ["cluster", "policy"] {
        for (file, code) in sources(storey) {
            let known: Vec<_> = WORLD.iter().filter(|word| code.contains(**word)).collect();
            assert!(known.is_empty(), "{} knows {known:?}", file.display());
        }
    }
}

/// The storey's files with their code, comments and tests left out.
fn sources(storey: &str) -> Vec<(PathBuf, String)> {
    let mut sources = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(storey)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            sources.push((path, lines.collect::<Vec<_>>().join("\n")));
        }
    }
    assert!(sources.len() > 2, "src/{storey} was not found");
    sources
}
