package io.glucogrid.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class UntilRestoredTest {
    @Test
    void anErrorIsTriedAgainToo() {
        AtomicInteger attempts = new AtomicInteger();
        ScheduledExecutorService background = Executors.newSingleThreadScheduledExecutor();
        try {
            UntilRestored restoring = new UntilRestored(
                    "test",
                    () -> {
                        if (attempts.incrementAndGet() < 3) {
                            throw new LinkageError("a class is not there yet");
                        }
                    },
                    background);

            restoring.start();

            await().atMost(Duration.ofSeconds(5)).until(restoring::isDone);
            assertThat(attempts).hasValue(3);
        } finally {
            background.shutdownNow();
        }
    }
}
