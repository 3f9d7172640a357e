package io.glucogrid.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.cgm.Cgm;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.importers.LoadVerb;
import io.glucogrid.store.HistoryKey;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.ignite.IgniteCache;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Joins of many rows on three nodes, and loads into a grid that runs. */
@ExtendWith(ThreeNodes.class)
class JoinGridTest {
    private static final long FIRST = 980_000;
    private static final long START = 1_391_581_800;
    private static final long MICROS = 1_000_000;
    private static final int TTL_SECONDS = 86_400;

    @TempDir
    private Path folder;

    private TestGrid grid;

    @BeforeEach
    void waitUntilReady(TestGrid shared) {
        grid = shared;
        for (int i = 0; i < 3; i++) {
            ApiClient api = api(i);
            await().atMost(Duration.ofSeconds(60)).until(api::ready);
        }
    }

    private ApiClient api(int node) {
        return ApiClient.of(grid.node(node).info().api(), Duration.ofSeconds(60));
    }

    /** A reading that was known from a time on. */
    private record Known(long subject, long event, long created, long glucose) {}

    private void push(int node, List<Known> rows) {
        ObjectNode body =
                Json.object().put("push_source_name", "cgm_stats_push_source").put("store_type", "offline");
        ArrayNode events = body.putArray("events");
        for (Known row : rows) {
            events.addObject()
                    .put("event_timestamp", row.event)
                    .put(Cgm.SUBJECT, row.subject)
                    .put(Cgm.GLUCOSE, row.glucose)
                    .put("created", row.created);
        }
        api(node).post("/push_stream_event", body);
    }

    /** Glucose as of a time by looking at every row; null where there is none. */
    private static Long expected(List<Known> rows, long subject, long at, boolean knownThen) {
        Known best = null;
        for (Known row : rows) {
            boolean fits = row.subject == subject
                    && row.event <= at
                    && row.event >= at - TTL_SECONDS
                    && (!knownThen || row.created <= at);
            if (fits
                    && (best == null
                            || row.event > best.event
                            || (row.event == best.event && row.created > best.created))) {
                best = row;
            }
        }
        return best == null ? null : best.glucose;
    }

    @Test
    void aJoinOfManyRowsIsWhatALookAtEveryRowGives() {
        long seed = 11;
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        List<Known> rows = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            long event = START + 300L * random.nextInt(600);
            long created = event + random.nextInt(3) * 3_600L; // some are corrected, some come late
            boolean isNew = rows.stream().noneMatch(row -> row.event == event && row.created == created);
            if (isNew) {
                rows.add(new Known(FIRST + random.nextInt(12), event, created, 40 + i));
            }
        }
        for (int part = 0; part < 3; part++) {
            push(part, rows.subList(part * rows.size() / 3, (part + 1) * rows.size() / 3));
        }
        ObjectNode request = Json.object();
        request.putArray("features").add("cgm_hourly_stats:glucose").add("cgm_hourly_stats_fresh:glucose");
        request.put("full_feature_names", true);
        ArrayNode entities = request.putArray("entities");
        for (int i = 0; i < 3_000; i++) {
            entities.addObject()
                    .put(Cgm.SUBJECT, FIRST + random.nextInt(13))
                    .put("event_timestamp", START - 1_000 + random.nextInt(700 * 300))
                    .put("n", i);
        }
        for (boolean knownThen : new boolean[] {false, true}) {
            if (knownThen) {
                request.put("known_at", "event_timestamp");
            }
            for (int node = 0; node < 3; node++) {
                JsonNode answer =
                        api(node).post("/get_historical_features", request).body();
                assertThat(answer).hasSize(3_000);
                for (int i = 0; i < 3_000; i++) {
                    JsonNode row = answer.get(i);
                    JsonNode entity = entities.get(i);
                    assertThat(row.path("n").asInt()).isEqualTo(i);
                    Long glucose = expected(
                            rows,
                            entity.path(Cgm.SUBJECT).asLong(),
                            entity.path("event_timestamp").asLong(),
                            knownThen);
                    for (String view : List.of("cgm_hourly_stats__glucose", "cgm_hourly_stats_fresh__glucose")) {
                        JsonNode value = row.path(view);
                        assertThat(value.isNull() ? null : value.asLong())
                                .as("row " + i + " " + entity + " known then: " + knownThen)
                                .isEqualTo(glucose);
                    }
                }
            }
        }
    }

    @Test
    void aLoadIntoARunningGridShowsInTheHotWindowToo() throws Exception {
        long subject = FIRST - 1;
        long at = 1_391_582_000L / 300 * 300;
        push(0, List.of(new Known(subject, at, at - 10, 100)));
        HistoryKey key = new HistoryKey(new Object[] {subject}, at * MICROS);
        IgniteCache<HistoryKey, FeatureRow> window = grid.ignite(1).cache(Cgm.TABLE);
        assertThat(window.get(key).value(0)).isEqualTo(100L);
        Path file = folder.resolve("corrected.csv");
        Files.writeString(
                file,
                "id,time,gl\n" + subject + ","
                        + Instant.ofEpochSecond(at).toString().replace("T", " ").replace("Z", "") + ",111\n");

        String tier = grid.workDir().resolve("offline").toString();
        String[] load = {
            file.toString(), "--tier", tier, "--api", grid.node(2).info().api(), "--json"
        };
        assertThat(new CommandLine(new LoadVerb())
                        .setOut(new PrintWriter(new StringWriter()))
                        .execute(load))
                .isZero();

        assertThat(window.get(key).value(0)).isEqualTo(111L);
    }
}
