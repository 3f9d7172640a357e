package io.glucogrid.loaders;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;

/** Falls asleep when its first file is to be published, until it is woken. */
final class SleepyTier extends TierDecorator {
    final CountDownLatch asleep = new CountDownLatch(1);
    final CountDownLatch awake = new CountDownLatch(1);

    SleepyTier(TierStorage tier) {
        super(tier);
    }

    @Override
    public Pending create(String folder) throws IOException {
        return new PendingDecorator(super.create(folder)) {
            @Override
            public long publish(String path) throws IOException {
                asleep.countDown();
                try {
                    awake.await();
                } catch (InterruptedException stopped) {
                    throw new IOException(stopped);
                }
                return super.publish(path);
            }
        };
    }
}
