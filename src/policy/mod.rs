//! Judgement: pure decisions over facts. Time is an argument; no socket, file, thread or log is known here.

pub mod alarm;
mod arrangement;
pub mod audit;
pub mod audit_news;
pub mod audited;
pub mod baseline;
pub mod blow;
pub mod choice;
pub mod drift;
pub mod exposition;
pub mod failover;
pub mod finding;
pub mod health;
pub mod last_good;
pub mod metric_table;
pub mod metrics;
pub mod outlook;
pub mod plan;
mod plan_search;
pub mod pulse;
pub mod readings;
pub mod schedule;
pub mod seeds;
pub mod unreachable;
pub mod verdict;
pub mod what_if;
