//! One look at a whole cluster, for those who judge its layout: every node is asked for its view, its settings and its replication.
//!
//! First the seeds, as in a round. Then every node that the cluster holds for alive, so that each speaks for itself: only a master tells of
//! its slots on the move, only a replica of its link, and settings differ from node to node. What a node may not tell, since an ACL forbids
//! it or the command was renamed, stays unknown, and is told as such; so does what a node that does not answer would have said.
//!
//! What is read, and what it means, is the business of [`crate::policy::readings`].

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use redis::Value;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::access::Access;
use super::connection::Connection;
use super::probe::{Talk, converse, take_settings, view};
use super::round::{self, Target};
use super::worker::Worker;
use crate::cluster::address::Address;
use crate::cluster::merge::{Rejection, merge, rejected};
use crate::cluster::nodes::{Flags, NodeId};
use crate::cluster::topology::Topology;
use crate::cluster::view::View;
use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::policy::outlook::Circumstances;
use crate::policy::readings::Readings;
use crate::policy::verdict::Failure;
use crate::words::list;

/// So many nodes are asked at once, and so many views are held until they are merged.
const AT_ONCE: usize = 32;

/// What was seen.
#[derive(Clone, Debug)]
pub struct Survey {
    /// All views, merged.
    pub topology: Topology,
    /// What each node that answered has told of itself.
    pub readings: HashMap<NodeId, Readings>,
    /// What could not be learned, in the order of the nodes' addresses.
    pub gaps: Vec<Gap>,
}

/// Something that a node has not told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// The node.
    pub node: Address,
    /// What is missing, and why, in the server's words or the system's.
    pub reason: String,
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.node, self.reason)
    }
}

/// Asks every node of the cluster behind the configured seeds. Blocks, at most for `timeout`; each node gets `probe.timeout-ms` of it. A node
/// that has not answered by then is a gap, not an error.
///
/// # Errors
/// [`ErrorKind::Timeout`] if no seed gives a view that can be used; the message says what each of them said.
/// [`ErrorKind::MissingProperty`] or [`ErrorKind::InvalidAddress`] if no seed can be asked, [`ErrorKind::InvalidValue`] for a file of TLS that
/// cannot be used, [`ErrorKind::System`] if the worker thread cannot be started.
pub fn survey(config: &Config, timeout: Duration) -> Result<Survey, Error> {
    let surveyor = Surveyor {
        access: Arc::new(Access::new(config)?),
        seeds: config.seed_addresses()?,
        patience: config.probe_timeout.min(timeout),
        timeout,
    };
    let worker = Worker::shared()?;
    let (sender, receiver) = mpsc::sync_channel(1);
    let task = worker.handle().spawn(async move {
        // The receiver is gone only if the caller has given up.
        let _ = sender.send(surveyor.run().await);
    });
    // The survey keeps its own deadline; the second more is for a machine that stands still.
    receiver.recv_timeout(timeout.saturating_add(Duration::from_secs(1))).map_err(|error| {
        task.abort();
        Error::new(ErrorKind::System, format!("the survey has not ended: {error}"))
    })?
}

struct Surveyor {
    access: Arc<Access>,
    seeds: Vec<Address>,
    /// For one node.
    patience: Duration,
    /// All told.
    timeout: Duration,
}

impl Surveyor {
    async fn run(self) -> Result<Survey, Error> {
        let deadline = Instant::now() + self.timeout;
        let mut views = self.ask_seeds().await?;
        let merged = merge(None, &views);
        self.access.trust(&views, &merged);
        let mut topology = merged.topology.ok_or_else(|| unusable(&views, &merged.rejections))?;

        let mut readings = HashMap::new();
        let mut gaps = Vec::new();
        let mut known = None;
        let nodes: Vec<(NodeId, Address)> = topology
            .addresses()
            .filter(|(node, _)| !node.has(Flags::FAILED))
            .map(|(node, address)| (node.id(), address))
            .collect();
        let mut waiting = nodes.into_iter();
        let mut conversations = JoinSet::new();
        loop {
            while conversations.len() < AT_ONCE
                && let Some((id, address)) = waiting.next()
            {
                conversations.spawn(interview(self.access.clone(), id, address, self.patience, deadline));
            }
            match conversations.join_next().await {
                Some(Ok(Interview { id, address, outcome: Ok(told) })) => {
                    readings.insert(id, told.readings);
                    gaps.extend(told.refusals.into_iter().map(|reason| Gap { node: address.clone(), reason }));
                    views.push(told.view);
                }
                Some(Ok(Interview { address, outcome: Err(reason), .. })) => gaps.push(Gap { node: address, reason }),
                Some(Err(panic)) => log::error!(target: "slotkeeper", "a conversation ended in a panic: {panic}"),
                None => break,
            }
            if views.len() >= AT_ONCE {
                known = merge(known.as_ref(), &std::mem::take(&mut views)).topology.or(known);
            }
        }
        topology = merge(known.as_ref(), &views).topology.or(known).unwrap_or(topology);
        gaps.sort();
        let full_coverage = readings.values().filter_map(|told: &Readings| told.full_coverage).max();
        let circumstances = Circumstances { full_coverage, ..Circumstances::default() };
        Ok(Survey { topology: topology.judged(&circumstances), readings, gaps })
    }

