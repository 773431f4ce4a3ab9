package io.slotkeeper.examples.start;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;

/** What is printed, the log included, until it is closed. */
final class Printed extends OutputStream {

    private final PrintStream out = System.out;
    private final PrintStream err = System.err;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private Printed() {}

    static Printed begin() {
        Printed printed = new Printed();
        PrintStream stream = new PrintStream(printed, true);
        System.setOut(stream);
        System.setErr(stream);
        return printed;
    }

    synchronized String text() {
        return bytes.toString();
    }

    @Override
    public synchronized void write(int octet) {
        bytes.write(octet);
        out.write(octet);
    }

    @Override
    public void close() {
        System.setOut(out);
        System.setErr(err);
    }
}
