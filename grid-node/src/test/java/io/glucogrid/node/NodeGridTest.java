package io.glucogrid.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.CacheRef;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.LocalService;
import io.glucogrid.grid.NodeSettings;
import io.glucogrid.store.HistoryKey;
import io.glucogrid.store.SegmentInfo;
import io.glucogrid.store.TableSchema;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.Ignition;
import org.apache.ignite.cache.CacheMode;
import org.apache.ignite.cache.CacheWriteSynchronizationMode;
import org.apache.ignite.client.IgniteClient;
import org.apache.ignite.configuration.CacheConfiguration;
import org.apache.ignite.configuration.ClientConfiguration;
import org.apache.ignite.services.ServiceConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ThreeNodes.class)
class NodeGridTest {
    private static FeatureView view(String name) {
        return new FeatureView(
                name,
                List.of("subject"),
                null,
                true,
                FeatureView.OnlineTtl.SERVE,
                "source",
                List.of(new Field("glucose", ValueType.INT64)),
                "",
                Map.of());
    }

    private static FeatureRow row(long value) {
        return new FeatureRow(value, value, new Object[] {value});
    }

    @Test
    void threeNodesFormOneGrid(TestGrid grid) {
        for (int i = 0; i < 3; i++) {
            assertThat(grid.ignite(i).cluster().forServers().nodes()).hasSizeGreaterThanOrEqualTo(3);
        }
        assertThat(List.of(
                        grid.node(0).info().name(),
                        grid.node(1).info().name(),
                        grid.node(2).info().name()))
                .doesNotHaveDuplicates();
    }

    @Test
    void theFixedCachesAreThereFromTheStartOnEveryNode(TestGrid grid) {
        for (int i = 0; i < 3; i++) {
            for (CacheRef<?, ?> ref : List.of(
                    Caches.REGISTRY, Caches.SEGMENTS, Caches.SEGMENT_VERSIONS, Caches.MODELS, Caches.ACTIVE_MODELS)) {
                CacheConfiguration<?, ?> cache = configuration(ref.in(grid.ignite(i)));
                assertThat(cache.getCacheMode()).isEqualTo(CacheMode.REPLICATED);
                assertThat(cache.getWriteSynchronizationMode()).isEqualTo(CacheWriteSynchronizationMode.FULL_SYNC);
            }
        }
    }

    @Test
    void whatOneNodeAnnouncesEveryNodeReads(TestGrid grid) {
        Caches.SEGMENTS.in(grid.ignite(0)).put("t/a.parquet", new SegmentInfo("t", "t/a.parquet", 3, 4));

        for (int i = 0; i < 3; i++) {
            assertThat(Caches.SEGMENTS.in(grid.ignite(i)).get("t/a.parquet").rows())
                    .isEqualTo(3);
        }
    }

    @Test
    void noCacheStartsForATemplate(TestGrid grid) {
        assertThat(grid.ignite(0).cacheNames()).noneMatch(name -> name.contains("*"));
    }

    @Test
    void anOnlineCacheIsMadeFromItsTemplate(TestGrid grid) {
        CacheRef<Object, FeatureRow> ref = Caches.online(view("made"));
        Caches.start(grid.ignite(0), ref).put(7L, row(1));

        CacheConfiguration<?, ?> cache = configuration(ref.in(grid.ignite(2)));
        assertThat(cache.getBackups()).isEqualTo(1);
        assertThat(cache.getWriteSynchronizationMode()).isEqualTo(CacheWriteSynchronizationMode.FULL_SYNC);
        assertThat(ref.in(grid.ignite(1)).get(7L)).isEqualTo(row(1));
        for (long key = 0; key < 1000; key++) {
            assertThat(grid.ignite(1).affinity(ref.name()).partition(key)).isEqualTo(Buckets.of(key));
        }
    }

    @Test
    void rowsAndHistoryOfOneSubjectLieTogether(TestGrid grid) {
        TableSchema table = new TableSchema(
                "together-history", List.of(new Field("subject_id", ValueType.INT64)), "event", "created", List.of());
        CacheRef<Object, FeatureRow> online = Caches.online(view("together"));
        Caches.start(grid.ignite(1), online);
        Caches.start(grid.ignite(2), Caches.history(table));

        assertThat(configuration(Caches.history(table).in(grid.ignite(0))).getDataRegionName())
                .isEqualTo("history");
        Ignite node = grid.ignite(0);
        for (long subject = 0; subject < 1000; subject++) {
            HistoryKey key = new HistoryKey(new Object[] {subject}, subject);
            assertThat(node.affinity(table.name()).mapKeyToNode(key))
                    .isEqualTo(node.affinity(online.name()).mapKeyToNode(subject));
        }
    }

    @Test
    void aNodeThatStopsTakesNothingWithIt(TestGrid grid) {
        GridNode fourth = grid.add(Map.of());
        CacheRef<Object, FeatureRow> ref = Caches.online(view("kept"));
        IgniteCache<Object, FeatureRow> cache = Caches.start(fourth.ignite(), ref);
        for (long key = 0; key < 2000; key++) {
            cache.put(key, row(key));
        }

        fourth.close();

        for (long key = 0; key < 2000; key++) {
            assertThat(ref.in(grid.ignite(0)).get(key)).isEqualTo(row(key));
        }
        assertThat(grid.workDir().resolve("nodes").resolve(fourth.info().name() + ".json"))
                .doesNotExist();
    }

