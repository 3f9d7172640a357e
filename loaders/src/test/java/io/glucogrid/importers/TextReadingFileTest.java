package io.glucogrid.importers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.cgm.Reading;
import io.glucogrid.cgm.ReadingFile;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.Suppressions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextReadingFileTest {
    @TempDir
    private Path folder;

    private final List<Reading> kept = new ArrayList<>();

    private CleaningReport clean(String text) throws Exception {
        Path file = folder.resolve("readings.txt");
        Files.writeString(file, text);
        kept.clear();
        return ReadingCleaner.clean(
                file,
                false,
                Suppressions.none().filter(List.of()),
                chunk -> chunk.forEach(
                        (subject, glucose, event, created) -> kept.add(new Reading(subject, glucose, event, created))),
                rows -> {});
    }

    private static long micros(String time) {
        return Instant.parse(time).getEpochSecond() * 1_000_000;
    }

    @Test
    void theTableOfTheHallStudyIsRead() throws Exception {
        CleaningReport report = clean(
                """
                DisplayTime\tGlucoseValue\tsubjectId\tInternalTime
                2014-02-03 03:42:12\t93\t1636-69-001\t2014-02-03 11:42:11
                2014-02-03 03:47:12\tLow\t1636-69-001\t2014-02-03 11:47:11
                2014-02-03 03:52:12\tHigh\t2133-001\t2014-02-03 11:52:11
                2014-02-03 03:57:12\t\t2133-001\t2014-02-03 11:57:11
                tomorrow\t95\t2133-001\t2014-02-03 11:57:11
                2014-02-03 03:42:12\t93\t1636-69-001\t2014-02-03 11:42:11
                """);
        assertThat(kept)
                .containsExactly(
                        reading(163669001, 93, "2014-02-03T03:42:12Z"),
                        reading(163669001, 35, "2014-02-03T03:47:12Z"),
                        reading(2133001, 401, "2014-02-03T03:52:12Z"));
        assertThat(report.reasons())
                .containsEntry("sensor_limit", 2L)
                .containsEntry("incomplete", 1L)
                .containsEntry("unreadable", 1L)
                .containsEntry("duplicate", 1L);
        assertThat(report.read()).isEqualTo(6);
    }

    private static Reading reading(long subject, long glucose, String time) {
        return new Reading(subject, glucose, micros(time), micros(time));
    }

    @Test
    void theCommonCsvIsReadWhoeverWroteIt() throws Exception {
        for (String text : List.of(
                "id,time,gl\n7,2015-06-06 16:50:27,153\n7,2015-06-07,137.6\n",
                "\uFEFFid,time,gl\r\n7,2015-06-06T16:50:27,153\r\n7,2015-06-07 00:00:00,138\r\n",
                "\"\",\"id\",\"time\",\"gl\"\n\"1\",\"7\",\"2015-06-06 16:50:27\",153\n\"2\",\"7\",\"2015-06-07 00:00\",138\n")) {
            assertThat(clean(text).untouched()).isEqualTo(2);
            assertThat(kept)
                    .containsExactly(reading(7, 153, "2015-06-06T16:50:27Z"), reading(7, 138, "2015-06-07T00:00:00Z"));
        }
        assertThat(clean("id,time,gl\n7,2015-06-06 16:50:27,8.5\n7,2015-06-06 16:55:27,NA\n")
                        .reasons())
                .containsEntry("unreadable", 1L) // millimoles
                .containsEntry("incomplete", 1L);
    }

    @Test
    void textIdsBecomeTheSameNumberEverywhere() throws Exception {
        assertThat(SubjectIds.derive("42")).isEqualTo(42);
        assertThat(SubjectIds.derive("1636-70-1005")).isEqualTo(1636701005);
        assertThat(SubjectIds.derive("Subject 1")).isEqualTo(8_134_215_481_504_598L);
        assertThatThrownBy(() -> clean("id,time,gl\n1-23,2015-06-06 16:50:27,100\n12-3,2015-06-06 16:50:27,100\n"))
                .isInstanceOf(GridException.class)
                .hasMessageContaining("'1-23' and '12-3' would both become number 123");
    }

    @Test
    void aReplayFindsTheReaderByTheFilesContent() throws Exception {
        Path file = Files.writeString(folder.resolve("any.name"), "id,time,gl\na,2015-06-06 16:50:27,153\n");
        List<ReadingFile> readers = new ArrayList<>();
        for (ReadingFile format : ServiceLoader.load(ReadingFile.class)) {
            if (format.reads(file)) {
                readers.add(format);
            }
        }
        assertThat(readers).hasSize(1).first().isInstanceOf(TextReadingFile.class);
        assertThat(readers.get(0).forEach(file, kept::add)).isEqualTo(1);
        assertThat(kept.get(0).subjectId()).isGreaterThanOrEqualTo(1L << 52);
        assertThat(new TextReadingFile().reads(Files.writeString(folder.resolve("other"), "a,b\n1,2\n")))
                .isFalse();
    }
}
