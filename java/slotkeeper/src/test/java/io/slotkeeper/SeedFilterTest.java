package io.slotkeeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.slotkeeper.test.TestCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SeedFilterTest {

    @Test
    void healthy_seeds_are_found_in_order_beside_refused_silent_and_invalid_ones() {
        try (TestCluster cluster = TestCluster.start("A/B B/A A/B", "--password", "s3cret")) {
            cluster.kill("r0");
            cluster.stop("r1");
            String living = cluster.node("m1").address();
            String last = cluster.node("m0").address();
            Config config = Config.empty().with("password", "s3cret").with("seeds.wait", "all")
                    .with("seeds.deadline-ms", "1500")
                    .with("seeds", String.join(",", cluster.node("r0").address(), living, "not:an:address",
                            cluster.node("r1").address(), last));

            SeedReport report = SeedFilter.check(config);

            assertEquals(Arrays.asList(living, last), report.healthy());
            List<Verdict> verdicts = report.seeds().stream().map(SeedResult::verdict).collect(Collectors.toList());
            assertEquals(Arrays.asList(Verdict.REFUSED, Verdict.HEALTHY, Verdict.INVALID, Verdict.SILENT, Verdict.HEALTHY),
                    verdicts, report.toString());
            assertTrue(report.toString().startsWith("2 of 5 seeds healthy after "), report.toString());
            assertTrue(report.elapsed().toMillis() < 3000, report.toString());
        }
    }

    @Test
    void with_every_seed_dead_nodes_of_the_last_known_good_file_are_found(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("last-good");
        try (TestCluster cluster = TestCluster.start("A A A", "--password", "s3cret")) {
            String seed = cluster.node("m0").address();
            Config config = Config.empty().with("password", "s3cret").with("seeds", seed).with("last-good.file", file.toString());
            try (Keeper keeper = Keeper.open(config)) {
                keeper.refresh(Duration.ofSeconds(10));
                Await.until("the file is written", Duration.ofSeconds(10), () -> Files.exists(file));
            }
            cluster.kill("m0");

            SeedReport report = SeedFilter.check(config);

            List<String> living = Arrays.asList(cluster.node("m1").address(), cluster.node("m2").address());
            assertEquals(living, report.healthy().stream().sorted().collect(Collectors.toList()), report.toString());
            List<Boolean> fromFile = report.seeds().stream().map(SeedResult::isFromFile).collect(Collectors.toList());
            assertEquals(Arrays.asList(false, true, true), fromFile, report.toString());
            assertTrue(report.toString().startsWith("0 of 1 seeds healthy, 2 of 2 nodes of the last-known-good file healthy, after "),
                    report.toString());
            try (Keeper keeper = Keeper.open(config)) {
                assertEquals(3, keeper.refresh(Duration.ofSeconds(10)).nodes().size());
            }
        }
    }

    @Test
    void no_seeds_is_an_error_and_dead_seeds_are_not() {
        SlotkeeperException error = assertThrows(SlotkeeperException.class, () -> SeedFilter.check(Config.empty()));
        assertEquals(SlotkeeperException.MISSING_PROPERTY, error.code());
        SeedReport report = SeedFilter.check(Config.empty().with("seeds", "127.0.0.1:1").with("seeds.deadline-ms", "1000"));
        assertEquals(Verdict.REFUSED, report.seeds().get(0).verdict());
        assertTrue(report.healthy().isEmpty());
    }

    @Test
    void every_verdict_of_the_library_has_its_name_here() {
        for (Verdict verdict : Verdict.values()) {
            assertEquals(verdict, Verdict.of(verdict.text()));
        }
        assertEquals("not-cluster", Verdict.NOT_CLUSTER.text());
    }
}
