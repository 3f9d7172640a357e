package io.glucogrid.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Slots, features and coefficients against an independent implementation on the reference data. */
class ReferenceOraclesTest {
    private static List<SubjectSeries> series = List.of();

    @BeforeAll
    static void read() throws Exception {
        series = ReferenceReadings.series();
    }

    @Test
    void slotsAndSegmentsAreThoseOfTheProtocol() {
        int slots = 0;
        int filled = 0;
        int segments = 0;
        for (SubjectSeries subject : series) {
            for (Segment segment : subject.segments()) {
                segments++;
                slots += segment.slots();
                for (int i = 0; i < segment.slots(); i++) {
                    filled += segment.isReading(i) ? 0 : 1;
                }
            }
        }
        assertThat(series).hasSize(33);
        assertThat(segments).isEqualTo(180);
        assertThat(slots).isEqualTo(60_820);
        assertThat(filled).isEqualTo(990);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 6, 12})
    void coefficientsAndScalingEqualTheOracles(int horizon) throws Exception {
        JsonNode oracle = ReferenceReadings.oracles().get(horizon * 5 + "min");
        List<Examples> examples =
                series.stream().map(s -> Examples.of(s, horizon)).toList();
        int[] sizes = new int[examples.size()];
        GramSums pooled = GramSums.empty(CompactFeatures.COUNT, 1);
        GramSums own = pooled.copy();
        for (int s = 0; s < sizes.length; s++) {
            sizes[s] = examples.get(s).targetsBefore(series.get(s).readings() * 8 / 10);
            GramSums sums = examples.get(s).sums(0, sizes[s]);
            pooled.merge(sums);
            if (series.get(s).subjectId() == 163669001L) {
                own = sums;
            }
        }
        Scaling scaling = pooled.scaling();
        double[] beta = pooled.ridge(0, scaling, 0, new double[CompactFeatures.COUNT + 1]);

        assertThat(pooled.count()).isEqualTo(oracle.get("train").asInt());
        assertClose(beta, oracle.get("v2_coef_intercept"));
        for (int i = 0; i < CompactFeatures.COUNT; i++) {
            assertThat(scaling.mean(i)).isCloseTo(oracle.get("v2_mean").get(i).asDouble(), within(1e-8));
            assertThat(scaling.sd(i)).isCloseTo(oracle.get("v2_sd").get(i).asDouble(), within(1e-8));
        }
        assertClose(own.ridge(0, scaling, 300, beta), oracle.get("v3_subject163669001_coef_intercept"));
        assertClose(AutoRegression.fit(examples, sizes, 6).coefficients(), oracle.get("AR6_coef_lag0..5_intercept"));
    }

    private static void assertClose(double[] actual, JsonNode expected) {
        double[] values = ReferenceReadings.array(expected);
        assertThat(actual).hasSameSizeAs(values);
        for (int i = 0; i < values.length; i++) {
            assertThat(actual[i]).as("coefficient %d", i).isCloseTo(values[i], within(1e-6));
        }
    }
}
