//! The table of all properties, for programs that show it or check names by it.

use once_cell::sync::Lazy;

use super::get;
use super::text::slotkeeper_str;
use crate::{PROPERTIES, Property};

/// The table makes these texts on demand; C wants to borrow them.
static ALLOWED: Lazy<Vec<String>> = Lazy::new(|| PROPERTIES.iter().map(Property::allowed).collect());

fn text_of(index: usize, text: impl FnOnce(&'static Property) -> &'static str) -> slotkeeper_str {
    get(|| PROPERTIES.get(index).map(|property| text(property).into()))
}

/// How many properties there are. Their texts are valid for ever. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_property_count() -> usize {
    PROPERTIES.len()
}

/// The name, such as `refresh.interval-ms`. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_property_name(index: usize) -> slotkeeper_str {
    text_of(index, |property| property.name)
}

/// The type in one word, such as `text`, `secret` or `milliseconds`. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_property_type(index: usize) -> slotkeeper_str {
    text_of(index, Property::type_name)
}

/// The value if it is not set. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_property_default(index: usize) -> slotkeeper_str {
    text_of(index, |property| property.default)
}

/// What is allowed, in words. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_property_allowed(index: usize) -> slotkeeper_str {
    get(|| ALLOWED.get(index).map(|allowed| allowed.as_str().into()))
}

/// One sentence: what it does. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_property_sentence(index: usize) -> slotkeeper_str {
    text_of(index, |property| property.sentence)
}
