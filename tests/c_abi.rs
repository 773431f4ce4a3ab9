//! The C ABI as C sees it: the header, the exported symbols, the example programs against a real cluster, and misuse.

#[path = "support/c.rs"]
mod c;
mod support;

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use c::{Program, library, root, succeed};
use support::cluster::wait::until;
use support::cluster::{Cluster, Options};

const PASSWORD: &str = "s3cret";

/// Under valgrind, on a busy machine, a conversation takes longer than the second that nodes get by default.
const SLOWLY: &str = "probe.timeout-ms=9000";

#[test]
fn header_is_checked_in_as_it_is_generated() {
    let checked_in = root().join("include/slotkeeper.h");
    let generated = fs::read_to_string(concat!(env!("OUT_DIR"), "/slotkeeper.h")).expect("build.rs writes the header");
    if std::env::var_os("UPDATE_HEADER").is_some() {
        fs::write(&checked_in, &generated).expect("the header can be written");
    }
    let checked_in = fs::read_to_string(checked_in).expect("the header is checked in");
    assert!(checked_in == generated, "include/slotkeeper.h is behind src/ffi: UPDATE_HEADER=1 cargo test --test c_abi");
}

#[test]
fn header_is_cpp_as_well() {
    let header = root().join("include/slotkeeper.h");
    succeed(
        Command::new("g++")
            .args(["-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-pedantic", "-x", "c++"])
            .arg(header),
    );
}

#[test]
fn exported_symbols_are_those_on_the_list() {
    let listing = succeed(Command::new("nm").args(["-D", "--defined-only", "--format=posix"]).arg(library()));
    let names = listing.lines().filter_map(|line| line.split(' ').next());
    // The JNI functions answer to the native methods of one Java class, which its own tests load and call.
    let is_jni = |name: &&str| *name == "JNI_OnLoad" || name.starts_with("Java_io_slotkeeper_internal_Native_");
    let (jni, mut exported): (Vec<_>, Vec<_>) = names.partition(is_jni);
    // cargo keeps the libraries of all feature sets under one name, and does not notice that one lies where another was.
    assert_eq!(!jni.is_empty(), cfg!(feature = "jni"), "this library was built with other features: touch src/lib.rs");
    exported.sort_unstable();
    let list = fs::read_to_string(root().join("tests/c/exported-symbols.txt")).expect("the list is checked in");
    assert_eq!(exported, list.lines().collect::<Vec<_>>(), "symbols come and go by a change of the list only");
}

#[test]
fn library_has_the_soname_of_its_abi_and_stays_loaded() {
    let dynamic = succeed(Command::new("objdump").arg("-p").arg(library()));
    let value = |tag: &str| dynamic.lines().find_map(|line| line.trim().strip_prefix(tag)).map(str::trim);
    assert_eq!(value("SONAME"), Some("libslotkeeper.so.0"));
    let flags = u64::from_str_radix(value("FLAGS_1").unwrap_or_default().trim_start_matches("0x"), 16);
    const NODELETE: u64 = 0x8;
    assert_eq!(flags.map(|flags| flags & NODELETE), Ok(NODELETE));
}

#[test]
fn misuse_is_told_and_never_a_crash() {
    let program = Program::build("tests/c/misuse.c");
    succeed(&mut program.command());
    succeed(&mut program.under_valgrind());
}

#[test]
fn tables_of_nodes_are_read_in_bulk_as_by_getters() {
    let program = Program::build("tests/c/nodes.c");
    succeed(&mut program.command());
    succeed(&mut program.under_valgrind());
}

#[test]
fn tables_are_made_with_few_allocations_however_many_nodes_there_are() {
    let program = Program::build("tests/c/allocations.c");
    succeed(program.command().arg(root().join("tests/data")));
}

#[test]
fn views_are_merged_and_changes_told_without_a_keeper() {
    let program = Program::build("tests/c/merge.c");
    for mut command in [program.command(), program.under_valgrind()] {
        succeed(command.arg(root().join("tests/data")));
    }
}

#[test]
fn layouts_are_audited_and_losses_foreseen_without_a_keeper() {
    let program = Program::build("tests/c/audit.c");
    succeed(&mut program.command());
    succeed(&mut program.under_valgrind());
}

#[test]
fn waits_end_with_a_log_line_and_with_the_keeper() {
    let program = Program::build("tests/c/waiting.c");
    succeed(&mut program.command());
    succeed(&mut program.under_valgrind());
}

