package io.glucogrid.store;

import io.glucogrid.feature.FeatureRow;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A row in memory as an answer. */
record RowFound(FeatureRow row) implements AsOfAnswers.Found {
    @Override
    public long eventMicros() {
        return row.eventMicros();
    }

    @Override
    public long createdMicros() {
        return row.createdMicros();
    }

    @Override
    public boolean isNull(int value) {
        return row.value(value) == null;
    }

    @Override
    public long fixed(int value) {
        Object found = Objects.requireNonNull(row.value(value));
        if (found instanceof Double number) {
            return Double.doubleToRawLongBits(number);
        }
        if (found instanceof Float number) {
            return Float.floatToRawIntBits(number);
        }
        return found instanceof Boolean known ? (known ? 1 : 0) : ((Number) found).longValue();
    }

    @Override
    public @Nullable Object value(int value) {
        return row.value(value);
    }
}
