//! The one table of all metrics.
//!
//! The text exposition, the C ABI, Java, Micrometer and `docs/metrics.md` take names, kinds and labels from here alone. A new metric is
//! one row, and a member of [`Facts`] if it is counted.
//!
//! Names follow Prometheus: base units, `_total` behind counters. Four are given from outside and keep theirs, `redis_…`. No metric
//! tells which cluster it is of: who has several keepers adds a label of his own. The number of series is bounded: every label has
//! few values, and all of them are shown from the beginning.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::finding::Rule;
use super::health::Health;
use super::metrics::{Counts, Facts, Kind, Labelled, Latencies, Metric, Read, Sample};
use crate::cluster::keyslot::SLOT_COUNT;
use crate::cluster::nodes::{Flags, Role};
use crate::cluster::outlook::SlotState;
use crate::cluster::topology::Topology;
use crate::cluster::zone::{NO_ZONE, Placement};

/// All metrics, in the order in which they are shown.
pub static METRICS: &[Metric] = &[
    Metric {
        name: "redis_cluster_health",
        kind: Kind::Gauge,
        unit: "",
        labels: &[],
        sentence: "How the cluster is: 1 ok (every slot is served), 0.5 degraded (some are not), 0 down (it refuses every request), \
                   -1 unknown (no node answers, or none has yet).",
        read: Read::Number(|facts| match facts.health {
            Health::Ok => 1.0,
            Health::Degraded => 0.5,
            Health::Down => 0.0,
            Health::Unknown => -1.0,
        }),
    },
    Metric {
        name: "redis_slot_coverage",
        kind: Kind::Gauge,
        unit: "share",
        labels: &[],
        sentence: "The share of the 16384 slots that are served, 0 to 1, as the latest topology has it; 0 before the first.",
        read: Read::Number(|facts| slots(facts, SlotState::Served) as f64 / SLOT_COUNT as f64),
    },
    Metric {
        name: "redis_node_distribution",
        kind: Kind::Gauge,
        unit: "nodes",
        labels: &["zone", "role"],
        sentence: "How many nodes of each role (master, replica) stand in each zone, failed ones too; zone none: no zone takes them, or two do.",
        read: Read::Labelled(node_distribution),
    },
    Metric {
        name: "redis_topology_refresh_latency",
        kind: Kind::Histogram(Latencies::BOUNDS),
        unit: "seconds",
        labels: &[],
        sentence: "How long rounds took from their beginning until the topology was known; of those that gave one.",
        read: Read::Histogram(|facts| &facts.refresh_latency),
    },
    Metric {
        name: "slotkeeper_topology_age_seconds",
        kind: Kind::Gauge,
        unit: "seconds",
        labels: &[],
        sentence: "How long ago a node last showed that the topology holds; before the first, since the keeper was opened.",
        read: Read::Number(|facts| facts.age.as_secs_f64()),
    },
    Metric {
        name: "slotkeeper_topology_generation",
        kind: Kind::Gauge,
        unit: "",
        labels: &[],
        sentence: "The number of the latest topology; each change makes a higher one; 0 before the first.",
        read: Read::Number(|facts| facts.topology.as_ref().map_or(0, |topology| topology.generation()) as f64),
    },
    Metric {
        name: "slotkeeper_slots",
        kind: Kind::Gauge,
        unit: "slots",
        labels: &["state"],
        sentence: "How many slots are served, pending (a failover is possible, and not overdue) and unserved.",
        read: Read::Labelled(|facts| {
            let states = [SlotState::Served, SlotState::Pending, SlotState::Unserved];
            states.map(|state| (vec![state.name().to_owned()], slots(facts, state) as f64)).into()
        }),
    },
    Metric {
        name: "slotkeeper_failed_nodes",
        kind: Kind::Gauge,
        unit: "nodes",
        labels: &[],
        sentence: "How many nodes the cluster holds for failed.",
        read: Read::Number(|facts| {
            let failed = |topology: &Arc<Topology>| topology.nodes().iter().filter(|n| n.has(Flags::FAILED)).count();
            facts.topology.as_ref().map_or(0, failed) as f64
        }),
    },
    Metric {
        name: "slotkeeper_unreachable_nodes",
        kind: Kind::Gauge,
        unit: "nodes",
        labels: &[],
        sentence: "How many nodes the cluster holds for alive that have never answered at the address they announce.",
        read: Read::Number(|facts| facts.unreachable_nodes as f64),
    },
    Metric {
        name: "slotkeeper_audit_findings",
        kind: Kind::Gauge,
        unit: "findings",
        labels: &["rule"],
        sentence: "What the audit of the layout finds now, by rule; all 0 before the first topology.",
        read: Read::Labelled(findings),
    },
    Metric {
        name: "slotkeeper_audit_compliance",
        kind: Kind::Gauge,
        unit: "share",
        labels: &[],
        sentence: "The share of the 16384 slots, 0 to 1, that have an owner, and a master again after the loss of any one zone and any one node; \
                   0 if the quorum hangs on one of these, and before the first topology.",
        read: Read::Number(|facts| facts.audited.as_ref().map_or(0.0, |audited| audited.compliance())),
    },
    Metric {
        name: "slotkeeper_rounds_total",
        kind: Kind::Counter,
        unit: "rounds",
        labels: &["cause"],
        sentence: "Rounds, in which some nodes are asked for their views, by cause: start, interval, asked, moved, failure, pulse, \
                   replaced (somebody called reset).",
        read: Read::Labelled(|facts| counted(&facts.rounds)),
    },
    Metric {
        name: "slotkeeper_rounds_failed_total",
        kind: Kind::Counter,
        unit: "rounds",
        labels: &[],
        sentence: "Rounds in which no node gave a view that could be used.",
        read: Read::Number(|facts| facts.rounds_failed as f64),
    },
    Metric {
        name: "slotkeeper_views_rejected_total",
        kind: Kind::Counter,
        unit: "views",
        labels: &["reason"],
        sentence: "Views of nodes that were not used: empty (it knows no slots), foreign (of another cluster), outsider (it was \
                   forgotten), minority (it reaches no majority of the masters), behind (older than what is known).",
        read: Read::Labelled(|facts| counted(&facts.views_rejected)),
    },
    Metric {
        name: "slotkeeper_triggers_total",
        kind: Kind::Counter,
        unit: "calls",
        labels: &["trigger"],
        sentence: "Calls that asked to look anew: refresh, moved (refresh_from), reset and credentials (new ones) for a round, which several \
                   share; failure (notify_failure) for a probe of the node and a pulse.",
        read: Read::Labelled(|facts| counted(&facts.triggers)),
    },
    Metric {
        name: "slotkeeper_pulses_total",
        kind: Kind::Counter,
        unit: "pulses",
        labels: &[],
        sentence: "Small questions beside the rounds: whether anything has changed, and to silent nodes whether they are back.",
        read: Read::Number(|facts| facts.pulses as f64),
    },
    Metric {
        name: "slotkeeper_probes_total",
        kind: Kind::Counter,
        unit: "probes",
        labels: &["verdict"],
        sentence: "Conversations with nodes, in rounds and pulses, by what came of them; late: not waited for, since others had answered.",
        read: Read::Labelled(|facts| counted(&facts.probes)),
    },
    Metric {
        name: "slotkeeper_connections",
        kind: Kind::Gauge,
        unit: "connections",
        labels: &[],
        sentence: "The keeper's own connections that are open.",
        read: Read::Number(|facts| facts.connections_open as f64),
    },
    Metric {
        name: "slotkeeper_connections_opened_total",
        kind: Kind::Counter,
        unit: "connections",
        labels: &[],
        sentence: "Connections that the keeper has opened.",
        read: Read::Number(|facts| facts.connections_opened as f64),
    },
    Metric {
        name: "slotkeeper_requests_total",
        kind: Kind::Counter,
        unit: "commands",
        labels: &[],
        sentence: "Commands that the keeper has sent, those that open a connection included.",
        read: Read::Number(|facts| facts.requests as f64),
    },
    Metric {
        name: "slotkeeper_sent_bytes_total",
        kind: Kind::Counter,
        unit: "bytes",
        labels: &[],
        sentence: "Bytes that the keeper has sent, without those of TLS and the network.",
        read: Read::Number(|facts| facts.bytes_sent as f64),
    },
    Metric {
        name: "slotkeeper_received_bytes_total",
        kind: Kind::Counter,
        unit: "bytes",
        labels: &[],
        sentence: "Bytes of replies that the keeper has read.",
        read: Read::Number(|facts| facts.bytes_received as f64),
    },
    Metric {
        name: "slotkeeper_waited_seconds_total",
        kind: Kind::Counter,
        unit: "seconds",
        labels: &[],
        sentence: "How long the keeper has waited for replies; side by side counts twice.",
        read: Read::Number(|facts| facts.waited.as_secs_f64()),
    },
    Metric {
        name: "slotkeeper_credentials_refused_total",
        kind: Kind::Counter,
        unit: "refusals",
        labels: &[],
        sentence: "How often a node has refused the credentials, or has asked for some where none are set.",
        read: Read::Number(|facts| facts.credentials_refused as f64),
    },
    Metric {
        name: "slotkeeper_events_dropped_total",
        kind: Kind::Counter,
        unit: "events",
        labels: &[],
        sentence: "Events of the keeper that were lost because nobody came for them.",
        read: Read::Number(|facts| facts.events_dropped as f64),
    },
    Metric {
        name: "slotkeeper_hand_overs_total",
        kind: Kind::Counter,
        unit: "hand-overs",
        labels: &["outcome"],
        sentence: "Topologies given to clients: taken, dropped (by the client; repeated until it is taken), failed (with an \
                   exception; repeated as well).",
        read: Read::Java,
    },
    Metric {
        name: "slotkeeper_listener_failures_total",
        kind: Kind::Counter,
        unit: "failures",
        labels: &[],
        sentence: "How often a listener of the application has thrown an exception.",
        read: Read::Java,
    },
    Metric {
        name: "slotkeeper_announcements_dropped_total",
        kind: Kind::Counter,
        unit: "events",
        labels: &[],
        sentence: "Events and log lines that were not told, since a listener or the log was too slow.",
        read: Read::Java,
    },
    Metric {
        name: "slotkeeper_gate_mode",
        kind: Kind::Gauge,
        unit: "",
        labels: &[],
        sentence: "What the gate does: 0 off, 1 observe, 2 on.",
        read: Read::Java,
    },
    Metric {
        name: "slotkeeper_gate_actions_total",
        kind: Kind::Counter,
        unit: "actions",
        labels: &["mode", "action"],
        sentence: "What the gate has done in mode on, or would have done in mode observe: commands held, released, refused, tried and \
                   stepped-aside (passed, since the keeper did not know better), nodes reopened and rescued.",
        read: Read::Java,
    },
];

