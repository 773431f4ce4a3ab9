//! What must hold for any bytes at all. Each check panics where it does not; the fuzz targets call them with what the fuzzer
//! thinks of, `tests/corpus.rs` with what it has thought of.

mod address;
mod info;
mod merge;
mod nodes;
pub mod text;

pub use address::address;
pub use info::info;
pub use merge::merge;
pub use nodes::nodes;

/// The longest message that an input of any length may bring about: messages go to logs.
const MAX_MESSAGE: usize = 1000;

/// An error is told shortly and on one line, however long its input was.
fn assert_message(message: &str) {
    assert!(!message.is_empty() && message.len() <= MAX_MESSAGE, "{} bytes: {message:.200}", message.len());
    assert!(!message.contains(['\n', '\r']), "{message:?}");
}
