package io.glucogrid.stream;

import io.glucogrid.cgm.Cgm;
import io.glucogrid.feature.FeatureStore;
import io.glucogrid.feature.FeatureTable;
import io.glucogrid.store.HistoryRow;
import java.time.Duration;
import java.util.List;

/** Features from the offline tier as of each reading's own event time. */
final class OfflineLookup implements FeatureLookup {
    private final FeatureStore store;

    OfflineLookup(FeatureStore store) {
        this.store = store;
    }

    @Override
    public String service() {
        return Cgm.OFFLINE_SERVICE;
    }

    @Override
    public FeatureTable read(List<HistoryRow> readings, Duration deadline) {
        List<Object[]> entities = readings.stream().map(HistoryRow::joinKeys).toList();
        long[] times = readings.stream()
                .mapToLong(reading -> reading.row().eventMicros())
                .toArray();
        return store.historical(service(), entities, times, deadline);
    }
}
