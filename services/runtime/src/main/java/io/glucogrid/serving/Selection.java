package io.glucogrid.serving;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which features a caller wants: those of a service, or a list.
 *
 * @param service name of a feature service; null where {@code features} says it
 * @param features {@code view:feature} each, of any views
 * @param fullNames whether listed features are named {@code view__feature}
 */
public record Selection(@Nullable String service, List<String> features, boolean fullNames) {
    public Selection {
        features = List.copyOf(features);
    }

    /** All features of a service. */
    public static Selection of(String service) {
        return new Selection(service, List.of(), false);
    }

    ReadPlan plan(Snapshot snapshot) {
        return service != null ? snapshot.service(service) : snapshot.features(this);
    }
}
