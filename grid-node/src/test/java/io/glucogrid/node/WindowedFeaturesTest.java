package io.glucogrid.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.cgm.Cgm;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.feature.FeatureStore;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.LocalService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Windowed features of the shipped definitions on three real nodes, pushed in disorder and read from both sides. */
@ExtendWith(ThreeNodes.class)
class WindowedFeaturesTest {
    private static final String SERVICE = "cgm_windows_v1";
    private static final long START = 1_391_581_982;
    private static final long STEP = 300;

    private TestGrid grid;

    @BeforeEach
    void waitUntilReady(TestGrid shared) {
        grid = shared;
        grid.awaitReady();
    }

    private ApiClient api(int node) {
        return grid.api(node);
    }

    @Test
    void onlineAndHistoricalWindowsAgreeOnEveryNodeWhateverTheOrder() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        List<long[]> events = new ArrayList<>();
        for (int step = 0; step < 40; step++) {
            events.add(new long[] {START + step * STEP, START + step * STEP, 80 + step});
            if (step % 5 == 0) { // a correction, and a duplicate of it
                events.add(new long[] {START + step * STEP, START + step * STEP + 60, 200 + step});
                events.add(new long[] {START + step * STEP, START + step * STEP + 60, 200 + step});
            }
        }
        Collections.shuffle(events, new Random(seed));
        TreeMap<Long, long[]> winners = new TreeMap<>();
        for (int i = 0; i < events.size(); i++) {
            long[] event = events.get(i);
            Readings.push(api(i % 3), "online_and_offline", 880_001, event[0], event[1], event[2]);
            winners.merge(event[0], event, (a, b) -> b[1] >= a[1] ? b : a);
        }

        long latest = winners.lastKey();
        ObjectNode online = online(api(0), 880_001);
        double mean = winners.tailMap(latest - 3 * 3600, false).values().stream()
                .mapToLong(event -> event[2])
                .average()
                .orElseThrow();
        assertThat(online.get("glucose_mean_3h").asDouble()).isCloseTo(mean, within(1e-9));
        assertThat(online.get("glucose_count_24h").asInt()).isEqualTo(40);
        assertThat(online.get("glucose_last_n_15m_1").asInt()).isEqualTo(119);
        assertThat(online.get("glucose_last_n_15m_3").asInt()).isEqualTo(117);
        assertThat(online.get("glucose_slope_15m").asDouble()).isCloseTo(0.2, within(1e-12));
        for (int i = 0; i < 3; i++) {
            assertThat(online(api(i), 880_001)).isEqualTo(online);
            assertThat(historical(api(i), 880_001, latest)).isEqualTo(online);
        }
        ObjectNode before = historical(api(1), 880_001, START + 2 * STEP);
        assertThat(before.get("glucose_count_24h").asInt()).isEqualTo(3);
        assertThat(before.get("glucose_last_n_15m_3").asInt()).isEqualTo(200);
        assertThat(historical(api(1), 880_001, START).get("glucose_sd_24h").isNull())
                .isTrue();
    }

    @Test
    void materializingRebuildsWindowsFromTheTier() {
        for (int step = 0; step < 12; step++) {
            Readings.push(api(step % 3), "offline", 880_002, START + step * STEP, 100 + step);
        }
        assertThat(online(api(0), 880_002).get("glucose_count_24h").isNull()).isTrue();

        api(2).within(Duration.ofMinutes(1)).post("/materialize", Json.object());

        ObjectNode online = online(api(0), 880_002);
        assertThat(online.get("glucose_count_24h").asInt()).isEqualTo(12);
        assertThat(online).isEqualTo(historical(api(1), 880_002, START + 11 * STEP));
        FeatureStore features = new LocalService<>(grid.ignite(0), FeatureStore.NAME, FeatureStore.class).get();
        Caches.online(features.definitions().views().get("cgm_windows"))
                .in(grid.ignite(0))
                .clear();
        Readings.push(api(1), "online", 880_002, START + 12 * STEP, 112);
        assertThat(online(api(0), 880_002).get("glucose_count_24h").asInt()).isEqualTo(1);

        api(1).within(Duration.ofMinutes(1)).post("/materialize", Json.object().put("full", true));

        assertThat(online(api(2), 880_002).get("glucose_count_24h").asInt()).isEqualTo(13);
    }

    @Test
    void everyRowOfABatchPushCountsInItsWindow() {
        ObjectNode columns = Json.object();
        for (int step = 0; step < 5; step++) {
            columns.withArray(Cgm.SUBJECT).add(880_003);
            columns.withArray("event_timestamp").add(START + step * STEP);
            columns.withArray("created").add(START + step * STEP);
            columns.withArray(Cgm.GLUCOSE).add(100 + step);
        }
        ObjectNode body =
                Json.object().put("push_source_name", "cgm_stats_push_source").put("to", "online");
        body.set("df", columns);

        api(1).post("/push", body);

        assertThat(online(api(0), 880_003).get("glucose_count_24h").asInt()).isEqualTo(5);
    }

    /** One entity's features by name. */
    private static ObjectNode online(ApiClient api, long subject) {
        ObjectNode features = Json.object();
        api.onlineFeatures(SERVICE, Readings.entity(subject))
                .properties()
                .forEach(column ->
                        features.set(column.getKey(), column.getValue().get(0)));
        return windows(features);
    }

    private static ObjectNode historical(ApiClient api, long subject, long seconds) {
        ObjectNode body = Json.object().put("feature_service", SERVICE);
        body.set(
                "entities",
                Json.array().add(Json.object().put(Cgm.SUBJECT, subject).put("event_timestamp", seconds)));
        JsonNode row = api.post("/get_historical_features", body).body().get(0);
        return windows((ObjectNode) row);
    }

    private static ObjectNode windows(ObjectNode features) {
        ObjectNode windows = Json.object();
        features.properties().forEach(feature -> {
            if (feature.getKey().startsWith("glucose_")) {
                windows.set(feature.getKey(), feature.getValue());
            }
        });
        assertThat(windows.size()).isEqualTo(13);
        return windows;
    }
}
