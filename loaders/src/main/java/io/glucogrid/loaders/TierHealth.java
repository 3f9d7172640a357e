package io.glucogrid.loaders;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the tier takes writes: what the last one came to.
 *
 * <p>After a failure, whoever asks gets its reason at once and sets off a trial in the background, at most one a second: a disk
 * that has room again is told so even where nobody writes. Writers do not ask; they write, and fail by themselves. Thread-safe.
 */
final class TierHealth {
    private static final Logger LOG = LoggerFactory.getLogger(TierHealth.class);
    private static final Duration BETWEEN_TRIALS = Duration.ofSeconds(1);

    private final TierStorage storage;
    private final AtomicBoolean trying = new AtomicBoolean();
    private volatile @Nullable Failure failure;

    TierHealth(TierStorage storage) {
        this.storage = storage;
    }

    void written() {
        if (failure != null) {
            failure = null;
            LOG.info("offline tier takes writes again: root={}", storage.root());
        }
    }

    void failed(String reason) {
        Failure known = failure;
        failure = new Failure(reason, System.nanoTime());
        if (known == null) {
            LOG.error("offline tier takes no writes: root={} reason={}", storage.root(), reason);
        }
    }

    boolean isWritable() {
        return problem() == null;
    }

    /** One sentence on why rows cannot be made durable now; null where they can. */
    @Nullable
    String problem() {
        Failure known = failure;
        if (known == null) {
            return null;
        }
        if (System.nanoTime() - known.nanos > BETWEEN_TRIALS.toNanos() && trying.compareAndSet(false, true)) {
            Thread trial = new Thread(this::trial, "tier-trial");
            trial.setDaemon(true);
            trial.start();
        }
        return "offline tier " + storage.root() + " takes no writes: " + known.reason;
    }

    private void trial() {
        try {
            storage.proveWritable();
            written();
        } catch (IOException | RuntimeException still) {
            failed(reason(still));
        } finally {
            trying.set(false);
        }
    }

    /** What the storage said, without the names of temporary files. */
    static String reason(Throwable failure) {
        if (failure instanceof java.nio.file.FileSystemException system && system.getReason() != null) {
            return system.getReason();
        }
        String message = failure.getMessage();
        return failure instanceof IOException && message != null ? message : failure.toString();
    }

    private record Failure(String reason, long nanos) {}
}
