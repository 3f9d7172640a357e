package io.glucogrid.stream;

import io.glucogrid.cgm.Cgm;
import io.glucogrid.feature.FeatureTable;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.live.LiveEvent;
import io.glucogrid.live.LivePublisher;
import io.glucogrid.model.LinearModel;
import io.glucogrid.model.Predictor;
import io.glucogrid.model.SubjectForecast;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.TableSchema;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows a stored reading: its features are read back, the model predicts, and log and live feed are told.
 *
 * <p>A reading is safe before it comes here, so nothing here is a reason to write it again. A failure that may pass (a deadline,
 * a part of the node that is not there) is tried again a few times; then, like one that would come again (a model that asks for
 * what the features do not have), it costs the prediction, is counted, and the stream goes on.
 */
final class CgmForecast {
    /** Logger of the line per reading; each path has a logger below it. */
    static final String READINGS_LOG = "io.glucogrid.readings";

    private static final long SLOT_MICROS = 300_000_000;
    private static final int ATTEMPTS = 5;

    /** Of its own, so that slow reads cost the prediction and not the batch, which is safe already. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final Logger LOG = LoggerFactory.getLogger(CgmForecast.class);

    private final String path;
    private final FeatureLookup lookup;
    private final Supplier<Predictor> predictor;
    private final Supplier<? extends LivePublisher> live;
    private final StreamFigures figures;
    private final AtomicLong count;
    private final @Nullable Logger readings;
    private final @Nullable LiveForecasts forecasts;
    private @Nullable String lastFailure;

    private CgmForecast(
            String path,
            FeatureLookup lookup,
            Supplier<Predictor> predictor,
            Supplier<? extends LivePublisher> live,
            StreamFigures figures,
            AtomicLong count,
            @Nullable Logger readings,
            @Nullable LiveForecasts forecasts) {
        this.path = path;
        this.lookup = lookup;
        this.predictor = predictor;
        this.live = live;
        this.figures = figures;
        this.count = count;
        this.readings = readings;
        this.forecasts = forecasts;
    }

    /**
     * @param path {@code online} or {@code offline}
     * @param count readings predicted on this node before, which the line per reading goes on counting from
     */
    static CgmForecast silent(
            String path,
            FeatureLookup lookup,
            Supplier<Predictor> predictor,
            Supplier<? extends LivePublisher> live,
            StreamFigures figures,
            AtomicLong count) {
        return new CgmForecast(path, lookup, predictor, live, figures, count, null, null);
    }

    /** The same forecast, with one line per reading in the log. */
    CgmForecast logging() {
        return new CgmForecast(
                path,
                lookup,
                predictor,
                live,
                figures,
                count,
                LoggerFactory.getLogger(READINGS_LOG + "." + path),
                forecasts);
    }

    /** The same, with what is to come in the live feed. */
    CgmForecast forecasting(LiveForecasts ofSubjects) {
        return new CgmForecast(path, lookup, predictor, live, figures, count, readings, ofSubjects);
    }

    /** Fails with NOT_READY or NOT_FOUND while the model is not there. */
    void requireModel() {
        predictor.get().model(Cgm.MODEL_V1);
    }

