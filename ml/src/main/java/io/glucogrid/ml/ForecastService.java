package io.glucogrid.ml;

import io.glucogrid.cgm.Reading;
import io.glucogrid.forecast.CompactFeatures;
import io.glucogrid.forecast.Horizons;
import io.glucogrid.forecast.Kind;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.LocalService;
import io.glucogrid.model.ForecastQuery;
import io.glucogrid.model.ForecastTraining;
import io.glucogrid.model.Forecasts;
import io.glucogrid.model.LinearModel;
import io.glucogrid.model.ModelCatalog;
import io.glucogrid.model.ModelInfo;
import io.glucogrid.model.OperatingPoints;
import io.glucogrid.model.Predictor;
import io.glucogrid.model.SubjectForecast;
import io.glucogrid.store.OfflineStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.ignite.Ignite;
import org.apache.ignite.resources.IgniteInstanceResource;
import org.apache.ignite.services.Service;
import org.apache.ignite.services.ServiceConfiguration;
import org.jspecify.annotations.Nullable;

/** Forecasts, and the models behind them, as an Ignite service named {@link Forecasts#NAME} of every server node. */
public final class ForecastService implements Service, Forecasts, ModelCatalog, OperatingPoints {
    private static final long serialVersionUID = 1L;
    private static final Duration ADMINISTRATION = Duration.ofSeconds(60);

    @IgniteInstanceResource
    private transient Ignite ignite;

    /** As configured on this node; a service that is deployed arrives without it. */
    private transient double watchedShare;

    private transient volatile @Nullable Parts parts;

    /** Part of the subjects, 0 to 1, whose forecasts are scored and whose served features are computed again from history. */
    public void setWatchedShare(double share) {
        this.watchedShare = share;
    }

    @Override
    public void init() {
        LocalService<PredictorService> predictor = new LocalService<>(ignite, Predictor.NAME, PredictorService.class);
        Supplier<ModelRegistry> registry = () -> predictor.get().registry();
        PersonalModels personal = new PersonalModels(ignite);
        HistoryStates history = new HistoryStates(ignite);
        Workbenches benches = new Workbenches();
        Watch watch = Watch.start(ignite, configuredShare(ignite), history, benches);
        StateKeeper states = new StateKeeper(ignite, registry, personal);
        LocalService<OfflineStore> store = new LocalService<>(ignite, OfflineStore.NAME, OfflineStore.class);
        WarningPoints points = new WarningPoints(ignite, () -> store.get().meta());
        parts = new Parts(
                registry,
                personal,
                new Forecasting(ignite, registry, personal, history, watch, points, benches),
                new Learning(ignite, registry, personal, watch),
                watch,
                states,
                history,
                points);
        points.start();
        Thread keeper = new Thread(states, "forecast-states-" + ignite.name());
        keeper.setDaemon(true);
        keeper.start();
    }

    /** What this node's own configuration says, which the deployed instance does not carry. */
    private static double configuredShare(Ignite ignite) {
        double share = 0;
        for (ServiceConfiguration configured : ignite.configuration().getServiceConfiguration()) {
            if (configured.getService() instanceof ForecastService service) {
                share = service.watchedShare;
            }
        }
        return share;
    }

    @Override
    public void cancel() {
        Parts started = parts;
        if (started != null) {
            started.points().close();
            started.states().close();
            started.watch().close();
            started.history().close();
        }
    }

    @Override
    public boolean isForecaster(String ref) {
        int at = ref.indexOf('@');
        String name = at < 0 ? ref : ref.substring(0, at);
        return Kind.isKind(name) || models().activeForecaster(name) != null;
    }

    @Override
    public String preferred() {
        ForecastVersion version = Forecasting.preferred(models());
        return version == null ? "" : version.id();
    }

    @Override
    public List<SubjectForecast> forecast(ForecastQuery query, Duration deadline) {
        return parts().forecasting().forecast(query, Deadline.in(deadline));
    }

    @Override
    public String shortfall() {
        return parts().states().shortfall();
    }

    @Override
    public void learn(List<Reading> readings, Duration deadline) {
        parts().learning().learn(readings, Deadline.in(deadline));
    }

    @Override
    public long forget(long subjectId, Duration deadline) {
        return new SubjectRemoval(ignite, points()).remove(subjectId, Deadline.in(deadline));
    }

    @Override
    public List<ModelInfo> all() {
        return models().all().stream().map(this::info).toList();
    }

    @Override
    public ModelInfo train(ForecastTraining training, Duration deadline) {
        Parts started = parts();
        ForecastVersion trained = new ForecastFit(
                        ignite, models(), started.personal(), started.states(), InstantSource.system())
                .train(training, Deadline.in(deadline));
        return info(StoredModel.of(trained));
    }

    @Override
    public ModelInfo activateVersion(String ref, Duration time) {
        Deadline deadline = Deadline.in(time);
        return served(models().activate(ref, model -> completed(model, deadline), deadline), deadline);
    }

    @Override
    public ModelInfo rollback(String name, Duration time) {
        Deadline deadline = Deadline.in(time);
        return served(models().rollback(name, model -> completed(model, deadline), deadline), deadline);
    }

