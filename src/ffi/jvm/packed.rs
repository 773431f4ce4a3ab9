//! Many values in one Java `byte[]`: one array made and one copy, where an object for each value would cost far more than reading
//! the reply did. `Packed.java` reads it.

use jni::Env;
use jni::objects::JByteArray;

use super::boundary::Failure;

/// Values end to end: numbers with the lowest byte first, texts in UTF-8 behind their length in four bytes.
#[derive(Default)]
pub struct Packed(Vec<u8>);

impl Packed {
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub fn byte(&mut self, value: u8) {
        self.0.push(value);
    }

    pub fn short(&mut self, value: u16) {
        self.bytes(&value.to_le_bytes());
    }

    /// A number of things; none has more than 16 million.
    pub fn count(&mut self, value: usize) {
        self.bytes(&(value as u32).to_le_bytes());
    }

    pub fn long(&mut self, value: u64) {
        self.bytes(&value.to_le_bytes());
    }

    pub fn double(&mut self, value: f64) {
        self.bytes(&value.to_le_bytes());
    }

    pub fn text(&mut self, text: &str) {
        self.count(text.len());
        self.bytes(text.as_bytes());
    }

    pub fn into_java<'local>(self, env: &mut Env<'local>) -> Result<JByteArray<'local>, Failure> {
        Ok(env.byte_array_from_slice(&self.0)?)
    }
}
