package io.glucogrid.forecast;

import java.util.List;

/**
 * All that forecasting needs besides a subject's own state: one {@link HorizonModel} per horizon, how strongly subjects are
 * pulled to the population, and over how many labels a new subject comes to be believed. Immutable.
 */
public final class ForecastModel {
    /** Labels that a day of wear brings at one reading in five minutes. */
    public static final int LABELS_PER_DAY = 288;

    private final Horizons horizons;
    private final HorizonModel[] models;
    private final double lambda;
    private final int gateLabels;

    private ForecastModel(Horizons horizons, HorizonModel[] models, double lambda, int gateLabels) {
        this.horizons = horizons;
        this.models = models;
        this.lambda = lambda;
        this.gateLabels = gateLabels;
    }

    /**
     * A model from its parts.
     *
     * @param lambda weight of the pooled coefficients, in labels; 300 suits people without diabetes, 1000 type 1
     * @param gateLabels labels over which a new subject's own coefficients are phased in, {@value #LABELS_PER_DAY} for a day; 0
     *     believes them from the first
     */
    public static ForecastModel of(Horizons horizons, List<HorizonModel> models, double lambda, int gateLabels) {
        if (models.size() != horizons.count() || !(lambda > 0) || gateLabels < 0) {
            throw new IllegalArgumentException(models.size() + " models for " + horizons.count() + " horizons, lambda "
                    + lambda + ", gate " + gateLabels);
        }
        return new ForecastModel(horizons, models.toArray(HorizonModel[]::new), lambda, gateLabels);
    }

    public Horizons horizons() {
        return horizons;
    }

    /** The model of horizon {@code i}. */
    public HorizonModel horizon(int i) {
        return models[i];
    }

    public double lambda() {
        return lambda;
    }

    public int gateLabels() {
        return gateLabels;
    }

    /** How far a subject with that many labels is believed, 0 to 1. */
    double trust(int labels) {
        return trust(labels, gateLabels);
    }

    static double trust(int labels, int gateLabels) {
        return labels >= gateLabels ? 1 : labels / (double) gateLabels;
    }
}
