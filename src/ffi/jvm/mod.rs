//! JNI: the native methods of the Java class `io.slotkeeper.internal.Native`, one file per theme.
//!
//! Java pulls: its own threads call in and wait here. No thread of ours is ever attached to the JVM, and no reference to a Java
//! object outlives the call that made it. A keeper is a number that [`super::handles`] looks up.

mod audit;
mod boundary;
mod keeper;
mod library;
mod metrics;
mod nodes;
mod packed;
mod replies;
mod seed_filter;
mod topology;
mod values;
