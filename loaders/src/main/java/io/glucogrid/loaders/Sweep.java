package io.glucogrid.loaders;

import io.glucogrid.store.SegmentInfo;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
     * Deletes what receipts say is replaced, where their grace period is over and their outputs are sound. A receipt also waits for
     * older ones whose outputs it would delete: without those nothing would say any more that their inputs are replaced.
     *
     * @return how many segments were deleted
     */
    int run(String table) throws IOException {
        int deleted = 0;
        long nowMicros = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
        Set<String> needed = new HashSet<>();
        for (Receipt receipt : Receipt.of(storage, table)) {
            boolean early = nowMicros - receipt.publishedMicros() < Math.max(graceMicros, receipt.graceMicros());
            if (early || !Collections.disjoint(needed, receipt.inputs())) {
                needed.addAll(receipt.outputs());
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
        return deleted;
    }

    /** Deletes what crashes left unfinished long ago: of tables, of documents, and of trials whether the tier takes writes. */
    void unfinished() throws IOException {
        long abandonedMillis = clock.millis() - ABANDONED_AFTER.toMillis();
        for (TierStorage.TierFile file : storage.list("")) {
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
