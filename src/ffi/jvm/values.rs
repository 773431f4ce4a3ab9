//! Java values of Rust ones and back.

use std::time::Duration;

use jni::Env;
use jni::objects::{JObjectArray, JString};
use jni::sys::jlong;
use zeroize::Zeroizing;

use super::boundary::Failure;
use crate::{Config, Error, ErrorKind};

/// `String[]`.
pub type Strings<'local> = JObjectArray<'local, JString<'local>>;

/// A new array of these texts.
pub fn strings<'local, S: AsRef<str>>(env: &mut Env<'local>, texts: &[S]) -> Result<Strings<'local>, Failure> {
    let array = JObjectArray::<JString>::new(env, texts.len(), JString::null())?;
    for (index, text) in texts.iter().enumerate() {
        let text = env.new_string(text)?;
        array.set_element(env, index, &text)?;
        // The JVM promises room for 16 local references only.
        env.delete_local_ref(text);
    }
    Ok(array)
}

/// The texts of an array.
pub fn texts(env: &mut Env<'_>, array: &Strings<'_>) -> Result<Vec<String>, Failure> {
    let mut texts = Vec::new();
    for index in 0..array.len(env)? {
        let text = array.get_element(env, index)?;
        texts.push(text.try_to_string(env)?);
        env.delete_local_ref(text);
    }
    Ok(texts)
}

/// The configuration of name, value, name, value, …
pub fn config(env: &mut Env<'_>, pairs: &Strings<'_>) -> Result<Config, Failure> {
    let mut config = Config::new();
    // One of the values may be the password.
    for pair in Zeroizing::new(texts(env, pairs)?).chunks(2) {
        let [name, value] = pair else {
            return Err(Error::new(ErrorKind::InvalidArgument, "a property has no value").into());
        };
        config.set(name, value)?;
    }
    Ok(config)
}

/// A time limit of so many milliseconds.
pub fn timeout(milliseconds: jlong) -> Result<Duration, Failure> {
    let milliseconds = u64::try_from(milliseconds)
        .map_err(|_| Error::new(ErrorKind::InvalidArgument, format!("a time limit cannot be {milliseconds} ms")))?;
    Ok(Duration::from_millis(milliseconds))
}
