//! Facts: what Redis Cluster says, as values. Knows no socket, clock, file, thread or log.

pub mod address;
mod claims;
mod crc16;
pub mod diff;
pub mod error_reply;
mod flags;
pub mod info_reply;
mod judge;
pub mod keyslot;
pub mod last_good;
pub mod merge;
mod node_id;
pub mod nodes;
mod nodes_builder;
mod nodes_line;
pub mod nodes_reply;
mod nodes_text;
pub mod outlook;
pub mod rehearsal;
mod roster;
pub mod slots;
mod swar;
pub mod topology;
pub mod view;
pub mod zone;
