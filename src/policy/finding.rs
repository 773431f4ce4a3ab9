//! What an audit may find: one table of rules, each with its stable id, how bad it is and what mends it.
//!
//! How the rules are judged stands in [`super::audit`], and [`super::drift`] for the last one.

use crate::cluster::nodes::NodeId;
use crate::cluster::slots::SlotRange;

/// How bad a finding is, from the least to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// To be mended before it meets something else.
    Warning,
    /// Slots are lost, or one failure would lose some.
    Critical,
}

impl Severity {
    /// The stable name: `warning` or `critical`.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Warning => "warning",
            Severity::Critical => "critical",
        }
    }
}

/// A rule, the worst to break first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// Slots have no owner.
    UnownedSlots,
    /// A master with slots is flagged `fail`.
    FailedMaster,
    /// With this zone the majority of the masters is lost.
    QuorumLostWithZone,
    /// The master and all replicas that may be promoted stand in one zone.
    ShardInOneZone,
    /// No living replica.
    OrphanMaster,
    /// Living replicas, none of which may be promoted.
    NoPromotableReplica,
    /// With this zone every master is lost that can be spared, and a better spread is possible.
    MastersTogether,
    /// A zone has two masters more than another.
    UnevenMasters,
    /// A replica is flagged `nofailover`.
    ReplicaNoFailover,
    /// A replica is flagged `fail`.
    FailedReplica,
    /// A replica says that the link to its master is down.
    ReplicaLinkDown,
    /// Slots are on the move between two masters.
    OpenSlots,
    /// Masters have the same config epoch.
    EpochCollision,
    /// Nodes of which nobody knows where they stand.
    NodeWithoutZone,
    /// Two zones claim a node.
    ZonesInDispute,
    /// `cluster-require-full-coverage` differs between nodes.
    MixedFullCoverage,
    /// `cluster-node-timeout` differs between nodes.
    MixedNodeTimeout,
    /// A replica's `cluster-replica-validity-factor` is so low that it may be too old when its turn comes.
    ValidityForbidsFailover,
    /// Something has moved since the baseline.
    Drift,
}

/// A rule that is broken, by whom, and what mends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// What is the matter, in one sentence.
    pub sentence: String,
    /// What an operator does about it.
    pub remedy: String,
    /// The nodes concerned, the one that it is about first.
    pub nodes: Vec<NodeId>,
    /// The slots concerned, in order; none where the finding is about no slots.
    pub slots: Vec<SlotRange>,
}

impl Finding {
    /// How bad it is: the rule's.
    pub fn severity(&self) -> Severity {
        self.rule.severity()
    }
}

impl Rule {
    /// All rules, the worst to break first.
    pub const ALL: [Rule; 19] = [
        Rule::UnownedSlots,
        Rule::FailedMaster,
        Rule::QuorumLostWithZone,
        Rule::ShardInOneZone,
        Rule::OrphanMaster,
        Rule::NoPromotableReplica,
        Rule::MastersTogether,
        Rule::UnevenMasters,
        Rule::ReplicaNoFailover,
        Rule::FailedReplica,
        Rule::ReplicaLinkDown,
        Rule::OpenSlots,
        Rule::EpochCollision,
        Rule::NodeWithoutZone,
        Rule::ZonesInDispute,
        Rule::MixedFullCoverage,
        Rule::MixedNodeTimeout,
        Rule::ValidityForbidsFailover,
        Rule::Drift,
    ];

    /// The stable id, such as `shard-in-one-zone`.
    pub fn id(self) -> &'static str {
        match self {
            Rule::UnownedSlots => "unowned-slots",
            Rule::FailedMaster => "failed-master",
            Rule::QuorumLostWithZone => "quorum-lost-with-zone",
            Rule::ShardInOneZone => "shard-in-one-zone",
            Rule::OrphanMaster => "orphan-master",
            Rule::NoPromotableReplica => "no-promotable-replica",
            Rule::MastersTogether => "masters-together",
            Rule::UnevenMasters => "uneven-masters",
            Rule::ReplicaNoFailover => "replica-nofailover",
            Rule::FailedReplica => "failed-replica",
            Rule::ReplicaLinkDown => "replica-link-down",
            Rule::OpenSlots => "open-slots",
            Rule::EpochCollision => "epoch-collision",
            Rule::NodeWithoutZone => "node-without-zone",
            Rule::ZonesInDispute => "zones-in-dispute",
            Rule::MixedFullCoverage => "mixed-full-coverage",
            Rule::MixedNodeTimeout => "mixed-node-timeout",
            Rule::ValidityForbidsFailover => "validity-forbids-failover",
            Rule::Drift => "drift",
        }
    }

    /// How bad it is to break the rule.
    pub fn severity(self) -> Severity {
        if self <= Rule::NoPromotableReplica { Severity::Critical } else { Severity::Warning }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_rules_are_listed_in_order_with_ids_of_their_own() {
        assert!(Rule::ALL.is_sorted_by(|a, b| a < b && a.severity() >= b.severity()));
        let mut ids = Rule::ALL.map(Rule::id);
        ids.sort();
        assert!(ids.is_sorted_by(|a, b| a < b));
    }
}
