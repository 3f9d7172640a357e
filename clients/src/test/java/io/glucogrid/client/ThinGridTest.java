package io.glucogrid.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.glucogrid.api.GridApi;
import io.glucogrid.client.process.Ports;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.grid.CacheRef;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.HistoryKey;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.apache.ignite.Ignite;
import org.apache.ignite.Ignition;
import org.apache.ignite.configuration.ClientConnectorConfiguration;
import org.apache.ignite.configuration.DataRegionConfiguration;
import org.apache.ignite.configuration.DataStorageConfiguration;
import org.apache.ignite.configuration.IgniteConfiguration;
import org.apache.ignite.services.Service;
import org.apache.ignite.spi.communication.tcp.TcpCommunicationSpi;
import org.apache.ignite.spi.discovery.tcp.TcpDiscoverySpi;
import org.apache.ignite.spi.discovery.tcp.ipfinder.vm.TcpDiscoveryVmIpFinder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The facade against a real node that runs a service in place of the real one. */
public class ThinGridTest {
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final CacheRef<HistoryKey, FeatureRow> HISTORY = new CacheRef<>("readings", "history-*");

    @TempDir
    private static Path work;

    private static Ignite node;
    private static String address;

    @BeforeAll
    static void startNode() {
        int thin = Ports.any();
        int discovery = Ports.any();
        address = "127.0.0.1:" + thin;
        node = Ignition.start(new IgniteConfiguration()
                .setIgniteInstanceName("thin-grid-test")
                .setLocalHost("127.0.0.1")
                .setWorkDirectory(work.toString())
                .setMetricsLogFrequency(0)
                .setConnectorConfiguration(null)
                .setDataStorageConfiguration(new DataStorageConfiguration()
                        .setDefaultDataRegionConfiguration(new DataRegionConfiguration()
                                .setInitialSize(16L << 20)
                                .setMaxSize(64L << 20)))
                .setClientConnectorConfiguration(new ClientConnectorConfiguration()
                        .setHost("127.0.0.1")
                        .setPort(thin)
                        .setPortRange(0))
                .setDiscoverySpi(new TcpDiscoverySpi()
                        .setLocalPort(discovery)
                        .setLocalPortRange(0)
                        .setIpFinder(new TcpDiscoveryVmIpFinder(true)))
                .setCommunicationSpi(
                        new TcpCommunicationSpi().setLocalPort(Ports.any()).setLocalPortRange(100)));
        node.services().deployNodeSingleton(GridApi.NAME, new EchoApi());
        node.createCache("readings");
    }

    @AfterAll
    static void stopNode() {
        node.close();
    }

    @Test
    void onlineFeaturesComeBackAsOneRowPerSubject() {
        try (ThinGrid grid = ThinGrid.connect(List.of(address), DEADLINE)) {
            List<OnlineFeatures> rows = grid.onlineFeatures("cgm_activity_v3", List.of(163669001L, 42L));

            assertThat(rows).extracting(OnlineFeatures::subjectId).containsExactly(163669001L, 42L);
            assertThat(rows.get(0).number("glucose")).isEqualTo(135);
            assertThat(rows.get(1).values().get("glucose").isNull()).isTrue();
        }
    }

    @Test
    void predictionsNameTheirModel() {
        try (ThinGrid grid = ThinGrid.connect(List.of(address), DEADLINE)) {
            assertThat(grid.predict("v1", List.of(163669001L, 42L)))
                    .containsExactly(new Prediction(163669001, 104.5, "v1@1"), new Prediction(42, Double.NaN, "v1@1"));
        }
    }

    @Test
    void anyOperationOfTheServiceCanBeCalled() {
        try (ThinGrid grid = ThinGrid.connect(List.of(address), DEADLINE)) {
            assertThat(grid.call(GridApi::status, Json.object()).path("nodes").size())
                    .isEqualTo(1);
        }
    }

