//! What the integration tests share: real clusters ([`cluster`]).

pub mod cluster;
