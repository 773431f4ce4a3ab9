//! A cluster, a keeper, and what was done to them: carries out steps and judges the keeper after each.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use slotkeeper::{Config, Keeper};

use crate::cluster::samples::Samples;
use crate::cluster::wait::until;
use crate::cluster::{Cluster, Extra, Options, Outcome, can_drop_packets};
use crate::never::violation;
use crate::plan::{Hurt, Plan, Step};
use crate::truth::{Facts, Seen, differences, facts_of, settled, without_disputed};
use crate::watch::Watch;

const PASSWORD: &str = "s3cret";
const OTHER_PASSWORD: &str = "0ther";

/// How often each node is asked what it believes.
const SAMPLE_EVERY: Duration = Duration::from_millis(15);

/// For so long the nodes may take to agree after a step.
const AGREED: Duration = Duration::from_secs(60);

/// For so long the keeper may be behind nodes that agree.
const LEARNED: Duration = Duration::from_secs(15);

/// The cluster of a seed, and the keeper that is judged.
pub struct World {
    /// The cluster.
    pub cluster: Cluster,
    samples: Samples,
    watch: Watch,
    plan: Plan,
    foreigner: Option<String>,
    is_foreigner_in: bool,
    stutter: Vec<(String, Child)>,
    /// Generations that were judged.
    pub generations: usize,
    /// Generations that were replaced before they could be noted.
    pub missed: u64,
}

impl World {
    /// Starts a cluster of this layout, each shard with one replica, and a keeper. So many of each node's words are kept to judge by.
    pub fn start(seed: u64, layout: &str, kept: usize) -> Outcome<World> {
        // Replicas that wander between shards would undo what the plan knows of shards.
        let options = Options::new(layout).password(PASSWORD).config("cluster-migration-barrier 100");
        let cluster = Cluster::start(&options)?;
        let keeper = open(&cluster, &[]);
        let watch = Watch::start("keeper", keeper);
        let samples = Samples::start(&cluster, SAMPLE_EVERY, kept);
        let shards = layout.split_whitespace().count();
        let mut world = World {
            cluster,
            samples,
            watch,
            plan: Plan::new(seed, shards, can_drop_packets()),
            foreigner: None,
            is_foreigner_in: false,
            stutter: Vec::new(),
            generations: 0,
            missed: 0,
        };
        world.judge()?;
        Ok(world)
    }

    /// Does the next thing, waits until the cluster has settled, and judges the keeper: its words on the way, and its last one.
    ///
    /// # Errors
    /// What the keeper said wrong; or that the cluster did not settle, or a step could not be done, which is no fault of the keeper.
    pub fn step(&mut self, tell: impl FnOnce(&Step)) -> Outcome {
        let step = self.plan.next();
        tell(&step);
        match &step {
            Step::Hurt(node, hurt) => self.hurt(node, *hurt)?,
            Step::Heal(node, hurt) => self.heal(node, *hurt)?,
            Step::Restart => {
                self.cluster.kill("all")?;
                self.cluster.restart("all")?;
                self.cluster.wait_until_whole(AGREED)?;
            }
            Step::Reshard { first, count, shard } => self.reshard(*first, *count, *shard)?,
            Step::Failover(shard) => {
                let replica = self.replica_of(*shard)?;
                self.cluster.failover(&replica, AGREED)?;
            }
            Step::Forget(shard) => {
                let replica = self.replica_of(*shard)?;
                self.cluster.forget(&replica)?;
                self.judge_without(&replica)?;
                self.meet(&replica)?;
            }
            Step::Reset(shard) => {
                let (master, replica) = self.shard(*shard)?;
                self.cluster.command(&replica, &["CLUSTER", "RESET", "SOFT"])?;
                self.judge()?;
                self.meet(&replica)?;
                let id = self.cluster.node(&master)?.id.ok_or("a node without an id")?;
                until("the replica to know its master again", AGREED, || {
                    let answer = self.cluster.command(&replica, &["CLUSTER", "REPLICATE", &id]);
                    answer.map(|_| ()).map_err(|failure| failure.to_string())
                })?;
            }
            Step::Foreign => self.foreign()?,
        }
        if let Step::Hurt(_, Hurt::Slow | Hurt::Locked) = step {
            // The cluster sees nothing of it; the keeper is to meet it.
            for _ in 0..5 {
                self.watch.keeper.refresh(LEARNED).map_err(|error| error.to_string())?;
            }
        }
        self.judge()?;
        if self.mend()? { self.judge() } else { Ok(()) }
    }

