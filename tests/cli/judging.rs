//! `nodes`, `audit`, `what-if` and `diff` on saved texts, and what every command says of settings and sources that cannot be.

use std::fs;

use serde_json::{Value, json};

use crate::program::{json_of, printed, program, run, said};

/// The layout of the disaster: five shards over three data centres, one of them wholly in A.
pub const DISASTER: &str = include_str!("../../examples/cluster/nodes.txt");

/// Where its nodes stand.
pub const ZONES: [&str; 6] = ["--zone", "a=10.1.", "--zone", "b=10.2.", "--zone", "c=10.3."];

fn on_the_disaster(arguments: &[&str]) -> std::process::Output {
    run(&[arguments, &["--file", "-"], &ZONES].concat(), DISASTER)
}

#[test]
fn the_audit_of_the_disaster_is_critical_and_names_the_shard_in_its_first_line() {
    let output = on_the_disaster(&["audit"]);
    let first = "CRITICAL: 1 critical, 0 warnings, 79.9 % of the slots safe; master 10.1.0.1:7000 and all replicas that may take over \
                 (10.1.0.2:7000) stand in zone a: with it slots 0-3276 are lost\n";
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(printed(&output).starts_with(first), "{}", printed(&output));
    assert!(printed(&output).contains("\ncritical shard-in-one-zone: master 10.1.0.1:7000"), "{}", printed(&output));

    let report = json_of(&on_the_disaster(&["audit", "--json"]));
    assert_eq!((&report["status"], &report["findings"][0]["slots"]), (&json!("CRITICAL"), &json!([[0, 3276]])));
    let nodes = &report["findings"][0]["nodes"];
    assert_eq!(nodes[1], json!({ "id": format!("{:040}", 2), "address": "10.1.0.2:7000" }));
    assert!(report["compliance"].as_f64().is_some_and(|share| (0.79..0.81).contains(&share)), "{report}");
}

#[test]
fn the_audit_ends_with_0_or_1_where_nothing_would_be_lost() {
    let moved = DISASTER.replace("10.1.0.2", "10.2.0.9");
    let sound = run(&[&["audit", "--file", "-"], &ZONES[..]].concat(), &moved);
    assert_eq!(
        (sound.status.code(), printed(&sound)),
        (Some(0), "OK: 0 critical, 0 warnings, 100 % of the slots safe\n".into())
    );
    let without_zones = run(&["audit", "--file", "-"], &moved);
    assert_eq!(without_zones.status.code(), Some(1));
    assert!(
        printed(&without_zones).contains("\nwarning node-without-zone: no zone is defined"),
        "{}",
        printed(&without_zones)
    );
}

#[test]
fn the_what_if_tells_which_losses_the_disaster_does_not_survive() {
    let output = on_the_disaster(&["what-if"]);
    let first = "CRITICAL: 1 of 13 losses of one zone or node is not survived; zone a lost (4 nodes): slots 0-3276 are lost, and the \
                 cluster refuses every request\n";
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(printed(&output).starts_with(first), "{}", printed(&output));
    assert!(
        printed(&output)
            .contains("\nzone a         4      loses-slots   3277        refused   1 of 2    15.5 to 23.7 s\n")
    );

    let report = json_of(&on_the_disaster(&["what-if", "--json"]));
    let outcomes = report["outcomes"].as_array().unwrap();
    assert_eq!(outcomes.len(), 3 + 3 + 10, "zones, pairs of them, nodes");
    let single = outcomes.iter().filter(|outcome| outcome["lost"]["kind"] == "zone");
    let effects: Vec<Value> = single.map(|outcome| json!([outcome["lost"]["zones"][0], outcome["effect"]])).collect();
    assert_eq!(effects, [json!(["a", "loses-slots"]), json!(["c", "survives"]), json!(["b", "survives"])]);
    let sound = run(&[&["what-if", "--file", "-"], &ZONES[..]].concat(), &DISASTER.replace("10.1.0.2", "10.2.0.9"));
    assert_eq!(
        sound.status.code(),
        Some(0),
        "no two zones of three can be spared, and nobody asks it: {}",
        printed(&sound)
    );
}

#[test]
fn a_loss_is_named_by_zone_address_host_or_id() {
    let effect = |lose: &[&str]| {
        let lose: Vec<&str> = lose.iter().flat_map(|what| ["--lose", what]).collect();
        let output = on_the_disaster(&[&["what-if", "--json"], &lose[..]].concat());
        let outcome = &json_of(&output)["outcomes"][0];
        (output.status.code().unwrap(), outcome["effect"].clone(), outcome["dead"].clone())
    };
    let id = format!("{:040}", 1);
    assert_eq!(effect(&["zone=a"]), (2, json!("loses-slots"), json!(4)));
    assert_eq!(effect(&["10.1.0.1"]), (0, json!("survives"), json!(1)));
    assert_eq!(effect(&["10.1.0.1:7000,10.1.0.2"]), (2, json!("loses-slots"), json!(2)));
    assert_eq!(effect(&[&id, "10.1.0.2"]), (2, json!("loses-slots"), json!(2)));
    assert_eq!(effect(&["zone=b", "zone=c"]), (2, json!("loses-quorum"), json!(6)));
    for lose in ["zone=x", "10.9.0.1", ""] {
        let output = on_the_disaster(&["what-if", "--lose", lose]);
        assert_eq!(output.status.code(), Some(3));
        let reason = "allowed are host:port, host, an id, and zone=NAME (zones: a, b, c)";
        assert_eq!(printed(&output), format!("UNKNOWN: no node of the cluster is {lose:?}; {reason}\n"));
    }
}

