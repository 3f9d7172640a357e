package io.glucogrid.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.grid.Deadline;
import io.glucogrid.node.ApiCaller;
import io.glucogrid.node.TestNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.ignite.Ignite;
import org.apache.ignite.lang.IgniteRunnable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Joins of many rows, and nodes that do not answer their part. */
class BucketJoinsTest {
    private static final long SECONDS = 1_391_581_982L;
    private static final int SUBJECTS = 64;
    private static final int QUESTIONS = 2 * BucketJoins.LEAST;
    private static final int THREADS = 4;
    private static final CountDownLatch BUSY = new CountDownLatch(THREADS);
    private static final CountDownLatch RELEASE = new CountDownLatch(1);

    @TempDir
    Path work;

    /** Takes a thread. */
    private static final class Hold implements IgniteRunnable {
        private static final long serialVersionUID = 1L;

        @Override
        public void run() {
            BUSY.countDown();
            try {
                assertThat(RELEASE.await(30, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Test
    void whatAnOwnerDoesNotAnswerInHalfOfTheTimeTheAskingNodeAnswersByItself() throws Exception {
        TestNode nodes = new TestNode(work, "joins");
        try (Ignite first = nodes.start("joins-1");
                Ignite second = nodes.start("joins-2")) {
            ApiCaller api = ApiCaller.ready(first);
            ApiCaller.ready(second);
            for (int subject = 0; subject < SUBJECTS; subject++) {
                api.push("offline", subject, SECONDS, 100 + subject);
            }
            List<Map<String, Object>> entities = new ArrayList<>();
            for (long i = 0; i < QUESTIONS; i++) {
                entities.add(Map.of("subject_id", i % SUBJECTS, "event_timestamp", SECONDS + i));
            }
            for (int i = 0; i < THREADS; i++) {
                first.compute(first.cluster().forNode(second.cluster().localNode()))
                        .withExecutor("serve")
                        .runAsync(new Hold());
            }
            assertThat(BUSY.await(10, TimeUnit.SECONDS)).isTrue();

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
            RELEASE.countDown();
        }
    }
}
