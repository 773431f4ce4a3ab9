//! The library itself: version, properties, key slot, waiting log lines.

use jni::EnvUnowned;
use jni::objects::{JByteArray, JClass, JString};
use jni::sys::jshort;

use super::boundary::call;
use super::values::{Strings, config, strings};
use crate::ffi::log;
use crate::{PROPERTIES, key_slot};

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_slotkeeper_internal_Native_version<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
) -> JString<'local> {
    call(env, |env| Ok(env.new_string(env!("CARGO_PKG_VERSION"))?))
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_slotkeeper_internal_Native_properties<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
) -> Strings<'local> {
    call(env, |env| {
        let rows = PROPERTIES.iter().flat_map(|property| {
            let words = [property.name, property.type_name(), property.default];
            words.map(str::to_owned).into_iter().chain([property.allowed(), property.sentence.to_owned()])
        });
        strings(env, &rows.collect::<Vec<_>>())
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_slotkeeper_internal_Native_checkConfig<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    pairs: Strings<'local>,
) {
    call(env, |env| config(env, &pairs).map(drop));
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_slotkeeper_internal_Native_drainLog<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
) -> Strings<'local> {
    call(env, |env| {
        let rows = log::drain().into_iter().flat_map(|record| [record.level_name().to_owned(), record.message]);
        strings(env, &rows.collect::<Vec<_>>())
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_slotkeeper_internal_Native_keySlot<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    key: JByteArray<'local>,
) -> jshort {
    call(env, |env| {
        let key = env.convert_byte_array(&key)?;
        Ok(key_slot(&key) as jshort)
    })
}
