//! Eight bytes looked at as one number (SWAR, "SIMD within a register"), for what is read at speed. The first byte is the lowest.
//!
//! Source: Sean Eron Anderson, Bit Twiddling Hacks; Daniel Lemire, "Quickly parsing eight digits".

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x80 * ONES;

/// Marks each byte that may be a `{`, by its highest bit, and sometimes others that are no letters or digits: two operations
/// instead of four. Marks of several words may be put together by `|`.
#[inline(always)]
pub(super) fn may_be_brace(word: u64) -> u64 {
    // What overflows is above 0xFA, and its carry can only mark a byte, never take the mark of a brace.
    word.wrapping_add((0x80 - 0x7B) * ONES)
}

/// Whether any byte is marked.
#[inline(always)]
pub(super) fn is_any(marks: u64) -> bool {
    marks & HIGHS != 0
}

/// How many decimal digits the word starts with: 0 to 7; `None` if it has nothing else.
#[inline(always)]
pub(super) fn leading_digits(word: u64) -> Option<usize> {
    let values = word ^ (0x30 * ONES);
    first(values.wrapping_add(0x76 * ONES) | values)
}

/// How many of `./0123456789` the word starts with: 0 to 7; `None` if it has nothing else.
#[inline(always)]
pub(super) fn leading_digits_and_dots(word: u64) -> Option<usize> {
    first(word.wrapping_add((0x80 - 0x3A) * ONES) | !word.wrapping_add((0x80 - 0x2E) * ONES) | word)
}

/// The number that the first `digits` bytes write, which are 1 to 7 decimal digits.
#[inline(always)]
pub(super) fn number(word: u64, digits: usize) -> u64 {
    debug_assert!((1..8).contains(&digits) && leading_digits(word).is_none_or(|leading| digits <= leading));
    // Shifted to the end, with zeros in front, they are eight.
    eight_digits(word << (64 - 8 * digits))
}

/// The number that eight decimal digits write.
#[inline(always)]
pub(super) fn eight_digits(word: u64) -> u64 {
    const PAIR: u64 = 0x0000_00FF_0000_00FF;
    let ones = word & (0x0F * ONES);
    let tens = (ones * 10).wrapping_add(ones >> 8);
    let high = (tens & PAIR).wrapping_mul(100 + (1_000_000 << 32));
    let low = ((tens >> 16) & PAIR).wrapping_mul(1 + (10_000 << 32));
    high.wrapping_add(low) >> 32
}

/// The byte at `place`, 0 to 7.
#[inline(always)]
pub(super) fn byte(word: u64, place: usize) -> u8 {
    (word >> (8 * place)) as u8
}

/// Forty lower-case hex digits as bytes. Each loop is such that the compiler does sixteen digits at a time, for which eight zeros
/// are added.
#[inline(always)]
pub(super) fn hex(digits: &[u8; 40]) -> Option<[u8; 20]> {
    let mut padded = [b'0'; 48];
    padded[..40].copy_from_slice(digits);
    let mut values = [0; 48];
    let mut wrong = 0;
    for (value, &digit) in values.iter_mut().zip(&padded) {
        let number = digit.wrapping_sub(b'0');
        let letter = digit.wrapping_sub(b'a');
        *value = if number < 10 { number } else { letter.wrapping_add(10) };
        wrong |= u8::from(number >= 10) & u8::from(letter >= 6);
    }
    let mut bytes = [0; 24];
    for (byte, pair) in bytes.iter_mut().zip(values.as_chunks().0) {
        let pair = u16::from_le_bytes(*pair);
        *byte = (pair << 4 | pair >> 8) as u8;
    }
    if wrong == 0 { bytes.first_chunk().copied() } else { None }
}

/// The place of the first byte whose highest bit is set. Carries run upwards, so what they spoil lies behind it.
#[inline(always)]
fn first(marks: u64) -> Option<usize> {
    let marks = marks & HIGHS;
    if marks == 0 { None } else { Some(marks.trailing_zeros() as usize / 8) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every byte at every place of `around`.
    fn words(around: &[u8; 8]) -> impl Iterator<Item = [u8; 8]> {
        let around = *around;
        (0..8).flat_map(move |place| {
            (0..=255).map(move |byte| {
                let mut bytes = around;
                bytes[place] = byte;
                bytes
            })
        })
    }

    #[test]
    fn no_brace_is_missed_and_letters_and_digits_are_none() {
        for around in [b"user:123", b"||||||||", b"{\x7bz|\x00\xff{{", b"\xfb\xfa\xfc\x7a\x7c\x7d\x80\x00"] {
            for bytes in words(around) {
                let is_marked = is_any(may_be_brace(u64::from_le_bytes(bytes)));
                assert!(is_marked || !bytes.contains(&b'{'), "{bytes:?}");
                assert!(!is_marked || bytes.iter().any(|&byte| byte >= b'{'), "{bytes:?}");
            }
        }
    }

    #[test]
    fn leading_bytes_are_counted_for_every_byte_at_every_place() {
        let count = |bytes: [u8; 8], test: fn(&u8) -> bool| bytes.iter().position(|byte| !test(byte));
        for around in [
            b"90817263",
            b"10.2/3.4",
            b"\xff\xff\xff\xff\xff\xff\xff\xff",
            b"::::::::",
            b"//////..",
            b"9\x800\xff1\x8a2\xd0",
        ] {
            for bytes in words(around) {
                let word = u64::from_le_bytes(bytes);
                assert_eq!(leading_digits(word), count(bytes, u8::is_ascii_digit), "{bytes:?}");
                let is_dot_to_nine = |byte: &u8| (b'.'..=b'9').contains(byte);
                assert_eq!(leading_digits_and_dots(word), count(bytes, is_dot_to_nine), "{bytes:?}");
            }
        }
    }

    #[test]
    fn numbers_of_every_length() {
        let mut random = fastrand::Rng::with_seed(7);
        for digits in (1..=8).cycle().take(8_000) {
            let mut bytes = [0; 8];
            bytes.fill_with(|| random.u8(b'0'..=b'9'));
            bytes[digits..].fill_with(|| random.u8(..));
            let word = u64::from_le_bytes(bytes);
            let read = if digits == 8 { eight_digits(word) } else { number(word, digits) };
            assert_eq!(read, std::str::from_utf8(&bytes[..digits]).unwrap().parse::<u64>().unwrap(), "{bytes:?}");
        }
    }

    #[test]
    fn hex_digits_of_every_value_and_nothing_else() {
        const ID: &[u8; 40] = b"0123456789abcdef99999999ffffffffa0b1c2d9";
        for place in 0..40 {
            for byte in 0..=255 {
                let mut digits = *ID;
                digits[place] = byte;
                let value = |digit: u8| b"0123456789abcdef".iter().position(|&known| known == digit);
                let expected: Option<Vec<u8>> =
                    digits.chunks(2).map(|pair| Some((value(pair[0])? * 16 + value(pair[1])?) as u8)).collect();
                assert_eq!(hex(&digits).map(Vec::from), expected, "{byte:#x} at {place}");
            }
        }
    }
}
