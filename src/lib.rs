//! Keeps applications on Redis Cluster alive when nodes or a whole data centre die.
//!
//! Four storeys, a folder each; a file uses its own storey and those above it in this list, never those below:
//!
//! | storey | what | knows |
//! |---|---|---|
//! | [`cluster`] | facts: what Redis Cluster says, as values | nothing but bytes |
//! | [`policy`] | judgement: pure decisions over facts | time only as an argument |
//! | [`runtime`] | work: sockets, threads, clocks | the two above |
//! | `ffi` | faces: the C ABI and JNI | translates, decides nothing |
//!
//! The three things that most users want:
//!
//! - [`check_seeds`]: which of the configured nodes can a client start from?
//! - [`Keeper`]: the latest [`Topology`], kept fresh in the background.
//! - [`parse_nodes`]: reads a CLUSTER NODES text, without any network.
#![deny(missing_docs)]
#![deny(unsafe_code)]

#[cfg(not(panic = "unwind"))]
compile_error!("slotkeeper must be built with panic = \"unwind\": a panic must never take the host process down");

pub mod cluster;
mod config;
mod error;
mod ffi;
pub mod policy;
pub mod runtime;
pub mod words;

pub use cluster::address::Address;
pub use cluster::keyslot::{SLOT_COUNT, key_slot};
pub use cluster::nodes_reply::parse_nodes;
pub use cluster::topology::{Shard, Topology};
pub use config::{Config, PROPERTIES, Property, Secret};
pub use error::{Error, ErrorKind};
pub use policy::verdict::Verdict;
pub use runtime::events::Event;
pub use runtime::keeper::Keeper;
pub use runtime::seed_filter::{SeedReport, check_seeds};
pub use runtime::survey::{Survey, survey};

/// The README's Rust examples, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
