package io.glucogrid.ml;

import io.glucogrid.forecast.CompactFeatures;
import io.glucogrid.forecast.Horizons;
import io.glucogrid.forecast.Scaling;
import java.util.function.DoubleSupplier;
import org.apache.ignite.metric.MetricRegistry;

/**
 * How one model does on the watched subjects of this node: its residuals of late against those of its training, the coverage of
 * its intervals, and how far the features it gets have moved from those it was fitted to. Averages forget: an observation weighs
 * a thousandth, or its share while there are fewer.
 */
final class ModelFigures {
    private static final double SLOWEST = 1e-3;

    private final ForecastVersion version;
    private final Horizon[] horizons = new Horizon[Horizons.STANDARD.count()];
    private final double[] featureMeans = new double[CompactFeatures.COUNT];
    private long featureRows;

    private ModelFigures(ForecastVersion version) {
        this.version = version;
        for (int h = 0; h < horizons.length; h++) {
            horizons[h] = new Horizon();
        }
    }

    /** Figures of a version, which show in the registry from now on. */
    static ModelFigures in(MetricRegistry registry, ForecastVersion version) {
        ModelFigures figures = new ModelFigures(version);
        for (int h = 0; h < figures.horizons.length; h++) {
            int horizon = h;
            int minutes = Horizons.STANDARD.minutes(h);
            register(
                    registry,
                    "rmse_" + minutes,
                    () -> figures.rmse(horizon),
                    "recent root mean square residual, mg/dL");
            register(registry, "bias_" + minutes, () -> figures.bias(horizon), "recent mean residual, mg/dL");
            register(
                    registry,
                    "coverage_" + minutes,
                    () -> figures.coverage(horizon),
                    "recent share of readings inside the 90 % interval");
            register(registry, "scored_" + minutes, () -> figures.scored(horizon), "forecasts scored");
            register(
                    registry,
                    "residual_drift_" + minutes,
                    () -> figures.residualDrift(horizon),
                    "recent rmse over that of the training");
        }
        for (int i = 0; i < CompactFeatures.COUNT; i++) {
            int feature = i;
            register(
                    registry,
                    "feature_drift_" + CompactFeatures.NAMES.get(i),
                    () -> figures.featureDrift(feature),
                    "distance of the recent mean from the training's, in its deviations");
        }
        return figures;
    }

    private static void register(MetricRegistry registry, String name, DoubleSupplier value, String description) {
        registry.remove(name);
        registry.register(name, value, description);
    }

    /** A forecast whose reading came. */
    synchronized void scored(int horizon, double residual, boolean covered) {
        horizons[horizon].add(residual, covered);
    }

    /** Features of a forecast of half an hour. */
    synchronized void features(double[] features) {
        featureRows++;
        double weight = Math.max(SLOWEST, 1.0 / featureRows);
        for (int i = 0; i < featureMeans.length; i++) {
            featureMeans[i] += weight * (features[i] - featureMeans[i]);
        }
    }

    synchronized double rmse(int horizon) {
        return Math.sqrt(horizons[horizon].square);
    }

    synchronized double bias(int horizon) {
        return horizons[horizon].mean;
    }

    synchronized double coverage(int horizon) {
        return horizons[horizon].covered;
    }

    synchronized double scored(int horizon) {
        return horizons[horizon].count;
    }

    double residualDrift(int horizon) {
        Double trained = version.metrics().get("rmse_" + Horizons.STANDARD.minutes(horizon));
        return trained == null || scored(horizon) == 0 ? 1 : rmse(horizon) / trained;
    }

    synchronized double featureDrift(int feature) {
        if (featureRows == 0) {
            return 0;
        }
        int halfHour = version.model().horizons().indexOf(Watch.HALF_HOUR_SLOTS);
        Scaling scaling = version.model().horizon(halfHour).scaling();
        return Math.abs(featureMeans[feature] - scaling.mean(feature)) / scaling.sd(feature);
    }

    private static final class Horizon {
        private long count;
        private double mean;
        private double square;
        private double covered;

        void add(double residual, boolean isCovered) {
            count++;
            double weight = Math.max(SLOWEST, 1.0 / count);
            mean += weight * (residual - mean);
            square += weight * (residual * residual - square);
            covered += weight * ((isCovered ? 1 : 0) - covered);
        }
    }
}
