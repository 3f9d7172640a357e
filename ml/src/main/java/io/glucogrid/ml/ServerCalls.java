package io.glucogrid.ml;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCompute;
import org.apache.ignite.IgniteInterruptedException;
import org.apache.ignite.cluster.ClusterGroupEmptyException;
import org.apache.ignite.cluster.ClusterNode;
import org.apache.ignite.cluster.ClusterTopologyException;
import org.apache.ignite.compute.ComputeTaskTimeoutException;
import org.apache.ignite.lang.IgniteCallable;
import org.apache.ignite.lang.IgniteFuture;
import org.apache.ignite.lang.IgniteFutureTimeoutException;
import org.jspecify.annotations.Nullable;

/** Calls to given server nodes, all at once, with one deadline and {@link GridException}s for what goes wrong. */
final class ServerCalls {
    private static final int ATTEMPTS = 5;
    private static final long PAUSE_NANOS = 200_000_000;

    private final Ignite ignite;

    ServerCalls(Ignite ignite) {
        this.ignite = ignite;
    }

    /**
     * Answers of all server nodes. A node that leaves meanwhile has none; one that fails is asked again a few times, since a
     * node that is about to leave fails in many ways. The job must be idempotent.
     *
     * @param doing what the job does, for the message
     */
    <R> Map<ClusterNode, R> onEveryServer(IgniteCallable<R> job, String doing, Deadline deadline) {
        Map<ClusterNode, R> answers = new LinkedHashMap<>();
        Map<ClusterNode, IgniteCallable<R>> open = new LinkedHashMap<>();
        for (ClusterNode node : ignite.cluster().forServers().nodes()) {
            open.put(node, job);
        }
        for (int attempt = 1; ; attempt++) {
            RuntimeException failure = call(open, answers, doing, deadline);
            open.keySet()
                    .removeIf(node ->
                            answers.containsKey(node) || ignite.cluster().node(node.id()) == null);
            if (open.isEmpty()) {
                return answers;
            }
            if (failure != null
                    && (attempt == ATTEMPTS || Thread.currentThread().isInterrupted())) {
                throw failure(doing, failure);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /**
     * Answers of all given nodes, each with a job of its own.
     *
     * @throws GridException NOT_READY where one of them leaves, DEADLINE_EXCEEDED, or what the job itself throws
     */
    <R> Map<ClusterNode, R> onEach(Map<ClusterNode, IgniteCallable<R>> jobs, String doing, Deadline deadline) {
        Map<ClusterNode, R> answers = new LinkedHashMap<>();
        RuntimeException failure = call(jobs, answers, doing, deadline);
        if (failure != null) {
            throw failure(doing, failure);
        }
        return answers;
    }

    /** Adds to the answers what the nodes answer, and returns the first failure, if any. */
    private <R> @Nullable RuntimeException call(
            Map<ClusterNode, IgniteCallable<R>> jobs, Map<ClusterNode, R> answers, String doing, Deadline deadline) {
        RuntimeException first = null;
        Map<ClusterNode, IgniteFuture<R>> futures = new LinkedHashMap<>();
        for (Map.Entry<ClusterNode, IgniteCallable<R>> job : jobs.entrySet()) {
            try {
                IgniteCompute compute = ignite.compute(ignite.cluster().forNode(job.getKey()))
                        .withTimeout(deadline.millisLeft(doing))
                        .withNoFailover();
                futures.put(job.getKey(), compute.callAsync(job.getValue()));
            } catch (RuntimeException failure) {
                first = first == null ? failure : first;
            }
        }
        for (Map.Entry<ClusterNode, IgniteFuture<R>> future : futures.entrySet()) {
            try {
                answers.put(future.getKey(), future.getValue().get(deadline.millisLeft(doing)));
            } catch (RuntimeException failure) {
                future.getValue().cancel();
                first = first == null ? failure : first;
            }
        }
        return first;
    }

    /** The {@link GridException} for a failure of a grid operation: the one inside it, or one that its type stands for. */
    static GridException failure(String doing, Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof GridException known) {
                return cause == failure ? known : new GridException(known.code(), known.reason(), failure);
            }
            if (cause instanceof ComputeTaskTimeoutException || cause instanceof IgniteFutureTimeoutException) {
                return new GridException(ErrorCode.DEADLINE_EXCEEDED, "the deadline passed while " + doing, failure);
            }
            if (cause instanceof ClusterTopologyException || cause instanceof ClusterGroupEmptyException) {
                return new GridException(ErrorCode.NOT_READY, "a node left while " + doing + "; try again", failure);
            }
            if (cause instanceof IgniteInterruptedException || cause instanceof InterruptedException) {
                if (cause == failure) { // this thread, not that of a job elsewhere
                    Thread.currentThread().interrupt();
                }
                return new GridException(ErrorCode.NOT_READY, "interrupted while " + doing, failure);
            }
        }
        return new GridException(ErrorCode.INTERNAL, "failed while " + doing + ": " + failure, failure);
    }
}
