package io.slotkeeper;

import java.nio.charset.StandardCharsets;

/**
 * The slot of a key: CRC16 (XMODEM) of the key, or of what stands between its first <code>{</code> and the next
 * <code>}</code> unless that is empty, modulo 16,384. Plain Java.
 *
 * <p>Most keys have no brace, and then one pass does: looking for it and hashing go side by side, eight bytes at a time.
 *
 * <p>Source: the Redis Cluster specification, "Hash tags".
 */
public final class KeySlot {

    /** How many slots a cluster has. */
    public static final int COUNT = 16384;

    /** No byte, and no character that is hashed as it is. */
    private static final int NONE = 256;

    /** The CRC of byte {@code b} with {@code n} zero bytes behind it, at {@code 256 * n + b}. */
    private static final char[] CRC16 = crc16Table();

    private KeySlot() {}

    /** The slot, 0 to 16,383, of a key in UTF-8, as Jedis sends it. Makes no copy if what is hashed is ASCII. */
    public static int of(String key) {
        int crc = crc16(key, 0, key.length(), '{');
        if (crc < 0) {
            int open = key.indexOf('{');
            int close = key.indexOf('}', open + 1);
            boolean tagged = open >= 0 && close > open + 1;
            crc = tagged ? crc16(key, open + 1, close, NONE) : crc16(key, 0, key.length(), NONE);
        }
        return crc < 0 ? of(key.getBytes(StandardCharsets.UTF_8)) : crc % COUNT;
    }

    /** The slot, 0 to 16,383, of a key. */
    public static int of(byte[] key) {
        int crc = crc16(key, 0, key.length, '{');
        if (crc < 0) {
            int open = indexOf(key, '{', 0);
            int close = indexOf(key, '}', open + 1);
            crc = close > open + 1 ? crc16(key, open + 1, close, NONE) : crc16(key, 0, key.length, NONE);
        }
        return crc % COUNT;
    }

    private static int indexOf(byte[] key, char wanted, int from) {
        for (int i = from; i < key.length; i++) {
            if (key[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    /** The CRC of a part of a key; -1 if {@code stop} is in it. */
    private static int crc16(byte[] key, int from, int to, int stop) {
        int crc = 0;
        int i = from;
        for (int lastEight = to - 7; i < lastEight; i += 8) {
            int b0 = key[i];
            int b1 = key[i + 1];
            int b2 = key[i + 2];
            int b3 = key[i + 3];
            int b4 = key[i + 4];
            int b5 = key[i + 5];
            int b6 = key[i + 6];
            int b7 = key[i + 7];
            if (b0 == stop || b1 == stop || b2 == stop || b3 == stop || b4 == stop || b5 == stop || b6 == stop || b7 == stop) {
                return -1;
            }
            crc = next(crc, b0, b1, b2, b3, b4, b5, b6, b7);
        }
        for (; i < to; i++) {
            if (key[i] == stop) {
                return -1;
            }
            crc = next(crc, key[i]);
        }
        return crc;
    }

    /** The same of characters, which cannot be read through one face with bytes at speed; -1 also if one is not ASCII. */
    private static int crc16(String key, int from, int to, int stop) {
        int crc = 0;
        int i = from;
        for (int lastEight = to - 7; i < lastEight; i += 8) {
            int c0 = key.charAt(i);
            int c1 = key.charAt(i + 1);
            int c2 = key.charAt(i + 2);
            int c3 = key.charAt(i + 3);
            int c4 = key.charAt(i + 4);
            int c5 = key.charAt(i + 5);
            int c6 = key.charAt(i + 6);
            int c7 = key.charAt(i + 7);
            if ((c0 | c1 | c2 | c3 | c4 | c5 | c6 | c7) > 127
                    || c0 == stop || c1 == stop || c2 == stop || c3 == stop || c4 == stop || c5 == stop || c6 == stop || c7 == stop) {
                return -1;
            }
            crc = next(crc, c0, c1, c2, c3, c4, c5, c6, c7);
        }
        for (; i < to; i++) {
            int c = key.charAt(i);
            if (c > 127 || c == stop) {
                return -1;
            }
            crc = next(crc, c);
        }
        return crc;
    }

    /** Slicing: the table of a byte knows how many bytes follow it, so that all look-ups are independent of each other. */
    private static int next(int crc, int b0, int b1, int b2, int b3, int b4, int b5, int b6, int b7) {
        return CRC16[7 * 256 + ((b0 ^ crc >> 8) & 0xff)] ^ CRC16[6 * 256 + ((b1 ^ crc) & 0xff)]
                ^ CRC16[5 * 256 + (b2 & 0xff)] ^ CRC16[4 * 256 + (b3 & 0xff)]
                ^ CRC16[3 * 256 + (b4 & 0xff)] ^ CRC16[2 * 256 + (b5 & 0xff)]
                ^ CRC16[256 + (b6 & 0xff)] ^ CRC16[b7 & 0xff];
    }

    private static int next(int crc, int b) {
        return (crc << 8 & 0xffff) ^ CRC16[(crc >> 8 ^ b) & 0xff];
    }

    private static char[] crc16Table() {
        char[] table = new char[8 * 256];
        for (int i = 0; i < 256; i++) {
            int crc = i << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1;
            }
            table[i] = (char) crc;
        }
        for (int i = 256; i < table.length; i++) {
            int before = table[i - 256];
            table[i] = (char) (before << 8 ^ table[before >> 8]);
        }
        return table;
    }
}
