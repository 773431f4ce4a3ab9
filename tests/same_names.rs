//! What has a name and a number in Rust, C and Java has the same in all three: the findings of audits, the outcomes of losses, errors.

use std::fs;

use slotkeeper::ErrorKind;
use slotkeeper::policy::finding::Severity;
use slotkeeper::policy::what_if::Effect;

fn read(path: &str) -> String {
    fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR")))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What the header has under `SLOTKEEPER_<prefix>`, with its numbers, in order.
fn in_header(prefix: &str) -> Vec<(String, u32)> {
    let header = read("include/slotkeeper.h");
    let lines = header.lines().filter_map(|line| line.trim().strip_prefix("SLOTKEEPER_")?.strip_prefix(prefix));
    let pairs = lines.filter_map(|line| line.trim_end_matches(',').split_once(" = "));
    pairs.map(|(name, number)| (name.to_owned(), number.parse().unwrap())).collect()
}

/// The constants of an enum of the module `slotkeeper`, in order.
fn in_java(file: &str, name: &str) -> Vec<String> {
    let source = read(&format!("java/slotkeeper/src/main/java/io/slotkeeper/{file}.java"));
    let (_, body) =
        source.split_once(&format!("enum {name} {{\n")).unwrap_or_else(|| panic!("{file} has no enum {name}"));
    let lines = body.lines().map(str::trim).filter(|line| !line.starts_with("/**"));
    let constants =
        lines.take_while(|line| line.ends_with([',', ';']) || line.chars().all(|c| c.is_ascii_uppercase() || c == '_'));
    let constants = constants.map(|line| line.trim_end_matches([',', ';']).to_owned());
    constants.filter(|line| !line.is_empty() && !line.contains(' ')).collect()
}

fn constant(name: &str) -> String {
    name.to_uppercase().replace('-', "_")
}

#[test]
fn effects_and_severities_are_the_same() {
    let effects = [Effect::Survives, Effect::LosesSlots, Effect::LosesQuorum].map(|effect| constant(effect.name()));
    assert_eq!(in_header("EFFECT_"), effects.iter().cloned().zip(0..).collect::<Vec<_>>());
    assert_eq!(in_java("Outcome", "Effect"), effects);
    let severities = [Severity::Warning, Severity::Critical].map(|severity| constant(severity.name()));
    assert_eq!(in_header("SEVERITY_"), severities.iter().cloned().zip(1..).collect::<Vec<_>>());
    assert_eq!(in_java("Severity", "Severity"), severities);
}

#[test]
fn losses_are_the_same_but_for_that_of_none() {
    let [(none, 0), losses @ ..] = &in_header("LOSS_")[..] else { panic!("the first is none") };
    assert_eq!(none, "NONE");
    let names: Vec<String> = losses.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(in_java("DeadMaster", "Loss"), names);
    assert!(losses.iter().map(|(_, number)| *number).eq(1..=4), "{losses:?}");
}

#[test]
fn codes_of_errors_are_the_same() {
    let source = read("java/slotkeeper/src/main/java/io/slotkeeper/SlotkeeperException.java");
    let constants = source.lines().filter_map(|line| line.trim().strip_prefix("public static final int "));
    let constants = constants.filter_map(|line| line.trim_end_matches(';').split_once(" = "));
    let mut in_java: Vec<(String, u32)> =
        constants.map(|(name, code)| (name.to_owned(), code.parse().unwrap())).collect();
    in_java.retain(|(name, _)| name != "LIBRARY");
    let header = in_header("");
    let begin = header.iter().position(|(name, _)| name == "INVALID_ARGUMENT").expect("the codes begin so");
    assert_eq!(header[begin..begin + in_java.len()], in_java);
    assert!(in_java.contains(&("AUDIT_FAILED".to_owned(), ErrorKind::AuditFailed.code() as u32)));
}
