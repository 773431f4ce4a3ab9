//! What the last-known-good file is good for, on real clusters: a start although every configured seed is dead.

#[path = "support/captured.rs"]
mod captured;
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use slotkeeper::cluster::last_good::{read, write};
use slotkeeper::cluster::merge::merge;
use slotkeeper::{Config, Keeper, SeedReport, Topology, Verdict, check_seeds, parse_nodes};
use support::cluster::wait::until;
use support::cluster::{Cluster, Options, Outcome};
use tempfile::TempDir;

/// Long enough that no failover begins while seeds are stopped for the length of a check.
const NODE_TIMEOUT: Duration = Duration::from_secs(60);

/// Longer than anything here takes, on a machine with other things to do.
const LONG: Duration = Duration::from_secs(20);

struct Start {
    folder: TempDir,
    seeds: String,
}

impl Start {
    /// A folder for the file, and seeds that are some nodes of the cluster.
    fn with_seeds(cluster: &Cluster, names: &[&str]) -> Outcome<Start> {
        let seeds = names.iter().map(|name| Ok(cluster.node(name)?.address().to_string()));
        let seeds = seeds.collect::<Outcome<Vec<_>>>()?.join(",");
        Ok(Start { folder: tempfile::tempdir().map_err(|error| error.to_string())?, seeds })
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("last-good")
    }

    fn config(&self, settings: &[(&str, &str)]) -> Config {
        let mut config = Config::new();
        config.set("seeds", &self.seeds).unwrap();
        config.set("password", "s3cret").unwrap();
        config.set("last-good.file", self.file().to_str().unwrap()).unwrap();
        settings.iter().for_each(|(name, value)| config.set(name, value).unwrap());
        config
    }

    fn check(&self, settings: &[(&str, &str)]) -> SeedReport {
        let report = check_seeds(&self.config(settings)).unwrap();
        println!("{report}");
        report
    }

    /// Lets a keeper run until it has written the file with `nodes` nodes.
    fn let_a_keeper_write(&self, nodes: usize) -> Outcome {
        let keeper = Keeper::open(&self.config(&[])).unwrap();
        let topology = keeper.wait_newer(0, LONG).unwrap().ok_or("the keeper has heard nothing")?;
        assert_eq!(topology.nodes().len(), nodes);
        until("the file", LONG, || match fs::read(self.file()).map(|bytes| read(&bytes)) {
            Ok(Ok(remembered)) if remembered.nodes.len() == nodes => Ok(()),
            other => Err(format!("{other:?}")),
        })?;
        keeper.close();
        Ok(())
    }

    /// Puts a file there that remembers these lines, written under our seeds.
    fn put_file(&self, lines: &str) {
        let view = captured::view("redis-7.0.15", "01-steady/node0");
        let reply = parse_nodes(lines.as_bytes()).unwrap();
        let topology = merge(None, &[slotkeeper::cluster::view::View { reply, ..view }]).topology.unwrap();
        let seeds: Vec<_> = self.seeds.split(',').map(|seed| seed.parse().unwrap()).collect();
        write_private(&self.file(), &write(&topology, &seeds, 1));
    }
}

fn write_private(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

fn address(cluster: &Cluster, name: &str) -> Outcome<String> {
    Ok(cluster.node(name)?.address().to_string())
}

fn sorted<'a>(items: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut items: Vec<_> = items.map(str::to_owned).collect();
    items.sort();
    items
}

fn six_nodes() -> Outcome<Cluster> {
    Cluster::start(&Options::new("A/B A/B B/A").password("s3cret").node_timeout(NODE_TIMEOUT))
}

#[test]
fn with_every_seed_dead_the_nodes_of_the_file_are_found_within_half_a_second_and_a_probe() -> Outcome {
    let cluster = six_nodes()?;
    let start = Start::with_seeds(&cluster, &["m0", "m1"])?;
    start.let_a_keeper_write(6)?;
    let living = ["m2", "r0", "r1", "r2"].map(|name| address(&cluster, name).unwrap());
    let expected = sorted(living.iter().map(String::as_str));

    let report = start.check(&[]);
    assert_eq!(report.healthy().collect::<Vec<_>>().join(","), start.seeds, "with living seeds the file is not used");
    assert!(report.seeds.iter().all(|result| !result.from_file));

    cluster.stop("m0,m1")?;
    let report = start.check(&[]);
    let all = start.check(&[("seeds.wait", "all"), ("seeds.deadline-ms", "1000")]);
    cluster.resume("m0,m1")?;
    for report in [&report, &all] {
        assert_eq!(sorted(report.healthy()), expected, "{report}");
        let of_file: Vec<_> = report.seeds.iter().filter(|result| result.from_file).collect();
        assert_eq!((of_file.len(), report.seeds.len()), (4, 6), "seeds are not asked twice: {report}");
        assert!(report.seeds[..2].iter().all(|result| !result.from_file && result.verdict != Verdict::Healthy));
    }
    let elapsed = report.elapsed.as_millis();
    assert!(
        (700..1400).contains(&elapsed),
        "half a second, a probe, and the grace of 200 ms for the seeds: {elapsed} ms"
    );
    assert!(report.to_string().starts_with("0 of 2 seeds healthy, 4 of 4 nodes of the last-known-good file healthy,"));

    cluster.kill("m0,m1")?;
    let report = start.check(&[]);
    assert_eq!(sorted(report.healthy()), expected);
    let elapsed = report.elapsed.as_millis();
    assert!(elapsed < 450, "seeds that are all known to be dead are not waited for: {elapsed} ms");
    Ok(())
}

