//! What a keeper tells: changes of its topology, and the library's log lines by the same way.

use std::mem::MaybeUninit;

use super::super::codes::slotkeeper_code;
use super::super::log::{self, Notice, Record};
use super::change::{Changes, slotkeeper_change_list};
use super::error::slotkeeper_error;
use super::finding::{Findings, slotkeeper_finding_list};
use super::text::slotkeeper_str;
use super::{free, get, given, guard};
use crate::Event;

/// What an event is. Later versions may add kinds: pass over those that you do not know.
#[derive(Clone, Copy, Default)]
#[repr(u8)]
pub enum slotkeeper_kind {
    /// No event: the answer for NULL.
    #[default]
    SLOTKEEPER_EVENT_NONE = 0,
    /// A new generation of the topology is readable. It has `generation`, `cause` and `change`s.
    SLOTKEEPER_EVENT_CHANGED = 1,
    /// Events were lost because nobody asked for them: read the topology anew. It has `generation` and `lost`.
    SLOTKEEPER_EVENT_RESYNCHRONISE = 2,
    /// The library has something to say. It has `level` and `message`.
    SLOTKEEPER_EVENT_LOG = 3,
    /// The audit of the layout finds something else than was told before. It has `generation`, and findings that `appeared` and `vanished`.
    SLOTKEEPER_EVENT_AUDITED = 4,
}

/// Something that happened. Immutable.
#[derive(Default)]
pub struct slotkeeper_event {
    kind: slotkeeper_kind,
    generation: u64,
    cause: &'static str,
    changes: Changes,
    appeared: Findings,
    vanished: Findings,
    lost: u64,
    level: &'static str,
    message: String,
}

impl From<Notice> for slotkeeper_event {
    fn from(notice: Notice) -> Self {
        match notice {
            Notice::Event(Event::Changed { generation, cause, changes }) => Self {
                kind: slotkeeper_kind::SLOTKEEPER_EVENT_CHANGED,
                generation,
                cause: cause.name(),
                changes: changes.into(),
                ..Self::default()
            },
            Notice::Event(Event::Audited { generation, appeared, vanished }) => Self {
                kind: slotkeeper_kind::SLOTKEEPER_EVENT_AUDITED,
                generation,
                appeared: appeared.into(),
                vanished: vanished.into(),
                ..Self::default()
            },
            Notice::Event(Event::Resynchronise { generation, lost }) => {
                Self { kind: slotkeeper_kind::SLOTKEEPER_EVENT_RESYNCHRONISE, generation, lost, ..Self::default() }
            }
            Notice::Log(record) => record.into(),
        }
    }
}

impl From<Record> for slotkeeper_event {
    fn from(record: Record) -> Self {
        Self {
            kind: slotkeeper_kind::SLOTKEEPER_EVENT_LOG,
            level: record.level_name(),
            message: record.message,
            ..Self::default()
        }
    }
}

/// Takes the oldest waiting log line without a keeper, say after a seed check, and writes an event for the caller to free;
/// NULL if there is none. Log lines are the process's: each is given once, to whoever asks first. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_event_next_log(
    event: Option<&mut MaybeUninit<Option<Box<slotkeeper_event>>>>,
    error: Option<&mut MaybeUninit<Box<slotkeeper_error>>>,
) -> slotkeeper_code {
    guard(error, || {
        given(event, "event")?.write(log::next().map(|record| Box::new(record.into())));
        Ok(())
    })
}

/// What the event is. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_event_kind(event: Option<&slotkeeper_event>) -> slotkeeper_kind {
    get(|| event.map(|event| event.kind))
}

/// The generation of the topology that was the latest. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_event_generation(event: Option<&slotkeeper_event>) -> u64 {
    get(|| event.map(|event| event.generation))
}

/// Why the new topology was looked for: `start`, `interval`, `asked`, `moved` or `failure`. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_event_cause(event: Option<&slotkeeper_event>) -> slotkeeper_str {
    get(|| event.map(|event| event.cause.into()))
}

/// How many changes there are. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_event_change_count(event: Option<&slotkeeper_event>) -> usize {
    get(|| event.map(|event| event.changes.len()))
}

/// One change against the generation before, as a sentence. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_event_change(event: Option<&slotkeeper_event>, index: usize) -> slotkeeper_str {
    get(|| Some(event?.changes.all().get(index)?.sentence))
}

/// The changes against the generation before, at once. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_event_changes(event: Option<&slotkeeper_event>) -> slotkeeper_change_list {
    get(|| event.map(|event| event.changes.all().into()))
}

/// The findings that were not there before, the worst first; of the first audit all. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_event_appeared(event: Option<&slotkeeper_event>) -> slotkeeper_finding_list {
    get(|| event.map(|event| event.appeared.all().into()))
}

/// The findings that are not there any more, as they were told. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_event_vanished(event: Option<&slotkeeper_event>) -> slotkeeper_finding_list {
    get(|| event.map(|event| event.vanished.all().into()))
}

/// How many events were lost. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_event_lost(event: Option<&slotkeeper_event>) -> u64 {
    get(|| event.map(|event| event.lost))
}

/// How grave a log line is: `error`, `warn` or `info`. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_event_level(event: Option<&slotkeeper_event>) -> slotkeeper_str {
    get(|| event.map(|event| event.level.into()))
}

/// A log line's sentence. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_event_message(event: Option<&slotkeeper_event>) -> slotkeeper_str {
    get(|| event.map(|event| event.message.as_str().into()))
}

/// Frees an event; NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_event_free(event: Option<Box<slotkeeper_event>>) {
    free(event);
}
