//! Each alert of `ops/alerts.yml` on real clusters that are broken, scraped by a real Prometheus: it fires, and falls silent once that is mended.
//!
//! What keeps a rule waiting (`for`) is taken away, its expression is not; so those whose ranges are minutes long are tried by `make soak`
//! alone. `SlotkeeperHandOversFailing` is not tried here, since its metric is of clients in Java: `ops/alerts-test.yml` does that.

#[path = "support/cluster.rs"]
mod cluster;
#[path = "alerts/prometheus.rs"]
mod prometheus;
#[path = "ops/alerts.rs"]
mod rules;

use std::net::SocketAddr;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;
use std::{fs, thread};

use cluster::{Cluster, Options, Outcome};
use prometheus::{Prometheus, free_address};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_slotkeeper");
const SECOND: Duration = Duration::from_secs(1);
const SOON: Duration = Duration::from_secs(20);
const PASSWORD: &str = "s3cret-of-alerts";
/// The zones of the launcher.
const ZONES: [&str; 6] = ["--zone", "A=127.1.", "--zone", "B=127.2.", "--zone", "C=127.3."];

/// A cluster, and `slotkeeper watch` that tells Prometheus of it.
struct Scene {
    cluster: Cluster,
    address: SocketAddr,
    watch: Child,
    /// Where its baseline lies, if it has one.
    folder: Option<TempDir>,
}

impl Scene {
    fn start(layout: &str, full_coverage: bool) -> Outcome<Scene> {
        let cluster = Cluster::start(&options(layout).full_coverage(full_coverage))?;
        Scene::of(cluster, &ZONES)
    }

    fn of(cluster: Cluster, arguments: &[&str]) -> Outcome<Scene> {
        let address = free_address()?;
        let mut watch = Command::new(PROGRAM);
        watch.args(["watch", &cluster.seeds(), "--metrics-listen", &address.to_string()]).args(arguments);
        // Its output is a pipe that is never full: should this process be killed, it breaks, and the watch ends.
        watch.env("SLOTKEEPER_PASSWORD", PASSWORD).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        Ok(Scene { watch: watch.spawn()?, cluster, address, folder: None })
    }

    fn set(&self, node: &str, name: &str, value: &str) -> Outcome {
        self.cluster.command(node, &["CONFIG", "SET", name, value]).map(drop)
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.watch.kill();
        let _ = self.watch.wait();
    }
}

fn options(layout: &str) -> Options {
    Options::new(layout).node_timeout(SECOND).password(PASSWORD)
}

/// What happens to a scene, which has this name as its label `cluster`.
type Story = fn(&Prometheus, &str, &Scene) -> Outcome;

