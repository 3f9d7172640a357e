package io.glucogrid.stream;

import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.EntityKey;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Field;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.TableSchema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns a row of a history table into the online row of one view that the table's push source feeds. */
final class ViewProjection {
    private static final int EVENT_TIME = -1;
    private static final int CREATED = -2;

    private final FeatureView view;
    private final int[] keyColumns;
    private final int[] valueColumns;

    private ViewProjection(FeatureView view, int[] keyColumns, int[] valueColumns) {
        this.view = view;
        this.keyColumns = keyColumns;
        this.valueColumns = valueColumns;
    }

    static ViewProjection of(Definitions definitions, FeatureView view, TableSchema table) {
        List<String> keys = table.joinKeys().stream().map(Field::name).toList();
        int[] keyColumns = definitions.joinKeys(view).stream()
                .mapToInt(key -> found(keys.indexOf(key.name()), key, view, table))
                .toArray();
        int[] valueColumns = view.features().stream()
                .mapToInt(feature -> {
                    if (feature.name().equals(table.eventTime())) {
                        return EVENT_TIME;
                    }
                    if (feature.name().equals(table.created())) {
                        return CREATED;
                    }
                    return found(table.valueIndex(feature.name()), feature, view, table);
                })
                .toArray();
        return new ViewProjection(view, keyColumns, valueColumns);
    }

    FeatureView view() {
        return view;
    }

    /** Key of the row in the view's online cache. */
    Object key(HistoryRow row) {
        if (keyColumns.length == 1) {
            return row.joinKeys()[keyColumns[0]];
        }
        Object[] keys = new Object[keyColumns.length];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = row.joinKeys()[keyColumns[i]];
        }
        return EntityKey.of(keys);
    }

    /** The row as the view's online cache holds it. */
    FeatureRow row(HistoryRow source) {
        FeatureRow from = source.row();
        @Nullable Object[] values = new @Nullable Object[valueColumns.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (valueColumns[i]) {
                case EVENT_TIME -> (Object) from.eventMicros();
                case CREATED -> (Object) from.createdMicros();
                default -> from.value(valueColumns[i]);
            };
        }
        return new FeatureRow(from.eventMicros(), from.createdMicros(), values);
    }

    private static int found(int index, Field field, FeatureView view, TableSchema table) {
        if (index < 0) {
            throw new GridException(
                    ErrorCode.INVALID_CONFIG,
                    "view '" + view.name() + "' needs '" + field.name() + "', which table '" + table.name()
                            + "' does not have");
        }
        return index;
    }
}
