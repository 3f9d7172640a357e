package io.glucogrid.stream;

import io.glucogrid.cgm.Cgm;
import io.glucogrid.feature.EntityKey;
import io.glucogrid.feature.FeatureStore;
import io.glucogrid.feature.FeatureTable;
import io.glucogrid.store.HistoryRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Latest features from the online store; several readings of one subject are one question. */
final class OnlineLookup implements FeatureLookup {
    private final FeatureStore store;

    OnlineLookup(FeatureStore store) {
        this.store = store;
    }

    @Override
    public String service() {
        return Cgm.ONLINE_SERVICE;
    }

    @Override
    public FeatureTable read(List<HistoryRow> readings, Duration deadline) {
        Map<Object, Integer> positions = new HashMap<>();
        List<Object[]> entities = new ArrayList<>();
        int[] position = new int[readings.size()];
        for (int i = 0; i < position.length; i++) {
            Object[] keys = readings.get(i).joinKeys();
            position[i] = positions.computeIfAbsent(EntityKey.of(keys), key -> {
                entities.add(keys);
                return entities.size() - 1;
            });
        }
        FeatureTable answers = store.online(service(), entities, deadline);
        @Nullable Object[][] rows = new @Nullable Object[position.length][];
        for (int i = 0; i < position.length; i++) {
            rows[i] = answers.rows()[position[i]];
        }
        return new FeatureTable(answers.names(), answers.types(), rows);
    }
}