#[test]
fn a_seed_that_is_slow_but_lives_counts_and_not_the_file() -> Outcome {
    let cluster = six_nodes()?;
    let start = Start::with_seeds(&cluster, &["m0", "m1"])?;
    start.let_a_keeper_write(6)?;
    cluster.stop("m0,m1,m2,r0,r1,r2")?;
    let report = std::thread::scope(|scope| {
        let check = scope.spawn(|| start.check(&[]));
        // Behind the moment when the file is asked: a point in time is waited for, not a state.
        std::thread::sleep(Duration::from_millis(800));
        cluster.resume("m0")?;
        Outcome::Ok(check.join().unwrap())
    })?;
    cluster.resume("m1,m2,r0,r1,r2")?;
    assert_eq!(report.healthy().collect::<Vec<_>>(), [address(&cluster, "m0")?], "{report}");
    assert!(report.seeds.iter().all(|result| !result.from_file), "{report}");
    Ok(())
}

#[test]
fn the_deadline_holds_although_the_nodes_of_the_file_are_dead_as_well() -> Outcome {
    let cluster = six_nodes()?;
    let start = Start::with_seeds(&cluster, &["m0"])?;
    start.let_a_keeper_write(6)?;
    cluster.stop("m0,m1,m2,r0,r1,r2")?;
    let report = start.check(&[("seeds.deadline-ms", "800")]);
    cluster.resume("m0,m1,m2,r0,r1,r2")?;
    assert!(report.elapsed < Duration::from_millis(1100), "{report}");
    assert_eq!(report.healthy().count(), 0, "{report}");
    assert!(report.seeds.iter().all(|result| result.verdict == Verdict::Silent), "{:?}", report.seeds);
    Ok(())
}

#[test]
fn a_keeper_whose_seeds_are_all_dead_finds_the_cluster_as_it_is_and_not_as_it_was() -> Outcome {
    let cluster = Cluster::start(&Options::new("A/B A/B B/A").password("s3cret"))?;
    let start = Start::with_seeds(&cluster, &["m0"])?;
    start.let_a_keeper_write(6)?;
    cluster.kill("m0")?;
    cluster.wait_failover("m0", LONG)?;

    let began = Instant::now();
    let keeper = Keeper::open(&start.config(&[])).unwrap();
    let topology = keeper.wait_newer(0, LONG).unwrap().ok_or("the keeper has heard nothing")?;
    println!("the first topology after {:?}", began.elapsed());
    assert!(began.elapsed() < Duration::from_secs(2));
    let owner = topology.owner_of(0).unwrap();
    assert_eq!(slotkeeper::Address::new(owner.host(), owner.port()).to_string(), address(&cluster, "r0")?);
    assert_eq!(topology.nodes().len(), 6);
    Ok(())
}

#[test]
fn addresses_of_the_file_that_are_another_clusters_by_now_are_not_believed() -> Outcome {
    let cluster = six_nodes()?;
    // A seed that nobody listens at, since its node is gone.
    let start = Start::with_seeds(&cluster, &["m0"])?;
    cluster.kill("m0")?;
    let names = ["m1", "m2", "r0"];
    let lines = names.iter().enumerate().map(|(place, name)| {
        let (myself, slots) = if place == 0 { ("myself,", " 0-16383") } else { ("", "") };
        Ok(format!("{place:040x} {}@1 {myself}master - 0 0 1 connected{slots}\n", address(&cluster, name)?))
    });
    start.put_file(&lines.collect::<Outcome<Vec<_>>>()?.concat());

    let report = start.check(&[]);
    assert_eq!(report.healthy().count(), 0, "{report}");
    let of_file: Vec<_> = report.seeds.iter().filter(|result| result.from_file).collect();
    assert_eq!(of_file.len(), 3, "{report}");
    for result in of_file {
        assert_eq!(result.verdict, Verdict::Outsider, "{result:?}");
        assert_eq!(result.detail, "the address is now of another cluster than the file remembers");
    }

    let keeper = Keeper::open(&start.config(&[])).unwrap();
    until("views to be rejected", LONG, || match keeper.status().views_rejected {
        0 => Err("none yet".to_owned()),
        _ => Ok(()),
    })?;
    assert!(keeper.topology().is_none(), "{:?}", keeper.topology().as_deref().map(Topology::nodes));
    Ok(())
}

#[test]
fn a_file_of_other_seeds_leads_nobody_to_the_old_cluster() -> Outcome {
    let cluster = six_nodes()?;
    let start = Start::with_seeds(&cluster, &["m0"])?;
    start.let_a_keeper_write(6)?;
    let report = start.check(&[("seeds", "127.1.0.1:1"), ("seeds.deadline-ms", "1000")]);
    assert_eq!(report.seeds.len(), 1, "{report}");
    assert_eq!(report.seeds[0].verdict, Verdict::Refused, "{report}");
    Ok(())
}
