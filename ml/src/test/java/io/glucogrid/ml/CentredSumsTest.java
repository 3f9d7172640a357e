package io.glucogrid.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.glucogrid.grid.GridException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class CentredSumsTest {
    private static final Percentage ONE_MILLIONTH = Percentage.withPercentage(1e-4);

    @Test
    void allReferenceRowsGiveTheReferenceCoefficients() throws SQLException {
        List<TestReadings.Row> rows = TestReadings.reference("true");
        assertThat(rows).hasSize(59_995);

        double[] raw = fit(rows);

        assertThat(raw[3]).isCloseTo(103.611158457968, ONE_MILLIONTH);
        assertThat(raw[0]).isCloseTo(3.1704934755363314e-10, ONE_MILLIONTH);
        assertThat(raw[1]).isCloseTo(-0.22222452044461952, ONE_MILLIONTH);
        assertThat(raw[2]).isCloseTo(0.07570156577423715, ONE_MILLIONTH);
    }

    @Test
    void theCleanedReferenceRowsGiveTheReferenceCoefficients() throws SQLException {
        List<TestReadings.Row> rows = TestReadings.reference(TestReadings.CLEANED);
        assertThat(rows).hasSize(59_831);

        double[] raw = fit(rows);

        assertThat(raw[3]).isCloseTo(103.49896021808, ONE_MILLIONTH);
        assertThat(raw[0]).isCloseTo(3.5317371775433736e-10, ONE_MILLIONTH);
        assertThat(raw[1]).isCloseTo(-0.2011888148692086, ONE_MILLIONTH);
        assertThat(raw[2]).isCloseTo(0.0731696350959602, ONE_MILLIONTH);
    }

    private static double[] fit(List<TestReadings.Row> rows) {
        ModelInputs inputs = ModelInputs.of(List.of("subject_id", "dayofweek", "hour"));
        CentredSums sums = new CentredSums(3);
        double[] x = new double[3];
        for (TestReadings.Row row : rows) {
            inputs.read(row.subjectId(), row.eventMicros(), x);
            sums.add(x, row.glucose());
        }
        Standardisation scale = sums.standardisation();
        return scale.raw(sums.solve(scale));
    }

    @Property(tries = 200)
    void partsInAnyOrderMergeToTheWhole(
            @ForAll long seed, @ForAll @IntRange(max = 60) int rows, @ForAll @IntRange(min = 1, max = 5) int parts) {
        Sample sample = new Sample(seed, 4, rows);
        List<CentredSums> split =
                IntStream.range(0, parts).mapToObj(i -> new CentredSums(4)).toList();
        SplittableRandom random = new SplittableRandom(seed);
        sample.forEach((x, y) -> split.get(random.nextInt(parts)).add(x, y));

        CentredSums forward = new CentredSums(4);
        split.forEach(forward::merge);
        CentredSums backward = new CentredSums(4);
        IntStream.range(0, parts).forEach(i -> backward.merge(split.get(parts - 1 - i)));

        sample.requireSums(forward);
        sample.requireSums(backward);
    }

    @Property(tries = 200)
    void theSolutionHasResidualsOrthogonalToEveryInput(
            @ForAll long seed, @ForAll @IntRange(min = 12, max = 80) int rows) {
        Sample sample = new Sample(seed, 4, rows);
        CentredSums sums = sample.sums();
        Standardisation scale = sums.standardisation();

        double[] solution = sums.solve(scale);

        double[] products = new double[5];
        sample.forEach((x, y) -> {
            double residual = scale.apply(4, y) - solution[4];
            for (int i = 0; i < 4; i++) {
                residual -= solution[i] * scale.apply(i, x[i]);
            }
            for (int i = 0; i < 4; i++) {
                products[i] += residual * scale.apply(i, x[i]);
            }
            products[4] += residual;
        });
        assertThat(products).usingComparatorWithPrecision(1e-7).containsOnly(0);
    }

    @Test
    void aConstantInputHasTheCoefficientZero() {
        CentredSums sums = new CentredSums(2);
        for (int i = 0; i < 10; i++) {
            sums.add(new double[] {163669001, i}, 5 + 2 * i);
        }
        Standardisation scale = sums.standardisation();

        double[] raw = scale.raw(sums.solve(scale));

        assertThat(raw).usingComparatorWithPrecision(1e-12).containsExactly(0, 2, 5);
    }

    @Test
    void inputsThatFollowFromEachOtherAreRefused() {
        CentredSums sums = new CentredSums(2);
        for (int i = 0; i < 10; i++) {
            sums.add(new double[] {i, 3 * i + 1}, i * i);
        }

        assertThatThrownBy(() -> sums.solve(sums.standardisation()))
                .isInstanceOf(GridException.class)
                .hasMessageContaining("do not determine");
    }

    private interface RowAction {
        void accept(double[] x, double y);
    }

    /** Rows with offsets and scales that differ much between columns. */
    private static final class Sample {
        private static final double[] OFFSETS = {1.6e8, -3, 0, 4e3, 100};
        private static final double[] SCALES = {5e7, 2, 0.01, 7, 20};

        private final int inputs;
        private final List<double[]> rows = new ArrayList<>();

        Sample(long seed, int inputs, int count) {
            this.inputs = inputs;
            SplittableRandom random = new SplittableRandom(seed);
            for (int i = 0; i < count; i++) {
                double[] row = new double[inputs + 1];
                for (int j = 0; j <= inputs; j++) {
                    row[j] = OFFSETS[j] + SCALES[j] * random.nextDouble(-1, 1);
                }
                rows.add(row);
            }
        }

        void forEach(RowAction action) {
            rows.forEach(row -> action.accept(row, row[inputs]));
        }

        CentredSums sums() {
            CentredSums sums = new CentredSums(inputs);
            forEach(sums::add);
            return sums;
        }

        /** Compares with sums computed in two passes. */
        void requireSums(CentredSums sums) {
            assertThat(sums.rows()).isEqualTo(rows.size());
            double[] means = new double[inputs + 1];
            for (int i = 0; i <= inputs && !rows.isEmpty(); i++) {
                int column = i;
                means[i] = rows.stream().mapToDouble(row -> row[column]).sum() / rows.size();
                assertThat(sums.mean(i)).isCloseTo(means[i], within(1e-12 * (1 + Math.abs(means[i]))));
            }
            for (int i = 0; i <= inputs; i++) {
                for (int j = 0; j <= i; j++) {
                    double product = 0;
                    for (double[] row : rows) {
                        product += (row[i] - means[i]) * (row[j] - means[j]);
                    }
                    double size = 100 * SCALES[i] * SCALES[j];
                    assertThat(sums.product(i, j)).isCloseTo(product, within(1e-12 * size));
                    assertThat(sums.product(j, i)).isEqualTo(sums.product(i, j));
                }
            }
        }
    }
}
