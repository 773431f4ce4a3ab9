//! What no generation may ever say: that a slot is nobody's, or a master's of old, while all masters have long said otherwise.
//!
//! Exact without false alarms: a generation is merged from views that were asked for at most one probe's time-out before it was published.
//! So what every master with a quorum has said of a slot, without a gap and without exception, for longer than that before
//! the publication, each view must have said as well, if it counts at all. A slot on which any of them had another word within that time is
//! not judged. Nor is an owner of the same or a later epoch than theirs: the keeper may have heard of it before our questions did.

use std::time::Duration;

use slotkeeper::Topology;

use crate::cluster::samples::{Episode, Samples};
use crate::truth::has_quorum;
use crate::watch::Published;

/// Longer than a round may take: `probe.timeout-ms` is 1000, and this machine does much else.
const WINDOW: Duration = Duration::from_millis(1600);

/// A node that we did not hear for so long within the window is no witness.
const GAP: Duration = Duration::from_millis(400);

/// What all witnesses said of a slot.
#[derive(Clone, Copy)]
enum Word<'a> {
    /// Nobody has said anything yet.
    Nothing,
    /// This owner, with this epoch or a later one; none: nobody owns it.
    Same(Option<(&'a str, u64)>),
    Disputed,
}

/// What is wrong with a generation, in words; `None` if nothing is.
pub fn violation(samples: &Samples, (at, topology): &Published) -> Option<String> {
    let start = *at - WINDOW;
    let histories: Vec<Vec<Episode>> = samples
        .since(start)
        .into_iter()
        .map(|episodes| episodes.into_iter().filter(|said| said.first <= *at).collect())
        .collect();
    let mut words = vec![Word::Nothing; 16384];
    let (mut witnesses, mut voters) = (0, 0);
    for history in &histories {
        let heard: Vec<&Episode> =
            history.iter().filter(|said| said.view.is_of_voter() && has_quorum(&said.view)).collect();
        voters = heard.iter().map(|said| said.view.voters()).fold(voters, usize::max);
        let without_gap = heard.windows(2).all(|pair| pair[1].first.saturating_duration_since(pair[0].last) < GAP);
        let whole = heard.len() == history.len()
            && heard.first().is_some_and(|first| first.first <= start)
            && heard.last().is_some_and(|last| last.last + GAP > *at);
        witnesses += usize::from(without_gap && whole);
        // Who is no full witness can still disagree.
        heard.iter().for_each(|said| hear(&mut words, said));
    }
    if witnesses == 0 || witnesses * 2 <= voters {
        return None;
    }
    let lost: Vec<(u16, String)> =
        (0..16384).filter_map(|slot| Some((slot, wrong(topology, slot, words[usize::from(slot)])?))).collect();
    let (first, reason) = lost.first()?;
    Some(format!(
        "generation {}: {} slots are wrong, the first is {first}: {reason}, as {witnesses} of {voters} masters have said for {WINDOW:?}",
        topology.generation(),
        lost.len()
    ))
}

fn hear<'a>(words: &mut [Word<'a>], said: &'a Episode) {
    let mut owners: Vec<Option<(&str, u64)>> = vec![None; words.len()];
    for line in &said.view.lines {
        for &(first, last) in &line.slots {
            owners[usize::from(first)..=usize::from(last)].fill(Some((&line.id, line.epoch)));
        }
    }
    for (word, owner) in words.iter_mut().zip(owners) {
        *word = match (*word, owner) {
            (Word::Nothing, owner) => Word::Same(owner),
            (Word::Same(Some((id, epoch))), Some((same, other))) if id == same => {
                Word::Same(Some((id, epoch.min(other))))
            }
            (Word::Same(None), None) => Word::Same(None),
            _ => Word::Disputed,
        };
    }
}

/// What is wrong with the slot's owner, given what everybody said.
fn wrong(topology: &Topology, slot: u16, word: Word<'_>) -> Option<String> {
    let Word::Same(Some((id, epoch))) = word else { return None };
    match topology.owner_of(slot) {
        None => Some(format!("nobody's, and not {id}'s of epoch {epoch}")),
        Some(owner) if owner.id().to_string() != id && owner.config_epoch() < epoch => {
            Some(format!("{}'s of epoch {}, and not {id}'s of epoch {epoch}", owner.id(), owner.config_epoch()))
        }
        Some(_) => None,
    }
}
