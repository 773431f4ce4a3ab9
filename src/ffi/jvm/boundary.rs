//! The one door for calls from Java: errors and panics leave as `SlotkeeperException`, never otherwise.

use std::any::Any;
use std::panic::resume_unwind;

use jni::errors::{Error as JniError, ErrorPolicy};
use jni::objects::{JThrowable, JValue};
use jni::{Env, EnvUnowned, jni_sig, jni_str};

use crate::ffi::guard;
use crate::{Error, ErrorKind};

/// Why a native method gives no value.
pub enum Failure {
    /// It would fail in C as well.
    Ours(Error),
    /// The JVM refused something; a Java exception may be pending.
    Jvm(JniError),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Ours(error)
    }
}

impl From<JniError> for Failure {
    fn from(error: JniError) -> Self {
        Failure::Jvm(error)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Ours(error) => error,
            Failure::Jvm(JniError::NullPtr(_)) => Error::new(ErrorKind::InvalidArgument, "an argument is null"),
            Failure::Jvm(error) => Error::new(ErrorKind::System, format!("the JVM refused a call: {error}")),
        }
    }
}

/// What `body` gives; null or 0 with an exception pending if it fails or panics.
pub fn call<'local, T: Default>(
    mut env: EnvUnowned<'local>,
    body: impl FnOnce(&mut Env<'local>) -> Result<T, Failure>,
) -> T {
    env.with_env(body).resolve::<ThrowSlotkeeperException>()
}

/// The policies of the jni crate throw other exceptions, and lose the text of a formatted panic.
struct ThrowSlotkeeperException;

impl<T: Default> ErrorPolicy<T, Failure> for ThrowSlotkeeperException {
    type Captures<'unowned_env_local: 'native_method, 'native_method> = ();

    fn on_error<'unowned_env_local: 'native_method, 'native_method>(
        env: &mut Env<'unowned_env_local>,
        (): &mut (),
        failure: Failure,
    ) -> jni::errors::Result<T> {
        // The JVM's own exception, such as OutOfMemoryError, says more than ours could.
        if !env.exception_check() {
            throw(env, &failure.into());
        }
        Ok(T::default())
    }

    fn on_panic<'unowned_env_local: 'native_method, 'native_method>(
        env: &mut Env<'unowned_env_local>,
        captures: &mut (),
        payload: Box<dyn Any + Send>,
    ) -> jni::errors::Result<T> {
        // Thrown on into the guard, which alone knows how to read panics. The panic hook does not run again.
        match guard::catch(|| resume_unwind(payload)) {
            Ok(value) => Ok(value),
            Err(error) => Self::on_error(env, captures, error.into()),
        }
    }
}

fn throw(env: &mut Env<'_>, error: &Error) {
    // Both "fail" with JavaException where they succeed: it is pending then.
    if throw_ours(env, error).is_err() && !env.exception_check() {
        let _ = env.throw(error.to_string());
    }
}

/// The class is looked for by the class loader of the Java class that declares the native method, so no copy of it in another
/// class loader is taken.
fn throw_ours(env: &mut Env<'_>, error: &Error) -> jni::errors::Result<()> {
    let class = env.find_class(jni_str!("io/slotkeeper/SlotkeeperException"))?;
    let message = env.new_string(error.message())?;
    let arguments = [JValue::Int(error.kind().code()), JValue::Object(&message)];
    let exception = env.new_object(class, jni_sig!("(ILjava/lang/String;)V"), &arguments)?;
    let exception = env.cast_local::<JThrowable>(exception)?;
    env.throw(exception)
}
