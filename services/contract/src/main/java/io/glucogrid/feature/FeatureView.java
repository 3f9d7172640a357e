package io.glucogrid.feature;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A group of features of the same entities from one source.
 *
 * @param ttl how old a value may be at the time asked for; null for any age
 * @param online whether the latest rows are kept in the online store
 * @param features stored features in serving order; one that bears the name of the source's timestamp field is the row's
 *     event time
 * @param aggregations windowed features over stored ones, served after them
 */
public record FeatureView(
        String name,
        List<String> entities,
        @Nullable Duration ttl,
        boolean online,
        OnlineTtl onlineTtl,
        String source,
        List<Field> features,
        String owner,
        Map<String, String> tags,
        List<Aggregation> aggregations) {
    public FeatureView {
        entities = List.copyOf(entities);
        features = List.copyOf(features);
        tags = Map.copyOf(tags);
        aggregations = List.copyOf(aggregations);
    }

    /** A view without windows. */
    public FeatureView(
            String name,
            List<String> entities,
            @Nullable Duration ttl,
            boolean online,
            OnlineTtl onlineTtl,
            String source,
            List<Field> features,
            String owner,
            Map<String, String> tags) {
        this(name, entities, ttl, online, onlineTtl, source, features, owner, tags, List.of());
    }

    /** The stored features, then what comes of the aggregations: everything that a read may ask the view for. */
    public List<Field> servedFeatures() {
        if (aggregations.isEmpty()) {
            return features;
        }
        List<Field> served = new ArrayList<>(features);
        for (Aggregation aggregation : aggregations) {
            for (Field feature : features) {
                if (feature.name().equals(aggregation.column())) {
                    served.addAll(aggregation.outputs(feature.type()));
                }
            }
        }
        return served;
    }

    /** What an online read does with a value older than the ttl. */
    public enum OnlineTtl {
        /** As each endpoint does by itself: the reference's serves it, Feast's reports it. */
        BY_ENDPOINT,
        /** Serve it like any other. */
        SERVE,
        /** Serve it and say that it is too old. */
        REPORT,
        /** Serve null in its place. */
        HIDE
    }
}
