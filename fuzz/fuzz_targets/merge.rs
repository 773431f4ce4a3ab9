//! Views in any number and of any kind, merged and compared.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| checks::merge(bytes));
