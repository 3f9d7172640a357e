package io.glucogrid.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureStore;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.LocalService;
import io.glucogrid.node.ApiCaller;
import io.glucogrid.node.HeldStream;
import io.glucogrid.node.MemoryTier;
import io.glucogrid.node.TestNode;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.StreamControl;
import io.glucogrid.store.TableSchema;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.ignite.Ignite;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to definitions and rows as nodes come and go; the tier outlives them. */
class GridLifeTest {
    private static final long SECONDS = 1_391_581_982L;

    @TempDir
    Path work;

    @Test
    void aChangeIsCompiledOnEveryNodeWhenSetupReturns() throws Exception {
        Path definitions = work.resolve("features.yaml");
        Files.copy(TestNode.definitions(), definitions);
        TestNode nodes = new TestNode(work, "change").with("GRID_FEATURES", definitions.toString());
        try (Ignite first = nodes.start("change-1");
                Ignite second = nodes.start("change-2")) {
            ApiCaller one = ApiCaller.ready(first);
            ApiCaller two = ApiCaller.ready(second);
            Files.writeString(definitions, Files.readString(definitions) + "  added: [cgm_hourly_stats_fresh]\n");

            one.posted("/setup", "");

            assertThat(two.onlineGlucose("added", 1)).isNull();
            assertThat(store(second).runtime().definitionsVersion()).isEqualTo(2);
        }
    }

    @Test
    void aBrokenFileChangesNothingAndNamesItsLines() throws Exception {
        Path definitions = work.resolve("features.yaml");
        Files.copy(TestNode.definitions(), definitions);
        TestNode nodes = new TestNode(work, "broken").with("GRID_FEATURES", definitions.toString());
        try (Ignite node = nodes.start("broken")) {
            ApiCaller api = ApiCaller.ready(node);
            Files.writeString(
                    definitions, Files.readString(definitions).replace("online_ttl: by_endpoint", "online_tl: serve"));

            HttpResponse<String> refused = api.post("/setup", "");

            assertThat(refused.statusCode()).isEqualTo(422);
            assertThat(refused.body())
                    .contains("features.yaml:32: ")
                    .contains("online_tl")
                    .contains("online_ttl");
            assertThat(api.onlineGlucose("cgm_activity_v1", 1)).isNull();
        }
    }

    @Test
    void everyNodeMaterializesItsShare() {
        TestNode nodes = new TestNode(work, "share");
        try (Ignite first = nodes.start("share-1");
                Ignite second = nodes.start("share-2");
                Ignite third = nodes.start("share-3")) {
            ApiCaller api = ApiCaller.ready(first);
            ApiCaller.ready(second);
            ApiCaller far = ApiCaller.ready(third);
            for (int subject = 1; subject <= 200; subject++) {
                api.push("offline", subject, SECONDS - 10, 1);
                api.push("offline", subject, SECONDS, 100 + subject);
            }

            api.posted("/materialize", "");

            FeatureView view = store(first).definitions().views().get("cgm_hourly_stats");
            assertThat(Caches.online(view).in(first).size()).isEqualTo(200);
            assertThat(far.onlineGlucose("cgm_activity_v1", 7)).isEqualTo(107);
        }
    }

    @Test
    void aLateRowIsMaterializedAndNeverReplacesANewerOne() {
        try (Ignite node = new TestNode(work, "late").start("late")) {
            ApiCaller api = ApiCaller.ready(node);
            api.push("offline", 1, SECONDS, 100);
            api.posted("/materialize", "");
            api.push("offline", 2, SECONDS - 1_000_000, 50);
            api.push("online", 1, SECONDS + 60, 130);

            api.posted("/materialize", "");

            assertThat(api.onlineGlucose("cgm_activity_v1", 2)).isEqualTo(50);
            assertThat(api.onlineGlucose("cgm_activity_v3", 1)).isEqualTo(130);
        }
    }

