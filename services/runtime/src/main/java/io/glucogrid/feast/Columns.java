package io.glucogrid.feast;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rows that a request gives column by column: {@code {"subject_id":[1,2],"glucose":[100,null]}}. */
final class Columns {
    private Columns() {}

    /**
     * One map per row.
     *
     * @param member what the columns are called in the request
     * @param most more rows are TOO_LARGE
     */
    static List<Map<String, @Nullable Object>> rows(Map<String, @Nullable Object> request, String member, int most) {
        return transposed(columns(request, member), member, most);
    }

    /**
     * Rows of a data frame whose event time may be a feature too. A Feast client then writes that column twice, value by value:
     * the feature, and the time that the row is controlled by. The second one is kept, for here the feature is the row's time.
     *
     * @param doubled name of the column of event times
     */
    static List<Map<String, @Nullable Object>> rows(
            Map<String, @Nullable Object> request, String member, int most, String doubled) {
        Map<String, List<@Nullable Object>> columns = columns(request, member);
        List<@Nullable Object> times = columns.get(doubled);
        int others = columns.entrySet().stream()
                .filter(column -> !column.getKey().equals(doubled))
                .mapToInt(column -> column.getValue().size())
                .max()
                .orElse(-1);
        if (times != null && others > 0 && times.size() == 2 * others) {
            List<@Nullable Object> own = new ArrayList<>(others);
            for (int i = 1; i < times.size(); i += 2) {
                own.add(times.get(i));
            }
            columns.put(doubled, own);
        }
        return transposed(columns, member, most);
    }

    private static Map<String, List<@Nullable Object>> columns(Map<String, @Nullable Object> request, String member) {
        Map<String, @Nullable Object> given = Json.object(request.get(member));
        if (given == null || given.isEmpty()) {
            throw invalid("'" + member + "' must be an object with a list per column");
        }
        Map<String, List<@Nullable Object>> columns = new LinkedHashMap<>();
        given.forEach((name, value) -> {
            List<@Nullable Object> values = Json.list(value);
            if (values == null) {
                throw invalid("'" + member + "." + name + "' must be a list");
            }
            columns.put(name, values);
        });
        return columns;
    }

    private static List<Map<String, @Nullable Object>> transposed(
            Map<String, List<@Nullable Object>> columns, String member, int most) {
        int size = columns.values().iterator().next().size();
        columns.forEach((name, values) -> {
            if (values.size() != size) {
                throw invalid(
                        "'" + member + "." + name + "' has " + values.size() + " values, the first column has " + size);
            }
        });
        if (size == 0) {
            throw invalid("'" + member + "' has no rows");
        }
        if (size > most) {
            throw new GridException(ErrorCode.TOO_LARGE, size + " rows; one request takes " + most);
        }
        List<Map<String, @Nullable Object>> rows = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            Map<String, @Nullable Object> row = new LinkedHashMap<>();
            for (Map.Entry<String, List<@Nullable Object>> column : columns.entrySet()) {
                row.put(column.getKey(), column.getValue().get(i));
            }
            rows.add(row);
        }
        return rows;
    }

    private static GridException invalid(String problem) {
        return new GridException(ErrorCode.INVALID_REQUEST, problem);
    }
}
