package io.glucogrid.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import io.glucogrid.cgm.Reading;
import io.glucogrid.grid.GridException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ForecasterTest {
    private static final long SECOND = 1_000_000L;

    private final List<SubjectSeries> population = population();
    private final ForecastModel model = ForecastTrainer.of(Horizons.STANDARD, 300, ForecastModel.LABELS_PER_DAY)
            .fit(population);
    private final Forecaster forecaster = Forecaster.of(model);
    private final Forecast forecast = Forecast.of(Horizons.STANDARD);

    @Test
    void withoutAReadingThereIsNoForecast() {
        assertThat(forecaster.forecast(SubjectState.empty(Horizons.STANDARD), forecast))
                .isFalse();
    }

    @Test
    void levelsFallBackAndAreNamed() {
        SubjectState state = SubjectState.empty(Horizons.STANDARD);
        List<Level> levels = new ArrayList<>();
        for (Reading reading : wave(7, 400)) {
            state.apply(reading);
            forecaster.forecast(state, forecast);
            levels.add(forecast.level(1));
        }
        assertThat(levels.subList(0, 5)).containsOnly(Level.PERSISTENCE);
        assertThat(levels.subList(5, 23)).containsOnly(Level.AUTOREGRESSION);
        assertThat(levels.subList(23, 29)).containsOnly(Level.POOLED);
        assertThat(levels.subList(29, 29 + 287)).containsOnly(Level.LEARNING);
        assertThat(levels.subList(29 + 287, 400)).containsOnly(Level.PERSONAL);
    }

    @Test
    void theForecastFromTheStateIsThatOfTheReplayedSeries() {
        List<Reading> readings = wave(8, 700);
        SubjectState state = SubjectState.empty(Horizons.STANDARD);
        Examples examples = Examples.of(ReferenceReadings.series(8, readings), 6);
        HorizonModel horizon = model.horizon(1);
        double[] replayed = RecursiveLeastSquares.of(
                        horizon.scaling(), horizon.pooled(), model.lambda(), model.gateLabels(), 1)
                .replay(examples);
        int next = 0;
        for (Reading reading : readings) {
            state.apply(reading);
            forecaster.forecast(state, forecast);
            if (next < replayed.length && examples.anchorMicros(next) == reading.eventMicros()) {
                assertThat(forecast.glucose(1)).isCloseTo(replayed[next++], within(1e-8));
                assertThat(forecast.anchorMicros()).isEqualTo(reading.eventMicros());
            }
        }
        assertThat(next).isEqualTo(replayed.length);
    }

    @Test
    void theForecastLiesInItsIntervalAndTheIntervalGrowsWithTheHorizon() {
        SubjectState state = SubjectState.empty(Horizons.STANDARD);
        for (Reading reading : wave(9, 500)) {
            state.apply(reading);
            forecaster.forecast(state, forecast);
            for (int h = 0; h < 3; h++) {
                assertThat(forecast.low(h)).isLessThan(forecast.high(h));
            }
            assertThat(forecast.probabilityOfLow()).isBetween(0.0, 1.0);
            assertThat(forecast.probabilityOfHigh()).isBetween(0.0, 1.0);
        }
    }

    @Test
    void aPathUsesTheLearnersOfTheStandardHorizons() {
        ForecastModel path = ForecastTrainer.of(Horizons.PATH, 300, ForecastModel.LABELS_PER_DAY)
                .fit(population);
        Forecaster along = Forecaster.of(path);
        Forecast steps = Forecast.of(Horizons.PATH);
        SubjectState state = SubjectState.empty(Horizons.STANDARD);
        wave(10, 500).forEach(state::apply);

        along.forecast(state, steps);
        forecaster.forecast(state, forecast);

        for (int h = 0; h < 3; h++) {
            assertThat(steps.glucose(Horizons.STANDARD.slots(h) - 1)).isCloseTo(forecast.glucose(h), within(1e-9));
        }
        for (int h = 0; h < 12; h++) {
            assertThat(steps.level(h)).isEqualTo(Level.PERSONAL);
        }
    }

    @Test
    void retrainingFromTheSumsOfStatesEqualsTrainingOnTheReadings() {
        GramSums sums = GramSums.empty(CompactFeatures.COUNT, 1);
        for (SubjectSeries subject : population) {
            Examples examples = Examples.of(subject, 6);
            sums.merge(examples.sums(0, examples.size()));
        }
        HorizonModel refitted = model.horizon(1).refitted(sums);
        assertThat(refitted.pooled()).isEqualTo(model.horizon(1).pooled());
        assertThat(refitted.scaling()).isEqualTo(model.horizon(1).scaling());
    }

    @Test
    void applyingAndForecastingAllocateNothing() {
        List<Reading> readings = wave(11, 3000);
        SubjectState state = SubjectState.empty(Horizons.STANDARD);
        readings.subList(0, 2000).forEach(state::apply);
        forecaster.forecast(state, forecast);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        long before = threads.getThreadAllocatedBytes(thread);
        for (int i = 2000; i < 3000; i++) {
            Reading reading = readings.get(i);
            state.apply(reading);
            forecaster.forecast(state, forecast);
        }
        long allocated = threads.getThreadAllocatedBytes(thread) - before;
        assertThat(allocated).isLessThan(10_000);
    }

    @Test
    void anOperatingPointWarnsFromItsProbabilityOn() {
        SubjectState state = SubjectState.empty(Horizons.STANDARD);
        List<Reading> falling = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            falling.add(new Reading(1, Math.max(60, 160 - 4L * Math.max(0, i - 15)), i * 300 * SECOND, 0));
        }
        falling.forEach(state::apply);
        forecaster.forecast(state, forecast);
        assertThat(new OperatingPoint(0.2, 0.2).warnsOfLow(forecast)).isTrue();
        assertThat(new OperatingPoint(0.2, 0.2).warnsOfHigh(forecast)).isFalse();
        assertThatThrownBy(() -> new OperatingPoint(1.2, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aModelThatWasWrittenAndReadForecastsTheSame() {
        ForecastModel read = ForecastModelJson.read(ForecastModelJson.write(model));
        SubjectState state = SubjectState.empty(Horizons.STANDARD);
        Forecast again = Forecast.of(Horizons.STANDARD);
        for (Reading reading : wave(12, 400)) {
            state.apply(reading);
            forecaster.forecast(state, forecast);
            Forecaster.of(read).forecast(state, again);
            for (int h = 0; h < 3; h++) {
                assertThat(again.glucose(h)).isEqualTo(forecast.glucose(h));
                assertThat(again.low(h)).isEqualTo(forecast.low(h));
                assertThat(again.high(h)).isEqualTo(forecast.high(h));
            }
            assertThat(again.probabilityOfLow()).isEqualTo(forecast.probabilityOfLow());
        }
        assertThatThrownBy(() -> ForecastModelJson.read("{}"))
                .isInstanceOf(GridException.class)
                .hasMessageContaining("not a forecast model");
        assertThatThrownBy(() -> ForecastModelJson.read("{")).isInstanceOf(GridException.class);
    }

    @Test
    void roomForOtherHorizonsIsRefused() {
        Forecast path = Forecast.of(Horizons.PATH);
        SubjectState state = SubjectState.empty(Horizons.STANDARD);
        assertThatThrownBy(() -> forecaster.forecast(state, path)).isInstanceOf(IllegalArgumentException.class);
    }

    private static List<SubjectSeries> population() {
        List<SubjectSeries> population = new ArrayList<>();
        for (int subject = 0; subject < 6; subject++) {
            population.add(ReferenceReadings.series(subject, wave(subject, 900)));
        }
        return population;
    }

    /** A made-up wear: waves and noise. Nothing here says how good a forecast is. */
    private static List<Reading> wave(int subject, int n) {
        SplittableRandom random = new SplittableRandom(subject);
        List<Reading> readings = new ArrayList<>();
        double noise = 0;
        for (int i = 0; i < n; i++) {
            noise = 0.9 * noise + 6 * (random.nextDouble() - 0.5);
            double glucose = 110 + 40 * Math.sin(i / (9.0 + subject)) + 15 * Math.sin(i / 46.0) + noise;
            long time = (1_400_000_000L + i * 300L) * SECOND;
            readings.add(new Reading(subject, Math.round(glucose), time, time));
        }
        return readings;
    }
}
