package io.glucogrid.serving;

import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.DidYouMean;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.json.Json;
import io.glucogrid.value.Coercion;
import io.glucogrid.value.Timestamps;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Entities of a request, checked and typed.
 *
 * @param keys join-key values of each entity in the plan's order
 * @param request values of the plan's request fields; empty where it has none
 * @param atMicros time of each entity; empty in an online read
 * @param columns names of the entity's own columns, in the order of the request
 * @param values the entity's own columns, join keys typed and times in microseconds
 */
record EntityRows(
        List<Object[]> keys,
        List<@Nullable Object[]> request,
        long[] atMicros,
        List<String> columns,
        @Nullable Object[][] values) {
    /** The entity's time, in a historical read. */
    static final String EVENT_TIMESTAMP = "event_timestamp";

    /** Entities of an online read: join keys and request values, nothing else. */
    static EntityRows online(ReadPlan plan, @Nullable Object entities, int most) {
        List<@Nullable Object> rows = rows(entities, most, "");
        int fields = plan.joinKeys().size() + plan.requested().size();
        List<Object[]> keys = new ArrayList<>(rows.size());
        List<@Nullable Object[]> request = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            Map<String, @Nullable Object> row = row(rows, i, 0);
            if (row.size() != fields) {
                requireKnown(plan, row, i);
            }
            keys.add(keys(plan, row, i));
            if (!plan.requested().isEmpty()) {
                request.add(request(plan, row, i));
            }
        }
        return new EntityRows(keys, request, new long[0], List.of(), new Object[0][]);
    }

    /** Entities of a historical read: join keys, a time, request values, and columns that pass through. */
    static EntityRows historical(ReadPlan plan, @Nullable Object entities, int most) {
        List<@Nullable Object> rows = rows(entities, most, "; POST /get_historical_features takes any number");
        return historical(plan, rows, columns(rows), 0);
    }

    /** Entities of a part of a historical read. */
    static EntityRows historical(ReadPlan plan, List<@Nullable Object> rows, HistoricalJoin.Part part) {
        return historical(plan, rows, part.columns(), part.first());
    }

    /** Names of the columns of an entity. */
    static List<String> columns(List<@Nullable Object> rows) {
        return List.copyOf(row(rows, 0, 0).keySet());
    }

    private static EntityRows historical(ReadPlan plan, List<@Nullable Object> rows, List<String> columns, long first) {
        List<Object[]> keys = new ArrayList<>(rows.size());
        List<@Nullable Object[]> request = new ArrayList<>();
        long[] atMicros = new long[rows.size()];
        @Nullable Object[][] values = new Object[rows.size()][];
        for (int i = 0; i < rows.size(); i++) {
            Map<String, @Nullable Object> row = row(rows, i, first);
            if (row.size() != columns.size() || !row.keySet().containsAll(columns)) {
                throw invalid(first + i, "has other columns than the first");
            }
            Object[] entity = keys(plan, row, first + i);
            keys.add(entity);
            if (!plan.requested().isEmpty()) {
                request.add(request(plan, row, first + i));
            }
            if (!row.containsKey(EVENT_TIMESTAMP)) {
                throw invalid(first + i, "has no '" + EVENT_TIMESTAMP + "'");
            }
            atMicros[i] = Timestamps.micros(EVENT_TIMESTAMP, row.get(EVENT_TIMESTAMP));
            values[i] = row.values().toArray();
            for (int column = 0; column < columns.size(); column++) {
                values[i][column] = row.get(columns.get(column));
            }
            for (int key = 0; key < entity.length; key++) {
                values[i][columns.indexOf(plan.joinKeys().get(key).name())] = entity[key];
            }
            values[i][columns.indexOf(EVENT_TIMESTAMP)] = Timestamps.iso(atMicros[i]);
        }
        return new EntityRows(keys, request, atMicros, columns, values);
    }

    private static List<@Nullable Object> rows(@Nullable Object entities, int most, String elsewhere) {
        List<@Nullable Object> rows = Json.list(entities);
        if (rows == null) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "'entities' must be a list of objects");
        }
        if (rows.isEmpty()) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "'entities' must not be empty");
        }
        if (rows.size() > most) {
            throw new GridException(
                    ErrorCode.TOO_LARGE, rows.size() + " entities; one request takes " + most + elsewhere);
        }
        return rows;
    }

    private static Map<String, @Nullable Object> row(List<@Nullable Object> rows, int index, long first) {
        Map<String, @Nullable Object> row = Json.object(rows.get(index));
        if (row == null) {
            throw invalid(first + index, "must be an object");
        }
        return row;
    }

    private static Object[] keys(ReadPlan plan, Map<String, @Nullable Object> row, long index) {
        Object[] keys = new Object[plan.joinKeys().size()];
        for (int i = 0; i < keys.length; i++) {
            Field key = plan.joinKeys().get(i);
            Object value = row.get(key.name());
            if (value == null && !row.containsKey(key.name())) {
                throw invalid(index, "has no '" + key.name() + "'");
            }
            // The common case costs nothing.
            keys[i] = key.type() == ValueType.INT64 && value instanceof Long ? value : Coercion.key(key, value);
        }
        return keys;
    }

    private static @Nullable Object[] request(ReadPlan plan, Map<String, @Nullable Object> row, long index) {
        @Nullable Object[] values = new Object[plan.requested().size()];
        for (int i = 0; i < values.length; i++) {
            Field field = plan.requested().get(i);
            if (!row.containsKey(field.name())) {
                throw invalid(index, "has no '" + field.name() + "', which the features need");
            }
            values[i] = Coercion.value(field, row.get(field.name()));
        }
        return values;
    }

    /** An online entity with a key too many; the reference refuses it too. */
    private static void requireKnown(ReadPlan plan, Map<String, @Nullable Object> row, long index) {
        Set<String> known = new LinkedHashSet<>();
        plan.joinKeys().forEach(field -> known.add(field.name()));
        plan.requested().forEach(field -> known.add(field.name()));
        for (String name : row.keySet()) {
            if (!known.contains(name)) {
                throw invalid(
                        index,
                        "has the unknown key '" + name + "'" + DidYouMean.suffix(name, known) + "; keys are "
                                + String.join(", ", known));
            }
        }
    }

    private static GridException invalid(long index, String problem) {
        return new GridException(ErrorCode.INVALID_REQUEST, "entity " + index + " " + problem);
    }
}