#[test]
fn the_keys_that_a_loss_takes_are_told_by_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys").display().to_string();
    // Slots 1420 and 2117 are among those that are lost with zone a, 10778 is not.
    fs::write(&file, "carts = {cart:1}:*\n\n order:2 \nuser:1\nsessions = session:*\na=b\n").unwrap();
    let keys = |lose: &str| {
        let report = json_of(&on_the_disaster(&["what-if", "--json", "--lose", lose, "--keys", &file]));
        report["outcomes"][0]["keys"].clone()
    };
    assert_eq!(keys("zone=a"), json!({ "lost": ["carts", "order:2"], "lost_in_part": ["sessions"] }));
    assert_eq!(keys("zone=b"), json!({ "lost": [], "lost_in_part": [] }));
    let told = printed(&on_the_disaster(&["what-if", "--keys", &file]));
    let line = "\nlost with zone a: carts, order:2, a part of sessions; all 5 keys of the file are refused\n";
    assert!(told.contains(line), "{told}");
    fs::write(&file, " \n\n").unwrap();
    let output = on_the_disaster(&["what-if", "--keys", &file]);
    assert_eq!(output.status.code(), Some(3));
    let reason = " names no key; allowed is a key, a pattern, or name = key a line\n";
    assert!(printed(&output).ends_with(reason), "{}", printed(&output));
}

#[test]
fn nodes_are_told_by_shard_with_their_zones() {
    let output = on_the_disaster(&["nodes"]);
    let expected = "\
zone  address        role     state  epoch  slots or master
a     10.1.0.1:7000  master   ok     1      3277: 0-3276
a     10.1.0.2:7000  replica  ok     1      of 10.1.0.1:7000
a     10.1.0.3:7000  master   ok     2      3277: 3277-6553
";
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(printed(&output).starts_with(expected), "{}", printed(&output));
    assert!(printed(&output).ends_with("10 nodes, 5 masters with slots, 16384 of 16384 slots served, health ok\n"));
    let report = json_of(&on_the_disaster(&["nodes", "--json"]));
    assert_eq!((&report["nodes"][9]["zone"], &report["nodes"][9]["settings"]), (&json!("b"), &json!(null)));
}

#[test]
fn the_difference_of_two_texts_is_told_in_sentences() {
    let folder = tempfile::tempdir().unwrap();
    let [old, new] = ["old", "new"].map(|name| folder.path().join(name).display().to_string());
    fs::write(&old, DISASTER).unwrap();
    fs::write(&new, DISASTER.replace("7000@17000 master - 0 0 5", "7000@17000 master,fail - 0 0 5")).unwrap();
    let same = run(&["diff", &old, &old], "");
    assert_eq!((same.status.code(), printed(&same)), (Some(0), String::new()));
    let output = run(&["diff", &old, &new], "");
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(printed(&output).starts_with("master 10.3.0.3:7000 failed\n"), "{}", printed(&output));
    assert_eq!(json_of(&run(&["diff", "--json", &old, &new], ""))["changes"][0], json!("master 10.3.0.3:7000 failed"));
}

#[test]
fn properties_come_from_a_file_and_options_count_more() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cluster.properties").display().to_string();
    fs::write(&file, "# where nodes stand\nzone.a = 10.1.\n\n zone.b=10.2., 10.3.\npassword = s3cret\n").unwrap();
    let zone_of = |arguments: &[&str]| {
        let output = run(&[&["nodes", "--json", "--file", "-", "--config", &file], arguments].concat(), DISASTER);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        json_of(&output)["nodes"][5]["zone"].clone()
    };
    assert_eq!(zone_of(&[]), json!("b"));
    assert_eq!(zone_of(&["--zone", "b=10.2.", "--zone", "c=10.3."]), json!("c"));
    assert_eq!(zone_of(&["--set", "zone.b=", "--set", "zone.d=10.3.0.1"]), json!("d"));
}

