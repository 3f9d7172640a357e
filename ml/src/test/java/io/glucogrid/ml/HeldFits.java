package io.glucogrid.ml;

import java.util.concurrent.CountDownLatch;
import org.apache.ignite.spi.IgniteSpiAdapter;
import org.apache.ignite.spi.IgniteSpiMultipleInstancesSupport;
import org.apache.ignite.spi.collision.CollisionContext;
import org.apache.ignite.spi.collision.CollisionExternalListener;
import org.apache.ignite.spi.collision.CollisionJobContext;
import org.apache.ignite.spi.collision.CollisionSpi;

/**
 * Lets every job of a node run; once told to, holds those that come while Ignite ML fits, after the first so many, so that a fit
 * hangs inside one of its steps.
 */
@IgniteSpiMultipleInstancesSupport(true)
final class HeldFits extends IgniteSpiAdapter implements CollisionSpi {
    private CollisionExternalListener listener;
    private CountDownLatch held;
    private int free;

    /** Answers what is counted down when the first job is held. */
    synchronized CountDownLatch holdAfter(int jobs) {
        free = jobs;
        held = new CountDownLatch(1);
        return held;
    }

    void letGo() {
        synchronized (this) {
            held = null;
        }
        listener.onExternalCollision();
    }

    @Override
    public synchronized void onCollision(CollisionContext jobs) {
        for (CollisionJobContext job : jobs.waitingJobs()) {
            if (held != null && isFitting() && free-- <= 0) {
                held.countDown();
            } else {
                job.activate();
            }
        }
    }

    /** Ignite ML's jobs do not say whose they are; its cache is there as long as its fit. */
    private boolean isFitting() {
        return ignite().cacheNames().stream().anyMatch(name -> name.contains("_DATASET_"));
    }

    @Override
    public void setExternalCollisionListener(CollisionExternalListener listener) {
        this.listener = listener;
    }

    @Override
    public void spiStart(String node) {
        // nothing to start
    }

    @Override
    public void spiStop() {
        // nothing to stop
    }
}
