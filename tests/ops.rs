//! What `ops/` says of metrics is what the code says, and Prometheus's own tool takes it.
//!
//! Whether the alerts fire on a broken cluster shows `alerts.rs`.

#[path = "ops/alerts.rs"]
mod alerts;
#[path = "ops/dashboard.rs"]
mod dashboard;
#[path = "ops/promql.rs"]
mod promql;

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use slotkeeper::policy::finding::Rule;

use alerts::{Alert, file};

/// Needs `promtool`, of Debian's package prometheus.
#[test]
fn promtool_takes_the_alerts_and_finds_that_they_fire_when_they_should() {
    for arguments in [["check", "rules", "--lint=all", "--lint-fatal"].as_slice(), &["test", "rules"]] {
        let file = ops(if arguments[0] == "check" { "alerts.yml" } else { "alerts-test.yml" });
        let output = match Command::new("promtool").args(arguments).arg(file).output() {
            Ok(output) => output,
            Err(error) => {
                eprintln!("left out: promtool cannot be started ({error}); scripts/setup.sh installs it as root");
                return;
            }
        };
        let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "promtool {arguments:?}: {told}");
    }
}

#[test]
fn alerts_name_metrics_labels_and_rules_that_exist() {
    let ids: HashSet<&str> = Rule::ALL.iter().map(|rule| rule.id()).collect();
    let mut faults = Vec::new();
    for alert in Alert::all() {
        let mut names = promql::faults(&alert.expr);
        names.extend(["summary", "description"].iter().flat_map(|text| promql::faults_of_template(&alert.told(text))));
        faults.extend(names.into_iter().map(|fault| format!("{}: {fault}", alert.name)));
        for rule in promql::values_of("rule", &alert.expr).iter().flat_map(|values| values.split('|')) {
            if !ids.contains(rule) {
                faults.push(format!("{}: there is no rule {rule}", alert.name));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What the tests feed the alerts with is what a keeper would tell.
#[test]
fn tests_of_alerts_name_metrics_and_labels_that_exist() {
    let text = file("alerts-test.yml");
    let series: Vec<&str> =
        text.split("series: '").skip(1).map(|rest| rest.split('\'').next().expect("there is always one")).collect();
    assert!(series.len() > 50, "only {} series are found", series.len());
    let faults: Vec<String> = series.into_iter().flat_map(promql::faults).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn each_alert_says_how_bad_it_is_what_it_is_and_what_to_do() {
    let mut names = HashSet::new();
    for alert in Alert::all() {
        assert!(names.insert(alert.name.clone()), "{} stands there twice", alert.name);
        assert!(["critical", "warning"].contains(&alert.severity.as_str()), "{}: {:?}", alert.name, alert.severity);
        assert!(!alert.told("summary").ends_with('.'), "{}: a summary is a title", alert.name);
        assert!(alert.told("description").ends_with('.'), "{}: a description is sentences", alert.name);
        let runbook = format!("docs/runbooks/{}.md", kebab(&alert.name));
        assert_eq!(alert.told("runbook"), runbook, "{}", alert.name);
    }
    assert!(names.len() >= 15);
}

/// Whoever is called finds the same four sections on each page; in Chinese as well, which `docs.rs` compares.
#[test]
fn each_alert_has_a_runbook_in_both_languages() {
    const SECTIONS: [&str; 4] = ["What it means", "What to look at", "What to do", "When it is over"];
    for alert in Alert::all() {
        let (name, path) = (&alert.name, alert.told("runbook"));
        let text = read(&path);
        assert_eq!(text.lines().next(), Some(format!("# {name}").as_str()), "{path}");
        let sections: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(sections, SECTIONS, "{path}");
        read(&path.replace(".md", ".zh-CN.md"));
        let row = format!("| [{name}]({}.md) | {} |", kebab(name), alert.severity);
        assert!(read("docs/runbooks/README.md").contains(&row), "docs/runbooks/README.md has no row {row}");
    }
}

#[test]
fn each_rule_of_the_audit_has_its_place_in_a_runbook() {
    let pages: String = Alert::all().iter().map(|alert| read(&alert.told("runbook"))).collect();
    for rule in Rule::ALL {
        assert!(pages.contains(&format!("`{}`", rule.id())), "no runbook names the rule {}", rule.id());
    }
}

/// `RedisClusterDown` is `redis-cluster-down`.
fn kebab(name: &str) -> String {
    let hyphen = |(at, letter): (usize, char)| if at > 0 && letter.is_uppercase() { "-" } else { "" };
    name.char_indices().map(|pair| format!("{}{}", hyphen(pair), pair.1.to_ascii_lowercase())).collect()
}

fn ops(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("ops").join(name)
}

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}
