package io.glucogrid.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class AccuracyTest {
    @Test
    void figuresOfAHandmadeTable() {
        Accuracy accuracy =
                Accuracy.of(new double[] {100, 200, 100, 50}, new double[] {110, 180, 100, 90}, new int[] {0, 0, 1, 1});

        assertThat(accuracy.n()).isEqualTo(4);
        assertThat(accuracy.rmse()).isCloseTo(Math.sqrt(2100 / 4.0), within(1e-12));
        assertThat(accuracy.mae()).isEqualTo(17.5);
        assertThat(accuracy.mdae()).isEqualTo(15);
        assertThat(accuracy.mard()).isCloseTo(25, within(1e-12));
        assertThat(accuracy.bias()).isEqualTo(7.5);
        assertThat(accuracy.r2()).isCloseTo(1 - 2100 / 11_875.0, within(1e-12));
        assertThat(accuracy.clarke()).containsEntry(Zone.A, 75.0).containsEntry(Zone.D, 25.0);
        assertThat(accuracy.macroRmse()).isCloseTo((Math.sqrt(250) + Math.sqrt(800)) / 2, within(1e-12));
        assertThat(accuracy.worstSubjectRmse()).isCloseTo(Math.sqrt(800), within(1e-12));
    }

    @Test
    void averagePrecisionOfAPerfectRankingIsOneAndOfNoRankingThePrevalence() {
        boolean[] happened = {true, false, true, false};
        assertThat(RiskScore.of(new double[] {0.9, 0.1, 0.8, 0.2}, happened).averagePrecision())
                .isEqualTo(1);
        assertThat(RiskScore.of(new double[] {0.5, 0.5, 0.5, 0.5}, happened).averagePrecision())
                .isEqualTo(0.5);
        assertThat(RiskScore.of(new double[] {0, 0, 0, 0}, happened).brier()).isEqualTo(0.5);
        assertThat(RiskScore.of(new double[] {0, 0, 0, 0}, happened).prevalence())
                .isEqualTo(50);
    }
}
