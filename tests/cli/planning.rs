//! `baseline`, `plan` and `audit --baseline` on saved texts.

use std::fs;
use std::process::Output;

use serde_json::json;

use crate::judging::{DISASTER, ZONES};
use crate::program::{json_of, printed, run, said};

fn on(text: &str, arguments: &[&str]) -> Output {
    run(&[arguments, &["--file", "-"], &ZONES].concat(), text)
}

/// The sound layout: before the drill that led to the disaster.
fn sound() -> String {
    DISASTER.replace("10.1.0.2", "10.2.0.9")
}

#[test]
fn the_plan_for_the_disaster_is_what_an_operator_types() {
    let output = on(DISASTER, &["plan"]);
    assert_eq!(output.status.code(), Some(0), "{}{}", said(&output), printed(&output));
    let text = printed(&output);
    let first = "OK: 2 steps, the shortest list\n    mends shard-in-one-zone: master 10.1.0.1:7000 and all replicas";
    assert!(text.starts_with(first), "{text}");
    for line in [
        "\n2. redis-cli -h 10.1.0.2 -p 7000 CLUSTER REPLICATE 0000000000000000000000000000000000000005\n",
        "\n    why    slots ",
        "\n    check  redis-cli -h 10.1.0.2 -p 7000 INFO replication  shows role:slave, master_host:10.",
        "\nThe way back:\n",
        "\n1. redis-cli -h 10.1.0.2 -p 7000 CLUSTER REPLICATE 0000000000000000000000000000000000000001\n",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let report = json_of(&on(DISASTER, &["plan", "--json"]));
    assert_eq!((report["steps"].as_array().unwrap().len(), report["rollback"].as_array().unwrap().len()), (2, 2));
    assert_eq!((&report["leaves"], &report["is_shortest"]), (&json!([]), &json!(true)));
    let nothing = on(&sound(), &["plan"]);
    assert_eq!((nothing.status.code(), &*printed(&nothing)), (Some(0), "OK: nothing is to be typed\n"));
}

#[test]
fn what_a_plan_cannot_mend_is_told_with_what_would() {
    let lone: String =
        DISASTER.lines().filter(|line| !line.contains(" slave ")).map(|line| format!("{line}\n")).collect();
    let output = on(&lone, &["plan"]);
    assert_eq!(output.status.code(), Some(1), "{}", printed(&output));
    assert!(printed(&output).starts_with("WARNING: nothing is to be typed; 5 findings left"), "{}", printed(&output));
    assert!(printed(&output).contains("\n    needs a node more"), "{}", printed(&output));
    let failed = DISASTER.replacen("myself,master", "master,fail", 1).replacen(" master ", " myself,master ", 1);
    let output = on(&failed, &["plan"]);
    assert_eq!(output.status.code(), Some(2), "{}", printed(&output));
    let first =
        "CRITICAL: nothing is to be typed now: 1 master with slots failed (10.1.0.1:7000): wait for the failover";
    assert!(printed(&output).starts_with(first), "{}", printed(&output));
}

#[test]
fn a_drill_empties_a_zone_and_leads_back() {
    let output = on(&sound(), &["plan", "--drill", "zone=a"]);
    let text = printed(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    let first = "OK: 2 steps, the shortest list\n    With zone a gone then: survives; no slot is without a master, and nobody has to be promoted.\n";
    assert!(text.starts_with(first), "{text}");
    assert!(text.contains("redis-cli -h 10.2.0.9 -p 7000 CLUSTER FAILOVER\n"), "{text}");
    let output = on(&sound(), &["plan", "--drill", "a"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(
        said(&output).contains("--drill \"a\" names no zone; allowed is zone=NAME (zones: a, b, c)"),
        "{}",
        said(&output)
    );
}

#[test]
fn what_has_moved_since_the_baseline_is_told_and_the_way_back_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cluster.baseline");
    let file = file.to_str().unwrap();
    let written = on(&sound(), &["baseline"]);
    assert_eq!((written.status.code(), &*said(&written)), (Some(0), ""));
    fs::write(file, &written.stdout).unwrap();
    let still = on(&sound(), &["audit", "--baseline", file]);
    assert_eq!(still.status.code(), Some(0), "{}", printed(&still));

    let id = |number: usize| format!("{number:040}");
    let moved = sound()
        .replace(
            &format!("{} 10.1.0.1:7000@17000 myself,master - 0 0 1 connected 0-3276", id(1)),
            &format!("{} 10.1.0.1:7000@17000 myself,slave {} 0 0 9 connected", id(1), id(2)),
        )
        .replace(
            &format!("{} 10.2.0.9:7000@17000 slave {} 0 0 1 connected", id(2), id(1)),
            &format!("{} 10.2.0.9:7000@17000 master - 0 0 9 connected 0-3276", id(2)),
        );
    let audit = on(&moved, &["audit", "--baseline", file]);
    let sentence =
        "drift: the master of slots 0-3276 is 10.2.0.9:7000 in zone b; the baseline has 10.1.0.1:7000 in zone a\n";
    assert_eq!(audit.status.code(), Some(1), "{}", printed(&audit));
    assert!(printed(&audit).contains(&format!("\nwarning {sentence}")), "{}", printed(&audit));
    let by_property = on(&moved, &["audit", "--set", &format!("audit.baseline-file={file}")]);
    assert_eq!(printed(&by_property), printed(&audit));
    let plan = on(&moved, &["plan", "--baseline", file]);
    assert_eq!(plan.status.code(), Some(0), "{}", printed(&plan));
    assert!(printed(&plan).contains("\n1. redis-cli -h 10.1.0.1 -p 7000 CLUSTER FAILOVER\n"), "{}", printed(&plan));

    let warned = on(DISASTER, &["baseline"]);
    assert!(said(&warned).contains("the audit has 1 finding in this cluster"), "{}", said(&warned));
    fs::write(file, "slotkeeper baseline 1\nshard x\n").unwrap();
    let wrong = on(&moved, &["plan", "--baseline", file]);
    assert_eq!(wrong.status.code(), Some(3));
    assert!(said(&wrong).contains("cluster.baseline: line 2: \"x\" is no slots; allowed are"), "{}", said(&wrong));
}

#[test]
fn a_host_that_a_node_made_up_reaches_no_shell() {
    let output = on(&DISASTER.replace("10.1.0.2:7000", "$(reboot):7000"), &["plan", "--zone", "d=10.9."]);
    let text = printed(&output);
    assert!(!text.lines().any(|line| line.contains("redis-cli -h $(")), "{text}");
}
