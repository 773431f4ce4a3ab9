//! Steps of chance on a real cluster: after each of them a keeper says what all nodes say, and on the way never anything wrong.
//!
//! A short run is one test among others. The long one is `make soak SEEDS=1..20 STEPS=50`: each seed has a cluster of its own and a line in
//! `target/soak/summary.tsv`; seeds that have passed with as many steps are passed over, so a run that was ended goes on where it was.
//! `make soak SEEDS=7 STEPS=50` repeats one seed that failed. `make soak-fast MINUTES=60` asks whether anything grows meanwhile.

#[path = "support/cluster.rs"]
mod cluster;
#[path = "support/counting.rs"]
mod counting;
#[path = "soak/leaks.rs"]
mod leaks;
#[path = "soak/never.rs"]
mod never;
#[path = "soak/plan.rs"]
mod plan;
#[path = "support/process.rs"]
mod process;
#[path = "soak/truth.rs"]
mod truth;
#[path = "support/watch.rs"]
mod watch;
#[path = "soak/world.rs"]
mod world;

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use cluster::{Failure, Outcome};
use world::World;

/// Any zone may be lost, and any two nodes of different shards.
const LARGE: &str = "A/B A/C B/C B/A C/A";

const SMALL: &str = "A/B B/C C/A";

/// More than a node says in the longest of steps.
const KEPT: usize = 512;

#[test]
fn ten_steps_of_chance_are_followed_and_never_contradicted() -> Outcome {
    // A reset, a killed, a stopped, a cut-off and a slow node, a foreign one, a planned failover.
    run(349, 10, SMALL).map(|_| ())
}

#[test]
fn an_old_map_would_be_called_wrong() -> Outcome {
    World::start(1, SMALL, KEPT)?.check_judgement()
}

#[test]
#[ignore = "takes minutes for each seed: make soak SEEDS=1..20 STEPS=50"]
fn many_steps_of_chance_are_followed_and_never_contradicted() {
    let steps = setting("STEPS").unwrap_or_else(|| "50".to_owned()).parse().expect("STEPS is a number");
    let seeds = setting("SEEDS").unwrap_or_else(|| "1..20".to_owned());
    let (first, last) = seeds.split_once("..").unwrap_or((&seeds, &seeds));
    let number = |text: &str| text.parse::<u64>().expect("SEEDS is a number, or two with .. between them");
    let is_range = first != last;
    let mut failed = Vec::new();
    for seed in number(first)..=number(last) {
        if is_range && has_passed(seed, steps) {
            println!("seed {seed}: has passed with {steps} steps");
            continue;
        }
        let start = Instant::now();
        let outcome = run(seed, steps, LARGE);
        let words = match &outcome {
            Ok(world) => format!("passed\t{}\t{}", world.generations, world.missed),
            Err(failure) => {
                println!("{failure}");
                failed.push(seed);
                format!("failed\t{}", failure.to_string().lines().next().unwrap_or_default())
            }
        };
        note(&format!("{seed}\t{steps}\t{}\t{words}", start.elapsed().as_secs()));
    }
    assert!(failed.is_empty(), "seeds {failed:?} failed: make soak SEEDS={} STEPS={steps}", failed[0]);
}

#[test]
#[ignore = "takes as long as it is told to: make soak-fast MINUTES=60"]
fn nothing_grows_at_a_hundred_times_the_pace() -> Outcome {
    let minutes: u64 = setting("MINUTES").unwrap_or_else(|| "60".to_owned()).parse().expect("MINUTES is a number");
    leaks::watch(1, SMALL, Duration::from_secs(60 * minutes))
}

/// All steps of a seed; stops at the first that fails.
fn run(seed: u64, steps: usize, layout: &str) -> Outcome<World> {
    let start = Instant::now();
    let mut world = World::start(seed, layout, KEPT)?;
    for number in 1..=steps {
        let mut words = String::new();
        let outcome = world.step(|step| {
            words = format!("seed {seed}, step {number} of {steps}: {step}");
            println!("{:>6.1} s  {words}", start.elapsed().as_secs_f64());
        });
        outcome.map_err(|failure| {
            Failure::from(format!("{words}: {failure}\nto repeat it: make soak SEEDS={seed} STEPS={number}"))
        })?;
    }
    println!("seed {seed}: {steps} steps, {} generations, {} not seen", world.generations, world.missed);
    Ok(world)
}

/// A setting of `make soak`.
fn setting(name: &str) -> Option<String> {
    std::env::var(format!("SOAK_{name}")).ok().filter(|value| !value.is_empty())
}

fn summary() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("../soak");
    fs::create_dir_all(&folder).expect("the folder can be made");
    folder.join("summary.tsv")
}

fn has_passed(seed: u64, steps: usize) -> bool {
    let lines = fs::read_to_string(summary()).unwrap_or_default();
    let last = lines.lines().rfind(|line| line.starts_with(&format!("{seed}\t{steps}\t")));
    last.is_some_and(|line| line.split('\t').nth(3) == Some("passed"))
}

fn note(line: &str) {
    let file = fs::OpenOptions::new().create(true).append(true).open(summary());
    file.and_then(|mut file| writeln!(file, "{line}")).expect("the summary can be written");
}
