//! What a keeper costs on a cluster of a thousand nodes, and how soon it knows of a change there.
//!
//! `make bench-scale`, or `cargo bench --bench scale -- --changes 30`.
//!
//! A thousand real servers do not fit on one machine, so a [`stub`] answers in their place, with replies that were captured from a real
//! cluster of that size: once each master has one run of slots, once each slot is a range of its own. The keeper is in this process, alone
//! with a thread that waits; its work is that of its one thread, its memory what this process holds more than before it was opened.

#[path = "../../tests/support/counting.rs"]
mod counting;
mod model;
#[path = "../../tests/support/process.rs"]
mod process;
#[path = "../../tests/support/scale.rs"]
mod scale;
mod stub;
#[path = "../support/mod.rs"]
mod support;

use std::process::Command;
use std::time::{Duration, Instant};

use counting::counted_elsewhere;
use model::{Change, Model};
use slotkeeper::runtime::keeper::Status;
use slotkeeper::{Address, Config, Keeper, Topology};
use stub::Stub;
use support::{number, percentile};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

const PASSWORD: &str = "s3cret";

/// What is told of the cluster, and the capture that it comes from.
const CAPTURES: [(&str, &str); 2] =
    [("each master one run of slots", scale::CONTIGUOUS), ("each slot a range", scale::FRAGMENTED)];

/// No wait here is longer.
const SOON: Duration = Duration::from_secs(60);

/// For so long the keeper is waited for that nobody asks. A change that it does not know by then counts with this time.
const PATIENCE: Duration = Duration::from_secs(5);

/// Rounds that are counted.
const ROUNDS: u32 = 50;

/// For so long a keeper is left alone after its start.
const REST: Duration = Duration::from_millis(500);

/// Keepers beside the first one, to see what each of them takes.
const FURTHER: u64 = 10;

/// For so long pulses are counted.
const COUNTED: Duration = Duration::from_secs(10);

fn main() -> Outcome {
    let has = |word: &str| std::env::args().any(|argument| argument == word);
    if has(stub::ARGUMENT) {
        return stub::run();
    }
    // `cargo test --benches` runs this as well, and is not to wait for it.
    if !has("--bench") {
        return Ok(());
    }
    let changes = number("--changes", 30)?;
    match CAPTURES.into_iter().find(|(_, capture)| has(capture)) {
        Some((name, capture)) => measure(name, capture, changes),
        // Each in a process of its own: the allocator keeps what it once had.
        None => CAPTURES.into_iter().try_for_each(|(_, capture)| {
            let mut process = Command::new(std::env::current_exe()?);
            let status = process.args(["--bench", capture, "--changes", &changes.to_string()]).status()?;
            if status.success() { Ok(()) } else { Err(format!("{capture}: {status}").into()) }
        }),
    }
}

fn measure(name: &str, capture: &str, changes: u64) -> Outcome {
    let mut model = Model::new(capture)?;
    let mut stub = Stub::start(&model.text())?;
    println!("\n1000 nodes, {name}: CLUSTER NODES of {} KB", model.text().len() / 1024);
    memory_and_rounds(&model, &stub)?;
    pulses(&model, &stub)?;
    follow(&mut model, &mut stub, changes)
}

/// A keeper that has its first topology, and whose events were taken.
fn open(model: &Model, stub: &Stub, settings: &[(&str, &str)]) -> Outcome<Keeper> {
    let seeds: Vec<String> = model.hosts().take(6).map(|host| format!("{host}:{}", stub.port)).collect();
    let mut config = Config::new();
    for (name, value) in [("seeds", &*seeds.join(",")), ("password", PASSWORD)].iter().chain(settings) {
        config.set(name, value)?;
    }
    let keeper = Keeper::open(&config)?;
    keeper.wait_newer(0, SOON)?.ok_or("no first topology")?;
    // What the first round has left is cleared away after its topology is there.
    std::thread::sleep(REST);
    while keeper.next_event(Duration::ZERO)?.is_some() {}
    Ok(keeper)
}

/// What a keeper holds, and what its rounds take.
fn memory_and_rounds(model: &Model, stub: &Stub) -> Outcome {
    let resident = process::status("RssAnon:")?;
    let (keeper, start) = counted_elsewhere(|| open(model, stub, &[]));
    let keeper = keeper?;
    let (outcome, rounds) = counted_elsewhere(|| -> Outcome<(Duration, Status, Status)> {
        let (before, time) = (keeper.status(), process::thread_time("slotkeeper")?);
        for _ in 0..ROUNDS {
            keeper.refresh(SOON)?;
        }
        Ok((process::thread_time("slotkeeper")? - time, before, keeper.status()))
    });
    let (time, before, after) = outcome?;
    let made = (after.rounds - before.rounds) as f64;
    let first = process::status("RssAnon:")?.saturating_sub(resident);
    let further: Vec<Keeper> = (0..FURTHER).map(|_| open(model, stub, &[])).collect::<Outcome<_>>()?;
    std::thread::sleep(REST);
    let all = process::status("RssAnon:")?.saturating_sub(resident);
    println!(
        "  memory of a keeper: {} KB held, {} KB at the peak of its start, {} KB of a round;",
        kb(start.held),
        kb(start.peak),
        kb(start.held + rounds.peak)
    );
    println!(
        "    resident {first} KB with the threads and what they have used; each of {FURTHER} more {} KB",
        all.saturating_sub(first) / FURTHER
    );
    println!(
        "  a round: {:.2} ms of processor time, {:.0} KB received, {:.1} requests, {:.0} allocations of {:.0} KB",
        time.as_secs_f64() * 1000.0 / made,
        (after.bytes_received - before.bytes_received) as f64 / made / 1024.0,
        (after.requests - before.requests) as f64 / made,
        rounds.calls as f64 / made,
        rounds.bytes as f64 / made / 1024.0
    );
    drop(further);
    Ok(())
}

