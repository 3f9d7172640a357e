package io.glucogrid.forecast;

/** One subject's own coefficients at one horizon, fixed at a training. */
public final class PersonalFit {
    private PersonalFit() {}

    /**
     * Coefficients of z-scores, intercept last, from the subject's leading {@code size} examples.
     *
     * @param pooled what they are shrunk to, with the weight of {@code lambda} examples
     */
    public static double[] of(Kind kind, Examples examples, int size, Scaling scaling, double lambda, double[] pooled) {
        return kind == Kind.ROBUST
                ? RobustFit.personal(examples, size, scaling, lambda, pooled)
                : examples.sums(0, size).ridge(0, scaling, lambda, pooled);
    }

    /** The same for several horizons, one after the other, as {@link Forecaster#forecast(SubjectState, double[], Forecast)} takes it. */
    public static double[] of(ForecastModel model, Kind kind, Horizons horizons, Population.Seen subject) {
        int columns = CompactFeatures.COUNT + 1;
        double[] coefficients = new double[horizons.count() * columns];
        for (int l = 0; l < horizons.count(); l++) {
            HorizonModel horizon = model.horizon(model.horizons().indexOf(horizons.slots(l)));
            Examples examples = Examples.of(subject.series(), horizons.slots(l));
            double[] own = of(
                    kind,
                    examples,
                    examples.targetsBefore(subject.readings()),
                    horizon.scaling(),
                    model.lambda(),
                    horizon.prior());
            System.arraycopy(own, 0, coefficients, l * columns, columns);
        }
        return coefficients;
    }

    /** The same from what the subject's state has learnt. */
    public static double[] of(ForecastModel model, SubjectState state, RidgeSolver solver) {
        int columns = CompactFeatures.COUNT + 1;
        double[] coefficients = new double[state.horizons().count() * columns];
        double[] own = new double[columns];
        for (int l = 0; l < state.horizons().count(); l++) {
            HorizonModel horizon =
                    model.horizon(model.horizons().indexOf(state.horizons().slots(l)));
            solver.solve(state.learner(l), 0, horizon.scaling(), model.lambda(), horizon.prior(), own);
            System.arraycopy(own, 0, coefficients, l * columns, columns);
        }
        return coefficients;
    }
}
