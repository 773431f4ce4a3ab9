//! Audits: what is wrong with a cluster's layout, of a keeper or of any table of nodes.

use std::mem::MaybeUninit;
use std::sync::Arc;

use super::super::codes::slotkeeper_code;
use super::config::slotkeeper_config;
use super::error::slotkeeper_error;
use super::finding::{Findings, slotkeeper_finding_list};
use super::nodes::slotkeeper_nodes;
use super::text::slotkeeper_str;
use super::{free, get, given, guard};
use crate::policy::audited::Audited;
use crate::policy::what_if::Assumptions;

/// An audit: a table of nodes, where they stand, and what is wrong with that. Immutable; it outlives what it was made of.
pub struct slotkeeper_audit {
    pub(super) audited: Arc<Audited>,
    pub(super) assumptions: Assumptions,
    nodes: slotkeeper_nodes,
    findings: Findings,
}

impl slotkeeper_audit {
    pub(super) fn new(audited: Arc<Audited>, assumptions: Assumptions) -> Self {
        let nodes = slotkeeper_nodes::of_topology(audited.topology().clone());
        let findings = audited.findings().to_vec().into();
        Self { audited, assumptions, nodes, findings }
    }
}

/// Audits a table of nodes, of a CLUSTER NODES text or of a topology, with the zones (`zone.<name>`) of this configuration, and writes the audit
/// for the caller to free. Of `config` only the zones count. Without any network; 10 ms for 1000 nodes. Any thread.
///
/// What the nodes' settings and their replication would tell is not known here. SLOTKEEPER_BAD_REPLY if a text tells of no cluster.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_audit_new(
    nodes: Option<&slotkeeper_nodes>,
    config: Option<&slotkeeper_config>,
    audit: Option<&mut MaybeUninit<Box<slotkeeper_audit>>>,
    error: Option<&mut MaybeUninit<Box<slotkeeper_error>>>,
) -> slotkeeper_code {
    guard(error, || {
        let (nodes, config) = (given(nodes, "nodes")?, given(config, "config")?);
        let audit = given(audit, "audit")?;
        let audited = Audited::new(nodes.topology()?, config.0.zones());
        audit.write(Box::new(slotkeeper_audit::new(Arc::new(audited), Assumptions::default())));
        Ok(())
    })
}

/// What was found, the worst first. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_audit_findings(audit: Option<&slotkeeper_audit>) -> slotkeeper_finding_list {
    get(|| audit.map(|audit| audit.findings.all().into()))
}

/// The share of the slots, 0 to 1, that have an owner now, and a master again after the loss of any one zone and of any one node; 0 as soon as
/// the quorum hangs on one of these. A node in no zone counts as a node alone. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_audit_compliance(audit: Option<&slotkeeper_audit>) -> f64 {
    get(|| audit.map(|audit| audit.audited.compliance()))
}

/// The generation of the topology that was audited; 0 if no keeper gave it. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_audit_generation(audit: Option<&slotkeeper_audit>) -> u64 {
    get(|| audit.map(|audit| audit.audited.topology().generation()))
}

/// The nodes that were audited, sorted by id. They belong to the audit and must not be freed; NULL for NULL. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_audit_nodes(audit: Option<&slotkeeper_audit>) -> Option<&slotkeeper_nodes> {
    get(|| audit.map(|audit| Some(&audit.nodes)))
}

/// The zone of the node at this index of slotkeeper_audit_nodes; empty if it stands in none, or in dispute between two. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_audit_zone(audit: Option<&slotkeeper_audit>, index: usize) -> slotkeeper_str {
    get(|| Some(audit?.audited.placement().name(index)?.into()))
}

/// Frees an audit; NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_audit_free(audit: Option<Box<slotkeeper_audit>>) {
    free(audit);
}
