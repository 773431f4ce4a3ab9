//! One conversation with one node: it is asked for its view, or by a pulse whether anything has changed.

use std::sync::Arc;
use std::time::Duration;

use redis::Value;
use tokio::time::{Instant, timeout};

use super::access::{Access, refused};
use super::connection::{Connection, dial};
use super::names::{first_of, resolve};
use crate::cluster::address::Address;
use crate::cluster::info_reply::parse_info;
use crate::cluster::nodes_reply::parse_nodes;
use crate::cluster::view::View;
use crate::error::quote;
use crate::policy::pulse::{Question, sign_of_info, sign_of_losses, sign_of_nodes};
use crate::policy::readings::Readings;
use crate::policy::verdict::{Failure, Verdict};

/// A timer that fires so much too late tells that this process stood still (paused, swapped out, starved). Then silence says nothing
/// about the node.
const STOOD_STILL: Duration = Duration::from_millis(100);

/// So often is asked again for that reason.
const ATTEMPTS: usize = 3;

/// What a pulse brought.
pub(super) struct Pulse {
    pub(super) question: Question,
    /// Changes with what the node says.
    pub(super) sign: u64,
    /// Of the reply.
    pub(super) bytes: usize,
    pub(super) took: Duration,
}

/// What is said to a node.
pub(super) trait Talk: Send + Sync {
    type Answer: Send;

    /// Says it over `connection`, which was dialled at `from`.
    fn over(
        &self,
        connection: &mut Connection,
        from: &Address,
    ) -> impl Future<Output = Result<Self::Answer, Failure>> + Send;
}

/// Asks for the node's view, and if wanted for its settings.
pub(super) struct AskView {
    pub(super) for_settings: bool,
}

impl Talk for AskView {
    type Answer = (View, Option<Readings>);

    async fn over(&self, connection: &mut Connection, from: &Address) -> Result<Self::Answer, Failure> {
        let view = view(connection, from).await?;
        let settings = if self.for_settings { Some(settings(connection).await?) } else { None };
        Ok((view, settings))
    }
}

/// Asks one question, and makes a sign of the answer.
impl Talk for Question {
    type Answer = Pulse;

    async fn over(&self, connection: &mut Connection, _: &Address) -> Result<Pulse, Failure> {
        pulse(connection, *self).await
    }
}

/// Talks to the node at `address`, and counts what came of it. On the kept connection if there is one, and if that does not work out
/// (the server may have closed an idle one), on a fresh one, which alone tells whether the node lives. Each of the two gets its part
/// of `patience`.
pub(super) async fn converse<T: Talk>(
    access: Arc<Access>,
    address: Address,
    kept: Option<Connection>,
    patience: Duration,
    talk: T,
) -> Result<(T::Answer, Connection), Failure> {
    let outcome = talk_to(&access, address, kept, patience, talk).await;
    access.traffic.probed(outcome.as_ref().map_or_else(|failure| failure.verdict, |_| Verdict::Healthy));
    outcome
}

async fn talk_to<T: Talk>(
    access: &Arc<Access>,
    address: Address,
    kept: Option<Connection>,
    patience: Duration,
    talk: T,
) -> Result<(T::Answer, Connection), Failure> {
    let patience = if kept.is_some() { patience / 2 } else { patience };
    if let Some(mut connection) = kept {
        match timeout(patience, talk.over(&mut connection, &address)).await {
            Ok(Ok(answer)) => return Ok((answer, connection)),
            Ok(Err(failure)) => {
                log::debug!(target: "slotkeeper", "kept connection to {address}: {}", failure.detail);
            }
            Err(_) => log::debug!(target: "slotkeeper", "kept connection to {address}: no answer"),
        }
    }
    let (address, talk) = (&address, &talk);
    let over_new = |socket| async move {
        let mut connection = Connection::open(access, address, dial(socket).await?).await?;
        Ok((talk.over(&mut connection, address).await?, connection))
    };
    let fresh = async || first_of(&resolve(address).await?, over_new).await;
    for _ in 1..ATTEMPTS {
        let started = Instant::now();
        match timeout(patience, fresh()).await {
            Ok(outcome) => return outcome,
            Err(_) if started.elapsed() < patience + STOOD_STILL => return Err(silent(patience)),
            Err(_) => log::debug!(target: "slotkeeper", "this process stood still: {address} is asked again"),
        }
    }
    timeout(patience, fresh()).await.unwrap_or_else(|_| Err(silent(patience)))
}

