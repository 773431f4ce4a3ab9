//! The dashboard `ops/grafana.json`: a Grafana of today takes it as it is, whatever its Prometheus is called, and its queries ask for what there is.

use std::collections::HashSet;
use std::fmt::Write;
use std::process::Command;

use serde_json::Value;

use crate::alerts::file;
use crate::promql;

/// The oldest of the versions that Grafana 11 and later read without a warning.
const SCHEMA: u64 = 39;
const GRID_WIDTH: u64 = 24;

fn dashboard() -> Value {
    serde_json::from_str(&file("grafana.json")).expect("ops/grafana.json is JSON")
}

fn panels(dashboard: &Value) -> &[Value] {
    dashboard["panels"].as_array().expect("there are panels")
}

/// Each query with the title of its panel, and what its lines are called by; Grafana's variables have a value.
fn queries(dashboard: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut queries = Vec::new();
    for panel in panels(dashboard) {
        for target in panel["targets"].as_array().into_iter().flatten() {
            queries.push((text(&panel["title"]), text(&target["expr"]), text(&target["legendFormat"])));
        }
    }
    for note in
        dashboard["annotations"]["list"].as_array().into_iter().flatten().filter(|note| note["expr"].is_string())
    {
        queries.push((text(&note["name"]), text(&note["expr"]), text(&note["titleFormat"])));
    }
    for (_, expr, _) in &mut queries {
        *expr = expr.replace("$__rate_interval", "5m");
        ["$cluster", "$job", "$instance"].iter().for_each(|name| *expr = expr.replace(name, ".*"));
    }
    queries
}

#[test]
fn it_belongs_to_no_instance_and_asks_the_prometheus_that_is_chosen() {
    let dashboard = dashboard();
    assert!(dashboard["id"].is_null() && dashboard["uid"].is_string());
    assert!(dashboard["schemaVersion"].as_u64() >= Some(SCHEMA));
    let variables = dashboard["templating"]["list"].as_array().expect("there are variables");
    assert!(variables[0]["name"] == "datasource" && variables[0]["type"] == "datasource");
    let mut sources = Vec::new();
    collect("datasource", &dashboard, &mut sources);
    assert!(sources.len() > 20);
    for source in sources {
        assert!(["${datasource}", "-- Grafana --"].contains(&source["uid"].as_str().unwrap_or_default()), "{source}");
    }
}

/// Each panel has what a reader needs, and stands where no other does.
#[test]
fn panels_have_titles_and_places_of_their_own() {
    let dashboard = dashboard();
    let (mut ids, mut cells) = (HashSet::new(), HashSet::new());
    for panel in panels(&dashboard) {
        let (title, place) = (&panel["title"], &panel["gridPos"]);
        let side = |name: &str| place[name].as_u64().unwrap_or_else(|| panic!("{title} has no {name}"));
        assert!(title.as_str().is_some_and(|title| !title.is_empty()), "{panel}");
        assert!(panel["id"].as_u64().is_some_and(|id| ids.insert(id)), "{title} has no id of its own");
        assert!(side("x") + side("w") <= GRID_WIDTH, "{title} stands out");
        for cell in (0..side("w")).flat_map(|x| (0..side("h")).map(move |y| (x, y))) {
            assert!(cells.insert((side("x") + cell.0, side("y") + cell.1)), "{title} stands on another");
        }
        assert!(panel["type"] == "row" || panel["targets"].as_array().is_some_and(|all| !all.is_empty()), "{title}");
    }
}

#[test]
fn queries_name_metrics_and_labels_that_exist() {
    let mut faults = Vec::new();
    for (title, expr, legend) in queries(&dashboard()) {
        let labels = legend.split("{{").skip(1).filter_map(|rest| rest.split("}}").next());
        let names = labels.flat_map(promql::faults).chain(promql::faults(&expr));
        faults.extend(names.map(|fault| format!("{title}: {fault}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Needs `promtool`, of Debian's package prometheus, which takes rules alone: so each query is made one.
#[test]
fn queries_are_such_that_prometheus_understands_them() {
    let mut rules = "groups: [{name: dashboard, rules: [\n".to_owned();
    for (number, (_, expr, _)) in queries(&dashboard()).iter().enumerate() {
        let expr = Value::from(expr.as_str());
        writeln!(rules, "{{record: 'query:{number}', expr: {expr}}},").expect("a String takes every text");
    }
    let folder = tempfile::tempdir().expect("a folder of our own");
    let path = folder.path().join("dashboard.yml");
    std::fs::write(&path, rules + "]}]\n").expect("it is ours");
    match Command::new("promtool").args(["check", "rules", "--lint=none"]).arg(path).output() {
        Ok(output) => {
            let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
            assert!(output.status.success(), "{told}");
        }
        Err(error) => eprintln!("left out: promtool cannot be started ({error}); scripts/setup.sh installs it as root"),
    }
}

/// The values of this member, wherever they stand.
fn collect<'a>(name: &str, value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(key, value)| {
            found.extend((key == name && value.is_object()).then_some(value));
            collect(name, value, found);
        }),
        Value::Array(items) => items.iter().for_each(|item| collect(name, item, found)),
        _ => {}
    }
}
