package io.glucogrid.client.cli;

import io.glucogrid.cli.Verb;
import io.glucogrid.client.Json;
import io.glucogrid.client.process.Terminal;
import io.glucogrid.client.produce.KafkaSettings;
import io.glucogrid.client.produce.ReadingProducer;
import io.glucogrid.client.produce.Replay;
import io.glucogrid.client.produce.Topics;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code glucogrid produce}: replays a file of readings to Kafka as if they happened now. */
@Command(
        name = "produce",
        mixinStandardHelpOptions = true,
        description =
                "Replay a file of readings to Kafka as if they happened now. Ctrl-C sends what is in hand and ends.")
public final class ProduceVerb implements Verb {
    private static final Duration BROKER = Duration.ofSeconds(20);

    @Spec
    private CommandSpec spec;

    @Option(names = "--data", required = true, paramLabel = "FILE", description = "File of readings")
    private Path data;

    @Option(
            names = "--rate",
            paramLabel = "R",
            defaultValue = "1",
            description = {
                "Readings per second. Up to 1, event times are whole seconds; above, they have a fraction.",
                "Default: ${DEFAULT-VALUE}"
            })
    private double rate;

    @Option(
            names = "--readings",
            paramLabel = "N",
            description = "How many; the file starts over where it ends. Default: the file once")
    private @Nullable Long readings;

    @Option(names = "--interleave", description = "Take subjects in turn instead of the file's order")
    private boolean interleave;

    @Mixin
    private KafkaOptions kafka;

    @Option(
            names = "--topic",
            paramLabel = "NAME",
            defaultValue = "cgm_readings",
            description = "Topic; created where it is missing. Default: ${DEFAULT-VALUE}")
    private String topic;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "8",
            description = "Partitions of a topic that has to be created. Default: ${DEFAULT-VALUE}")
    private int partitions;

    @Option(names = "--quiet", description = "A progress bar instead of one line per reading")
    private boolean quiet;

    @Option(names = "--json", description = "Print one JSON object at the end, and nothing per reading")
    private boolean json;

    @Override
    public Integer call() {
        try {
            return produce();
        } catch (GridException failure) {
            return Failures.report(spec, json, failure);
        }
    }

    private int produce() {
        if (readings != null && readings < 1) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "--readings must be 1 or more");
        }
        if (partitions < 1) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "--partitions must be 1 or more");
        }
        KafkaSettings settings = kafka.settings();
        Replay replay = Replay.read(data, interleave ? Replay.Order.SUBJECTS_IN_TURN : Replay.Order.AS_IN_FILE);
        try (Topics topics = Topics.of(settings, BROKER)) {
            topics.ensure(topic, partitions);
        }
        long count = readings == null ? replay.size() : readings;
        CountDownLatch ended = new CountDownLatch(1);
        ReadingProducer producer = ReadingProducer.to(settings, topic);
        Thread interrupt = new Thread(() -> finish(producer, ended), "produce-interrupt");
        Runtime.getRuntime().addShutdownHook(interrupt);
        long start = System.nanoTime();
        try (producer;
                Progress progress = progress(count)) {
            producer.run(replay, rate, count, progress);
        } finally {
            ended.countDown();
        }
        forget(interrupt);
        summary(producer.acknowledged(), (System.nanoTime() - start) / 1e9);
        return producer.acknowledged() == count ? ApiVerb.DONE : ApiVerb.FAILED;
    }

    /** On Ctrl-C: lets the run send what it has in hand and close. */
    private static void finish(ReadingProducer producer, CountDownLatch ended) {
        producer.stop();
        try {
            ended.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException alreadyEnding) {
            Thread.currentThread().setName("produce");
        }
    }

    private Progress progress(long count) {
        if (!quiet && !json) {
            return new Lines(spec.commandLine().getOut());
        }
        return json || !Terminal.is(2) ? new Silence() : new Bar(count);
    }

    private void summary(long produced, double seconds) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.text(Json.object()
                    .put("produced", produced)
                    .put("topic", topic)
                    .put("seconds", Math.round(seconds * 1000) / 1000.0)));
        } else {
            spec.commandLine()
                    .getErr()
                    .println(String.format(
                            Locale.ROOT, "%d readings produced to %s in %.1f s", produced, topic, seconds));
            spec.commandLine().getErr().flush();
        }
        out.flush();
    }

    private interface Progress extends ReadingProducer.Listener, AutoCloseable {
        @Override
        default void close() {}
    }

    private static final class Silence implements Progress {}

    private static final class Lines implements Progress {
        private final PrintWriter out;

        Lines(PrintWriter out) {
            this.out = out;
        }

        @Override
        public void sent(long n, String json) {
            out.println("Produced: " + json);
            out.flush();
        }
    }

    private static final class Bar implements Progress {
        private final ProgressBar bar;

        Bar(long count) {
            bar = new ProgressBarBuilder()
                    .setTaskName("produce")
                    .setInitialMax(count)
                    .setConsumer(new ConsoleProgressBarConsumer(System.err, 80))
                    .build();
        }

        @Override
        public void sent(long n, String json) {
            bar.step();
        }

        @Override
        public void close() {
            bar.close();
        }
    }
}