#[test]
fn benchmark_measures_everything_it_promises() {
    let cluster = Cluster::start(&Options::new("A/B B/A A/B").node_timeout(Duration::from_secs(60))).unwrap();
    let loader = Program::build("bench/c/load.c");
    let bench = Program::build_of(&["bench/c/main.c", "bench/c/bench.c", "bench/c/pure.c", "bench/c/live.c"]);
    let json = bench.path().with_extension("json");
    let pids: Vec<String> = cluster.nodes().iter().map(|node| node.pid.expect("it runs").to_string()).collect();
    let mut command = bench.command();
    command.arg("--quick").arg("--data").arg(root().join("tests/data")).arg("--loader").arg(loader.path());
    command.args(["--cluster", &cluster.seeds(), "--pids", &pids.join(",")]).arg("--json").arg(&json);
    let told = succeed(&mut command);
    let json = fs::read_to_string(json).expect("the results are written");
    let names = ["load: ", "parse: 6 nodes", "parse: 100 nodes", "parse: 1000 nodes, ", "parse: 1000 nodes fragmented"];
    let more = ["key slot: 8 bytes", "key slot: 256 bytes", "slot to owner: array", "merge: ", "diff: "];
    let live = ["snapshot and free: 1 thread", "snapshot and free: 8 threads", "seed filter: 3 of 6 stopped"];
    for name in names.iter().chain(&more).chain(&live) {
        assert!(
            told.contains(name) && json.contains(&format!("{{\"name\":\"{name}")),
            "{name} is missing: {told}{json}"
        );
    }
}

#[test]
fn example_parse_nodes_tells_where_keys_live() {
    let program = Program::build("examples/parse_nodes.c");
    let reply = root().join("tests/data/redis-6.2.14/09-resharding/migrating-node0.cluster_nodes.txt");
    for mut command in [program.command(), program.under_valgrind()] {
        let reply = fs::File::open(&reply).expect("the capture is checked in");
        let output = command.args(["foo", "{user1000}.following"]).stdin(reply).output().expect("the program starts");
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
        assert!(told.contains("key foo: slot 12182 "), "{told}");
        assert!(!told.contains("skipped:"), "{told}");
    }
}

#[test]
fn example_seed_filter_gives_the_living_in_order() {
    let cluster = Cluster::start(&Options::new("A/B B/A A/B").password(PASSWORD)).unwrap();
    let program = Program::build("examples/seed_filter.c");
    let seeds = format!("seeds={}", cluster.seeds());
    let address = |name: &str| cluster.node(name).unwrap().address().to_string();

    cluster.kill("m1").unwrap();
    cluster.stop("r0").unwrap();
    let expected: Vec<String> = ["m0", "m2", "r1", "r2"].map(address).into();
    for mut command in [program.command(), program.under_valgrind()] {
        let told = succeed(command.arg(&seeds).arg("seeds.grace-ms=2000").env("REDIS_PASSWORD", PASSWORD));
        let row = |name: &str| told.lines().find(|line| line.starts_with(&address(name))).unwrap_or_default();
        assert!(row("m1").contains(" refused ") && row("m0").contains(" healthy "), "{told}");
        let healthy = told.lines().find_map(|line| line.strip_prefix("healthy: ")).unwrap_or_default();
        assert_eq!(healthy.split(',').collect::<Vec<_>>(), expected, "{told}");
    }
}

#[test]
fn example_seed_filter_tells_nodes_of_the_last_known_good_file_from_seeds() {
    let cluster = Cluster::start(&Options::new("A/B B/A A/B").password(PASSWORD)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("last-good");
    let address = |name: &str| cluster.node(name).unwrap().address().to_string();
    let (seeds, file) = (format!("seeds={}", address("m0")), format!("last-good.file={}", path.display()));
    let mut config = slotkeeper::Config::new();
    for (name, value) in
        [seeds.as_str(), &file, &format!("password={PASSWORD}")].map(|pair| pair.split_once('=').unwrap())
    {
        config.set(name, value).unwrap();
    }
    let keeper = slotkeeper::Keeper::open(&config).unwrap();
    until("the file", Duration::from_secs(10), || path.exists().then_some(()).ok_or("none yet".to_owned())).unwrap();
    keeper.close();
    cluster.kill("m0").unwrap();

    let program = Program::build("examples/seed_filter.c");
    let told = succeed(program.command().args([&seeds, &file]).env("REDIS_PASSWORD", PASSWORD));
    let of_file: Vec<_> = told.lines().filter(|line| line.ends_with(" ms  of the file ")).collect();
    assert_eq!(of_file.len(), 5, "{told}");
    assert!(of_file.iter().all(|line| line.contains(" healthy ") && !line.starts_with(&address("m0"))), "{told}");
}

#[test]
fn example_seed_filter_fails_when_the_password_is_wrong() {
    let cluster = Cluster::start(&Options::new("A/B A/B B/A").password(PASSWORD)).unwrap();
    let program = Program::build("examples/seed_filter.c");
    let seeds = format!("seeds={}", cluster.seeds());
    let output = program.command().arg(seeds).env("REDIS_PASSWORD", "wrong").output().expect("the program starts");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success() && told.contains(" auth ") && told.ends_with("healthy: \n"), "{told}");
    assert!(!told.contains("wrong "), "{told}");
}

#[test]
fn examples_end_with_the_message_of_the_error() {
    let program = Program::build("examples/seed_filter.c");
    let output = program.command().arg("no-such-property=1").output().expect("the program starts");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && told.contains("error 3: ") && told.contains("no-such-property"), "{told}");
}

