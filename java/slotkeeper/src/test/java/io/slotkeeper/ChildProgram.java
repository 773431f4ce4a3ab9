package io.slotkeeper;

import io.slotkeeper.internal.Native;
import io.slotkeeper.test.ProcessFacts;
import java.io.File;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** What {@link ChildJvm} runs: the first argument says what. */
public final class ChildProgram {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    private ChildProgram() {}

    /** What to do, and with which seeds; {@code cycles} also takes how many. */
    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "load":
                load();
                break;
            case "read-without-library":
                readWithoutLibrary();
                break;
            case "forget":
                forget(arguments[1]);
                break;
            case "isolated":
                isolated().getMethod("forget", String.class).invoke(null, arguments[1]);
                break;
            case "load-twice":
                isolated().getMethod("load").invoke(null);
                isolated().getMethod("load").invoke(null);
                break;
            case "redeploy":
                redeploy(arguments[1], Integer.parseInt(arguments[2]));
                break;
            case "everything":
                everything(arguments[1]);
                break;
            case "jmx":
                jmx(arguments[1]);
                break;
            case "jmx-twice":
                isolated().getMethod("jmx", String.class).invoke(null, arguments[1]);
                isolated().getMethod("jmx", String.class).invoke(null, arguments[1]);
                break;
            case "dump":
                System.out.println(Slotkeeper.dump());
                break;
            case "refresh":
                refresh(arguments[1]);
                break;
            case "cycles":
                cycles(arguments[1], Integer.parseInt(arguments[2]));
                break;
            default:
                throw new IllegalArgumentException(arguments[0]);
        }
    }

    /** Opens a keeper, and never closes it. */
    public static void forget(String seeds) {
        long start = System.nanoTime();
        Slotkeeper.load();
        long loaded = System.nanoTime();
        Keeper keeper = Keeper.open(Config.empty().with("seeds", seeds));
        long opened = System.nanoTime();
        Topology topology = keeper.awaitTopology(LIMIT);
        long first = System.nanoTime();
        System.out.println("forgotten: " + topology);
        System.out.printf("took: %d us to load, %d us to open, %d us to the first topology%n", (loaded - start) / 1000,
                (opened - loaded) / 1000, (first - opened) / 1000);
    }

    /** Registers a keeper and a gate under a name that others may have, and never takes them off. */
    public static void jmx(String seeds) {
        Keeper keeper = Keeper.open(Config.empty().with("seeds", seeds));
        Jmx.register("bank", keeper, Gate.of(Gate.Mode.ON));
        System.out.println("registered: " + keeper.awaitTopology(LIMIT));
    }

    /** Loads the library. */
    public static void load() {
        System.out.println("version: " + Slotkeeper.version());
    }

    /** As an application server does: so often a new class loader, a keeper in it, and both let go. */
    private static void redeploy(String seeds, int count) throws Exception {
        List<WeakReference<ClassLoader>> gone = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Class<?> program = isolated();
            program.getMethod("openAndClose", String.class).invoke(null, seeds);
            ((URLClassLoader) program.getClassLoader()).close();
            gone.add(new WeakReference<>(program.getClassLoader()));
        }
        settled();
        System.out.println("left: " + gone.stream().filter(loader -> loader.get() != null).count());
    }

    /** Opens a keeper, waits for its topology, and closes it. */
    public static void openAndClose(String seeds) {
        try (Keeper keeper = Keeper.open(Config.empty().with("seeds", seeds))) {
            keeper.awaitTopology(LIMIT);
        }
    }

    /** Where no library is loaded, a native call fails: reading a map makes none. */
    private static void readWithoutLibrary() {
        SlotMap map = Topology.EMPTY.slotMap();
        System.out.println("owner: " + map.ownerOf("a key") + ", served: " + map.serves("a key") + map.serves(new byte[] {1}));
        try {
            Native.keySlot(new byte[] {1});
            throw new AssertionError("the library is loaded");
        } catch (UnsatisfiedLinkError expected) {
            System.out.println("no library");
        }
    }

    /** This program in a class loader of its own, which shares nothing with this one. */
    private static Class<?> isolated() throws Exception {
        List<URL> path = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            path.add(new File(entry).toURI().toURL());
        }
        // Not closed here: what is forgotten in it goes on to use it.
        ClassLoader loader = new URLClassLoader(path.toArray(new URL[0]), ClassLoader.getSystemClassLoader().getParent());
        Class<?> program = loader.loadClass(ChildProgram.class.getName());
        if (program == ChildProgram.class) {
            throw new AssertionError("the class loader is not isolated");
        }
        return program;
    }

    /** Each native method once and more, with failures among them. */
    private static void everything(String seeds) {
        Slotkeeper.properties();
        Config config = Config.empty().with("seeds", seeds);
        try {
            config.with("seeds", null);
            throw new AssertionError("null is no value");
        } catch (SlotkeeperException expected) {
            System.out.println("refused: " + expected.getMessage());
        }
        System.out.println(SeedFilter.check(config));
        for (int i = 0; i < 3; i++) {
            try (Keeper keeper = Keeper.open(config)) {
                keeper.addHandOver(topology -> true);
                keeper.addListener(System.out::println);
                Topology topology = keeper.awaitTopology(LIMIT);
                keeper.refresh(LIMIT);
                Node node = topology.nodes().get(0);
                keeper.refreshFrom(node.host(), node.port(), LIMIT);
                System.out.println(keeper.status());
            }
        }
        Native.keySlot(new byte[] {1, 2, 3});
        System.out.println("done");
    }

    /** Refreshes until its input ends. */
    private static void refresh(String seeds) throws Exception {
        try (Keeper keeper = Keeper.open(Config.empty().with("seeds", seeds))) {
            keeper.awaitTopology(LIMIT);
            CountDownLatch end = new CountDownLatch(1);
            Thread refresher = new Thread(() -> {
                while (end.getCount() > 0) {
                    keeper.refresh(LIMIT);
                }
            }, "refresher of the test");
            refresher.start();
            System.out.println("pid: " + ProcessFacts.pid());
            while (System.in.read() >= 0) {
                continue;
            }
            end.countDown();
            refresher.join();
        }
    }

    /**
     * Opens and closes, and says what is left; waits for a topology each tenth time. In seven parts, of which the median counts: what
     * leaks grows in each, while the JVM takes memory of its own in a few, some 14 MB until it has compiled all.
     */
    private static void cycles(String seeds, int count) throws Exception {
        Config config = Config.empty().with("seeds", seeds);
        cycle(config, count);
        ProcessFacts first = settled();
        ProcessFacts before = first;
        List<Long> grown = new ArrayList<>();
        for (int part = 0; part < 7; part++) {
            cycle(config, count);
            ProcessFacts after = settled();
            System.out.println("after: " + after);
            grown.add(after.residentKib() - before.residentKib());
            before = after;
        }
        System.out.println("threads: " + (before.threads() - first.threads()));
        System.out.println("descriptors: " + (before.descriptors() - first.descriptors()));
        Collections.sort(grown);
        System.out.println("resident KiB: " + grown.get(grown.size() / 2));
    }

    private static void cycle(Config config, int count) {
        for (int i = 0; i < count; i++) {
            try (Keeper keeper = Keeper.open(config)) {
                if (i % 10 == 0) {
                    keeper.awaitTopology(LIMIT);
                }
            }
        }
    }

    /** What holds once threads that are on their way out are gone, and garbage is collected. */
    private static ProcessFacts settled() throws Exception {
        System.gc();
        ProcessFacts[] facts = {ProcessFacts.now()};
        long deadline = System.nanoTime() + LIMIT.toNanos();
        for (int same = 0; same < 20 && System.nanoTime() < deadline; ) {
            Thread.sleep(5);
            ProcessFacts now = ProcessFacts.now();
            same = now.threads() == facts[0].threads() && now.descriptors() == facts[0].descriptors() ? same + 1 : 0;
            facts[0] = now;
        }
        return facts[0];
    }
}
