package io.glucogrid.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class BackoffTest {
    @Property
    void pausesGrowToTheLimitAndStartAgainAfterAReset(@ForAll long seed) {
        Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2), new SplittableRandom(seed));
        for (int attempt = 0; attempt < 70; attempt++) {
            long limitMillis = Math.min(2_000, 100L << Math.min(attempt, 10));
            assertThat(backoff.next()).isBetween(Duration.ofMillis(limitMillis / 2), Duration.ofMillis(limitMillis));
        }
        backoff.reset();
        assertThat(backoff.next()).isBetween(Duration.ofMillis(50), Duration.ofMillis(100));
    }
}