    @Test
    void aColdStartRebuildsMaterializedViewsOnly() {
        TestNode nodes = new TestNode(work, "cold");
        try (Ignite node = nodes.start("cold-1")) {
            ApiCaller api = ApiCaller.ready(node);
            api.push("offline", 1, SECONDS, 100);
            api.posted("/materialize", "");
        }
        TestNode never = new TestNode(work, "cold-never");
        try (Ignite node = never.start("cold-2")) {
            ApiCaller.ready(node).push("offline", 1, SECONDS, 100);
        }
        try (Ignite again = nodes.start("cold-3")) {
            assertThat(ApiCaller.ready(again).onlineGlucose("cgm_activity_v1", 1))
                    .isEqualTo(100);
        }
        try (Ignite again = never.start("cold-4")) {
            assertThat(ApiCaller.ready(again).onlineGlucose("cgm_activity_v1", 1))
                    .isNull();
        }
    }

    @Test
    void aColdStartRebuildsWhatWasPushedIntoBothStores() {
        TestNode nodes = new TestNode(work, "cold-both");
        try (Ignite node = nodes.start("cold-both-1")) {
            ApiCaller api = ApiCaller.ready(node);
            api.push("online_and_offline", 1, SECONDS, 100);
            api.posted("/teardown", "");
            api.posted("/setup", "");
            api.push("online_and_offline", 1, SECONDS, 101);
        }
        try (Ignite again = nodes.start("cold-both-2")) {
            assertThat(ApiCaller.ready(again).onlineGlucose("cgm_activity_v3", 1))
                    .isEqualTo(101);
        }
    }

    @Test
    void aTeardownOutlivesARestartUntilSetup() {
        TestNode nodes = new TestNode(work, "torn");
        try (Ignite node = nodes.start("torn-1")) {
            ApiCaller api = ApiCaller.ready(node);
            api.push("online_and_offline", 1, SECONDS, 100);
            api.posted("/teardown", "");
        }
        try (Ignite again = nodes.start("torn-2")) {
            ApiCaller api = ApiCaller.ready(again);
            String read = "{'entities':[{'subject_id':1}],'feature_service':'cgm_activity_v3'}";

            assertThat(api.post("/get_online_features", read).statusCode()).isEqualTo(404);
            api.posted("/setup", "");

            assertThat(api.onlineGlucose("cgm_activity_v3", 1)).isNull();
            assertThat(MemoryTier.named("torn").latest("registry").version()).isEqualTo(3);
        }
    }

    @Test
    void aTeardownDropsTheTablesOfEarlierDefinitionsToo() throws Exception {
        Path definitions = work.resolve("earlier.yaml");
        String original = Files.readString(TestNode.definitions());
        Files.writeString(
                definitions,
                original.replace(
                                "\nsources:\n",
                                """

                                sources:
                                  extra_source: {kind: parquet, table: extra, timestamp_field: event_timestamp}
                                """)
                        .replace(
                                "\nfeature_views:\n",
                                """

                                feature_views:
                                  extra: {like: cgm_hourly_stats, source: extra_source}
                                """));
        TestNode nodes = new TestNode(work, "earlier").with("GRID_FEATURES", definitions.toString());
        try (Ignite node = nodes.start("earlier-1")) {
            ApiCaller api = ApiCaller.ready(node);
            TableSchema extra = TestNode.store(node).definitions().tables().stream()
                    .filter(table -> table.name().equals("extra"))
                    .findFirst()
                    .orElseThrow();
            OfflineStore tier = new LocalService<>(node, OfflineStore.NAME, OfflineStore.class).get();
            HistoryRow row = HistoryRow.upsert(new Object[] {1L}, new FeatureRow(1, 1, new Object[] {100L}));
            tier.append(extra, List.of(row)).get(10, TimeUnit.SECONDS);
            Files.writeString(definitions, original);
            api.posted("/setup", "");
            assertThat(tier.segments(extra)).hasSize(1);

            api.posted("/teardown", "");

            assertThat(tier.segments(extra)).isEmpty();
            tier.append(extra, List.of(row)).get(10, TimeUnit.SECONDS);
            api.posted("/teardown", ""); // finishes one that failed half-way
            assertThat(tier.segments(extra)).isEmpty();
        }
    }

