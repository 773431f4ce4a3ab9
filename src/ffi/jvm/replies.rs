//! CLUSTER INFO, and error replies.

use jni::EnvUnowned;
use jni::objects::{JByteArray, JClass, JString};

use super::boundary::call;
use super::packed::Packed;
use crate::cluster::error_reply::ErrorReply;
use crate::cluster::info_reply::parse_info;
use crate::ffi::codes::slotkeeper_error_reply_kind;

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_slotkeeper_internal_Native_parseInfo<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    reply: JByteArray<'local>,
) -> JByteArray<'local> {
    // -1 for what a server does not send, as in C.
    let or_untold = |number: Option<u64>| number.unwrap_or(u64::MAX);
    call(env, |env| {
        let info = parse_info(&env.convert_byte_array(&reply)?)?;
        let mut packed = Packed::default();
        packed.byte(info.state_ok.into());
        for number in
            [info.slots_assigned, info.slots_ok, info.slots_pfail, info.slots_fail, info.known_nodes, info.size]
        {
            packed.count(number as usize);
        }
        for number in [info.current_epoch, info.my_epoch, info.messages_sent, info.messages_received] {
            packed.long(number);
        }
        packed.long(or_untold(info.links_cut));
        for number in [info.nodes_pfail, info.nodes_fail, info.voting_nodes_pfail, info.voting_nodes_fail] {
            packed.long(or_untold(number.map(u64::from)));
        }
        packed.into_java(env)
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_slotkeeper_internal_Native_parseError<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    text: JString<'local>,
) -> JByteArray<'local> {
    call(env, |env| {
        let reply = ErrorReply::parse(&text.try_to_string(env)?);
        let mut packed = Packed::default();
        packed.byte(slotkeeper_error_reply_kind::from(&reply) as u8);
        if let ErrorReply::Moved(redirect) | ErrorReply::Ask(redirect) = &reply {
            packed.short(redirect.slot);
            packed.text(&redirect.host);
            packed.short(redirect.port);
        }
        packed.into_java(env)
    })
}
