//! The keeper's life: open, close, refresh, status, events.

use std::time::{SystemTime, UNIX_EPOCH};

use jni::EnvUnowned;
use jni::objects::{JClass, JString};
use jni::sys::{jint, jlong};

use super::boundary::{Failure, call};
use super::values::{Strings, config, strings, timeout};
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
pub extern "system" fn Java_io_slotkeeper_internal_Native_keeperNextEvent<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    keeper: jlong,
    timeout_ms: jlong,
) -> Strings<'local> {
    call(env, |env| {
        let keeper = KEEPERS.get(keeper as u64)?;
        match wait_event(&keeper, timeout(timeout_ms)?)? {
            Some(notice) => strings(env, &cells(notice)),
            None => Ok(Strings::default()),
        }
    })
}

fn address(host: String, port: jint) -> Result<Address, Failure> {
    match u16::try_from(port) {
        Ok(port) if port > 0 && !host.is_empty() => Ok(Address::new(host, port)),
        _ => Err(Error::new(ErrorKind::InvalidAddress, format!("no node is at host {host:?}, port {port}")).into()),
    }
}

fn pairs(status: &Status) -> [(&'static str, String); 11] {
    let failed: Vec<String> =
        status.failed_nodes.iter().map(|node| format!("{}:{}", node.host(), node.port())).collect();
    [
        ("generation", status.generation.to_string()),
        ("health", status.health.name().to_owned()),
        ("known_nodes", status.known_nodes.to_string()),
        ("failed_nodes", failed.join(",")),
        ("refreshing", status.refreshing.to_string()),
        ("last_refresh_ms", status.last_refresh.map_or(String::new(), unix_millis)),
        ("refresh_interval_ms", status.refresh_interval.as_millis().to_string()),
        ("rounds", status.rounds.to_string()),
        ("rounds_failed", status.rounds_failed.to_string()),
        ("views_rejected", status.views_rejected.to_string()),
        ("events_dropped", status.events_dropped.to_string()),
    ]
}

/// A clock before 1970 counts as 1970.
fn unix_millis(time: SystemTime) -> String {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis().to_string()
}

fn cells(notice: Notice) -> Vec<String> {
    match notice {
        Notice::Event(Event::Changed { generation, cause, changes }) => {
            let head = ["changed".to_owned(), generation.to_string(), cause.name().to_owned()];
            head.into_iter().chain(changes.iter().map(ToString::to_string)).collect()
        }
        Notice::Event(Event::Resynchronise { generation, lost }) => {
            vec!["resynchronise".to_owned(), generation.to_string(), lost.to_string()]
        }
        Notice::Log(record) => vec!["log".to_owned(), record.level_name().to_owned(), record.message],
    }
}
