//! Whether anything grows: memory, threads and descriptors of this process, while keepers work at a hundred times their pace.
//!
//! The harness is in the same process, so it keeps hardly anything here: what nodes said, but for the latest, and with it the judgement of what
//! generations may never say. That is the other run's matter.

use std::time::{Duration, Instant};

use slotkeeper::Keeper;

use crate::cluster::Outcome;
use crate::world::{World, open};
use crate::{counting, process};

/// A hundredth of the usual: a pulse each second, a round every two minutes.
const PACE: [(&str, &str); 2] = [("pulse.interval-ms", "10"), ("refresh.interval-ms", "1200")];

/// Keepers that work at this pace.
const KEEPERS: usize = 4;

/// What is allowed to be more in the last quarter than in the second, by medians: an allocator keeps some pages more or less, the pieces of
/// a step vary, and nodes that are hurt just then have fewer connections. A leak of one piece a round is a thousand times as much
/// within an hour.
const TOLERANCE: [(&str, u64); 4] = [("held, KB", 256), ("VmRSS, KB", 2048), ("threads", 0), ("descriptors", 6)];

/// Takes all events that wait.
fn heed(keeper: &Keeper) -> Result<(), slotkeeper::Error> {
    while keeper.next_event(Duration::ZERO)?.is_some() {}
    Ok(())
}

/// What all have asked of the allocator and not given back, in KB; what the process has of the system, in KB; threads, descriptors.
type Usage = [u64; 4];

/// Lets keepers follow faults of chance for so long.
///
/// # Errors
/// What has grown; or what the judged keeper of the [`World`] did wrong meanwhile.
pub fn watch(seed: u64, layout: &str, time: Duration) -> Outcome {
    let start = Instant::now();
    let mut world = World::start(seed, layout, 8)?;
    let keepers: Vec<Keeper> = (0..KEEPERS).map(|_| open(&world.cluster, &PACE)).collect();
    let mut measured: Vec<Usage> = Vec::new();
    let mut told = Duration::ZERO;
    while start.elapsed() < time {
        world.step(|_| ())?;
        // One that comes and goes leaves nothing behind.
        let passing = open(&world.cluster, &PACE);
        passing
            .wait_newer(0, Duration::from_secs(10))
            .map_err(|error| error.to_string())?
            .ok_or("no first topology")?;
        passing.close();
        drop(passing);
        // Who does not come for his events has up to 256 of them.
        keepers.iter().chain([world.keeper()]).try_for_each(heed).map_err(|error| error.to_string())?;
        let usage = usage()?;
        measured.push(usage);
        if start.elapsed() >= told + Duration::from_secs(60) {
            told = start.elapsed();
            let rounds: u64 = keepers.iter().map(|keeper| keeper.status().rounds).sum();
            let [held, resident, threads, descriptors] = usage;
            println!(
                "{:>5.0} s  {} steps, {rounds} rounds: {held} KB held, {resident} KB resident, {threads} threads, {descriptors} descriptors",
                told.as_secs_f64(),
                measured.len()
            );
        }
    }
    judge(&measured)
}

/// Compares the second quarter with the last one.
fn judge(measured: &[Usage]) -> Outcome {
    let quarter = measured.len() / 4;
    if quarter == 0 {
        return Err(format!("{} steps are too few to compare", measured.len()).into());
    }
    let mut grown = Vec::new();
    for (place, (name, allowed)) in TOLERANCE.into_iter().enumerate() {
        let second = median(&measured[quarter..2 * quarter], place);
        let last = median(&measured[measured.len() - quarter..], place);
        let is_flat = last <= second + allowed;
        println!(
            "{name}: {second} in the second quarter, {last} in the last: {}",
            if is_flat { "flat" } else { "GROWN" }
        );
        if !is_flat {
            grown.push(format!("{name} has grown from {second} to {last}"));
        }
    }
    if grown.is_empty() { Ok(()) } else { Err(grown.join(", ").into()) }
}

fn median(measured: &[Usage], place: usize) -> u64 {
    let mut values: Vec<u64> = measured.iter().map(|usage| usage[place]).collect();
    values.sort_unstable();
    values[values.len() / 2]
}

fn usage() -> Result<Usage, String> {
    let held = counting::held() as u64 / 1024;
    Ok([held, process::memory()?, process::status("Threads:")?, process::descriptors()?])
}