    @Test
    void aTeardownThatFailsLetsTheStreamsGoOn() {
        TestNode nodes = new TestNode(work, "halfway").withService(StreamControl.ONLINE, new HeldStream());
        try (Ignite node = nodes.start("halfway")) {
            ApiCaller api = ApiCaller.ready(node);
            HeldStream stream = HeldStream.of(node);
            List<StreamControl.Hold> held = new CopyOnWriteArrayList<>();
            stream.onPause(held::add);
            MemoryTier.named("halfway").refuse("registry");

            assertThat(api.post("/teardown", "").statusCode()).isEqualTo(503);

            assertThat(held).containsExactly(StreamControl.Hold.REGISTRY);
            assertThat(stream.holds()).isEmpty();
            MemoryTier.named("halfway").refuse("");
            api.posted("/teardown", "");
            assertThat(stream.holds()).containsExactly(StreamControl.Hold.REGISTRY);
            api.posted("/setup", "");
            assertThat(stream.holds()).isEmpty();
        }
    }

    @Test
    void teardownIsForbiddenUnlessTheNodeAllowsIt() {
        try (Ignite node =
                new TestNode(work, "guarded").with("GRID_TEARDOWN", "false").start("guarded")) {
            ApiCaller api = ApiCaller.ready(node);

            assertThat(api.post("/teardown", "").statusCode()).isEqualTo(403);
            assertThat(api.onlineGlucose("cgm_activity_v3", 1)).isNull();
        }
    }

    @Test
    void aNodeWithoutItsTierSaysSoAndAnswers503() {
        try (Ignite node = new TestNode(work, "bare").withoutTier().start("bare")) {
            ApiCaller api = new ApiCaller(TestNode.api(node));
            LocalService<FeatureStoreService> store =
                    new LocalService<>(node, FeatureStore.NAME, FeatureStoreService.class);
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(store::isReady);

            assertThat(api.get("/").statusCode()).isEqualTo(200);
            assertThat(api.get("/health").statusCode()).isEqualTo(503);
            assertThat(api.get("/ready").statusCode()).isEqualTo(503);
            assertThat(api.get("/ready").body()).contains("offline store: not started yet");
            assertThat(api.post("/get_online_features", "{'entities':[{'subject_id':1}],'feature_service':'x'}")
                            .statusCode())
                    .isEqualTo(503);
        }
    }

    @Test
    void concurrentChangesLeaveOneRegistryOnAllNodes() throws Exception {
        Path definitions = work.resolve("features.yaml");
        Files.copy(TestNode.definitions(), definitions);
        String original = Files.readString(definitions);
        TestNode nodes = new TestNode(work, "race").with("GRID_FEATURES", definitions.toString());
        try (Ignite first = nodes.start("race-1");
                Ignite second = nodes.start("race-2")) {
            List<ApiCaller> callers = List.of(ApiCaller.ready(first), ApiCaller.ready(second));
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Files.writeString(definitions, original + "  extra_" + i + ": [cgm_hourly_stats]\n");
                ApiCaller caller = callers.get(i % 2);
                Thread thread = new Thread(() -> caller.post("/setup", ""));
                threads.add(thread);
                thread.start();
            }
            for (Thread thread : threads) {
                thread.join(20_000);
            }
            callers.get(0).posted("/setup", "");

            assertThat(store(first).definitions()).isEqualTo(store(second).definitions());
            assertThat(store(first).runtime().definitionsVersion())
                    .isEqualTo(store(second).runtime().definitionsVersion());
        }
    }

    private static FeatureStoreService store(Ignite ignite) {
        return new LocalService<>(ignite, FeatureStore.NAME, FeatureStoreService.class).get();
    }
}
