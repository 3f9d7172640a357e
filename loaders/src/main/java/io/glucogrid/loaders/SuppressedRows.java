package io.glucogrid.loaders;

import io.glucogrid.feature.Field;
import io.glucogrid.grid.Buckets;
import io.glucogrid.store.ForgottenEntity;
import io.glucogrid.store.Suppressions;
import io.glucogrid.store.TableSchema;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which rows a compaction leaves out for good, and which segments still have some of them. Rows are asked about in the order of
 * the tier, so an entity is looked up once for all its rows. Not thread-safe.
 */
final class SuppressedRows {
    private static final int PAGES_AT_ONCE = 16;

    private final TableSchema schema;
    private final Suppressions list;
    private final Suppressions.Filter filter;
    private @Nullable RowBatch lastBatch;
    private int lastRow;
    private boolean lastCovered;
    private long found;

    SuppressedRows(TableSchema schema, Suppressions list) {
        this.schema = schema;
        this.list = list;
        this.filter = list.filter(schema.joinKeys());
    }

    /** Whether nothing of this table is suppressed. */
    boolean isEmpty() {
        return filter.isEmpty();
    }

    /** Whether the row is of a suppressed entity. */
    boolean has(RowBatch batch, int row) {
        if (filter.isEmpty()) {
            return false;
        }
        RowBatch before = lastBatch;
        if (before == null || before.compareKeys(lastRow, batch, row) != 0) {
            lastCovered = filter.covers(batch.row(row).joinKeys());
            lastBatch = batch;
            lastRow = row;
        }
        if (lastCovered) {
            found++;
        }
        return lastCovered;
    }

    /** How many rows {@link #has} said yes to. */
    long found() {
        return found;
    }

    /** Whether a segment has rows of suppressed entities; reads no page that cannot. */
    boolean isIn(Segment segment) throws IOException {
        if (filter.isEmpty() || !mayBeIn(segment)) {
            return false;
        }
        SegmentIndex index = segment.index();
        for (int page = 0; page < index.pages(); page++) {
            if (page % PAGES_AT_ONCE == 0 || index.rowGroup(page) != index.rowGroup(page - 1)) {
                RowBatch batch = segment.pages(page, PAGES_AT_ONCE - page % PAGES_AT_ONCE);
                for (int row = 0; row < batch.size(); row++) {
                    if (has(batch, row)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private boolean mayBeIn(Segment segment) throws IOException {
        Field first = schema.joinKeys().get(0);
        for (ForgottenEntity entity : list.entities()) {
            String text = entity.joinKeys().get(first.name());
            if (text == null) { // all keys may be its
                return true;
            }
            Object key = parsed(first, text);
            if (key != null && (segment.bucket() == SegmentName.NO_BUCKET || segment.bucket() == Buckets.of(key))) {
                Column column = new Column(first.type(), 1);
                column.add(key);
                if (segment.index().mayHaveKeys(column, 0, 0)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The key that has this text; null where the type has none. */
    static @Nullable Object parsed(Field field, String text) {
        try {
            return switch (field.type()) {
                case INT64, UNIX_TIMESTAMP -> (Object) Long.valueOf(text);
                case INT32 -> Integer.valueOf(text);
                case FLOAT -> Float.valueOf(text);
                case DOUBLE -> Double.valueOf(text);
                case BOOL -> Boolean.valueOf(text);
                case STRING -> text;
                case BYTES -> null;
            };
        } catch (NumberFormatException other) {
            return null;
        }
    }

    /** Segments that were searched already; they never change, so each is searched once per version of the list. */
    static final class Searched {
        private final Map<String, Long> cleanSince = new HashMap<>();

        /** Whether the segment has nothing that the list suppresses, as far as is known without reading it. */
        boolean isClean(String path, Suppressions list) {
            Long version = cleanSince.get(path);
            return list.isEmpty() || (version != null && version == list.version());
        }

        void clean(String path, Suppressions list) {
            cleanSince.put(path, list.version());
        }

        void keepOnly(List<String> paths) {
            cleanSince.keySet().retainAll(paths);
        }
    }
}
