package io.glucogrid.ml;

import io.glucogrid.cgm.Cgm;
import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.Entity;
import io.glucogrid.feature.FeatureStore;
import io.glucogrid.feature.FeatureTable;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.Source;
import io.glucogrid.feature.ValueType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.ignite.services.Service;

/** A feature store that only knows its definitions: one view of readings. */
public final class FakeFeatureStoreService implements Service, FeatureStore {
    @Override
    public Definitions definitions() {
        Entity subject = new Entity("subject", List.of(new Field(Cgm.SUBJECT, ValueType.INT64)), "", Map.of());
        Source source = new Source.Parquet("cgm", Cgm.TABLE, null, "event_timestamp", "created");
        FeatureView view = new FeatureView(
                "cgm_view",
                List.of("subject"),
                null,
                true,
                FeatureView.OnlineTtl.SERVE,
                "cgm",
                List.of(new Field(Cgm.GLUCOSE, ValueType.INT64)),
                "",
                Map.of());
        return new Definitions(
                "test",
                Map.of("subject", subject),
                Map.of("cgm", source),
                Map.of("cgm_view", view),
                Map.of(),
                Map.of());
    }

    @Override
    public FeatureTable online(String service, List<Object[]> entities, Duration deadline) {
        throw new AssertionError();
    }

    @Override
    public FeatureTable historical(String service, List<Object[]> entities, long[] atMicros, Duration deadline) {
        throw new AssertionError();
    }
}
