//! CLUSTER NODES and nodes.conf.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| checks::nodes(bytes));
