//! What the documents say in tables and examples is what the code says.

#[path = "docs/languages.rs"]
mod languages;
#[path = "docs/links.rs"]
mod links;
#[path = "docs/page.rs"]
mod page;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use slotkeeper::PROPERTIES;
use slotkeeper::cluster::outlook::Trouble;
use slotkeeper::policy::metric_table::METRICS;

use page::{Page, repository};

#[test]
fn readme_has_the_property_table_of_the_code() {
    check_generated("README.md", "properties", &table_of_properties());
}

#[test]
fn metrics_have_the_table_of_the_code() {
    check_generated("docs/metrics.md", "metrics", &table_of_metrics());
}

/// IDEs complete what the metadata have, so this is all there is: that of the core stands in the README.
#[test]
fn java_has_every_property_of_spring() {
    let text = read("docs/java.md");
    let metadata = read("java/slotkeeper-spring/src/main/resources/META-INF/spring-configuration-metadata.json");
    let names = metadata.split("\"name\": \"slotkeeper.").skip(1).filter_map(|rest| rest.split('"').next());
    // A family is a map there.
    let core = |name: &str| PROPERTIES.iter().any(|property| property.name.trim_end_matches(".<name>") == name);
    let own: Vec<&str> = names.filter(|name| !core(name)).collect();
    assert!(own.len() > 5, "the metadata have only {own:?}");
    for name in own {
        assert!(text.contains(&format!("| `slotkeeper.{name}` |")), "docs/java.md has no row for slotkeeper.{name}");
    }
}

/// What stands in the document between its two marks of this name is `generated`; written anew if that is wished.
fn check_generated(document: &str, name: &str, generated: &str) {
    let (begin, end) = (format!("<!-- {name}:begin -->\n"), format!("<!-- {name}:end -->"));
    let text = read(document);
    let (before, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("{document} has no line {begin}"));
    let (table, after) = rest.split_once(&end).unwrap_or_else(|| panic!("{document} has no line {end} behind it"));
    if env::var_os("UPDATE_DOCS").is_some() {
        let path = repository().join(document);
        fs::write(path, format!("{before}{begin}{generated}{end}{after}")).expect("the document can be written");
        return;
    }
    assert!(table == generated, "{document} is behind the code: UPDATE_DOCS=1 cargo test --test docs");
}

/// An example stands behind `<!-- example: FILE -->`, and its lines in that file, which is built and run.
#[test]
fn examples_of_documents_are_built_and_run() {
    let mut faults = Vec::new();
    for page in Page::all() {
        for block in page.sections.iter().flat_map(|section| &section.blocks) {
            let is_ours = ["java", "c", "xml", "properties"].contains(&block.language.as_str());
            let (name, file, code) = (page.name(), &block.example, &block.code);
            if is_ours && file.is_empty() {
                faults.push(format!(
                    "{name} does not say by <!-- example: FILE --> where this is built and run:\n{code}"
                ));
            } else if !file.is_empty() && !unindented(&read(file)).contains(&unindented(code)) {
                faults.push(format!("{name} has an example that is not in {file}:\n{code}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn degradation_lists_every_reason_with_its_sentence() {
    let text = read("docs/degradation.md");
    for trouble in Trouble::ALL {
        let row = format!("| {} | `{}` | {} |\n", trouble.state().name(), trouble.name(), trouble.sentence());
        assert!(text.contains(&row), "docs/degradation.md has no row {row}");
    }
}

/// `file::name` is a test in `tests/file.rs`, `Class::name` one of Java.
#[test]
fn faults_name_tests_that_exist() {
    let text = read("docs/faults.md");
    let java = java_tests(&repository().join("java"));
    let rows: Vec<&str> =
        text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| fault |")).collect();
    assert!(rows.len() > 30, "docs/faults.md has only {} rows", rows.len());
    for row in rows {
        let named: Vec<(&str, &str)> =
            row.split('`').skip(1).step_by(2).filter_map(|word| word.split_once("::")).collect();
        assert!(!named.is_empty() || row.contains("no test yet"), "names no test: {row}");
        for (file, name) in named {
            let (source, head) = match java.iter().find(|path| path.file_stem().is_some_and(|stem| stem == file)) {
                Some(path) => (fs::read_to_string(path).expect("was found"), format!("void {name}(")),
                None => (read(&format!("tests/{file}.rs")), format!("fn {name}(")),
            };
            assert!(source.contains(&head), "{file} has no test {name}");
        }
    }
}

/// The Java files below `src/test` of any module.
fn java_tests(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder can be read").map(|entry| entry.expect("an entry").path());
    let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) = entries.partition(|path| path.is_dir());
    let is_test = |path: &PathBuf| path.extension().is_some_and(|ext| ext == "java") && has_part(path, "src/test");
    let mut tests: Vec<PathBuf> = files.into_iter().filter(is_test).collect();
    for folder in folders.iter().filter(|folder| !folder.ends_with("target")) {
        tests.extend(java_tests(folder));
    }
    tests
}

fn has_part(path: &Path, part: &str) -> bool {
    path.to_string_lossy().contains(part)
}

/// The lines without what is around them: in a file they may stand deeper.
fn unindented(text: &str) -> String {
    text.lines().fold(String::new(), |text, line| text + line.trim() + "\n")
}

fn read(file: &str) -> String {
    fs::read_to_string(repository().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn table_of_properties() -> String {
    let mut table = String::from("| property | default | allowed | what it does |\n|---|---|---|---|\n");
    for property in PROPERTIES {
        let default = if property.default.is_empty() { String::new() } else { format!("`{}`", property.default) };
        let (name, allowed, sentence) = (property.name, property.allowed(), property.sentence);
        writeln!(table, "| `{name}` | {default} | {allowed} | {sentence} |").expect("a String takes every text");
    }
    table
}

fn table_of_metrics() -> String {
    let mut table =
        String::from("| name | kind | labels | unit | what it tells | known by |\n|---|---|---|---|---|---|\n");
    for metric in METRICS {
        let labels: Vec<String> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
        let (name, kind, labels, unit) = (metric.name, metric.kind.name(), labels.join(", "), metric.unit);
        let side = if metric.is_of_java() { "Java" } else { "core" };
        writeln!(table, "| `{name}` | {kind} | {labels} | {unit} | {} | {side} |", metric.sentence)
            .expect("a String takes every text");
    }
    table
}
