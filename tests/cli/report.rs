//! `report`: what stands on the page, that it is harmless whatever servers call themselves, and that it stays small.
//!
//! What it looks like was looked at in a browser; no test says it.

use std::fs;

use slotkeeper::SLOT_COUNT;
use slotkeeper::policy::baseline::Baseline;
use slotkeeper::policy::finding::Rule;

use crate::program::{printed, run, said};
use crate::shards::{DISASTER, SOUND, Shards, cluster, lines};

const ZONES: [&str; 6] = ["--zone", "A=10.65.", "--zone", "B=10.66.", "--zone", "C=10.67."];
const MOST_BYTES: usize = 1_000_000;

fn page_of(text: &str, arguments: &[&str]) -> String {
    let output = run(&[&["report", "--file", "-"], arguments].concat(), text);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    printed(&output)
}

/// After the blow: zone A is dead, and of its two masters one was replaced.
fn after_the_blow() -> String {
    let shards: Shards<'_> = &[("A", &["A"]), ("B", &[]), ("B", &["C"]), ("B", &["A"]), ("C", &["B"])];
    let myself = |line: &str| {
        if line.contains(" 10.67.4.0:") { line.replace("master", "myself,master") } else { line.to_owned() }
    };
    let dead = |line: String| {
        if line.contains(" 10.65.") {
            line.replace("master", "master,fail").replace("slave", "slave,fail")
        } else {
            line
        }
    };
    lines(shards).replace("myself,", "").lines().map(|line| dead(myself(line)) + "\n").collect()
}

#[test]
fn the_page_of_the_disaster_has_its_parts_and_the_worst_first() {
    let page = page_of(&after_the_blow(), &ZONES);
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("the page has no {text:?}"));
    let parts =
        ["findings", "map", "slots", "losses", "drift", "nodes"].map(|part| at(&format!("<section id=\"{part}\">")));
    assert!(parts.is_sorted());
    let rules = [Rule::FailedMaster, Rule::OrphanMaster, Rule::FailedReplica]
        .map(|rule| at(&format!("<code>{}</code>", rule.id())));
    assert!(rules.is_sorted());
    assert!(page.contains("<b>13108</b>") && page.contains("not served: 3276 slots"), "{page}");
    assert!(page.contains("<td class=\"bad\">lost</td>"), "the matrix names the lost shard");
    assert!(page.contains("No baseline was given"));
}

#[test]
fn a_sound_cluster_is_told_to_be_one() {
    let page = page_of(&lines(SOUND), &ZONES);
    assert!(page.contains("Nothing is wrong with the layout.") && page.contains("<b>100 %</b>"), "{page}");
    assert!(page.contains("The loss of any one of 10 nodes is survived."), "{page}");
}

#[test]
fn what_has_moved_since_the_baseline_is_told() {
    let (topology, placement) = cluster(SOUND);
    let baseline = Baseline::of(&topology, &placement, &Default::default()).unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("orders.baseline");
    fs::write(&file, &baseline).unwrap();
    let arguments = [&ZONES[..], &["--baseline", file.to_str().unwrap()]].concat();
    assert!(page_of(&lines(SOUND), &arguments).contains("Nothing has moved since the baseline."));
    let moved = page_of(&lines(DISASTER), &arguments);
    let drift = moved.split("<section id=\"drift\">").nth(1).unwrap();
    assert!(drift.contains("10.65.0.1") || drift.contains("10.66.0.1"), "{drift}");

    fs::write(&file, "no baseline").unwrap();
    let output = run(&[&["report", "--file", "-"], &arguments[..]].concat(), &lines(SOUND));
    assert_eq!(output.status.code(), Some(3));
    assert!(said(&output).contains("orders.baseline") && printed(&output).is_empty(), "{}", said(&output));
}

/// A node calls itself what it likes; names of zones have but letters and digits.
#[test]
fn names_that_are_markup_are_text() {
    let hostile = "\"><script>alert(1)</script>'&<img/src=x/onerror=y>\u{202e}";
    let text = lines(DISASTER).replace("10.65.0.0:", &format!("{hostile}:"));
    let page = page_of(&text, &ZONES);
    assert!(page.contains("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"), "{page}");
    for raw in ["<script", "<img"] {
        assert!(!page.contains(raw), "{raw:?} stands there as it came");
    }
}

#[test]
fn the_page_loads_nothing_and_runs_nothing() {
    let page = page_of(&after_the_blow(), &ZONES);
    assert!(page.contains("content=\"default-src 'none'; style-src 'unsafe-inline'\""));
    for outside in ["http://", "https://", "src=", "href=", "url(", "@import", "<script", "<link", "<iframe", " on"] {
        let attributes = || page.split('<').filter_map(|tag| tag.split('>').next());
        let is_there = if outside == " on" {
            attributes().any(|tag| tag.contains(" onload") || tag.contains(" onerror"))
        } else {
            page.contains(outside)
        };
        assert!(!is_there, "{outside}");
    }
}

#[test]
fn a_thousand_nodes_are_below_a_megabyte_and_every_slot_is_drawn_once() {
    for capture in ["50m-100n-contig", "500m-1000n-contig", "500m-1000n-frag1"] {
        let text =
            fs::read_to_string(format!("{}/tests/data/scale/{capture}.cluster_nodes.txt", env!("CARGO_MANIFEST_DIR")));
        let text = text.unwrap();
        for zones in [&["--zone", "a=127.9.0.0/24", "--zone", "b=127.9.1.0/24", "--zone", "c=127.9.2.0/23"][..], &[]] {
            let page = page_of(&text, zones);
            assert!(page.len() < MOST_BYTES, "{capture}: {} bytes", page.len());
            assert_eq!(drawn(&page), vec![1; SLOT_COUNT], "{capture}");
        }
        // Nobody can take over: as many findings as there are masters.
        let lonely: String =
            text.lines().filter(|line| !line.contains(" slave ")).map(|line| format!("{line}\n")).collect();
        let page = page_of(&lonely, &[]);
        assert!(page.len() < MOST_BYTES && page.contains("which are not shown"), "{capture}: {} bytes", page.len());
    }
}

/// How often each slot lies within an outline of the picture.
fn drawn(page: &str) -> Vec<usize> {
    let mut times = vec![0; SLOT_COUNT];
    let paths = page.split(" d=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    for rectangle in paths.flat_map(|path| path.split_terminator('z')) {
        let numbers: Vec<usize> =
            rectangle.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse().ok()).collect();
        let [column, row, width, height, back] = numbers[..] else { panic!("{rectangle}") };
        assert_eq!(width, back, "{rectangle}");
        for (y, x) in (row..row + height).flat_map(|y| (column..column + width).map(move |x| (y, x))) {
            times[y * 256 + x] += 1;
        }
    }
    times
}