/// The samples of all metrics but those of Java, in the order of the table.
pub fn samples(facts: &Facts) -> Vec<Sample> {
    METRICS.iter().flat_map(|metric| metric.samples(facts)).collect()
}

fn node_distribution(facts: &Facts) -> Vec<Labelled> {
    let nowhere = Placement::default();
    let placement = facts.audited.as_ref().map_or(&nowhere, |audited| audited.placement());
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut count = |zone, role, nodes| *counts.entry((zone, role)).or_default() += nodes;
    let nodes = facts.audited.iter().flat_map(|audited| audited.topology().nodes().iter().enumerate());
    let places = nodes.map(|(place, node)| (placement.name(place).unwrap_or(NO_ZONE), node.role()));
    // A role that nobody has any more is zero, and not gone; so is a zone that is defined.
    for (zone, role) in placement.names().chain([NO_ZONE]).map(|zone| (zone, None)).chain(places) {
        count(zone, "master", usize::from(role == Some(Role::Master)));
        count(zone, "replica", usize::from(role == Some(Role::Replica)));
    }
    counts.into_iter().map(|((zone, role), nodes)| (vec![zone.to_owned(), role.to_owned()], nodes as f64)).collect()
}

fn findings(facts: &Facts) -> Vec<Labelled> {
    let found = facts.audited.as_ref().map_or(&[][..], |audited| audited.findings());
    let count = |rule| found.iter().filter(|finding| finding.rule == rule).count() as f64;
    Rule::ALL.map(|rule| (vec![rule.id().to_owned()], count(rule))).into()
}