    /// Gives each shard its replica back; says whether one had gone.
    ///
    /// A node that comes back with an old map loses its slots to whoever owns them now, and copies who takes the last of them: after
    /// a resharding that may be the master of another shard (`clusterUpdateSlotsConfigWith` in the server's source).
    fn mend(&self) -> Outcome<bool> {
        let mut has_mended = false;
        for shard in 0..self.plan.shards() {
            let (master, replica) = self.shard(shard)?;
            if [&master, &replica].iter().any(|node| self.plan.hurt.contains_key(*node)) {
                continue;
            }
            let id = |name: &str| self.cluster.node(name).map(|node| node.id.unwrap_or_default());
            let (master_id, replica_id) = (id(&master)?, id(&replica)?);
            let truth = until("the nodes to agree", AGREED, || self.settled(""))?;
            let copies = truth.get(&replica_id).and_then(|fact| fact.role.clone());
            if copies != Some(Seen::Replica(Some(master_id.clone()))) {
                self.cluster.command(&replica, &["CLUSTER", "REPLICATE", &master_id])?;
                until(&format!("{replica} to copy {master} again"), AGREED, || {
                    let truth = self.settled("")?;
                    let copies = truth.get(&replica_id).and_then(|fact| fact.role.clone());
                    if copies == Some(Seen::Replica(Some(master_id.clone()))) {
                        Ok(())
                    } else {
                        Err(format!("{copies:?}"))
                    }
                })?;
                has_mended = true;
            }
        }
        Ok(has_mended)
    }

    fn hurt(&mut self, node: &str, hurt: Hurt) -> Outcome {
        match hurt {
            Hurt::Killed => self.cluster.kill(node),
            Hurt::Stopped => self.cluster.stop(node),
            Hurt::Cut => self.cluster.drop_packets(node),
            Hurt::Locked => self.cluster.change_password(node, OTHER_PASSWORD),
            Hurt::Slow => {
                let pid = self.cluster.node(node)?.pid.ok_or("it does not run")?;
                // Ends by itself when the server does.
                let script =
                    format!("while kill -STOP {pid} && sleep 0.1 && kill -CONT {pid} && sleep 0.1; do :; done");
                let child = Command::new("sh").args(["-c", &script]).spawn().map_err(|error| error.to_string())?;
                self.stutter.push((node.to_owned(), child));
                Ok(())
            }
        }
    }

    fn heal(&mut self, node: &str, hurt: Hurt) -> Outcome {
        match hurt {
            Hurt::Killed => self.cluster.restart(node),
            Hurt::Stopped => self.cluster.resume(node),
            Hurt::Cut => self.cluster.heal(node),
            Hurt::Locked => self.cluster.change_password(node, PASSWORD),
            Hurt::Slow => {
                for (_, mut child) in self.stutter.extract_if(.., |(slow, _)| slow == node) {
                    child.kill().and_then(|()| child.wait()).map_err(|error| error.to_string())?;
                }
                self.cluster.resume(node)
            }
        }
    }

    fn reshard(&self, first: u16, count: u16, shard: usize) -> Outcome {
        let truth = self.cluster.truth()?;
        let from = truth.owner(first).ok_or("a slot without an owner")?.to_owned();
        let to = self.shard(shard)?.0;
        if from == to {
            return Ok(());
        }
        let last = (first..16384).take(count.into()).take_while(|&slot| truth.owner(slot) == Some(&from)).last();
        self.cluster.move_slots(&from, &to, first, last.unwrap_or(first))
    }

    /// A node that owns all slots in a cluster of its own joins by mistake, as when an address is typed wrong, and is thrown out.
    fn foreign(&mut self) -> Outcome {
        let name = match &self.foreigner {
            Some(name) => name.clone(),
            None => self.cluster.add('C', &Extra::Fresh)?.name,
        };
        self.foreigner = Some(name.clone());
        let slots: Vec<String> = (0..16384).map(|slot| slot.to_string()).collect();
        let words: Vec<&str> = ["CLUSTER", "ADDSLOTS"].into_iter().chain(slots.iter().map(String::as_str)).collect();
        self.cluster.command(&name, &words)?;
        let node = self.cluster.node(&name)?;
        self.cluster.command("m0", &["CLUSTER", "MEET", &node.host.to_string(), &node.port.to_string()])?;
        self.is_foreigner_in = true;
        self.judge()?;
        self.cluster.forget(&name)?;
        self.cluster.command(&name, &["CLUSTER", "RESET", "HARD"])?;
        self.is_foreigner_in = false;
        Ok(())
    }

    /// Lets all others meet a node: whom they have forgotten they would not learn of from each other.
    fn meet(&self, name: &str) -> Outcome {
        let node = self.cluster.node(name)?;
        for other in self.cluster.nodes().iter().filter(|other| other.shard.is_some() && other.name != name) {
            self.cluster.command(&other.name, &["CLUSTER", "MEET", &node.host.to_string(), &node.port.to_string()])?;
        }
        Ok(())
    }

    fn replica_of(&self, shard: usize) -> Outcome<String> {
        self.shard(shard).map(|(_, replica)| replica)
    }

