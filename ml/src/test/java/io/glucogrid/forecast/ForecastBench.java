package io.glucogrid.forecast;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What a forecast and an update cost on the node that owns the subject, from its stored bytes on (JMH). */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ForecastBench {
    private static final long SLOT_MICROS = 300_000_000L;
    private static final int SLOTS = 2016;

    private final SubjectState state = SubjectState.empty(Horizons.STANDARD);
    private final Forecast forecast = Forecast.of(Horizons.STANDARD);
    private Forecaster forecaster;
    private byte[] stored;

    @Setup
    public void train() {
        SplittableRandom random = new SplittableRandom(1);
        forecaster = Forecaster.of(ForecastTrainer.of(Horizons.STANDARD, 300, ForecastModel.LABELS_PER_DAY)
                .fit(IntStream.range(0, 20)
                        .mapToObj(subject -> SubjectSeries.of(subject, times(), glucose(random)))
                        .toList()));
        long[] times = times();
        double[] glucose = glucose(random);
        for (int i = 0; i < SLOTS; i++) {
            state.apply(times[i], (int) glucose[i], times[i]);
        }
        stored = state.toBytes();
    }

    private static long[] times() {
        return IntStream.range(0, SLOTS).mapToLong(i -> i * SLOT_MICROS).toArray();
    }

    private static double[] glucose(SplittableRandom random) {
        return IntStream.range(0, SLOTS)
                .mapToDouble(i -> Math.rint(110 + 25 * Math.sin(i / 15.0) + random.nextDouble(-8, 8)))
                .toArray();
    }

    /** Three horizons with intervals, and the risk. */
    @Benchmark
    public double predict() {
        state.load(stored);
        forecaster.forecast(state, forecast);
        return forecast.glucose(1) + forecast.probabilityOfLow();
    }

    /** A new reading, which is a label for three horizons. */
    @Benchmark
    public byte[] update() {
        state.load(stored);
        state.apply(SLOTS * SLOT_MICROS, 120, SLOTS * SLOT_MICROS);
        return state.toBytes();
    }
}
