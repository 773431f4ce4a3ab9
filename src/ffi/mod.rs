//! The faces: the C ABI and JNI. They translate and decide nothing, so that both sides can do the same things.
//!
//! All `unsafe` code of the crate is below this folder.
#![allow(unsafe_code)]
#![deny(unsafe_op_in_unsafe_fn)]
#![deny(clippy::undocumented_unsafe_blocks, clippy::multiple_unsafe_ops_per_block)]

mod c;
mod changes;
mod codes;
mod guard;
mod handles;
#[cfg(feature = "jni")]
mod jvm;
mod log;
