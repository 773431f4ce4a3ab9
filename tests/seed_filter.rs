//! The seed filter on real servers: every way in which a seed can be none has its verdict, and costs no more than the grace.
//!
//! `cargo test --test seed_filter -- --nocapture` prints the table of verdicts and times.

mod support;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

use slotkeeper::{Config, SeedReport, Verdict, check_seeds};
use support::cluster::{Cluster, Extra, Options, Outcome, can_drop_packets, has};

/// The demo's layout: data centre A holds two masters, one of them with its only replica in A as well.
const LAYOUT: &str = "A/B A/A B/A B/A B/B";

/// Long enough that no failover begins while seeds are stopped for the length of a check.
const NODE_TIMEOUT: Duration = Duration::from_secs(60);

fn check(seeds: &str, settings: &[(&str, &str)]) -> SeedReport {
    let mut config = Config::new();
    config.set("seeds", seeds).unwrap();
    config.set("password", "s3cret").unwrap();
    settings.iter().for_each(|(name, value)| config.set(name, value).unwrap());
    check_seeds(&config).unwrap()
}

fn verdicts(report: &SeedReport) -> Vec<Verdict> {
    report.seeds.iter().map(|result| result.verdict).collect()
}

/// Prints a row of the table, and checks the verdicts: `bad` seeds of `verdict`, all others healthy and in order.
fn expect(case: &str, report: &SeedReport, bad: &[&str], verdict: Verdict) {
    println!("{case:<28} {:>6.1} ms  {report}", report.elapsed.as_secs_f64() * 1000.0);
    for result in &report.seeds {
        let expected = if bad.contains(&result.seed.as_str()) { verdict } else { Verdict::Healthy };
        assert_eq!(result.verdict, expected, "{case}: {result:?}");
    }
    let order: Vec<&str> = report.seeds.iter().map(|r| r.seed.as_str()).filter(|seed| !bad.contains(seed)).collect();
    assert_eq!(report.healthy().collect::<Vec<_>>(), order, "{case}");
}

#[test]
fn ten_seeds_of_which_some_are_stopped_cut_off_refused_or_strange() -> Outcome {
    let cluster = Cluster::start(&Options::new(LAYOUT).password("s3cret").node_timeout(NODE_TIMEOUT))?;
    let seeds = cluster.seeds();
    let all: Vec<&str> = seeds.split(',').collect();
    let names: Vec<String> = cluster.nodes().into_iter().map(|node| node.name).collect();

    expect("all healthy", &check(&seeds, &[]), &[], Verdict::Healthy);
    for count in [1, 5, 9] {
        let who = names[..count].join(",");
        cluster.stop(&who)?;
        let report = check(&seeds, &[]);
        let all_told = (count == 1).then(|| check(&seeds, &[("seeds.wait", "all"), ("seeds.deadline-ms", "1000")]));
        cluster.resume(&who)?;
        expect(&format!("{count} stopped"), &report, &all[..count], Verdict::Late);
        if let Some(report) = all_told {
            expect("1 stopped, wait for all", &report, &all[..count], Verdict::Silent);
            assert!(report.seeds[0].detail.contains("connected, but no answer within 1000 ms"), "{report}");
        }
    }
    if can_drop_packets() {
        let who = names[..5].join(",");
        cluster.drop_clients(&who)?;
        let report = check(&seeds, &[]);
        let all_told = check(&seeds, &[("seeds.wait", "all"), ("seeds.deadline-ms", "1000")]);
        cluster.heal(&who)?;
        expect("5 with packets dropped", &report, &all[..5], Verdict::Late);
        expect("5 dropped, wait for all", &all_told, &all[..5], Verdict::Unreachable);
    } else {
        println!("left out here, since packets can be dropped by root only: 5 with packets dropped");
    }

    for (case, extra, verdict) in [
        ("1 wrong password", Extra::OtherPassword("another".to_owned()), Verdict::Auth),
        ("1 standalone server", Extra::Standalone, Verdict::NotCluster),
        ("1 fresh node", Extra::Fresh, Verdict::NoSlots),
        ("1 without CLUSTER by ACL", Extra::Denied, Verdict::Denied),
        ("1 loading", Extra::Loading(Duration::from_secs(20)), Verdict::Loading),
    ] {
        if matches!(extra, Extra::Denied | Extra::Loading(_)) && !has(case, 6, 0)? {
            continue;
        }
        let stranger = cluster.add('C', &extra)?.address().to_string();
        let report = check(&format!("{stranger},{}", all[1..].join(",")), &[]);
        expect(case, &report, &[&stranger], verdict);
    }
    let report = check(&format!("no-such-host.invalid:7000,{}", all[1..].join(",")), &[]);
    println!("{:<28} {:>6.1} ms  {report}", "1 name without address", report.elapsed.as_secs_f64() * 1000.0);
    // A name service that is out of reach may take longer than the grace to say so.
    assert!(matches!(report.seeds[0].verdict, Verdict::Unresolved | Verdict::Late), "{report}");
    assert_eq!(report.healthy().count(), 9);

    let other = Cluster::start(&Options::new("C C C").password("s3cret").node_timeout(NODE_TIMEOUT))?;
    let foreign = other.seeds().split(',').next().unwrap().to_owned();
    let report = check(&format!("{foreign},{}", all[1..].join(",")), &[]);
    expect("1 of another cluster", &report, &[&foreign], Verdict::Outsider);

    let report = check(&format!("{seeds},{},x:y,", all[0]), &[]);
    assert_eq!(report.seeds.len(), 11, "a duplicate is asked once");
    expect("1 malformed, 1 twice", &report, &["x:y"], Verdict::Invalid);

    cluster.kill(&names[..5].join(","))?;
    expect("5 refused", &check(&seeds, &[]), &all[..5], Verdict::Refused);
    cluster.stop(&names[5..].join(","))?;
    let report = check(&seeds, &[("seeds.deadline-ms", "700")]);
    println!("{:<28} {:>6.1} ms  {report}", "all dead (deadline 700 ms)", report.elapsed.as_secs_f64() * 1000.0);
    assert_eq!(verdicts(&report), [[Verdict::Refused; 5], [Verdict::Silent; 5]].concat());
    assert_eq!(report.healthy().count(), 0, "nothing healthy: the configuration is left as it is");
    Ok(())
}

