//! CLUSTER INFO.

use slotkeeper::cluster::info_reply::{MAX_INFO, parse_info};

use super::text;

/// What is read is written and read back the same, however many lines stood around it.
pub fn info(bytes: &[u8]) {
    match parse_info(bytes) {
        Ok(info) => {
            assert_eq!(parse_info(text::info(&info).as_bytes()), Ok(info));
            // Lines that are no number's change nothing, as long as they fit.
            let mut among_others = bytes.strip_prefix(b"txt:").unwrap_or(bytes).to_vec();
            among_others.splice(0..0, *b"a:b\r\n\r\n:\r\nno colon\r\n\xff:1\r\n");
            if among_others.len() <= MAX_INFO {
                assert_eq!(parse_info(&among_others), Ok(info));
            }
        }
        Err(error) => super::assert_message(error.message()),
    }
}
