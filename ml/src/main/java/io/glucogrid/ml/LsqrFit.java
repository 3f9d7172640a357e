package io.glucogrid.ml;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.ml.dataset.feature.extractor.Vectorizer;
import org.apache.ignite.ml.dataset.impl.cache.CacheBasedDatasetBuilder;
import org.apache.ignite.ml.dataset.impl.local.LocalDatasetBuilder;
import org.apache.ignite.ml.math.primitives.vector.VectorUtils;
import org.apache.ignite.ml.regressions.linear.LinearRegressionLSQRTrainer;
import org.apache.ignite.ml.regressions.linear.LinearRegressionModel;
import org.apache.ignite.ml.structures.LabeledVector;

/**
 * Ignite ML's linear regression by LSQR over the training cache; the only class that knows Ignite ML.
 *
 * <p>LSQR stops silently far from the solution where columns differ much in scale (a raw subject id gives an RMSE of 56 for 23),
 * so it sees standardised columns only. It blocks, ignores interrupts and retries what fails: whoever calls it does so on a
 * thread of its own, ends it by destroying the cache, and checks what it answers.
 */
final class LsqrFit {
    /** Ignite ML's own default retries for a quarter of an hour. */
    private static final int RETRIES = 3;

    private LsqrFit() {}

    /** Standardised coefficients by input, the intercept last. */
    static double[] fit(Ignite ignite, IgniteCache<ExampleKey, double[]> examples, Standardisation scale) {
        return coefficients(new LinearRegressionLSQRTrainer()
                .fit(
                        new CacheBasedDatasetBuilder<>(ignite, examples).withRetriesNumber(RETRIES),
                        new StandardisedExamples(scale)));
    }

    /** The same over rows in this memory, in one partition, for those who want to know what it costs without a grid. */
    static double[] fitHere(List<double[]> rows, Standardisation scale) {
        Map<ExampleKey, double[]> examples = new HashMap<>();
        for (double[] row : rows) {
            examples.put(new ExampleKey(0, examples.size()), row);
        }
        return coefficients(new LinearRegressionLSQRTrainer()
                .fit(new LocalDatasetBuilder<>(examples, 1), new StandardisedExamples(scale)));
    }

    private static double[] coefficients(LinearRegressionModel model) {
        double[] weights = model.weights().asArray();
        double[] coefficients = Arrays.copyOf(weights, weights.length + 1);
        coefficients[weights.length] = model.intercept();
        return coefficients;
    }

    /** Turns an example into standardised columns on the node that holds it. */
    private static final class StandardisedExamples extends Vectorizer<ExampleKey, double[], Integer, Double> {
        private static final long serialVersionUID = 1L;

        private final Standardisation scale;

        StandardisedExamples(Standardisation scale) {
            this.scale = scale;
        }

        @Override
        public LabeledVector<Double> apply(ExampleKey key, double[] example) {
            double[] inputs = new double[scale.inputs()];
            for (int i = 0; i < inputs.length; i++) {
                inputs[i] = scale.apply(i, example[i]);
            }
            return new LabeledVector<>(VectorUtils.of(inputs), label(inputs.length, key, example));
        }

        @Override
        protected Double feature(Integer column, ExampleKey key, double[] example) {
            return scale.apply(column, example[column]);
        }

        @Override
        protected Double label(Integer column, ExampleKey key, double[] example) {
            return scale.apply(column, example[column]);
        }

        @Override
        protected Double zero() {
            return 0.0;
        }

        @Override
        protected List<Integer> allCoords(ExampleKey key, double[] example) {
            List<Integer> columns = new ArrayList<>();
            for (int i = 0; i < scale.inputs(); i++) {
                columns.add(i);
            }
            return columns;
        }
    }
}