#[test]
fn cluster_state_fail_does_not_disqualify() -> Outcome {
    let cluster = Cluster::start(&Options::new("A A A").password("s3cret"))?;
    cluster.kill("m2")?;
    support::cluster::wait::until("the cluster to refuse", Duration::from_secs(15), || {
        let info = cluster.command("m0", &["CLUSTER", "INFO"]).map_err(|e| e.to_string())?.text();
        if info.contains("cluster_state:fail") {
            Ok(())
        } else {
            Err(info.lines().next().unwrap_or_default().to_owned())
        }
    })?;
    let report = check(&cluster.seeds(), &[]);
    assert_eq!(verdicts(&report), [Verdict::Healthy, Verdict::Healthy, Verdict::Refused]);
    Ok(())
}

#[test]
fn a_forgotten_node_is_an_outsider_although_it_answers_first() -> Outcome {
    let cluster = Cluster::start(&Options::new("A/A A/A A/A").password("s3cret").node_timeout(NODE_TIMEOUT))?;
    cluster.forget("r2")?;
    let forgotten = cluster.node("r2")?.address().to_string();
    let report =
        check(&format!("{forgotten},{},{}", cluster.node("m0")?.address(), cluster.node("m1")?.address()), &[]);
    assert_eq!(verdicts(&report), [Verdict::Outsider, Verdict::Healthy, Verdict::Healthy], "{report}");
    Ok(())
}

/// What no real server can be brought to say.
#[test]
fn what_is_no_redis_is_protocol_and_never_more_than_the_bound() {
    type Answer = fn() -> Vec<u8>;
    let answers: [(&str, Answer); 6] = [
        ("a web server", || b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n".to_vec()),
        ("nothing, then closed", Vec::new),
        ("an endless bulk string", || [&b"+OK\r\n+PONG\r\n$9000000000000\r\n"[..], &vec![b'x'; 40 << 20]].concat()),
        ("a huge array", || b"+OK\r\n+OK\r\n*2000000000\r\n".to_vec()),
        ("deeply nested arrays", || b"*1\r\n".repeat(1_000_000)),
        ("a number for PING", || b"+OK\r\n+OK\r\n:1\r\n:1\r\n:1\r\n".to_vec()),
    ];
    for (case, answer) in answers {
        let listener = TcpListener::bind("127.3.0.200:0").unwrap();
        let seed = listener.local_addr().unwrap().to_string();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).unwrap();
            // The other side hangs up as soon as it has seen enough.
            let _ = stream.write_all(&answer());
            let _ = stream.flush();
        });
        let report = check(&seed, &[("seeds.deadline-ms", "3000")]);
        println!("{case:<28} {:>6.1} ms  {report}", report.elapsed.as_secs_f64() * 1000.0);
        assert_eq!(verdicts(&report), [Verdict::Protocol], "{case}: {report}");
        server.join().unwrap();
    }
}

#[test]
fn passwords_never_show_in_what_is_reported() {
    let listener = TcpListener::bind("127.3.0.201:0").unwrap();
    let seed = listener.local_addr().unwrap().to_string();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 1024];
        let length = stream.read(&mut request).unwrap();
        assert!(request[..length].windows(6).any(|window| window == b"s3cret"), "AUTH was sent");
        stream.write_all(b"-WRONGPASS invalid username-password pair or user is disabled.\r\n").unwrap();
    });
    let report = check(&seed, &[]);
    server.join().unwrap();
    assert_eq!(verdicts(&report), [Verdict::Auth]);
    assert!(!format!("{report} {report:?}").contains("s3cret"));
}