fn kb(bytes: usize) -> usize {
    bytes / 1024
}

/// What pulses take: at the usual pace while each node is tried once, and once all have been.
fn pulses(model: &Model, stub: &Stub) -> Outcome {
    let usual = open(model, stub, &[])?;
    let (seconds, first) = count_pulses(&usual)?;
    println!(
        "  at rest, at first, while each node is tried once: {:.2} requests and {:.0} bytes a second, {:.4} % of a core",
        first.requests / seconds,
        first.bytes / seconds,
        100.0 * first.time / seconds
    );
    drop(usual);
    let quick = open(model, stub, &[("pulse.interval-ms", "10")])?;
    let start = Instant::now();
    // All have been tried once there is no new connection within fifty pulses.
    let mut opened = (quick.status().connections_opened, Instant::now());
    while opened.1.elapsed() < Duration::from_millis(500) {
        std::thread::sleep(Duration::from_millis(50));
        let connections = quick.status().connections_opened;
        if connections != opened.0 {
            opened = (connections, Instant::now());
        }
        if start.elapsed() > SOON {
            return Err(format!("{connections} connections, and new ones still").into());
        }
    }
    let (_, later) = count_pulses(&quick)?;
    println!(
        "  a pulse, later: {:.0} us of processor time, {:.0} bytes, {:.1} allocations of {:.0} bytes",
        1e6 * later.time / later.requests,
        later.bytes / later.requests,
        later.calls / later.requests,
        later.allocated / later.requests
    );
    Ok(())
}

/// What pulses have taken.
struct Pulses {
    requests: f64,
    bytes: f64,
    time: f64,
    calls: f64,
    allocated: f64,
}

fn count_pulses(keeper: &Keeper) -> Outcome<(f64, Pulses)> {
    let (before, time, start) = (keeper.status(), process::thread_time("slotkeeper")?, Instant::now());
    let ((), taken) = counted_elsewhere(|| std::thread::sleep(COUNTED));
    let (after, time) = (keeper.status(), process::thread_time("slotkeeper")? - time);
    let bytes = |status: &Status| status.bytes_sent + status.bytes_received;
    let pulses = Pulses {
        requests: (after.requests - before.requests) as f64,
        bytes: (bytes(&after) - bytes(&before)) as f64,
        time: time.as_secs_f64(),
        calls: taken.calls as f64,
        allocated: taken.bytes as f64,
    };
    Ok((start.elapsed().as_secs_f64(), pulses))
}

/// How soon keepers know of changes: one that nobody asks, and one that is told who says MOVED.
fn follow(model: &mut Model, stub: &mut Stub, changes: u64) -> Outcome {
    let (idle, asked) = (open(model, stub, &[])?, open(model, stub, &[])?);
    println!(
        "  ms from a change, which all nodes tell at one moment, to the generation that has it; {changes} of each"
    );
    for change in [Change::Move, Change::Failover] {
        let (mut idle_delays, mut asked_delays) = (Vec::new(), Vec::new());
        for _ in 0..changes {
            let changed = model.change(change)?;
            stub.prepare(&model.text())?;
            // The pulse must be met at any place of its period, and the last round's second look be over.
            std::thread::sleep(Duration::from_millis(fastrand::u64(1500..2500)));
            let has_it = |topology: &Topology| {
                topology.owner_of(changed.slot).is_some_and(|node| node.id().to_string() == changed.owner)
            };
            let old_owner = Address::new(&*changed.old_host, stub.port);
            let start = Instant::now();
            stub.switch()?;
            let idle = std::thread::scope(|scope| -> Outcome<Option<Instant>> {
                let idle = scope.spawn(|| until_known(&idle, has_it));
                // A client is told MOVED, and asks for a map that knows.
                while !has_it(&*asked.refresh_from(&old_owner, SOON)?) {}
                asked_delays.push(start.elapsed().as_secs_f64() * 1000.0);
                Ok(idle.join().expect("it does not panic")?)
            })?;
            idle_delays.push(idle.map_or(PATIENCE, |at| at - start).as_secs_f64() * 1000.0);
        }
        for (who, delays) in [("idle", &idle_delays), ("told of MOVED", &asked_delays)] {
            let part = |percent| percentile(delays, percent).unwrap_or(f64::NAN);
            println!(
                "    {:<9} {who:<14} median {:>6.0}, 95 % {:>6.0}, max {:>6.0}",
                format!("{change:?}").to_lowercase(),
                part(50),
                part(95),
                part(100)
            );
        }
    }
    Ok(())
}

/// When a topology was there for which this holds; `None`: not within [`PATIENCE`].
fn until_known(keeper: &Keeper, holds: impl Fn(&Topology) -> bool) -> Result<Option<Instant>, slotkeeper::Error> {
    let (mut generation, end) = (0, Instant::now() + PATIENCE);
    while let Some(topology) = keeper.wait_newer(generation, end.saturating_duration_since(Instant::now()))? {
        if holds(&topology) {
            return Ok(Some(Instant::now()));
        }
        generation = topology.generation();
    }
    Ok(None)
}
