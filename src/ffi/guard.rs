//! The one place where panics stop: none crosses into C or the JVM.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{Error, ErrorKind};

/// What `body` gives; a panic becomes [`ErrorKind::Panic`] with the panic's text.
///
/// The process's panic hook runs as ever, so the text and the place stand on stderr as well.
pub fn catch<T>(body: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    // Unwind safety: what a body can reach afterwards is immutable, or behind locks whose holders leave it whole.
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| {
        let text = panic_text(&*panic).to_owned();
        // The payload may panic again when it is dropped. What that panic carries is leaked: nothing is known of it but that.
        if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
            std::mem::forget(again);
        }
        Err(Error::new(ErrorKind::Panic, format!("a fault of slotkeeper, please report it: {text}")))
    })
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    if let Some(text) = panic.downcast_ref::<&str>() {
        text
    } else if let Some(text) = panic.downcast_ref::<String>() {
        text
    } else {
        "a panic without a text"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_pass_unchanged() {
        assert_eq!(catch(|| Ok(7)), Ok(7));
        let error = Error::new(ErrorKind::Closed, "it is closed");
        assert_eq!(catch(|| Err::<(), _>(error.clone())), Err(error));
    }

    #[test]
    fn panic_texts_are_kept() {
        let slot = 16_384;
        let formatted = catch::<()>(|| panic!("slot {slot}")).unwrap_err();
        assert_eq!(formatted.kind(), ErrorKind::Panic);
        assert!(formatted.message().ends_with("slot 16384"), "{formatted}");
        let literal = catch::<()>(|| panic!("no slot")).unwrap_err();
        assert!(literal.message().ends_with("no slot"), "{literal}");
        let odd = catch::<()>(|| std::panic::panic_any(7)).unwrap_err();
        assert!(odd.message().ends_with("without a text"), "{odd}");
    }

    #[test]
    fn a_payload_that_panics_when_dropped_is_caught() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("dropped");
            }
        }
        assert_eq!(catch::<()>(|| std::panic::panic_any(Bomb)).unwrap_err().kind(), ErrorKind::Panic);
    }
}
