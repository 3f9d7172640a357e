package io.glucogrid.feature;

import java.util.List;
import java.util.Map;

/** A named set of features for one use. */
public record FeatureService(String name, List<Projection> projections) {
    public FeatureService {
        projections = List.copyOf(projections);
    }

    /**
     * The part of one view that a service serves.
     *
     * @param view feature view or on-demand view
     * @param features names in serving order; empty for all of the view
     * @param renames serving name by feature name, for those that differ
     */
    public record Projection(String view, List<String> features, Map<String, String> renames) {
        public Projection {
            features = List.copyOf(features);
            renames = Map.copyOf(renames);
        }
    }
}
