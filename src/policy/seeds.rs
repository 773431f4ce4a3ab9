//! Which seeds a client is given, and how long the rest is waited for.
//!
//! From the first healthy seed on, the others get a grace; so dead seeds cost at most the grace, whatever their number and the
//! way they died. Nothing healthy: the wait goes on to the deadline. A lone healthy seed whose view names none of the other
//! seeds may be an outsider that happened to answer first: it waits longer for a second one.
//!
//! While no seed is healthy, the nodes of the last-known-good file are asked as well. As soon as a seed is, it is as if they
//! had never been asked: a start with living seeds is never slower for the file, and never depends on it.

use std::time::Duration;

use crate::cluster::address::Address;
use crate::cluster::merge::{Rejection, judge};
use crate::cluster::nodes::Node;
use crate::cluster::view::View;

/// How long a lone healthy seed that names none of the others waits for a second one.
pub const SECOND_OPINION: Duration = Duration::from_secs(1);

/// When the nodes of the last-known-good file are asked as well, if no seed is healthy by then; earlier if no seed is left that could be.
pub const FILE_AFTER: Duration = Duration::from_millis(500);

/// How long to wait, from the configuration.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// From the first healthy seed on.
    pub grace: Duration,
    /// From the start, all told.
    pub deadline: Duration,
    /// Wait for every seed, up to the deadline.
    pub all: bool,
}

/// How far the probes are: of the seeds, or of the nodes of the file.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// Those that were asked and have not answered.
    pub pending: usize,
    /// Those that answered and can be started from, so far.
    pub healthy: usize,
    /// When the first of them answered, since the start.
    pub first_healthy: Option<Duration>,
    /// Whether a healthy one's view names another one.
    pub confirmed: bool,
}

/// When, since the start, the nodes of the file are to be asked; `None` if not at all.
pub fn ask_file_at(seeds: Progress) -> Option<Duration> {
    match seeds {
        Progress { healthy: 1.., .. } => None,
        Progress { pending: 0, .. } => Some(Duration::ZERO),
        _ => Some(FILE_AFTER),
    }
}

/// Until when, since the start, answers are waited for; `None` if there is nothing to wait for. `file` is how far the nodes of the
/// file are, which counts only as long as no seed is healthy.
pub fn wait_until(patience: Patience, seeds: Progress, file: Progress) -> Option<Duration> {
    let heard = if seeds.healthy > 0 { seeds } else { Progress { pending: seeds.pending + file.pending, ..file } };
    if heard.pending == 0 {
        return None;
    }
    let Some(first) = heard.first_healthy else { return Some(patience.deadline) };
    if patience.all && seeds.pending > 0 {
        return Some(patience.deadline);
    }
    let wait = if heard.healthy == 1 && !heard.confirmed { SECOND_OPINION.max(patience.grace) } else { patience.grace };
    Some((first + wait).min(patience.deadline))
}

/// Whether a view names a node other than its own at one of these addresses.
pub fn names_any(view: &View, addresses: &[Address]) -> bool {
    let own = view.id();
    view.nodes().iter().any(|node| Some(node.id()) != own && is_at_any(node, addresses))
}

/// Whether a node is at one of these addresses, by IP or by announced host name.
pub fn is_at_any(node: Node<'_>, addresses: &[Address]) -> bool {
    addresses.iter().any(|a| node.port() == a.port() && (node.host() == a.host() || node.hostname() == a.host()))
}

/// For each view of a seed that looks healthy the reason why a client must not start from it: it knows no slots, or is an
/// outsider among these views. A view is not held against its seed for being in a minority or behind: a client recovers from that.
pub fn outsiders(views: &[View]) -> Vec<Option<Rejection>> {
    judge(None, views)
        .into_iter()
        .map(|rejection| rejection.filter(|r| matches!(r, Rejection::Empty | Rejection::Foreign | Rejection::Outsider)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience =
        Patience { grace: Duration::from_millis(200), deadline: Duration::from_millis(5000), all: false };

    fn ms(ms: u64) -> Option<Duration> {
        Some(Duration::from_millis(ms))
    }

    const NONE: Progress = Progress { pending: 0, healthy: 0, first_healthy: None, confirmed: false };

    #[test]
    fn nothing_pending_nothing_waited_for() {
        assert_eq!(wait_until(PATIENCE, NONE, NONE), None);
    }

    #[test]
    fn nothing_healthy_waits_to_the_deadline() {
        assert_eq!(wait_until(PATIENCE, Progress { pending: 1, ..NONE }, NONE), ms(5000));
    }

    #[test]
    fn the_grace_starts_with_the_first_healthy_seed() {
        let progress = Progress { pending: 9, healthy: 1, first_healthy: ms(3), confirmed: true };
        assert_eq!(wait_until(PATIENCE, progress, NONE), ms(203));
        assert_eq!(wait_until(PATIENCE, Progress { first_healthy: ms(4900), ..progress }, NONE), ms(5000));
    }

    #[test]
    fn a_lone_unconfirmed_seed_waits_for_a_second_one() {
        let lone = Progress { pending: 9, healthy: 1, first_healthy: ms(3), confirmed: false };
        assert_eq!(wait_until(PATIENCE, lone, NONE), ms(1003));
        assert_eq!(wait_until(PATIENCE, Progress { healthy: 2, ..lone }, NONE), ms(203));
    }

    #[test]
    fn all_waits_for_all_seeds_but_not_for_nodes_of_the_file() {
        let all = Patience { all: true, ..PATIENCE };
        let heard = Progress { pending: 1, healthy: 9, first_healthy: ms(3), confirmed: true };
        assert_eq!(wait_until(all, heard, NONE), ms(5000));
        assert_eq!(wait_until(all, NONE, heard), ms(203));
        assert_eq!(wait_until(all, Progress { pending: 1, ..NONE }, heard), ms(5000));
    }

    #[test]
    fn the_file_is_asked_when_no_seed_is_healthy_in_time_or_none_can_be() {
        let pending = Progress { pending: 1, ..NONE };
        assert_eq!(ask_file_at(pending), Some(FILE_AFTER));
        assert_eq!(ask_file_at(NONE), Some(Duration::ZERO));
        assert_eq!(ask_file_at(Progress { healthy: 1, first_healthy: ms(700), ..pending }), None);
    }

    #[test]
    fn nodes_of_the_file_give_the_seeds_their_grace_and_count_for_nothing_once_a_seed_is_healthy() {
        let seeds = Progress { pending: 3, ..NONE };
        let file = Progress { pending: 4, healthy: 2, first_healthy: ms(510), confirmed: true };
        assert_eq!(wait_until(PATIENCE, seeds, Progress { pending: 6, ..NONE }), ms(5000));
        assert_eq!(wait_until(PATIENCE, seeds, file), ms(710));
        let seeds = Progress { healthy: 1, first_healthy: ms(600), confirmed: true, ..seeds };
        assert_eq!(wait_until(PATIENCE, seeds, file), ms(800));
        assert_eq!(wait_until(PATIENCE, Progress { pending: 0, ..seeds }, file), None);
    }
}
