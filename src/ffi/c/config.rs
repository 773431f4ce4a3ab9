//! A configuration: named properties, checked one by one.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use super::super::codes::slotkeeper_code;
use super::super::log;
use super::error::slotkeeper_error;
use super::seed_report::slotkeeper_seed_report;
use super::text::text;
use super::{free, get, given, guard};
use crate::{Config, check_seeds};

/// A configuration. For one thread while it is changed; any threads may use it at once when it is not.
pub struct slotkeeper_config(pub(super) Config);

/// A configuration with every property at its default, for the caller to free; what is opened with it keeps a copy. Never
/// NULL. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_config_new() -> Option<Box<slotkeeper_config>> {
    get(|| {
        log::install();
        Some(Some(Box::new(slotkeeper_config(Config::new()))))
    })
}

/// Sets one property; the names and what they allow are the table of slotkeeper_property_count and its kin.
///
/// SLOTKEEPER_UNKNOWN_PROPERTY, SLOTKEEPER_INVALID_VALUE: the error's message says what is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_config_set(
    config: Option<&mut slotkeeper_config>,
    name: *const c_char,
    name_length: usize,
    value: *const c_char,
    value_length: usize,
    error: Option<&mut MaybeUninit<Box<slotkeeper_error>>>,
) -> slotkeeper_code {
    guard(error, || {
        let config = given(config, "config")?;
        // SAFETY: the header asks for so many bytes.
        let name = unsafe { text(name, name_length, "name") }?;
        // SAFETY: as above.
        let value = unsafe { text(value, value_length, "value") }?;
        config.0.set(name, value)
    })
}

/// Asks all configured seeds side by side which of them a client could start from, and writes a report for the caller to
/// free. Waits at most `seeds.deadline-ms`. Needs no keeper. Any thread.
///
/// Dead seeds are no failure: they stand in the report. SLOTKEEPER_MISSING_PROPERTY if `seeds` is not set.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_config_check_seeds(
    config: Option<&slotkeeper_config>,
    report: Option<&mut MaybeUninit<Box<slotkeeper_seed_report>>>,
    error: Option<&mut MaybeUninit<Box<slotkeeper_error>>>,
) -> slotkeeper_code {
    guard(error, || {
        let (config, report) = (given(config, "config")?, given(report, "report")?);
        report.write(Box::new(check_seeds(&config.0)?.into()));
        Ok(())
    })
}

/// Frees a configuration and wipes its secrets; NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_config_free(config: Option<Box<slotkeeper_config>>) {
    free(config);
}
