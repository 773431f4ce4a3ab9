//! The commands on real clusters: what they say before and after faults, what nodes may not tell, and where the password is not.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::cluster::wait::until;
use crate::cluster::{Cluster, Options, Outcome, has};
use crate::program::{PROGRAM, json_of, printed, program, run, said};

const SOON: Duration = Duration::from_secs(20);
/// Nobody listens there.
const NOBODY: &str = "127.1.0.99:1";
const ZONES: [&str; 6] = ["--zone", "a=127.1.", "--zone", "b=127.2.", "--zone", "c=127.3."];

/// The layout of the disaster: the first shard stands in zone A alone.
fn disaster() -> Outcome<Cluster> {
    Cluster::start(&Options::new("A/A A/B B/C C/A C/B").node_timeout(Duration::from_secs(1)))
}

fn seeds_of(cluster: &Cluster, names: &[&str]) -> Outcome<String> {
    let addresses: Outcome<Vec<String>> =
        names.iter().map(|name| Ok(cluster.node(name)?.address().to_string())).collect();
    Ok(addresses?.join(","))
}

#[test]
fn the_disaster_is_told_before_it_strikes_and_after() -> Outcome {
    let cluster = disaster()?;
    let seed = seeds_of(&cluster, &["m4"])?;
    let shard = format!(
        "master {} and all replicas that may take over ({})",
        address(&cluster, "m0")?,
        address(&cluster, "r0")?
    );
    let audit = run(&[&["audit", NOBODY, &seed], &ZONES[..]].concat(), "");
    assert_eq!(audit.status.code(), Some(2), "{}", said(&audit));
    let expected = format!(
        "CRITICAL: 1 critical, 0 warnings, 80 % of the slots safe; {shard} stand in zone a: with it slots 0-3275 are lost\n"
    );
    assert!(printed(&audit).starts_with(&expected), "{}", printed(&audit));

    let what_if = json_of(&run(&[&["what-if", "--json", &seed, "--lose", "zone=a"], &ZONES[..]].concat(), ""));
    assert_eq!(
        (&what_if["node_timeout_ms"], &what_if["full_coverage"]),
        (&json!(1000), &json!(true)),
        "they were read"
    );
    let outcome = &what_if["outcomes"][0];
    assert_eq!((&outcome["effect"], &outcome["lost_slots"]), (&json!("loses-slots"), &json!([[0, 3275]])));
    let heir = &outcome["promotions"][0]["replicas"];
    assert_eq!(heir[0]["address"], json!(address(&cluster, "r1")?));

    cluster.kill("zone:A")?;
    cluster.wait_failover("m1", SOON)?;
    let survivor = seeds_of(&cluster, &["m2", "m3", "m4"])?;
    let nodes = until("all to agree on what is lost", SOON, || {
        let report = json_of(&run(&[&["nodes", "--json", &survivor], &ZONES[..]].concat(), ""));
        let failed = report["nodes"].as_array().unwrap().iter().filter(|node| node["failed"] == true).count();
        if report["health"] == "down" && failed == 4 { Ok(report) } else { Err(report.to_string()) }
    })?;
    assert_eq!(nodes["served_slots"], 0, "the cluster requires full coverage");
    let audit = run(&[&["audit", "--timeout", "5", &survivor], &ZONES[..]].concat(), "");
    let failed = format!(
        "master {} has failed with slots 0-3275; nobody takes over: all of its replicas are dead",
        address(&cluster, "m0")?
    );
    assert_eq!(audit.status.code(), Some(2));
    assert!(printed(&audit).contains(&failed), "{}", printed(&audit));
    Ok(())
}

fn address(cluster: &Cluster, name: &str) -> Outcome<String> {
    seeds_of(cluster, &[name])
}

