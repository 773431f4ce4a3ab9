//! Eight bytes looked at as one number (SWAR, "SIMD within a register"), for what is read at speed. The first byte is the lowest.
//!
//! Source: Sean Eron Anderson, Bit Twiddling Hacks; Daniel Lemire, "Quickly parsing eight digits".

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x80 * ONES;

/// Whether any of the bytes is `byte`.
pub(super) fn has(word: u64, byte: u8) -> bool {
    // A borrow runs upwards from a byte that is found, so the answer as a whole is right.
    let differences = word ^ (ONES * u64::from(byte));
    differences.wrapping_sub(ONES) & !differences & HIGHS != 0
}

/// How many decimal digits the word starts with: 0 to 8.
pub(super) fn leading_digits(word: u64) -> usize {
    let values = word ^ (0x30 * ONES);
    first(values.wrapping_add(0x76 * ONES) | values)
}

/// How many of `./0123456789` the word starts with: 0 to 8.
pub(super) fn leading_digits_and_dots(word: u64) -> usize {
    first(word.wrapping_add((0x80 - 0x3A) * ONES) | !word.wrapping_add((0x80 - 0x2E) * ONES) | word)
}

/// The number that the first `digits` bytes write, which are decimal digits: 1 to 8.
pub(super) fn number(word: u64, digits: usize) -> u64 {
    debug_assert!((1..=8).contains(&digits) && digits <= leading_digits(word));
    // Zeros in front make eight digits of it.
    let ones = (word ^ (0x30 * ONES)) << (64 - 8 * digits);
    let tens = (ones * 10).wrapping_add(ones >> 8);
    const PAIR: u64 = 0x0000_00FF_0000_00FF;
    let high = (tens & PAIR).wrapping_mul(100 + (1_000_000 << 32));
    let low = ((tens >> 16) & PAIR).wrapping_mul(1 + (10_000 << 32));
    high.wrapping_add(low) >> 32
}

/// Lower-case hex digits as bytes. The loops are such that the compiler does them for sixteen digits at a time.
pub(super) fn hex(digits: &[u8; 40]) -> Option<[u8; 20]> {
    let mut values = [0; 40];
    let mut wrong = 0;
    for (value, &digit) in values.iter_mut().zip(digits) {
        let number = digit.wrapping_sub(b'0');
        let letter = digit.wrapping_sub(b'a');
        *value = if number < 10 { number } else { letter.wrapping_add(10) };
        wrong |= u8::from(number >= 10) & u8::from(letter >= 6);
    }
    let mut bytes = [0; 20];
    for (byte, pair) in bytes.iter_mut().zip(values.as_chunks::<2>().0) {
        let pair = u16::from_le_bytes(*pair);
        *byte = (pair << 4 | pair >> 8) as u8;
    }
    (wrong == 0).then_some(bytes)
}

/// The place of the first byte whose highest bit is set; 8 if none is. Carries run upwards, so what they spoil lies behind it.
fn first(marks: u64) -> usize {
    (marks & HIGHS).trailing_zeros() as usize / 8
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
    fn a_byte_is_found_wherever_it_stands() {
        for around in [b"user:123", b"||||||||", b"{\x7bz|\x00\xff{{", b"\xfb\xfa\xfc\x7a\x7c\x7d\x80\x00"] {
            for bytes in words(around) {
                assert_eq!(has(u64::from_le_bytes(bytes), b'{'), bytes.contains(&b'{'), "{bytes:?}");
            }
        }
    }

    #[test]
    fn leading_bytes_are_counted_for_every_byte_at_every_place() {
        let count = |bytes: [u8; 8], test: fn(&u8) -> bool| bytes.iter().take_while(|byte| test(byte)).count();
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
        for digits in 1..=8 {
            for _ in 0..1_000 {
                let mut bytes = [0; 8];
                bytes.fill_with(|| random.u8(b'0'..=b'9'));
                bytes[digits..].fill_with(|| random.u8(..));
                let expected = std::str::from_utf8(&bytes[..digits]).unwrap().parse().unwrap();
                assert_eq!(number(u64::from_le_bytes(bytes), digits), expected, "{bytes:?}");
            }
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
