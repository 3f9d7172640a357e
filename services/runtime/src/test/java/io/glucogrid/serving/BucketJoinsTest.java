package io.glucogrid.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.glucogrid.feature.Definitions;
import io.glucogrid.grid.Deadline;
import io.glucogrid.node.ApiCaller;
import io.glucogrid.node.TestNode;
import io.glucogrid.store.TableSchema;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.ignite.Ignite;
import org.apache.ignite.lang.IgniteRunnable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Joins of many rows, and nodes that do not answer their part. */
class BucketJoinsTest {
    private static final long SECONDS = 1_391_581_982L;
    private static final int SUBJECTS = 64;
    private static final int QUESTIONS = 2 * BucketJoins.LEAST;
    private static final int THREADS = 4;
    private static final AtomicInteger BUSY = new AtomicInteger();
    private static volatile CountDownLatch release = new CountDownLatch(1);

    @TempDir
    static Path work;

    private static Ignite first;
    private static Ignite second;

    @BeforeAll
    static void startNodes() {
        TestNode nodes = new TestNode(work, "joins");
        first = nodes.start("joins-1");
        second = nodes.start("joins-2");
        ApiCaller api = ApiCaller.ready(first);
        ApiCaller.ready(second);
        for (int subject = 0; subject < SUBJECTS; subject++) {
            api.push("offline", subject, SECONDS, 100 + subject);
        }
    }

    @AfterAll
    static void stopNodes() {
        second.close();
        first.close();
    }

    /** Takes a thread. */
    private static final class Hold implements IgniteRunnable {
        private static final long serialVersionUID = 1L;

        @Override
        public void run() {
            BUSY.incrementAndGet();
            try {
                assertThat(release.await(30, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Returns when all threads of the second node that answer joins are held. */
    private static void holdJoins() {
        BUSY.set(0);
        release = new CountDownLatch(1);
        for (int i = 0; i < THREADS; i++) {
            second.compute(second.cluster().forLocal())
                    .withExecutor(BucketJoins.EXECUTOR)
                    .runAsync(new Hold());
        }
        await().until(() -> BUSY.get() == THREADS);
    }

    @Test
    void whatAnOwnerDoesNotAnswerInHalfOfTheTimeTheAskingNodeAnswersByItself() {
        List<Map<String, Object>> entities = new ArrayList<>();
        for (long i = 0; i < QUESTIONS; i++) {
            entities.add(Map.of("subject_id", i % SUBJECTS, "event_timestamp", SECONDS + i));
        }
        holdJoins();
        try {
            HistoricalAnswer answer = TestNode.store(first)
                    .runtime()
                    .historical(
                            new Selection(null, List.of("cgm_hourly_stats:glucose"), false),
                            entities,
                            QUESTIONS,
                            false,
                            Deadline.in(Duration.ofSeconds(3)));

            int glucose = answer.names().indexOf("glucose");
            assertThat(answer.rows()).hasDimensions(QUESTIONS, answer.names().size());
            for (int i = 0; i < QUESTIONS; i++) {
                assertThat(answer.rows()[i][glucose]).isEqualTo(100L + i % SUBJECTS);
            }
        } finally {
            release.countDown();
        }
    }

    @Test
    void jobsThatRunTheGridDoNotWaitForJoins() {
        holdJoins();
        try {
            assertThat(TestNode.store(first).runtime().status()).containsKey("nodes");
        } finally {
            release.countDown();
        }
    }

    @Test
    void whatNobodyWaitsForAnyMoreIsCancelled() {
        Definitions definitions = TestNode.store(first).runtime().definitions();
        TableSchema table =
                definitions.table(definitions.parquetSource(definitions.views().get("cgm_hourly_stats")));
        List<Object[]> keys = new ArrayList<>();
        long[] atMicros = new long[QUESTIONS];
        for (long i = 0; i < QUESTIONS; i++) {
            keys.add(new Object[] {i % SUBJECTS});
        }
        Arrays.fill(atMicros, SECONDS * 1_000_000);
        AtomicInteger asked = new AtomicInteger();
        BucketJoins broken = new BucketJoins(first, () -> {
            if (asked.getAndIncrement() > 0) { // at first it is asked who is forgotten
                throw new IllegalStateException("a broken store");
            }
            return TestNode.offline(first);
        });
        holdJoins();

        assertThatThrownBy(() -> broken.join(
                        table,
                        keys,
                        atMicros,
                        new BucketJoins.Terms(Long.MAX_VALUE, false, null),
                        Duration.ofSeconds(30)))
                .hasMessage("a broken store");

        try {
            await().until(() -> first.compute().activeTaskFutures().isEmpty());
        } finally {
            release.countDown();
        }
    }
}
