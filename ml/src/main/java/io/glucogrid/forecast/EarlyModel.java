package io.glucogrid.forecast;

/**
 * A forecaster fitted to the early readings alone, which the later ones are held against: whatever intervals and errors are made
 * of, its forecasts were not fitted to it.
 */
final class EarlyModel {
    private final Kind kind;
    private final double lambda;
    private final int gateLabels;
    private final Scaling[] scaling;
    private final double[][] pooled;
    private final AutoRegression[] autoRegression;

    EarlyModel(
            Kind kind,
            double lambda,
            int gateLabels,
            Scaling[] scaling,
            double[][] pooled,
            AutoRegression[] autoRegression) {
        this.kind = kind;
        this.lambda = lambda;
        this.gateLabels = gateLabels;
        this.scaling = scaling;
        this.pooled = pooled;
        this.autoRegression = autoRegression;
    }

    double pooled(int h, Examples examples, int i) {
        return scaling[h].dot(pooled[h], examples.features(), examples.featuresAt(i));
    }

    double autoRegression(int h, Examples examples, int i) {
        return autoRegression[h].predict(examples.values(i), examples.anchor(i));
    }

    /** Forecasts of a subject's leading {@code upTo} examples by its own coefficients, of which the first {@code size} were seen. */
    double[] personal(int h, Examples examples, int size, int upTo) {
        if (kind == Kind.ONLINE) {
            return RecursiveLeastSquares.of(scaling[h], pooled[h], lambda, gateLabels, 1)
                    .replay(examples);
        }
        double[] own =
                kind == Kind.POOLED ? pooled[h] : PersonalFit.of(kind, examples, size, scaling[h], lambda, pooled[h]);
        double[] forecasts = new double[upTo];
        for (int i = 0; i < upTo; i++) {
            forecasts[i] = scaling[h].dot(own, examples.features(), examples.featuresAt(i));
        }
        return forecasts;
    }
}
