package io.glucogrid.serving;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureTable;
import io.glucogrid.feature.FeatureView.OnlineTtl;
import io.glucogrid.feature.ValueStatus;
import org.jspecify.annotations.Nullable;

/** An online answer with what is known of each value. Columns are those of {@link #table}. */
public final class OnlineAnswer {
    private final ReadPlan plan;
    private final FeatureTable table;
    private final ValueStatus[][] statuses;
    private final @Nullable FeatureRow[][] rows;

    /**
     * @param statuses by row and column of the table
     * @param rows stored rows by view of the plan and row of the table
     */
    OnlineAnswer(ReadPlan plan, FeatureTable table, ValueStatus[][] statuses, @Nullable FeatureRow[][] rows) {
        this.plan = plan;
        this.table = table;
        this.statuses = statuses;
        this.rows = rows;
    }

    public FeatureTable table() {
        return table;
    }

    /** How many columns, from the first, are join keys. */
    public int joinKeys() {
        return plan.joinKeys().size();
    }

    public ValueStatus status(int row, int column) {
        return statuses[row][column];
    }

    /** The view that a feature's column belongs to; empty for a join key. */
    public String view(int column) {
        return column < joinKeys()
                ? ""
                : plan.columns().get(column - joinKeys()).view();
    }

    /** Whether a column is read from the online store, not computed from others. */
    public boolean isStored(int column) {
        return column >= joinKeys() && plan.columns().get(column - joinKeys()).ref() instanceof ValueRef.Stored;
    }

    /** What the view of a stored column says of values that are too old. */
    public OnlineTtl onlineTtl(int column) {
        return plan.views().get(storedView(column)).view().onlineTtl();
    }

    /** Event time of the row behind a stored value, microseconds since the epoch; 0 where there is none. */
    public long eventMicros(int row, int column) {
        FeatureRow found = rows[storedView(column)][row];
        return found == null ? 0 : found.eventMicros();
    }

    private int storedView(int column) {
        return ((ValueRef.Stored) plan.columns().get(column - joinKeys()).ref()).view();
    }
}
