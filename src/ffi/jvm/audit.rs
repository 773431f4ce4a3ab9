//! Audits and what-if: what is wrong with a cluster's layout, and what a loss does to it.

use std::sync::Arc;
use std::time::Duration;

use jni::objects::{JByteArray, JClass};
use jni::sys::jlong;
use jni::{Env, EnvUnowned};

use super::boundary::{Failure, call};
use super::nodes::{pack_name, pack_ranges};
use super::packed::Packed;
use super::values::{Strings, config, texts};
use crate::cluster::diff::NodeName;
use crate::cluster::merge::topology_of;
use crate::ffi::codes::{slotkeeper_effect, slotkeeper_loss, slotkeeper_severity};
use crate::ffi::handles::KEEPERS;
use crate::parse_nodes;
use crate::policy::audited::Audited;
use crate::policy::failover::Loss;
use crate::policy::finding::Finding;
use crate::policy::what_if::{Assumptions, Outcome};

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_slotkeeper_internal_Native_keeperAudit<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    keeper: jlong,
) -> JByteArray<'local> {
    call(env, |env| match KEEPERS.get(keeper as u64)?.audit() {
        Some(audited) => pack_audit(&audited).into_java(env),
        None => Ok(JByteArray::default()),
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_slotkeeper_internal_Native_keeperWhatIf<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    keeper: jlong,
    lost: Strings<'local>,
) -> JByteArray<'local> {
    call(env, |env| {
        let keeper = KEEPERS.get(keeper as u64)?;
        let lost = texts(env, &lost)?;
        match keeper.audit() {
            Some(audited) => {
                let outcomes = audited.what_if(&lost, &keeper.assumptions())?;
                pack_outcomes(&audited, &outcomes).into_java(env)
            }
            None => Ok(JByteArray::default()),
        }
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_slotkeeper_internal_Native_audit<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    reply: JByteArray<'local>,
    pairs: Strings<'local>,
) -> JByteArray<'local> {
    call(env, |env| pack_audit(&audited(env, &reply, &pairs)?).into_java(env))
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_slotkeeper_internal_Native_whatIf<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    reply: JByteArray<'local>,
    pairs: Strings<'local>,
    lost: Strings<'local>,
) -> JByteArray<'local> {
    call(env, |env| {
        let audited = audited(env, &reply, &pairs)?;
        let outcomes = audited.what_if(&texts(env, &lost)?, &Assumptions::default())?;
        pack_outcomes(&audited, &outcomes).into_java(env)
    })
}

/// The audit of a CLUSTER NODES text.
fn audited(env: &mut Env<'_>, reply: &JByteArray<'_>, pairs: &Strings<'_>) -> Result<Audited, Failure> {
    let topology = topology_of(parse_nodes(&env.convert_byte_array(reply)?)?)?;
    Ok(Audited::new(Arc::new(topology), config(env, pairs)?.zones()))
}

/// As `Audit.java` reads it.
fn pack_audit(audited: &Audited) -> Packed {
    let mut packed = Packed::default();
    packed.long(audited.topology().generation());
    packed.double(audited.compliance());
    pack_findings(&mut packed, audited.findings());
    let nodes = audited.topology().nodes();
    packed.count(nodes.len());
    for (place, node) in nodes.iter().enumerate() {
        packed.bytes(&node.id().hex());
        packed.text(audited.placement().name(place).unwrap_or_default());
    }
    packed
}

/// The findings behind their number, as `Finding.java` reads them.
pub fn pack_findings(packed: &mut Packed, findings: &[Finding]) {
    packed.count(findings.len());
    for finding in findings {
        packed.text(finding.rule.id());
        packed.byte(slotkeeper_severity::from(finding.severity()) as u8);
        packed.text(&finding.sentence);
        packed.text(&finding.remedy);
        packed.count(finding.nodes.len());
        finding.nodes.iter().for_each(|id| packed.bytes(&id.hex()));
        pack_ranges(packed, &finding.slots);
    }
}

/// As `Outcome.java` reads them; times in ms, 0 for none.
fn pack_outcomes(audited: &Audited, outcomes: &[Outcome]) -> Packed {
    let millis = |time: Option<Duration>| time.map_or(0, |time| time.as_millis() as u64);
    let mut packed = Packed::default();
    packed.count(outcomes.len());
    for outcome in outcomes {
        packed.text(&outcome.blow.words(audited.topology(), audited.placement()));
        packed.byte(slotkeeper_effect::from(outcome.effect) as u8);
        packed.count(outcome.dead);
        packed.count(outcome.living_masters.0);
        packed.count(outcome.living_masters.1);
        pack_ranges(&mut packed, &outcome.lost_slots);
        packed.long(millis(outcome.recovery.map(|recovery| recovery.earliest)));
        packed.long(millis(outcome.recovery.map(|recovery| recovery.latest)));
        packed.long(millis(outcome.recovery.and_then(|recovery| recovery.repeated)));
        packed.count(outcome.promotions.len() + outcome.lost.len());
        outcome.promotions.iter().for_each(|(master, heirs)| pack_dead(&mut packed, audited, *master, heirs, None));
        outcome.lost.iter().for_each(|(master, loss)| pack_dead(&mut packed, audited, *master, &[], Some(*loss)));
    }
    packed
}

fn pack_dead(packed: &mut Packed, audited: &Audited, master: usize, heirs: &[usize], loss: Option<Loss>) {
    let name = |packed: &mut Packed, place: usize| {
        let node = audited.topology().nodes().get(place).expect("an outcome's places are those of its topology");
        pack_name(packed, Some(&NodeName::of(node)));
    };
    name(packed, master);
    packed.count(heirs.len());
    heirs.iter().for_each(|&heir| name(packed, heir));
    packed.byte(slotkeeper_loss::from(loss) as u8);
    packed.text(loss.map_or("", Loss::reason));
}
