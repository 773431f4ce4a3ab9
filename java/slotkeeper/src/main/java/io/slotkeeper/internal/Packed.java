package io.slotkeeper.internal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * Reads the values that the native side has laid end to end into one array: numbers with the lowest byte first, texts in
 * UTF-8 behind their length.
 */
public final class Packed {

    private final byte[] bytes;
    private final ByteBuffer buffer;

    /** At the first value of the array. */
    public Packed(byte[] bytes) {
        this.bytes = bytes;
        buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** One byte. */
    public int nextByte() {
        return buffer.get();
    }

    /** Two bytes: 0 to 65,535. */
    public int nextShort() {
        return buffer.getShort() & 0xffff;
    }

    /** Four bytes: how many things there are. */
    public int nextCount() {
        return buffer.getInt();
    }

    /** Eight bytes. */
    public long nextLong() {
        return buffer.getLong();
    }

    /** Eight bytes: a floating-point number. */
    public double nextDouble() {
        return buffer.getDouble();
    }

    /** A text. */
    public String nextText() {
        int length = nextCount();
        return length == 0 ? "" : nextText(length, StandardCharsets.UTF_8);
    }

    /** A node's id: 40 hex digits. */
    public String nextId() {
        return nextText(40, StandardCharsets.ISO_8859_1);
    }

    /** An id, or null if there is none. */
    public String nextOptionalId() {
        return nextByte() == 0 ? null : nextId();
    }

    /** So many values of two bytes. */
    public short[] nextShorts(int length) {
        short[] shorts = new short[length];
        buffer.asShortBuffer().get(shorts);
        buffer.position(buffer.position() + 2 * length);
        return shorts;
    }

    /** So many bytes. */
    public byte[] nextBytes(int length) {
        byte[] next = new byte[length];
        buffer.get(next);
        return next;
    }

    private String nextText(int length, Charset charset) {
        String text = new String(bytes, buffer.position(), length, charset);
        buffer.position(buffer.position() + length);
        return text;
    }
}
