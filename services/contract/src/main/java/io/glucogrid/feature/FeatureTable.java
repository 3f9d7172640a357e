package io.glucogrid.feature;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An answer: one row per entity asked for, in that order.
 *
 * @param names join keys, stored features, on-demand features, in registry order
 * @param types type of each column
 * @param rows values by row and column; UNIX_TIMESTAMP in microseconds
 */
public record FeatureTable(List<String> names, List<ValueType> types, @Nullable Object[][] rows) {
    /** Index of a column; -1 where there is none. */
    public int column(String name) {
        return names.indexOf(name);
    }
}
