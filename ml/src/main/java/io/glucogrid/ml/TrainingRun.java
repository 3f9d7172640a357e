package io.glucogrid.ml;

import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.ignite.Ignite;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What every training needs around it: it is the only one, it starts again where nodes come or leave, and nothing of it stays. */
final class TrainingRun {
    private static final Logger LOG = LoggerFactory.getLogger(TrainingRun.class);
    private static final int ATTEMPTS = 5;
    private static final long PAUSE_NANOS = 200_000_000;
    private static final Duration CLEAN_UP = Duration.ofSeconds(10);

    private final Ignite ignite;
    private final ServerCalls servers;

    TrainingRun(Ignite ignite) {
        this.ignite = ignite;
        this.servers = new ServerCalls(ignite);
    }

    /**
     * Runs a training while nobody else's runs.
     *
     * @throws io.glucogrid.grid.GridException CONFLICT where one does, or what the training throws
     */
    <T> T alone(String name, Supplier<T> training) {
        TrainingClaim claim = TrainingClaim.take(ignite);
        try {
            removeRemains();
            return training.get();
        } catch (RuntimeException failure) {
            throw ServerCalls.failure("training " + name, failure);
        } finally {
            claim.release();
        }
    }

    /**
     * Runs an attempt, and again where it fails after nodes came or left, while the deadline lasts. A node that has just left may
     * be an owner for another moment: to that an attempt fails with NOT_READY, and the next one waits a little.
     */
    <T> T whileNodesStay(String name, Deadline deadline, Supplier<T> attempt) {
        for (int number = 1; ; number++) {
            long topology = ignite.cluster().topologyVersion();
            try {
                return attempt.get();
            } catch (RuntimeException failure) {
                boolean sameNodes = ignite.cluster().topologyVersion() == topology;
                boolean notReady = failure instanceof GridException known && known.code() == ErrorCode.NOT_READY;
                if ((sameNodes && !notReady) || number == ATTEMPTS || deadline.hasPassed()) {
                    throw failure;
                }
                LockSupport.parkNanos(number * PAUSE_NANOS);
                LOG.info(
                        "training model={} starts again: nodes came or left reason=\"{}\"", name, failure.getMessage());
            }
        }
    }

    /** Caches and copies of training data, anywhere in the grid; only with the claim and while no fit runs. */
    void removeRemains() {
        removeCaches();
        try {
            servers.onEveryServer(new ForgetDatasets(), "removing copies of training data", Deadline.in(CLEAN_UP));
        } catch (RuntimeException failure) {
            LOG.warn("copies of training data stay until the next training", failure);
        }
    }

    void removeCaches() {
        try {
            Caches.destroyTraining(ignite);
        } catch (RuntimeException failure) {
            LOG.warn("training caches stay until the next training", failure);
        }
    }
}
