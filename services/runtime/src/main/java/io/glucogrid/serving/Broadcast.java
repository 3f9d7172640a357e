package io.glucogrid.serving;

import java.time.Duration;
import java.util.Collection;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCompute;
import org.apache.ignite.cluster.ClusterGroupEmptyException;
import org.apache.ignite.lang.IgniteCallable;
import org.apache.ignite.lang.IgniteRunnable;

/**
 * Runs a job on every server node and waits for all of them, within a deadline.
 *
 * <p>Not on the public pool: Ignite REST runs its tasks there, and tasks that wait for jobs of their own pool wait for ever once
 * they fill it.
 */
final class Broadcast {
    /** Executors of the node's XML; their jobs never broadcast themselves. */
    private static final String SERVING = "serve";

    private static final String LOADING = "loads";

    private final Ignite ignite;
    private final String executor;

    private Broadcast(Ignite ignite, String executor) {
        this.ignite = ignite;
        this.executor = executor;
    }

    /** For jobs that somebody waits for. */
    static Broadcast serving(Ignite ignite) {
        return new Broadcast(ignite, SERVING);
    }

    /** For jobs that take minutes, and must not hold the others up. */
    static Broadcast loading(Ignite ignite) {
        return new Broadcast(ignite, LOADING);
    }

    /** Results of all server nodes, in no promised order. */
    <R> Collection<R> call(IgniteCallable<R> job, Duration deadline) {
        String what = "a job on all nodes (" + job.getClass().getSimpleName() + ")";
        try {
            return Waits.within(servers().broadcastAsync(job), deadline.toNanos(), what);
        } catch (ClusterGroupEmptyException stopping) {
            throw Waits.failure(what, stopping);
        }
    }

    void run(IgniteRunnable job, Duration deadline) {
        String what = "a job on all nodes (" + job.getClass().getSimpleName() + ")";
        Waits.within(servers().broadcastAsync(job), deadline.toNanos(), what);
    }

    private IgniteCompute servers() {
        return ignite.compute(ignite.cluster().forServers()).withExecutor(executor);
    }
}
