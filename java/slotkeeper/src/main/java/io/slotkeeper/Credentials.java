package io.slotkeeper;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What connections log in with. Immutable; shows neither name nor password. */
public final class Credentials {

    private final String username;
    private final char[] password;

    private Credentials(String username, char[] password) {
        this.username = username;
        this.password = password.clone();
    }

    /** This password, for the user that is configured already. The array is copied, and may be wiped. */
    public static Credentials of(char[] password) {
        return new Credentials(null, password);
    }

    /** This ACL user; empty for the default user. The array is copied, and may be wiped. */
    public static Credentials of(String username, char[] password) {
        return new Credentials(username, password);
    }

    /** The configuration with this in place of its own. */
    Config in(Config config) {
        return (username == null ? config : config.with("username", username)).with("password", new String(password));
    }

    /** Null: the one that is configured. */
    String username() {
        return username;
    }

    /** The password in UTF-8, for the caller to wipe. */
    byte[] password() {
        ByteBuffer encoded = StandardCharsets.UTF_8.encode(CharBuffer.wrap(password));
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        Arrays.fill(encoded.array(), (byte) 0);
        return bytes;
    }

    @Override
    public String toString() {
        return "Credentials(***)";
    }
}
