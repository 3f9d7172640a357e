package io.glucogrid.window;

import io.glucogrid.feature.Aggregation;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureView;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the online store must know of a view's windows to keep the recent readings of an entity in its row: which values of the
 * row they take, and how long they stay. Travels with the writes to the nodes that own the keys. Immutable.
 */
public final class WindowLayout implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Hash codes of the columns' names; {@code DefinitionsCheck} refuses two columns with the same. */
    private final int[] ids;

    private final int[] columns;
    private final long longestMicros;

    private WindowLayout(int[] ids, int[] columns, long longestMicros) {
        this.ids = ids;
        this.columns = columns;
        this.longestMicros = longestMicros;
    }

    /** The layout of a view; null where it has no windows. */
    public static @Nullable WindowLayout of(FeatureView view) {
        if (view.aggregations().isEmpty()) {
            return null;
        }
        List<String> names = columns(view);
        List<String> features =
                view.features().stream().map(feature -> feature.name()).toList();
        return new WindowLayout(
                names.stream().mapToInt(String::hashCode).toArray(),
                names.stream().mapToInt(features::indexOf).toArray(),
                view.aggregations().stream()
                        .mapToLong(Aggregation::windowMicros)
                        .max()
                        .orElse(0));
    }

    /** Distinct columns that aggregations take, in their order. */
    static List<String> columns(FeatureView view) {
        List<String> names = new ArrayList<>();
        for (Aggregation aggregation : view.aggregations()) {
            if (!names.contains(aggregation.column())) {
                names.add(aggregation.column());
            }
        }
        return names;
    }

    long longestMicros() {
        return longestMicros;
    }

    /** The readings that a row stands for: those it carries or, where it carries none of these columns, its own. */
    Readings readings(FeatureRow row) {
        Readings carried = carried(row);
        if (carried != null) {
            return carried;
        }
        Readings own = Readings.empty(columns.length);
        addOwn(row, own);
        return own;
    }

    /** Adds the row's own reading; answers whether that changed anything. */
    boolean addOwn(FeatureRow row, Readings readings) {
        return readings.add(row.eventMicros(), row.createdMicros(), own(row));
    }

    private double[] own(FeatureRow row) {
        double[] values = new double[columns.length];
        for (int i = 0; i < columns.length; i++) {
            values[i] = number(columns[i] < row.size() ? row.value(columns[i]) : null);
        }
        return values;
    }

    /**
     * The online row of an entity after another has come: the one that wins, carrying the recent readings of both; {@code
     * current} itself where nothing changes.
     *
     * @param current null where there is none yet
     * @param added a pushed row, or a sum of several
     */
    public FeatureRow join(@Nullable FeatureRow current, FeatureRow added) {
        byte[] recent = current == null ? null : current.recent();
        if (current != null
                && recent != null
                && added.recent() == null
                && added.eventMicros() > current.eventMicros()) {
            byte[] longer = Readings.append(
                    recent,
                    ids,
                    longestMicros,
                    current.eventMicros(),
                    added.eventMicros(),
                    added.createdMicros(),
                    own(added));
            if (longer != null) {
                return added.withRecent(longer);
            }
        }
        WindowedRow sum = new WindowedRow(this);
        if (current != null) {
            sum.add(current);
        }
        sum.add(added);
        FeatureRow joined = sum.row();
        return joined.recent() == null ? joined.withRecent(encode(readings(joined))) : joined;
    }

    /** The readings that a row carries; null where it carries none of these columns. */
    @Nullable
    Readings carried(FeatureRow row) {
        byte[] recent = row.recent();
        return recent == null ? null : Readings.decode(recent, ids);
    }

    byte[] encode(Readings readings) {
        return readings.encode(ids);
    }

    /** NaN for everything that is no number. */
    static double number(@Nullable Object value) {
        return value instanceof Number number ? number.doubleValue() : Double.NaN;
    }
}
