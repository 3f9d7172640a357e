package io.glucogrid.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.cgm.Cgm;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.client.ThinGrid;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.importers.LoadVerb;
import io.glucogrid.loaders.CompactVerb;
import io.glucogrid.loaders.OfflineVerb;
import io.glucogrid.store.HistoryKey;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import javax.cache.CacheException;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.cache.CachePeekMode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A subject is forgotten by three nodes and by the tier behind them. */
@ExtendWith(ThreeNodes.class)
class ForgetGridTest {
    private static final long SUBJECT = 990_001;
    private static final long NEIGHBOUR = SUBJECT + Buckets.COUNT;
    private static final long SECONDS = 1_391_581_982;
    private static final long MICROS = 1_000_000;

    @TempDir
    private Path folder;

    private TestGrid grid;

    @BeforeEach
    void waitUntilReady(TestGrid shared) {
        grid = shared;
        grid.awaitReady();
    }

    private ApiClient api(int node) {
        return grid.api(node);
    }

    private static ObjectNode entity(long subject) {
        ObjectNode request = Json.object();
        request.putObject("entity").put(Cgm.SUBJECT, subject);
        return request;
    }

    private static JsonNode online(ApiClient api, String service, long subject, String feature) {
        return api.onlineFeatures(service, Readings.entity(subject))
                .path(feature)
                .path(0);
    }

    private String tier() {
        return grid.workDir().resolve("offline").toString();
    }

    /** Copies of rows in all online caches and hot windows of all nodes. */
    private long copiesInMemory(long subject) {
        long copies = 0;
        for (int i = 0; i < 3; i++) {
            Ignite node = grid.ignite(i);
            for (String name : node.cacheNames()) {
                IgniteCache<Object, FeatureRow> cache = node.cache(name);
                if (name.startsWith(Caches.ONLINE_PREFIX)) {
                    copies += cache.localPeek(subject, CachePeekMode.ALL) == null ? 0 : 1;
                } else if (name.equals(Cgm.TABLE)) {
                    for (long at = SECONDS - 600; at <= SECONDS; at += 300) {
                        Object key = new HistoryKey(new Object[] {subject}, at * MICROS);
                        copies += cache.localPeek(key, CachePeekMode.ALL) == null ? 0 : 1;
                    }
                }
            }
        }
        return copies;
    }

