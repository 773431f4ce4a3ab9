//! The alarm: while a master with slots is in trouble, nodes are asked ten times a second, since its failover is over within
//! a second or two. Each node can keep it up for a minute only, so that one that flaps does not keep a fleet of clients at it.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use crate::cluster::nodes::NodeId;

/// For how long one node can keep the alarm on.
const BUDGET: Duration = Duration::from_secs(60);

/// A node that was well for so long has its whole budget again.
const REST: Duration = Duration::from_secs(300);

/// Which nodes are in trouble, and how much of the alarm each has used up. Times are since any fixed moment.
#[derive(Debug, Default)]
pub struct Alarm {
    nodes: HashMap<NodeId, Record>,
}

#[derive(Debug)]
struct Record {
    /// Since when it is in trouble, or since when it is well.
    since: Duration,
    is_troubled: bool,
    /// Used up before that.
    used: Duration,
}

impl Alarm {
    /// Takes down which nodes are in trouble at `now`. Nodes that were well for long are forgotten.
    pub fn note(&mut self, now: Duration, troubled: &HashSet<NodeId>) {
        for (id, record) in &mut self.nodes {
            if record.is_troubled && !troubled.contains(id) {
                *record = Record { since: now, is_troubled: false, used: record.used_at(now) };
            }
        }
        self.nodes.retain(|_, record| record.is_troubled || now.saturating_sub(record.since) < REST);
        for &id in troubled {
            let record = self.nodes.entry(id).or_insert(Record { since: now, is_troubled: true, used: Duration::ZERO });
            if !record.is_troubled {
                *record = Record { since: now, is_troubled: true, used: record.used };
            }
        }
    }

    /// Whether nodes are to be asked at the quick pace.
    pub fn is_on(&self, now: Duration) -> bool {
        self.nodes.values().any(|record| record.is_troubled && record.used_at(now) < BUDGET)
    }

    /// The nodes that are in trouble, with a budget left or without, and for how long.
    pub fn troubled(&self, now: Duration) -> impl Iterator<Item = (NodeId, Duration)> {
        let troubled = self.nodes.iter().filter(|(_, record)| record.is_troubled);
        troubled.map(move |(id, record)| (*id, now.saturating_sub(record.since)))
    }
}

impl Record {
    fn used_at(&self, now: Duration) -> Duration {
        self.used + if self.is_troubled { now.saturating_sub(self.since) } else { Duration::ZERO }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> NodeId {
        "07c37dfeb235213a872192d90877d0cd55635b91".parse().unwrap()
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn trouble_raises_it_for_a_minute_at_most() {
        let mut alarm = Alarm::default();
        assert!(!alarm.is_on(seconds(0)));
        alarm.note(seconds(10), &HashSet::from([id()]));
        alarm.note(seconds(50), &HashSet::from([id()]));
        assert!(alarm.is_on(seconds(69)));
        assert!(!alarm.is_on(seconds(70)));
        assert_eq!(alarm.troubled(seconds(70)).collect::<Vec<_>>(), [(id(), seconds(60))]);
    }

    #[test]
    fn the_end_of_the_trouble_ends_it() {
        let mut alarm = Alarm::default();
        alarm.note(seconds(0), &HashSet::from([id()]));
        alarm.note(seconds(1), &HashSet::new());
        assert!(!alarm.is_on(seconds(1)) && alarm.troubled(seconds(1)).next().is_none());
    }

    #[test]
    fn a_node_that_flaps_uses_its_minute_up_and_gets_it_back_after_a_rest() {
        let mut alarm = Alarm::default();
        let mut on = 0;
        for second in 0..1000 {
            let troubled = if second % 2 == 0 { HashSet::from([id()]) } else { HashSet::new() };
            alarm.note(seconds(second), &troubled);
            on += u64::from(alarm.is_on(seconds(second)));
        }
        assert!((55..=61).contains(&on), "{on} of 1000 seconds");
        alarm.note(seconds(1001), &HashSet::new());
        alarm.note(seconds(1302), &HashSet::new());
        alarm.note(seconds(1303), &HashSet::from([id()]));
        assert!(alarm.is_on(seconds(1303)));
    }
}
