//! What the seed filter found about each seed.

use super::text::slotkeeper_str;
use super::{free, get};
use crate::SeedReport;

/// What the seed filter found, in the order of the configuration; if no seed is healthy, about nodes of the file `last-good.file`
/// as well, behind the seeds. Immutable.
pub struct slotkeeper_seed_report {
    report: SeedReport,
    healthy: String,
}

impl From<SeedReport> for slotkeeper_seed_report {
    fn from(report: SeedReport) -> Self {
        let healthy = report.healthy().collect::<Vec<_>>().join(",");
        Self { report, healthy }
    }
}

/// How many results there are: one for each seed, and for each node of the file that was asked. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_seed_report_count(report: Option<&slotkeeper_seed_report>) -> usize {
    get(|| report.map(|report| report.report.seeds.len()))
}

/// The seed's address as `host:port`; the configured text if that is no address. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_seed_report_seed(report: Option<&slotkeeper_seed_report>, index: usize) -> slotkeeper_str {
    get(|| Some(report?.report.seeds.get(index)?.seed.as_str().into()))
}

/// The verdict's stable name: `healthy`, or the reason why a client could not start from the seed: `unresolved`, `refused`,
/// `unreachable`, `silent`, `tls`, `auth`, `denied`, `loading`, `not-cluster`, `no-slots`, `outsider`, `protocol`, `late`,
/// `invalid`. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_seed_report_verdict(
    report: Option<&slotkeeper_seed_report>,
    index: usize,
) -> slotkeeper_str {
    get(|| Some(report?.report.seeds.get(index)?.verdict.name().into()))
}

/// How long the seed took to its verdict, in microseconds. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_seed_report_micros(report: Option<&slotkeeper_seed_report>, index: usize) -> u64 {
    get(|| Some(report?.report.seeds.get(index)?.took.as_micros() as u64))
}

/// Whether the result is about no seed, but about a node that the file `last-good.file` remembers. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_seed_report_is_from_file(report: Option<&slotkeeper_seed_report>, index: usize) -> bool {
    get(|| Some(report?.report.seeds.get(index)?.from_file))
}

/// What led to the verdict, in words, the server's own if it said any. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_seed_report_detail(
    report: Option<&slotkeeper_seed_report>,
    index: usize,
) -> slotkeeper_str {
    get(|| Some(report?.report.seeds.get(index)?.detail.as_str().into()))
}

/// The healthy seeds with commas between, in the order of the configuration: the list that a client can be given. If no seed is healthy,
/// the healthy nodes of the file. Empty if none is healthy; the client then keeps the seeds that it has. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_seed_report_healthy(report: Option<&slotkeeper_seed_report>) -> slotkeeper_str {
    get(|| report.map(|report| report.healthy.as_str().into()))
}

/// How long the whole check took, in microseconds. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_seed_report_elapsed_micros(report: Option<&slotkeeper_seed_report>) -> u64 {
    get(|| report.map(|report| report.report.elapsed.as_micros() as u64))
}

/// Frees a report; NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_seed_report_free(report: Option<Box<slotkeeper_seed_report>>) {
    free(report);
}
