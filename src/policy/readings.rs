//! What nodes say of their settings and of their replication: CLUSTER NODES does not tell it, so somebody has asked them one by one.
//!
//! Settings come from CONFIG GET: names and values by turns. Up to Redis 4 replicas are `slave` in their names; later servers know both,
//! and tell both to some patterns. The rest comes from INFO, sections `replication` and `server`: lines `name:value`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use crate::cluster::nodes::NodeId;

/// The settings by which nodes fail over and stay available, in the names of Redis 5 and later: what a baseline holds.
pub const SETTINGS: [&str; 10] = [
    "cluster-allow-reads-when-down",
    "cluster-allow-replica-migration",
    "cluster-migration-barrier",
    "cluster-node-timeout",
    "cluster-replica-no-failover",
    "cluster-replica-validity-factor",
    "cluster-require-full-coverage",
    "min-replicas-max-lag",
    "min-replicas-to-write",
    "repl-ping-replica-period",
];

/// What was read from one node; `None`: it was not asked, or may not tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readings {
    /// Those of [`SETTINGS`] that CONFIG GET has told, in the server's words.
    pub settings: BTreeMap<&'static str, Box<str>>,
    /// `cluster-require-full-coverage`.
    pub full_coverage: Option<bool>,
    /// `cluster-node-timeout`.
    pub node_timeout: Option<Duration>,
    /// `cluster-replica-validity-factor`; 0: a replica of any age may be promoted.
    pub validity_factor: Option<u32>,
    /// `repl-ping-replica-period`.
    pub ping_period: Option<Duration>,
    /// `cluster-replica-no-failover`.
    pub no_failover: Option<bool>,
    /// For how long the link of a replica to its master has been down: `master_link_down_since_seconds` of INFO; [`Duration::MAX`] if it
    /// has not been up since the replica was started.
    pub link_down: Option<Duration>,
    /// Where the node says that it stands: `availability_zone` of INFO (Valkey 8.0 and later).
    pub availability_zone: Option<Box<str>>,
}

impl Readings {
    /// Takes down what CONFIG GET has told: names and values. What is not known here is passed over, and so is a value that is none.
    pub fn take_settings<'a>(&mut self, settings: impl IntoIterator<Item = (&'a str, &'a str)>) {
        for (name, value) in settings {
            let is_yes = || match value {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            };
            let name = name.to_ascii_lowercase().replace("slave", "replica");
            if let Some(known) = SETTINGS.into_iter().find(|known| *known == name) {
                self.settings.insert(known, value.into());
            }
            match &*name {
                "cluster-require-full-coverage" => self.full_coverage = is_yes(),
                "cluster-node-timeout" => self.node_timeout = value.parse().ok().map(Duration::from_millis),
                "cluster-replica-validity-factor" => self.validity_factor = value.parse().ok(),
                "cluster-replica-no-failover" => self.no_failover = is_yes(),
                "repl-ping-replica-period" => self.ping_period = value.parse().ok().map(Duration::from_secs),
                _ => {}
            }
        }
    }

    /// Takes down what INFO has told, any section of it.
    pub fn take_info(&mut self, info: &str) {
        let lines = || info.lines().filter_map(|line| line.trim().split_once(':'));
        let value = |wanted: &str| lines().find(|(name, _)| *name == wanted).map(|(_, value)| value);
        if value("master_link_status") == Some("down") {
            // -1: never up since the start.
            let seconds = value("master_link_down_since_seconds").and_then(|seconds| seconds.parse().ok());
            self.link_down = Some(seconds.map_or(Duration::MAX, Duration::from_secs));
        }
        let zone = value("availability_zone").filter(|zone| !zone.is_empty());
        self.availability_zone = zone.map(Into::into).or(self.availability_zone.take());
    }

    /// How old a replica's data may be for a promotion; `None`: of any age. What is not known is taken for the servers' default.
    ///
    /// Source: redis 7.0.15 `clusterHandleSlaveFailover` L3575.
    pub(super) fn validity(&self) -> Option<Duration> {
        let factor = self.validity_factor.unwrap_or(10);
        let period = self.ping_period.unwrap_or(Duration::from_secs(10));
        (factor > 0).then(|| period.saturating_add(self.timeout().saturating_mul(factor)))
    }

    /// How old the data may be, and how old they may be when the replica's turn comes, if that is longer: a failover counts as overdue
    /// after 2 T + 5 s.
    pub(super) fn too_short_validity(&self) -> Option<(Duration, Duration)> {
        let slow = self.timeout().saturating_mul(2).saturating_add(Duration::from_secs(5));
        let validity = self.validity().filter(|&validity| self.validity_factor.is_some() && validity < slow);
        validity.map(|validity| (validity, slow))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Readings {
        let mut readings = Readings::default();
        readings
            .take_settings(text.split_whitespace().collect::<Vec<_>>().chunks_exact(2).map(|pair| (pair[0], pair[1])));
        readings
    }

    #[test]
    fn settings_are_known_by_their_old_names_and_by_the_new_ones() {
        let expected = Readings {
            full_coverage: Some(true),
            node_timeout: Some(Duration::from_millis(15_000)),
            validity_factor: Some(10),
            ping_period: Some(Duration::from_secs(10)),
            no_failover: Some(false),
            settings: [
                ("cluster-require-full-coverage", "yes"),
                ("cluster-node-timeout", "15000"),
                ("cluster-replica-validity-factor", "10"),
                ("cluster-replica-no-failover", "no"),
                ("repl-ping-replica-period", "10"),
            ]
            .map(|(name, value)| (name, value.into()))
            .into(),
            ..Readings::default()
        };
        let new = "cluster-require-full-coverage yes cluster-node-timeout 15000 cluster-replica-validity-factor 10 \
                   cluster-replica-no-failover no repl-ping-replica-period 10 cluster-enabled yes";
        assert_eq!(settings(new), expected);
        assert_eq!(settings(&new.replace("replica", "slave")), expected);
        let odd = settings("cluster-node-timeout soon cluster-require-full-coverage maybe");
        assert_eq!(Readings { settings: BTreeMap::new(), ..odd }, Readings::default());
    }

    #[test]
    fn a_link_that_was_never_up_is_older_than_any_validity() {
        let of = |text: &str| {
            let mut readings = Readings::default();
            readings.take_info(text);
            readings
        };
        let down = "# Replication\r\nrole:slave\r\nmaster_link_status:down\r\nmaster_link_down_since_seconds:";
        assert_eq!(of(&format!("{down}12\r\n")).link_down, Some(Duration::from_secs(12)));
        assert_eq!(of(&format!("{down}-1\r\n")).link_down, Some(Duration::MAX));
        assert!(of(&format!("{down}-1\r\n")).is_stale());
        for linked in ["role:master\r\n", "role:slave\r\nmaster_link_status:up\r\n", ""] {
            assert_eq!(of(linked), Readings::default(), "{linked}");
        }
        assert_eq!(of("availability_zone:dc-a\r\n").availability_zone.as_deref(), Some("dc-a"));
        assert_eq!(of("availability_zone:\r\n").availability_zone, None);
    }
}
