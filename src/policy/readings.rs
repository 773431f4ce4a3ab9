//! What nodes say of their settings and of their replication: CLUSTER NODES does not tell it, so somebody has asked them one by one.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use crate::cluster::nodes::NodeId;

/// What was read from one node; `None`: it was not asked, or may not tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readings {
    /// `cluster-require-full-coverage`.
    pub full_coverage: Option<bool>,
    /// `cluster-node-timeout`.
    pub node_timeout: Option<Duration>,
    /// `cluster-replica-validity-factor`; 0: a replica of any age may be promoted.
    pub validity_factor: Option<u32>,
    /// `repl-ping-replica-period`.
    pub ping_period: Option<Duration>,
    /// For how long the link of a replica to its master has been down: `master_link_down_since_seconds` of INFO.
    pub link_down: Option<Duration>,
}

impl Readings {
    /// How old a replica's data may be for a promotion; `None`: of any age. What is not known is taken for the servers' default.
    ///
    /// Source: redis 7.0.15 `clusterHandleSlaveFailover` L3575.
    pub(super) fn validity(&self) -> Option<Duration> {
        let factor = self.validity_factor.unwrap_or(10);
        let period = self.ping_period.unwrap_or(Duration::from_secs(10));
        (factor > 0).then(|| period.saturating_add(self.timeout().saturating_mul(factor)))
    }

    /// Its `cluster-node-timeout`, or the servers' default.
    pub(super) fn timeout(&self) -> Duration {
        self.node_timeout.unwrap_or(Duration::from_secs(15))
    }

    /// Whether the replica's data are too old for a promotion.
    pub(super) fn is_stale(&self) -> bool {
        self.link_down.zip(self.validity()).is_some_and(|(down, validity)| down > validity)
    }
}

/// The replicas that what was read shows to be too old for a promotion: for [`super::what_if::Assumptions::stale`].
pub fn stale_replicas(readings: &HashMap<NodeId, Readings>) -> HashSet<NodeId> {
    readings.iter().filter(|(_, readings)| readings.is_stale()).map(|(&id, _)| id).collect()
}