    /// The master and the replica of a shard, as they are now.
    fn shard(&self, shard: usize) -> Outcome<(String, String)> {
        let truth = self.cluster.truth()?;
        let (one, other) = (format!("m{shard}"), format!("r{shard}"));
        Ok(if truth.slots_of(&one).is_empty() { (other, one) } else { (one, other) })
    }

    /// Whether the judgement is worth something: takes a generation for a failover old, and is told of it once all have known for long.
    pub fn check_judgement(&mut self) -> Outcome {
        let old = self.watch.keeper.topology().ok_or("no topology yet")?;
        let replica = self.replica_of(0)?;
        self.cluster.failover(&replica, AGREED)?;
        self.judge()?;
        let new = self.watch.keeper.topology().ok_or("no topology yet")?;
        until("the old generation to be called wrong", AGREED, || {
            let judged = |topology| violation(&self.samples, &(Instant::now(), topology));
            match (judged(old.clone()), judged(new.clone())) {
                (Some(_), None) => Ok(()),
                (old, new) => Err(format!("of the old one is said {old:?}, of the new one {new:?}")),
            }
        })
    }

    /// The keeper that is judged.
    pub fn keeper(&self) -> &Keeper {
        &self.watch.keeper
    }

    fn judge(&mut self) -> Outcome {
        self.judge_without("")
    }

    /// Waits until all agree, on a cluster in which `forgotten` is not; the keeper must come to agree as well, and have said nothing wrong.
    fn judge_without(&mut self, forgotten: &str) -> Outcome {
        let mut learned = self.learn(forgotten)?;
        // Servers that change their minds once more, as after a node with claims of its own was among them, are no fault of the keeper.
        if learned.is_err() && self.settled(forgotten).is_err() {
            learned = self.learn(forgotten)?;
        }
        learned?;
        let (published, missed) = self.watch.take();
        self.generations += published.len();
        self.missed += missed;
        match published.iter().find_map(|published| violation(&self.samples, published)) {
            Some(words) => Err(words.into()),
            None => Ok(()),
        }
    }

    /// Waits until all agree, then for the keeper to agree as well; says whether it did.
    fn learn(&self, forgotten: &str) -> Outcome<Outcome> {
        let agree = |limit| until("the nodes to agree after this step", limit, || self.settled(forgotten));
        if agree(AGREED / 2).is_err() {
            self.cluster.name_lost_owners()?;
            agree(AGREED / 2).map_err(|failure| failure.with(&self.cluster.describe_nodes()))?;
        }
        let agreed = Instant::now();
        let learned = until("the keeper to agree with the nodes, which agree", LEARNED, || {
            let topology = self.watch.keeper.topology().ok_or("no topology yet")?;
            let truth = self.settled(forgotten)?;
            let told = without_disputed(facts_of(&topology), &truth);
            if told == truth { Ok(()) } else { Err(format!("it says{}", differences(&truth, &told))) }
        });
        let status = format!("{:?}, {:?} after they had agreed", self.watch.keeper.status(), agreed.elapsed());
        Ok(learned.map_err(|failure| failure.with(&status).with(&self.cluster.describe_nodes())))
    }

    /// What all agree on, if that is what must have come of the steps so far.
    fn settled(&self, forgotten: &str) -> Result<Facts, String> {
        let facts = settled(&self.samples)?;
        let members = self.cluster.nodes().into_iter().filter(|node| node.shard.is_some());
        let mut expected = 0;
        for node in members.filter(|node| node.name != forgotten) {
            let fact = node.id.as_ref().and_then(|id| facts.get(id));
            let must_fail = self.plan.hurt.get(&node.name).is_some_and(|hurt| hurt.is_failure());
            match fact {
                Some(fact) if fact.has_failed == must_fail => expected += 1,
                _ => {
                    return Err(format!(
                        "{} is {fact:?}, and must {}have failed",
                        node.name,
                        if must_fail { "" } else { "not " }
                    ));
                }
            }
        }
        expected += usize::from(self.is_foreigner_in);
        if facts.len() == expected {
            Ok(facts)
        } else {
            Err(format!("{} nodes are known, and not {expected}", facts.len()))
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for (_, child) in &mut self.stutter {
            let _ = child.kill().and_then(|()| child.wait());
        }
    }
}

/// Opens a keeper for a cluster.
pub fn open(cluster: &Cluster, settings: &[(&str, &str)]) -> Keeper {
    let mut config = Config::new();
    let own = [("seeds", cluster.seeds()), ("password", PASSWORD.to_owned())];
    for (name, value) in own.iter().map(|(name, value)| (*name, value.as_str())).chain(settings.iter().copied()) {
        config.set(name, value).expect("the property can be set");
    }
    Keeper::open(&config).expect("the keeper opens")
}
