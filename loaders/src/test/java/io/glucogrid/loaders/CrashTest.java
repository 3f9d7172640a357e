package io.glucogrid.loaders;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.store.HistoryRow;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes killed with SIGKILL while they write, publish, compact and delete. */
class CrashTest {
    @TempDir
    private Path folder;

    private int acknowledged;

    @Test
    void aKillAtEveryStepLosesNothingAndDoublesNothing() throws Exception {
        for (CrashingWriter.Step step : CrashingWriter.Step.values()) {
            crash(step, 2);
        }
        theTierIsSound();
    }

    @Test
    @Tag("faults")
    void killsAnywhereLoseNothingAndDoubleNothing() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        CrashingWriter.Step[] steps = CrashingWriter.Step.values();
        for (int round = 0; round < 120; round++) {
            crash(steps[random.nextInt(steps.length)], 1 + random.nextInt(12));
        }
        theTierIsSound();
    }

    /** One process, killed when it gets to the step; then everything acknowledged must be there, once. */
    private void crash(CrashingWriter.Step step, int time) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CrashingWriter.class.getName(),
                        folder.toString(),
                        String.valueOf(acknowledged + 1),
                        step.name(),
                        String.valueOf(time))
                .redirectErrorStream(true)
                .start();
        String last = "";
        List<String> output = new ArrayList<>();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                output.add(line);
                if (line.startsWith("ACK ")) {
                    acknowledged = Integer.parseInt(line.substring(4));
                } else if (line.startsWith("STEP ") || line.equals("DONE")) {
                    last = line;
                    break;
                }
            }
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(last).as("%s", output).isNotEmpty();
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            List<String> found =
                    Tiers.lines(Tiers.scan(store)).stream().sorted().toList();
            assertThat(found)
                    .as("killed at %s %d", step, time)
                    .isIn(expected(acknowledged), expected(acknowledged + 1)); // the one in flight may be there
            assertThat(store.problems()).isEmpty();
        }
    }

    private void theTierIsSound() throws IOException {
        Compactor compactor =
                Tiers.compactor(LocalTier.open(folder), new LocalBoard(), CompactionPolicy.everything(Duration.ZERO));
        compactor.sweep(Tiers.READINGS.name());
        compactor.compact(Tiers.READINGS.name());
        compactor.sweep(Tiers.READINGS.name());
        TierCheck.Report report = new TierCheck(LocalTier.open(folder), rows -> {}).check(Tiers.READINGS.name());
        assertThat(report.damaged()).isEmpty();
        assertThat(report.repeated()).isZero();
        assertThat(report.replaced()).isZero();
        assertThat(report.segments()).isLessThanOrEqualTo(7);
    }

    /** What is alive after so many appends. */
    private static List<String> expected(int appends) {
        TreeMap<String, String> alive = new TreeMap<>();
        TreeMap<String, Long> deleted = new TreeMap<>();
        for (int append = 1; append <= appends; append++) {
            for (HistoryRow row : CrashingWriter.rows(append)) {
                String place = row.joinKeys()[0] + " " + row.row().eventMicros();
                long created = row.row().createdMicros();
                if (row.op() == HistoryRow.Op.DELETE) {
                    deleted.merge(place, created, Math::max);
                } else {
                    alive.put(place + " " + created, row.joinKeys()[0] + " " + row.row());
                }
            }
        }
        alive.keySet().removeIf(version -> {
            int end = version.lastIndexOf(' ');
            Long until = deleted.get(version.substring(0, end));
            return until != null && Long.parseLong(version.substring(end + 1)) <= until;
        });
        return alive.values().stream().sorted().toList();
    }
}