    async fn ask_seeds(&self) -> Result<Vec<View>, Error> {
        let target = |address: &Address| Target {
            address: address.clone(),
            wanted: true,
            for_settings: false,
            connection: None,
        };
        let answers = round::ask(&self.access, self.seeds.iter().map(target).collect(), self.patience).await;
        let mut views = Vec::new();
        let mut failures = Vec::new();
        for answer in answers.answers {
            match answer.outcome {
                Ok((view, ..)) => views.push(view),
                Err(failure) => failures.push(told_of(&answer.address, &failure)),
            }
        }
        failures.sort();
        if views.is_empty() { Err(no_view(&failures)) } else { Ok(views) }
    }
}

fn unusable(views: &[View], rejections: &[Option<Rejection>]) -> Error {
    let reasons = rejected(views, rejections).map(|(view, rejection)| format!("{}: {}", view.from, rejection.reason()));
    no_view(&reasons.collect::<Vec<_>>())
}

fn no_view(reasons: &[String]) -> Error {
    Error::new(ErrorKind::Timeout, format!("no seed gives a view that can be used: {}", list(reasons, "; ")))
}

fn told_of(address: &Address, failure: &Failure) -> String {
    format!("{address}: {} ({})", failure.verdict, failure.detail)
}

/// What came of asking one node.
struct Interview {
    id: NodeId,
    address: Address,
    outcome: Result<Told, String>,
}

async fn interview(
    access: Arc<Access>,
    id: NodeId,
    address: Address,
    patience: Duration,
    deadline: Instant,
) -> Interview {
    let conversation = timeout_at(deadline, converse(access, address.clone(), None, patience, AskAll)).await;
    let outcome = match conversation {
        Err(_) => Err("it was not waited for any longer".to_owned()),
        Ok(Err(failure)) => Err(format!("{} ({})", failure.verdict, failure.detail)),
        Ok(Ok((told, _))) if told.view.id() != Some(id) => Err(format!("another node answers there than {id}")),
        Ok(Ok((told, _))) => Ok(told),
    };
    Interview { id, address, outcome }
}

/// What one node has told.
struct Told {
    view: View,
    readings: Readings,
    /// What it may not tell.
    refusals: Vec<String>,
}

/// Asks for everything that is judged.
struct AskAll;

impl Talk for AskAll {
    type Answer = Told;

    async fn over(&self, connection: &mut Connection, from: &Address) -> Result<Told, Failure> {
        let view = view(connection, from).await?;
        let mut told = Told { view, readings: Readings::default(), refusals: Vec::new() };
        // Before 7.0 CONFIG GET takes one name only, which may be a pattern.
        let questions =
            ["CONFIG GET cluster-*", "CONFIG GET repl-ping-*", "CONFIG GET min-*", "INFO replication", "INFO server"];
        let replies = connection.ask(&questions.map(command)).await?;
        for (question, reply) in questions.into_iter().zip(replies) {
            if let Err(refusal) = told.take(reply) {
                told.refusals.push(format!("{question}: {refusal}"));
            }
        }
        // Two questions of one command are refused for one reason.
        told.refusals.dedup_by(|next, refusal| next.split(' ').next() == refusal.split(' ').next());
        Ok(told)
    }
}

impl Told {
    fn take(&mut self, reply: Value) -> Result<(), String> {
        match reply {
            Value::BulkString(bytes) => {
                self.readings.take_info(&String::from_utf8_lossy(&bytes));
                Ok(())
            }
            other => take_settings(&mut self.readings, other),
        }
    }
}

fn command(words: &str) -> redis::Cmd {
    let mut words = words.split(' ');
    let mut command = redis::cmd(words.next().unwrap_or_default());
    words.for_each(|word| {
        command.arg(word);
    });
    command
}
