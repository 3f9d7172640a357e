package io.glucogrid.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.cluster.LostPartitions;
import io.glucogrid.node.ApiCaller;
import io.glucogrid.node.HeldStream;
import io.glucogrid.node.TestNode;
import io.glucogrid.store.StreamControl;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.ignite.Ignite;
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
}
