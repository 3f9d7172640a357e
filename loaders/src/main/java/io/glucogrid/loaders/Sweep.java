package io.glucogrid.loaders;

import io.glucogrid.store.SegmentInfo;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deletes what compactions have replaced, and what crashes left unfinished. */
final class Sweep {
    private static final Duration ABANDONED_AFTER = Duration.ofDays(1);
    private static final Logger LOG = LoggerFactory.getLogger(Sweep.class);

    private final TierStorage storage;
    private final SegmentBoard board;
    private final InstantSource clock;
    private final long graceMicros;

    /** {@code graceMicros}: how long a receipt waits at least; one that asks for longer waits longer. */
    Sweep(TierStorage storage, SegmentBoard board, InstantSource clock, long graceMicros) {
        this.storage = storage;
        this.board = board;
        this.clock = clock;
        this.graceMicros = graceMicros;
    }

    /**
     * Deletes what receipts say is replaced, where their grace period is over and their outputs are sound, and files that a
     * crash left unfinished long ago.
     *
     * @return how many segments were deleted
     */
    int run(String table) throws IOException {
        int deleted = 0;
        long nowMicros = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
        for (Receipt receipt : Receipt.of(storage, table)) {
            if (nowMicros - receipt.publishedMicros() < Math.max(graceMicros, receipt.graceMicros())) {
                continue;
            }
            if (holds(receipt)) {
                List<SegmentInfo> gone = new ArrayList<>();
                for (String input : receipt.inputs()) {
                    storage.delete(input);
                    gone.add(new SegmentInfo(table, input, 0, 0));
                }
                board.withdraw(gone);
                board.invalidate(table);
                deleted += gone.size();
            } else {
                LOG.warn("receipt not carried out, its outputs were replaced or damaged: receipt={}", receipt.path());
            }
            storage.delete(receipt.path());
        }
        removeUnfinished(table);
        return deleted;
    }

    private void removeUnfinished(String table) throws IOException {
        long abandonedMillis = clock.millis() - ABANDONED_AFTER.toMillis();
        for (TierStorage.TierFile file : storage.list(table)) {
            if (SegmentName.isUnfinished(file.path()) && file.modifiedMillis() < abandonedMillis) {
                storage.delete(file.path());
                LOG.info("unfinished file removed: file={} bytes={}", file.path(), file.bytes());
            }
        }
    }

    private boolean holds(Receipt receipt) throws IOException {
        for (String output : receipt.outputs()) {
            try {
                if (!FileCheck.matchesName(storage, output)) {
                    return false;
                }
            } catch (NoSuchFileException gone) {
                return false;
            }
        }
        return true;
    }
}
