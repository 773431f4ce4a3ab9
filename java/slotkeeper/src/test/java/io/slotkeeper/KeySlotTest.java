package io.slotkeeper;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.slotkeeper.internal.Native;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeySlotTest {

    private static final Path VECTORS = Paths.get("../../tests/data/keyslot-vectors.tsv");

    @Test
    void all_vectors_give_the_slot_that_redis_gave() throws IOException {
        int vectors = 0;
        for (String line : Files.readAllLines(VECTORS, StandardCharsets.UTF_8)) {
            if (!line.isEmpty() && !line.startsWith("#")) {
                String[] fields = line.split("\t");
                byte[] key = bytes(fields[0]);
                assertEquals(Integer.parseInt(fields[1]), KeySlot.of(key), line);
                vectors++;
            }
        }
        assertEquals(48, vectors);
    }

    @Test
    void native_and_java_agree_on_random_keys_with_and_without_tags() {
        Slotkeeper.load();
        Random random = new Random(42);
        byte[] letters = {'{', '}', 'a', 0, (byte) 0xff, '7'};
        for (int i = 0; i < 20_000; i++) {
            byte[] key = new byte[random.nextInt(40)];
            for (int j = 0; j < key.length; j++) {
                key[j] = letters[random.nextInt(letters.length)];
            }
            assertEquals(Native.keySlot(key), KeySlot.of(key));
        }
    }

    @Test
    void texts_are_hashed_as_utf_8() {
        assertEquals(KeySlot.of("schlüssel".getBytes(StandardCharsets.UTF_8)), KeySlot.of("schlüssel"));
    }

    private static byte[] bytes(String hex) {
        byte[] bytes = new byte[hex.length() / 2];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
        }
        return bytes;
    }
}
