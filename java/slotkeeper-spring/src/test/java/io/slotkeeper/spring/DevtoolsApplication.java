package io.slotkeeper.spring;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.springframework.boot.devtools.restart.Restarter;
import org.springframework.context.ConfigurableApplicationContext;

/** Starts, has devtools restart it once, and ends; prints what {@link DevtoolsTest} looks for. Its classes are loaded anew each time. */
public final class DevtoolsApplication {
    private static final String RUNS = "slotkeeper.test.runs";

    private DevtoolsApplication() {}

    /** Called by the JVM, and by devtools in each of its class loaders. */
    public static void main(String[] arguments) {
        ConfigurableApplicationContext context = Application.builder(Application.Beans.class).run(arguments);
        int run = Integer.getInteger(RUNS, 0) + 1;
        System.setProperty(RUNS, Integer.toString(run));
        System.out.println("run=" + run + " loader=" + DevtoolsApplication.class.getClassLoader().getClass().getSimpleName()
                + " url=" + context.getBean("url") + " keepers=" + settledKeepers());
        if (run == 1) {
            new Thread(() -> Restarter.getInstance().restart()).start();
        } else {
            System.exit(0);
        }
    }

    /** How many keepers run, once it is one or after 10 s: the thread of one that was closed may take a moment to end. */
    private static long settledKeepers() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (keepers() != 1 && System.nanoTime() < deadline) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        return keepers();
    }

    private static long keepers() {
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().equals("slotkeeper-handover")).count();
    }
}
