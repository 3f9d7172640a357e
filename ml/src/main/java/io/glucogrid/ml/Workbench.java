package io.glucogrid.ml;

import io.glucogrid.forecast.Forecast;
import io.glucogrid.forecast.ForecastModel;
import io.glucogrid.forecast.Forecaster;
import io.glucogrid.forecast.HorizonModel;
import io.glucogrid.forecast.Horizons;
import io.glucogrid.forecast.Kind;
import io.glucogrid.forecast.OperatingPoint;
import io.glucogrid.forecast.SubjectState;
import io.glucogrid.model.ForecastQuery;
import io.glucogrid.model.SubjectForecast;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One version's forecaster with memory to work in. Not thread-safe; one caller at a time. */
final class Workbench {
    private final ForecastVersion version;
    private final Forecaster forecaster;
    private final Forecast forecast;
    private final SubjectState scratch = SubjectState.empty(Horizons.STANDARD);

    private Workbench(ForecastVersion version, ForecastModel model) {
        this.version = version;
        this.forecaster = Forecaster.of(model);
        this.forecast = Forecast.of(model.horizons());
    }

    /** @param path whether all of the model's horizons are forecast, or only 15, 30 and 60 minutes */
    static Workbench of(ForecastVersion version, boolean path) {
        ForecastModel model = version.model();
        return new Workbench(version, path ? model : standard(model));
    }

    private static ForecastModel standard(ForecastModel model) {
        List<HorizonModel> horizons = new ArrayList<>();
        for (int h = 0; h < Horizons.STANDARD.count(); h++) {
            horizons.add(model.horizon(model.horizons().indexOf(Horizons.STANDARD.slots(h))));
        }
        return ForecastModel.of(Horizons.STANDARD, horizons, model.lambda(), model.gateLabels());
    }

    /** The state in this workbench's own memory; valid until the next call. */
    SubjectState state(byte[] bytes) {
        scratch.load(bytes);
        return scratch;
    }

    /**
     * The forecast from a state, in memory that the next call uses again; null where it has no reading.
     *
     * @param coefficients the subject's own under this version; null where none are stored
     */
    @Nullable
    Forecast raw(SubjectState state, double @Nullable [] coefficients) {
        boolean found = version.kind() == Kind.ONLINE
                ? forecaster.forecast(state, forecast)
                : forecaster.forecast(state, coefficients, forecast);
        return found ? forecast : null;
    }

    /** The same as a value. */
    SubjectForecast forecast(ForecastQuery.Subject subject, SubjectState state, double @Nullable [] coefficients) {
        Forecast found = raw(state, coefficients);
        if (found == null) {
            return new SubjectForecast(subject.subjectId(), version.id(), 0, List.of(), 0, 0, false, false);
        }
        List<SubjectForecast.Step> steps = new ArrayList<>(found.horizons().count());
        for (int h = 0; h < found.horizons().count(); h++) {
            steps.add(new SubjectForecast.Step(
                    found.horizons().minutes(h),
                    found.glucose(h),
                    found.low(h),
                    found.high(h),
                    found.level(h).name().toLowerCase(Locale.ROOT)));
        }
        OperatingPoint point = new OperatingPoint(subject.warnOfLow(), subject.warnOfHigh());
        return new SubjectForecast(
                subject.subjectId(),
                version.id(),
                found.anchorMicros(),
                steps,
                found.probabilityOfLow(),
                found.probabilityOfHigh(),
                point.warnsOfLow(found),
                point.warnsOfHigh(found));
    }
}
