//! What becomes of a cluster if zones or nodes are lost, as plain data.

use std::ffi::c_char;
use std::mem::MaybeUninit;
use std::time::Duration;

use super::super::codes::{slotkeeper_code, slotkeeper_effect, slotkeeper_loss};
use super::audit::slotkeeper_audit;
use super::error::slotkeeper_error;
use super::text::{lend, slotkeeper_slot_ranges, slotkeeper_str, text};
use super::{free, get, given, guard};
use crate::cluster::address::list_items;
use crate::policy::audited::Audited;
use crate::policy::failover::Loss;
use crate::policy::what_if::{Assumptions, Effect, Outcome};

/// A master that is dead after a loss, and what becomes of its slots. Nodes are indices into slotkeeper_audit_nodes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct slotkeeper_dead_master {
    /// The replicas one of which takes over; never NULL.
    pub heirs: *const u16,
    /// How many of these; 0 if nobody does.
    pub heir_count: usize,
    /// The master.
    pub master: u16,
    /// Why nobody takes over; SLOTKEEPER_LOSS_NONE if somebody does.
    pub loss: slotkeeper_loss,
}

/// Dead masters. `data` is never NULL.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct slotkeeper_dead_master_list {
    /// The first master.
    pub data: *const slotkeeper_dead_master,
    /// How many masters.
    pub length: usize,
}

lend!(slotkeeper_dead_master_list of slotkeeper_dead_master);

/// What becomes of the cluster after a loss.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct slotkeeper_outcome {
    /// What is lost, in words: `zone a`, `zones a and b`, `10.0.0.1:7000`.
    pub lost: slotkeeper_str,
    /// The slots that stay without a master, and those that nobody owned before, in order.
    pub lost_slots: slotkeeper_slot_ranges,
    /// The masters that are dead then, those that had failed before too.
    pub dead_masters: slotkeeper_dead_master_list,
    /// How long failovers take at best, in ms from the loss on; 0 if there are none.
    pub earliest_ms: u64,
    /// At worst, if each first election succeeds; 0 if there are none.
    pub latest_ms: u64,
    /// At worst, if one has to be repeated; 0 where only one master is replaced.
    pub repeated_ms: u64,
    /// How many nodes that lived until then.
    pub dead_nodes: u32,
    /// How many masters with slots are left.
    pub living_masters: u32,
    /// How many of them a majority needs.
    pub majority: u32,
    /// What it comes to.
    pub effect: slotkeeper_effect,
}

/// Outcomes, the worst first. `data` is never NULL.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct slotkeeper_outcome_list {
    /// The first outcome.
    pub data: *const slotkeeper_outcome,
    /// How many outcomes.
    pub length: usize,
}

lend!(slotkeeper_outcome_list of slotkeeper_outcome);

/// What becomes of a cluster after losses. Immutable.
pub struct slotkeeper_what_if {
    list: Box<[slotkeeper_outcome]>,
    /// What `list` points to, and what that does.
    _outcomes: Vec<Outcome>,
    _words: Vec<String>,
    _masters: Box<[slotkeeper_dead_master]>,
    _heirs: Box<[u16]>,
}

// SAFETY: all pointers lead to lists of this object, which nobody changes.
unsafe impl Send for slotkeeper_what_if {}
// SAFETY: as above.
unsafe impl Sync for slotkeeper_what_if {}

