//! Addresses: as people write them, as node lines hold them, and lists of them.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| checks::address(bytes));
