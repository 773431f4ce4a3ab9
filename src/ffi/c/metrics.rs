//! What a keeper measures, as Prometheus's text and as single values.

use super::text::slotkeeper_str;
use super::{free, get};
use crate::policy::exposition::{Line, lines, text};
use crate::policy::metrics::Sample;

/// What a keeper had measured when it was asked. Immutable.
pub struct slotkeeper_metrics {
    text: String,
    lines: Vec<Line>,
}

impl From<Vec<Sample>> for slotkeeper_metrics {
    fn from(samples: Vec<Sample>) -> Self {
        Self { text: text(&samples), lines: samples.iter().flat_map(lines).collect() }
    }
}

/// All of it in Prometheus's text format, version 0.0.4: to be served as `text/plain; version=0.0.4`. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_metrics_text(metrics: Option<&slotkeeper_metrics>) -> slotkeeper_str {
    get(|| metrics.map(|metrics| metrics.text.as_str().into()))
}

/// How many values there are: one for each line of the text that is no comment, in its order. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_metrics_count(metrics: Option<&slotkeeper_metrics>) -> usize {
    get(|| metrics.map(|metrics| metrics.lines.len()))
}

/// The name of a value, such as `redis_slot_coverage`. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_metrics_name(metrics: Option<&slotkeeper_metrics>, index: usize) -> slotkeeper_str {
    get(|| Some(metrics?.lines.get(index)?.name.as_str().into()))
}

/// Its labels as the text has them, such as `zone="none",role="master"`; empty if it has none. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_metrics_labels(metrics: Option<&slotkeeper_metrics>, index: usize) -> slotkeeper_str {
    get(|| Some(metrics?.lines.get(index)?.labels.as_str().into()))
}

/// What was measured. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_metrics_value(metrics: Option<&slotkeeper_metrics>, index: usize) -> f64 {
    get(|| Some(metrics?.lines.get(index)?.value))
}

/// Frees metrics; NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_metrics_free(metrics: Option<Box<slotkeeper_metrics>>) {
    free(metrics);
}
