package io.glucogrid.serving;

import io.glucogrid.expression.Expression;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.ValueType;
import io.glucogrid.value.Timestamps;
import org.jspecify.annotations.Nullable;

/** Where a value of an answer comes from. */
sealed interface ValueRef {
    @Nullable
    Object of(Cursor cursor);

    /** A join key of the plan. */
    record Key(int index) implements ValueRef {
        @Override
        public Object of(Cursor cursor) {
            return cursor.keys[index];
        }
    }

    /** A value that came with the request. */
    record Requested(int index) implements ValueRef {
        @Override
        public @Nullable Object of(Cursor cursor) {
            return cursor.request[index];
        }
    }

    /** A part of a stored row. */
    record Stored(int view, RowPart part, int onlineIndex, int historyIndex, ValueType type) implements ValueRef {
        @Override
        public @Nullable Object of(Cursor cursor) {
            FeatureRow row = cursor.rows[view];
            if (row == null) {
                return null;
            }
            Object value =
                    switch (part) {
                        case EVENT_TIME -> (Object) row.eventMicros();
                        case CREATED -> (Object) row.createdMicros();
                        case VALUE -> value(row, cursor.historical ? historyIndex : onlineIndex);
                    };
            return type == ValueType.UNIX_TIMESTAMP && value instanceof Long micros
                    ? (Object) Timestamps.wholeSeconds(micros)
                    : value;
        }

        /** A row written before the view got the feature is shorter. */
        private static @Nullable Object value(FeatureRow row, int index) {
            return index >= 0 && index < row.size() ? row.value(index) : null;
        }
    }

    /** The event time as an on-demand feature sees it: historically the time asked for, online the row's. */
    record InputTime(Stored stored) implements ValueRef {
        @Override
        public @Nullable Object of(Cursor cursor) {
            return cursor.historical ? (Object) cursor.atMicros : stored.of(cursor);
        }
    }

    /** A computed value. */
    record Computed(Expression expression, ValueRef[] inputs) implements ValueRef {
        @Override
        public @Nullable Object of(Cursor cursor) {
            @Nullable Object[] values = new Object[inputs.length];
            for (int i = 0; i < inputs.length; i++) {
                values[i] = inputs[i].of(cursor);
            }
            return expression.evaluate(values);
        }
    }

    /** Which part of a row. */
    enum RowPart {
        EVENT_TIME,
        CREATED,
        VALUE
    }
}
