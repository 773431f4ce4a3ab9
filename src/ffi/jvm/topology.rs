//! A topology crosses whole and once per generation, as arrays that Java then reads without calling here.

use jni::objects::{JClass, JObject, JObjectArray, JPrimitiveArray, TypeArray};
use jni::sys::{jbyte, jint, jlong, jshort};
use jni::{Env, EnvUnowned};

use super::boundary::{Failure, call};
use super::values::strings;
use crate::cluster::nodes::{Flags, Node};
use crate::ffi::codes::{slotkeeper_health, slotkeeper_slot_state};
use crate::ffi::handles::KEEPERS;
use crate::{SLOT_COUNT, Topology};

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_slotkeeper_internal_Native_keeperTopology<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    keeper: jlong,
    after: jlong,
) -> JObjectArray<'local> {
    call(env, |env| match KEEPERS.get(keeper as u64)?.topology() {
        Some(topology) if topology.generation() > after as u64 => arrays(env, &topology),
        _ => Ok(JObjectArray::default()),
    })
}

/// In the order that `Native.keeperTopology` documents.
fn arrays<'local>(env: &mut Env<'local>, topology: &Topology) -> Result<JObjectArray<'local>, Failure> {
    let health = slotkeeper_health::from(topology.health()) as jlong;
    let head = primitives(env, &[topology.generation() as jlong, health, topology.current_epoch() as jlong])?;
    let nodes = strings(env, &topology.nodes().iter().flat_map(cells).collect::<Vec<_>>())?;
    let owners: Vec<jshort> = topology.owners().iter().map(|owner| owner.map_or(-1, |place| place as jshort)).collect();
    let owners = primitives(env, &owners)?;
    let state = |slot| slotkeeper_slot_state::from(topology.slot_state(slot)) as jbyte;
    let states = primitives(env, &(0..SLOT_COUNT as u16).map(state).collect::<Vec<_>>())?;
    let ends = topology.lost_slots().into_iter().flat_map(|range| [range.first.into(), range.last.into()]);
    let lost = primitives(env, &ends.collect::<Vec<jint>>())?;

    let parts: [JObject<'local>; 5] = [head.into(), nodes.into(), owners.into(), states.into(), lost.into()];
    let array = JObjectArray::<JObject>::new(env, parts.len(), JObject::null())?;
    for (index, part) in parts.iter().enumerate() {
        array.set_element(env, index, part)?;
    }
    Ok(array)
}

fn primitives<'local, T: TypeArray>(
    env: &mut Env<'local>,
    values: &[T],
) -> Result<JPrimitiveArray<'local, T>, Failure> {
    let array = JPrimitiveArray::new(env, values.len())?;
    array.set_region(env, 0, values)?;
    Ok(array)
}

fn cells(node: Node<'_>) -> [String; 8] {
    let failure = if node.has(Flags::FAILED) {
        "fail"
    } else if node.has(Flags::SUSPECTED) {
        "fail?"
    } else {
        ""
    };
    [
        node.id().to_string(),
        node.host().to_owned(),
        node.port().to_string(),
        node.role().map_or("", |role| role.name()).to_owned(),
        node.master_id().map_or(String::new(), |master| master.to_string()),
        failure.to_owned(),
        node.config_epoch().to_string(),
        node.hostname().to_owned(),
    ]
}