    @Override
    public @Nullable ModelInfo shadow(@Nullable String ref, Duration time) {
        Deadline deadline = Deadline.in(time);
        if (ref != null) {
            completed(models().stored(ref), deadline);
        }
        StoredModel model = models().shadow(ref, deadline);
        return model == null ? null : served(model, deadline);
    }

    @Override
    public String exported(String ref) {
        return models().stored(ref).text();
    }

    @Override
    public ModelInfo imported(String json, Duration time) {
        Deadline deadline = Deadline.in(time);
        StoredModel given = StoredModel.read(json);
        LinearModel linear = given.linear();
        if (linear != null) {
            StoredModel stored = StoredModel.of(models().storeNext(linear, deadline));
            models().activateFirst(stored, deadline);
            removal().tidy(stored.name(), deadline);
            return info(stored);
        }
        ForecastVersion forecaster = given.requireForecaster();
        requireStandardHorizons(forecaster);
        if (forecaster.kind().hasStoredCoefficients()) {
            forecaster = forecaster.over(DescribeReadings.everywhere(ignite, forecaster.share(), deadline)
                    .cut());
        }
        return info(StoredModel.of(
                new Publication(ignite, models(), parts().personal()).publish(forecaster, false, deadline)));
    }

    @Override
    public ModelInfo remove(String ref) {
        return info(removal().remove(ref, Deadline.in(ADMINISTRATION)));
    }

    @Override
    public List<ModelInfo> retain(String name, int newest) {
        if (newest < 1) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "at least one version must stay");
        }
        models().stored(name);
        return removal().retain(name, newest, Deadline.in(ADMINISTRATION)).stream()
                .map(this::info)
                .toList();
    }

    private ModelRemoval removal() {
        return new ModelRemoval(ignite, models(), parts().personal());
    }

    @Override
    public List<Point> operatingPoints() {
        return points().all();
    }

    @Override
    public void setOperatingPoint(Point point, Duration deadline) {
        points().set(point, Deadline.in(deadline));
    }

    @Override
    public boolean removeOperatingPoint(long subjectId, Duration deadline) {
        return points().remove(subjectId, Deadline.in(deadline));
    }

    @Override
    public void removeOperatingPoints(Duration deadline) {
        points().removeAll(Deadline.in(deadline));
    }

    private WarningPoints points() {
        return parts().points();
    }

    /** What the watch of this node has seen. */
    Watch watch() {
        return parts().watch();
    }

    private static void requireStandardHorizons(ForecastVersion model) {
        for (int h = 0; h < Horizons.STANDARD.count(); h++) {
            if (model.model().horizons().indexOf(Horizons.STANDARD.slots(h)) < 0) {
                throw new GridException(
                        ErrorCode.INVALID_REQUEST,
                        "the model lacks the horizon of " + Horizons.STANDARD.minutes(h) + " minutes");
            }
        }
    }

    /** Subjects' own coefficients of a version are there before it is served. */
    private void completed(StoredModel model, Deadline deadline) {
        ForecastVersion version = model.forecaster();
        if (version != null) {
            parts().personal().complete(version, false, deadline);
        }
    }

    /** Completes it once more: while the pointer moved, {@link StateKeeper} may have opened it again and taken it for inactive. */
    private ModelInfo served(StoredModel model, Deadline deadline) {
        completed(model, deadline);
        return info(model);
    }

    private ModelInfo info(StoredModel model) {
        boolean active = models().isActive(model);
        ForecastVersion forecaster = model.forecaster();
        if (forecaster == null) {
            LinearModel linear = model.requireLinear();
            return new ModelInfo(
                    linear.name(),
                    linear.version(),
                    "linear",
                    active,
                    false,
                    linear.features(),
                    List.of(),
                    linear.trainedAtMicros(),
                    0,
                    0,
                    linear.trainingRows(),
                    0,
                    "",
                    linear.metrics());
        }
        List<Integer> minutes = new ArrayList<>();
        for (int h = 0; h < forecaster.model().horizons().count(); h++) {
            minutes.add(forecaster.model().horizons().minutes(h));
        }
        ForecastVersion shadow = models().shadow();
        return new ModelInfo(
                forecaster.name(),
                forecaster.version(),
                forecaster.kind().label(),
                active,
                shadow != null && shadow.id().equals(forecaster.id()),
                CompactFeatures.NAMES,
                minutes,
                forecaster.trainedAtMicros(),
                forecaster.fromMicros(),
                forecaster.toMicros(),
                forecaster.trainingRows(),
                forecaster.subjects(),
                forecaster.fingerprint(),
                forecaster.metrics());
    }

    private ModelRegistry models() {
        return parts().registry().get();
    }

    private Parts parts() {
        Parts started = parts;
        if (started == null) {
            throw new GridException(ErrorCode.NOT_READY, "forecasting has not started on this node yet");
        }
        return started;
    }

    private record Parts(
            Supplier<ModelRegistry> registry,
            PersonalModels personal,
            Forecasting forecasting,
            Learning learning,
            Watch watch,
            StateKeeper states,
            HistoryStates history,
            WarningPoints points) {}
}
