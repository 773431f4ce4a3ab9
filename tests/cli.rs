//! The program `slotkeeper`, run: what it prints of every capture, what it makes of bad input, and the README's examples.

#[cfg(feature = "tls")]
#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/cluster.rs"]
mod cluster;
#[path = "support/captures.rs"]
mod files;
#[path = "cli/judging.rs"]
mod judging;
#[path = "cli/live.rs"]
mod live;
#[path = "cli/pages.rs"]
mod pages;
#[path = "cli/planning.rs"]
mod planning;
#[path = "cli/program.rs"]
mod program;
#[path = "cli/report.rs"]
mod report;
#[path = "cli/runbooks.rs"]
mod runbooks;
#[path = "support/shards.rs"]
mod shards;
#[path = "cli/watching.rs"]
mod watching;

use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Stdio};

use files::captures;
use program::{PROGRAM, json_of, run, said};
use serde_json::{Value, json};

const ID: &str = "07c37dfeb235213a872192d90877d0cd55635b91";

#[test]
fn every_capture_is_told_as_it_stands() {
    let mut count = 0;
    for file in [captures(".cluster_nodes.txt"), captures(".nodes.conf.txt")].concat() {
        let text = fs::read_to_string(&file).unwrap();
        let output = run(&["parse", "--json", file.to_str().unwrap()], "");
        if text.starts_with("ERR ") {
            assert_eq!(output.status.code(), Some(2), "{}", file.display());
            continue;
        }
        assert_eq!(output.status.code(), Some(0), "{}: {}", file.display(), said(&output));
        assert_eq!(json_of(&output), read_naively(&text), "{}", file.display());
        count += 1;
    }
    assert!(count > 400, "only {count} captures were found");
}

/// The JSON that the program owes for a text without problems, by a reader that shares nothing with the library's.
fn read_naively(text: &str) -> Value {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with("vars "));
    json!({ "nodes": lines.map(read_line_naively).collect::<Vec<_>>(), "problems": [] })
}

fn read_line_naively(line: &str) -> Value {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (endpoint, rest) = words[1].split_once(',').unwrap_or((words[1], ""));
    let hostname = rest.split(',').next().filter(|name| !name.is_empty());
    let (client, bus_port) = endpoint.split_once('@').map_or((endpoint, None), |(client, bus)| (client, Some(bus)));
    let (host, port) = client.rsplit_once(':').unwrap();
    let number = |text: &str| text.parse::<u64>().unwrap();
    let flags: Vec<&str> = words[2].split(',').collect();
    let role = [("master", "master"), ("slave", "replica")].into_iter().find(|(flag, _)| flags.contains(flag));
    let moving = |arrow: &str| -> Vec<Value> {
        let items = words[8..].iter().filter_map(|item| item.strip_prefix('[')?.strip_suffix(']')?.split_once(arrow));
        items.map(|(slot, id)| json!([number(slot), id])).collect()
    };
    let ranges = words[8..].iter().filter(|item| !item.starts_with('[')).map(|item| {
        let (first, last) = item.split_once('-').unwrap_or((item, item));
        json!([number(first), number(last)])
    });
    json!({
        "id": words[0], "host": host, "port": number(port), "bus_port": bus_port.map(number), "hostname": hostname,
        "flags": flags, "role": role.map(|(_, role)| role), "master_id": Some(words[3]).filter(|id| *id != "-"),
        "ping_sent": number(words[4]), "pong_received": number(words[5]), "config_epoch": number(words[6]),
        "link": words[7], "slots": ranges.collect::<Vec<_>>(), "migrating": moving("->-"), "importing": moving("-<-"),
    })
}

#[test]
fn empty_address_is_the_one_that_was_dialled() {
    let text = format!(
        "{ID} :7100@17100 myself,master - 0 0 1 connected 0-16383\n\
         {ID} :0@0 slave,noaddr {ID} 0 0 1 disconnected\n\
         {ID} h:1@2 handshake - 0 0 0 connected\n"
    );
    let hosts = |arguments: &[&str]| -> Vec<Value> {
        let output = run(&[&["parse", "-", "--json"], arguments].concat(), &text);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        let nodes = json_of(&output)["nodes"].as_array().unwrap().clone();
        nodes.iter().map(|node| json!([node["host"], node["port"], node["role"]])).collect()
    };
    let others = [json!(["", 0, "replica"]), json!(["h", 1, null])];
    assert_eq!(hosts(&[]), [&[json!(["", 7100, "master"])][..], &others].concat());
    assert_eq!(hosts(&["--from", "10.0.0.1:7200"]), [&[json!(["10.0.0.1", 7100, "master"])][..], &others].concat());
    assert_eq!(hosts(&["--from", "[::1]:7200"]), [&[json!(["::1", 7100, "master"])][..], &others].concat());
}