impl slotkeeper_what_if {
    fn new(audited: &Audited, outcomes: Vec<Outcome>) -> Self {
        let words: Vec<String> =
            outcomes.iter().map(|outcome| outcome.blow.words(audited.topology(), audited.placement())).collect();
        let heirs: Box<[u16]> = outcomes
            .iter()
            .flat_map(|outcome| &outcome.promotions)
            .flat_map(|(_, heirs)| heirs)
            .map(|&heir| heir as u16)
            .collect();
        let mut rest = &*heirs;
        let mut masters = Vec::new();
        for outcome in &outcomes {
            for (master, heirs) in &outcome.promotions {
                let own;
                (own, rest) = rest.split_at(heirs.len());
                masters.push(dead(*master, own, None));
            }
            masters.extend(outcome.lost.iter().map(|(master, loss)| dead(*master, &[], Some(*loss))));
        }
        let masters: Box<[_]> = masters.into();
        let mut rest = &*masters;
        let entry = |(outcome, words): (&Outcome, &String)| {
            let own;
            (own, rest) = rest.split_at(outcome.promotions.len() + outcome.lost.len());
            let (recovery, (living, majority)) = (outcome.recovery, outcome.living_masters);
            slotkeeper_outcome {
                lost: words.as_str().into(),
                lost_slots: outcome.lost_slots.as_slice().into(),
                dead_masters: own.into(),
                earliest_ms: recovery.map_or(0, |recovery| milliseconds(recovery.earliest)),
                latest_ms: recovery.map_or(0, |recovery| milliseconds(recovery.latest)),
                repeated_ms: recovery.and_then(|recovery| recovery.repeated).map_or(0, milliseconds),
                dead_nodes: outcome.dead as u32,
                living_masters: living as u32,
                majority: majority as u32,
                effect: outcome.effect.into(),
            }
        };
        let list = outcomes.iter().zip(&words).map(entry).collect();
        Self { list, _outcomes: outcomes, _words: words, _masters: masters, _heirs: heirs }
    }
}

fn dead(master: usize, heirs: &[u16], loss: Option<Loss>) -> slotkeeper_dead_master {
    // A table has 16,384 nodes at most.
    slotkeeper_dead_master { heirs: heirs.as_ptr(), heir_count: heirs.len(), master: master as u16, loss: loss.into() }
}

fn milliseconds(time: Duration) -> u64 {
    time.as_millis() as u64
}

/// Works out what becomes of an audited cluster if all that `lost` names dies at once, and writes it for the caller to free: items between commas,
/// each `zone=NAME`, `host:port`, `host` (all nodes there) or a node's id. Without an item: for each zone, each two zones and each node, the worst
/// first. Without any network; 20 ms for all of 1000 nodes. Any thread.
///
/// `node_timeout_ms` is the nodes' `cluster-node-timeout`, which failovers wait for; 0 for what the keeper was told, or else the servers' 15 s.
///
/// SLOTKEEPER_INVALID_ARGUMENT if nothing in the cluster is called so; the error's message says what is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_what_if_new(
    audit: Option<&slotkeeper_audit>,
    lost: *const c_char,
    lost_length: usize,
    node_timeout_ms: u32,
    what_if: Option<&mut MaybeUninit<Box<slotkeeper_what_if>>>,
    error: Option<&mut MaybeUninit<Box<slotkeeper_error>>>,
) -> slotkeeper_code {
    guard(error, || {
        let (audit, what_if) = (given(audit, "audit")?, given(what_if, "what_if")?);
        // SAFETY: the header asks for so many bytes.
        let lost: Vec<&str> = list_items(unsafe { text(lost, lost_length, "lost") }?).collect();
        let mut assumptions = audit.assumptions.clone();
        if node_timeout_ms > 0 {
            assumptions = Assumptions { node_timeout: Duration::from_millis(node_timeout_ms.into()), ..assumptions };
        }
        let outcomes = audit.audited.what_if(&lost, &assumptions)?;
        what_if.write(Box::new(slotkeeper_what_if::new(&audit.audited, outcomes)));
        Ok(())
    })
}

/// The outcomes, the worst first. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_what_if_outcomes(what_if: Option<&slotkeeper_what_if>) -> slotkeeper_outcome_list {
    get(|| what_if.map(|what_if| (&*what_if.list).into()))
}

/// Frees what slotkeeper_what_if_new gave; NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_what_if_free(what_if: Option<Box<slotkeeper_what_if>>) {
    free(what_if);
}

/// The stable name of a slotkeeper_effect, as `loses-slots`; empty for what is no effect. Valid for ever. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_effect_name(effect: u8) -> slotkeeper_str {
    Effect::ALL
        .into_iter()
        .find(|named| slotkeeper_effect::from(*named) as u8 == effect)
        .map_or("", Effect::name)
        .into()
}

/// Why nobody takes over from a dead master, in words, to be put behind "nobody takes over from 10.0.0.1:6379: "; empty for
/// SLOTKEEPER_LOSS_NONE, and for what is no loss. Valid for ever. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_loss_reason(loss: u8) -> slotkeeper_str {
    Loss::ALL
        .into_iter()
        .find(|named| slotkeeper_loss::from(Some(*named)) as u8 == loss)
        .map_or("", Loss::reason)
        .into()
}
