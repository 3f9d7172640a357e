package io.glucogrid.ml;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.LocalService;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.Suppressions;
import java.util.Collection;
import org.apache.ignite.Ignite;

/**
 * Of whom nothing may be stored. A job that restores or fits reads for minutes, and a subject that is forgotten meanwhile must not
 * come back with its last batch: so the list is looked at right before each write, not when the job begins.
 */
final class Forgotten {
    private final Ignite ignite;
    private final LocalService<OfflineStore> store;

    Forgotten(Ignite ignite) {
        this.ignite = ignite;
        this.store = new LocalService<>(ignite, OfflineStore.NAME, OfflineStore.class);
    }

    /** Takes those out of a batch's subjects that were forgotten. */
    void leaveOutOf(Collection<Long> subjects) {
        Suppressions list = store.get().suppressions();
        if (!list.isEmpty() && !subjects.isEmpty()) {
            Suppressions.Filter filter = list.filter(ReadingsTable.of(ignite).joinKeys());
            subjects.removeIf(subject -> filter.covers(new Object[] {subject}));
        }
    }

    /** Throws CONFLICT for one that was forgotten. */
    void requireAllowed(long subject) {
        Suppressions list = store.get().suppressions();
        if (!list.isEmpty() && list.filter(ReadingsTable.of(ignite).joinKeys()).covers(new Object[] {subject})) {
            throw new GridException(
                    ErrorCode.CONFLICT,
                    "the subject was forgotten; `glucogrid forget --undo` lets the grid take it again");
        }
    }
}
