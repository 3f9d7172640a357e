package io.glucogrid.client.produce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.cgm.Reading;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ReplayTest {
    private static final List<Reading> FILE = List.of(
            new Reading(1, 100, 0, 0),
            new Reading(1, 101, 0, 0),
            new Reading(1, 102, 0, 0),
            new Reading(2, 200, 0, 0),
            new Reading(3, 300, 0, 0),
            new Reading(3, 301, 0, 0));

    @Test
    void readingsFollowTheFileAndStartOverAtItsEnd() {
        Replay replay = Replay.of(FILE::forEach, Replay.Order.AS_IN_FILE, "file");

        assertThat(LongStream.range(0, 8).map(replay::glucose))
                .containsExactly(100L, 101L, 102L, 200L, 300L, 301L, 100L, 101L);
    }

    @Test
    void interleavedSubjectsTakeTurnsInTheirOwnOrder() {
        Replay replay = Replay.of(FILE::forEach, Replay.Order.SUBJECTS_IN_TURN, "file");

        assertThat(LongStream.range(0, 6).map(replay::glucose)).containsExactly(100L, 200L, 300L, 101L, 301L, 102L);
        assertThat(LongStream.range(0, 6).map(replay::subject)).containsExactly(1L, 2L, 3L, 1L, 3L, 1L);
    }

    @Test
    void anEmptyFileIsRefused() {
        assertThatThrownBy(() -> Replay.of(readings -> {}, Replay.Order.AS_IN_FILE, "file.parquet"))
                .hasMessage("there is no reading in file.parquet");
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatThrownBy(() -> Replay.read(Path.of("no/such.parquet"), Replay.Order.AS_IN_FILE))
                .hasMessage("there is no file no/such.parquet");
    }
}
