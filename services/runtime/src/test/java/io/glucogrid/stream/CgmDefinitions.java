package io.glucogrid.stream;

import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.Entity;
import io.glucogrid.feature.FeatureService;
import io.glucogrid.feature.FeatureService.Projection;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.Source;
import io.glucogrid.feature.ValueType;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The stored part of the reference's definitions. */
final class CgmDefinitions {
    static final String TOPIC = "cgm_readings";
    static final String FRESH = "cgm_hourly_stats_fresh";

    private CgmDefinitions() {}

    static Definitions standard() {
        return new Definitions(
                "cgm",
                Map.of(
                        "subject",
                        new Entity("subject", List.of(new Field("subject_id", ValueType.INT64)), "", Map.of())),
                Map.of(
                        "batch",
                        new Source.Parquet("batch", "readings", null, "event_timestamp", "created"),
                        "push",
                        new Source.Push("push", "batch", TOPIC)),
                Map.of("cgm_hourly_stats", view("cgm_hourly_stats", "batch"), FRESH, view(FRESH, "push")),
                Map.of(),
                Map.of(
                        "cgm_activity_v1",
                        new FeatureService(
                                "cgm_activity_v1", List.of(new Projection("cgm_hourly_stats", List.of(), Map.of()))),
                        "cgm_activity_v3",
                        new FeatureService("cgm_activity_v3", List.of(new Projection(FRESH, List.of(), Map.of())))));
    }

    static FeatureView fresh() {
        return view(FRESH, "push");
    }

    private static FeatureView view(String name, String source) {
        return new FeatureView(
                name,
                List.of("subject"),
                Duration.ofDays(1),
                true,
                FeatureView.OnlineTtl.SERVE,
                source,
                List.of(new Field("glucose", ValueType.INT64), new Field("event_timestamp", ValueType.UNIX_TIMESTAMP)),
                "",
                Map.of());
    }
}
