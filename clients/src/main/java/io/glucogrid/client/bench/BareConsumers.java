package io.glucogrid.client.bench;

import io.glucogrid.client.process.Child;
import io.glucogrid.client.produce.KafkaSettings;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Runs the bare consumer, which polls, parses and drops a stretch of the topic several times. */
final class BareConsumers {
    private static final String MAIN = "io.glucogrid.stream.BareConsumer";
    private static final Duration LONGEST = Duration.ofMinutes(2);
    private static final int ROUNDS = 4;

    private BareConsumers() {}

    /**
     * Readings per second of each round but the first, which warms up.
     *
     * @param from first offset by partition
     */
    static List<Double> rates(KafkaSettings settings, Path workDir, Map<Integer, Long> from) {
        String offsets = from.entrySet().stream()
                .map(partition -> partition.getKey() + ":" + partition.getValue())
                .collect(Collectors.joining(","));
        Child child = Child.start(
                        BareProcess.java(MAIN),
                        "bare consumer",
                        List.of(settings.bootstrap(), BenchBroker.TOPIC, offsets, Integer.toString(ROUNDS)),
                        Map.of(),
                        workDir.resolve("bare.log"))
                .endingWithUs();
        boolean ended = false;
        try {
            ended = child.awaitEnd(LONGEST);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        String line = child.line("rates ");
        if (!ended || child.exitCode() != 0 || line == null) {
            String tail = child.tail(25);
            child.stop(Duration.ofSeconds(5));
            throw new GridException(ErrorCode.INTERNAL, "the bare consumer failed:\n" + tail);
        }
        List<Double> rates = new ArrayList<>();
        Arrays.stream(line.split(" ", -1)).skip(2).forEach(rate -> rates.add(Double.valueOf(rate)));
        return rates;
    }
}
