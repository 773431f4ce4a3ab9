//! Seeds by name, with the system's real resolver: addresses that change, several for a name, and a name server that is mute.

mod support;

#[path = "support/own_names.rs"]
mod own_names;

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use own_names::OwnNames;
use slotkeeper::{Config, Keeper, SeedReport, Verdict, check_seeds};
use support::cluster::wait::until;
use support::cluster::{Cluster, Options, Outcome, can_drop_packets};

const SOON: Duration = Duration::from_secs(20);

fn config(settings: &[(&str, &str)]) -> Config {
    let mut config = Config::new();
    config.set("password", "s3cret").unwrap();
    settings.iter().for_each(|(name, value)| config.set(name, value).unwrap());
    config
}

fn check(seeds: &str, deadline_ms: &str) -> SeedReport {
    let report = check_seeds(&config(&[("seeds", seeds), ("seeds.deadline-ms", deadline_ms)])).unwrap();
    println!("{report}");
    report
}

#[test]
fn a_name_is_looked_up_anew_for_each_connection() -> Outcome {
    let Some(names) = OwnNames::enter("a_name_is_looked_up_anew_for_each_connection") else { return Ok(()) };
    let cluster = Cluster::start(&Options::new("A A A").password("s3cret"))?;
    let seed = format!("redis.test:{}", cluster.port());
    names.write_hosts("127.3.0.250 redis.test\n");
    assert_eq!(check(&seed, "1000").seeds[0].verdict, Verdict::Refused);
    let keeper = Keeper::open(&config(&[("seeds", &seed)])).unwrap();
    let error = keeper.refresh(Duration::from_millis(500)).unwrap_err();
    assert!(error.message().contains(&format!("{seed}: refused")), "{error}");

    names.write_hosts("127.1.0.2 redis.test\n");
    assert_eq!(check(&seed, "1000").seeds[0].verdict, Verdict::Healthy);
    let topology = keeper.wait_newer(0, SOON).unwrap().expect("the keeper looks the name up again");
    assert_eq!(topology.served_slots(), 16384);

    names.write_hosts("");
    keeper.refresh(SOON).expect("known nodes need no name");
    Ok(())
}

#[test]
fn a_name_of_several_addresses_is_as_good_as_the_best_of_them() -> Outcome {
    let Some(names) = OwnNames::enter("a_name_of_several_addresses_is_as_good_as_the_best_of_them") else {
        return Ok(());
    };
    let options = Options::new("A A A").password("s3cret").node_timeout(Duration::from_secs(60));
    let cluster = Cluster::start(&options)?;
    let seed = format!("redis.test:{}", cluster.port());
    // Which comes first is for the resolver to say, so both orders are tried.
    let expect = |case: &str, dead: &str, alive: &str| {
        for addresses in [[dead, alive], [alive, dead]] {
            let [first, second] = addresses.map(|address| format!("{address} redis.test\n"));
            names.write_hosts(&format!("{first}{second}"));
            let report = check(&seed, "5000");
            assert_eq!(report.seeds[0].verdict, Verdict::Healthy, "{case}: {report}");
            assert!(report.elapsed < Duration::from_secs(1), "{case}: {report}");
            let keeper = Keeper::open(&config(&[("seeds", &seed)])).unwrap();
            let found = keeper.wait_newer(0, Duration::from_secs(1)).unwrap();
            assert!(found.is_some(), "{case}: a round of 1000 ms is enough");
        }
    };
    expect("IPv6 where nothing listens", "::1", "127.1.0.2");
    cluster.stop("m0")?;
    expect("one is stopped", "127.1.0.1", "127.1.0.2");
    cluster.resume("m0")?;
    if can_drop_packets() {
        cluster.drop_clients("m0")?;
        expect("one is out of reach", "127.1.0.1", "127.1.0.2");
    } else {
        println!("SKIPPED, since packets can be dropped by root only: one is out of reach");
    }
    names.write_hosts("127.3.0.250 redis.test\n127.3.0.251 redis.test\n");
    assert_eq!(check(&seed, "5000").seeds[0].verdict, Verdict::Refused);
    Ok(())
}

#[test]
fn ten_names_and_a_mute_name_server_hold_up_nobody() -> Outcome {
    let Some(_names) = OwnNames::enter("ten_names_and_a_mute_name_server_hold_up_nobody") else { return Ok(()) };
    let mute = UdpSocket::bind("127.3.0.53:53").map_err(|error| error.to_string())?;
    let cluster = Cluster::start(&Options::new("A A A").password("s3cret"))?;
    let ten: Vec<String> = (0..10).map(|number| format!("name{number}.test:{}", cluster.port())).collect();
    let ten = ten.join(",");

    let report = check(&ten, "700");
    assert!(report.elapsed < Duration::from_millis(1200), "{report}");
    for seed in &report.seeds {
        assert_eq!(seed.verdict, Verdict::Unresolved, "{report}");
        assert!(seed.detail.contains("no answer from the name service within 700 ms"), "{report}");
    }
    let mut query = [0; 512];
    mute.recv(&mut query).expect("it was asked");

    let report = check(&format!("{ten},{}", cluster.node("m0")?.address()), "5000");
    assert_eq!(report.healthy().count(), 1, "{report}");
    assert!(report.elapsed < Duration::from_millis(2000), "{report}");

    let keeper = Keeper::open(&config(&[("seeds", &ten), ("probe.timeout-ms", "100")])).unwrap();
    until("many rounds", SOON, || {
        assert!(resolver_threads() <= 4);
        keeper.refresh(Duration::from_millis(10)).unwrap_err();
        let rounds = keeper.status().rounds;
        if rounds > 5 { Ok(()) } else { Err(format!("{rounds} rounds")) }
    })?;
    let start = Instant::now();
    keeper.close();
    let took = start.elapsed();
    println!("close took {took:?} beside {} resolver threads", resolver_threads());
    assert!(took < Duration::from_millis(500), "{took:?}");
    Ok(())
}

/// As the system names them.
fn resolver_threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|name| name.trim() == "slotkeeper-dns").count()
}
