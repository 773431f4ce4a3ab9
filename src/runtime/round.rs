//! One round: some nodes asked side by side, each under its own deadline, until enough has been heard.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::access::Access;
use super::connection::Connection;
use super::probe::{AskView, converse};
use crate::cluster::address::Address;
use crate::cluster::view::View;
use crate::policy::readings::Readings;
use crate::policy::verdict::Failure;

/// From the first view on, the others get this long: a node that is dead and not yet known to be costs no more.
const GRACE: Duration = Duration::from_millis(100);

/// Once all whose word is wanted have spoken, the others get this long.
const SECOND_OPINION: Duration = Duration::from_millis(20);

/// A node to ask, on the kept connection if there is one.
pub(super) struct Target {
    pub(super) address: Address,
    /// Whether the round is about this node's word, and not only about a further one.
    pub(super) wanted: bool,
    /// Whether it is asked for its settings as well.
    pub(super) for_settings: bool,
    pub(super) connection: Option<Connection>,
}

/// What came of a round.
#[derive(Default)]
pub(super) struct Answers {
    /// In the order in which they came.
    pub(super) answers: Vec<Answer>,
    /// Those that were not waited for.
    pub(super) late: HashSet<Address>,
}

/// What came of asking one node.
pub(super) struct Answer {
    pub(super) address: Address,
    pub(super) outcome: Result<(View, Option<Readings>, Connection), Failure>,
}

/// Asks all `targets` at once. Ends when all have answered or failed; or, once there is a view, [`GRACE`] after it, or
/// [`SECOND_OPINION`] after the last of those whose word is wanted.
pub(super) async fn ask(access: &Arc<Access>, targets: Vec<Target>, patience: Duration) -> Answers {
    ask_until(access, targets, patience, None).await
}

/// The same for those who may well be dead: ends [`GRACE`] from now.
pub(super) async fn ask_briefly(access: &Arc<Access>, targets: Vec<Target>, patience: Duration) -> Answers {
    ask_until(access, targets, patience, Some(Instant::now() + GRACE)).await
}

async fn ask_until(
    access: &Arc<Access>,
    targets: Vec<Target>,
    patience: Duration,
    mut end: Option<Instant>,
) -> Answers {
    let mut conversations = JoinSet::new();
    let mut wanted: HashSet<Address> = targets.iter().filter(|t| t.wanted).map(|t| t.address.clone()).collect();
    let mut told =
        Answers { late: targets.iter().map(|target| target.address.clone()).collect(), ..Answers::default() };
    for target in targets {
        conversations.spawn(question(access.clone(), target, patience));
    }
    loop {
        // No conversation outlasts its own patience: without an end yet, the last of them is it.
        let next = match end {
            Some(end) => timeout_at(end, conversations.join_next()).await.unwrap_or_default(),
            None => conversations.join_next().await,
        };
        match next {
            Some(Ok(answer)) => {
                wanted.remove(&answer.address);
                told.late.remove(&answer.address);
                told.answers.push(answer);
                if told.answers.iter().any(|answer| answer.outcome.is_ok()) {
                    let patience = if wanted.is_empty() { SECOND_OPINION } else { GRACE };
                    let until = Instant::now() + patience;
                    end = Some(end.map_or(until, |end| end.min(until)));
                }
            }
            Some(Err(panic)) => log::error!(target: "slotkeeper", "a conversation ended in a panic: {panic}"),
            None => return told,
        }
    }
}

async fn question(access: Arc<Access>, target: Target, patience: Duration) -> Answer {
    let Target { address, connection, for_settings, .. } = target;
    let outcome = converse(access, address.clone(), connection, patience, AskView { for_settings }).await;
    Answer { address, outcome: outcome.map(|((view, settings), connection)| (view, settings, connection)) }
}
