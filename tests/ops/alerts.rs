//! The alerts of `ops/alerts.yml`, read.

// Every program compiles this module for itself and uses a part of it.
#![allow(dead_code)]

use std::fs;
use std::path::Path;

use yaml_rust2::{Yaml, YamlLoader};

/// One alert.
pub struct Alert {
    pub name: String,
    pub expr: String,
    pub severity: String,
    annotations: Yaml,
}

impl Alert {
    /// All alerts, in order.
    pub fn all() -> Vec<Alert> {
        let documents = YamlLoader::load_from_str(&file("alerts.yml")).expect("ops/alerts.yml is YAML");
        let groups = documents[0]["groups"].as_vec().expect("there are groups");
        let rules = groups.iter().flat_map(|group| group["rules"].as_vec().expect("a group has rules"));
        rules.map(Alert::of).collect()
    }

    fn of(rule: &Yaml) -> Alert {
        let text = |value: &Yaml| value.as_str().unwrap_or_else(|| panic!("no text in {rule:?}")).to_owned();
        Alert {
            name: text(&rule["alert"]),
            expr: text(&rule["expr"]),
            severity: text(&rule["labels"]["severity"]),
            annotations: rule["annotations"].clone(),
        }
    }

    /// An annotation, as it is written.
    pub fn told(&self, annotation: &str) -> String {
        let text = self.annotations[annotation].as_str();
        text.unwrap_or_else(|| panic!("{} has no {annotation}", self.name)).to_owned()
    }
}

/// The text of a file in `ops/`.
pub fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("ops").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
