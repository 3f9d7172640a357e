package io.glucogrid.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.assertj.core.data.Percentage.withPercentage;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.glucogrid.cgm.Cgm;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.client.Prediction;
import io.glucogrid.client.ThinGrid;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.importers.LoadVerb;
import io.glucogrid.store.HistoryKey;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.Ignition;
import org.apache.ignite.client.IgniteClient;
import org.apache.ignite.configuration.ClientConfiguration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import picocli.CommandLine;

/** The real services on three nodes: every door, the tier behind them, and training. */
@ExtendWith(ThreeNodes.class)
class WholeGridTest {
    private static final long WEDNESDAY_6_33 = 1_391_581_982;
    private static final long MICROS = 1_000_000;

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
    void everyDoorOfEveryNodeGivesTheSameAnswer() throws Exception {
        long subject = 163_669_001;
        Readings.push(api(0), "online", subject, WEDNESDAY_6_33, 135);

        JsonNode first = api(0).onlineFeatures(Cgm.ONLINE_SERVICE, Readings.entity(subject));
        assertThat(first.toString())
                .isEqualTo("{\"subject_id\":[163669001],\"glucose\":[135],\"event_timestamp\":"
                        + "[\"2014-02-05T06:33:02+00:00\"],\"dayofweek\":[2],\"hour\":[6]}");
        for (int i = 0; i < 3; i++) {
            assertThat(api(i).onlineFeatures(Cgm.ONLINE_SERVICE, Readings.entity(subject)))
                    .isEqualTo(first);
            try (ThinGrid thin =
                    ThinGrid.connect(List.of("127.0.0.1:" + grid.node(i).info().thinPort()), Duration.ofSeconds(20))) {
                assertThat(thin.onlineFeatures(Cgm.ONLINE_SERVICE, List.of(subject))
                                .get(0)
                                .number(Cgm.GLUCOSE))
                        .isEqualTo(135);
                Prediction prediction = thin.predict("v1@1", List.of(subject)).get(0);
                assertThat(prediction.glucoseMgDl()).isEqualTo(103.5871450989212, within(1e-9));
            }
            JsonNode rest = rest(
                    i,
                    "io.glucogrid.rest.GetOnlineFeatures",
                    "{\"entities\":[{\"subject_id\":163669001}],\"feature_service\":\"cgm_activity_v3\"}");
            assertThat(rest).isEqualTo(first);
            JsonNode predicted = rest(
                    i, "io.glucogrid.rest.Predict", "{\"entities\":[{\"subject_id\":163669001}],\"model\":\"v1@1\"}");
            assertThat(predicted.at("/0/prediction").asDouble()).isEqualTo(103.5871450989212, within(1e-9));
        }
    }

    private JsonNode rest(int node, String task, String json) throws IOException, InterruptedException {
        URI address = URI.create("http://127.0.0.1:" + grid.node(node).info().restPort() + "/ignite?cmd=exe&name="
                + task + "&p1=" + URLEncoder.encode(json, StandardCharsets.UTF_8));
        HttpRequest request =
                HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(20)).build();
        HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        return Json.parse(answer.body()).at("/response/result");
    }

    @Test
    void whatIsPushedOfflineIsReadOnEveryNodeAtOnce() {
        for (int round = 0; round < 10; round++) {
            long seconds = WEDNESDAY_6_33 + 300 * round;
            Readings.push(api(round % 3), "offline", 77, seconds, 100 + round);
            for (int i = 0; i < 3; i++) {
                assertThat(Readings.glucoseAsOf(api(i), 77, seconds + 1).asInt())
                        .isEqualTo(100 + round);
            }
        }
    }

    @Test
    void aPutOfAThinClientGoesThroughTheStoreIntoTheTier() {
        HistoryKey key = new HistoryKey(new Object[] {78L}, WEDNESDAY_6_33 * MICROS);
        FeatureRow row = new FeatureRow(WEDNESDAY_6_33 * MICROS, WEDNESDAY_6_33 * MICROS, new Object[] {142L});
        ClientConfiguration configuration = new ClientConfiguration()
                .setAddresses("127.0.0.1:" + grid.node(0).info().thinPort());
        try (IgniteClient client = Ignition.startClient(configuration)) {
            client.<HistoryKey, FeatureRow>cache(Cgm.TABLE).put(key, row);
        }

        for (int i = 0; i < 3; i++) {
            ApiClient api = api(i);
            await().atMost(Duration.ofSeconds(10)) // other nodes learn of it right after, not before
                    .untilAsserted(() -> assertThat(Readings.glucoseAsOf(api, 78, WEDNESDAY_6_33)
                                    .asInt())
                            .isEqualTo(142));
        }
        IgniteCache<HistoryKey, FeatureRow> cache = grid.ignite(1).cache(Cgm.TABLE);
        cache.clear(key);
        assertThat(cache.get(key)).isEqualTo(row);

        Readings.push(api(2), "offline", 78, WEDNESDAY_6_33, 150); // the same creation time: the later arrival counts

        assertThat(cache.get(key).value(0)).isEqualTo(150L);
    }

    @Test
    void materializedReadingsAreServedOnEveryNode() {
        Readings.push(api(0), "offline", 79, WEDNESDAY_6_33, 99);
        Readings.push(api(1), "offline", 79, WEDNESDAY_6_33 - 600, 98);

        api(2).post("/materialize", Json.object());

        for (int i = 0; i < 3; i++) {
            assertThat(api(i).onlineFeatures(Cgm.OFFLINE_SERVICE, Readings.entity(79))
                            .at("/glucose/0")
                            .asInt())
                    .isEqualTo(99);
        }
    }

    @Test
    void theReferenceDataIsLoadedOnceAndTrainsTheModelOnAllNodes() {
        Path reference = Path.of(System.getProperty("glucogrid.reference", ""));
        assumeThat(Files.isRegularFile(reference)).isTrue();
        api(0).post("/teardown", Json.object()); // rows of other tests would count as well
        api(0).post("/setup", Json.object());
        String tier = grid.workDir().resolve("offline").toString();
        String[] load = {
            reference.toString(), "--tier", tier, "--api", grid.node(0).info().api(), "--json"
        };
        assertThat(new CommandLine(new LoadVerb()).execute(load)).isZero();
        long rows = rowsInTheTier();
        assertThat(new CommandLine(new LoadVerb()).execute(load)).isZero();
        assertThat(rowsInTheTier()).isEqualTo(rows);

        for (int i = 0; i < 3; i++) {
            assertThat(Readings.glucoseAsOf(api(i), 163_669_001, WEDNESDAY_6_33).asInt())
                    .isEqualTo(111);
        }
        JsonNode trained = api(1).within(Duration.ofMinutes(2))
                .post("/models/train", Json.object().put("model", Cgm.MODEL_V1))
                .body();
        assertThat(trained.path("training_rows").asLong()).isEqualTo(59_831);
        assertThat(trained.path("intercept").asDouble()).isCloseTo(103.49896021808, withPercentage(1e-4));
        double[] expected = {3.5317371775433736e-10, -0.2011888148692086, 0.0731696350959602};
        for (int i = 0; i < expected.length; i++) {
            assertThat(trained.path("coefficients").path(i).asDouble()).isCloseTo(expected[i], withPercentage(1e-4));
        }
    }

    private long rowsInTheTier() {
        return api(2).status().at("/tier/tables/0/rows").asLong();
    }
}
