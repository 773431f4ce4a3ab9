//! What of audits is told as news: findings that have appeared, and those that are gone.
//!
//! At once while all is quiet. After that there is a pause, which doubles while there is something to tell at its end, and then the
//! difference to what was told last is told, not each step: a node that comes and goes makes two findings a second, and would be told of
//! 170,000 times a day. Pure; times are those since the keeper was opened.

use std::collections::HashSet;
use std::time::Duration;

use super::finding::{Finding, Rule};
use crate::cluster::nodes::NodeId;

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// What was told of audits, and when there may be more.
#[derive(Clone, Debug, Default)]
pub struct AuditNews {
    told: Vec<Finding>,
    /// Before this nothing is told.
    next: Duration,
    pause: Duration,
    waiting: Option<Vec<Finding>>,
}

/// The difference between what was told and what is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Findings that were not there before, the worst first.
    pub appeared: Vec<Finding>,
    /// Those that are not there any more, as they were told.
    pub vanished: Vec<Finding>,
}

impl AuditNews {
    /// What is to be told now that an audit has found this.
    pub fn note(&mut self, now: Duration, findings: &[Finding]) -> Option<Difference> {
        self.waiting = Some(findings.to_vec());
        self.due(now)
    }

    /// What is to be told now, if the pause is over and something has waited for that.
    pub fn due(&mut self, now: Duration) -> Option<Difference> {
        if now < self.next {
            return None;
        }
        let found = self.waiting.take()?;
        let difference = Difference { appeared: without(&found, &self.told), vanished: without(&self.told, &found) };
        self.told = found;
        if difference.appeared.is_empty() && difference.vanished.is_empty() {
            return None;
        }
        let is_quiet = now > self.next.saturating_add(self.pause);
        self.pause = if is_quiet { FIRST_PAUSE } else { (self.pause * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE) };
        self.next = now + self.pause;
        Some(difference)
    }
}

/// Those of `findings` that are not among `others`. Of the same rule and the same nodes is the same finding: while slots move, its words and
/// slots change with each. One about no node of the cluster is known by its words.
fn without(findings: &[Finding], others: &[Finding]) -> Vec<Finding> {
    fn key(finding: &Finding) -> (Rule, &[NodeId], &str) {
        let words = if finding.nodes.is_empty() { &finding.sentence } else { "" };
        (finding.rule, &finding.nodes, words)
    }
    let others: HashSet<_> = others.iter().map(key).collect();
    findings.iter().filter(|finding| !others.contains(&key(finding))).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(rule: Rule) -> Finding {
        Finding { rule, sentence: String::new(), remedy: String::new(), nodes: Vec::new(), slots: Vec::new() }
    }

    fn ids(difference: Option<Difference>) -> Option<(Vec<&'static str>, Vec<&'static str>)> {
        let ids = |findings: Vec<Finding>| findings.iter().map(|finding| finding.rule.id()).collect();
        difference.map(|difference| (ids(difference.appeared), ids(difference.vanished)))
    }

    #[test]
    fn findings_are_told_when_they_appear_and_when_they_are_gone() {
        let mut news = AuditNews::default();
        let second = Duration::from_secs;
        assert_eq!(news.note(second(0), &[]), None);
        let both = [finding(Rule::ShardInOneZone), finding(Rule::UnevenMasters)];
        assert_eq!(ids(news.note(second(1), &both)), Some((vec!["shard-in-one-zone", "uneven-masters"], vec![])));
        assert_eq!(ids(news.note(second(9), &both)), None);
        let others = [finding(Rule::OrphanMaster), finding(Rule::UnevenMasters)];
        assert_eq!(ids(news.note(second(10), &others)), Some((vec!["orphan-master"], vec!["shard-in-one-zone"])));
    }

    #[test]
    fn what_comes_in_the_pause_is_told_at_its_end_and_what_has_gone_again_is_not() {
        let mut news = AuditNews::default();
        let at = Duration::from_millis;
        assert!(news.note(at(0), &[finding(Rule::FailedMaster)]).is_some());
        assert_eq!(news.note(at(100), &[finding(Rule::OrphanMaster)]), None);
        assert_eq!(news.due(at(999)), None);
        assert_eq!(ids(news.due(at(1000))), Some((vec!["orphan-master"], vec!["failed-master"])));
        assert_eq!(news.note(at(1100), &[]), None);
        assert_eq!(news.note(at(1200), &[finding(Rule::OrphanMaster)]), None);
        assert_eq!(news.due(at(60_000)), None);
    }

    #[test]
    fn a_finding_that_comes_and_goes_each_second_for_a_day_is_told_some_hundred_times() {
        let mut news = AuditNews::default();
        let mut told = 0;
        for second in 0..86_400 {
            let findings = if second % 2 == 0 { vec![finding(Rule::FailedReplica)] } else { Vec::new() };
            told += usize::from(news.note(Duration::from_secs(second), &findings).is_some());
        }
        assert!((280..320).contains(&told), "{told}");
        let quiet = Duration::from_secs(86_400 + 700);
        assert!(news.note(quiet, &[finding(Rule::FailedReplica), finding(Rule::OrphanMaster)]).is_some());
        assert!(news.note(quiet + FIRST_PAUSE, &[]).is_some(), "the pause is short again");
    }
}
