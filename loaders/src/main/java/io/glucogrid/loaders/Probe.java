package io.glucogrid.loaders;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.ValueType;
import io.glucogrid.store.AsOf;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.TableSchema;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A point-in-time question in the form that pages are searched with. */
final class Probe {
    private final RowBatch keys;
    private final int bucket;
    private final long from;
    private final long at;
    private final long known;
    private final long keyNumber;
    private final byte[] keyText;

    private Probe(RowBatch keys, int bucket, long from, long at, long known, long keyNumber, byte[] keyText) {
        this.keys = keys;
        this.bucket = bucket;
        this.from = from;
        this.at = at;
        this.known = known;
        this.keyNumber = keyNumber;
        this.keyText = keyText;
    }

    /** INVALID_REQUEST where the keys are not those of the table. */
    static Probe of(TableSchema schema, AsOf question) {
        RowBatch.checkKeys(schema, question.joinKeys());
        RowBatch keys = RowBatch.empty(schema, 1);
        FeatureRow nothing = new FeatureRow(question.atMicros(), 0, new @Nullable Object[0]);
        keys.add(new HistoryRow(question.joinKeys(), nothing, HistoryRow.Op.DELETE), 0);
        boolean fixed = Column.isFixed(keys.key(0).type());
        return new Probe(
                keys,
                keys.bucket(0),
                question.fromMicros(),
                question.atMicros(),
                question.knownMicros(),
                fixed ? keys.key(0).fixed(0) : 0,
                keys.key(0).type() == ValueType.STRING
                        ? keys.key(0).string(0).getBytes(StandardCharsets.UTF_8)
                        : new byte[0]);
    }

    int bucket() {
        return bucket;
    }

    long from() {
        return from;
    }

    long at() {
        return at;
    }

    /** Latest creation time of rows that count. */
    long known() {
        return known;
    }

    long keyNumber() {
        return keyNumber;
    }

    byte[] keyText() {
        return keyText;
    }

    /** The last row of the key with {@code event <= at}; -1 where the batch has none. */
    int floor(RowBatch batch, long atMicros) {
        int low = 0;
        int high = batch.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (isAfter(batch, middle, atMicros)) {
                high = middle - 1;
            } else {
                low = middle + 1;
            }
        }
        return high >= 0 && batch.compareKeys(high, keys, 0) == 0 ? high : -1;
    }

    /**
     * From a row of the key on towards earlier ones, the first that was created in time; -1 where the batch has none.
     *
     * @param row what {@link #floor} found
     */
    int known(RowBatch batch, int row) {
        int at = row;
        while (at >= 0 && batch.created().fixed(at) > known) {
            at--;
            if (at >= 0 && batch.compareKeys(at, keys, 0) != 0) {
                return -1;
            }
        }
        return at;
    }

    /** Whether a row was created in time. */
    boolean isKnown(RowBatch batch, int row) {
        return batch.created().fixed(row) <= known;
    }

    /** Whether a row is of the probe's key. */
    boolean matches(RowBatch batch, int row) {
        return batch.compareKeys(row, keys, 0) == 0;
    }

    private boolean isAfter(RowBatch batch, int row, long atMicros) {
        int order = Integer.compare(batch.bucket(row), bucket);
        if (order == 0) {
            order = batch.compareKeys(row, keys, 0);
        }
        return order != 0 ? order > 0 : batch.event().fixed(row) > atMicros;
    }
}
