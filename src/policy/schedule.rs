//! When the next round is due, and the next pulse.

use std::time::Duration;

/// Never two rounds within this time, whatever asks for them, MOVED aside: a storm of callers shares one round.
pub const MIN_GAP: Duration = Duration::from_millis(20);

/// The pause between rounds while something is under way: a suspicion, a failed node, lost slots. The pulse sees what changes.
const UNSETTLED_PACE: Duration = Duration::from_secs(5);

/// How long after a pulse has told of a change all are asked once more: not all nodes hear at the same moment.
const SETTLING_PACE: Duration = Duration::from_secs(1);

/// How often a node that is silent or has failed is asked whether it is back: for its first minute, and later.
const WATCH_PACES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(5)];

/// The pause between pulses while the alarm is on, or the last one is unanswered.
const URGENT_PACE: Duration = Duration::from_millis(100);

/// Who asks while nobody answers waits no longer than this.
const MAX_ASKED_GAP: Duration = Duration::from_secs(1);

/// The longest pause between attempts while nobody answers.
const MAX_BACKOFF: Duration = Duration::from_secs(10);

/// How the last rounds went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// All is well: the configured interval.
    Settled,
    /// A pulse has just told of a change.
    Settling,
    /// Something is under way: a round each few seconds.
    Unsettled,
    /// So many rounds in a row gave no view that could be used.
    Failing(u32),
}

/// How long to wait from the end of a round to the next one. `jitter` is a random number from 0 to 1: a fleet that was
/// started together must not ask together.
pub fn next_round(interval: Duration, pace: Pace, jitter: f64) -> Duration {
    let (wait, spread) = match pace {
        Pace::Settled => (interval, 0.2),
        Pace::Settling => (interval.min(SETTLING_PACE), 0.2),
        Pace::Unsettled => (interval.min(UNSETTLED_PACE), 0.2),
        Pace::Failing(rounds) => (backoff(rounds).min(interval.max(MAX_ASKED_GAP)), 0.5),
    };
    wait.mul_f64(1.0 - spread * jitter).max(MIN_GAP)
}

/// How long after the start of the last round the next one may start if somebody asks for it. While nobody answers, callers
/// must not ask the nodes in a loop; but who asks is not put off like who merely waits.
pub fn asked_gap(pace: Pace) -> Duration {
    match pace {
        Pace::Settled | Pace::Settling | Pace::Unsettled => MIN_GAP,
        Pace::Failing(rounds) => backoff(rounds).min(MAX_ASKED_GAP),
    }
}

/// How long to wait from one pulse to the next. The spread is small: twelve requests in ten seconds are not exceeded. It is urgent in an alarm, and
/// while the last pulse is unanswered: who was asked may have fallen silent, and another may know already that he has.
pub fn next_pulse(interval: Duration, is_urgent: bool, jitter: f64) -> Duration {
    let wait = if is_urgent { interval.min(URGENT_PACE) } else { interval };
    wait.mul_f64(1.0 - 0.1 * jitter)
}

/// How long after it is flagged the failover of a node should be over: two rounds of votes, and a margin for those who spread the
/// word. `node_timeout` is the servers' `cluster-node-timeout`; `None` if nobody may tell: then it is taken for the default.
pub fn overdue_after(node_timeout: Option<Duration>) -> Duration {
    2 * node_timeout.unwrap_or(Duration::from_secs(15)) + Duration::from_secs(5)
}

/// How long to wait until a node that has been in trouble for `since` is asked again whether it is back.
pub fn next_watch(since: Duration, jitter: f64) -> Duration {
    let [first, later] = WATCH_PACES;
    let wait = if since < Duration::from_secs(60) { first } else { later };
    wait.mul_f64(1.0 - 0.2 * jitter)
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
    fn unsettled_rounds_come_each_few_seconds_and_never_slower_than_the_interval() {
        assert_eq!(next_round(INTERVAL, Pace::Unsettled, 0.0), UNSETTLED_PACE);
        let quick = Duration::from_millis(200);
        assert_eq!(next_round(quick, Pace::Unsettled, 0.0), quick);
    }

    #[test]
    fn a_change_is_looked_at_once_more_after_a_second() {
        assert_eq!(next_round(INTERVAL, Pace::Settling, 0.0), SETTLING_PACE);
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
        assert_eq!(asked_gap(Pace::Failing(u32::MAX)), MAX_ASKED_GAP);
    }

    #[test]
    fn pulses_come_each_interval_and_in_an_alarm_ten_times_a_second() {
        let second = Duration::from_secs(1);
        assert_eq!(next_pulse(second, false, 0.0), second);
        assert_eq!(next_pulse(second, false, 1.0), Duration::from_millis(900));
        assert_eq!(next_pulse(second, true, 0.0), URGENT_PACE);
        assert_eq!(next_pulse(Duration::from_millis(10), true, 0.0), Duration::from_millis(10));
    }

    #[test]
    fn a_failover_is_overdue_after_twice_the_node_timeout_and_a_margin() {
        assert_eq!(overdue_after(Some(Duration::from_secs(1))), Duration::from_secs(7));
        assert_eq!(overdue_after(None), Duration::from_secs(35));
    }

    #[test]
    fn who_is_away_for_long_is_asked_less_often() {
        assert_eq!(next_watch(Duration::from_secs(59), 0.0), Duration::from_secs(1));
        assert_eq!(next_watch(Duration::from_secs(60), 0.0), Duration::from_secs(5));
    }

    #[test]
    fn no_wait_is_shorter_than_the_gap() {
        assert_eq!(next_round(Duration::from_millis(1), Pace::Settled, 1.0), MIN_GAP);
    }
}
