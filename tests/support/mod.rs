//! What the integration tests share: real clusters ([`cluster`]), and keepers of them ([`kept`]).

pub mod cluster;
pub mod kept;
