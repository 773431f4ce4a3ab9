//! Where a command has its cluster from: from its nodes, all of which are asked, or from a saved CLUSTER NODES text.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use slotkeeper::cluster::merge::topology_of;
use slotkeeper::cluster::nodes::{Node, NodeId};
use slotkeeper::cluster::nodes_reply::MAX_REPLY;
use slotkeeper::cluster::topology::Topology;
use slotkeeper::cluster::zone::{Placement, Zones};
use slotkeeper::policy::outlook::Circumstances;
use slotkeeper::policy::readings::Readings;
use slotkeeper::{Config, parse_nodes, survey};

use crate::settings::Settings;
use crate::{Failure, input, tell};

/// Where the cluster is from.
#[derive(clap::Args)]
pub struct Source {
    #[command(flatten)]
    seeds: Seeds,
    /// A saved CLUSTER NODES text, or a nodes.conf file, instead of a cluster that runs; - is the
    /// standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["seeds", "timeout"])]
    file: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
}

/// The nodes to start from, and for how long.
#[derive(clap::Args)]
pub struct Seeds {
    /// Nodes to start from, host:port or [ipv6]:port, between commas or blanks; one that lives is
    /// enough. Without any, the property seeds tells them
    #[arg(value_name = "SEEDS")]
    seeds: Vec<String>,
    /// When to give up, all told
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub timeout: Duration,
}

/// A cluster as a command sees it.
pub struct Scene {
    /// What the nodes, or the file, agree on.
    pub topology: Topology,
    /// Where the nodes stand: as configured, else as they say themselves.
    pub placement: Placement,
    /// What each node has told of itself; empty for a file.
    pub readings: HashMap<NodeId, Readings>,
    /// What could not be learned, a sentence each.
    pub gaps: Vec<String>,
}

impl Source {
    /// Reads the file, or asks the cluster. What could not be learned is told on the standard error as well.
    ///
    /// # Errors
    /// There is no cluster: no seed, no such file, nobody answers in time.
    pub fn read(&self) -> Result<Scene, Failure> {
        self.read_with(&self.config()?)
    }

    /// The properties that count here, for who needs others of them too.
    pub fn config(&self) -> Result<Config, Failure> {
        let mut config = self.settings.read(Config::new())?;
        self.seeds.put_into(&mut config)?;
        Ok(config)
    }

    /// As [`Self::read`], with what [`Self::config`] gave.
    pub fn read_with(&self, config: &Config) -> Result<Scene, Failure> {
        let scene = match &self.file {
            Some(path) => Scene::of_file(path, config.zones())?,
            None => Scene::of_cluster(config, self.seeds.timeout)?,
        };
        scene.gaps.iter().for_each(|gap| tell(gap));
        Ok(scene)
    }
}

impl Seeds {
    /// Sets the property `seeds`, if there are any.
    pub fn put_into(&self, config: &mut Config) -> Result<(), Failure> {
        if !self.seeds.is_empty() {
            config.set("seeds", &self.seeds.join(" "))?;
        }
        Ok(())
    }
}

impl Scene {
    fn of_cluster(config: &Config, timeout: Duration) -> Result<Self, Failure> {
        let seen = survey(config, timeout)?;
        let announced = |id| seen.readings.get(&id).and_then(|told: &Readings| told.availability_zone.as_deref());
        let placement = config.zones().place_announced(seen.topology.nodes(), announced);
        let gaps = seen.gaps.iter().map(ToString::to_string).collect();
        Ok(Self { topology: seen.topology, placement, readings: seen.readings, gaps })
    }

    /// The cluster of a saved CLUSTER NODES text; nothing is told of its problems but here.
    pub fn of_file(path: &Path, zones: &Zones) -> Result<Self, Failure> {
        let name = input::name(path);
        let unusable = |reason: &str| Failure::Unusable(format!("{name}: {reason}"));
        let text = input::read(path, MAX_REPLY)?;
        let reply = parse_nodes(&text).map_err(|error| unusable(error.message()))?;
        let mut gaps: Vec<String> =
            reply.problems.iter().map(|problem| format!("{name}: line {}: {}", problem.line, problem.reason)).collect();
        let untold = reply.problem_count - gaps.len();
        if untold > 0 {
            gaps.push(format!("{name}: {untold} more problems, which are not told"));
        }
        let topology = topology_of(reply).map_err(|error| unusable(error.message()))?;
        let placement = zones.place(topology.nodes());
        Ok(Self { topology: topology.judged(&Circumstances::default()), placement, readings: HashMap::new(), gaps })
    }

    /// The name of the node's zone; `None` if nobody knows it.
    pub fn zone(&self, node: Node<'_>) -> Option<&str> {
        self.topology.position(node.id()).and_then(|place| self.placement.name(place))
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let allowed = 0.01..=3600.0;
    let seconds = text.parse().ok().filter(|seconds| allowed.contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| "allowed are 0.01 to 3600 seconds".to_owned())
}
