package io.slotkeeper.internal;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The native library's log lines, on their way to slf4j: the logger {@code io.slotkeeper}. */
public final class NativeLog {

    private static final Logger LOG = LoggerFactory.getLogger("io.slotkeeper");

    private NativeLog() {}

    /** Logs all lines that wait in the library; for callers that have no keeper whose threads do it. */
    public static void drain() {
        String[] cells = Native.drainLog();
        for (int i = 0; i < cells.length; i += 2) {
            log(cells[i], cells[i + 1]);
        }
    }

    /** Logs one line at the level of this name. */
    public static void log(String level, String message) {
        switch (level) {
            case "error":
                LOG.error(message);
                break;
            case "warn":
                LOG.warn(message);
                break;
            case "info":
                LOG.info(message);
                break;
            default:
                LOG.debug(message);
        }
    }
}
