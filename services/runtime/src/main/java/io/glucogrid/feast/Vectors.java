package io.glucogrid.feast;

import io.glucogrid.feature.FeatureTable;
import io.glucogrid.feature.FeatureView.OnlineTtl;
import io.glucogrid.feature.ValueStatus;
import io.glucogrid.feature.ValueType;
import io.glucogrid.serving.OnlineAnswer;
import io.glucogrid.value.Timestamps;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An online answer in Feast's form: one vector per column with the values of all entities, the status of each and the event time
 * of each. Join keys come first; they and computed features are always {@code PRESENT} at the epoch.
 */
final class Vectors {
    private static final String EPOCH = "1970-01-01T00:00:00Z";

    private Vectors() {}

    static Map<String, Object> tree(OnlineAnswer answer, List<String> names) {
        FeatureTable table = answer.table();
        List<Object> results = new ArrayList<>(names.size());
        for (int column = 0; column < names.size(); column++) {
            boolean stored = answer.isStored(column);
            int rows = table.rows().length;
            List<@Nullable Object> values = new ArrayList<>(rows);
            List<String> statuses = new ArrayList<>(rows);
            List<String> times = new ArrayList<>(rows);
            for (int row = 0; row < rows; row++) {
                values.add(value(table.types().get(column), table.rows()[row][column]));
                statuses.add(stored ? status(answer, row, column).name() : ValueStatus.PRESENT.name());
                times.add(stored ? time(answer.eventMicros(row, column)) : EPOCH);
            }
            Map<String, Object> vector = new LinkedHashMap<>();
            vector.put("values", values);
            vector.put("statuses", statuses);
            vector.put("event_timestamps", times);
            results.add(vector);
        }
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("results", results);
        tree.put("metadata", Map.of("feature_names", names));
        return tree;
    }

    /** Names of the columns, {@code view__feature} for features where full ones are asked for. */
    static List<String> names(OnlineAnswer answer, boolean full) {
        List<String> names = new ArrayList<>(answer.table().names());
        if (full) {
            for (int column = answer.joinKeys(); column < names.size(); column++) {
                names.set(column, answer.view(column) + "__" + names.get(column));
            }
        }
        return names;
    }

    private static ValueStatus status(OnlineAnswer answer, int row, int column) {
        ValueStatus status = answer.status(row, column);
        return status == ValueStatus.OUTSIDE_MAX_AGE && answer.onlineTtl(column) == OnlineTtl.SERVE
                ? ValueStatus.PRESENT
                : status;
    }

    /** Times are whole seconds since the epoch. */
    private static @Nullable Object value(ValueType type, @Nullable Object value) {
        return type == ValueType.UNIX_TIMESTAMP && value instanceof Long micros
                ? (Object) Math.floorDiv(micros, Timestamps.MICROS_PER_SECOND)
                : value;
    }

    /** RFC 3339 with no, three or six digits of a fraction. */
    private static String time(long micros) {
        return micros == 0
                ? EPOCH
                : Instant.EPOCH.plus(micros, ChronoUnit.MICROS).toString();
    }
}