#[test]
fn every_node_is_asked_for_its_settings_and_for_its_link() -> Outcome {
    let cluster = Cluster::start(&Options::new("A/B B/A C/A").node_timeout(Duration::from_secs(30)))?;
    let seed = address(&cluster, "m0")?;
    cluster.command("m1", &["CONFIG", "SET", "cluster-require-full-coverage", "no"])?;
    cluster.command("r2", &["CONFIG", "SET", "cluster-node-timeout", "20000"])?;
    // Its replica loses the link; that the master has failed is agreed much later.
    cluster.kill("m0")?;
    let seed_left = address(&cluster, "m1")?;
    let audit = until("the replica to notice", SOON, || {
        let report = json_of(&run(&[&["audit", "--json", &seed_left], &ZONES[..]].concat(), ""));
        if rules(&report).contains(&"replica-link-down") { Ok(report) } else { Err(report.to_string()) }
    })?;
    assert!(["mixed-full-coverage", "mixed-node-timeout"].iter().all(|rule| rules(&audit).contains(rule)), "{audit}");
    let gap = format!("{seed}: refused (Connection refused (os error 111))");
    assert_eq!(audit["gaps"], json!([gap]), "who does not answer is told");

    let nodes = json_of(&run(&["nodes", "--json", &seed_left], ""));
    let told = |name: &str| {
        let id = cluster.node(name).unwrap().id;
        let node = nodes["nodes"].as_array().unwrap().iter().find(|node| node["id"].as_str() == id.as_deref());
        node.expect("it is a member")["settings"].clone()
    };
    assert_eq!(told("m0"), Value::Null);
    assert_eq!((&told("m1")["full_coverage"], &told("m2")["full_coverage"]), (&json!(false), &json!(true)));
    assert_eq!((&told("r2")["node_timeout_ms"], &told("r0")["link_down"]), (&json!(20_000), &json!(true)));
    assert_eq!(told("r1")["link_down"], json!(false));
    Ok(())
}

/// Valkey tells it in INFO; what is configured counts more.
#[test]
fn nodes_stand_where_they_say_unless_the_configuration_knows_better() -> Outcome {
    let cluster = Cluster::start(&Options::new("A/B B/A C/A"))?;
    for node in cluster.nodes() {
        let zone = format!("room-{}", node.zone.to_ascii_lowercase());
        if let Err(error) = cluster.command(&node.name, &["CONFIG", "SET", "availability-zone", &zone]) {
            println!("left out, since the server has no availability zones: this test: {error}");
            return Ok(());
        }
    }
    let seed = address(&cluster, "m0")?;
    let zones = |arguments: &[&str]| {
        let report = json_of(&run(&[&["nodes", "--json", &seed], arguments].concat(), ""));
        let mut zones: Vec<Value> =
            report["nodes"].as_array().unwrap().iter().map(|node| node["zone"].clone()).collect();
        zones.sort_by_key(Value::to_string);
        zones
    };
    assert_eq!(zones(&[]), ["room-a", "room-a", "room-a", "room-b", "room-b", "room-c"]);
    assert_eq!(zones(&["--zone", "dc-x=127.3."]), ["dc-x", "room-a", "room-a", "room-a", "room-b", "room-b"]);
    Ok(())
}

