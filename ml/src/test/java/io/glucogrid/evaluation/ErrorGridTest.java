package io.glucogrid.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorGridTest {
    /** The worked pairs of methcomp's tests, mmol/L. */
    private static final double[] ACTUAL = {4.6, 13.73, 16.09, 17.16, 18.69, 19.48, 19.56, 20.76, 26.82, 27.95};

    private static final double[] PREDICTED = {1.11, 2.04, 7.5, 7.87, 14.85, 15.76, 17.63, 21.08, 21.29, 29.6};

    @Test
    void workedPairsLieInTheirClarkeZones() {
        assertThat(zones(new ClarkeGrid())).isEqualTo("BEDDBAAABA");
    }

    @Test
    void workedPairsLieInTheirParkesZones() {
        assertThat(zones(new ParkesGrid())).isEqualTo("BCCCAAAABA");
    }

    @ParameterizedTest
    @CsvSource({
        "100, 120, A", // exactly 20 % off
        "100, 121, B",
        "100, 80, A",
        "100, 79, B",
        "69, 40, A", // both low
        "70, 40, B",
        "70, 180, E",
        "70, 179, B",
        "69, 70, A",
        "50, 70, D",
        "69, 179, D",
        "180, 70, E",
        "180, 71, B",
        "240, 180, B",
        "241, 179, D",
        "241, 180, B",
        "160, 41, C", // 1.4 · (160 − 130) = 42
        "160, 42, B",
        "129, 1, B",
        "71, 182, C",
        "71, 181, B",
    })
    void clarkesLinesBelongToTheDocumentedSide(double actual, double predicted, Zone zone) {
        assertThat(new ClarkeGrid().zone(actual, predicted)).isEqualTo(zone);
    }

    @ParameterizedTest
    @CsvSource({
        "10, 50, A", // on the line: the better zone
        "10, 50.1, B",
        "10, 60, B",
        "10, 60.1, C",
        "10, 100.1, D",
        "0, 150, D",
        "0, 150.1, E",
        "35, 156, E",
        "140, 170, A",
        "140, 171, B",
        "50, 0, A",
        "51, 0, B",
        "120, 10, B",
        "121, 10, C",
        "250, 39, C",
        "251, 39, D",
        "550, 450, A",
        "550, 449, B",
        "550, 250, B",
        "550, 249, C",
        "550, 149, D",
        "100, 100, A",
    })
    void parkesLinesBelongToTheBetterZone(double actual, double predicted, Zone zone) {
        assertThat(new ParkesGrid().zone(actual, predicted)).isEqualTo(zone);
    }

    private static String zones(ErrorGrid grid) {
        StringBuilder zones = new StringBuilder();
        for (int i = 0; i < ACTUAL.length; i++) {
            zones.append(grid.zone(ACTUAL[i] * 18, PREDICTED[i] * 18));
        }
        return zones.toString();
    }
}
