//! Addresses of nodes, in redirects as well.

use slotkeeper::SLOT_COUNT;
use slotkeeper::cluster::address::{Address, list_items};
use slotkeeper::cluster::error_reply::ErrorReply;

/// What is read is shown so that it is read back; nothing is read that could not be dialled.
pub fn address(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    read(&text);
    for item in list_items(&text) {
        assert!(!item.is_empty() && !item.contains(|c: char| c == ',' || c.is_whitespace()), "{item:?}");
        read(item);
    }
    split(&text);
    redirect(&text);
}

fn read(text: &str) {
    match text.parse::<Address>() {
        Ok(address) => {
            let (host, port) = (address.host(), address.port());
            assert!(!host.is_empty() && host.len() <= 253 && port > 0, "{address:?}");
            assert!(!host.contains(['[', ']', '@', ',', '/', ' ', '\n']), "{address:?}");
            assert!(text.contains(host), "{address:?} of {text:?}");
            assert!(!host.contains(':') || address.ip().is_some(), "{address:?}");
            let shown = address.to_string();
            assert_eq!(shown.parse().as_ref(), Ok(&address), "{shown:?} of {text:?}");
            assert_eq!(Address::split_node_line(&shown), Some((host, port)), "{shown:?}");
        }
        Err(error) => super::assert_message(error.message()),
    }
}

fn split(text: &str) {
    let Some((host, port)) = Address::split_node_line(text) else { return };
    assert!(text.contains(host), "{host:?} of {text:?}");
    let again = format!("[{host}]:{port}");
    assert_eq!(Address::split_node_line(&again), Some((host, port)), "{again:?} of {text:?}");
    assert_eq!(text.rsplit_once(':').unwrap().1.parse(), Ok(port), "{text:?}");
}

fn redirect(text: &str) {
    for (code, is_moved) in [("MOVED", true), ("-ASK", false), ("", true)] {
        let (redirect, said_moved) = match ErrorReply::parse(&format!("{code} {text}")) {
            ErrorReply::Moved(redirect) => (redirect, true),
            ErrorReply::Ask(redirect) => (redirect, false),
            _ => continue,
        };
        assert!(code.is_empty() || said_moved == is_moved, "{code} {text}");
        assert!(usize::from(redirect.slot) < SLOT_COUNT && redirect.port > 0, "{redirect:?}");
        assert!(text.contains(&*redirect.host) && redirect.host.len() <= 253, "{redirect:?}");
        let again = format!("MOVED {} [{}]:{}", redirect.slot, redirect.host, redirect.port);
        assert_eq!(ErrorReply::parse(&again), ErrorReply::Moved(redirect), "{again}");
    }
}