/// Tells these stories side by side, and at the end what comes when nobody tells Prometheus anything any more.
fn tell(stories: Vec<(&'static str, Scene, Story)>) -> Outcome {
    let targets: Vec<(&str, SocketAddr)> = stories.iter().map(|(name, scene, _)| (*name, scene.address)).collect();
    let Some(prometheus) = Prometheus::start(&targets)? else { return Ok(()) };
    thread::scope(|scope| -> Outcome {
        let tell = |(name, scene, story): &(&'static str, Scene, Story)| story(&prometheus, name, scene);
        let told: Vec<_> = stories.iter().map(|story| scope.spawn(move || tell(story))).collect();
        told.into_iter().try_for_each(|story| story.join().expect("a story fails by what it returns"))
    })?;
    drop(stories);
    prometheus.wait_for("SlotkeeperMetricsMissing", "")
}

#[test]
fn alerts_fire_on_broken_clusters_and_fall_silent_when_these_are_mended() -> Outcome {
    tell(vec![
        ("down", Scene::start("A/A B/C C/B", true)?, a_shard_is_lost_with_its_zone),
        ("part", Scene::start("A/B B/C C/A", false)?, a_part_of_the_slots_is_lost),
        ("moved", moved()?, roles_are_moved_and_back),
    ])
}

/// Seven minutes: the rules of these look that far back.
#[test]
#[ignore = "make soak"]
fn alerts_that_look_back_for_minutes_fire_and_fall_silent_as_well() -> Outcome {
    tell(vec![
        ("dark", Scene::start("A/B B/C C/A", true)?, no_node_answers),
        ("keys", Scene::start("A/B B/C C/A", true)?, the_password_is_another),
        ("astray", Scene::start("A/B B/C C/A", true)?, a_node_announces_what_nobody_reaches),
    ])
}

fn a_shard_is_lost_with_its_zone(prometheus: &Prometheus, name: &str, scene: &Scene) -> Outcome {
    let cluster = &scene.cluster;
    prometheus.wait_for("RedisShardInOneZone", name)?;
    cluster.kill("m0,r0")?;
    prometheus.wait_for("RedisClusterDown", name)?;
    prometheus.wait_for("RedisNodesFailed", name)?;
    let firing = prometheus.alerts()?;
    assert!(
        !firing.contains(&("RedisSlotsUncovered".to_owned(), name.to_owned())),
        "one event is one page: {firing:?}"
    );
    cluster.restart("m0,r0")?;
    prometheus.wait_for_silence(&["RedisClusterDown", "RedisNodesFailed"], name)?;
    cluster.wait_until_whole(SOON)?;
    let id = |node: &str| cluster.node(node).map(|node| node.id.expect("it is of the layout"));
    cluster.command("r1", &["CLUSTER", "REPLICATE", &id("m0")?])?;
    cluster.command("r0", &["CLUSTER", "REPLICATE", &id("m1")?])?;
    prometheus.wait_for_silence(&["RedisShardInOneZone", "RedisNoPromotableReplica"], name)
}

fn a_part_of_the_slots_is_lost(prometheus: &Prometheus, name: &str, scene: &Scene) -> Outcome {
    scene.cluster.kill("r1")?;
    prometheus.wait_for("RedisNoPromotableReplica", name)?;
    scene.cluster.kill("m1")?;
    prometheus.wait_for("RedisSlotsUncovered", name)?;
    scene.cluster.restart("m1,r1")?;
    prometheus.wait_for_silence(&["RedisSlotsUncovered", "RedisNoPromotableReplica", "RedisNodesFailed"], name)?;
    scene.set("r2", "cluster-replica-no-failover", "yes")?;
    prometheus.wait_for("RedisAuditFinding", name)?;
    scene.set("r2", "cluster-replica-no-failover", "no")?;
    prometheus.wait_for_silence(&["RedisAuditFinding"], name)
}

/// Five masters in five zones, and a baseline; the replicas of two of them stand in the zone of a third.
fn moved() -> Outcome<Scene> {
    let cluster = Cluster::start(&options("A/C B/C C/A A/B B/A"))?;
    let host = |node: &str| cluster.node(node).map(|node| node.host.to_string());
    let mut zones = Vec::new();
    for (zone, nodes) in
        [["m0", "r4"].as_slice(), &["m1"], &["m2", "r0", "r1"], &["m3", "r2"], &["m4", "r3"]].iter().enumerate()
    {
        let hosts: Vec<String> = nodes.iter().map(|node| host(node)).collect::<Outcome<_>>()?;
        zones.extend(["--zone".to_owned(), format!("z{zone}={}", hosts.join(","))]);
    }
    let zones: Vec<&str> = zones.iter().map(String::as_str).collect();
    let seeds = cluster.seeds();
    let output = program(&[&["baseline", seeds.as_str()], &zones[..]].concat())?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("moved.baseline");
    fs::write(&file, output.stdout)?;
    let arguments = [&zones[..], &["--baseline", file.to_str().expect("a name of letters")]].concat();
    let mut scene = Scene::of(cluster, &arguments)?;
    // It is read anew for each audit.
    scene.folder = Some(folder);
    Ok(scene)
}

fn roles_are_moved_and_back(prometheus: &Prometheus, name: &str, scene: &Scene) -> Outcome {
    scene.cluster.failover("r0", SOON)?;
    prometheus.wait_for("RedisMastersInOneZone", name)?;
    prometheus.wait_for("RedisLayoutDrift", name)?;
    scene.cluster.failover("r1", SOON)?;
    prometheus.wait_for("RedisQuorumAtRisk", name)?;
    scene.cluster.failover("m0", SOON)?;
    scene.cluster.failover("m1", SOON)?;
    prometheus.wait_for_silence(&["RedisQuorumAtRisk", "RedisMastersInOneZone", "RedisLayoutDrift"], name)
}

fn no_node_answers(prometheus: &Prometheus, name: &str, scene: &Scene) -> Outcome {
    scene.cluster.stop("all")?;
    prometheus.wait_for("SlotkeeperTopologyRefreshFailing", name)?;
    prometheus.wait_for("SlotkeeperTopologyStale", name)?;
    scene.cluster.resume("all")?;
    prometheus.wait_for_silence(&["SlotkeeperTopologyRefreshFailing", "SlotkeeperTopologyStale"], name)
}

fn the_password_is_another(prometheus: &Prometheus, name: &str, scene: &Scene) -> Outcome {
    let nodes = scene.cluster.nodes();
    let mut doors = nodes.iter().map(|node| scene.cluster.connect(&node.name)).collect::<Outcome<Vec<_>>>()?;
    for door in &mut doors {
        door.command(&["CONFIG", "SET", "requirepass", "another"])?;
        door.command(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"])?;
    }
    prometheus.wait_for("SlotkeeperCredentialsRefused", name)?;
    for door in &mut doors {
        door.command(&["CONFIG", "SET", "requirepass", PASSWORD])?;
    }
    prometheus.wait_for_silence(&["SlotkeeperCredentialsRefused", "SlotkeeperTopologyStale"], name)
}

fn a_node_announces_what_nobody_reaches(prometheus: &Prometheus, name: &str, scene: &Scene) -> Outcome {
    scene.set("r1", "cluster-announce-port", "1")?;
    prometheus.wait_for("SlotkeeperNodesUnreachable", name)?;
    scene.set("r1", "cluster-announce-port", "0")?;
    prometheus.wait_for_silence(&["SlotkeeperNodesUnreachable"], name)
}

fn program(arguments: &[&str]) -> Outcome<Output> {
    Ok(Command::new(PROGRAM).args(arguments).env("SLOTKEEPER_PASSWORD", PASSWORD).output()?)
}
