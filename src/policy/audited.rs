//! What a keeper holds of its last audit: the topology, where its nodes stand, and what was found; when a new one is due; and whether an
//! application had better not start on such a layout.
//!
//! The rules stand in [`super::finding`], and how they are judged in [`super::audit`].

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::audit::{Audit, audit};
use super::baseline::Baseline;
use super::drift::drift;
use super::finding::{Finding, Rule, Severity};
use super::what_if::{Assumptions, Blow, Outcome, strike, what_if};
use crate::cluster::nodes::{Flags, Node};
use crate::cluster::topology::{Topology, name};
use crate::cluster::zone::{Placement, Zones};
use crate::error::{Error, ErrorKind};
use crate::words::list;

/// How long a comparison with a baseline holds.
const BASELINE_HOLDS: Duration = Duration::from_secs(60);

/// A topology, where its nodes stand, and what an audit finds wrong with that. Immutable.
#[derive(Clone, Debug)]
pub struct Audited {
    topology: Arc<Topology>,
    placement: Placement,
    audit: Audit,
}

/// Whether an application may start on a layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// Nothing critical was found.
    Fine,
    /// Something was, but nodes have failed: in an outage the layout is what is left of it, and an application that does not start makes
    /// it worse. In words.
    Excused(String),
    /// Something was: [`ErrorKind::AuditFailed`], which names it.
    Refused(Error),
}

impl Audited {
    /// Audits a topology; what CLUSTER NODES does not tell is not known here. 10 ms for 1000 nodes.
    pub fn new(topology: Arc<Topology>, zones: &Zones) -> Self {
        let placement = zones.place(topology.nodes());
        let audit = audit(&topology, &placement, &HashMap::new());
        Self { topology, placement, audit }
    }

    /// This, and what has moved since `baseline`, as far as CLUSTER NODES tells. One that cannot be read is a finding as well: else nobody
    /// would learn that nothing is compared.
    #[must_use]
    pub fn compared(mut self, baseline: Result<Baseline, Error>) -> Self {
        let moved = match baseline {
            Ok(baseline) => drift(&baseline, &self.topology, &self.placement, &HashMap::new()),
            Err(error) => {
                let sentence = format!(
                    "what has moved is not known, as there is no baseline to compare with: {}",
                    error.message()
                );
                let remedy =
                    "mend the file or the property audit.baseline-file; it is read anew within minutes".to_owned();
                vec![Finding { rule: Rule::Drift, sentence, remedy, nodes: Vec::new(), slots: Vec::new() }]
            }
        };
        self.audit.findings.extend(moved);
        self
    }

    /// What was audited.
    pub fn topology(&self) -> &Arc<Topology> {
        &self.topology
    }

    /// Where its nodes stand.
    pub fn placement(&self) -> &Placement {
        &self.placement
    }

    /// What was found, the worst first.
    pub fn findings(&self) -> &[Finding] {
        &self.audit.findings
    }

    /// The share of the slots, 0 to 1, that outlive any one zone and any one node: see [`Audit::compliance`].
    pub fn compliance(&self) -> f64 {
        self.audit.compliance
    }

