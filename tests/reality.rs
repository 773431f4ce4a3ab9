//! What is foretold of layouts of chance, against what real servers do: the loss of each zone, and the commands of the plan.
//!
//! A short run is one test among others. The long one is a part of `make soak`: each layout has a cluster of its own and a line in
//! `target/reality/summary.tsv`; those that have passed are passed over. `make soak LAYOUTS=7` repeats one that failed.
//!
//! On each the plan is typed, command by command, each after the checks of the one before; then the audit finds what it was foretold to
//! find, nothing if the rules can be satisfied. The way back is typed, and every role is as before; the same with a drill. Then zone
//! after zone is killed and comes back; before each the cluster is surveyed, as roles have moved, and afterwards it takes requests or not,
//! has lost the slots, and has promoted whom it was foretold. At last the baseline of the start is restored.

#[path = "support/cluster.rs"]
mod cluster;
#[path = "reality/layout.rs"]
mod layout;
#[path = "reality/stage.rs"]
mod stage;

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use cluster::{Failure, Outcome};
use layout::Layout;
use stage::Stage;

/// A zone with the quorum, a replica that is barred, full coverage; all rules are reached.
#[test]
fn a_layout_whose_quorum_hangs_on_a_zone_ends_as_foretold() -> Outcome {
    run_small(192)
}

/// A replica that is too old and one that is barred, any coverage; a zone with which slots are lost.
#[test]
fn a_layout_with_an_old_replica_ends_as_foretold() -> Outcome {
    run_small(268)
}

fn run_small(seed: u64) -> Outcome {
    if cluster::has("this test: cluster-replica-no-failover", 5, 0)? { run(seed, 4).map(|_| ()) } else { Ok(()) }
}

#[test]
#[ignore = "takes a minute for each layout: make soak LAYOUTS=1..40"]
fn all_layouts_of_chance_end_as_foretold() {
    let seeds = std::env::var("REALITY_SEEDS").ok().filter(|seeds| !seeds.is_empty());
    let seeds = seeds.unwrap_or_else(|| "1..40".to_owned());
    let (first, last) = seeds.split_once("..").unwrap_or((&seeds, &seeds));
    let number = |text: &str| text.parse::<u64>().expect("LAYOUTS is a number, or two with .. between them");
    let mut failed = Vec::new();
    for seed in number(first)..=number(last) {
        if first != last && has_passed(seed) {
            println!("layout {seed}: has passed");
            continue;
        }
        let start = Instant::now();
        let words = match run(seed, 9) {
            Ok(seen) => format!("passed\t{seen}"),
            Err(failure) => {
                println!("{failure}\nto repeat it: make soak LAYOUTS={seed}");
                failed.push(seed);
                format!("failed\t{}", failure.to_string().lines().next().unwrap_or_default())
            }
        };
        note(&format!("{seed}\t{}\t{words}", start.elapsed().as_secs()));
    }
    assert!(failed.is_empty(), "layouts {failed:?} failed: make soak LAYOUTS={}", failed[0]);
}

/// Everything that is foretold of one layout; says what came.
fn run(seed: u64, masters: usize) -> Outcome<String> {
    let layout = Layout::of(seed, masters);
    println!("layout {seed}: {layout}");
    let named = |failure: Failure| Failure::from(format!("layout {seed}: {layout}: {failure}"));
    let mut stage = Stage::start(&layout).map_err(named)?;
    let start = stage.look().map_err(named)?;
    let planned = stage.plan_and_way_back(&start).map_err(named)?;
    let drilled = stage.drill_and_way_back(&start).map_err(named)?;
    let blows = stage.lose_each_zone().map_err(named)?;
    let restored = stage.restore(&start).map_err(named)?;
    println!("layout {seed}: {planned}; {drilled}; {blows}; {restored}");
    Ok(format!("{planned}\t{drilled}\t{blows}\t{restored}"))
}

fn summary() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("../reality");
    fs::create_dir_all(&folder).expect("the folder can be made");
    folder.join("summary.tsv")
}

fn has_passed(seed: u64) -> bool {
    let lines = fs::read_to_string(summary()).unwrap_or_default();
    let last = lines.lines().rfind(|line| line.starts_with(&format!("{seed}\t")));
    last.is_some_and(|line| line.split('\t').nth(2) == Some("passed"))
}

fn note(line: &str) {
    let file = fs::OpenOptions::new().create(true).append(true).open(summary());
    file.and_then(|mut file| writeln!(file, "{line}")).expect("the summary can be written");
}