    /** Different ones: a compaction's inputs stay for a while beside its outputs. */
    private long rowsInFiles(long subject) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement();
                ResultSet count = statement.executeQuery("SELECT count(DISTINCT event_timestamp) FROM read_parquet('"
                        + tier() + "/readings/**/*.parquet', union_by_name = true) WHERE subject_id = " + subject)) {
            count.next();
            return count.getLong(1);
        }
    }

    private JsonNode verified() {
        StringWriter out = new StringWriter();
        int code = new CommandLine(new OfflineVerb())
                .setOut(new PrintWriter(out))
                .execute("verify", "--tier", tier(), "--table", Cgm.TABLE, "--json");
        assertThat(code).as(out.toString()).isZero();
        return Json.parse(out.toString()).at("/tables/0");
    }

    private int compact() {
        return new CommandLine(new CompactVerb())
                .setOut(new PrintWriter(new StringWriter()))
                .execute(
                        "--tier",
                        tier(),
                        "--grace",
                        "1",
                        "--api",
                        grid.node(0).info().api());
    }

    @Test
    void aForgottenSubjectIsNowhereAndComesBackByNoDoor() throws Exception {
        for (int i = 0; i < 3; i++) {
            Readings.push(api(i), "online_and_offline", SUBJECT, SECONDS - 300 * i, 100 + i);
            Readings.push(api(i), "online_and_offline", NEIGHBOUR, SECONDS - 300 * i, 100 + i);
        }
        api(0).post("/materialize", Json.object());
        IgniteCache<HistoryKey, FeatureRow> history = grid.ignite(0).cache(Cgm.TABLE);
        for (int i = 0; i < 3; i++) { // a read fills the hot window
            assertThat(history.get(new HistoryKey(new Object[] {SUBJECT}, (SECONDS - 300 * i) * MICROS)))
                    .isNotNull();
        }
        assertThat(copiesInMemory(SUBJECT)).isGreaterThan(3);
        assertThat(rowsInFiles(SUBJECT)).isEqualTo(3);

        JsonNode forgotten = api(1).post("/forget", entity(SUBJECT)).body();

        assertThat(forgotten.path("history_rows").asInt()).isEqualTo(3);
        assertThat(forgotten.path("online_rows").asInt()).isPositive();
        assertThat(forgotten.path("hot_rows").asInt()).isEqualTo(3);
        assertThat(copiesInMemory(SUBJECT)).isZero();
        assertThat(copiesInMemory(NEIGHBOUR)).isPositive();
        HistoryKey key = new HistoryKey(new Object[] {SUBJECT}, SECONDS * MICROS);
        for (int i = 0; i < 3; i++) {
            ApiClient api = api(i);
            assertThat(Readings.glucoseAsOf(api, SUBJECT, SECONDS).isNull()).isTrue();
            assertThat(Readings.glucoseAsOf(api, NEIGHBOUR, SECONDS).asInt()).isEqualTo(100);
            assertThat(online(api, Cgm.ONLINE_SERVICE, SUBJECT, Cgm.GLUCOSE).isNull())
                    .isTrue();
            assertThatThrownBy(() -> Readings.push(api, "online", SUBJECT, SECONDS, 1))
                    .isInstanceOfSatisfying(GridException.class, refused -> assertThat(refused.code())
                            .isEqualTo(ErrorCode.CONFLICT));
            assertThatThrownBy(() -> Readings.push(api, "offline", SUBJECT, SECONDS, 1))
                    .isInstanceOf(GridException.class);
            IgniteCache<HistoryKey, FeatureRow> window = grid.ignite(i).cache(Cgm.TABLE);
            assertThat(window.get(key)).isNull();
            assertThatThrownBy(() -> window.put(key, new FeatureRow(SECONDS * MICROS, 1, new Object[] {1L})))
                    .isInstanceOf(CacheException.class);
            api.post("/materialize", Json.object().put("full", true));
        }
        assertThat(copiesInMemory(SUBJECT)).isZero();
        Path file = Files.writeString(
                folder.resolve("again.csv"),
                "id,time,gl\n" + SUBJECT + ",2014-02-05 06:33:02,100\n" + NEIGHBOUR + ",2014-02-05 06:38:02,107\n");
        String[] load = {
            file.toString(), "--tier", tier(), "--api", grid.node(2).info().api(), "--json"
        };
        assertThat(new CommandLine(new LoadVerb())
                        .setOut(new PrintWriter(new StringWriter()))
                        .execute(load))
                .isZero();
        assertThat(Readings.glucoseAsOf(api(1), SUBJECT, SECONDS + 600).isNull())
                .isTrue();
        assertThat(Readings.glucoseAsOf(api(1), NEIGHBOUR, SECONDS + 600).asInt())
                .isEqualTo(107);

        assertThat(verified().path("exposed").asInt()).isZero();
        assertThat(compact()).isZero();

        assertThat(verified().path("forgotten").asInt()).isZero();
        await().atMost(Duration.ofSeconds(30))
                .until(
                        () -> { // where a node's own compaction was first, by a later sweep
                            assertThat(compact()).isZero();
                            return rowsInFiles(SUBJECT) == 0;
                        });
        assertThat(rowsInFiles(NEIGHBOUR)).isEqualTo(4);
        for (int i = 0; i < 3; i++) {
            assertThat(Readings.glucoseAsOf(api(i), NEIGHBOUR, SECONDS + 600).asInt())
                    .isEqualTo(107);
        }
        try (ThinGrid thin =
                ThinGrid.connect(List.of("127.0.0.1:" + grid.node(0).info().thinPort()), Duration.ofSeconds(20))) {
            assertThat(thin.onlineFeatures(Cgm.ONLINE_SERVICE, List.of(SUBJECT))
                            .get(0)
                            .number(Cgm.GLUCOSE))
                    .isEqualTo(Long.MIN_VALUE);
        }

        ObjectNode undo = entity(SUBJECT).put("undo", true);
        api(2).post("/forget", undo);
        Readings.push(api(0), "online_and_offline", SUBJECT, SECONDS, 120);

        assertThat(Readings.glucoseAsOf(api(1), SUBJECT, SECONDS).asInt()).isEqualTo(120);
        assertThat(online(api(2), Cgm.ONLINE_SERVICE, SUBJECT, Cgm.GLUCOSE).asInt())
                .isEqualTo(120);
    }
}
