package io.slotkeeper;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.slotkeeper.internal.Native;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Arrays;
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
    void keys_of_every_length_with_and_without_tags_have_the_slot_of_the_definition() {
        Slotkeeper.load();
        Random random = new Random(42);
        String[] alphabets = {"abcdefghijk{}", "{}aZ~\u0000\u007f", "abcdefghijk{}\u0080\u00ff", "abc{}\u07ff\uffff\ud83d\ude00"};
        for (int i = 0; i < 40_000; i++) {
            byte[] key = new byte[i % 100];
            random.nextBytes(key);
            String letters = alphabets[random.nextInt(alphabets.length)];
            StringBuilder text = new StringBuilder();
            for (int j = 0; j < key.length; j++) {
                text.append(letters.charAt(random.nextInt(letters.length())));
                if (random.nextInt(12) == 0) {
                    key[j] = (byte) (random.nextBoolean() ? '{' : '}');
                }
            }
            assertEquals(slotByDefinition(key), KeySlot.of(key), () -> Arrays.toString(key));
            assertEquals(slotByDefinition(key), Native.keySlot(key), () -> Arrays.toString(key));
            byte[] utf8 = text.toString().getBytes(StandardCharsets.UTF_8);
            assertEquals(slotByDefinition(utf8), KeySlot.of(utf8), text::toString);
            assertEquals(slotByDefinition(utf8), KeySlot.of(text.toString()), text::toString);
        }
    }

    @Test
    void texts_are_hashed_as_utf_8() {
        for (String key : new String[] {"schlüssel", "{schlüssel}", "{ascii}schlüssel", "schlüssel{ascii}", "{}ü", "ü{", "\ud83d"}) {
            assertEquals(KeySlot.of(key.getBytes(StandardCharsets.UTF_8)), KeySlot.of(key), key);
        }
    }

    /** The hash tag as the specification's code finds it, and the CRC bit by bit. */
    private static int slotByDefinition(byte[] key) {
        String text = new String(key, StandardCharsets.ISO_8859_1);
        int open = text.indexOf('{');
        int close = open < 0 ? -1 : text.indexOf('}', open);
        int crc = 0;
        for (char c : (close > open + 1 ? text.substring(open + 1, close) : text).toCharArray()) {
            for (int bit = 7; bit >= 0; bit--) {
                boolean carry = (crc >> 15 & 1) != (c >> bit & 1);
                crc = (crc << 1 ^ (carry ? 0x1021 : 0)) & 0xffff;
            }
        }
        return crc % KeySlot.COUNT;
    }

    private static byte[] bytes(String hex) {
        byte[] bytes = new byte[hex.length() / 2];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
        }
        return bytes;
    }
}
