//! A topology crosses whole and once per generation, as bytes that Java reads without calling here.

use jni::EnvUnowned;
use jni::objects::{JByteArray, JClass};
use jni::sys::jlong;

use super::boundary::call;
use super::nodes::{pack_nodes, pack_ranges};
use super::packed::Packed;
use crate::ffi::codes::{slotkeeper_health, slotkeeper_slot_state, slotkeeper_trouble};
use crate::ffi::handles::KEEPERS;
use crate::{SLOT_COUNT, Topology};

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_slotkeeper_internal_Native_keeperTopology<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    keeper: jlong,
    after: jlong,
) -> JByteArray<'local> {
    call(env, |env| match KEEPERS.get(keeper as u64)?.topology() {
        Some(topology) if topology.generation() > after as u64 => pack(&topology).into_java(env),
        _ => Ok(JByteArray::default()),
    })
}

/// As `TopologyReader.java` reads it.
fn pack(topology: &Topology) -> Packed {
    let mut packed = Packed::default();
    packed.long(topology.generation());
    packed.byte(slotkeeper_health::from(topology.health()) as u8);
    packed.long(topology.current_epoch());
    pack_nodes(&mut packed, topology.nodes());
    topology.owners().as_array().iter().for_each(|&owner| packed.short(owner));
    (0..SLOT_COUNT as u16).for_each(|slot| packed.byte(slotkeeper_slot_state::from(topology.slot_state(slot)) as u8));
    (0..topology.nodes().len())
        .for_each(|place| packed.byte(slotkeeper_trouble::from(topology.outlook().of_node(place)) as u8));
    pack_ranges(&mut packed, &topology.lost_slots());
    packed
}
