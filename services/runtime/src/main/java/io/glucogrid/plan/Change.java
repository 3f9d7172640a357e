package io.glucogrid.plan;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One definition that a plan creates, updates or deletes.
 *
 * @param kind {@code entity}, {@code data_source}, {@code feature_view}, {@code on_demand_feature_view}, {@code
 *     feature_service} or {@code project}
 * @param details what differs; empty for a definition that is created or deleted
 */
public record Change(Action action, String kind, String name, List<Detail> details) {
    public Change {
        details = List.copyOf(details);
    }

    /** What happens to the definition. */
    public enum Action {
        CREATE,
        UPDATE,
        DELETE
    }

    /**
     * A part of a definition that differs.
     *
     * @param field its place in the definition, such as {@code schema.glucose}
     * @param from canonical text before; null where it was not there
     * @param to canonical text after; null where it is gone
     */
    public record Detail(String field, @Nullable String from, @Nullable String to) {
        /** Whether this says only something about the definition, and nothing that is computed, stored or served. */
        boolean isDescriptive() {
            return field.equals("owner") || field.equals("description") || field.startsWith("tags");
        }
    }

    /** Whether values that are served may differ. */
    boolean changesValues() {
        return action != Action.UPDATE || !details.stream().allMatch(Detail::isDescriptive);
    }
}
