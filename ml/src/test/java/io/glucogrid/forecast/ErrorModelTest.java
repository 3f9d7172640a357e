package io.glucogrid.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ErrorModelTest {
    @Property(tries = 10)
    void intervalsCoverTheirShareOfErrorsWhateverTheirDistribution(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        ErrorModel errors = calibrated(random, 4000);
        int inside = 0;
        double[] scratch = new double[Volatility.COUNT];
        for (int i = 0; i < 4000; i++) {
            double[] values = restless(random);
            double actual = 100 + error(random, values);
            double sigma = errors.sigma(values, 23, scratch);
            if (actual >= errors.low(100, sigma, 0.9) && actual <= errors.high(100, sigma, 0.9)) {
                inside++;
            }
        }
        assertThat(inside / 4000.0).as("seed %d", seed).isCloseTo(0.9, within(0.03));
    }

    @Test
    void intervalsAreWiderWhenGlucoseIsRestless() {
        SplittableRandom random = new SplittableRandom(1);
        ErrorModel errors = calibrated(random, 4000);
        double[] scratch = new double[Volatility.COUNT];
        double[] calm = new double[24];
        Arrays.fill(calm, 100);
        double[] wild = calm.clone();
        for (int i = 1; i < 24; i += 2) {
            wild[i] = 112;
        }

        assertThat(errors.sigma(wild, 23, scratch)).isGreaterThan(2 * errors.sigma(calm, 23, scratch));
    }

    @Test
    void probabilitiesAreMonotoneAndWithinZeroAndOne() {
        ErrorModel errors = calibrated(new SplittableRandom(2), 1000);
        double before = 0;
        for (int threshold = 0; threshold <= 300; threshold++) {
            double p = errors.cumulative(threshold, 100, 8);
            assertThat(p).isBetween(before, 1.0);
            before = p;
            assertThat(errors.probabilityOfLow(threshold, 100, 8)).isGreaterThanOrEqualTo(p - 1e-12);
            assertThat(errors.probabilityOfHigh(threshold, 100, 8)).isGreaterThanOrEqualTo(1 - p - 1e-12);
        }
        assertThat(before).isEqualTo(1);
    }

    @Test
    void theDistributionGivesBackItsQuantiles() {
        ErrorModel errors = calibrated(new SplittableRandom(3), 2000);
        for (int k = 1; k < 200; k++) {
            assertThat(errors.cumulative(100 + 8 * errors.target()[k], 100, 8)).isCloseTo(k / 200.0, within(1e-9));
        }
    }

    @Test
    void aModelSurvivesItsParts() {
        ErrorModel errors = calibrated(new SplittableRandom(4), 500);
        ErrorModel again = ErrorModel.of(
                errors.volatility(),
                errors.smallestSigma(),
                errors.size(),
                errors.target(),
                errors.lowest(),
                errors.highest());
        assertThat(again.high(100, 7, 0.9)).isEqualTo(errors.high(100, 7, 0.9));
        assertThat(again.constantSigma()).isEqualTo(errors.constantSigma());
    }

    @Test
    void tooFewRowsAreRefused() {
        ErrorModel.Calibration calibration = new ErrorModel.Calibration();
        assertThatThrownBy(calibration::finish)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("calibrate");
    }

    /** Errors skewed to the right, their size proportional to how restless the past was. */
    private static double error(SplittableRandom random, double[] values) {
        double change = Math.abs(values[23] - values[22]) + 1;
        return change * (-Math.log(random.nextDouble()) - 1);
    }

    private static double[] restless(SplittableRandom random) {
        double scale = random.nextDouble() * 10;
        double[] values = new double[24];
        for (int i = 0; i < 24; i++) {
            values[i] = 100 + (i % 2 == 0 ? scale : 0);
        }
        return values;
    }

    private static ErrorModel calibrated(SplittableRandom random, int rows) {
        ErrorModel.Calibration calibration = new ErrorModel.Calibration();
        for (int i = 0; i < rows; i++) {
            double[] values = restless(random);
            calibration.scale(values, 23, error(random, values));
        }
        calibration.fitScale();
        for (int i = 0; i < rows; i++) {
            double[] values = restless(random);
            double actual = 100 + error(random, values);
            calibration.add(values, 23, 100, actual, actual - 2, actual + 2);
        }
        return calibration.finish();
    }
}