fn silent(patience: Duration) -> Failure {
    Failure::new(Verdict::Silent, format!("no answer within {} ms", patience.as_millis()))
}

/// Asks the node behind `connection`, which was dialled at `from`, for its view: PING, CLUSTER INFO and CLUSTER NODES in one write.
pub(crate) async fn view(connection: &mut Connection, from: &Address) -> Result<View, Failure> {
    let replies = connection.ask(&[redis::cmd("PING"), cluster("INFO"), cluster("NODES")]).await?;
    let [pong, info, nodes] = <[Value; 3]>::try_from(replies).map_err(|_| protocol("a reply is missing"))?;
    match pong {
        Value::SimpleString(word) if word == "PONG" => {}
        Value::ServerError(error) => return Err(refused(&error)),
        other => return Err(protocol(&format!("PING was answered by {}", quote(other)))),
    }
    let info = parse_info(&text(info)?).map_err(|error| protocol(error.message()))?;
    let reply = parse_nodes(&text(nodes)?).map_err(|error| protocol(error.message()))?;
    if let Some(problem) = reply.problems.first() {
        log::warn!(
            target: "slotkeeper",
            "CLUSTER NODES of {from}: {} unreadable, the first in line {}: {}", reply.problem_count, problem.line, problem.reason
        );
    }
    Ok(View { from: from.clone(), reply, info })
}

async fn pulse(connection: &mut Connection, question: Question) -> Result<Pulse, Failure> {
    let started = Instant::now();
    let command = match question {
        Question::Nodes => cluster("NODES"),
        Question::Info | Question::Losses => cluster("INFO"),
    };
    let [reply] =
        <[Value; 1]>::try_from(connection.ask(&[command]).await?).map_err(|_| protocol("the reply is missing"))?;
    let text = text(reply)?;
    let sign = match question {
        Question::Nodes => parse_nodes(&text).map(|reply| sign_of_nodes(&reply.nodes)),
        Question::Info => parse_info(&text).map(|info| sign_of_info(&info)),
        Question::Losses => parse_info(&text).map(|info| sign_of_losses(&info)),
    };
    let sign = sign.map_err(|error| protocol(error.message()))?;
    Ok(Pulse { question, sign, bytes: text.len(), took: started.elapsed() })
}

/// Asks for the node's settings. An ACL may forbid CONFIG, or it may have been renamed: then nothing is known.
async fn settings(connection: &mut Connection) -> Result<Readings, Failure> {
    // Before 7.0 only one name is taken, which may be a pattern.
    let mut command = redis::cmd("CONFIG");
    command.arg("GET").arg("cluster-*");
    let mut readings = Readings::default();
    if let Some(reply) = connection.ask(&[command]).await?.pop()
        && let Err(refusal) = take_settings(&mut readings, reply)
    {
        log::debug!(target: "slotkeeper", "CONFIG GET: {refusal}");
    }
    Ok(readings)
}

/// Takes down the reply to a CONFIG GET; an error says why it tells nothing.
pub(super) fn take_settings(readings: &mut Readings, reply: Value) -> Result<(), String> {
    if let Value::ServerError(error) = reply {
        return Err(refused(&error).detail);
    }
    let words: Vec<String> = redis::from_redis_value(reply).map_err(|error| error.to_string())?;
    readings.take_settings(words.chunks_exact(2).map(|pair| (&*pair[0], &*pair[1])));
    Ok(())
}

fn cluster(what: &str) -> redis::Cmd {
    let mut command = redis::cmd("CLUSTER");
    command.arg(what);
    command
}

/// The payload of a bulk or verbatim string.
fn text(value: Value) -> Result<Vec<u8>, Failure> {
    match value {
        Value::BulkString(bytes) => Ok(bytes),
        Value::VerbatimString { text, .. } => Ok(text.into_bytes()),
        Value::ServerError(error) => Err(refused(&error)),
        other => Err(protocol(&format!("a CLUSTER command was answered by {}", quote(other)))),
    }
}

fn protocol(detail: &str) -> Failure {
    Failure::new(Verdict::Protocol, detail)
}
