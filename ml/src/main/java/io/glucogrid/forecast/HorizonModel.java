package io.glucogrid.forecast;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;

/** What the population says about one horizon: coefficients, their scaling, and the error models of all levels. Immutable. */
public final class HorizonModel {
    private final Scaling scaling;
    private final double[] pooled;
    private final AutoRegression autoRegression;
    private final Map<Level, ErrorModel> errors;

    private HorizonModel(
            Scaling scaling, double[] pooled, AutoRegression autoRegression, Map<Level, ErrorModel> errors) {
        this.scaling = scaling;
        this.pooled = pooled;
        this.autoRegression = autoRegression;
        this.errors = errors;
    }

    /**
     * A horizon's model from its parts.
     *
     * @param pooled coefficients of the z-scores of {@link CompactFeatures}, intercept last
     * @param errors one for each {@link Level}; those of the last two have a constant scale
     */
    public static HorizonModel of(
            Scaling scaling, double[] pooled, AutoRegression autoRegression, Map<Level, ErrorModel> errors) {
        if (scaling.features() != CompactFeatures.COUNT || pooled.length != CompactFeatures.COUNT + 1) {
            throw new IllegalArgumentException("a pooled model has " + CompactFeatures.COUNT + " features");
        }
        if (!errors.keySet().containsAll(EnumSet.allOf(Level.class))) {
            throw new IllegalArgumentException("error models only for " + errors.keySet());
        }
        return new HorizonModel(scaling, pooled.clone(), autoRegression, new EnumMap<>(errors));
    }

    /**
     * The model that the same population gives with more data: pooled coefficients and scaling anew from sums of all subjects, which
     * touches no reading; everything else stays.
     */
    public HorizonModel refitted(GramSums pooledSums) {
        Scaling fresh = pooledSums.scaling();
        double[] beta = pooledSums.ridge(0, fresh, 0, new double[CompactFeatures.COUNT + 1]);
        return new HorizonModel(fresh, beta, autoRegression, errors);
    }

    public Scaling scaling() {
        return scaling;
    }

    /** Coefficients of the z-scores of {@link CompactFeatures}, intercept last. */
    public double[] pooled() {
        return pooled.clone();
    }

    /** Like {@link #pooled}, not to be changed. */
    double[] prior() {
        return pooled;
    }

    public AutoRegression autoRegression() {
        return autoRegression;
    }

    public ErrorModel errors(Level level) {
        return Objects.requireNonNull(errors.get(level));
    }
}
