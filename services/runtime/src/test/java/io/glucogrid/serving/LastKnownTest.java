package io.glucogrid.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LastKnownTest {
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final BlockingQueue<String> answers = new ArrayBlockingQueue<>(10);
    private final LastKnown<String> lastKnown = new LastKnown<>(this::answer, "nothing", thread);

    @AfterEach
    void stop() {
        thread.shutdownNow();
    }

    private String answer() {
        try {
            String answer = answers.poll(20, TimeUnit.SECONDS);
            if ("failure".equals(answer)) {
                throw new GridException(ErrorCode.STORAGE_UNAVAILABLE, "no tier");
            }
            return String.valueOf(answer);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    @Test
    void aSourceThatHangsIsAskedOnceAndNotWaitedFor() {
        long start = System.nanoTime();
        assertThat(lastKnown.value()).isEqualTo("nothing");
        assertThat(lastKnown.value()).isEqualTo("nothing");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        assertThat(lastKnown.unanswered()).isPositive();

        answers.add("one");

        Awaitility.await().until(() -> lastKnown.unanswered().isZero());
        answers.add("failure");
        while (!answers.isEmpty()) { // the first look may still see the end of the answer before
            assertThat(lastKnown.value()).isEqualTo("one");
        }
        assertThat(lastKnown.unanswered()).as("a failure is no answer").isPositive();
        answers.add("two");
        assertThat(lastKnown.value()).isEqualTo("two");
        assertThat(lastKnown.unanswered()).isZero();
        assertThat(answers).isEmpty();
    }

    @Test
    void whatWasKnownCountsWhileTheNodeStops() {
        answers.add("one");
        assertThat(lastKnown.value()).isEqualTo("one");

        thread.shutdownNow();

        assertThat(lastKnown.value()).isEqualTo("one");
        assertThat(lastKnown.unanswered()).isZero();
    }
}