#[test]
fn example_keeper_tells_of_a_failover() {
    let cluster = Cluster::start(&Options::new("A/B B/A A/B").password(PASSWORD)).unwrap();
    let program = Program::build("examples/keeper.c");
    for (mut command, victim) in [(program.command(), "m0"), (program.under_valgrind(), "m1")] {
        // The first topology, then a failover: its flag and its promotion may come as one change or as two.
        cluster.wait_until_whole(Duration::from_secs(30)).unwrap();
        let seeds = format!("seeds={}", cluster.seeds());
        command.args(["2", &seeds, "refresh.interval-ms=200", SLOWLY]);
        let mut keeper = command.env("REDIS_PASSWORD", PASSWORD).stdout(Stdio::piped()).spawn().unwrap();
        let mut told = Vec::new();
        for line in BufReader::new(keeper.stdout.take().expect("it is piped")).lines() {
            let line = line.unwrap();
            if line.starts_with("refreshed: generation ") {
                cluster.kill(victim).unwrap();
            }
            told.push(line);
        }
        let told = told.join("\n");
        assert!(keeper.wait().unwrap().success(), "{told}");
        let victim = cluster.node(victim).unwrap();
        assert!(told.contains("generation 1: ok") && told.contains(&victim.address().to_string()), "{told}");
        assert!(told.contains("changed to generation 2 "), "{told}");
        assert!(told.contains("\nfound ") && told.contains(" findings, compliance "), "{told}");
    }
}

/// Two masters of five in zone A, and one of them with its replica.
#[test]
fn example_audit_names_the_shard_and_what_is_lost_with_its_zone() {
    let cluster = Cluster::start(&Options::new("A/A A/B B/C B/A C/B").password(PASSWORD)).unwrap();
    let program = Program::build("examples/audit.c");
    let master = cluster.node("m0").unwrap().address().to_string();
    let seeds = format!("seeds={}", cluster.seeds());
    let zones = ["zone.A=127.1.", "zone.B=127.2.", "zone.C=127.3."];
    for mut command in [program.command(), program.under_valgrind()] {
        command.args(["zone=A", "--", &seeds, SLOWLY]).args(zones).env("REDIS_PASSWORD", PASSWORD);
        let told = succeed(&mut command);
        let finding = format!("critical shard-in-one-zone: master {master} and all replicas");
        assert!(told.contains(&finding) && told.contains("compliance: 0.800"), "{told}");
        assert!(
            told.contains("without zone A: loses-slots") && told.contains("all of its replicas are dead"),
            "{told}"
        );
    }
    let output = program
        .command()
        .args(["--", &seeds, "audit.fail-start=true"])
        .args(zones)
        .env("REDIS_PASSWORD", PASSWORD)
        .output();
    let output = output.expect("the program starts");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && told.contains("error 44: ") && told.contains(&master) && told.contains("zone A"),
        "{told}"
    );
}

#[test]
fn example_metrics_prints_what_prometheus_reads() {
    let cluster = Cluster::start(&Options::new("A/B B/A A/B").password(PASSWORD)).unwrap();
    let program = Program::build("examples/metrics.c");
    for mut command in [program.command(), program.under_valgrind()] {
        let told = succeed(command.arg(format!("seeds={}", cluster.seeds())).env("REDIS_PASSWORD", PASSWORD));
        for line in ["redis_cluster_health 1", "redis_slot_coverage 1", "slotkeeper_slots{state=\"served\"} 16384"] {
            assert!(told.lines().any(|told| told == line), "{line}: {told}");
        }
        assert!(!told.contains(PASSWORD), "{told}");
    }
}

#[test]
fn example_fallback_knows_before_it_asks() {
    let cluster = Cluster::start(&Options::new("A/B B/A A/B").password(PASSWORD)).unwrap();
    let program = Program::build("examples/fallback.c");
    let seeds = format!("seeds={}", cluster.seeds());
    let mut fallback = program.command();
    // The key is in slot 12182, of the third master; without it and its replica the cluster refuses all.
    fallback.args(["fallback", "foo", &seeds, "refresh.interval-ms=200"]).env("REDIS_PASSWORD", PASSWORD);
    let mut fallback = fallback.stdout(Stdio::piped()).spawn().unwrap();
    let mut told = Vec::new();
    for line in BufReader::new(fallback.stdout.take().expect("it is piped")).lines() {
        told.push(line.unwrap());
        if told.len() == 1 {
            cluster.kill("m2,r2").unwrap();
        }
    }
    assert!(fallback.wait().unwrap().success(), "{told:?}");
    assert_eq!(told[0], "generation 1: foo: ask");
    assert!(told.last().unwrap().contains(": foo: fallback ("), "{told:?}");
    let again =
        succeed(program.under_valgrind().args(["fallback", "foo", &seeds, SLOWLY]).env("REDIS_PASSWORD", PASSWORD));
    assert!(again.lines().last().unwrap().contains(": foo: fallback ("), "{again}");
}