fn slots(facts: &Facts, state: SlotState) -> usize {
    match (&facts.topology, state) {
        (Some(topology), SlotState::Served) => topology.served_slots(),
        (Some(topology), state) => (0..SLOT_COUNT as u16).filter(|&slot| topology.slot_state(slot) == state).count(),
        (None, SlotState::Unserved) => SLOT_COUNT,
        (None, _) => 0,
    }
}

fn counted(counts: &Counts) -> Vec<Labelled> {
    counts.iter().map(|&(name, count)| (vec![name.to_owned()], count as f64)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Dashboards and alerts go by these.
    #[test]
    fn names_and_labels_are_those_that_users_know() {
        let shown = METRICS.iter().map(|metric| format!("{} {:?}", metric.name, metric.labels).replace('"', ""));
        let expected = [
            "redis_cluster_health []",
            "redis_slot_coverage []",
            "redis_node_distribution [zone, role]",
            "redis_topology_refresh_latency []",
            "slotkeeper_topology_age_seconds []",
            "slotkeeper_topology_generation []",
            "slotkeeper_slots [state]",
            "slotkeeper_failed_nodes []",
            "slotkeeper_unreachable_nodes []",
            "slotkeeper_audit_findings [rule]",
            "slotkeeper_audit_compliance []",
            "slotkeeper_rounds_total [cause]",
            "slotkeeper_rounds_failed_total []",
            "slotkeeper_views_rejected_total [reason]",
            "slotkeeper_triggers_total [trigger]",
            "slotkeeper_pulses_total []",
            "slotkeeper_probes_total [verdict]",
            "slotkeeper_connections []",
            "slotkeeper_connections_opened_total []",
            "slotkeeper_requests_total []",
            "slotkeeper_sent_bytes_total []",
            "slotkeeper_received_bytes_total []",
            "slotkeeper_waited_seconds_total []",
            "slotkeeper_credentials_refused_total []",
            "slotkeeper_events_dropped_total []",
            "slotkeeper_hand_overs_total [outcome]",
            "slotkeeper_listener_failures_total []",
            "slotkeeper_announcements_dropped_total []",
            "slotkeeper_gate_mode []",
            "slotkeeper_gate_actions_total [mode, action]",
        ];
        assert_eq!(shown.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn rows_keep_the_rules_of_the_text_format() {
        for Metric { name, kind, sentence, .. } in METRICS {
            assert_eq!(name.ends_with("_total"), *kind == Kind::Counter, "{name}");
            assert!(sentence.ends_with('.') && !sentence.contains(['\\', '\n', '|']), "{name}");
        }
    }
}
