package io.slotkeeper.spring;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** What a test prints, for tests that take it as a parameter; Boot's own comes only with 2.2. */
final class Output extends OutputStream implements BeforeEachCallback, AfterEachCallback, ParameterResolver {
    private final PrintStream before = System.out;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @Override
    public void beforeEach(ExtensionContext context) {
        printed.reset();
        System.setOut(new PrintStream(this, true));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        System.setOut(before);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Output.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return this;
    }

    @Override
    public synchronized void write(int octet) {
        before.write(octet);
        printed.write(octet);
    }

    @Override
    public synchronized void write(byte[] octets, int from, int length) {
        before.write(octets, from, length);
        printed.write(octets, from, length);
    }

    /** All that was printed since the test began. */
    @Override
    public synchronized String toString() {
        try {
            return printed.toString(StandardCharsets.UTF_8.name());
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }
}
