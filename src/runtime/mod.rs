//! Work: sockets, threads, clocks. What is decided here is decided by [`crate::policy`].
//!
//! One thread, shared by all keepers of the process, does all network I/O; callers wait on locks of their own.

pub(crate) mod access;
mod auditor;
mod baseline_file;
pub(crate) mod connection;
mod contacts;
pub mod events;
pub mod keeper;
mod known;
pub mod last_good;
pub(crate) mod names;
pub(crate) mod probe;
mod refresher;
mod round;
pub mod seed_filter;
mod shared;
pub mod survey;
#[cfg(feature = "tls")]
mod tls;
#[cfg(feature = "tls")]
mod tls_files;
#[cfg(feature = "tls")]
mod tls_verify;
mod traffic;
mod whole_file;
mod worker;
