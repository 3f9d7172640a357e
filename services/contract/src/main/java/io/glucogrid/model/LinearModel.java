package io.glucogrid.model;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A linear model as a value: {@code intercept + Σ coefficient·feature}, on raw features (scaling is folded into the
 * coefficients when a model is fitted). Immutable; a class, not a record: it is a cache value.
 */
public final class LinearModel {
    private final String name;
    private final int version;
    private final String[] features;
    private final double intercept;
    private final double[] coefficients;
    private final long trainedAtMicros;
    private final long trainingRows;
    private final Map<String, Double> metrics;

    /**
     * @param version from 1, rising per name
     * @param trainedAtMicros 0 for a shipped model
     * @param trainingRows 0 for a shipped model
     * @param metrics by name, such as {@code rmse}, measured on the training rows
     */
    public LinearModel(
            String name,
            int version,
            List<String> features,
            double intercept,
            double[] coefficients,
            long trainedAtMicros,
            long trainingRows,
            Map<String, Double> metrics) {
        if (features.size() != coefficients.length) {
            throw new IllegalArgumentException(
                    features.size() + " features but " + coefficients.length + " coefficients");
        }
        this.name = name;
        this.version = version;
        this.features = features.toArray(String[]::new);
        this.intercept = intercept;
        this.coefficients = coefficients.clone();
        this.trainedAtMicros = trainedAtMicros;
        this.trainingRows = trainingRows;
        this.metrics = new TreeMap<>(metrics);
    }

    public String name() {
        return name;
    }

    public int version() {
        return version;
    }

    /** {@code name@version}. */
    public String id() {
        return name + "@" + version;
    }

    /** Names of the inputs, in the order of {@link #predict}'s array. */
    public List<String> features() {
        return List.of(features);
    }

    public double intercept() {
        return intercept;
    }

    public double[] coefficients() {
        return coefficients.clone();
    }

    public long trainedAtMicros() {
        return trainedAtMicros;
    }

    public long trainingRows() {
        return trainingRows;
    }

    public Map<String, Double> metrics() {
        return new TreeMap<>(metrics);
    }

    /** The prediction for raw feature values in the order of {@link #features}; NaN where one of them is. */
    public double predict(double[] x) {
        double sum = intercept;
        for (int i = 0; i < coefficients.length; i++) {
            sum += coefficients[i] * x[i];
        }
        return sum;
    }

    @Override
    public String toString() {
        return id();
    }
}
