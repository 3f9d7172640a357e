package io.glucogrid.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.cluster.LostPartitions;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.GridException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.ignite.Ignite;
import org.apache.ignite.Ignition;
import org.apache.ignite.ShutdownPolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a grid does that has lost partitions or its majority. Without backups each node that goes takes partitions with it. */
class GridRecoveryTest {
    private static final int SUBJECTS = 100;
    private static final int WEARERS = 30;
    private static final long SECONDS = 1_700_000_000;

    @TempDir
    private Path directory;

    private final List<GridNode> nodes = new ArrayList<>();
    private List<Integer> discovery = List.of();

    @BeforeEach
    void findPorts() {
        discovery = TestGrid.freePorts(3);
    }

    @AfterEach
    void stop() {
        for (int i = nodes.size() - 1; i >= 0; i--) {
            nodes.get(i).close();
        }
    }

    private GridNode start(int index) {
        Map<String, String> values = new TreeMap<>(Map.of(
                "GRID_WORK_DIR", directory.toString(),
                "GRID_HTTP_PORT", "0",
                "GRID_EXPECTED_NODES", "3",
                "GRID_STREAMS", "false",
                "GRID_BACKUPS", "0",
                "GRID_DEADLINE_MS", "10000",
                "GRID_REGION_MB", "64",
                "GRID_HISTORY_REGION_MB", "32"));
        List<Integer> free = TestGrid.freePorts(4);
        values.put("GRID_REST_PORT", free.get(0).toString());
        values.put("GRID_CONNECTOR_PORT", free.get(1).toString());
        values.put("GRID_THIN_PORT", free.get(2).toString());
        values.put("GRID_COMMUNICATION_PORT", free.get(3).toString());
        values.put("GRID_NODE_NAME", "recovery-" + nodes.size());
        values.put("GRID_DISCOVERY_PORT", discovery.get(index).toString());
        values.put(
                "GRID_PEERS",
                String.join(
                        ",", discovery.stream().map(port -> "127.0.0.1:" + port).toList()));
        GridNode node = GridNode.start(Settings.of(values), "local");
        nodes.add(node);
        return node;
    }

    /** As good as a kill: nobody takes over what it holds. */
    private static void vanish(GridNode node) {
        Ignite ignite = node.ignite();
        ignite.cluster().shutdownPolicy(ShutdownPolicy.IMMEDIATE);
        Ignition.stop(ignite.name(), true);
    }

    private static ApiClient api(GridNode node) {
        return ApiClient.of(String.valueOf(node.info().api()), Duration.ofSeconds(20));
    }

    private static String reasons(GridNode node) {
        return api(node).status().at("/grid/reasons").toString();
    }

    private static void push(ApiClient api, String store, int subject, int glucose) {
        ObjectNode event = Json.object()
                .put("event_timestamp", SECONDS)
                .put("created", SECONDS)
                .put("subject_id", subject)
                .put("glucose", glucose);
        ObjectNode body = Json.object().put("push_source_name", "cgm_stats_push_source");
        body.put("store_type", store).set("event", event);
        api.post("/push_stream_event", body);
    }

    /** Online values of subjects 0 to {@value #SUBJECTS}; throws where one of them cannot be told. */
    private static JsonNode glucose(ApiClient api) {
        ArrayNode entities = Json.object().putArray("entities");
        for (int subject = 0; subject < SUBJECTS; subject++) {
            entities.addObject().put("subject_id", subject);
        }
        return api.onlineFeatures("cgm_activity_v1", entities).path("glucose");
    }

    /** Two hours of readings of one subject, in both stores. */
    private static void pushWear(ApiClient api, int subject) {
        ObjectNode body =
                Json.object().put("push_source_name", "cgm_stats_push_source").put("store_type", "online_and_offline");
        ArrayNode events = body.putArray("events");
        for (int i = 0; i < 40; i++) {
            events.addObject()
                    .put("event_timestamp", SECONDS + 300L * i)
                    .put("created", SECONDS + 300L * i)
                    .put("subject_id", subject)
                    .put("glucose", 100 + (subject + i) % 30);
        }
        api.post("/push_stream_event", body);
    }

    /** States of subjects, by subject. */
    private static Map<Long, String> states(GridNode node) {
        Map<Long, String> states = new TreeMap<>();
        for (long subject = SUBJECTS; subject < SUBJECTS + WEARERS; subject++) {
            byte[] state = Caches.SUBJECT_STATES.in(node.ignite()).get(subject);
            states.put(subject, state == null ? "" : HexFormat.of().formatHex(state));
        }
        return states;
    }

    @Test
    void rowsOfLostPartitionsComeBackFromTheTierAndAreNotDeniedMeanwhile() {
        GridNode first = start(0);
        assertThat(reasons(first)).contains("1 of 3 nodes");
        assertThatThrownBy(() -> push(api(first), "online", 1, 100))
                .isInstanceOf(GridException.class)
                .hasMessageContaining("1 of 3 nodes");
        GridNode second = start(1);
        GridNode third = start(2);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> nodes.stream().allMatch(node -> api(node).ready()));
        for (int subject = 0; subject < SUBJECTS; subject++) {
            push(api(nodes.get(subject % 3)), "offline", subject, 100 + subject);
        }
        for (int subject = SUBJECTS; subject < SUBJECTS + WEARERS; subject++) {
            pushWear(api(nodes.get(subject % 3)), subject);
        }
        Map<Long, String> states = states(first);
        assertThat(states.values()).doesNotContain("");
        api(first).post("/materialize", Json.object());
        JsonNode before = glucose(api(third));
        assertThat(before).hasSize(SUBJECTS).allMatch(JsonNode::isNumber);

        vanish(third);

        List<JsonNode> answers = new ArrayList<>();
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .ignoreExceptionsMatching(GridException.class::isInstance)
                .until(() -> {
                    answers.add(glucose(api(second)));
                    return api(first).ready() && api(second).ready();
                });
        assertThat(answers).isNotEmpty().containsOnly(before);
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(states(first)).isEqualTo(states));
        assertThat(glucose(api(first))).isEqualTo(before);
        assertThat(LostPartitions.of(first.ignite()).isEmpty()).isTrue();
        vanish(second);

        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThatThrownBy(() -> push(api(first), "online_and_offline", 8, 56))
                        .isInstanceOf(GridException.class)
                        .hasMessageContaining("1 of 3 nodes"));
        assertThat(reasons(first)).contains("1 of 3 nodes");

        GridNode again = start(1);

        await().atMost(Duration.ofSeconds(30))
                .until(() -> api(first).ready() && api(again).ready());
        assertThat(glucose(api(again))).isEqualTo(before);
    }
}
