package io.glucogrid.loaders;

import io.glucogrid.store.SegmentInfo;
import java.util.Collection;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where nodes tell each other about segments.
 *
 * <p>A table's token changes after each announcement, and its part behind the slash (the generation) when a look into the tier
 * itself is needed: segments were removed, or came without being announced. So a reader that has seen the current token knows
 * every acknowledged row.
 */
interface SegmentBoard {
    /** The table's token; null before the first announcement. {@code mayWait}: whether this thread may wait for the grid. */
    @Nullable
    String token(String table, boolean mayWait);

    /** Announced segments of the table, at least those announced before the current token was set. */
    void announced(String table, boolean mayWait, Consumer<SegmentInfo> segments);

    /** Tells all nodes of segments of one table, and then changes its token. Waits for the grid. */
    Change announce(String table, Collection<SegmentInfo> segments);

    /** Takes announcements back. Waits for the grid. */
    void withdraw(Collection<SegmentInfo> segments);

    /** Makes every node look into the tier before it next reads the table. Waits for the grid. */
    Change invalidate(String table);

    /** Changes whenever nodes joined or left. */
    long topology();

    /** The token after and right before a change. */
    record Change(@Nullable String before, String after) {}

    /** The part of a token that changes with the tier's listing. */
    static String generation(@Nullable String token) {
        return token == null ? "" : token.substring(token.indexOf('/') + 1);
    }
}
