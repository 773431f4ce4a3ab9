//! When the next round is due.

use std::time::Duration;

/// Never two rounds within this time, whatever asks for them, MOVED aside: a storm of callers shares one round.
pub const MIN_GAP: Duration = Duration::from_millis(20);

/// The pace while something is under way: a suspicion, a failed node that is watched for its return, lost slots.
pub const DEGRADED_PACE: Duration = Duration::from_secs(1);

/// The longest pause between attempts while nobody answers.
const MAX_BACKOFF: Duration = Duration::from_secs(10);

/// How the last rounds went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// All is well: the configured interval.
    Settled,
    /// Something is under way: [`DEGRADED_PACE`].
    Unsettled,
    /// So many rounds in a row gave no view that could be used.
    Failing(u32),
}

/// How long to wait from the end of a round to the next one. `jitter` is a random number from 0 to 1: a fleet that was
/// started together must not ask together.
pub fn next_round(interval: Duration, pace: Pace, jitter: f64) -> Duration {
    let (wait, spread) = match pace {
        Pace::Settled => (interval, 0.2),
        Pace::Unsettled => (interval.min(DEGRADED_PACE), 0.2),
        Pace::Failing(rounds) => (backoff(rounds).min(interval.max(DEGRADED_PACE)), 0.5),
    };
    wait.mul_f64(1.0 - spread * jitter).max(MIN_GAP)
}

/// How long after the start of the last round the next one may start if somebody asks for it. While nobody answers, callers
/// must not ask the nodes in a loop; but who asks is not put off like who merely waits.
pub fn asked_gap(pace: Pace) -> Duration {
    match pace {
        Pace::Settled | Pace::Unsettled => MIN_GAP,
        Pace::Failing(rounds) => backoff(rounds).min(DEGRADED_PACE),
    }
}

fn backoff(failed_rounds: u32) -> Duration {
    let doublings = failed_rounds.saturating_sub(1).min(10);
    (Duration::from_millis(100) * 2u32.pow(doublings)).min(MAX_BACKOFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(120);

    #[test]
    fn settled_rounds_keep_the_interval_and_spread_below_it() {
        assert_eq!(next_round(INTERVAL, Pace::Settled, 0.0), INTERVAL);
        assert_eq!(next_round(INTERVAL, Pace::Settled, 1.0), Duration::from_secs(96));
    }

    #[test]
    fn unsettled_rounds_come_each_second_and_never_slower_than_the_interval() {
        assert_eq!(next_round(INTERVAL, Pace::Unsettled, 0.0), DEGRADED_PACE);
        let quick = Duration::from_millis(200);
        assert_eq!(next_round(quick, Pace::Unsettled, 0.0), quick);
    }

    #[test]
    fn failing_rounds_back_off_to_ten_seconds() {
        let waits: Vec<_> = (1..=9).map(|n| next_round(INTERVAL, Pace::Failing(n), 0.0).as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
        assert_eq!(next_round(INTERVAL, Pace::Failing(u32::MAX), 1.0), Duration::from_secs(5));
    }

    #[test]
    fn who_asks_while_nobody_answers_waits_a_second_at_most() {
        assert_eq!(asked_gap(Pace::Settled), MIN_GAP);
        assert_eq!(asked_gap(Pace::Failing(1)), Duration::from_millis(100));
        assert_eq!(asked_gap(Pace::Failing(u32::MAX)), DEGRADED_PACE);
    }

    #[test]
    fn no_wait_is_shorter_than_the_gap() {
        assert_eq!(next_round(Duration::from_millis(1), Pace::Settled, 1.0), MIN_GAP);
    }
}
