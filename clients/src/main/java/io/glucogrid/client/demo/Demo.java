package io.glucogrid.client.demo;

import io.glucogrid.client.ApiClient;
import io.glucogrid.client.GridStatus;
import io.glucogrid.client.Json;
import io.glucogrid.client.process.Launcher;
import io.glucogrid.client.process.NodeFile;
import io.glucogrid.client.process.ProcessSignals;
import io.glucogrid.client.process.StopSignal;
import io.glucogrid.client.produce.ReadingProducer;
import io.glucogrid.client.produce.Replay;
import io.glucogrid.client.produce.Topics;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The demo: the whole line on one machine, run and watched by this process.
 *
 * <p>It goes through its steps in order, each with a deadline: broker, nodes, ready, data into the tier, definitions, readings
 * into the topic. While readings flow it shows both paths side by side, and starts again any node that dies; what the dead
 * node had taken in but not committed is read from Kafka again by whoever lives. After the last reading it asks
 * ({@link ArrivalCheck}) until everything has arrived or nothing moves any more, and only what the grid itself answers counts
 * as arrived: neither the producer's acknowledgements nor the live events do.
 *
 * <p>Whatever happens, {@link #close} takes everything down in the opposite order: nodes, then the broker. Ctrl-C asks the
 * running step to end and waits for that; a second one kills whatever is left.
 */
final class Demo implements AutoCloseable {
    private static final Duration SETUP = Duration.ofSeconds(60);
    private static final Duration STOP_EACH = Duration.ofSeconds(25);
    private static final int STOP_ALL_SECONDS = 110;

    private final DemoOptions options;
    private final Launcher launcher;
    private final DemoOutput output;
    private final StopSignal stop = new StopSignal();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicBoolean closing = new AtomicBoolean();
    private final Thread interrupt = new Thread(this::interrupted, "demo-interrupt");
    private @Nullable Broker broker;
    private @Nullable Nodes nodes;

    Demo(DemoOptions options, Launcher launcher, DemoOutput output) {
        this.options = options;
        this.launcher = launcher;
        this.output = output;
    }

    /**
     * Runs the demo; null where it went on until it was interrupted.
     *
     * @throws GridException where a step failed
     * @throws CancellationException where it was interrupted before it was done
     */
    @Nullable
    DemoSummary run() {
        Runtime.getRuntime().addShutdownHook(interrupt);
        ProcessSignals.handle(stop::request, this::kill);
        makeDirectories();
        output.say("work directory " + options.workDir());
        DemoData data = new DemoData(launcher, options, stop);
        Path file = data.file();
        Replay replay = Replay.read(file, options.order());
        Broker kafka = startBroker();
        Nodes grid = startNodes(kafka);
        ApiClient api = living(grid);
        output.say(data.load(file, Nodes.tier(options), api.base()));
        ApiClient patient = api.within(SETUP);
        output.say(patient.post("/setup", Json.object()).body().path("message").asText());
        urls(kafka, grid);
        return flow(kafka, grid, replay);
    }

    /** Takes everything down in order; harmless when called twice. */
    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        try {
            if (nodes != null) {
                nodes.stop(STOP_EACH);
            }
            if (broker != null) {
                broker.stop(STOP_EACH);
            }
        } finally {
            closed.countDown();
            forgetHook();
        }
    }

    private void kill() {
        if (nodes != null) {
            nodes.kill();
        }
        if (broker != null) {
            broker.kill();
        }
    }

    private void makeDirectories() {
        try {
            Files.createDirectories(options.logs());
        } catch (IOException refused) {
            throw new GridException(
                    ErrorCode.STORAGE_UNAVAILABLE,
                    "cannot write to " + options.workDir() + ": " + refused.getMessage(),
                    refused);
        }
    }

    private Broker startBroker() {
        Broker kafka = Broker.start(launcher, options, output);
        broker = kafka;
        kafka.awaitReady(stop);
        output.say("kafka is up (pid " + kafka.pid() + "): " + kafka.bootstrap());
        return kafka;
    }

    private Nodes startNodes(Broker kafka) {
        Nodes grid = Nodes.of(launcher, options, output, kafka.bootstrap());
        nodes = grid;
        grid.start(stop);
        grid.awaitReady(stop);
        return grid;
    }

    private static ApiClient living(Nodes grid) {
        ApiClient api = grid.api();
        if (api == null) {
            throw new GridException(ErrorCode.NOT_READY, "no node is up");
        }
        return api;
    }

    private void urls(Broker kafka, Nodes grid) {
        for (NodeFile node : grid.up()) {
            output.say(node.name() + ": features " + node.api() + "  docs " + node.api() + "/docs  live " + node.api()
                    + "/live  Ignite REST http://localhost:" + node.restPort() + "/ignite  thin clients localhost:"
                    + node.thinPort());
        }
        output.say("kafka: " + kafka.bootstrap() + "  topic " + DemoOptions.TOPIC);
        output.say("another node: " + grid.joinCommand());
        output.say(options.rate() + " readings per second" + (options.isEndless() ? "; Ctrl-C ends" : ""));
    }

    private @Nullable DemoSummary flow(Broker kafka, Nodes grid, Replay replay) {
        LiveBoard board = LiveBoard.of(output, options.rate());
        ProducedLog log = new ProducedLog(!options.isEndless());
        LiveFollower follower = LiveFollower.start(grid::api, board);
        try (Topics topics = kafka.topics()) {
            long deadBefore = dead(topics);
            produce(kafka, grid, replay, board, log);
            if (options.isEndless()) {
                output.say(board.figures(log.count()));
                return null;
            }
            ArrivalWatch watch = new ArrivalWatch(kafka, grid, output, stop);
            Arrivals arrivals = watch.await(topics, ArrivalCheck.of(log, DemoOptions.TOPIC));
            return summary(grid, board, log, arrivals, dead(topics) - deadBefore);
        } finally {
            follower.close();
        }
    }

    private static long dead(Topics topics) {
        return topics.ends(DemoOptions.TOPIC + ".dlq").values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    /** Returns after the last reading, in an endless demo after the wish to stop. */
    private void produce(Broker kafka, Nodes grid, Replay replay, LiveBoard board, ProducedLog log) {
        long count = options.isEndless() ? Long.MAX_VALUE : options.readings();
        try (ReadingProducer producer = ReadingProducer.to(kafka.settings(), DemoOptions.TOPIC)) {
            CompletableFuture<Void> run =
                    CompletableFuture.runAsync(() -> producer.run(replay, options.rate(), count, log));
            try {
                while (!done(run)) {
                    kafka.checkAlive();
                    grid.check();
                    board.refresh(log.count());
                }
            } finally {
                producer.stop();
            }
        }
    }

    private boolean done(CompletableFuture<Void> run) {
        if (stop.isRequested()) {
            if (options.isEndless()) {
                return true;
            }
            throw new CancellationException("asked to stop");
        }
        try {
            run.get(output.isTerminal() ? 500 : 2_000, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException running) {
            return false;
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof GridException known ? known : new CompletionException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted");
        }
    }

    private DemoSummary summary(Nodes grid, LiveBoard board, ProducedLog log, Arrivals arrivals, long dead) {
        LiveEvent last = board.last();
        GridStatus status = status(grid);
        return new DemoSummary(
                options.readings(),
                log.count(),
                log.latest().size(),
                arrivals,
                dead,
                DemoSummary.Times.of(board.online(), log.count(), status.streams("online")),
                DemoSummary.Times.of(board.offline(), log.count(), status.streams("offline")),
                status.tables().isEmpty() ? -1 : status.segments(),
                last == null ? Double.NaN : last.expected(),
                grid.restarts());
    }

    /** The grid's own figures; an empty answer where it gives none. */
    private static GridStatus status(Nodes grid) {
        ApiClient api = grid.api();
        try {
            return GridStatus.of(api == null ? Json.object() : api.status());
        } catch (GridException unknown) {
            return GridStatus.of(Json.object());
        }
    }

    /** Where the terminal goes away: asks the running step to end, and waits until everything is down. */
    private void interrupted() {
        stop.request();
        try {
            if (!closed.await(STOP_ALL_SECONDS, TimeUnit.SECONDS)) {
                output.say("demo: not everything could be stopped; see " + options.logs());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void forgetHook() {
        if (!stop.isRequested()) {
            try {
                Runtime.getRuntime().removeShutdownHook(interrupt);
            } catch (IllegalStateException ending) {
                output.say("demo: ending");
            }
        }
    }
}
