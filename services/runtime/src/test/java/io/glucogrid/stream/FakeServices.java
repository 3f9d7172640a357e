package io.glucogrid.stream;

import io.glucogrid.cgm.Cgm;
import io.glucogrid.cgm.Reading;
import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureStore;
import io.glucogrid.feature.FeatureTable;
import io.glucogrid.feature.TimeParts;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.live.LiveEvent;
import io.glucogrid.live.LivePublisher;
import io.glucogrid.model.ForecastQuery;
import io.glucogrid.model.Forecasts;
import io.glucogrid.model.LinearModel;
import io.glucogrid.model.Predictor;
import io.glucogrid.model.SubjectForecast;
import io.glucogrid.store.AsOf;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.MetaStore;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.SegmentInfo;
import io.glucogrid.store.Suppressions;
import io.glucogrid.store.TableSchema;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.apache.ignite.Ignite;
import org.apache.ignite.services.Service;

/** Hand-written stand-ins for the services that other modules provide. */
final class FakeServices {
    static final LinearModel V1 = new LinearModel(
            Cgm.MODEL_V1,
            1,
            List.of("subject_id", "dayofweek", "hour"),
            103.44523644395339,
            new double[] {4.934799666590164e-10, -0.1968400147036082, 0.07580355186973892},
            0,
            0,
            Map.of());

    private FakeServices() {}

    /** Online rows really come from the cache, history from the list that the fake tier keeps. */
    static final class Features implements FeatureStore {
        private final Ignite ignite;
        private final Tier tier;
        volatile Definitions definitions = CgmDefinitions.standard();

        Features(Ignite ignite, Tier tier) {
            this.ignite = ignite;
            this.tier = tier;
        }

        @Override
        public Definitions definitions() {
            return definitions;
        }

        @Override
        public FeatureTable online(String service, List<Object[]> entities, Duration deadline) {
            return table(entities.stream()
                    .map(keys -> features(
                            keys[0],
                            Caches.online(CgmDefinitions.fresh()).in(ignite).get(keys[0])))
                    .toArray(Object[][]::new));
        }

        @Override
        public FeatureTable historical(String service, List<Object[]> entities, long[] atMicros, Duration deadline) {
            Object[][] rows = new Object[atMicros.length][];
            for (int i = 0; i < rows.length; i++) {
                Object subject = entities.get(i)[0];
                long at = atMicros[i];
                rows[i] = features(
                        subject,
                        tier.rows.stream()
                                .filter(row -> row.joinKeys()[0].equals(subject))
                                .map(HistoryRow::row)
                                .filter(row -> row.eventMicros() <= at)
                                .reduce((a, b) -> b.replaces(a) ? b : a)
                                .orElse(null));
            }
            return table(rows);
        }

        private static Object[] features(Object subject, FeatureRow row) {
            if (row == null) {
                return new Object[] {subject, null, null, null, null};
            }
            long event = row.eventMicros();
            return new Object[] {subject, row.value(0), event, TimeParts.dayOfWeek(event), TimeParts.hour(event)};
        }

        private static FeatureTable table(Object[][] rows) {
            return new FeatureTable(
                    List.of("subject_id", "glucose", "event_timestamp", "dayofweek", "hour"),
                    List.of(
                            ValueType.INT64,
                            ValueType.INT64,
                            ValueType.UNIX_TIMESTAMP,
                            ValueType.INT32,
                            ValueType.INT32),
                    rows);
        }
    }

    /** A tier in memory that may refuse. */
    static final class Tier implements OfflineStore {
        final List<HistoryRow> rows = new CopyOnWriteArrayList<>();
        volatile boolean refuses;
        volatile Suppressions suppressions = Suppressions.none();

        @Override
        public Suppressions suppressions() {
            return suppressions;
        }

        @Override
        public CompletableFuture<Void> append(TableSchema table, List<HistoryRow> appended) {
            if (refuses) {
                return CompletableFuture.failedFuture(
                        new GridException(ErrorCode.STORAGE_UNAVAILABLE, "the disk is full"));
            }
            rows.addAll(appended);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletableFuture<Void> appendLocally(TableSchema table, List<HistoryRow> appended) {
            return append(table, appended);
        }

        @Override
        public List<HistoryRow> asOf(TableSchema table, List<AsOf> questions) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void scan(TableSchema table, IntPredicate buckets, Consumer<HistoryRow> consumer) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void latest(TableSchema table, IntPredicate buckets, Consumer<HistoryRow> consumer) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void relist() {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<SegmentInfo> segments(TableSchema table) {
            return List.of();
        }

        @Override
        public void drop(TableSchema table) {
            rows.clear();
        }

        @Override
        public MetaStore meta() {
            throw new UnsupportedOperationException();
        }
    }

    static final class Models implements Predictor {
        volatile LinearModel model = V1;

        @Override
        public LinearModel model(String ref) {
            return model;
        }

        @Override
        public List<LinearModel> models() {
            return List.of(model);
        }

        @Override
        public LinearModel activate(String ref) {
            return model;
        }
    }

    /** Forecasts that only remember what they were to learn. */
    static final class LearningForecasts implements Service, Forecasts {
        private static final long serialVersionUID = 1L;
        transient List<Reading> learnt;

        @Override
        public void init() {
            learnt = new CopyOnWriteArrayList<>();
        }

        @Override
        public void learn(List<Reading> readings, Duration deadline) {
            learnt.addAll(readings);
        }

        @Override
        public boolean isForecaster(String ref) {
            return false;
        }

        @Override
        public String preferred() {
            return "";
        }

        @Override
        public List<SubjectForecast> forecast(ForecastQuery query, Duration deadline) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long forget(long subjectId, Duration deadline) {
            return 0;
        }
    }

    static final class Live implements LivePublisher {
        final List<LiveEvent> events = new CopyOnWriteArrayList<>();

        @Override
        public boolean isWanted() {
            return true;
        }

        @Override
        public void publish(List<LiveEvent> published) {
            events.addAll(published);
        }
    }
}
