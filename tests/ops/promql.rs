//! The names in a PromQL expression: each is a metric of the table, a label of it, or a word of the language. Whether the
//! expression is one says promtool.

use slotkeeper::policy::metric_table::METRICS;
use slotkeeper::policy::metrics::Kind;

/// What Prometheus adds to all series or to those of histograms, and what the operator is asked to add.
const LABELS_OF_SCRAPES: [&str; 4] = ["job", "instance", "cluster", "le"];
/// Labels of the alerts' own series.
const LABELS_OF_ALERTS: [&str; 3] = ["alertname", "alertstate", "severity"];
/// Those of the language that are in use.
const WORDS: [&str; 20] = [
    "and",
    "or",
    "by",
    "without",
    "ignoring",
    "on",
    "bool",
    "sum",
    "avg",
    "min",
    "max",
    "count",
    "quantile",
    "increase",
    "rate",
    "absent",
    "histogram_quantile",
    "vector",
    "ALERTS",
    "changes",
];

/// The names that are none of these, each as a sentence.
pub fn faults(expr: &str) -> Vec<String> {
    let unknown = names(expr).into_iter().filter(|name| {
        let is_label = |label: &&str| label == name;
        !WORDS.contains(&name.as_str())
            && !is_metric(name)
            && !LABELS_OF_SCRAPES.iter().chain(&LABELS_OF_ALERTS).any(is_label)
            && !METRICS.iter().flat_map(|metric| metric.labels).any(is_label)
    });
    unknown.map(|name| format!("`{name}` is no metric, no label and no word of PromQL that is known here")).collect()
}

/// The labels in a text such as `{{ $labels.rule }}`.
pub fn faults_of_template(text: &str) -> Vec<String> {
    let labels = text.split("$labels.").skip(1);
    labels
        .flat_map(|rest| faults(rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("")))
        .collect()
}

/// What a label is compared with, as it is written.
pub fn values_of(label: &str, expr: &str) -> Vec<String> {
    let compared = expr.split(label).skip(1).filter_map(|rest| {
        let rest = rest.trim_start_matches(['=', '!', '~']);
        rest.strip_prefix('"')?.split('"').next()
    });
    compared.map(str::to_owned).collect()
}

fn is_metric(name: &str) -> bool {
    METRICS.iter().any(|metric| {
        let parts =
            if matches!(metric.kind, Kind::Histogram(_)) { ["_bucket", "_sum", "_count"].as_slice() } else { &[""] };
        name.strip_prefix(metric.name).is_some_and(|part| parts.contains(&part))
    })
}

/// The names outside of strings; durations such as `5m` are none.
fn names(expr: &str) -> Vec<String> {
    let outside = expr.split('"').step_by(2);
    let words = outside.flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'));
    words.filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')).map(str::to_owned).collect()
}

#[test]
fn names_that_do_not_exist_are_found() {
    let told =
        faults("sum by (zone, colour) (rate(redis_node_count{role=\"x y\"}[5m])) + redis_topology_refresh_latency");
    let named: Vec<&str> = told.iter().filter_map(|fault| fault.split('`').nth(1)).collect();
    assert_eq!(named, ["colour", "redis_node_count", "redis_topology_refresh_latency"]);
    assert!(
        faults("histogram_quantile(0.99, sum by (le) (rate(redis_topology_refresh_latency_bucket[5m])))").is_empty()
    );
    assert_eq!(values_of("rule", "x{rule=~\"a|b\",zone!=\"c\"} and y{rule!=\"d\"}"), ["a|b", "d"]);
    assert_eq!(faults_of_template("{{ $labels.rule }} {{ $labels.size }}").len(), 1);
}
