package io.glucogrid.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.cluster.LostPartitions;
import io.glucogrid.cluster.Marks;
import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.Caches;
import io.glucogrid.node.ApiCaller;
import io.glucogrid.node.HeldStream;
import io.glucogrid.node.MemoryTier;
import io.glucogrid.node.TestNode;
import io.glucogrid.store.StreamControl;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.Ignition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that leave while others rebuild what earlier ones took with them. */
class RecoveryTest {
    private static final long SECONDS = 1_391_581_982L;
    private static final int SUBJECTS = 40;

    @TempDir
    Path work;

    private static void waitFor(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void rowsOfANodeThatLeavesAfterOthersWereMarkedAreRebuiltToo() {
        TestNode nodes =
                new TestNode(work, "recovery").withoutBackups().withService(StreamControl.ONLINE, new HeldStream());
        try (Ignite first = nodes.start("recovery-1");
                Ignite second = nodes.start("recovery-2");
                Ignite third = nodes.start("recovery-3")) {
            ApiCaller api = ApiCaller.ready(first);
            ApiCaller.ready(second);
            ApiCaller.ready(third);
            for (int subject = 0; subject < SUBJECTS; subject++) {
                api.push("offline", subject, SECONDS, 100 + subject);
            }
            api.posted("/materialize", "");
            CountDownLatch firstHolds = new CountDownLatch(1);
            CountDownLatch secondHolds = new CountDownLatch(1);
            CountDownLatch release = new CountDownLatch(1);
            HeldStream.of(second).onPause(hold -> secondHolds.countDown());
            HeldStream.of(first).onPause(hold -> {
                firstHolds.countDown();
                waitFor(release);
            });

            Ignition.stop(third.name(), true);
            waitFor(firstHolds); // the buckets of the third are marked
            waitFor(secondHolds);
            Ignition.stop(second.name(), true);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> first.cluster().forServers().nodes().size() == 1);
            release.countDown();

            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> api.get("/ready").statusCode() == 200
                            && LostPartitions.of(first).isEmpty());
            for (int subject = 0; subject < SUBJECTS; subject++) {
                assertThat(api.onlineGlucose("cgm_activity_v1", subject)).isEqualTo(100 + subject);
            }
            assertThat(HeldStream.of(first).holds()).isEmpty();
        }
    }

    @Test
    void whatWasLoadedOfAViewBeforeItsBucketsWereLostIsLoadedAgain() {
        TestNode nodes = new TestNode(work, "notes").withoutBackups();
        try (Ignite first = nodes.start("notes-1");
                Ignite second = nodes.start("notes-2")) {
            ApiCaller api = ApiCaller.ready(first);
            ApiCaller.ready(second);
            for (int subject = 0; subject < SUBJECTS; subject++) {
                api.push("offline", subject, SECONDS, 100 + subject);
            }
            FeatureRuntime runtime = TestNode.store(first).runtime();
            Definitions definitions = runtime.definitions();
            FeatureView view = definitions.views().get("cgm_hourly_stats");
            Set<String> segments =
                    MemoryTier.named("notes").segments(definitions.table(definitions.parquetSource(view)));
            MaterializeProgress progress = new MaterializeProgress(first);
            MaterializeProgress.Run interrupted = progress.begin(
                    runtime.materializer().id(List.of(view), Long.MIN_VALUE, Long.MAX_VALUE, true),
                    List.of(view.name()),
                    new MaterializeProgress.Begun(
                            1, Collections.singletonList(null), List.of(SeenSegments.of(segments))));
            BitSet all = new BitSet();
            all.set(0, Buckets.COUNT);
            progress.note(interrupted.id(), interrupted.token(), all, SUBJECTS, progress.lastLoss());

            Ignition.stop(second.name(), true);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> LostPartitions.of(first).isEmpty()
                            && first.cluster().forServers().nodes().size() == 1
                            && api.get("/ready").statusCode() == 200);
            runtime.materializer().all(List.of(view));

            for (int subject = 0; subject < SUBJECTS; subject++) {
                assertThat(api.onlineGlucose("cgm_activity_v1", subject)).isEqualTo(100 + subject);
            }
        }
    }

    @Test
    void aNodeTellsHowFullItIsWhileItWaitsForAStream() {
        TestNode nodes = new TestNode(work, "memory").withService(StreamControl.ONLINE, new HeldStream());
        CountDownLatch holds = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        try (Ignite node = nodes.start("memory")) {
            ApiCaller.ready(node);
            HeldStream.of(node).onPause(hold -> {
                holds.countDown();
                waitFor(release);
            });
            IgniteCache<String, String> marks = Caches.REGISTRY.in(node);
            marks.put(Marks.REBUILDING, "1");
            waitFor(holds);

            marks.put("online-full/memory", "it was full a while ago");

            Awaitility.await().until(() -> !marks.containsKey("online-full/memory"));
            marks.remove(Marks.REBUILDING);
            release.countDown();
        } finally {
            release.countDown();
        }
    }

    @Test
    void whereAResetWasInterruptedAllBucketsAreRebuilt() {
        try (Ignite node = new TestNode(work, "reset").start("reset")) {
            ApiCaller api = ApiCaller.ready(node);
            for (int subject = 0; subject < SUBJECTS; subject++) {
                api.push("offline", subject, SECONDS, 100 + subject);
            }
            api.posted("/materialize", "");
            Caches.online(TestNode.store(node).definitions().views().get("cgm_hourly_stats"))
                    .in(node)
                    .clear();
            IgniteCache<String, String> marks = Caches.REGISTRY.in(node);

            marks.put(Marks.RESETTING, "true");
            marks.put(Marks.REBUILDING, "1");

            Awaitility.await().until(() -> !marks.containsKey(Marks.REBUILDING));
            Awaitility.await().until(() -> api.get("/ready").statusCode() == 200);
            assertThat(marks.containsKey(Marks.RESETTING)).isFalse();
            for (int subject = 0; subject < SUBJECTS; subject++) {
                assertThat(api.onlineGlucose("cgm_activity_v1", subject)).isEqualTo(100 + subject);
            }
        }
    }
}
