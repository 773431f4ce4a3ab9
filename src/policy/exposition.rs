//! Samples as text, as Prometheus reads it: the text format, version 0.0.4.
//!
//! Written here, since a fixed table is printed: what crates for it bring (registries, families, shared counters) is what the keeper
//! has already, and half of them write OpenMetrics only, which C callers' old Prometheus does not read.
//! Source: <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>.

use std::fmt::Write;

use super::metrics::{Kind, Metric, Sample, Value};

/// One line of the text, without its end: a histogram has several.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The metric's name; of a histogram with `_bucket`, `_sum` or `_count` behind it.
    pub name: String,
    /// `zone="none",role="master"`; empty without labels.
    pub labels: String,
    /// What was measured.
    pub value: f64,
}

/// The samples as text; each metric's lines behind its sentence and its kind. Samples of one metric stand together.
pub fn text(samples: &[Sample]) -> String {
    let mut text = String::new();
    let mut last: Option<&Metric> = None;
    for sample in samples {
        let metric = sample.metric;
        if last.is_none_or(|last| last.name != metric.name) {
            let Metric { name, sentence, .. } = metric;
            write(&mut text, format_args!("# HELP {name} {sentence}\n# TYPE {name} {}\n", metric.kind.name()));
            last = Some(metric);
        }
        for Line { name, labels, value } in lines(sample) {
            match labels.as_str() {
                "" => write(&mut text, format_args!("{name} {value}\n")),
                labels => write(&mut text, format_args!("{name}{{{labels}}} {value}\n")),
            }
        }
    }
    text
}

/// The lines of one sample.
pub fn lines(sample: &Sample) -> Vec<Line> {
    let Sample { metric, labels, value } = sample;
    let labels: Vec<String> = metric.labels.iter().zip(labels).map(|(name, value)| label(name, value)).collect();
    let line =
        |suffix: &str, labels: String, value: f64| Line { name: format!("{}{suffix}", metric.name), labels, value };
    let (latencies, bounds) = match (value, metric.kind) {
        (Value::Number(number), _) => return vec![line("", labels.join(","), *number)],
        (Value::Latencies(latencies), Kind::Histogram(bounds)) => (latencies, bounds),
        (Value::Latencies(_), _) => unreachable!("only a histogram measures latencies"),
    };
    let mut lines = Vec::with_capacity(bounds.len() + 3);
    let mut count = 0;
    let bounds = bounds.iter().map(f64::to_string).chain(["+Inf".to_owned()]);
    for (bound, more) in bounds.zip(latencies.counts()) {
        count += more;
        let labels: Vec<String> = labels.iter().cloned().chain([label("le", &bound)]).collect();
        lines.push(line("_bucket", labels.join(","), count as f64));
    }
    lines.push(line("_sum", labels.join(","), latencies.sum().as_secs_f64()));
    lines.push(line("_count", labels.join(","), count as f64));
    lines
}

fn label(name: &str, value: &str) -> String {
    let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("{name}=\"{value}\"")
}

fn write(text: &mut String, words: std::fmt::Arguments<'_>) {
    text.write_fmt(words).expect("a String takes every text");
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::policy::metric_table::METRICS;
    use crate::policy::metrics::Latencies;

    fn sample(name: &str, labels: &[&str], value: Value) -> Sample {
        let metric = METRICS.iter().find(|metric| metric.name == name).unwrap();
        Sample { metric, labels: labels.iter().map(ToString::to_string).collect(), value }
    }

    #[test]
    fn each_metric_is_told_once_and_label_values_are_escaped() {
        let name = "redis_node_distribution";
        let samples =
            [("a\"b", 1.0), ("a\\\nb", 2.0)].map(|(zone, nodes)| sample(name, &[zone, "master"], Value::Number(nodes)));
        let text = text(&samples);
        assert_eq!(text.matches("# HELP redis_node_distribution How many nodes").count(), 1, "{text}");
        assert_eq!(text.matches("# TYPE redis_node_distribution gauge\n").count(), 1, "{text}");
        assert!(text.contains("\nredis_node_distribution{zone=\"a\\\"b\",role=\"master\"} 1\n"), "{text}");
        assert!(text.ends_with("\nredis_node_distribution{zone=\"a\\\\\\nb\",role=\"master\"} 2\n"), "{text}");
    }

    #[test]
    fn a_histogram_counts_all_that_are_below_each_bound() {
        let mut latencies = Latencies::default();
        for millis in [2, 20, 20, 60_000] {
            latencies.note(Duration::from_millis(millis));
        }
        let text = text(&[sample("redis_topology_refresh_latency", &[], Value::Latencies(latencies))]);
        for (bound, count) in [("0.001", 0), ("0.0025", 1), ("0.01", 1), ("0.025", 3), ("10", 3), ("+Inf", 4)] {
            let line = format!("\nredis_topology_refresh_latency_bucket{{le=\"{bound}\"}} {count}\n");
            assert!(text.contains(&line), "{line}{text}");
        }
        assert!(text.contains("_latency_sum 60.042\n") && text.ends_with("_latency_count 4\n"), "{text}");
    }
}