    @Test
    void aRefusalCarriesTheServicesReason() {
        try (ThinGrid grid = ThinGrid.connect(List.of(address), DEADLINE)) {
            GridException refused =
                    catchThrowableOfType(GridException.class, () -> grid.call(GridApi::teardown, Json.object()));

            assertThat(refused).hasMessage("teardown is switched off");
        }
    }

    @Test
    void rowsAreFoundUnderTheirExactKeys() {
        HistoryKey key = new HistoryKey(new Object[] {163669001L}, 1391581982_000001L);
        HistoryKey other = new HistoryKey(new Object[] {163669001L}, 1391581982_000002L);
        node.<HistoryKey, FeatureRow>cache("readings")
                .put(key, new FeatureRow(key.eventMicros(), 0, new Object[] {111L}));

        try (ThinGrid grid = ThinGrid.connect(List.of(address), DEADLINE)) {
            assertThat(grid.rows(HISTORY, Set.of(key, other))).containsOnlyKeys(key);
            assertThat(grid.rows(HISTORY, Set.of(key)).get(key).value(0)).isEqualTo(111L);
        }
    }

    @Test
    void nobodyListeningIsSaid() {
        GridException nobody = catchThrowableOfType(
                GridException.class, () -> ThinGrid.connect(List.of("127.0.0.1:" + Ports.any()), DEADLINE));

        assertThat(nobody.code()).isEqualTo(ErrorCode.NOT_READY);
        assertThatThrownBy(() -> {
                    throw nobody;
                })
                .hasMessageStartingWith("no node answers thin clients at 127.0.0.1:");
    }

    /** Answers as the real service does, from nothing; public, since only such a service can be called from outside. */
    public static final class EchoApi implements GridApi, Service {
        private static final long serialVersionUID = 1L;

        @Override
        public String getOnlineFeatures(String json) {
            assertThat(Json.parse(json).path("feature_service").asText()).isEqualTo("cgm_activity_v3");
            return "{\"subject_id\":[163669001,42],\"glucose\":[135,null]}";
        }

        @Override
        public String predict(String json) {
            return "[{\"prediction\":104.5,\"model\":\"v1@1\",\"features\":{\"hour\":6}},{\"prediction\":null,\"model\":\"v1@1\"}]";
        }

        @Override
        public String teardown(String json) {
            throw new GridException(ErrorCode.FORBIDDEN, "teardown is switched off");
        }

        @Override
        public String forget(String json) {
            return json;
        }

        @Override
        public String status(String json) {
            return "{\"nodes\":[{\"name\":\"n\"}]}";
        }

        @Override
        public String getHistoricalFeatures(String json) {
            return "[]";
        }

        @Override
        public String pushStreamEvent(String json) {
            return "{}";
        }

        @Override
        public String materialize(String json) {
            return "{}";
        }

        @Override
        public String setup(String json) {
            return "{}";
        }

        @Override
        public String pushAndPredict(String json) {
            return json;
        }

        @Override
        public String models(String json) {
            return "{}";
        }

        @Override
        public String train(String json) {
            return "{}";
        }

        @Override
        public String activate(String json) {
            return "{}";
        }

        @Override
        public String rollbackModel(String json) {
            return json;
        }

        @Override
        public String shadowModel(String json) {
            return json;
        }

        @Override
        public String exportModel(String json) {
            return json;
        }

        @Override
        public String importModel(String json) {
            return json;
        }

        @Override
        public String removeModel(String json) {
            return json;
        }

        @Override
        public String operatingPoints(String json) {
            return json;
        }

        @Override
        public String definitions(String json) {
            return "{}";
        }

        @Override
        public String plan(String json) {
            return "{}";
        }

        @Override
        public String apply(String json) {
            return "{}";
        }

        @Override
        public String rollback(String json) {
            return "{}";
        }

        @Override
        public String explain(String json) {
            return "{}";
        }
    }
}
