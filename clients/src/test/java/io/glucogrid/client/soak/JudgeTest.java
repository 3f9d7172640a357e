package io.glucogrid.client.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JudgeTest {
    private static final int COUNT = 200;
    private static final NumberedReadings READINGS = new NumberedReadings(900, 10, 1_700_000_000, 300);

    private final FakeNode first = FakeNode.with(READINGS, COUNT);
    private final FakeNode second = FakeNode.with(READINGS, COUNT);

    @AfterEach
    void stop() {
        first.close();
        second.close();
    }

    private Verdict verdict() {
        BitSet acknowledged = new BitSet();
        acknowledged.set(0, COUNT);
        List<String> addresses = List.of(first.address(), second.address());
        try (Availability nothingSeen = Availability.watch(READINGS, List::of)) {
            return new Judge(READINGS, acknowledged, addresses).verdict(nothingSeen);
        }
    }

    @Test
    void holdsWhereEveryReadingIsWhereItBelongs() {
        Verdict verdict = verdict();

        assertThat(verdict).matches(Verdict::holds, "holds");
        assertThat(verdict.found()).isEqualTo(COUNT);
        assertThat(verdict.forecasts()).isEqualTo(READINGS.subjects());
    }

    @Test
    void reportsAReadingThatHistoryHasLost() {
        first.loseInHistory(57);
        second.loseInHistory(57);

        Verdict verdict = verdict();

        assertThat(verdict.found()).isEqualTo(COUNT - 1);
        assertThat(verdict.lost()).isPositive();
        assertThat(verdict.holds()).isFalse();
    }

    @Test
    void reportsALatestValueThatOneCopyHasLost() {
        second.loseOnline(COUNT - 1);

        Verdict verdict = verdict();

        assertThat(verdict.found()).isEqualTo(COUNT);
        assertThat(verdict.lost()).isPositive();
        assertThat(verdict.differing()).isEqualTo(1);
        assertThat(verdict.holds()).isFalse();
    }

    @Test
    void reportsAReadingThatOneCopysWindowsHaveLost() {
        second.loseOnline(57);

        Verdict verdict = verdict();

        assertThat(verdict.lost()).isEqualTo(1);
        assertThat(verdict.differing()).isEqualTo(1);
        assertThat(verdict.holds()).isFalse();
    }

    @Test
    void reportsAReadingThatOneCopyCountsTwice() {
        first.repeatOnline(57);

        Verdict verdict = verdict();

        assertThat(verdict.lost()).isZero();
        assertThat(verdict.duplicated()).isEqualTo(1);
        assertThat(verdict.differing()).isEqualTo(1);
        assertThat(verdict.holds()).isFalse();
    }

    @Test
    void reportsAReadingThatAllCopiesCountTwice() {
        first.repeatOnline(57);
        second.repeatOnline(57);

        Verdict verdict = verdict();

        assertThat(verdict.duplicated()).isEqualTo(1);
        assertThat(verdict.differing()).isZero();
        assertThat(verdict.holds()).isFalse();
    }

    @Test
    void reportsForecastsThatDiffer() {
        second.bias(1);

        Verdict verdict = verdict();

        assertThat(verdict.lost()).isZero();
        assertThat(verdict.differing()).isEqualTo(READINGS.subjects());
        assertThat(verdict.holds()).isFalse();
    }

    @Test
    void saysThatNoForecastsWereCompared() {
        first.untrain();

        Verdict verdict = verdict();

        assertThat(verdict.forecasts()).isZero();
        assertThat(verdict.text()).contains("forecasts 0");
    }
}
