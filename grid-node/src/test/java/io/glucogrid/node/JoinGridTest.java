package io.glucogrid.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.cgm.Cgm;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.client.cli.FeaturesVerb;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.frame.FrameFile;
import io.glucogrid.frame.FrameReader;
import io.glucogrid.frame.FrameTime;
import io.glucogrid.frame.FrameWriter;
import io.glucogrid.frames.CsvFrameFile;
import io.glucogrid.frames.ParquetFrameFile;
import io.glucogrid.importers.LoadVerb;
import io.glucogrid.store.HistoryKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.LongSummaryStatistics;
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

    /** Longer than what a node takes as a short request, in parts, with windows, by what was known and by what is. */
    @Test
    void aFrameIsJoinedFromEveryFormatToEveryFormat() throws Exception {
        long seed = 13;
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        List<Known> rows = new ArrayList<>();
        for (int i = 0; i < 900; i++) { // each row by itself, some corrected long after
            long event = START + 300L * (i / 3);
            rows.add(new Known(FIRST + 20 + i % 3, event, event + (i % 7 == 0 ? 40_000 : 0), 40 + i % 300));
        }
        push(1, rows);
        List<Object[]> frame = new ArrayList<>();
        for (int i = 0; i < 6_000; i++) {
            long at = START - 1_000 + random.nextInt(400 * 300);
            frame.add(new Object[] {FIRST + 20 + random.nextInt(4), at * MICROS, i % 9 == 0 ? null : "note, " + i});
        }
        Path csv = write(folder.resolve("frame.csv"), new CsvFrameFile(), frame);
        Path parquet = write(folder.resolve("frame.parquet"), new ParquetFrameFile(), frame);
        check(frame, rows, false, joined(0, csv, folder.resolve("joined.parquet")));
        check(frame, rows, true, joined(1, parquet, folder.resolve("joined.csv"), "--known-at"));
        check(frame, rows, true, joined(2, csv, folder.resolve("joined.jsonl"), "--known-at", "--part", "6000"));
    }

    private static Path write(Path file, FrameFile format, List<Object[]> rows) throws IOException {
        List<Field> columns = List.of(
                new Field(Cgm.SUBJECT, ValueType.INT64),
                new Field("event_timestamp", ValueType.UNIX_TIMESTAMP),
                new Field("note", ValueType.STRING));
        try (FrameWriter writer = format.write(file, columns)) {
            writer.write(rows);
            writer.finish();
        }
        return file;
    }

    /** The joined rows as texts: the frame's columns, then glucose of two views, then two windows. */
    private List<String> joined(int node, Path frame, Path out, String... options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "historical",
                "--features",
                "cgm_hourly_stats:glucose,cgm_hourly_stats_fresh:glucose,cgm_windows:glucose_count_24h,"
                        + "cgm_windows:glucose_max_24h",
                "--full-feature-names",
                "--frame",
                frame.toString(),
                "--out",
                out.toString(),
                "--api",
                grid.node(node).info().api(),
                "--json"));
        if (!List.of(options).contains("--part")) {
            arguments.addAll(List.of("--part", "2500"));
        }
        arguments.addAll(List.of(options));
        StringWriter said = new StringWriter();
        int code = new CommandLine(new FeaturesVerb())
                .setOut(new PrintWriter(said))
                .setErr(new PrintWriter(said))
                .execute(arguments.toArray(String[]::new));
        assertThat(code).as(said.toString()).isZero();
        assertThat(Json.parse(said.toString()).path("rows").asInt()).isEqualTo(6_000);
        List<String> lines = new ArrayList<>();
        if (out.toString().endsWith(".jsonl")) {
            for (String line : Files.readAllLines(out)) {
                JsonNode row = Json.parse(line);
                List<String> cells = new ArrayList<>();
                row.forEach(cell -> cells.add(cell.isNull() ? "null" : cell.asText()));
                cells.set(1, String.valueOf(FrameTime.micros(cells.get(1))));
                lines.add(cells.toString());
            }
            return lines;
        }
        boolean text = out.toString().endsWith(".csv");
        FrameFile format = text ? new CsvFrameFile() : new ParquetFrameFile();
        try (FrameReader reader = format.read(out)) {
            for (Object[] row : reader.next(10_000)) {
                if (text) {
                    row[1] = FrameTime.micros((String) row[1]);
                }
                lines.add(Arrays.toString(row));
            }
        }
        return lines;
    }

    private static void check(List<Object[]> frame, List<Known> rows, boolean knownThen, List<String> joined) {
        assertThat(joined).hasSize(frame.size());
        for (int i = 0; i < frame.size(); i++) {
            Object[] entity = frame.get(i);
            long at = (Long) entity[1] / MICROS;
            Long glucose = expected(rows, (Long) entity[0], at, knownThen);
            LongSummaryStatistics window = rows.stream()
                    .filter(row -> row.subject == (Long) entity[0]
                            && row.event <= at
                            && row.event > at - TTL_SECONDS
                            && (!knownThen || row.created <= at))
                    .mapToLong(Known::glucose)
                    .summaryStatistics();
            Object count = glucose == null ? null : window.getCount();
            Object max = glucose == null ? null : window.getMax();
            assertThat(joined.get(i))
                    .as("row %d, known then: %s", i, knownThen)
                    .isEqualTo(Arrays.asList(entity[0], entity[1], entity[2], glucose, glucose, count, max)
                            .toString());
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
