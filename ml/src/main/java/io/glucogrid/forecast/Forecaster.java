package io.glucogrid.forecast;

import org.jspecify.annotations.Nullable;

/**
 * Forecasts from a subject's state: a dot product per horizon, after one small solve for the subject's own coefficients. Falls
 * back where a level lacks what it needs, horizon by horizon, and says so: personal (in the first day: learning) → pooled →
 * autoregression → persistence.
 *
 * <p>A horizon of the model without a learner in the state (the steps of a path between 15, 30 and 60 minutes) gets the pooled
 * forecast plus the subject's own correction, interpolated between the neighbouring learners; at the anchor itself it is 0.
 *
 * <p>Whether a forecast from an old reading may still be shown is for the caller to decide, by {@link Forecast#anchorMicros}.
 * Nothing is allocated per forecast. Not thread-safe: one for each thread. Not a medical device.
 */
public final class Forecaster {
    /** Nominal coverage of the intervals. */
    public static final double COVERAGE = 0.9;

    /** Below this a reading is hypoglycaemia (international consensus on time in range, 2019). */
    public static final double LOW_MG_DL = 70;

    /** Above this a reading is hyperglycaemia (same source). */
    public static final double HIGH_MG_DL = 180;

    private static final int RISK_SLOTS = 6;

    private final ForecastModel model;
    private final RidgeSolver solver = new RidgeSolver(CompactFeatures.COUNT + 1);
    private final double[] own = new double[CompactFeatures.COUNT + 1];
    private final double[] lags = new double[CompactFeatures.HISTORY];
    private final double[] features = new double[CompactFeatures.COUNT];
    private final double[] scratch = new double[Volatility.COUNT];
    private final int riskHorizon;

    private Forecaster(ForecastModel model, int riskHorizon) {
        this.model = model;
        this.riskHorizon = riskHorizon;
    }

    public static Forecaster of(ForecastModel model) {
        int risk = 0;
        for (int i = 0; i < model.horizons().count(); i++) {
            if (model.horizons().slots(i) <= RISK_SLOTS) {
                risk = i;
            }
        }
        return new Forecaster(model, risk);
    }

    public ForecastModel model() {
        return model;
    }

    /**
     * Writes the forecast from the latest reading of {@code state}, by what its learners know.
     *
     * @param out of the model's horizons
     * @return false, with {@code out} unchanged, where the state has no reading
     */
    public boolean forecast(SubjectState state, Forecast out) {
        return forecast(state, true, null, out);
    }

    /**
     * Writes the forecast from the latest reading of {@code state}, by coefficients that were fixed at a training.
     *
     * @param coefficients the subject's own, as {@link PersonalFit} gives them for the horizons of the state; null for those of
     *     the population
     * @param out of the model's horizons
     * @return false, with {@code out} unchanged, where the state has no reading
     */
    public boolean forecast(SubjectState state, double @Nullable [] coefficients, Forecast out) {
        return forecast(state, false, coefficients, out);
    }

    private boolean forecast(SubjectState state, boolean online, double @Nullable [] coefficients, Forecast out) {
        if (!out.horizons().equals(model.horizons())) {
            throw new IllegalArgumentException("room for " + out.horizons() + ", not " + model.horizons());
        }
        int anchor = state.newestAnchor();
        if (anchor < 0) {
            return false;
        }
        out.anchor(state.eventMicros(anchor));
        int slots = state.history(anchor, lags);
        if (slots == lags.length) {
            linear(state, state.eventMicros(anchor), online, coefficients, out);
        } else {
            shortHistory(slots, out);
        }
        return true;
    }

    private void linear(
            SubjectState state, long anchorMicros, boolean online, double @Nullable [] coefficients, Forecast out) {
        double before = 0;
        int beforeSlots = 0;
        Level level = Level.POOLED;
        int done = 0;
        for (int l = 0; l < state.horizons().count(); l++) {
            int slots = state.horizons().slots(l);
            int i = model.horizons().indexOf(slots);
            if (i < 0) {
                continue;
            }
            double correction = 0;
            level = Level.POOLED;
            if (coefficients != null) {
                System.arraycopy(coefficients, l * own.length, own, 0, own.length);
                correction = correction(i, anchorMicros);
                level = Level.PERSONAL;
            } else if (online && state.labels(l) > 0) {
                double trust = model.trust(state.labels(l));
                HorizonModel horizon = model.horizon(i);
                solver.solve(state.learner(l), 0, horizon.scaling(), model.lambda(), horizon.prior(), own);
                correction = trust * correction(i, anchorMicros);
                level = trust < 1 ? Level.LEARNING : Level.PERSONAL;
            }
            for (; done <= i; done++) {
                double share = (model.horizons().slots(done) - beforeSlots) / (double) (slots - beforeSlots);
                set(done, before + (correction - before) * share, level, anchorMicros, out);
            }
            before = correction;
            beforeSlots = slots;
        }
        for (; done < model.horizons().count(); done++) {
            set(done, before, level, anchorMicros, out);
        }
    }

    /** How far the subject's own coefficients in {@link #own} move the pooled forecast of horizon {@code i}. */
    private double correction(int i, long anchorMicros) {
        HorizonModel horizon = model.horizon(i);
        fillFeatures(anchorMicros, i);
        return horizon.scaling().dot(own, features, 0) - horizon.scaling().dot(horizon.prior(), features, 0);
    }

    private void fillFeatures(long anchorMicros, int i) {
        CompactFeatures.fill(
                lags, lags.length - 1, anchorMicros + model.horizons().slots(i) * Slots.MICROS, features, 0);
    }

    private void set(int i, double correction, Level level, long anchorMicros, Forecast out) {
        HorizonModel horizon = model.horizon(i);
        fillFeatures(anchorMicros, i);
        double value = horizon.scaling().dot(horizon.prior(), features, 0) + correction;
        ErrorModel errors = horizon.errors(level);
        write(i, value, errors.sigma(lags, lags.length - 1, scratch), errors, level, out);
    }

    private void shortHistory(int slots, Forecast out) {
        int newest = lags.length - 1;
        for (int i = 0; i < model.horizons().count(); i++) {
            HorizonModel horizon = model.horizon(i);
            Level level = slots >= horizon.autoRegression().order() ? Level.AUTOREGRESSION : Level.PERSISTENCE;
            double value =
                    level == Level.AUTOREGRESSION ? horizon.autoRegression().predict(lags, newest) : lags[newest];
            ErrorModel errors = horizon.errors(level);
            write(i, value, errors.constantSigma(), errors, level, out);
        }
    }

    private void write(int i, double value, double sigma, ErrorModel errors, Level level, Forecast out) {
        out.set(i, value, errors.low(value, sigma, COVERAGE), errors.high(value, sigma, COVERAGE), level);
        if (i == riskHorizon) {
            out.risk(
                    errors.probabilityOfLow(LOW_MG_DL, value, sigma),
                    errors.probabilityOfHigh(HIGH_MG_DL, value, sigma));
        }
    }
}