#[test]
fn problems_are_told_with_line_and_reason() {
    let text = format!("rubbish\n{ID} h:1@2 noflags - 0 0 1 connected 0-5 16384\n");
    let expected = json!([
        { "line": 1, "reason": "\"rubbish\" is not a node id of 40 hex digits" },
        { "line": 2, "reason": "\"16384\" is not a slot from 0 to 16383" },
    ]);
    let output = run(&["parse", "--json", "-"], &text);
    assert_eq!((output.status.code(), said(&output)), (Some(1), String::new()));
    assert_eq!(json_of(&output)["problems"], expected);
    assert_eq!(json_of(&output)["nodes"][0]["flags"], json!(["noflags"]));

    let output = run(&["parse", "-"], &text);
    let told = "slotkeeper: the standard input: line 1: \"rubbish\" is not a node id of 40 hex digits\n\
                slotkeeper: the standard input: line 2: \"16384\" is not a slot from 0 to 16383\n";
    assert_eq!((output.status.code(), said(&output).as_str()), (Some(1), told));
}

#[test]
fn problems_beyond_the_bound_are_counted() {
    let text = format!("{ID} h:1@2 master - 0 0 1 connected\n{}", "x\n".repeat(5000));
    let output = run(&["parse", "--json", "-"], &text);
    assert_eq!(output.status.code(), Some(1));
    let report = json_of(&output);
    let problems = report["problems"].as_array().unwrap();
    let last = json!({ "line": 0, "reason": "4000 more problems, which are not told" });
    assert_eq!((problems.len(), &problems[1000]), (1001, &last));
    assert_eq!(problems[999]["line"], json!(1001));
}

#[test]
fn unusable_input_is_told_and_nothing_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let too_large = folder.path().join("large");
    fs::File::create(&too_large).unwrap().set_len(16 * 1024 * 1024 + 1).unwrap();
    let too_large = too_large.to_str().unwrap();
    for (arguments, input, reason) in [
        (&["parse", "/no/such/file"][..], "", "slotkeeper: /no/such/file cannot be read: No such file"),
        (&["parse", "/"], "", "slotkeeper: / cannot be read: Is a directory"),
        (
            &["parse", "-"],
            "",
            "slotkeeper: the standard input: no line of the text is a line of CLUSTER NODES; it is empty",
        ),
        (&["parse", "-"], "ERR This instance\n", "line 1: \"ERR\" is not a node id of 40 hex digits"),
        (&["parse", "--json", "-"], "{}", "line 1: \"{}\" is not a node id"),
        (&["parse", too_large], "", "has more than the 16777216 bytes that are read"),
        (&["parse", "-", "--from", "h:x"], "", "\"h:x\" is not an address: the port is not a number from 1 to 65535"),
        (&["parse"], "", "<FILE>"),
        (&["parse", "a", "b"], "", "unexpected argument 'b'"),
        (&["keyslot"], "", "<KEY>"),
    ] {
        let output = run(arguments, input);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", said(&output));
        assert!(said(&output).contains(reason), "{arguments:?}: {}", said(&output));
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn endless_input_ends_at_the_bound() {
    let output = Command::new(PROGRAM).args(["parse", "/dev/zero"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(said(&output), "slotkeeper: /dev/zero has more than the 16777216 bytes that are read\n");
}

#[test]
fn reader_that_has_seen_enough_is_no_failure() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/scale/500m-1000n-frag1.cluster_nodes.txt");
    for arguments in
        [&["parse", "--json"][..], &["nodes", "--json", "--file"], &["nodes", "--file"], &["report", "--file"]]
    {
        let mut program = Command::new(PROGRAM);
        program.args(arguments).arg(&file).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = program.spawn().unwrap();
        // More than a pipe holds is still to come when it closes.
        child.stdout.take().unwrap().read_exact(&mut [0]).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), said(&output)), (Some(0), String::new()), "{arguments:?}");
    }
}

#[test]
fn control_characters_reach_no_terminal() {
    let output = run(&["parse", "-"], &format!("{ID} h:1@2,\x1b[31m\u{9b}x master - 0 0 1 connected 7\n"));
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(!table.chars().any(|letter| letter.is_control() && letter != '\n'), "{table:?}");
    assert!(table.contains("1: 7"), "{table}");
}

#[test]
fn slots_of_keys_are_those_that_a_server_gives() {
    let vectors =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/keyslot-vectors.tsv")).unwrap();
    let vectors: Vec<(Vec<u8>, &str)> = vectors.lines().filter_map(vector).collect();
    assert!(vectors.len() > 40, "only {} vectors", vectors.len());
    let keys = vectors.iter().map(|(key, _)| OsStr::from_bytes(key));
    let output = Command::new(PROGRAM).args(["keyslot", "--"]).args(keys).output().unwrap();
    let slots: Vec<&str> = vectors.iter().map(|(_, slot)| *slot).collect();
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().collect::<Vec<_>>(), slots);
}

/// Key and slot of a line; `None` for the title, and for keys with a zero byte, which no argument can have.
fn vector(line: &str) -> Option<(Vec<u8>, &str)> {
    let (hex, rest) = line.split_once('\t').filter(|_| !line.starts_with('#'))?;
    let key: Vec<u8> = (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect();
    (!key.contains(&0)).then_some((key, rest.split('\t').next().unwrap()))
}
