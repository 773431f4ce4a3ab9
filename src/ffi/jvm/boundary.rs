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

#[cfg(test)]
mod tests {
    use std::process::Command;

    use jni::objects::JString;
    use jni::{InitArgsBuilder, JNIVersion, JavaVM};

    use super::*;

    /// Runs in a JVM inside this process, with the exception's class as javac made it of its source. A process has one JVM.
    fn in_jvm(test: impl FnOnce(&mut Env<'_>)) {
        let classes = tempfile::tempdir().unwrap();
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/java/slotkeeper/src/main/java/io/slotkeeper");
        let source = format!("{root}/SlotkeeperException.java");
        let compiled =
            Command::new("javac").arg("-d").arg(classes.path()).arg(source).status().expect("a JDK is needed");
        assert!(compiled.success());
        let options = InitArgsBuilder::new()
            .version(JNIVersion::V1_8)
            .option(format!("-Djava.class.path={}", classes.path().display()))
            .option("-Xmx64m")
            // The signals of this process stay as they are.
            .option("-Xrs");
        let jvm = JavaVM::new(options.build().unwrap()).unwrap();
        jvm.attach_current_thread(|env| {
            test(env);
            jni::errors::Result::Ok(())
        })
        .unwrap();
    }

    /// What a native method with this body gives, and the exception that it leaves: its text, and its code if it is ours.
    fn outcome(
        env: &mut Env<'_>,
        body: impl FnOnce(&mut Env<'_>) -> Result<i32, Failure>,
    ) -> (i32, Option<(String, Option<i32>)>) {
        // SAFETY: the pointer is that of this thread's attachment, which lasts longer than the call.
        let unowned = unsafe { EnvUnowned::from_raw(env.get_raw()) };
        let value = call(unowned, |env| body(env));
        let exception = env.exception_occurred();
        env.exception_clear();
        let shown = exception.map(|exception| {
            let text = env.call_method(&exception, jni_str!("toString"), jni_sig!("()Ljava/lang/String;"), &[]);
            let text = text.unwrap().l().unwrap();
            let text = env.cast_local::<JString>(text).unwrap().try_to_string(env).unwrap();
            let code = env.call_method(&exception, jni_str!("code"), jni_sig!("()I"), &[]);
            env.exception_clear();
            (text, code.ok().map(|code| code.i().unwrap()))
        });
        (value, shown)
    }

    #[test]
    fn errors_and_panics_become_our_exception_and_pending_ones_stay() {
        in_jvm(|env| {
            assert_eq!(outcome(env, |_| Ok(7)), (7, None));

            let failed = |_: &mut Env<'_>| Err(Error::new(ErrorKind::Timeout, "no answer").into());
            let text = "io.slotkeeper.SlotkeeperException: no answer".to_owned();
            assert_eq!(outcome(env, failed), (0, Some((text, Some(40)))));

            let slot = 16_384;
            let (value, shown) = outcome(env, |_| panic!("there is no slot {slot}"));
            let (text, code) = shown.unwrap();
            assert_eq!((value, code), (0, Some(90)));
            assert!(text.ends_with("there is no slot 16384"), "{text}");

            let (_, shown) = outcome(env, |env| {
                env.throw("of the JVM")?;
                Ok(7)
            });
            assert_eq!(shown, Some(("java.lang.RuntimeException: of the JVM".to_owned(), None)));

            let (_, shown) = outcome(env, |env| Ok(JString::null().try_to_string(env)?.len() as i32));
            assert_eq!(shown.unwrap().1, Some(1));
        });
    }
}