fn rules(report: &Value) -> Vec<&str> {
    report["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap()).collect()
}

#[test]
fn what_an_acl_forbids_is_told_and_stays_unknown() -> Outcome {
    if !has("this test: ACL", 6, 0)? {
        return Ok(());
    }
    let cluster = Cluster::start(&Options::new("A B C").password("s3cret"))?;
    for node in ["m0", "m1", "m2"] {
        let rights = ["+ping", "+cluster", "+client"];
        cluster.command(node, &[&["ACL", "SETUSER", "seer", "on", ">0pen"], &rights[..]].concat())?;
    }
    let seed = address(&cluster, "m0")?;
    let output = program()
        .args(["audit", &seed, "--set", "username=seer", "--json"])
        .args(ZONES)
        .env("SLOTKEEPER_PASSWORD", "0pen")
        .output()?;
    let report = json_of(&output);
    assert_eq!((output.status.code(), rules(&report)), (Some(2), vec!["orphan-master"; 3]));
    let gaps = report["gaps"].as_array().unwrap();
    // CONFIG and INFO, of each node.
    assert_eq!(gaps.len(), 6, "{gaps:?}");
    for what in ["CONFIG GET cluster-*: NOPERM ", "INFO replication: NOPERM "] {
        let told = gaps.iter().filter(|gap| gap.as_str().is_some_and(|gap| gap.contains(what))).count();
        assert_eq!(told, 3, "{what}: {gaps:?}");
    }
    assert!(said(&output).contains(": CONFIG GET cluster-*: NOPERM "), "{}", said(&output));
    Ok(())
}

#[test]
fn the_password_is_taken_from_the_environment_a_file_or_the_properties_and_shown_nowhere() -> Outcome {
    let cluster = Cluster::start(&Options::new("A B C").password("s3cret"))?;
    let seed = cluster.seeds();
    let folder = tempfile::tempdir()?;
    let file = |name: &str, text: &str| -> Outcome<String> {
        fs::write(folder.path().join(name), text)?;
        Ok(folder.path().join(name).display().to_string())
    };
    let right = file("right", "s3cret\nand more\n")?;
    let wrong = file("wrong", "gu3ssed")?;
    let properties = file("properties", &format!("seeds={seed}\npassword=s3cret\n"))?;
    for arguments in [&["check", &seed, "--password-file", &right][..], &["check", "--config", &properties]] {
        let output = run(arguments, "");
        assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
        assert!(printed(&output).starts_with("OK: 3 of 3 seeds healthy after "), "{}", printed(&output));
    }
    let by_environment = program().args(["check", &seed]).env("SLOTKEEPER_PASSWORD", "s3cret").output()?;
    assert_eq!(by_environment.status.code(), Some(0));
    // A file counts more than the environment.
    let refused =
        program().args(["check", &seed, "--password-file", &wrong]).env("SLOTKEEPER_PASSWORD", "s3cret").output()?;
    assert_eq!(refused.status.code(), Some(2));
    let told = printed(&refused) + &said(&refused);
    assert!(told.contains("auth") && !told.contains("gu3ssed"), "{told}");
    for command in ["nodes", "audit", "what-if"] {
        let output = run(&[command, &seed, "--password-file", &wrong], "");
        let told = printed(&output) + &said(&output);
        assert_eq!(output.status.code(), Some(3), "{told}");
        assert!(told.contains("no seed gives a view that can be used") && told.contains(": auth ("), "{told}");
        assert!(!told.contains("gu3ssed"), "{told}");
    }

    let mut watch =
        program().args(["watch", &seed, "--password-file", &right]).stdout(std::process::Stdio::piped()).spawn()?;
    let arguments = fs::read(format!("/proc/{}/cmdline", watch.id()))?;
    let environment = fs::read(format!("/proc/{}/environ", watch.id()))?;
    watch.kill()?;
    watch.wait()?;
    for shown in [arguments, environment] {
        assert!(!shown.windows(6).any(|letters| letters == b"s3cret"), "{}", String::from_utf8_lossy(&shown));
    }
    Ok(())
}

#[cfg(feature = "tls")]
#[test]
fn nodes_are_asked_over_tls_and_checked() -> Outcome {
    use crate::certificates::Authority;
    if !has("this test: TLS", 7, 0)? {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let authority = Authority::new("an authority");
    let trusted = authority.write(folder.path(), "trusted.pem");
    let stranger = Authority::new("a stranger").write(folder.path(), "stranger.pem");
    let pair = authority.issue(folder.path(), "nodes", &["127.1.0.1", "127.1.0.2", "127.1.0.3"]);
    let options = ["ca-cert-file", "cert-file", "key-file"].into_iter().zip([&trusted, &pair.certificate, &pair.key]);
    let options = options
        .fold(Options::new("A A A").tls(), |options, (name, file)| options.config(&format!("tls-{name} {file}")));
    let cluster = Cluster::start(&options.config("tls-auth-clients no"))?;
    let seed = cluster.node("m0")?.tls_address().to_string();
    let over_tls = |authority: &str| {
        run(&["nodes", "--json", &seed, "--set", "tls=on", "--set", &format!("tls.ca-file={authority}")], "")
    };
    let report = json_of(&over_tls(&trusted));
    assert_eq!((&report["health"], &report["gaps"]), (&json!("ok"), &json!([])));
    assert_eq!(report["nodes"][2]["settings"]["node_timeout_ms"], json!(1000));
    let output = over_tls(&stranger);
    assert_eq!(output.status.code(), Some(3));
    assert!(said(&output).contains(&format!("{seed}: tls (")), "{}", said(&output));
    Ok(())
}

#[test]
fn a_password_is_asked_for_on_a_terminal_only() -> Outcome {
    let ask = |seed: &str| format!("{PROGRAM} check {seed} --ask-password");
    // A session of its own has no terminal.
    let output = Command::new("setsid")
        .args(["--wait", "sh", "-c", &ask(NOBODY)])
        .stdin(std::process::Stdio::null())
        .output()?;
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    assert!(
        printed(&output).starts_with("UNKNOWN: the password cannot be asked for, as there is no terminal: "),
        "{}",
        printed(&output)
    );

    let cluster = Cluster::start(&Options::new("A B C").password("s3cret"))?;
    let terminal = on_a_terminal(&ask(&address(&cluster, "m0")?), "s3cret\n", &[])?;
    assert!(terminal.contains("Password: ") && terminal.contains("1 of 1 seeds healthy"), "{terminal}");
    assert!(!terminal.contains("s3cret"), "{terminal}");
    Ok(())
}

/// What a command shows on a terminal on which this is typed.
fn on_a_terminal(command: &str, typed: &str, environment: &[(&str, &str)]) -> Outcome<String> {
    use std::io::Write;
    let mut script = Command::new("script");
    // Echo off: what is typed before anybody asks would be shown by the terminal itself.
    script
        .args(["--quiet", "--echo", "never", "--command", command, "/dev/null"])
        .env("TERM", "xterm")
        .env_remove("NO_COLOR");
    let pipe = std::process::Stdio::piped;
    let mut script = script.envs(environment.iter().copied()).stdin(pipe()).stdout(pipe()).spawn()?;
    let mut keyboard = script.stdin.take().expect("it is piped");
    keyboard.write_all(typed.as_bytes())?;
    let output = script.wait_with_output()?;
    drop(keyboard);
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn colours_are_for_terminals_and_for_those_who_want_them() -> Outcome {
    let check = format!("{PROGRAM} check {NOBODY}");
    let has_colours =
        |environment: &[(&str, &str)]| on_a_terminal(&check, "", environment).map(|shown| shown.contains("\x1b["));
    assert!(has_colours(&[])?);
    assert!(has_colours(&[("NO_COLOR", "")])?, "an empty one says nothing");
    assert!(!has_colours(&[("NO_COLOR", "1")])?);
    assert!(!has_colours(&[("TERM", "dumb")])?);
    assert!(!printed(&run(&["check", NOBODY], "")).contains('\x1b'), "a pipe is no terminal");
    Ok(())
}

#[test]
fn seeds_that_are_dead_or_silent_cost_no_more_than_the_timeout() -> Outcome {
    let cluster = Cluster::start(&Options::new("A B C"))?;
    let living = address(&cluster, "m0")?;
    cluster.stop("m1,m2")?;
    let silent = seeds_of(&cluster, &["m1", "m2"])?;
    let timed = |arguments: &[&str]| {
        let began = Instant::now();
        let output = run(arguments, "");
        (output, began.elapsed())
    };
    let (output, took) = timed(&["nodes", "--timeout", "0.5", &silent]);
    assert_eq!(output.status.code(), Some(3));
    assert!(said(&output).contains(": silent (no answer within 500 ms)"), "{}", said(&output));
    assert!(took < Duration::from_secs(3), "{took:?}");
    let (output, took) = timed(&["nodes", "--json", &format!("{NOBODY},{silent},{living}")]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(json_of(&output)["gaps"].as_array().map(Vec::len), Some(2), "those that are silent: {}", said(&output));
    assert!(took < Duration::from_secs(5), "{took:?}");
    let (output, took) = timed(&["check", "--json", "--timeout", "0.5", &format!("{NOBODY},{silent},{living}")]);
    let report = json_of(&output);
    let verdicts: Vec<&str> =
        report["seeds"].as_array().unwrap().iter().map(|seed| seed["verdict"].as_str().unwrap()).collect();
    assert_eq!((output.status.code(), verdicts), (Some(1), vec!["refused", "silent", "silent", "healthy"]));
    assert!(took < Duration::from_secs(3), "{took:?}");
    Ok(())
}
