package io.slotkeeper;

import io.slotkeeper.internal.Packed;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Packs values as the native side does, so that tests can make what it would give. */
final class Packer {

    private final ByteBuffer buffer = ByteBuffer.allocate(100_000).order(ByteOrder.LITTLE_ENDIAN);

    Packer bytes(int... values) {
        for (int value : values) {
            buffer.put((byte) value);
        }
        return this;
    }

    Packer shorts(int... values) {
        for (int value : values) {
            buffer.putShort((short) value);
        }
        return this;
    }

    Packer counts(int... values) {
        for (int value : values) {
            buffer.putInt(value);
        }
        return this;
    }

    Packer longs(long... values) {
        for (long value : values) {
            buffer.putLong(value);
        }
        return this;
    }

    Packer text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        counts(bytes.length);
        buffer.put(bytes);
        return this;
    }

    /** An id is 40 digits: this one so often. */
    Packer id(char digit) {
        for (int i = 0; i < 40; i++) {
            bytes(digit);
        }
        return this;
    }

    Packed packed() {
        return new Packed(buffer.array());
    }
}