    @Test
    void stoppingDrainsTheFeatureApiFirstAndHappensOnce(TestGrid grid) {
        GridNode fourth = grid.add(Map.of());
        List<String> steps = new ArrayList<>();

        fourth.stop(steps::add);
        fourth.stop(steps::add);

        assertThat(steps).containsExactly("draining the feature API", "committing the streams", "leaving the grid");
    }

    @Test
    void settingsReachTheServicesAsAttributes(TestGrid grid) {
        NodeSettings settings = NodeSettings.of(grid.ignite(1));

        assertThat(settings.expectedNodes()).isEqualTo(3);
        assertThat(settings.offlineUri())
                .isEqualTo(grid.workDir().resolve("offline").toUri());
        assertThat(settings.httpPort()).isZero();
    }

    @Test
    void peersDoNotSeeTheEnvironmentOfTheProcess(TestGrid grid) {
        assertThat(grid.ignite(0).cluster().localNode().attributes()).doesNotContainKeys("PATH", "user.home");
    }

    @Test
    void everyServiceRunsOnEveryNode(TestGrid grid) {
        for (int i = 0; i < 3; i++) {
            for (ServiceConfiguration service : grid.ignite(i).configuration().getServiceConfiguration()) {
                assertThat(new LocalService<>(grid.ignite(i), service.getName(), Object.class).isReady())
                        .as("%s on node %d", service.getName(), i)
                        .isTrue();
            }
        }
    }

    @Test
    void theFileOfANodeSaysWhereItListens(TestGrid grid) throws IOException {
        NodeInfo info = grid.node(0).info();
        Path file = grid.workDir().resolve("nodes").resolve(info.name() + ".json");

        JsonNode json = new ObjectMapper().readTree(Files.readString(file));

        assertThat(json.get("pid").asLong()).isEqualTo(ProcessHandle.current().pid());
        assertThat(json.get("thin_port").asInt()).isEqualTo(info.thinPort());
        assertThat(json.get("api").asText()).isEqualTo(info.api());
    }

    @Test
    void thinClientsAndIgniteRestGetIn(TestGrid grid) throws IOException, InterruptedException {
        NodeInfo info = grid.node(0).info();
        ClientConfiguration configuration = new ClientConfiguration().setAddresses("127.0.0.1:" + info.thinPort());
        try (IgniteClient client = Ignition.startClient(configuration)) {
            assertThat(client.cacheNames()).contains("segments");
        }

        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + info.restPort() + "/ignite?cmd=version"))
                .build();
        HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.body()).contains("\"successStatus\":0").contains("2.17.0");
    }

    @Test
    void aNamedPortThatIsTakenStopsTheStart(TestGrid grid) {
        String taken = String.valueOf(grid.node(0).info().thinPort());

        assertThatThrownBy(() -> grid.add(Map.of("GRID_THIN_PORT", taken)))
                .isInstanceOf(GridException.class)
                .hasMessageContaining("port " + taken + " (GRID_THIN_PORT) is taken");
    }

    @Test
    void aNameThatIsTakenStopsTheStart(TestGrid grid) {
        String taken = grid.node(0).info().name();

        assertThatThrownBy(() -> grid.add(Map.of("GRID_NODE_NAME", taken)))
                .isInstanceOf(GridException.class)
                .hasMessageContaining("'" + taken + "' (GRID_NODE_NAME) runs already");
    }

    @Test
    void aNodeWithAnotherTierDoesNotStayInTheGrid(TestGrid grid) {
        String elsewhere = grid.workDir().resolve("another-tier").toString();

        assertThatThrownBy(() -> grid.add(Map.of("GRID_OFFLINE_URI", elsewhere)))
                .isInstanceOf(GridException.class)
                .hasMessageContaining("another-tier")
                .hasMessageContaining("give every node the same GRID_OFFLINE_URI");

        assertThat(grid.ignite(0).cluster().forServers().nodes()).hasSize(3);
    }

    @Test
    void anAddressThatIsNoTierStopsTheStart(TestGrid grid) {
        assertThatThrownBy(() -> grid.add(Map.of("GRID_OFFLINE_URI", "ftp://host/tier")))
                .isInstanceOf(GridException.class)
                .hasMessageContaining("must be a path or start with file:, hdfs: or s3a:");
    }

    @Test
    void aFailedStartLeavesNothingBehind(TestGrid grid) {
        int before = Ignition.allGrids().size();

        assertThatThrownBy(() -> grid.add(Map.of("GRID_REGION_MB", "1", "GRID_NODE_NAME", "small")))
                .isInstanceOf(GridException.class)
                .hasMessageContaining("the node did not start");

        assertThat(Ignition.allGrids()).hasSize(before);
        grid.add(Map.of("GRID_NODE_NAME", "small")).close();
    }

    @SuppressWarnings("unchecked") // a class literal has no type arguments
    private static CacheConfiguration<?, ?> configuration(IgniteCache<?, ?> cache) {
        return cache.getConfiguration(CacheConfiguration.class);
    }
}
