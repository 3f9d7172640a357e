package io.glucogrid.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.cgm.Cgm;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.loaders.OfflineVerb;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A whole node on a tier with damaged files, and on a disk that is full for a while. */
@Tag("faults")
class BadTierIT {
    private static final long SUBJECT = 163_669_001;

    @TempDir
    private Path folder;

    private TestGrid grid;

    @AfterEach
    void stop() throws Exception {
        if (grid != null) {
            grid.close();
        }
        new ProcessBuilder("umount", "-l", folder.toString()).start().waitFor(10, TimeUnit.SECONDS);
    }

    private ApiClient start(Path tier) {
        grid = TestGrid.start(0);
        GridNode node = grid.add(Map.of("GRID_OFFLINE_URI", tier.toString(), "GRID_EXPECTED_NODES", "1"));
        ApiClient api = ApiClient.of(node.info().api(), Duration.ofSeconds(20));
        await().atMost(Duration.ofSeconds(60)).until(api::ready);
        return api;
    }

    private void push(ApiClient api, long seconds, long glucose) {
        ObjectNode event = Json.object()
                .put("event_timestamp", seconds)
                .put(Cgm.SUBJECT, SUBJECT)
                .put(Cgm.GLUCOSE, glucose)
                .put("created", seconds);
        ObjectNode body =
                Json.object().put("push_source_name", "cgm_stats_push_source").put("store_type", "offline");
        body.set("event", event);
        api.post("/push_stream_event", body);
    }

    private JsonNode glucose(ApiClient api, long seconds) {
        ArrayNode rows =
                Json.array().add(Json.object().put(Cgm.SUBJECT, SUBJECT).put("event_timestamp", seconds));
        return api.historicalFeatures(List.of("cgm_hourly_stats:glucose"), rows).at("/0/glucose");
    }

    private String get(String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(grid.node(0).info().api() + path))
                                .timeout(Duration.ofSeconds(20))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static List<Path> segments(Path tier) throws IOException {
        try (Stream<Path> files = Files.walk(tier)) {
            return files.filter(file -> file.toString().endsWith(".parquet"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void aNodeStartsOnATierWithEveryKindOfDamageServesTheRestAndReportsIt() throws Exception {
        Path tier = folder.resolve("tier");
        ApiClient api = start(tier);
        for (int i = 1; i <= 5; i++) {
            push(api, 1_000_000_000L + 1_000_000L * i, 100 + i);
        }
        grid.close();
        List<Path> segments = segments(tier);
        assertThat(segments).hasSize(5);
        // Which file has which reading follows from the answers below; each damage takes one away.
        Path zeroed = segments.get(0);
        Path cut = segments.get(1);
        Path flipped = segments.get(2);
        Files.write(zeroed, new byte[(int) Files.size(zeroed)]);
        Files.write(cut, Arrays.copyOf(Files.readAllBytes(cut), 300));
        byte[] bytes = Files.readAllBytes(flipped);
        bytes[bytes.length / 3] ^= 4;
        Files.write(flipped, bytes);
        Files.createFile(flipped.resolveSibling("empty.parquet"));
        Files.writeString(flipped.resolveSibling("foreign.parquet"), "no table, though it ends as one does: PAR1");

        ApiClient again = start(tier);
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            int found = 0;
            for (int i = 1; i <= 5; i++) {
                JsonNode glucose = glucose(again, 1_000_000_000L + 1_000_000L * i);
                found += glucose.asInt() == 100 + i ? 1 : 0;
            }
            assertThat(found).isEqualTo(2);
        });
        assertThat(get("/ready"))
                .contains("tier_problems", "\"status\":\"ready\"")
                .contains(zeroed.getFileName().toString(), cut.getFileName().toString(), "empty.parquet")
                .contains(flipped.getFileName().toString(), "foreign.parquet");
        assertThat(get("/metrics")).contains("glucogrid_tier_quarantined 5\n", "glucogrid_tier_segments{table=");
        StringWriter report = new StringWriter();
        assertThat(new CommandLine(new OfflineVerb())
                        .setOut(new PrintWriter(report))
                        .execute("verify", "--tier", tier.toString(), "--json"))
                .isEqualTo(3);
        assertThat(report.toString()).contains("foreign.parquet", "empty.parquet");
        push(again, 1_700_000_000L, 99);
        assertThat(glucose(again, 1_700_000_000L).asInt()).isEqualTo(99);
    }

    @Test
    void aDiskThatIsFullFailsPushesWithItsReasonAndTheNodeGoesOnOnceThereIsRoom() throws Exception {
        Process mount = new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder.toString()).start();
        assumeTrue(mount.waitFor(10, TimeUnit.SECONDS) && mount.exitValue() == 0, "cannot mount");
        ApiClient api = start(folder.resolve("tier"));
        push(api, 1_700_000_000L, 101);
        Path filler = folder.resolve("filler");
        assertThatThrownBy(() -> {
                    try (java.io.OutputStream out = Files.newOutputStream(filler)) {
                        while (true) {
                            out.write(new byte[4_096]);
                        }
                    }
                })
                .hasMessageContaining("No space left");

        assertThatThrownBy(() -> push(api, 1_700_000_300L, 102)).hasMessageContaining("No space left on device");
        assertThat(get("/ready")).contains("takes no writes: No space left on device");
        assertThat(get("/metrics")).contains("glucogrid_tier_writable 0\n");
        assertThat(glucose(api, 1_700_000_300L).asInt()).isEqualTo(101);

        Files.delete(filler);
        await().atMost(Duration.ofSeconds(20)).until(() -> !get("/ready").contains("takes no writes"));
        push(api, 1_700_000_300L, 102);
        assertThat(glucose(api, 1_700_000_300L).asInt()).isEqualTo(102);
        assertThat(get("/metrics")).contains("glucogrid_tier_writable 1\n");
    }
}
