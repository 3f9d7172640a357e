package io.glucogrid.stream;

import io.glucogrid.feature.FeatureTable;
import io.glucogrid.store.HistoryRow;
import java.time.Duration;
import java.util.List;

/** Reads the features of readings back through the store that a stream has just written to: one row per reading. */
interface FeatureLookup {
    /** Feature service that {@link #read} reads. */
    String service();

    FeatureTable read(List<HistoryRow> readings, Duration deadline);
}
