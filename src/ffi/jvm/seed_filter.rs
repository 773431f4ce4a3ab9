//! The seed filter.

use std::time::Duration;

use jni::EnvUnowned;
use jni::objects::JClass;

use super::boundary::call;
use super::values::{Strings, config, strings};
use crate::check_seeds;
use crate::ffi::log;

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_slotkeeper_internal_Native_checkSeeds<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    pairs: Strings<'local>,
) -> Strings<'local> {
    call(env, |env| {
        log::install();
        let report = check_seeds(&config(env, &pairs)?)?;
        let rows = report.seeds.into_iter().flat_map(|seed| {
            [seed.seed, seed.verdict.name().to_owned(), micros(seed.took), seed.detail, seed.from_file.to_string()]
        });
        let cells: Vec<String> = [micros(report.elapsed)].into_iter().chain(rows).collect();
        strings(env, &cells)
    })
}

fn micros(time: Duration) -> String {
    time.as_micros().to_string()
}
