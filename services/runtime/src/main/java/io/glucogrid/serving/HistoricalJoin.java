package io.glucogrid.serving;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A historical join whose entities come in parts. All parts follow the definitions that were in force when the join began, and
 * each has a deadline of its own. Not thread-safe.
 */
public final class HistoricalJoin {
    private final FeatureRuntime runtime;
    private final ReadPlan plan;
    private final boolean knownThen;
    private @Nullable Part next;

    HistoricalJoin(FeatureRuntime runtime, ReadPlan plan, boolean knownThen) {
        this.runtime = runtime;
        this.plan = plan;
        this.knownThen = knownThen;
    }

    /**
     * Where a part begins.
     *
     * @param columns names of the first entity's columns, which all have
     * @param first number of the part's first entity
     */
    record Part(List<String> columns, long first) {}

    /**
     * Says what is wrong with the next entities, and answers nothing.
     *
     * @throws io.glucogrid.grid.GridException INVALID_REQUEST that names the first unusable entity
     */
    public void check(List<@Nullable Object> entities) {
        typed(entities);
    }

    /** Values of the next entities. */
    public HistoricalAnswer answer(List<@Nullable Object> entities) {
        return runtime.historical(plan, typed(entities), knownThen);
    }

    /** Goes back to the first entity. */
    public void restart() {
        next = null;
    }

    private EntityRows typed(List<@Nullable Object> entities) {
        Part part = next == null ? new Part(EntityRows.columns(entities), 0) : next;
        EntityRows rows = EntityRows.historical(plan, entities, part);
        next = new Part(part.columns(), part.first() + entities.size());
        return rows;
    }
}
