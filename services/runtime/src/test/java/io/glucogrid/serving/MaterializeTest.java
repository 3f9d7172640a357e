package io.glucogrid.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.FeatureStore;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.LocalService;
import io.glucogrid.node.ApiCaller;
import io.glucogrid.node.MemoryTier;
import io.glucogrid.node.TestNode;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.ignite.Ignite;
import org.apache.ignite.cluster.ClusterState;
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
            Definitions definitions = store(node).definitions();
            FeatureView view = definitions.views().get("cgm_hourly_stats");
            MaterializeProgress progress = new MaterializeProgress(node);
            String id = store(node).runtime().materializer().id(List.of(view), Long.MIN_VALUE, Long.MAX_VALUE, true);
            SeenSegments all = SeenSegments.of(
                    MemoryTier.named("resume").segments(definitions.table(definitions.parquetSource(view))));
            MaterializeProgress.Run failed = progress.begin(
                    id,
                    List.of(view.name()),
                    new MaterializeProgress.Begun(SECONDS * 1_000_000, Collections.singletonList(null), List.of(all)));
            BitSet half = new BitSet();
            half.set(0, 32);
            progress.note(id, failed.token(), half, 64, progress.lastLoss());
            assertThat(progress.tree().toString())
                    .contains("buckets_done=32", "cgm_hourly_stats", "started_at=2014-02-05T06:33:02+00:00");
            int done = subjectIn(half, 0);
            int doneToo = subjectIn(half, done + 1);
            api.push("offline", done, SECONDS + 1, 200);

            Materializer.Loaded loaded = store(node).runtime().materializer().all(List.of(view));

            assertThat(loaded.rows()).isEqualTo(128 + 1);
            assertThat(Caches.online(view).in(node).size()).isEqualTo(64 + 1);
            assertThat(api.onlineGlucose("cgm_activity_v1", done)).isEqualTo(200);
            assertThat(api.onlineGlucose("cgm_activity_v1", doneToo)).isNull(); // as noted, so not read again
            assertThat(progress.tree()).isEmpty();
        }
    }

    private static int subjectIn(BitSet buckets, int from) {
        int subject = from;
        while (!buckets.get(Buckets.of((long) subject))) {
            subject++;
        }
        return subject;
    }

    @Test
    void notesOfARunCountForNoOtherRunOfTheSameRequest() {
        try (Ignite node = new TestNode(work, "token").start("token")) {
            ApiCaller.ready(node);
            MaterializeProgress progress = new MaterializeProgress(node);
            MaterializeProgress.Begun begun = new MaterializeProgress.Begun(1, List.of(), List.of());
            BitSet some = new BitSet();
            some.set(3, 7);
            MaterializeProgress.Run first = progress.begin("run", List.of("v"), begun);
            MaterializeProgress.Run second = progress.begin("run", List.of("v"), begun);
            progress.note("run", first.token(), some, 5, progress.lastLoss());

            assertThat(first.isShared()).isFalse();
            assertThat(second.isShared()).isTrue();
            assertThat(progress.done("run", second.token()))
                    .isEqualTo(new MaterializeProgress.Done(some, 5, false, false));
            progress.end("run", second.token());
            assertThat(progress.done("run", first.token()).isOver()).isTrue();

            MaterializeProgress.Run third = progress.begin("run", List.of("v"), begun);
            progress.note(
                    "run", first.token(), some, 5, progress.lastLoss()); // a job that has read before the third began
            progress.end("run", first.token());

            assertThat(third.isShared()).isFalse();
            assertThat(progress.done("run", third.token()))
                    .isEqualTo(new MaterializeProgress.Done(new BitSet(), 0, false, false));
            progress.end("run", third.token());
            assertThat(Caches.REGISTRY.in(node))
                    .noneMatch(entry -> entry.getKey().startsWith("materialize/"));
        }
    }

    @Test
    void runsThatNobodyGoesOnWithAreForgotten() {
        try (Ignite node = new TestNode(work, "prune").start("prune")) {
            ApiCaller.ready(node);
            MaterializeProgress progress = new MaterializeProgress(node);
            MaterializeProgress.Begun begun = new MaterializeProgress.Begun(1, List.of(), List.of());
            BitSet some = new BitSet();
            some.set(3);
            progress.begin("first", List.of("v"), begun);
            progress.prune(0);
            for (int i = 0; i < MaterializeProgress.MOST_OLD; i++) {
                MaterializeProgress.Run run = progress.begin("later-" + i, List.of("v"), begun);
                progress.note(run.id(), run.token(), some, 1, progress.lastLoss());
            }
            Caches.REGISTRY.in(node).put("materialize/gone/" + UUID.randomUUID() + "/{1}", "1");
            progress.prune(1);
            assertThat(progress.tree()).hasSize(MaterializeProgress.MOST_OLD + 1);

            progress.prune(MaterializeProgress.OLD.toNanos() + 2);

            assertThat(progress.tree()).hasSize(MaterializeProgress.MOST_OLD);
            assertThat(progress.begin("first", List.of("v"), begun).isShared()).isFalse();
            progress.prune(MaterializeProgress.TOO_OLD.toNanos() + 2);
            assertThat(progress.tree()).hasSize(1);
            assertThat(Caches.REGISTRY.in(node))
                    .filteredOn(entry -> entry.getKey().startsWith("materialize/"))
                    .hasSize(1);
        }
    }

    @Test
    void ofTwoEqualRequestsTheLaterWaitsAndTakesWhatCameAfterTheFirstHadRead() {
        try (Ignite node = new TestNode(work, "equal").start("equal")) {
            ApiCaller api = ApiCaller.ready(node);
            api.push("offline", 1, SECONDS, 100);
            AtomicInteger reads = new AtomicInteger();
            AtomicReference<CompletableFuture<Void>> later = new AtomicReference<>();
            MemoryTier.named("equal").afterRead(() -> {
                if (reads.getAndIncrement() == 0) {
                    api.push("offline", 1, SECONDS + 1, 101);
                    later.set(CompletableFuture.runAsync(() -> api.posted("/materialize", "{'full':true}")));
                }
            });

            api.posted("/materialize", "{'full':true}");
            later.get().orTimeout(20, TimeUnit.SECONDS).join();

            assertThat(api.onlineGlucose("cgm_activity_v1", 1)).isEqualTo(101);
            assertThat(new MaterializeProgress(node).tree()).isEmpty();
            api.push("offline", 1, SECONDS + 2, 102);
            api.posted("/materialize", "{'full':true}");
            assertThat(api.onlineGlucose("cgm_activity_v1", 1)).isEqualTo(102);
        }
    }

    private static MaterializeProgress.Run takenByAnother(
            MaterializeProgress progress, Materializer materializer, FeatureView view) {
        MaterializeProgress.Run run = progress.begin(
                materializer.id(List.of(view), Long.MIN_VALUE, Long.MAX_VALUE, true),
                List.of(view.name()),
                new MaterializeProgress.Begun(1, Collections.singletonList(null), List.of(SeenSegments.NONE)));
        assertThat(progress.takes(run.id(), run.token(), "another")).isTrue();
        return run;
    }

    private static CompletableFuture<Materializer.Loaded> waiting(Materializer materializer, FeatureView view) {
        CompletableFuture<Materializer.Loaded> loaded =
                CompletableFuture.supplyAsync(() -> materializer.all(List.of(view)));
        assertThatThrownBy(() -> loaded.get(300, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        return loaded;
    }

    @Test
    void aRequestWaitsForTheOneThatWorksOnItsRunAndTellsWhatThatDid() {
        try (Ignite node = new TestNode(work, "shared").start("shared")) {
            ApiCaller.ready(node);
            FeatureView view = store(node).definitions().views().get("cgm_hourly_stats");
            Materializer materializer = store(node).runtime().materializer();
            MaterializeProgress progress = new MaterializeProgress(node);
            MaterializeProgress.Run other = takenByAnother(progress, materializer, view);
            AtomicInteger reads = new AtomicInteger();
            MemoryTier.named("shared").afterRead(reads::incrementAndGet);

            CompletableFuture<Materializer.Loaded> loaded = waiting(materializer, view);
            progress.finish(other.id(), other.token(), 77);

            assertThat(loaded.orTimeout(10, TimeUnit.SECONDS).join().rows()).isEqualTo(77);
            assertThat(reads).hasValue(0);
            assertThat(Caches.REGISTRY.in(node))
                    .filteredOn(entry -> entry.getKey().startsWith("materialize/"))
                    .hasSize(1);
            progress.prune(0);
            progress.prune(MaterializeProgress.OLD.toNanos() + 1);
            assertThat(Caches.REGISTRY.in(node))
                    .noneMatch(entry -> entry.getKey().startsWith("materialize/"));
        }
    }

    @Test
    void aRunWhoseWorkerLeftIsGoneOnWith() {
        try (Ignite node = new TestNode(work, "left").start("left")) {
            ApiCaller.ready(node);
            MaterializeProgress progress = new MaterializeProgress(node);
            MaterializeProgress.Run run =
                    progress.begin("run", List.of("v"), new MaterializeProgress.Begun(1, List.of(), List.of()));

            Caches.REGISTRY.in(node).put("materialize/run/" + run.token() + "/worker", UUID.randomUUID() + " gone");
            assertThat(progress.takes("run", run.token(), "next")).isTrue();
            assertThat(progress.takes("run", run.token(), "third")).isFalse();
            progress.leaves("run", run.token(), "next");
            assertThat(progress.takes("run", run.token(), "third")).isTrue();
            assertThat(progress.done("run", run.token()).isOver()).isFalse();
        }
    }

    @Test
    void aMarkThatCouldNotBeRemovedHoldsNobodyUp() {
        try (Ignite node = new TestNode(work, "mark").start("mark")) {
            ApiCaller.ready(node);
            MaterializeProgress progress = new MaterializeProgress(node);
            MaterializeProgress.Run run =
                    progress.begin("run", List.of("v"), new MaterializeProgress.Begun(1, List.of(), List.of()));
            assertThat(progress.takes("run", run.token(), "first")).isTrue();

            node.cluster().state(ClusterState.ACTIVE_READ_ONLY);
            progress.leaves("run", run.token(), "first");
            node.cluster().state(ClusterState.ACTIVE);

            assertThat(progress.takes("run", run.token(), "second")).isTrue();
            node.cluster().state(ClusterState.ACTIVE_READ_ONLY);
            progress.leaves("run", run.token(), "second");
            node.cluster().state(ClusterState.ACTIVE);
            MaterializeProgress elsewhere = new MaterializeProgress(node);
            assertThat(elsewhere.takes("run", run.token(), "third")).isFalse();
            progress.prune(0);
            assertThat(elsewhere.takes("run", run.token(), "third")).isTrue();
        }
    }

    @Test
    void aRequestIsToldThatItsRunWasForgotten() {
        try (Ignite node = new TestNode(work, "forgotten").start("forgotten")) {
            ApiCaller.ready(node);
            FeatureView view = store(node).definitions().views().get("cgm_hourly_stats");
            Materializer materializer = store(node).runtime().materializer();
            MaterializeProgress progress = new MaterializeProgress(node);
            takenByAnother(progress, materializer, view);

            CompletableFuture<Materializer.Loaded> loaded = waiting(materializer, view);
            progress.clear();

            assertThatThrownBy(() -> loaded.get(10, TimeUnit.SECONDS)).hasMessageContaining("was forgotten");
        }
    }

    @Test
    void aTeardownForgetsWhatWasHalfDone() {
        try (Ignite node = new TestNode(work, "forget").start("forget")) {
            ApiCaller api = ApiCaller.ready(node);
            MaterializeProgress progress = new MaterializeProgress(node);
            progress.begin("run", List.of("v"), new MaterializeProgress.Begun(1, List.of(), List.of()));

            api.post("/teardown", "");

            assertThat(progress.tree()).isEmpty();
        }
    }

    private static FeatureStoreService store(Ignite node) {
        return new LocalService<>(node, FeatureStore.NAME, FeatureStoreService.class).get();
    }

    private static String header(HttpResponse<String> answer, String name) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.headers().firstValue(name).orElse("");
    }
}
