//! The captures of real servers below `tests/data`.

use std::fs;
use std::path::PathBuf;

/// All captures whose name ends so, in order.
pub fn captures(suffix: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_str().unwrap().ends_with(suffix) {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}
