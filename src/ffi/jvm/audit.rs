//! Audits: what is wrong with a cluster's layout.

use super::nodes::pack_ranges;
use super::packed::Packed;
use crate::ffi::codes::slotkeeper_severity;
use crate::policy::finding::Finding;

/// The findings behind their number, as `Finding.java` reads them.
pub fn pack_findings(packed: &mut Packed, findings: &[Finding]) {
    packed.count(findings.len());
    for finding in findings {
        packed.text(finding.rule.id());
        packed.byte(slotkeeper_severity::from(finding.severity()) as u8);
        packed.text(&finding.sentence);
        packed.text(&finding.remedy);
        packed.count(finding.nodes.len());
        finding.nodes.iter().for_each(|id| packed.bytes(&id.hex()));
        pack_ranges(packed, &finding.slots);
    }
}
