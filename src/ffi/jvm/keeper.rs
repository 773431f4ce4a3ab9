//! The keeper's life: open, close, refresh, status, events.

use std::time::{SystemTime, UNIX_EPOCH};

use jni::EnvUnowned;
use jni::objects::{JByteArray, JClass, JString};
use jni::sys::{jboolean, jint, jlong};
use zeroize::Zeroizing;

use super::audit::pack_findings;
use super::boundary::{Failure, call};
use super::nodes::{pack_name, pack_ranges};
use super::packed::Packed;
use super::values::{Strings, config, strings, timeout};
use crate::cluster::diff::Change;
use crate::ffi::changes::Parts;
use crate::ffi::codes::{slotkeeper_role, slotkeeper_trouble};
use crate::ffi::handles::KEEPERS;
use crate::ffi::log::{self, Notice, wait_event};
use crate::runtime::keeper::Status;
use crate::{Address, Error, ErrorKind, Event, Keeper};

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_slotkeeper_internal_Native_keeperOpen<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    pairs: Strings<'local>,
) -> jlong {
    call(env, |env| {
        log::install();
        let keeper = Keeper::open(&config(env, &pairs)?)?;
        Ok(KEEPERS.insert(keeper) as jlong)
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_slotkeeper_internal_Native_keeperClose<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    keeper: jlong,
) {
    call(env, |_| {
        // Others may still hold it in a call: closing wakes them.
        KEEPERS.remove(keeper as u64)?.close();
        Ok(())
    });
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_slotkeeper_internal_Native_keeperRefresh<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    keeper: jlong,
    host: JString<'local>,
    port: jint,
    timeout_ms: jlong,
) -> jlong {
    call(env, |env| {
        let keeper = KEEPERS.get(keeper as u64)?;
        let limit = timeout(timeout_ms)?;
        let topology = if host.is_null() {
            keeper.refresh(limit)?
        } else {
            keeper.refresh_from(&address(host.try_to_string(env)?, port)?, limit)?
        };
        Ok(topology.generation() as jlong)
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_slotkeeper_internal_Native_keeperReset<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    keeper: jlong,
    timeout_ms: jlong,
) {
    call(env, |_| {
        KEEPERS.get(keeper as u64)?.reset(timeout(timeout_ms)?)?;
        Ok(())
    });
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_slotkeeper_internal_Native_keeperNotifyFailure<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    keeper: jlong,
    host: JString<'local>,
    port: jint,
) {
    call(env, |env| {
        let keeper = KEEPERS.get(keeper as u64)?;
        keeper.notify_failure(&address(host.try_to_string(env)?, port)?)?;
        Ok(())
    });
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_slotkeeper_internal_Native_keeperStatus<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    keeper: jlong,
) -> Strings<'local> {
    call(env, |env| {
        let status = KEEPERS.get(keeper as u64)?.status();
        let pairs = pairs(&status).into_iter().flat_map(|(name, value)| [name.to_owned(), value]);
        strings(env, &pairs.collect::<Vec<_>>())
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_slotkeeper_internal_Native_keeperSetCredentials<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    keeper: jlong,
    username: JString<'local>,
    password: JByteArray<'local>,
) -> jboolean {
    call(env, |env| {
        let keeper = KEEPERS.get(keeper as u64)?;
        let username = if username.is_null() { None } else { Some(username.try_to_string(env)?) };
        let password = Zeroizing::new(env.convert_byte_array(&password)?);
        // The bytes are not shown.
        let password = std::str::from_utf8(&password)
            .map_err(|_| Error::new(ErrorKind::InvalidArgument, "the password is not UTF-8"))?;
        Ok(keeper.set_credentials(username.as_deref(), password)?)
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_slotkeeper_internal_Native_keeperCredentialsRefused<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    keeper: jlong,
) -> jlong {
    call(env, |_| Ok(KEEPERS.get(keeper as u64)?.credentials_refused() as jlong))
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_slotkeeper_internal_Native_keeperNextEvent<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    keeper: jlong,
    timeout_ms: jlong,
) -> JByteArray<'local> {
    call(env, |env| {
        let keeper = KEEPERS.get(keeper as u64)?;
        match wait_event(&keeper, timeout(timeout_ms)?)? {
            Some(notice) => pack(&notice).into_java(env),
            None => Ok(JByteArray::default()),
        }
    })
}

fn address(host: String, port: jint) -> Result<Address, Failure> {
    match u16::try_from(port) {
        Ok(port) if port > 0 && !host.is_empty() => Ok(Address::new(host, port)),
        _ => Err(Error::new(ErrorKind::InvalidAddress, format!("no node is at host {host:?}, port {port}")).into()),
    }
}

fn pairs(status: &Status) -> Vec<(&'static str, String)> {
    let failed: Vec<String> =
        status.failed_nodes.iter().map(|node| format!("{}:{}", node.host(), node.port())).collect();
    let unreachable: Vec<String> = status.unreachable_nodes.iter().map(ToString::to_string).collect();
    vec![
        ("generation", status.generation.to_string()),
        ("health", status.health.name().to_owned()),
        ("known_nodes", status.known_nodes.to_string()),
        ("failed_nodes", failed.join(",")),
        ("unreachable_nodes", unreachable.join("\n")),
        ("refreshing", status.refreshing.to_string()),
        ("last_refresh_ms", status.last_refresh.map_or(String::new(), unix_millis)),
        ("age_ms", status.age.map_or(String::new(), |age| age.as_millis().to_string())),
        ("refresh_interval_ms", status.refresh_interval.as_millis().to_string()),
        ("rounds", status.rounds.to_string()),
        ("rounds_failed", status.rounds_failed.to_string()),
        ("views_rejected", status.views_rejected.to_string()),
        ("credentials_refused", status.credentials_refused.to_string()),
        ("events_dropped", status.events_dropped.to_string()),
        ("connections_opened", status.connections_opened.to_string()),
        ("requests", status.requests.to_string()),
        ("bytes_sent", status.bytes_sent.to_string()),
        ("bytes_received", status.bytes_received.to_string()),
        ("waited_us", status.waited.as_micros().to_string()),
    ]
}

/// A clock before 1970 counts as 1970.
fn unix_millis(time: SystemTime) -> String {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis().to_string()
}

/// As `HandOvers.java` reads it. The first byte is the kind of event, by the numbers that C has.
fn pack(notice: &Notice) -> Packed {
    let mut packed = Packed::default();
    match notice {
        Notice::Event(Event::Changed { generation, cause, changes }) => {
            packed.byte(1);
            packed.long(*generation);
            packed.text(cause.name());
            packed.count(changes.len());
            changes.iter().for_each(|change| pack_change(&mut packed, change));
        }
        Notice::Event(Event::Audited { generation, appeared, vanished }) => {
            packed.byte(4);
            packed.long(*generation);
            pack_findings(&mut packed, appeared);
            pack_findings(&mut packed, vanished);
        }
        Notice::Event(Event::Resynchronise { generation, lost }) => {
            packed.byte(2);
            packed.long(*generation);
            packed.long(*lost);
        }
        Notice::Log(record) => {
            packed.byte(3);
            packed.text(record.level_name());
            packed.text(&record.message);
        }
    }
    packed
}

fn pack_change(packed: &mut Packed, change: &Change) {
    let parts = Parts::from(change);
    packed.byte(parts.kind as u8);
    packed.text(&change.to_string());
    pack_name(packed, parts.node);
    pack_name(packed, parts.other);
    packed.byte(slotkeeper_role::from(parts.role) as u8);
    pack_ranges(packed, parts.slots);
    packed.count(parts.before as usize);
    packed.count(parts.after as usize);
    packed.byte(slotkeeper_trouble::from(parts.trouble) as u8);
}