    /// What becomes of the cluster after the loss of all that these name, see [`Blow::named`]; without a name after each loss of a zone, of two
    /// and of a node, the worst first, see [`what_if`].
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`]: nothing in the cluster is called so.
    pub fn what_if<S: AsRef<str>>(&self, lost: &[S], assumptions: &Assumptions) -> Result<Vec<Outcome>, Error> {
        let Self { topology, placement, .. } = self;
        if lost.is_empty() {
            return Ok(what_if(topology, placement, assumptions));
        }
        let blow = Blow::named(lost, topology, placement)?;
        Ok(vec![strike(topology, placement, assumptions, blow)])
    }

    /// Whether an application may start on this: findings that are critical forbid it, unless nodes have failed.
    pub fn start(&self) -> Start {
        let critical: Vec<String> = self
            .findings()
            .iter()
            .filter(|finding| finding.severity() == Severity::Critical)
            .map(|finding| format!("{}: {}", finding.rule.id(), finding.sentence))
            .collect();
        if critical.is_empty() {
            return Start::Fine;
        }
        let findings = format!("critical findings: {}", list(&critical, "; "));
        let failed = self.topology.nodes().iter().filter(|node| node.has(Flags::FAILED));
        let failed: Vec<String> = failed.map(name).collect();
        if failed.is_empty() {
            let message = format!("the layout of the cluster is not fit for a start (audit.fail-start): {findings}");
            Start::Refused(Error::new(ErrorKind::AuditFailed, message))
        } else {
            Start::Excused(format!("{} failed, so the start goes on; {findings}", list(&failed, ", ")))
        }
    }
}

/// Whether `topology` is to be audited, if an audit was made of `before`, so long ago: something that is looked at is different, or it is compared
/// with a baseline, which may be another one by now.
pub fn is_due(before: Option<(&Topology, Duration)>, topology: &Topology, is_compared: bool) -> bool {
    before.is_none_or(|(seen, age)| is_compared && age >= BASELINE_HOLDS || !are_alike(seen, topology))
}

/// Whether an audit of both finds the same: nothing that it looks at is different. Times, suspicions and link states are none of it.
fn are_alike(one: &Topology, other: &Topology) -> bool {
    let (one, other) = (one.nodes(), other.nodes());
    let is_alike = |(one, other): (Node<'_>, Node<'_>)| looked_at(one) == looked_at(other);
    std::ptr::eq(one, other) || one.len() == other.len() && one.iter().zip(other.iter()).all(is_alike)
}

fn looked_at(node: Node<'_>) -> impl PartialEq {
    let flags = [Flags::FAILED, Flags::NO_FAILOVER, Flags::NO_ADDRESS].map(|flag| node.has(flag));
    let epoch = node.is_slot_owner().then(|| node.config_epoch());
    let place = (node.host(), node.port(), node.hostname(), node.auxiliary());
    (node.id(), node.role(), node.master_id(), flags, epoch, place, node.ranges(), node.moving())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::address::Address;
    use crate::cluster::info_reply::ClusterInfo;
    use crate::cluster::merge::merge;
    use crate::cluster::view::View;
    use crate::parse_nodes;

    /// A master and its replica in zone a, a second shard over b and a, and a third over c and b; `change` goes over the text.
    fn topology(change: impl Fn(String) -> String) -> Topology {
        let mut text = String::new();
        for (shard, (master, replica), slots) in
            [(1, (1, 1), "0-5460"), (2, (2, 1), "5461-10922"), (3, (3, 2), "10923-16383")]
        {
            let myself = if shard == 1 { "myself," } else { "" };
            text += &format!("{shard:040} 10.{master}.0.{shard}:1@2 {myself}master - 0 0 {shard} connected {slots}\n");
            text += &format!("{:040} 10.{replica}.1.{shard}:1@2 slave {shard:040} 0 0 {shard} connected\n", shard + 10);
        }
        let info = ClusterInfo { state_ok: true, ..ClusterInfo::default() };
        let reply = parse_nodes(change(text).as_bytes()).unwrap();
        merge(None, &[View { from: Address::new("10.1.0.1", 1), reply, info }]).topology.unwrap()
    }

    fn audited(topology: Topology) -> Audited {
        let mut zones = Zones::default();
        for (zone, items) in [("a", "10.1."), ("b", "10.2."), ("c", "10.3.")] {
            zones.define(zone, items).unwrap();
        }
        Audited::new(Arc::new(topology), &zones)
    }

    #[test]
    fn a_shard_in_one_zone_forbids_the_start_and_is_named() {
        let Start::Refused(error) = audited(topology(|text| text)).start() else { panic!("it is to be refused") };
        assert_eq!(error.kind(), ErrorKind::AuditFailed);
        for part in ["shard-in-one-zone", "10.1.0.1:1", "zone a", "0-5460", "audit.fail-start"] {
            assert!(error.message().contains(part), "{part}: {error}");
        }
        assert_eq!(audited(topology(|text| text.replace("10.1.1.1", "10.3.1.1"))).start(), Start::Fine);
    }

    #[test]
    fn in_an_outage_an_application_starts_all_the_same() {
        let failed = topology(|text| text.replace("10.3.0.3:1@2 master", "10.3.0.3:1@2 master,fail"));
        let Start::Excused(words) = audited(failed).start() else { panic!("it is to be excused") };
        assert!(words.starts_with("10.3.0.3:1 failed") && words.contains("shard-in-one-zone"), "{words}");
    }

    #[test]
    fn only_what_an_audit_looks_at_makes_another_one() {
        let usual = topology(|text| text);
        let is_alike = |from: &str, to: &str| {
            let now = topology(|text| text.replace(from, to));
            !is_due(Some((&usual, BASELINE_HOLDS)), &now, false)
        };
        assert!(is_alike("", ""));
        assert!(is_alike("- 0 0 2 connected", "- 7 9 2 disconnected"), "times and links");
        assert!(is_alike("10.2.0.2:1@2 master", "10.2.0.2:1@2 master,fail?"), "a suspicion");
        for (from, to) in [
            ("10.1.1.2:1@2 slave", "10.1.1.2:1@2 slave,nofailover"),
            ("10.2.0.2:1@2 master", "10.2.0.2:1@2 master,fail"),
            ("10.2.0.2:1@2", "10.2.0.2:1@2,r2.b.example"),
            ("- 0 0 2 connected", "- 0 0 4 connected"),
            ("5461-10922", "5462-10922"),
            ("0-5460\n", "0-5460 [7->-0000000000000000000000000000000000000002]\n"),
        ] {
            assert!(!is_alike(from, to), "{from} {to}");
        }
    }

    #[test]
    fn what_is_compared_with_a_baseline_is_audited_now_and_then_as_it_may_be_another_one() {
        let usual = topology(|text| text);
        let due = |age, is_compared| is_due(Some((&usual, Duration::from_secs(age))), &usual, is_compared);
        assert!(is_due(None, &usual, false) && due(60, true) && !due(59, true) && !due(3600, false));
    }

    #[test]
    fn what_has_moved_since_the_baseline_is_found_and_that_there_is_none_as_well() {
        let sentences = |audited: Audited| -> Vec<String> {
            let drift = audited.findings().iter().filter(|finding| finding.rule == Rule::Drift);
            drift.map(|finding| finding.sentence.clone()).collect()
        };
        let usual = audited(topology(|text| text));
        let baseline = Baseline::of(&usual.topology, &usual.placement, &HashMap::new()).unwrap();
        assert_eq!(sentences(usual.clone().compared(Ok(baseline.clone()))), Vec::<String>::new());
        let moved = audited(topology(|text| text.replace("10.1.1.1", "10.3.1.1"))).compared(Ok(baseline));
        let moved = sentences(moved);
        assert!(moved.iter().any(|sentence| sentence.contains("10.3.1.1:1")), "{moved:?}");
        let error = Error::new(ErrorKind::System, "/etc/orders.baseline: No such file");
        let told =
            "what has moved is not known, as there is no baseline to compare with: /etc/orders.baseline: No such file";
        assert_eq!(sentences(usual.compared(Err(error))), [told]);
    }
}