    void report(TableSchema table, List<HistoryRow> batch, long startedNanos) {
        Deadline deadline = Deadline.in(PATIENCE);
        Prediction prediction = prediction(batch, deadline);
        long takenNanos = System.nanoTime() - startedNanos;
        figures.taken(takenNanos, batch.size());
        long n = count.getAndAdd(batch.size());
        LivePublisher feed = listenedFeed();
        if (readings == null && feed == null) {
            return;
        }
        int glucose = table.valueIndex(Cgm.GLUCOSE);
        Map<Object, SubjectForecast> ahead =
                feed == null || forecasts == null ? Map.of() : forecasts.of(batch, deadline);
        List<LiveEvent> events = new ArrayList<>(feed == null ? 0 : batch.size());
        for (int i = 0; i < batch.size(); i++) {
            n++;
            HistoryRow reading = batch.get(i);
            long eventMicros = reading.row().eventMicros();
            Object actual = glucose < 0 ? null : reading.row().value(glucose);
            double expected = prediction.expected()[i];
            if (readings != null && readings.isInfoEnabled()) {
                readings.info(
                        "[{}]: subject [{}] timestamp [{}] actual glucose [{}] expected glucose [{}] timetaken {}",
                        n,
                        reading.joinKeys()[0],
                        LiveEvent.seconds(eventMicros),
                        actual,
                        expected,
                        takenNanos);
            }
            if (feed != null) {
                SubjectForecast found = ahead.get(reading.joinKeys()[0]);
                events.add(new LiveEvent(
                        path,
                        n,
                        reading.joinKeys()[0],
                        eventMicros,
                        actual,
                        expected,
                        prediction.model(),
                        takenNanos,
                        found != null && isAbout(found, eventMicros) ? found : null));
            }
        }
        if (feed != null) {
            feed.publish(events);
        }
    }

    /** Readings that follow closely upon one another share the forecast of the first of their five minutes. */
    private static boolean isAbout(SubjectForecast forecast, long eventMicros) {
        long sinceMicros = eventMicros - forecast.anchorMicros();
        return sinceMicros >= 0 && sinceMicros < SLOT_MICROS;
    }

    /** The live feed, which no stream waits for; null where it is not there or nobody listens. */
    private @Nullable LivePublisher listenedFeed() {
        try {
            LivePublisher feed = live.get();
            return feed.isWanted() ? feed : null;
        } catch (GridException notThere) {
            return null;
        }
    }

    private Prediction prediction(List<HistoryRow> batch, Deadline deadline) {
        for (int attempt = 1; ; attempt++) {
            try {
                LinearModel model = predictor.get().model(Cgm.MODEL_V1);
                double[] expected = predict(model, lookup.read(batch, deadline.remaining()), batch.size());
                lastFailure = null;
                return new Prediction(model.id(), expected);
            } catch (RuntimeException failure) {
                if (attempt < ATTEMPTS && failure instanceof GridException known && mayPass(known.code())) {
                    LockSupport.parkNanos(PAUSE.toNanos());
                } else {
                    return none(batch.size(), failure.toString());
                }
            }
        }
    }

    private Prediction none(int readings, String failure) {
        if (!failure.equals(lastFailure)) {
            lastFailure = failure;
            LOG.warn("stream={} event=not-predicted reason=\"{}\"", path, failure);
        }
        figures.unpredicted(readings);
        double[] nothing = new double[readings];
        Arrays.fill(nothing, Double.NaN);
        return new Prediction(null, nothing);
    }

    private static double[] predict(LinearModel model, FeatureTable features, int readings) {
        List<String> inputs = model.features();
        int[] columns = new int[inputs.size()];
        for (int c = 0; c < columns.length; c++) {
            columns[c] = features.column(inputs.get(c));
            if (columns[c] < 0) {
                throw new GridException(
                        ErrorCode.INVALID_REQUEST,
                        "model " + model.id() + " needs '" + inputs.get(c) + "', but the features are "
                                + features.names());
            }
        }
        double[] expected = new double[readings];
        double[] x = new double[columns.length];
        for (int i = 0; i < readings; i++) {
            @Nullable Object[] row = features.rows()[i];
            for (int c = 0; c < columns.length; c++) {
                x[c] = row[columns[c]] instanceof Number number ? number.doubleValue() : Double.NaN;
            }
            expected[i] = model.predict(x);
        }
        return expected;
    }

    private static boolean mayPass(ErrorCode code) {
        return code == ErrorCode.NOT_READY
                || code == ErrorCode.DEADLINE_EXCEEDED
                || code == ErrorCode.OVERLOADED
                || code == ErrorCode.STORAGE_UNAVAILABLE;
    }

    /** @param model null where there is no prediction */
    private record Prediction(@Nullable String model, double[] expected) {}
}
