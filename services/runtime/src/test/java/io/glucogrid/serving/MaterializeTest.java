package io.glucogrid.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.feature.FeatureStore;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.LocalService;
import io.glucogrid.node.ApiCaller;
import io.glucogrid.node.MemoryTier;
import io.glucogrid.node.TestNode;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import org.apache.ignite.Ignite;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Watermarks, ranges and half-done runs. */
class MaterializeTest {
    private static final long SECONDS = 1_391_581_982L;

    @TempDir
    Path work;

    @Test
    void theSecondRunGoesOnFromTheWatermarkAndTakesLateRows() {
        try (Ignite node = new TestNode(work, "watermark").start("watermark")) {
            ApiCaller api = ApiCaller.ready(node);
            api.push("offline", 1, SECONDS, 100);

            assertThat(header(api.post("/materialize", ""), "X-Materialized-Incremental"))
                    .isEqualTo("0");
            assertThat(MemoryTier.named("watermark").latest("online-state").text())
                    .contains("watermarks");
            api.push("offline", 2, SECONDS - 400_000_000, 50);
            HttpResponse<String> second = api.post("/materialize", "");

            assertThat(header(second, "X-Materialized-Incremental")).isEqualTo("3");
            assertThat(header(second, "X-Materialized-Views")).isEqualTo("3");
            assertThat(api.onlineGlucose("cgm_activity_v1", 2)).isEqualTo(50);
            assertThat(header(api.post("/materialize", "{'full':true}"), "X-Materialized-Incremental"))
                    .isEqualTo("0");
        }
    }

    @Test
    void aRangeTakesTheLatestRowWithinItAndLeavesTheWatermark() {
        try (Ignite node = new TestNode(work, "range").start("range")) {
            ApiCaller api = ApiCaller.ready(node);
            api.push("offline", 1, SECONDS, 100);
            api.push("offline", 1, SECONDS + 100, 110);
            api.push("offline", 1, SECONDS + 200, 120);
            api.push("offline", 2, SECONDS + 500, 200);

            api.posted(
                    "/materialize",
                    "{'feature_views':['cgm_hourly_stats'],'full':false,'start_ts':" + SECONDS + ",'end_ts':"
                            + (SECONDS + 150) + "}");

            assertThat(api.onlineGlucose("cgm_activity_v1", 1)).isEqualTo(110);
            assertThat(api.onlineGlucose("cgm_activity_v1", 2)).isNull();
            assertThat(api.onlineGlucose("cgm_activity_v3", 1)).isNull();
            assertThat(MemoryTier.named("range").latest("online-state").text()).contains("\"watermarks\":{}");
            api.posted("/materialize", "");
            assertThat(api.onlineGlucose("cgm_activity_v1", 1)).isEqualTo(120);
            assertThat(api.post("/materialize", "{'feature_views':['nothing']}").statusCode())
                    .isEqualTo(404);
        }
    }

    @Test
    void aRunThatEndedHalfWayGoesOnWhereItWasAndTakesWhatCameSince() {
        try (Ignite node = new TestNode(work, "resume").start("resume")) {
            ApiCaller api = ApiCaller.ready(node);
            for (int subject = 0; subject < 128; subject++) {
                api.push("offline", subject, SECONDS, 100);
            }
            FeatureView view = store(node).definitions().views().get("cgm_hourly_stats");
            MaterializeProgress progress = new MaterializeProgress(node);
            beginHalf(node, progress, view);
            assertThat(progress.tree().toString()).contains("buckets_done=32").contains("cgm_hourly_stats");

            Materializer.Loaded loaded = store(node).runtime().materializer().all(List.of(view));

            int noted = 64;
            int otherBuckets = 64;
            int ingestedSince = 128;
            assertThat(loaded.rows()).isEqualTo(noted + otherBuckets + ingestedSince);
            assertThat(Caches.online(view).in(node).size()).isEqualTo(128);
            assertThat(progress.tree()).isEmpty();
            assertThat(MemoryTier.named("resume").latest("online-state").text())
                    .contains("\"through\":")
                    .doesNotContain("\"through\":" + SECONDS * 1_000_000);
        }
    }

    @Test
    void aTeardownForgetsHalfDoneRuns() {
        try (Ignite node = new TestNode(work, "half-torn-down").start("half-torn-down")) {
            ApiCaller api = ApiCaller.ready(node);
            FeatureView view = store(node).definitions().views().get("cgm_hourly_stats");
            MaterializeProgress progress = new MaterializeProgress(node);
            beginHalf(node, progress, view);

            api.posted("/teardown", "");

            assertThat(progress.tree()).isEmpty();
        }
    }

    private static void beginHalf(Ignite node, MaterializeProgress progress, FeatureView view) {
        String id = store(node).runtime().materializer().id(List.of(view), Long.MIN_VALUE, Long.MAX_VALUE, true);
        progress.begin(id, List.of(view.name()), new MaterializeProgress.Begun(SECONDS * 1_000_000, new long[] {
            MaterializeRun.FROM_THE_BEGINNING
        }));
        BitSet half = new BitSet();
        half.set(0, 32);
        progress.note(id, half, 64);
    }

    private static FeatureStoreService store(Ignite node) {
        return new LocalService<>(node, FeatureStore.NAME, FeatureStoreService.class).get();
    }

    private static String header(HttpResponse<String> answer, String name) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.headers().firstValue(name).orElse("");
    }
}
