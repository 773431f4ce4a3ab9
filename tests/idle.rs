//! How often an idle keeper asks for memory. A test program of its own: what is counted is all threads' but the one that looks on.

mod support;

#[path = "support/counting.rs"]
mod counting;

use std::time::Duration;

use counting::{Taken, counted_elsewhere};
use support::cluster::wait::until;
use support::cluster::{Cluster, Options, Outcome};
use support::kept::open_known;

const SOON: Duration = Duration::from_secs(30);

/// Pulses that are counted together.
const PULSES: u64 = 50;

/// A quarter more than a pulse takes now, at six nodes of Redis 7.0.
const CALLS_AT_MOST: u64 = 44;
const BYTES_AT_MOST: u64 = 8 * 1024;

#[test]
fn a_pulse_asks_for_memory_a_few_times_and_keeps_none_of_it() -> Outcome {
    let cluster = Cluster::start(&Options::new("A/B B/A A/B").password("s3cret"))?;
    let (keeper, _) = open_known(&cluster, &[("pulse.interval-ms", "20")]);
    let pulses = |count: u64| {
        let before = keeper.status();
        let (outcome, taken) = counted_elsewhere(|| {
            until("pulses", SOON, || match keeper.status().requests - before.requests {
                asked if asked >= count => Ok(()),
                asked => Err(format!("{asked} requests")),
            })
        });
        outcome.map(|()| (before, keeper.status(), taken))
    };
    // The start is over when no round and no new connection disturbs so many pulses.
    let (asked, taken) = until("an undisturbed time", SOON, || {
        let (before, after, taken) = pulses(PULSES).map_err(|failure| failure.to_string())?;
        let disturbed = (after.rounds - before.rounds, after.connections_opened - before.connections_opened);
        if disturbed == (0, 0) { Ok((after.requests - before.requests, taken)) } else { Err(format!("{disturbed:?}")) }
    })?;
    let Taken { calls, bytes, held, .. } = taken;
    let (calls, bytes) = (calls as u64 / asked, bytes as u64 / asked);
    println!("a pulse: {calls} allocations, {bytes} bytes; {held} bytes held after {asked} pulses");
    assert!(calls <= CALLS_AT_MOST && bytes <= BYTES_AT_MOST, "{calls} allocations, {bytes} bytes");
    // What is under way when the counting begins and ends.
    assert!(held < 16 * 1024, "{held} bytes held more after {asked} pulses");
    Ok(())
}
