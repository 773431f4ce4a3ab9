package io.slotkeeper;

import java.nio.charset.StandardCharsets;

/**
 * The slot of a key: CRC16 (XMODEM) of the key, or of what stands between its first <code>{</code> and the next
 * <code>}</code> unless that is empty, modulo 16,384. Plain Java.
 *
 * <p>Source: the Redis Cluster specification, "Hash tags".
 */
public final class KeySlot {

    /** How many slots a cluster has. */
    public static final int COUNT = 16384;

    private static final int[] CRC16 = crc16Table();

    private KeySlot() {}

    /** The slot, 0 to 16,383, of a key in UTF-8, as Jedis sends it. */
    public static int of(String key) {
        return of(key.getBytes(StandardCharsets.UTF_8));
    }

    /** The slot, 0 to 16,383, of a key. */
    public static int of(byte[] key) {
        int open = indexOf(key, '{', 0);
        if (open >= 0) {
            int close = indexOf(key, '}', open + 1);
            if (close > open + 1) {
                return crc16(key, open + 1, close) % COUNT;
            }
        }
        return crc16(key, 0, key.length) % COUNT;
    }

    private static int indexOf(byte[] key, char wanted, int from) {
        for (int i = from; i < key.length; i++) {
            if (key[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    private static int crc16(byte[] bytes, int from, int to) {
        int crc = 0;
        for (int i = from; i < to; i++) {
            crc = (crc << 8 ^ CRC16[(crc >> 8 ^ bytes[i]) & 0xff]) & 0xffff;
        }
        return crc;
    }

    private static int[] crc16Table() {
        int[] table = new int[256];
        for (int i = 0; i < table.length; i++) {
            int crc = i << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1;
            }
            table[i] = crc & 0xffff;
        }
        return table;
    }
}
