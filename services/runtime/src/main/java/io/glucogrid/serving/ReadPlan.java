package io.glucogrid.serving;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureTable;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.Source;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.CacheRef;
import io.glucogrid.store.TableSchema;
import io.glucogrid.window.ViewWindows;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How to answer one question shape: the views to read, and where each column of the answer comes from. Immutable; compiled once
 * per version of the definitions for each feature service, and on the fly for a list of features.
 *
 * @param joinKeys join keys of all views, in order
 * @param requested values that must come with each entity
 * @param columns features of the answer, without the join keys
 * @param names names of the answer's columns: join keys, then features
 * @param types their types
 */
record ReadPlan(
        List<Field> joinKeys,
        List<Field> requested,
        List<ViewRead> views,
        List<Column> columns,
        List<String> names,
        List<ValueType> types) {
    /** A plan with its answer's header. */
    static ReadPlan of(List<Field> joinKeys, List<Field> requested, List<ViewRead> views, List<Column> columns) {
        return new ReadPlan(
                List.copyOf(joinKeys),
                List.copyOf(requested),
                List.copyOf(views),
                List.copyOf(columns),
                Stream.concat(
                                joinKeys.stream().map(Field::name),
                                columns.stream().map(Column::name))
                        .toList(),
                Stream.concat(
                                joinKeys.stream().map(Field::type),
                                columns.stream().map(Column::type))
                        .toList());
    }

    /**
     * A view that the plan reads.
     *
     * @param keys positions of the view's join keys in the plan's
     * @param inHistory whether a historical read needs the view's rows
     * @param windows the view's windows; null where it has none, or none is asked for
     */
    record ViewRead(
            FeatureView view,
            CacheRef<Object, FeatureRow> cache,
            TableSchema table,
            Source.Parquet source,
            int[] keys,
            boolean inHistory,
            @Nullable ViewWindows windows) {
        /** An online row as columns read it: with windowed values behind the stored ones. */
        @Nullable
        FeatureRow served(@Nullable FeatureRow row) {
            return row == null || windows == null ? row : windows.online(row);
        }

        /** Join-key values of the view out of the plan's. */
        Object[] viewKeys(Object[] planKeys) {
            if (keys.length == planKeys.length) {
                return planKeys;
            }
            Object[] own = new Object[keys.length];
            for (int i = 0; i < keys.length; i++) {
                own[i] = planKeys[keys[i]];
            }
            return own;
        }
    }

    /** A feature of the answer. */
    record Column(String view, String name, ValueType type, ValueRef ref) {}

    /** Whether all views are kept online. */
    boolean isOnline() {
        return views.stream().allMatch(read -> read.view().online());
    }

    /** An answer with join keys first, from rows that were written cursor by cursor. */
    FeatureTable table(@Nullable Object[][] rows) {
        return new FeatureTable(names, types, rows);
    }

    /** Writes one row of the answer: join keys, then columns. */
    @Nullable
    Object[] row(Cursor cursor) {
        int keys = joinKeys.size();
        @Nullable Object[] row = new Object[keys + columns.size()];
        System.arraycopy(cursor.keys, 0, row, 0, keys);
        for (int i = 0; i < columns.size(); i++) {
            row[keys + i] = columns.get(i).ref().of(cursor);
        }
        return row;
    }
}
