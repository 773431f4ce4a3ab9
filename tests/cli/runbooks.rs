//! Whoever is woken at night types what the runbooks say: the program takes each of their commands.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::program::{PROGRAM, said};

#[test]
fn commands_of_runbooks_are_taken_by_the_program() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/runbooks");
    let mut count = 0;
    for page in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
        let text = fs::read_to_string(&page).unwrap();
        for line in text.lines().map(str::trim).filter(|line| line.starts_with("slotkeeper ")) {
            let own = line.split([';', '|', '>']).next().unwrap().trim();
            // Help is given only where all that stands before it is understood.
            let command = own.replacen("slotkeeper", PROGRAM, 1) + " --help";
            let output = Command::new("sh").args(["-c", &command]).env("CONF", "orders.conf").output().unwrap();
            assert!(output.status.success(), "{}: {line}: {}", page.display(), said(&output));
            count += 1;
        }
    }
    assert!(count > 100, "only {count} commands were found");
}