#[test]
fn err_what_cannot_be_is_told_and_the_exit_code_is_3() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name).display().to_string()
    };
    let torn = file("torn", "zone.a=10.1.\nprobe.timeout-ms=soon\n");
    let no_pair = file("no-pair", "s3cret\n");
    for (arguments, reason) in [
        (&["nodes"][..], "property seeds is not set"),
        (&["nodes", "x:y"], "\"x:y\" is not an address: the port is not a number from 1 to 65535"),
        (&["nodes", "--file", "/no/such/file"], "/no/such/file cannot be read: No such file"),
        (&["nodes", "--file", "-"], "the standard input: no line of the text is a line of CLUSTER NODES; it is empty"),
        (&["nodes", "--file", "/dev/zero"], "/dev/zero has more than the 16777216 bytes that are read"),
        (&["nodes", "--file", "x", "10.0.0.1"], "cannot be used with"),
        (&["diff", "-", "-"], "no line of the text is a line of CLUSTER NODES; it is empty"),
        (&["diff", "x"], "<NEW>"),
        (&["nodes", "a", "--timeout", "0"], "allowed are 0.01 to 3600 seconds"),
        (&["nodes", "a", "--timeout", "nan"], "allowed are 0.01 to 3600 seconds"),
        (&["nodes", "a", "--set", "sedes=x"], "there is no property \"sedes\"; there are seeds,"),
        (&["nodes", "a", "--set", "tls"], "--set \"tls\" has no \"=\"; allowed is PROPERTY=VALUE"),
        (
            &["nodes", "a", "--set", "password=s3cret"],
            "property password is not taken from an argument, which others can read",
        ),
        (&["nodes", "a", "--zone", "a=10.1.0.0/33"], "zone a: \"10.1.0.0/33\" is no item"),
        (&["nodes", "a", "--config", &torn], "line 2: property probe.timeout-ms cannot be \"soon\""),
        (
            &["nodes", "a", "--config", &no_pair],
            "line 1 is no property; allowed are name = value, and # before a comment",
        ),
        (&["nodes", "a", "--password-file", "/no/such/file"], "/no/such/file cannot be read"),
        (&["nonsense"], "unrecognized subcommand 'nonsense'"),
        (&[], "Usage: slotkeeper <COMMAND>"),
    ] {
        let output = run(arguments, "");
        assert_eq!(output.status.code(), Some(3), "{arguments:?}: {}", said(&output));
        assert!(said(&output).contains(reason), "{arguments:?}: {}", said(&output));
        assert!(output.stdout.is_empty() && !said(&output).contains("s3cret"), "{arguments:?}: {}", said(&output));
    }
}

/// It reads the standard output, and nothing else.
#[test]
fn monitoring_is_told_why_nothing_is_known() {
    for arguments in [&["check"][..], &["audit"], &["audit", "--file", "/no/such/file"]] {
        let output = run(arguments, "");
        assert_eq!((output.status.code(), said(&output)), (Some(3), String::new()), "{arguments:?}");
        assert!(printed(&output).starts_with("UNKNOWN: "), "{}", printed(&output));
    }
    let output = run(&["audit", "--json"], "");
    assert_eq!((output.status.code(), printed(&output)), (Some(3), String::new()));
}

#[test]
fn seeds_that_nobody_listens_on_are_critical_and_told_with_their_verdicts() {
    let output = run(&["check", "127.1.0.99:1", "[::1]:1,x:y"], "");
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(printed(&output).starts_with("CRITICAL: 0 of 3 seeds healthy after "), "{}", printed(&output));
    let report = json_of(&run(&["check", "--json", "127.1.0.99:1,x:y"], ""));
    let verdicts = report["seeds"].as_array().unwrap().iter().map(|seed| (&seed["seed"], &seed["verdict"]));
    let expected = [(&json!("127.1.0.99:1"), &json!("refused")), (&json!("x:y"), &json!("invalid"))];
    assert_eq!(verdicts.collect::<Vec<_>>(), expected);
}

#[test]
fn what_is_strange_in_a_text_is_told_and_the_rest_is_judged() {
    let text = format!("rubbish\n{DISASTER}");
    let output = run(&["nodes", "--file", "-"], &text);
    assert_eq!(output.status.code(), Some(0));
    assert!(
        said(&output).starts_with("slotkeeper: the standard input: line 1: \"rubbish\" is not a node id"),
        "{}",
        said(&output)
    );
    let hostile = DISASTER.replace("10.1.0.1:7000@17000", "10.1.0.1:7000@17000,\u{1b}[31m\u{9b}x");
    for command in ["nodes", "audit"] {
        let output = run(&[command, "--file", "-"], &hostile);
        let all = printed(&output) + &said(&output);
        assert!(!all.chars().any(|letter| letter.is_control() && letter != '\n'), "{all:?}");
    }
}

#[test]
fn every_capture_is_audited_and_told() {
    let mut count = 0;
    for file in crate::files::captures(".cluster_nodes.txt") {
        let file = file.to_str().unwrap();
        for command in ["nodes", "audit", "what-if"] {
            let output = program().args([command, "--json", "--file", file]).output().unwrap();
            match output.status.code() {
                // A fresh node, or an error reply.
                Some(3) => assert!(output.stdout.is_empty() && !said(&output).is_empty(), "{file}"),
                _ => {
                    assert!(json_of(&output)["gaps"].as_array().is_some_and(Vec::is_empty), "{file}");
                    count += 1;
                }
            }
        }
    }
    assert!(count > 1000, "only {count} captures could be judged");
}
