package io.glucogrid.grid;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.apache.ignite.cache.affinity.rendezvous.RendezvousAffinityFunction;
import org.junit.jupiter.api.Test;

class BucketsTest {
    @Test
    void aBucketIsTheKeysIgnitePartition() {
        RendezvousAffinityFunction affinity = new RendezvousAffinityFunction(false, Buckets.COUNT);
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 100_000; i++) {
            long key = random.nextLong() >> random.nextInt(64);
            assertThat(Buckets.of(key)).isEqualTo(affinity.partition(key));
            assertThat(Buckets.of((Object) key)).isEqualTo(affinity.partition(key));
            String text = Long.toString(key, 36);
            assertThat(Buckets.of(text)).isEqualTo(affinity.partition(text));
        }
    }
}
