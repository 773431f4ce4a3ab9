//! Findings as plain data; an audit has them, and an event of one.

use std::sync::OnceLock;

use super::super::codes::slotkeeper_severity;
use super::text::{lend, slotkeeper_slot_ranges, slotkeeper_str};
use crate::policy::finding::Finding;

/// Ids of nodes. `data` is never NULL.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct slotkeeper_id_list {
    /// The first id, 40 hex digits.
    pub data: *const slotkeeper_str,
    /// How many ids.
    pub length: usize,
}

lend!(slotkeeper_id_list of slotkeeper_str);

/// A rule that is broken, by whom, and what mends it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct slotkeeper_finding {
    /// The rule's stable id, such as `shard-in-one-zone`; the metric slotkeeper_audit_findings has it as its label. Later versions may add
    /// rules.
    pub rule: slotkeeper_str,
    /// What is the matter, in one sentence.
    pub sentence: slotkeeper_str,
    /// What an operator does about it.
    pub remedy: slotkeeper_str,
    /// The nodes concerned, the one that it is about first.
    pub nodes: slotkeeper_id_list,
    /// The slots concerned, in order; none where it is about no slots.
    pub slots: slotkeeper_slot_ranges,
    /// How bad it is.
    pub severity: slotkeeper_severity,
}

/// Findings, the worst first. `data` is never NULL.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct slotkeeper_finding_list {
    /// The first finding.
    pub data: *const slotkeeper_finding,
    /// How many findings.
    pub length: usize,
}

lend!(slotkeeper_finding_list of slotkeeper_finding);

/// Findings, and how C reads them: made when first asked for.
#[derive(Default)]
pub(super) struct Findings {
    findings: Vec<Finding>,
    entries: OnceLock<Entries>,
}

impl From<Vec<Finding>> for Findings {
    fn from(findings: Vec<Finding>) -> Self {
        Self { findings, entries: OnceLock::new() }
    }
}

impl Findings {
    pub(super) fn all(&self) -> &[slotkeeper_finding] {
        &self.entries.get_or_init(|| Entries::new(&self.findings)).list
    }
}

/// Points into the findings it was made of.
struct Entries {
    list: Box<[slotkeeper_finding]>,
    /// What `list` points to, and what that does.
    _ids: Box<[slotkeeper_str]>,
    _digits: Box<[[u8; 40]]>,
}

// SAFETY: all pointers lead to what nobody changes: lists of this object, and of the findings, which outlive it.
unsafe impl Send for Entries {}
// SAFETY: as above.
unsafe impl Sync for Entries {}

impl Entries {
    fn new(findings: &[Finding]) -> Self {
        let digits: Box<[_]> = findings.iter().flat_map(|finding| &finding.nodes).map(|id| id.hex()).collect();
        let ids: Box<[slotkeeper_str]> = digits.iter().map(slotkeeper_str::from).collect();
        let mut rest = &*ids;
        let entry = |finding: &Finding| {
            let own;
            (own, rest) = rest.split_at(finding.nodes.len());
            slotkeeper_finding {
                rule: finding.rule.id().into(),
                sentence: finding.sentence.as_str().into(),
                remedy: finding.remedy.as_str().into(),
                nodes: own.into(),
                slots: finding.slots.as_slice().into(),
                severity: finding.severity().into(),
            }
        };
        Self { list: findings.iter().map(entry).collect(), _ids: ids, _digits: digits }
    }
}
